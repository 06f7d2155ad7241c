use serde_json::json;

use super::*;
use crate::composite::SuppressedBy;
use crate::definition::{MetricFilter, alarms_from_value};

/// 2026-11-25 06:00:00 UTC, and so many seconds.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_586_400 + seconds, 0).unwrap()
}

fn metric(name: &str, changes: Value) -> Value {
    let mut value = json!({
        "AlarmName": name, "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
        "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
        "AlarmActions": [format!("{name}-alarm")], "OKActions": [format!("{name}-ok")],
    });
    for (name, change) in changes.as_object().unwrap() {
        value[name] = change.clone();
    }
    value
}

fn engine(alarms: Value) -> Engine {
    let mut engine = Engine::new(EngineLimits::default());
    for entry in alarms_from_value(&alarms).unwrap() {
        engine.put(entry, at(0)).unwrap();
    }
    engine
}

fn record(engine: &mut Engine, name: &str, seconds: i64, value: f64, now: i64) {
    let mut batch = MetricBatch::default();
    batch.add(MetricId::new("N", name, Vec::new()), at(seconds), value);
    assert_eq!(engine.record(&batch, at(now)).accepted, 1);
}

/// `name from>to` for each transition, and the actions that run.
fn told(tick: &Tick) -> (Vec<String>, Vec<String>) {
    let change = |t: &Transition| format!("{} {}>{}", t.alarm_name, t.from.unwrap(), t.to);
    (
        tick.transitions.iter().map(change).collect(),
        tick.actions.iter().flat_map(|run| run.actions.clone()).collect(),
    )
}

#[test]
fn an_alarm_goes_off_and_ends_and_says_so_once() {
    let mut engine = engine(json!([metric("a", json!({}))]));
    assert_eq!(engine.alarm("a").unwrap().state.reason, "Unchecked: Initial alarm creation");
    let first = engine.tick(at(0));
    assert_eq!(told(&first), (vec!["a INSUFFICIENT_DATA>OK".into()], vec!["a-ok".into()]));
    record(&mut engine, "M", 70, 5.0, 70);
    assert_eq!(engine.tick(at(75)).transitions, [], "the minute is not over");
    let alarm = engine.tick(at(120));
    assert_eq!(told(&alarm), (vec!["a OK>ALARM".into()], vec!["a-alarm".into()]));
    assert_eq!(
        alarm.transitions[0].reason,
        "Threshold Crossed: 1 datapoint [5.0 (25/11/26 06:01:00)] was greater than or equal to the threshold (1.0)."
    );
    assert_eq!(engine.tick(at(121)), Tick::default(), "once, and not evaluated again within the minute");
    // The range bridges two missing minutes.
    assert_eq!(engine.tick(at(180)).transitions, []);
    assert_eq!(engine.tick(at(240)).transitions, []);
    assert_eq!(told(&engine.tick(at(300))).0, ["a ALARM>OK"]);
}

#[test]
fn late_samples_have_an_alarm_evaluated_again_at_once() {
    let mut engine = engine(json!([metric("a", json!({}))]));
    engine.tick(at(120));
    record(&mut engine, "M", 90, 1.0, 125);
    let tick = engine.tick(at(126));
    assert_eq!((tick.evaluated, told(&tick).0), (1, vec!["a OK>ALARM".to_owned()]));
    assert_eq!(engine.tick(at(127)).evaluated, 0);
    record(&mut engine, "M", 126, 1.0, 127);
    assert_eq!(engine.tick(at(128)).evaluated, 0, "of a minute that was not evaluated yet");
}

#[test]
fn ten_seconds_are_evaluated_each_ten_seconds_and_days_each_hour() {
    let mut engine = engine(json!([
        metric("fast", json!({ "Period": 10 })),
        metric("slow", json!({ "Period": 86_400, "EvaluationPeriods": 2, "MetricName": "S" })),
    ]));
    assert_eq!(engine.tick(at(0)).evaluated, 2);
    assert_eq!(engine.tick(at(9)).evaluated, 0);
    record(&mut engine, "M", 11, 1.0, 12);
    let tick = engine.tick(at(20));
    assert_eq!((tick.evaluated, told(&tick).0), (1, vec!["fast OK>ALARM".to_owned()]));
    assert_eq!(engine.tick(at(3600)).evaluated, 2);
}

