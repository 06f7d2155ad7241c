use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::AlarmState::{Alarm, InsufficientData, Ok as Fine};
use crate::definition::{MetricAlarm, TreatMissingData};

/// 2026-11-25 06:00:00 UTC.
fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_586_400, 0).unwrap()
}

fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

fn alarm(m: u32, n: u32, treat: &str) -> MetricAlarm {
    with(json!({ "EvaluationPeriods": n, "DatapointsToAlarm": m, "TreatMissingData": treat }))
}

/// Sum of a metric above 1, each minute, with changes.
fn with(changes: Value) -> MetricAlarm {
    let mut value = json!({
        "AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
    });
    for (name, change) in changes.as_object().unwrap() {
        value[name] = change.clone();
    }
    if changes.get("Statistic").is_none() && changes.get("ExtendedStatistic").is_some() {
        value.as_object_mut().unwrap().remove("Statistic");
    }
    MetricAlarm::from_value(&value).unwrap()
}

/// `0` within, `X` breaching, `-` missing; the newest on the right, ending at 06:00 plus their number.
fn points(text: &str) -> (Vec<Datapoint>, DateTime<Utc>) {
    let signs: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
    let point = |(index, sign): (usize, &char)| {
        let value = match sign {
            '0' => 0.0,
            'X' => 5.0,
            _ => return None,
        };
        Some(Datapoint::new(start() + minutes(index as i64), value))
    };
    (signs.iter().enumerate().filter_map(point).collect(), start() + minutes(signs.len() as i64))
}

fn state(alarm: &MetricAlarm, text: &str, previous: AlarmState) -> AlarmState {
    let (points, end) = points(text);
    evaluate(alarm, &points, end, end, previous).state
}

/// Checks a table of the user guide: points, how many are to be filled, and the state for each treatment.
/// `None` is that the state is kept.
fn table(m: u32, n: u32, rows: &[(&str, usize, [Option<AlarmState>; 4])]) {
    for (text, fill, expected) in rows {
        let treatments = ["missing", "ignore", "breaching", "notBreaching"];
        for (treat, expected) in treatments.into_iter().zip(expected) {
            for previous in AlarmState::ALL {
                let found = state(&alarm(m, n, treat), text, previous);
                assert_eq!(found, expected.unwrap_or(previous), "{m} of {n}: {text} {treat} from {previous}");
            }
        }
        let (points, end) = points(text);
        let evaluation = evaluate(&alarm(m, n, "breaching"), &points, end, end, Fine);
        let basis = if *fill == 0 { Basis::Datapoints } else { Basis::Filled(*fill) };
        assert_eq!(evaluation.basis, basis, "{text}");
        assert_eq!(evaluation.slots.len(), 5);
    }
}

const OK: Option<AlarmState> = Some(Fine);
const ALARM: Option<AlarmState> = Some(Alarm);
const NO_DATA: Option<AlarmState> = Some(InsufficientData);
const KEEP: Option<AlarmState> = None;

#[test]
fn the_guides_table_for_3_of_3() {
    table(
        3,
        3,
        &[
            ("0 - X - X", 0, [OK, OK, OK, OK]),
            ("0 - - - -", 2, [OK, OK, OK, OK]),
            ("- - - - -", 3, [NO_DATA, KEEP, ALARM, OK]),
            ("0 X X - X", 0, [ALARM, ALARM, ALARM, ALARM]),
            ("- - X - -", 2, [ALARM, KEEP, ALARM, OK]),
        ],
    );
}

#[test]
fn the_guides_table_for_2_of_3() {
    table(
        2,
        3,
        &[
            ("0 - X - X", 0, [ALARM, ALARM, ALARM, ALARM]),
            ("0 0 X 0 X", 0, [ALARM, ALARM, ALARM, ALARM]),
            ("0 - X - -", 1, [OK, OK, ALARM, OK]),
            ("- - - - 0", 2, [OK, OK, ALARM, OK]),
            ("- - - X -", 2, [ALARM, KEEP, ALARM, OK]),
        ],
    );
}

