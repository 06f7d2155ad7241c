//! Failures per control over time.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use trailkeep_state::StoredAssessment;

use crate::console::chart::{self, Bar, Chart};
use crate::console::parts;

/// Bars of the chart.
const BARS: i32 = 48;

/// Failures over time, from assessments of the same accounts, the newest first.
pub(super) fn panel(trend: &[StoredAssessment], now: DateTime<Utc>) -> Markup {
    let (series, bars) = bars(trend, now);
    let names: Vec<String> = series.iter().map(|control| format!("Control {control}")).collect();
    let latest = trend.first();
    let entries: Vec<_> = series
        .iter()
        .zip(&names)
        .map(|(control, name)| {
            let counts =
                latest.and_then(|latest| latest.board.iter().find(|counts| counts.control == *control));
            (name.clone(), counts.map_or(0, |counts| counts.fail), Some(format!("/controls/{control}")))
        })
        .collect();
    html! {
        section.panel {
            header { h2 { "Failures over time" } div.end { (parts::count(trend.len() as u64, "assessment", "assessments")) } }
            @if trend.len() < 2 { div.empty { p { "The trend begins with the second assessment of the same accounts." } } }
            @else { div.pad.stack { (Chart { series: &names, bars: &bars, short: true, brush: None, label: "Failures over time, per control" }.render()) (chart::legend(&entries)) } }
        }
    }
}

/// The controls that ever fail, and a bar per slice of time. Between two assessments what the earlier
/// one said holds: that nobody looked does not mean that all was well.
fn bars(trend: &[StoredAssessment], now: DateTime<Utc>) -> (Vec<u8>, Vec<Bar>) {
    let Some(first) = trend.last().map(|oldest| oldest.assessed_at) else { return (Vec::new(), Vec::new()) };
    let mut series: Vec<u8> =
        trend.iter().flat_map(|one| &one.board).filter(|c| c.fail > 0).map(|c| c.control).collect();
    series.sort_unstable();
    series.dedup();
    let span = (now - first).max(TimeDelta::minutes(i64::from(BARS)));
    let bars = (0..BARS).map(|at| {
        let (from, to) = (first + span / BARS * at, first + span / BARS * (at + 1));
        let held = trend.iter().find(|one| one.assessed_at < to);
        let fails = |control: &u8| {
            let counts = held.and_then(|one| one.board.iter().find(|counts| counts.control == *control));
            counts.map_or(0, |counts| counts.fail)
        };
        Bar { from, to, counts: series.iter().map(fails).collect(), href: "/controls".to_owned() }
    });
    let bars = bars.collect();
    (series, bars)
}

#[cfg(test)]
mod tests {
    use trailkeep_state::{AssessmentId, ControlCounts};

    use super::*;

    #[test]
    fn what_was_said_holds_until_the_next_assessment() {
        let start = DateTime::UNIX_EPOCH;
        let one = |hours: i64, fail: u64| StoredAssessment {
            id: AssessmentId(hours),
            assessed_at: start + TimeDelta::hours(hours),
            origin: "check".to_owned(),
            scope: "1".to_owned(),
            board: vec![ControlCounts {
                control: 4,
                status: "FAIL".to_owned(),
                worst: None,
                pass: 0,
                fail,
                unknown: 0,
                waived: 0,
            }],
            about: String::new(),
            results: 0,
        };
        let trend = [one(24, 2), one(0, 7)];
        let (series, bars) = bars(&trend, start + TimeDelta::hours(48));
        assert_eq!((series, bars.len()), (vec![4], 48));
        let counts: Vec<u64> = bars.iter().map(|bar| bar.counts[0]).collect();
        assert_eq!(counts[..24], [7; 24]);
        assert_eq!(counts[24..], [2; 24]);
    }
}