#[test]
fn five_minutes_end_at_each_minute() {
    let mut engine = engine(json!([metric("a", json!({ "Period": 300, "Threshold": 3.0 }))]));
    engine.tick(at(0));
    for minute in 1..=3 {
        record(&mut engine, "M", minute * 60, 1.0, minute * 60);
        assert_eq!(engine.tick(at(minute * 60 + 1)).transitions, []);
    }
    let tick = engine.tick(at(241));
    assert_eq!(told(&tick).0, ["a OK>ALARM"]);
    assert!(
        tick.transitions[0].reason.contains("[3.0 (25/11/26 05:59:00)]"),
        "{}",
        tick.transitions[0].reason
    );
}

#[test]
fn actions_run_only_where_they_are_enabled() {
    let mut engine = engine(json!([metric("a", json!({ "ActionsEnabled": false }))]));
    assert_eq!(told(&engine.tick(at(0))), (vec!["a INSUFFICIENT_DATA>OK".into()], vec![]));
    let item = engine.set_actions_enabled("a", true, at(1)).unwrap();
    assert_eq!(
        (item.history_item_type.as_str(), item.history_summary.as_str()),
        ("ConfigurationUpdate", "Alarm \"a\" updated")
    );
    assert_eq!(engine.tick(at(60)).actions, [], "only on a change");
    record(&mut engine, "M", 61, 5.0, 61);
    assert_eq!(told(&engine.tick(at(120))).1, ["a-alarm"]);
}

#[test]
fn switched_actions_stay_switched_until_the_definition_changes() {
    let defined = json!([metric("a", json!({})), metric("b", json!({}))]);
    let mut before = engine(defined.clone());
    before.set_actions_enabled("a", false, at(0)).unwrap();
    let snapshot = before.snapshot();
    let enabled = |engine: &Engine, name: &str| engine.alarm(name).unwrap().alarm.actions_enabled();
    let mut again = engine(defined);
    again.restore(snapshot.clone()).unwrap();
    assert!(!enabled(&again, "a") && enabled(&again, "b"));
    assert_eq!(again.snapshot(), snapshot, "and over the next restart");
    let mut changed = engine(json!([metric("a", json!({ "Threshold": 9 })), metric("b", json!({}))]));
    changed.restore(snapshot).unwrap();
    assert!(enabled(&changed, "a"), "a new definition says for itself");
}