#[test]
fn the_guides_text_on_premature_transitions() {
    table(
        3,
        3,
        &[
            ("- - - - X", 2, [KEEP, KEEP, ALARM, OK]),
            ("- - - X -", 2, [KEEP, KEEP, ALARM, OK]),
            ("- - X - 0", 1, [OK, OK, OK, OK]),
            ("- - - X 0", 1, [OK, OK, OK, OK]),
            ("X - - - -", 2, [ALARM, KEEP, ALARM, OK]),
            ("- - X - X", 1, [ALARM, KEEP, ALARM, OK]),
        ],
    );
    table(2, 3, &[("- - - - X", 2, [KEEP, KEEP, ALARM, OK]), ("- - - X X", 1, [ALARM, ALARM, ALARM, ALARM])]);
}

#[test]
fn the_next_evaluation_no_longer_sees_the_oldest() {
    assert_eq!(state(&alarm(3, 3, "breaching"), "0 - - - - -", Fine), Alarm);
    assert_eq!(state(&alarm(3, 3, "missing"), "0 - - - - -", Fine), InsufficientData);
}

#[test]
fn one_of_one_bridges_two_missing_periods() {
    for (text, expected) in
        [("X", ALARM), ("X -", ALARM), ("X - -", ALARM), ("X - - -", NO_DATA), ("0 X", ALARM), ("X 0", OK)]
    {
        assert_eq!(state(&alarm(1, 1, "missing"), text, Fine), expected.unwrap_or(Fine), "{text}");
    }
}

#[test]
fn m_of_n_needs_no_neighbours() {
    for (text, expected) in
        [("X 0 X 0 X", Alarm), ("X 0 0 X X", Alarm), ("X 0 0 0 X", Fine), ("X X X 0 0 0 X", Fine)]
    {
        assert_eq!(state(&alarm(3, 5, "missing"), text, InsufficientData), expected, "{text}");
    }
}

#[test]
fn dynamodb_ignores_missing_data_whatever_is_written() {
    for treat in ["breaching", "notBreaching", "missing", "ignore"] {
        let alarm = with(json!({ "Namespace": "AWS/DynamoDB", "TreatMissingData": treat }));
        for previous in AlarmState::ALL {
            assert_eq!(state(&alarm, "- - -", previous), previous, "{treat}");
        }
        assert_eq!(state(&alarm, "X", Fine), Alarm);
    }
}

#[test]
fn all_operators_compare() {
    for (operator, breaching) in [
        ("GreaterThanOrEqualToThreshold", [false, true, true]),
        ("GreaterThanThreshold", [false, false, true]),
        ("LessThanThreshold", [true, false, false]),
        ("LessThanOrEqualToThreshold", [true, true, false]),
    ] {
        let alarm = with(json!({ "ComparisonOperator": operator }));
        for (value, breaching) in [0.0, 1.0, 2.0].into_iter().zip(breaching) {
            let end = start() + minutes(1);
            let found = evaluate(&alarm, &[Datapoint::new(start(), value)], end, end, InsufficientData).state;
            assert_eq!(found == Alarm, breaching, "{value} {operator}");
        }
    }
}

fn anomaly(operator: &str) -> MetricAlarm {
    MetricAlarm::from_value(&json!({
        "AlarmName": "a", "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "ThresholdMetricId": "ad1",
        "ComparisonOperator": operator,
        "Metrics": [
            { "Id": "m1", "MetricStat": { "Metric": { "Namespace": "N", "MetricName": "M" }, "Period": 60, "Stat": "Sum" } },
            { "Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)" },
        ],
    }))
    .unwrap()
}

