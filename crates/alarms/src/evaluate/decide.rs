//! Breaching, within, missing: what state that makes.

use crate::AlarmState;
use crate::definition::{MetricAlarm, TreatMissingData};
use crate::evaluate::Slot;

/// What a state rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// N real datapoints, or fewer that decide alone.
    Datapoints,
    /// Missing ones were filled, so many of them.
    Filled(usize),
    /// Fewer than M datapoints, all breaching, the oldest M or more periods old.
    Premature,
    /// There are none.
    NoData,
    /// Kept: missing datapoints are ignored, and the others cannot tell.
    KeptForMissing,
    /// Kept: fewer than M datapoints, all breaching, and the next one may be within the threshold.
    KeptForFew,
    /// Kept: a datapoint that decides has too few samples for the percentile.
    KeptForLowSamples,
}

impl Basis {
    /// Whether the state was kept.
    pub fn is_kept(self) -> bool {
        matches!(self, Self::KeptForMissing | Self::KeptForFew | Self::KeptForLowSamples)
    }
}

/// A state, what it rests on, and which slots were looked at.
pub(crate) struct Decision {
    pub(crate) state: AlarmState,
    pub(crate) basis: Basis,
    /// Places of real datapoints that decided, the newest first.
    pub(crate) real: Vec<usize>,
}

pub(crate) fn decide(alarm: &MetricAlarm, slots: &[Slot], previous: AlarmState) -> Decision {
    let n = alarm.evaluation_periods as usize;
    let m = alarm.datapoints_to_alarm() as usize;
    let real: Vec<usize> = (0..slots.len()).rev().filter(|index| slots[*index].is_real()).take(n).collect();
    let breaching = real.iter().filter(|index| slots[**index].breaching).count();
    let low = real.iter().any(|index| slots[*index].low);
    let of = |breaching: usize| if breaching >= m { AlarmState::Alarm } else { AlarmState::Ok };
    let missing = n - real.len();
    let (state, basis) = if low {
        (previous, Basis::KeptForLowSamples)
    } else if missing == 0 {
        (of(breaching), Basis::Datapoints)
    } else {
        match alarm.treat_missing_data() {
            TreatMissingData::Breaching => (of(breaching + missing), Basis::Filled(missing)),
            TreatMissingData::NotBreaching => (of(breaching), Basis::Filled(missing)),
            // M breach, or one does not: what is real can tell.
            _ if breaching >= m || breaching < real.len() => (of(breaching), Basis::Datapoints),
            TreatMissingData::Ignore => (previous, Basis::KeptForMissing),
            TreatMissingData::Missing => match real.last() {
                None => (AlarmState::InsufficientData, Basis::NoData),
                // The newest slot is one period old.
                Some(oldest) if slots.len() - oldest >= m => (AlarmState::Alarm, Basis::Premature),
                Some(_) => (previous, Basis::KeptForFew),
            },
        }
    };
    Decision { state, basis, real }
}
