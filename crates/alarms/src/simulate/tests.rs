use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::parse_time;

fn alarm(changes: Value) -> Alarm {
    let mut value = json!({
        "AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3,
        "DatapointsToAlarm": 3, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
    });
    for (name, change) in changes.as_object().unwrap() {
        value[name] = change.clone();
    }
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    Alarm::from_value(&value).unwrap()
}

/// Rows from 06:00, a minute each: `0`, `X` (5), `-` for none.
fn csv(signs: &str) -> String {
    let mut text = String::from("timestamp,value\n");
    for (minute, sign) in signs.split_whitespace().enumerate() {
        let value = match sign {
            "X" => "5",
            "0" => "0",
            _ => continue,
        };
        text.push_str(&format!("2026-11-25T06:{minute:02}:00Z,{value}\n"));
    }
    text
}

fn changes(simulation: &Simulation) -> Vec<String> {
    let change = |t: &SimulatedTransition| format!("{} {}>{}", t.time.format("%H:%M"), t.from, t.to);
    simulation.transitions.iter().map(change).collect()
}

fn span(changes_of: Value, signs: &str) -> (Vec<String>, AlarmState) {
    let simulation = simulate(&alarm(changes_of), &csv(signs), None, None).unwrap();
    (changes(&simulation), simulation.state)
}

#[test]
fn over_the_span_each_period_is_evaluated_at_its_end() {
    let (changes, state) = span(json!({ "EvaluationPeriods": 1, "DatapointsToAlarm": 1 }), "0 X X 0");
    assert_eq!(changes, ["06:01 INSUFFICIENT_DATA>OK", "06:02 OK>ALARM", "06:04 ALARM>OK"]);
    assert_eq!(state, AlarmState::Ok);
    let (changes, _) = span(json!({}), "0 X X X 0 X X X");
    assert_eq!(changes, ["06:01 INSUFFICIENT_DATA>OK", "06:04 OK>ALARM", "06:05 ALARM>OK", "06:08 OK>ALARM"]);
    let (changes, _) = span(json!({ "DatapointsToAlarm": 2 }), "0 X 0 X 0 0");
    assert_eq!(changes, ["06:01 INSUFFICIENT_DATA>OK", "06:04 OK>ALARM", "06:05 ALARM>OK"]);
}