#[test]
fn bands_compare_on_one_side_or_both() {
    for (operator, breaching) in [
        ("LessThanLowerOrGreaterThanUpperThreshold", [true, false, false, false, true]),
        ("LessThanLowerThreshold", [true, false, false, false, false]),
        ("GreaterThanUpperThreshold", [false, false, false, false, true]),
    ] {
        for (value, breaching) in [0.5, 1.0, 1.5, 2.0, 2.5].into_iter().zip(breaching) {
            let band = Some(Bounds { lower: 1.0, upper: 2.0 });
            let point = Datapoint { band, ..Datapoint::new(start(), value) };
            let end = start() + minutes(1);
            let found = evaluate(&anomaly(operator), &[point], end, end, InsufficientData);
            assert_eq!(found.state == Alarm, breaching, "{value} {operator}");
            let without = Datapoint { band: None, ..point };
            assert_eq!(evaluate(&anomaly(operator), &[without], end, end, Fine).state, InsufficientData);
        }
    }
}

#[test]
fn too_few_samples_for_the_percentile_keep_the_state() {
    let of = |low: &str| with(json!({ "ExtendedStatistic": "p90", "EvaluateLowSampleCountPercentile": low }));
    let end = start() + minutes(1);
    let at = |alarm: &MetricAlarm, samples: f64, previous| {
        let point = Datapoint { samples: Some(samples), ..Datapoint::new(start(), 5.0) };
        evaluate(alarm, &[point], end, end, previous).state
    };
    for previous in AlarmState::ALL {
        assert_eq!(at(&of("ignore"), 99.0, previous), previous);
        assert_eq!(at(&of("ignore"), 100.0, previous), Alarm);
        assert_eq!(at(&of("evaluate"), 1.0, previous), Alarm);
    }
}

#[test]
fn the_evaluation_sees_periods_that_end_at_or_before_it() {
    let alarm = alarm(1, 1, "missing");
    let five = with(json!({ "Period": 300 }));
    let hours = with(json!({ "Period": 3600, "EvaluationPeriods": 25 }));
    let fast = with(json!({ "Period": 10 }));
    let time = |text: &str| crate::parse_time(text).unwrap();
    let now = time("2026-11-25T06:03:59.999Z");
    assert_eq!(window_end(&alarm, now), time("2026-11-25T06:03:00Z"));
    assert_eq!(window_end(&five, now), time("2026-11-25T06:03:00Z"), "five minutes slide by one");
    assert_eq!(window_end(&hours, now), time("2026-11-25T06:00:00Z"), "more than a day: hours");
    assert_eq!(window_end(&fast, now), time("2026-11-25T06:03:50Z"));
    assert_eq!(aligned_end(&five, now), time("2026-11-25T06:00:00Z"));
    assert_eq!(aligned_end(&five, time("2026-11-25T06:05:00Z")), time("2026-11-25T06:05:00Z"));
    let slots = evaluate(&alarm, &[], time("2026-11-25T06:03:00Z"), now, Fine).slots;
    assert_eq!(slots.last().unwrap().time, time("2026-11-25T06:02:00Z"));
    // A datapoint of the minute that has just begun is not seen.
    let early = [Datapoint::new(time("2026-11-25T06:03:00Z"), 5.0)];
    assert_eq!(evaluate(&alarm, &early, window_end(&alarm, now), now, Fine).state, InsufficientData);
}

fn reason(alarm: &MetricAlarm, text: &str) -> String {
    let (points, end) = points(text);
    evaluate(alarm, &points, end, end, Fine).reason
}