#[test]
fn filters_feed_alarms_and_their_defaults_end_them() {
    let mut engine = engine(json!([metric("a", json!({ "TreatMissingData": "missing" }))]));
    engine.set_filters(vec![
        MetricFilter::from_value(&json!({
            "filterName": "f", "filterPattern": "{ $.errorCode = AccessDenied }",
            "metricTransformations": [{ "metricName": "M", "metricNamespace": "N", "metricValue": "1", "defaultValue": 0 }],
        }))
        .unwrap(),
    ]);
    let feed = |engine: &mut Engine, seconds: i64, message: &str| {
        let mut run = engine.filters().run("cloudtrail_logs").unwrap();
        run.event(at(seconds), message);
        let batch = run.finish();
        engine.record(&batch, at(seconds));
        told(&engine.tick(at(seconds + 60 - seconds % 60))).0
    };
    assert_eq!(feed(&mut engine, 5, r#"{"errorCode":"AccessDenied"}"#), ["a INSUFFICIENT_DATA>ALARM"]);
    assert_eq!(
        feed(&mut engine, 65, r#"{"eventName":"x"}"#),
        ["a ALARM>OK"],
        "events without a match are a zero"
    );
    assert_eq!(told(&engine.tick(at(600))).0, ["a OK>INSUFFICIENT_DATA"], "no events at all are no data");
}

#[test]
fn math_and_bands_are_evaluated() {
    let of = |id: &str, name: &str| {
        json!({ "Id": id, "ReturnData": false, "MetricStat": {
        "Metric": { "Namespace": "N", "MetricName": name }, "Period": 60, "Stat": "Sum" } })
    };
    let mut engine = engine(json!([
        { "AlarmName": "rate", "EvaluationPeriods": 1, "Threshold": 50, "ComparisonOperator": "GreaterThanThreshold",
          "Metrics": [{ "Id": "e1", "Expression": "100 * errors / FILL(all, 1)" }, of("errors", "E"), of("all", "A")] },
        { "AlarmName": "odd", "EvaluationPeriods": 1, "ThresholdMetricId": "ad",
          "ComparisonOperator": "GreaterThanUpperThreshold",
          "Metrics": [{ "Id": "m1", "MetricStat": { "Metric": { "Namespace": "N", "MetricName": "L" }, "Period": 60, "Stat": "Sum" } },
                      { "Id": "ad", "Expression": "ANOMALY_DETECTION_BAND(m1)" }] },
    ]));
    for minute in 0..120 {
        record(&mut engine, "L", minute * 60 - 7200, 10.0 + (minute % 3) as f64, 0);
    }
    record(&mut engine, "E", 0, 3.0, 30);
    record(&mut engine, "A", 0, 4.0, 30);
    record(&mut engine, "L", 0, 11.0, 30);
    assert_eq!(told(&engine.tick(at(60))).0, ["odd INSUFFICIENT_DATA>OK", "rate INSUFFICIENT_DATA>ALARM"]);
    record(&mut engine, "L", 60, 100.0, 90);
    let tick = engine.tick(at(120));
    assert_eq!(told(&tick).0, ["odd OK>ALARM", "rate ALARM>OK"], "no errors are none of one");
    assert!(
        tick.transitions[0].reason.starts_with("Thresholds Crossed: 1 datapoint [100.0"),
        "{}",
        tick.transitions[0].reason
    );
}

fn composites() -> Value {
    json!([
        metric("a", json!({})),
        metric("s", json!({ "MetricName": "S" })),
        { "AlarmName": "outer", "AlarmRule": "ALARM(inner)", "AlarmActions": ["outer-alarm"] },
        { "AlarmName": "inner", "AlarmRule": "ALARM(a)", "AlarmActions": ["inner-alarm"], "OKActions": ["inner-ok"],
          "ActionsSuppressor": "s", "ActionsSuppressorWaitPeriod": 120, "ActionsSuppressorExtensionPeriod": 180 },
    ])
}

#[test]
fn composite_alarms_follow_their_children_in_one_tick() {
    let mut engine = engine(composites());
    let first = engine.tick(at(0));
    assert_eq!(told(&first).0[2..], ["inner INSUFFICIENT_DATA>OK", "outer INSUFFICIENT_DATA>OK"]);
    assert_eq!(first.transitions[2].reason, "inner was created and its alarm rule evaluates to OK");
    record(&mut engine, "M", 60, 5.0, 60);
    let tick = engine.tick(at(180));
    assert_eq!(
        told(&tick),
        (
            vec!["a OK>ALARM".into(), "inner OK>ALARM".into(), "outer OK>ALARM".into()],
            vec!["a-alarm".into(), "outer-alarm".into()]
        )
    );
    assert_eq!(
        tick.transitions[1].reason,
        "a transitioned to ALARM at Wednesday 25 November, 2026 06:03:00 UTC"
    );
    assert_eq!(tick.transitions[1].suppressed_by, Some(SuppressedBy::WaitPeriod));
    let item = &tick.history[1];
    assert_eq!(item.history_summary, "Alarm updated from OK to ALARM");
    assert!(item.history_data.contains("\"actionsSuppressedBy\":\"WaitPeriod\""), "{}", item.history_data);
    // The suppressor stays OK: the actions run when the wait is over.
    assert_eq!(engine.tick(at(299)).actions, []);
    let released = engine.tick(at(300));
    let run = released.actions.iter().find(|run| run.alarm_name == "inner");
    // The first child's alarm has ended by now, so a new wait began.
    assert_eq!(
        (told(&released).0, run),
        (vec!["a ALARM>OK".into(), "inner ALARM>OK".into(), "outer ALARM>OK".into()], None)
    );
    let released = engine.tick(at(420));
    assert_eq!(told(&released), (vec![], vec!["inner-ok".into()]));
    assert_eq!(released.actions[0].released_from, Some(SuppressedBy::WaitPeriod));
}

#[test]
fn a_suppressor_in_alarm_holds_actions_and_not_the_state() {
    let mut engine = engine(composites());
    engine.tick(at(0));
    engine.tick(at(180));
    for minute in 3..10 {
        record(&mut engine, "M", minute * 60, 5.0, 600);
    }
    for minute in 3..5 {
        record(&mut engine, "S", minute * 60, 5.0, 600);
    }
    let tick = engine.tick(at(240));
    assert_eq!(told(&tick).0, ["a OK>ALARM", "s OK>ALARM", "inner OK>ALARM", "outer OK>ALARM"]);
    assert_eq!(tick.transitions[2].suppressed_by, Some(SuppressedBy::Alarm));
    assert!(!told(&tick).1.contains(&"inner-alarm".to_owned()));
    // The suppressor's last datapoint leaves the range; the extension lasts three minutes more.
    let (mut ran, mut left) = (None, None);
    for seconds in (300..1200).step_by(60) {
        // Keep the child in ALARM.
        record(&mut engine, "M", seconds - 60, 5.0, seconds);
        let tick = engine.tick(at(seconds));
        if told(&tick).0.contains(&"s ALARM>OK".to_owned()) {
            left = Some(seconds);
        }
        if told(&tick).1.contains(&"inner-alarm".to_owned()) {
            assert_eq!(ran, None, "once");
            assert_eq!(tick.actions[0].released_from, Some(SuppressedBy::ExtensionPeriod));
            ran = Some(seconds);
        }
    }
    assert_eq!((left, ran), (Some(480), Some(660)));
}

#[test]
fn circles_and_missing_children_are_told_and_not_evaluated() {
    let mut engine = engine(json!([
        { "AlarmName": "x", "AlarmRule": "ALARM(y)" },
        { "AlarmName": "y", "AlarmRule": "OK(x)" },
        { "AlarmName": "z", "AlarmRule": "NOT ALARM(nobody)" },
    ]));
    assert_eq!(told(&engine.tick(at(0))).0, ["z INSUFFICIENT_DATA>ALARM"]);
    let problems = engine.problems();
    assert!(problems[0].starts_with("x is not evaluated: it is in a circle"), "{problems:?}");
    assert_eq!(problems[2], "z speaks of nobody, and there is no such alarm");
    // Broken as the guide has it.
    let broken = alarms_from_value(&json!({ "AlarmName": "y", "AlarmRule": "FALSE" })).unwrap().remove(0);
    engine.put(broken, at(1)).unwrap();
    let tick = engine.tick(at(2));
    assert_eq!(told(&tick).0, ["y INSUFFICIENT_DATA>OK", "x INSUFFICIENT_DATA>OK"]);
    assert_eq!(tick.transitions[0].reason, "y was updated and its new alarm rule evaluates to OK");
}

#[test]
fn alarms_of_two_accounts_live_beside_one_another() {
    let arn = |account: &str, name: &str| format!("arn:aws:cloudwatch:eu-west-1:{account}:alarm:{name}");
    let of = |account: &str, state: &str| {
        json!([
            metric("a", json!({ "AlarmArn": arn(account, "a"), "StateValue": state, "TreatMissingData": "ignore" })),
            { "AlarmName": "c", "AlarmArn": arn(account, "c"), "AlarmRule": "ALARM(a)" },
        ])
    };
    let mut engine = engine(of("111122223333", "ALARM"));
    for entry in alarms_from_value(&of("444455556666", "OK")).unwrap() {
        engine.put(entry, at(0)).unwrap();
    }
    let tick = engine.tick(at(0));
    let states: Vec<(Option<&str>, AlarmState)> =
        tick.transitions.iter().map(|t| (t.account_id.as_deref(), t.to)).collect();
    assert_eq!(states, [(Some("111122223333"), AlarmState::Alarm), (Some("444455556666"), AlarmState::Ok)]);
    assert!(matches!(engine.set_state("a", AlarmState::Ok, "", at(1)), Err(EngineError::Ambiguous { .. })));
    let tick = engine.set_state(&arn("111122223333", "a"), AlarmState::Ok, "by hand", at(1)).unwrap();
    assert_eq!((tick.transitions[0].reason.as_str(), told(&tick).1), ("by hand", vec!["a-ok".to_owned()]));
    assert!(matches!(engine.remove("nobody", at(2)), Err(EngineError::NotFound { .. })));
    assert_eq!(
        engine.remove(&arn("111122223333", "c"), at(2)).unwrap().history_summary,
        "Alarm \"c\" deleted"
    );
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let mut whole = engine(composites());
    whole.tick(at(0));
    record(&mut whole, "M", 60, 5.0, 60);
    whole.tick(at(180));
    let text = serde_json::to_string(&whole.snapshot()).unwrap();
    let mut again = engine(composites());
    again.restore(serde_json::from_str(&text).unwrap()).unwrap();
    for seconds in (181..900).step_by(20) {
        assert_eq!(again.tick(at(seconds)).actions, whole.tick(at(seconds)).actions, "{seconds}");
    }
    assert_eq!(again.snapshot(), whole.snapshot());
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    assert!(matches!(
        again.restore(serde_json::from_str(&newer).unwrap()),
        Err(EngineError::Version { found: 2, .. })
    ));
}

#[test]
fn a_change_of_definition_keeps_the_state() {
    let mut engine = engine(json!([metric("a", json!({}))]));
    engine.tick(at(0));
    let put = |engine: &mut Engine, changes: Value| {
        engine.put(alarms_from_value(&metric("a", changes)).unwrap().remove(0), at(30)).unwrap()
    };
    assert_eq!(put(&mut engine, json!({})), None, "nothing changed");
    let item = put(&mut engine, json!({ "Threshold": 7 })).unwrap();
    assert!(
        item.history_data.contains("\"type\":\"Update\",\"updatedAlarm\":{\"AlarmName\":\"a\""),
        "{}",
        item.history_data
    );
    assert_eq!(engine.alarm("a").unwrap().state.value, AlarmState::Ok);
    assert_eq!(engine.tick(at(31)).evaluated, 1, "it is evaluated at once");
}

#[test]
fn history_is_shaped_as_the_api_has_it() {
    let mut engine = engine(json!([metric("a", json!({}))]));
    let tick = engine.tick(at(0));
    let run = &tick.actions[0];
    let done = action_item(run, &run.actions[0], None, at(1));
    let failed = action_item(run, &run.actions[0], Some("no such channel"), at(2));
    insta::assert_json_snapshot!([&tick.history[0], &done, &failed]);
}

#[test]
fn alarms_are_bounded() {
    let mut engine = Engine::new(EngineLimits { alarms: 1, ..EngineLimits::default() });
    let entry = |name: &str| alarms_from_value(&metric(name, json!({}))).unwrap().remove(0);
    engine.put(entry("a"), at(0)).unwrap();
    assert!(matches!(engine.put(entry("b"), at(0)), Err(EngineError::TooMany { most: 1 })));
    engine.put(entry("a"), at(0)).unwrap();
}