#[test]
fn a_missing_row_is_a_missing_point() {
    let one =
        |treat: &str| json!({ "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "TreatMissingData": treat });
    // The range is three periods: two missing ones are bridged, the third is not.
    let signs = "X - - - - 0";
    assert_eq!(
        span(one("missing"), signs).0,
        ["06:01 INSUFFICIENT_DATA>ALARM", "06:04 ALARM>INSUFFICIENT_DATA", "06:06 INSUFFICIENT_DATA>OK"]
    );
    assert_eq!(span(one("notBreaching"), signs).0, ["06:01 INSUFFICIENT_DATA>ALARM", "06:04 ALARM>OK"]);
    assert_eq!(span(one("breaching"), signs).0, ["06:01 INSUFFICIENT_DATA>ALARM", "06:06 ALARM>OK"]);
    assert_eq!(span(one("ignore"), signs).0, ["06:01 INSUFFICIENT_DATA>ALARM", "06:06 ALARM>OK"]);
}

#[test]
fn the_guides_tables_once_at_the_end() {
    let tables = [
        (
            3,
            [
                ("0 - X - X", "OOOO"),
                ("0 - - - -", "OOOO"),
                ("- - - - -", "IkAO"),
                ("0 X X - X", "AAAA"),
                ("- - X - -", "AkAO"),
            ],
        ),
        (
            2,
            [
                ("0 - X - X", "AAAA"),
                ("0 0 X 0 X", "AAAA"),
                ("0 - X - -", "OOAO"),
                ("- - - - 0", "OOAO"),
                ("- - - X -", "AkAO"),
            ],
        ),
    ];
    for (m, rows) in tables {
        for (signs, expected) in rows {
            for (treat, expected) in
                ["missing", "ignore", "breaching", "notBreaching"].iter().zip(expected.chars())
            {
                for start in AlarmState::ALL {
                    let alarm = alarm(json!({ "DatapointsToAlarm": m, "TreatMissingData": treat }));
                    let found =
                        simulate(&alarm, &csv(signs), Some(start), parse_time("2026-11-25T06:05:00Z"))
                            .unwrap();
                    let expected = match expected {
                        'O' => AlarmState::Ok,
                        'A' => AlarmState::Alarm,
                        'I' => AlarmState::InsufficientData,
                        _ => start,
                    };
                    assert_eq!(found.state, expected, "{m} of 3, {signs}, {treat}, from {start}");
                    assert_eq!(found.transitions.len(), usize::from(expected != start));
                    assert_eq!(found.evaluations, 1);
                }
            }
        }
    }
}

#[test]
fn once_sees_the_periods_that_end_at_or_before_the_time() {
    let alarm = alarm(json!({ "EvaluationPeriods": 1, "DatapointsToAlarm": 1 }));
    let at =
        |time: &str| simulate(&alarm, &csv("0 X"), Some(AlarmState::Ok), parse_time(time)).unwrap().state;
    assert_eq!(at("2026-11-25T06:01:59Z"), AlarmState::Ok, "the second minute is not over");
    assert_eq!(at("2026-11-25T06:02:00Z"), AlarmState::Alarm);
    assert_eq!(at("2026-11-25T06:04:59Z"), AlarmState::Alarm, "bridged");
    assert_eq!(at("2026-11-25T06:05:00Z"), AlarmState::InsufficientData);
    assert_eq!(at("2026-11-25T05:59:59Z"), AlarmState::InsufficientData);
    let none = simulate(&alarm, "", Some(AlarmState::Ok), parse_time("2026-11-25T06:00:00Z")).unwrap();
    assert_eq!(
        (none.state, none.reason.as_str()),
        (AlarmState::InsufficientData, "Insufficient Data: 1 datapoint was unknown.")
    );
}

#[test]
fn rows_are_put_into_periods() {
    let text =
        "1795586400,1\n1795586430,1\n2026-11-25 06:01:30,3\n\n# a remark\n\"2026-11-25T06:02:00Z\",\"\"\n";
    let two = alarm(json!({ "EvaluationPeriods": 1, "DatapointsToAlarm": 1 }));
    let found = simulate(&two, text, None, None).unwrap();
    assert_eq!(
        (changes(&found), found.evaluations),
        (vec!["06:01 INSUFFICIENT_DATA>ALARM".to_owned()], 3),
        "1 + 1 is above 1"
    );
    let average = alarm(json!({ "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Statistic": "Average" }));
    assert_eq!(
        changes(&simulate(&average, text, None, None).unwrap()),
        ["06:01 INSUFFICIENT_DATA>OK", "06:02 OK>ALARM"]
    );
    let five = alarm(json!({ "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Period": 300 }));
    let found = simulate(&five, "2026-11-25T06:04:00Z,5\n2026-11-25T06:07:00Z,0", None, None).unwrap();
    assert_eq!(changes(&found), ["06:05 INSUFFICIENT_DATA>ALARM", "06:10 ALARM>OK"]);
}

#[test]
fn few_samples_are_known_from_a_third_column() {
    let p90 = alarm(
        json!({ "Statistic": null, "ExtendedStatistic": "p90", "EvaluationPeriods": 1, "DatapointsToAlarm": 1,
        "EvaluateLowSampleCountPercentile": "ignore" }),
    );
    let text = "timestamp,value,sample_count\n2026-11-25T06:00:00Z,5,99\n2026-11-25T06:01:00Z,5,100\n";
    assert_eq!(changes(&simulate(&p90, text, None, None).unwrap()), ["06:02 INSUFFICIENT_DATA>ALARM"]);
}

fn of(id: &str) -> Value {
    json!({ "Id": id, "ReturnData": false, "MetricStat": {
        "Metric": { "Namespace": "N", "MetricName": id }, "Period": 60, "Stat": "Sum" } })
}

fn math(queries: Value) -> Alarm {
    let nothing = Value::Null;
    alarm(json!({ "Namespace": nothing, "MetricName": nothing, "Statistic": nothing, "Period": nothing,
        "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Metrics": queries }))
}

#[test]
fn expressions_are_computed() {
    let filled = math(json!([of("m1"), { "Id": "e1", "Expression": "FILL(m1, 5)" }]));
    assert_eq!(
        changes(&simulate(&filled, &csv("0 - 0"), None, None).unwrap()),
        ["06:01 INSUFFICIENT_DATA>OK", "06:02 OK>ALARM", "06:03 ALARM>OK"]
    );
    let rate = math(json!([of("errors"), of("all"), { "Id": "e1", "Expression": "errors / all" }]));
    let text = "timestamp,errors,all\n2026-11-25T06:00:00Z,1,10\n2026-11-25T06:01:00Z,30,10\n2026-11-25T06:02:00Z,,10";
    assert_eq!(
        changes(&simulate(&rate, text, None, None).unwrap()),
        ["06:01 INSUFFICIENT_DATA>OK", "06:02 OK>ALARM", "06:03 ALARM>OK"]
    );
    // The value of the expression itself.
    assert_eq!(
        changes(&simulate(&rate, &csv("0 X"), None, None).unwrap()),
        ["06:01 INSUFFICIENT_DATA>OK", "06:02 OK>ALARM"]
    );
}

#[test]
fn what_cannot_be_simulated_says_why() {
    let error = |text: &str| simulate(&alarm(json!({})), text, None, None).unwrap_err().to_string();
    let texts = [
        "timestamp,value\n2026-11-25T06:00:00Z,abc",
        "timestamp,value\nyesterday,1",
        "hello,world\n",
        "timestamp,price\n",
        "timestamp\n",
        "timestamp,value,value\n",
        "2026-11-25T06:00:00Z",
        "2026-11-25T06:00:00Z,1\n2026-11-25T06:01:00Z,1,2\n",
        "2026-11-25T06:00:00Z,NaN",
        "2026-11-25T06:00:00Z,\"1",
        "2026-11-25T06:00:00Z,1\"2",
        "timestamp,value\n",
        "0,1\n99999999999,1",
    ];
    let composite = Alarm::from_value(&json!({ "AlarmName": "c", "AlarmRule": "TRUE" })).unwrap();
    let composite = simulate(&composite, "", None, None).unwrap_err().to_string();
    let errors: Vec<String> = texts.iter().map(|text| error(text)).chain([composite]).collect();
    insta::assert_snapshot!(errors.join("\n"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"[0-9a-z,":\- \n.]{0,120}"#) {
        let _ = simulate(&alarm(json!({})), &text, None, None);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(signs in prop::collection::vec(prop::sample::select(vec!["0", "X", "-"]), 1..12), seed in any::<usize>()) {
        let text = csv(&signs.join(" "));
        let mut rows: Vec<&str> = text.lines().skip(1).collect();
        let len = rows.len().max(1);
        rows.rotate_left(seed % len);
        let shuffled = format!("timestamp,value\n{}", rows.join("\n"));
        let (one, two) = (simulate(&alarm(json!({})), &text, None, None), simulate(&alarm(json!({})), &shuffled, None, None));
        prop_assert_eq!(one, two);
    }

    #[test]
    fn a_simulation_is_its_evaluations_one_after_the_other(signs in prop::collection::vec(prop::sample::select(vec!["0", "X", "-"]), 1..12)) {
        let text = csv(&signs.join(" "));
        if let Ok(whole) = simulate(&alarm(json!({})), &text, None, None) {
            let first = signs.iter().position(|sign| *sign != "-").unwrap();
            let last = signs.iter().rposition(|sign| *sign != "-").unwrap();
            let mut state = AlarmState::InsufficientData;
            let mut steps = Vec::new();
            for minute in first..=last {
                let at = parse_time(&format!("2026-11-25T06:{:02}:00Z", minute + 1));
                let step = simulate(&alarm(json!({})), &text, Some(state), at).unwrap();
                state = step.state;
                steps.extend(step.transitions);
            }
            prop_assert_eq!((whole.state, whole.transitions), (state, steps));
        }
    }
}

#[test]
fn datapoints_are_laid_out_as_they_are_evaluated_and_bounded() {
    let plain = lay_out(&alarm(json!({})), &csv("0 X - 0"), 10).unwrap();
    assert_eq!((plain.points.len(), plain.periods), (3, 4));
    assert_eq!((plain.to - plain.from).num_minutes(), 4);
    let doubled = alarm(json!({
        "Namespace": null, "MetricName": null, "Statistic": null, "Period": null,
        "Metrics": [
            { "Id": "m", "ReturnData": false, "MetricStat": {
                "Metric": { "Namespace": "N", "MetricName": "M" }, "Period": 60, "Stat": "Sum" } },
            { "Id": "e", "Expression": "m * 2" },
        ],
    }));
    let values: Vec<f64> =
        lay_out(&doubled, &csv("0 X - 0"), 10).unwrap().points.iter().map(|point| point.value).collect();
    assert_eq!(values, [0.0, 10.0, 0.0]);
    let long = lay_out(&alarm(json!({})), &csv("0 X - 0"), 3).unwrap_err();
    assert_eq!(long, SimulateError::TooLong { evaluations: 4, range: 5 });
    assert_eq!(lay_out(&alarm(json!({})), "", 3), Err(SimulateError::NoSpan));
}
