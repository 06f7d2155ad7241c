//! Holding a composite alarm's actions back while its suppressor is in `ALARM`.
//!
//! ```text
//!                    ┌────────────── the composite alarm changes its state: a new WaitPeriod ─────────────┐
//!                    ▼                                                                                    │
//!   free ──change─► WaitPeriod ──suppressor goes into ALARM─► Alarm ──suppressor leaves it─► ExtensionPeriod
//!    ▲                │ over                                                                   │ over
//!    └── actions run ─┴────────────────────────── actions run ─────────────────────────────────┘
//! ```
//!
//! Only actions are held back, never the state. Those that run when a period is over are the actions for
//! the state that the alarm is then in, and only if it changed its state meanwhile.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html>

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::definition::ActionsSuppressor;

/// `ActionsSuppressedBy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SuppressedBy {
    /// The composite alarm waits for the suppressor to go into `ALARM`.
    WaitPeriod,
    /// It waits after the suppressor left `ALARM`.
    ExtensionPeriod,
    /// The suppressor is in `ALARM`.
    Alarm,
}

impl SuppressedBy {
    /// CloudWatch's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WaitPeriod => "WaitPeriod",
            Self::ExtensionPeriod => "ExtensionPeriod",
            Self::Alarm => "Alarm",
        }
    }
}

/// What holds actions back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Nothing.
    #[default]
    Free,
    /// A wait period, until then.
    Wait(DateTime<Utc>),
    /// An extension period, until then.
    Extension(DateTime<Utc>),
    /// The suppressor.
    Alarm,
}

/// What is held back, and by what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What holds.
    pub phase: Phase,
    /// Whether the alarm changed its state and has not run actions since.
    pub pending: bool,
}

impl Hold {
    /// `ActionsSuppressedBy`.
    pub fn suppressed_by(&self) -> Option<SuppressedBy> {
        match self.phase {
            Phase::Free => None,
            Phase::Wait(_) => Some(SuppressedBy::WaitPeriod),
            Phase::Extension(_) => Some(SuppressedBy::ExtensionPeriod),
            Phase::Alarm => Some(SuppressedBy::Alarm),
        }
    }
}

/// What is to be done with actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Run the actions for the state that the alarm is in.
    Run,
}

/// One step: what holds now, and whether actions run.
///
/// `changed` says whether the composite alarm changed its state at `now`; `suppressing`, whether the
/// suppressor is in `ALARM`.
pub fn step(
    hold: Hold,
    now: DateTime<Utc>,
    changed: bool,
    suppressing: bool,
    by: &ActionsSuppressor,
) -> (Hold, Effect) {
    let pending = hold.pending || changed;
    let until = |seconds: u32| now.checked_add_signed(TimeDelta::seconds(i64::from(seconds))).unwrap_or(now);
    let phase = if suppressing {
        Phase::Alarm
    } else if changed {
        Phase::Wait(until(by.wait_period))
    } else {
        match hold.phase {
            Phase::Alarm => Phase::Extension(until(by.extension_period)),
            other => other,
        }
    };
    let phase = match phase {
        Phase::Wait(end) | Phase::Extension(end) if end <= now => Phase::Free,
        other => other,
    };
    if phase == Phase::Free && pending {
        return (Hold::default(), Effect::Run);
    }
    (Hold { phase, pending }, Effect::None)
}
