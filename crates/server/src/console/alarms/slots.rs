//! The evaluation range, slot by slot: what counted, and what filled the gaps.

use chrono::TimeDelta;
use maud::{Markup, html};
use trailkeep_alarms::definition::{MetricAlarm, TreatMissingData};
use trailkeep_alarms::evaluate::{Basis, Evaluation, Slot};

use super::words::{bound, length, treatment, value};
use crate::console::parts;

/// Slots in the table; an evaluation range may have thousands.
const SHOWN: usize = 60;

/// What a slot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A datapoint outside of the threshold.
    Breaching,
    /// A datapoint within it.
    Within,
    /// A datapoint of too few samples for the percentile.
    Low,
    /// No datapoint; it counts as one outside of the threshold.
    FilledBreaching,
    /// No datapoint; it counts as one within the threshold.
    FilledWithin,
    /// No datapoint.
    Missing,
}

/// A slot, and whether it is one of those that decide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    pub(super) slot: Slot,
    pub(super) verdict: Verdict,
    pub(super) counts: bool,
}

impl Verdict {
    /// The class of its mark.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Breaching | Self::FilledBreaching => "breaching",
            Self::Within | Self::FilledWithin => "within",
            Self::Low => "low",
            Self::Missing => "missing",
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::Within => "not breaching",
            Self::Low => "too few samples",
            Self::FilledBreaching => "missing, taken as breaching",
            Self::FilledWithin => "missing, taken as not breaching",
            Self::Missing => "missing",
        }
    }
}

/// What each slot of an evaluation says, the oldest first. The newest N datapoints decide; with fewer, the
/// newest missing ones are filled up to N.
pub(super) fn judge(alarm: &MetricAlarm, evaluation: &Evaluation) -> Vec<Judged> {
    let n = alarm.evaluation_periods as usize;
    let real = evaluation.slots.iter().filter(|slot| slot.is_real()).count();
    let mut left = n;
    let mut filled = match evaluation.basis {
        Basis::Filled(count) => count,
        _ => 0,
    };
    let as_breaching = alarm.treat_missing_data() == TreatMissingData::Breaching;
    let mut judged: Vec<Judged> = evaluation
        .slots
        .iter()
        .rev()
        .map(|slot| {
            let (verdict, counts) = if slot.is_real() {
                let counts = left > 0;
                left = left.saturating_sub(1);
                let verdict = match (slot.low, slot.breaching) {
                    (true, _) => Verdict::Low,
                    (false, true) => Verdict::Breaching,
                    (false, false) => Verdict::Within,
                };
                (verdict, counts)
            } else if filled > 0 {
                filled -= 1;
                (if as_breaching { Verdict::FilledBreaching } else { Verdict::FilledWithin }, true)
            } else {
                // Where there are enough datapoints, a gap does not matter.
                (Verdict::Missing, real < n && matches!(evaluation.basis, Basis::NoData))
            };
            Judged { slot: *slot, verdict, counts }
        })
        .collect();
    judged.reverse();
    judged
}

/// The small picture of a verdict, centred on (0, 0).
pub(super) fn mark(verdict: Verdict, radius: f64) -> Markup {
    let side = radius * 1.7;
    html! { @match verdict {
        Verdict::Breaching | Verdict::Within | Verdict::Low => circle class={ "mark " (verdict.class()) } r=(radius) {},
        Verdict::FilledBreaching | Verdict::FilledWithin => rect class={ "mark " (verdict.class()) } x=(-side / 2.0) y=(-side / 2.0) width=(side) height=(side) {},
        Verdict::Missing => path class="mark missing" d={ "M" (-radius) " " (-radius) "L" (radius) " " (radius) "M" (radius) " " (-radius) "L" (-radius) " " (radius) } {},
    } }
}

