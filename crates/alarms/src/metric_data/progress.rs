//! Up to where each series is known.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::MetricId;
use crate::metric::pairs;
use crate::metric_data::Ask;

/// Of each series that is fetched, what was answered in full. Without it everything is asked anew, to the
/// same end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FetchProgress {
    #[serde(with = "pairs")]
    pub(crate) series: BTreeMap<MetricId, Known>,
}

/// What is known of a series: all from `from` to before `to`, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// The period by which it was asked for.
    pub(crate) period: u32,
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// When its whole evaluation range was asked for last.
    pub(crate) whole: i64,
}

impl FetchProgress {
    /// Forgets series that no alarm reads any more.
    pub(crate) fn keep(&mut self, is_read: impl Fn(&MetricId) -> bool) {
        self.series.retain(|series, _| is_read(series));
    }

    /// A question was answered in full.
    pub(crate) fn answered(&mut self, ask: &Ask, now: i64) {
        let new = Known {
            period: ask.known_by,
            from: ask.from,
            to: ask.to,
            whole: if ask.whole { now } else { i64::MIN },
        };
        let known = self.series.entry(ask.series.clone()).or_insert(new);
        if known.period != new.period || new.from > known.to || new.to < known.from {
            // What lies between is not known: the newer stretch is what counts.
            if known.period != new.period || new.to > known.to {
                *known = new;
            }
            return;
        }
        known.from = known.from.min(new.from);
        known.to = known.to.max(new.to);
        known.whole = known.whole.max(new.whole);
    }
}