#[test]
fn reasons_are_those_of_cloudwatch() {
    let plain = with(json!({ "TreatMissingData": "notBreaching" }));
    let three = with(json!({ "EvaluationPeriods": 3, "TreatMissingData": "breaching" }));
    let reasons = [
        ("m 1 of 1", reason(&alarm(1, 1, "missing"), "X")),
        ("m 1 of 1", reason(&alarm(1, 1, "missing"), "0")),
        ("m 2 of 3", reason(&alarm(2, 3, "missing"), "X 0 X")),
        ("m 2 of 3", reason(&alarm(2, 3, "missing"), "0 0 X")),
        ("m 1 of 1", reason(&alarm(1, 1, "missing"), "- - -")),
        ("m 3 of 3", reason(&alarm(3, 3, "missing"), "- - - - -")),
        ("m 3 of 3", reason(&alarm(3, 3, "missing"), "- - X - -")),
        ("m 3 of 3", reason(&alarm(3, 3, "missing"), "- - - - X")),
        ("i 3 of 3", reason(&alarm(3, 3, "ignore"), "- - - - -")),
        ("b 3 of 3", reason(&alarm(3, 3, "breaching"), "- - X - -")),
        ("b 2 of 3", reason(&alarm(2, 3, "breaching"), "- - 0 - -")),
        ("n plain", reason(&plain, "- - -")),
        ("n plain", reason(&plain, "X")),
        ("n plain", reason(&plain, "0")),
        ("b plain", reason(&three, "X X X")),
        ("b plain", reason(&three, "- - - - 0")),
        ("b plain", reason(&three, "- - - - -")),
    ];
    let text: Vec<String> = reasons.iter().map(|(kind, reason)| format!("{kind}: {reason}")).collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn reasons_on_bands_are_those_of_cloudwatch() {
    let end = start() + minutes(1);
    let reason = |operator: &str, value: f64| {
        let point =
            Datapoint { band: Some(Bounds { lower: 0.25, upper: 2e7 }), ..Datapoint::new(start(), value) };
        let found = evaluate(&anomaly(operator), &[point], end, end, Fine);
        format!("{}\n{}", found.reason, found.reason_data)
    };
    insta::assert_snapshot!(
        [
            reason("LessThanLowerOrGreaterThanUpperThreshold", 0.0),
            reason("LessThanLowerOrGreaterThanUpperThreshold", 1.0),
            reason("GreaterThanUpperThreshold", 3e7),
            reason("LessThanLowerThreshold", 0.0),
        ]
        .join("\n")
    );
}

#[test]
fn reason_data_is_that_of_cloudwatch() {
    let (mut points, end) = points("0 - X - 0");
    points.iter_mut().for_each(|point| point.samples = Some(2.0));
    let found = evaluate(&alarm(2, 3, "missing"), &points, end, end + TimeDelta::milliseconds(1234), Fine);
    let none = evaluate(&alarm(2, 3, "breaching"), &points[..1], end, end, Fine);
    insta::assert_snapshot!(format!("{}\n{}", found.reason_data, none.reason_data));
}

#[test]
fn reasons_are_bounded() {
    let long = with(json!({ "Period": 10, "EvaluationPeriods": 8640 }));
    let end = start();
    let points: Vec<Datapoint> = (0..8640)
        .map(|n| Datapoint::new(end - TimeDelta::seconds(10 * (n + 1)), 123_456.789_012_345))
        .collect();
    let found = evaluate(&long, &points, end, end, Fine);
    assert_eq!(found.state, Alarm);
    assert!(found.reason.len() < 1023, "{}", found.reason.len());
    assert!(found.reason_data.to_string().len() < 20_000);
}

/// Signs, M and N that fit, a treatment, and a previous state.
fn cases() -> impl Strategy<Value = (Vec<char>, MetricAlarm, AlarmState)> {
    let treat = prop::sample::select(vec!["missing", "ignore", "breaching", "notBreaching"]);
    let previous = prop::sample::select(AlarmState::ALL.to_vec());
    let signs = prop::collection::vec(prop::sample::select(vec!['0', 'X', '-']), 1..10);
    (signs, 1u32..6, 0u32..5, treat, previous)
        .prop_map(|(signs, n, less, treat, previous)| (signs, alarm(n - less.min(n - 1), n, treat), previous))
}

fn of(signs: &[char]) -> String {
    signs.iter().collect()
}

proptest! {
    #[test]
    fn more_breaching_never_turns_alarm_to_ok((signs, alarm, previous) in cases(), at in 0usize..10) {
        let mut worse = signs.clone();
        let at = at % signs.len();
        if worse[at] == '0' {
            worse[at] = 'X';
        }
        let (before, after) = (state(&alarm, &of(&signs), previous), state(&alarm, &of(&worse), previous));
        prop_assert!(before != Alarm || after == Alarm, "{signs:?} -> {worse:?}: {before} -> {after}");
    }

    #[test]
    fn missing_data_invents_nothing((signs, alarm, previous) in cases()) {
        let seen = &signs[signs.len().saturating_sub(alarm.evaluation_range() as usize)..];
        let found = state(&alarm, &of(&signs), previous);
        if alarm.missing_data == Some(TreatMissingData::Missing) {
            let breaching = seen.contains(&'X');
            prop_assert!(found != Alarm || breaching || previous == Alarm, "an alarm without a breach");
            prop_assert!(found != InsufficientData || !seen.contains(&'0'), "no data though a point is within");
        }
    }

    #[test]
    fn the_order_of_datapoints_does_not_matter((signs, alarm, previous) in cases(), seed in any::<u64>()) {
        let (mut points, end) = points(&of(&signs));
        let whole = evaluate(&alarm, &points, end, end, previous);
        let len = points.len().max(1) as u64;
        points.rotate_left((seed % len) as usize);
        points.reverse();
        prop_assert_eq!(&evaluate(&alarm, &points, end, end, previous), &whole);
        // What is outside of the range does not matter either.
        points.push(Datapoint::new(end, 5.0));
        points.push(Datapoint::new(end - minutes(i64::from(alarm.evaluation_range()) + 1), 5.0));
        points.push(Datapoint::new(end - minutes(1), f64::NAN));
        prop_assert_eq!(&evaluate(&alarm, &points, end, end, previous), &whole);
    }

    #[test]
    fn ignore_keeps_or_has_real_data((signs, alarm, previous) in cases()) {
        if alarm.missing_data == Some(TreatMissingData::Ignore) {
            let found = state(&alarm, &of(&signs), previous);
            prop_assert!(found != InsufficientData || previous == InsufficientData);
            let without_data = vec!['-'; signs.len()];
            prop_assert_eq!(state(&alarm, &of(&without_data), previous), previous);
        }
    }

    #[test]
    fn an_evaluation_agrees_with_its_slow_twin((signs, alarm, previous) in cases()) {
        prop_assert_eq!(state(&alarm, &of(&signs), previous), twin(&signs, &alarm, previous));
    }
}

/// The rules of the guide, one sentence after the other, over signs.
fn twin(signs: &[char], alarm: &MetricAlarm, previous: AlarmState) -> AlarmState {
    let (m, n) = (alarm.datapoints_to_alarm() as usize, alarm.evaluation_periods as usize);
    // The newest first, as long as the range.
    let mut seen: Vec<char> = signs.iter().rev().copied().collect();
    seen.resize(n + 2, '-');
    let mut real: Vec<char> = seen.iter().copied().filter(|c| *c != '-').collect();
    let breach = |list: &[char]| list.iter().filter(|c| **c == 'X').count();
    let judge = |list: &[char]| if breach(list) >= m { Alarm } else { Fine };
    if real.len() >= n {
        return judge(&real[..n]);
    }
    match alarm.treat_missing_data() {
        TreatMissingData::Breaching => real.resize(n, 'X'),
        TreatMissingData::NotBreaching => real.resize(n, '0'),
        TreatMissingData::Missing if real.is_empty() => return InsufficientData,
        TreatMissingData::Missing if !real.contains(&'0') && real.len() < m => {
            let oldest = seen.iter().rposition(|c| *c == 'X').unwrap() + 1;
            return if oldest >= m { Alarm } else { previous };
        }
        TreatMissingData::Ignore if !real.contains(&'0') && real.len() < m => return previous,
        _ => {}
    }
    judge(&real)
}
