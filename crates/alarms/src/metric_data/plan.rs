//! Which questions are due, and how they share calls.

use std::collections::BTreeMap;

use crate::MetricId;
use crate::metric_data::{Ask, FetchProgress, Fetching, MetricDataCall, Need};
use crate::time::floor;

/// CloudWatch fills so late, in seconds: questions begin so long before what is known.
const LATE: i64 = 900;
/// And at least so many periods.
const LATE_PERIODS: i64 = 3;
/// The whole evaluation range is asked for about so often, each series in a minute of its own.
const WHOLE_EVERY: i64 = 3600;
/// Periods below a minute are kept by CloudWatch for three hours; some minutes less are relied upon.
const FINE: i64 = 3 * 3600 - 300;

/// The calls that bring all series up to `now`. `kept_since` is how far back the store keeps anything.
pub(crate) fn plan(
    needs: &BTreeMap<MetricId, Need>,
    progress: &FetchProgress,
    fetching: &Fetching,
    kept_since: i64,
    now: i64,
) -> Vec<MetricDataCall> {
    // Questions about as long as each other share a call: at most twice of what is needed is answered.
    let mut lanes: BTreeMap<(String, String, u32, u32), Vec<Ask>> = BTreeMap::new();
    for (place, (series, need)) in (0..).zip(needs) {
        for ask in asks(series, need, place, progress, fetching, kept_since, now) {
            let Some(from) = series.fetched_from() else { continue };
            let length = u64::try_from(ask.to - ask.from).unwrap_or(1).max(1);
            let lane = (from.account_id.clone(), from.region.clone(), ask.period, length.ilog2());
            lanes.entry(lane).or_default().push(ask);
        }
    }
    lanes.into_values().flat_map(MetricDataCall::pack).collect()
}

/// What is due of one series; `place` is its place among all.
fn asks(
    series: &MetricId,
    need: &Need,
    place: i64,
    progress: &FetchProgress,
    fetching: &Fetching,
    kept_since: i64,
    now: i64,
) -> Vec<Ask> {
    let period = i64::from(need.period.max(1));
    let to = floor(now.saturating_sub(fetching.lag(need.shortest)), period);
    let oldest = ceil(floor(need.used_from, period).max(kept_since), period);
    let known = progress.series.get(series).filter(|known| {
        // What is of use begins later with time, and what was asked for does not.
        known.period == need.period && known.from <= oldest && known.to <= to
    });
    let (from, whole) = match known {
        None => (oldest, true),
        Some(known) => {
            let late = known.to - LATE.max(LATE_PERIODS * period);
            let whole = whole_is_due(known.whole, place, now);
            if !whole && known.to >= to {
                // Nothing has ended since.
                return Vec::new();
            }
            let from = if whole { late.min(need.evaluated_from) } else { late };
            (floor(from, period).max(oldest), whole)
        }
    };
    let ask = |by: u32, from: i64, to: i64| Ask {
        series: series.clone(),
        period: by,
        known_by: need.period,
        from,
        to,
        whole,
    };
    let fine = ceil(now - FINE, 60);
    if need.period >= 60 || from >= fine {
        return if from < to { vec![ask(need.period, from, to)] } else { Vec::new() };
    }
    // Further back only minutes are known; of what CloudWatch aggregates not even those.
    let minutes = (floor(from, 60), fine.min(floor(to, 60)));
    let aggregated = series.fetched_from().is_some_and(|from| from.aggregated.is_some());
    let mut asks = Vec::new();
    if !aggregated && minutes.0 < minutes.1 {
        asks.push(ask(60, minutes.0, minutes.1));
    }
    if fine < to {
        asks.push(ask(need.period, fine, to));
    }
    asks
}

/// Each series has its minute of the hour, so that not all are asked at once. One that missed it does not
/// wait for another hour.
fn whole_is_due(last: i64, place: i64, now: i64) -> bool {
    let since = now.saturating_sub(last);
    let its_minute = now.div_euclid(60).rem_euclid(60) == place.rem_euclid(60);
    since >= WHOLE_EVERY * 3 / 2 || (its_minute && since >= WHOLE_EVERY / 2)
}

fn ceil(seconds: i64, step: i64) -> i64 {
    floor(seconds.saturating_add(step - 1), step)
}