/// A verdict with its picture, in a line of text.
pub(super) fn told(verdict: Verdict) -> Markup {
    html! { span.verdict { svg viewBox="-6 -6 12 12" aria-hidden="true" { (mark(verdict, 4.0)) } (verdict.word()) } }
}

/// The panel below the graph: how the state came about.
pub(super) fn panel(alarm: &MetricAlarm, evaluation: &Evaluation, judged: &[Judged]) -> Markup {
    let (m, n) = (alarm.datapoints_to_alarm(), alarm.evaluation_periods);
    let anomaly = alarm.comparison_operator.is_anomaly();
    let period = TimeDelta::seconds(i64::from(alarm.period()));
    html! {
        section.panel #evaluation {
            header { h2 { "How it was evaluated" } div.end { @if n == 1 { "the newest datapoint" } @else { (m) " of the newest " (n) " datapoints" } " " (bound(alarm)) " · missing count " (treatment(alarm.treat_missing_data())) } }
            div.pad { p.dim { (evaluation.reason) } }
            div.scroll { table.tbl {
                thead { tr { th { "Period of " (length(alarm.period())) " (UTC)" } th.num { "Value" } @if anomaly { th.num { "Expected" } } th { "Says" } th { "Decides" } } }
                tbody { @for one in judged.iter().rev().take(SHOWN) { tr {
                    td { (parts::time(one.slot.time)) span.muted { " to " (one.slot.time.checked_add_signed(period).unwrap_or(one.slot.time).format("%H:%M:%S")) } }
                    td.num { @match one.slot.point { Some(point) => (value(point.value)), None => span.muted { "–" } } }
                    @if anomaly { td.num { @match one.slot.point.and_then(|point| point.band) { Some(band) => { (value(band.lower)) " to " (value(band.upper)) }, None => span.muted { "–" } } } }
                    td { (told(one.verdict)) }
                    td { @if one.counts { "yes" } @else { span.muted { "no" } } }
                } } }
            } }
            @if judged.len() > SHOWN { div.pager { span { "The newest " (SHOWN) " of " (judged.len()) " periods" } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde_json::json;
    use trailkeep_alarms::AlarmState;
    use trailkeep_alarms::evaluate::{Datapoint, evaluate};

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_586_400 + minute * 60, 0).unwrap()
    }

    /// `0` within, `X` breaching, `-` missing; the oldest first.
    fn verdicts(signs: &str, treat: &str) -> Vec<(Verdict, bool)> {
        let alarm = MetricAlarm::from_value(&json!({
            "AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3,
            "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": treat,
        }))
        .unwrap();
        let points: Vec<Datapoint> = (0..)
            .zip(signs.split(' '))
            .filter(|(_, sign)| *sign != "-")
            .map(|(minute, sign)| Datapoint::new(at(minute), if sign == "X" { 5.0 } else { 0.0 }))
            .collect();
        let evaluation = evaluate(&alarm, &points, at(5), at(5), AlarmState::Ok);
        judge(&alarm, &evaluation).iter().map(|one| (one.verdict, one.counts)).collect()
    }

    #[test]
    fn the_newest_datapoints_decide_and_gaps_are_filled_up_to_n() {
        use Verdict::{Breaching, FilledBreaching, FilledWithin, Missing, Within};
        assert_eq!(
            verdicts("0 X X - X", "missing"),
            [(Within, false), (Breaching, true), (Breaching, true), (Missing, false), (Breaching, true)]
        );
        assert_eq!(
            verdicts("- - X - -", "breaching"),
            [
                (Missing, false),
                (Missing, false),
                (Breaching, true),
                (FilledBreaching, true),
                (FilledBreaching, true)
            ]
        );
        assert_eq!(verdicts("- - X - -", "notBreaching")[4], (FilledWithin, true));
        assert_eq!(verdicts("- - - - -", "missing"), [(Missing, true); 5], "that nothing is there decides");
        assert_eq!(verdicts("- - - - -", "ignore"), [(Missing, false); 5]);
    }
}
