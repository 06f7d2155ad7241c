mod cloud;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use self::cloud::{Sample, answer, direct};
use super::*;
use crate::definition::{MetricFilter, alarms_from_value};
use crate::engine::EngineSnapshot;
use crate::math::Grid;
use crate::{AlarmState, Engine, EngineLimits, MetricId, Statistic};

const START: i64 = 1_795_586_400;

/// 2026-11-25 06:00:00 UTC, and so many seconds.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(START + seconds, 0).unwrap()
}

fn alarm(name: &str, changes: Value) -> Value {
    let mut value = json!({
        "AlarmName": name, "Namespace": "N", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
        "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
    });
    for (name, change) in changes.as_object().unwrap() {
        value[name] = change.clone();
    }
    value["Statistic"] =
        if changes.get("ExtendedStatistic").is_some() { Value::Null } else { value["Statistic"].take() };
    value
}

fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:cloudwatch:{region}:111122223333:alarm:{name}")
}

fn home() -> Place {
    Place { account_id: "999988887777".to_owned(), region: "eu-west-1".to_owned() }
}

fn engine(alarms: Value) -> Engine {
    let mut engine = Engine::new(EngineLimits::default());
    engine.put_all(alarms_from_value(&alarms).unwrap(), at(0)).unwrap();
    engine.set_fetching(Some(Fetching::new(Some(home()))));
    engine
}

fn sample(time: i64, arrives: i64, value: f64) -> Sample {
    Sample { region: "eu-west-1", name: "m", time: START + time, arrives: START + arrives, value }
}

/// Asks and takes everything that is due.
fn fetch(engine: &mut Engine, samples: &[Sample], now: i64) -> usize {
    let plan = engine.plan_fetch(at(now));
    assert_eq!(plan.problems, Vec::<String>::new());
    for call in &plan.calls {
        let taken = engine.take_fetched(call, &answer(samples, call, START + now), at(now));
        assert_eq!((taken.problems, taken.unusable), (vec![], 0));
    }
    plan.calls.len()
}

/// Region, period, StartTime and EndTime in seconds since `at(0)`, number of queries of each call.
fn windows(plan: &crate::engine::FetchPlan) -> Vec<(String, i64, i64, i64, usize)> {
    let of = |call: &MetricDataCall| {
        let input = call.input();
        let time = |name: &str| crate::parse_time(input[name].as_str().unwrap()).unwrap().timestamp() - START;
        let queries = input["MetricDataQueries"].as_array().unwrap();
        let period = queries[0]["MetricStat"]["Period"].as_i64().unwrap();
        (call.region().to_owned(), period, time("StartTime"), time("EndTime"), queries.len())
    };
    plan.calls.iter().map(of).collect()
}

#[test]
fn questions_name_whose_metric_in_which_unit_and_how() {
    let watched = |id: &str, account: &str| {
        json!({ "Id": id, "AccountId": account, "ReturnData": id == "a", "MetricStat": {
            "Metric": { "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": [{ "Name": "InstanceId", "Value": "i-1" }] },
            "Period": 300, "Stat": "Average", "Unit": "Percent" } })
    };
    let mut engine = engine(json!([
        alarm("own", json!({})),
        alarm("p", json!({ "ExtendedStatistic": "p90", "Period": 300, "AlarmArn": arn("us-east-1", "p") })),
        { "AlarmName": "of another account", "Metrics": [watched("a", "444455556666"), watched("b", "111122223333")],
          "AlarmArn": arn("us-east-1", "of another account"), "EvaluationPeriods": 2, "Threshold": 1, "ComparisonOperator": "LessThanThreshold" },
        alarm("made by a filter", json!({ "MetricName": "filtered" })),
        alarm("made by a query", json!({ "MetricName": "counted" })),
    ]));
    engine.set_filters(vec![
        MetricFilter::from_value(&json!({
            "filterName": "f", "filterPattern": "", "table": "t",
            "metricTransformations": [{ "metricName": "filtered", "metricNamespace": "N", "metricValue": "1" }],
        }))
        .unwrap(),
    ]);
    engine.set_fetching(Some(Fetching::new(Some(home())).made_here("N", "counted")));
    let plan = engine.plan_fetch(at(90));
    assert_eq!((plan.every, plan.metrics), (60, 4));
    let calls = plan.calls.iter().map(|call| (call.account_id(), call.region(), call.input()));
    insta::assert_json_snapshot!(calls.collect::<Vec<_>>());
}

#[test]
fn only_what_is_new_is_asked() {
    let mut engine = engine(json!([alarm("a", json!({ "Period": 300, "EvaluationPeriods": 10 }))]));
    let window = |engine: &mut Engine, now: i64| windows(&engine.plan_fetch(at(now)));
    let region = || "eu-west-1".to_owned();
    // Twelve periods of five minutes; the minute that ended 40 seconds ago is not taken yet.
    assert_eq!(window(&mut engine, 100), [(region(), 60, -3600, 0, 4)]);
    assert_eq!(window(&mut engine, 100), [(region(), 60, -3600, 0, 4)], "until it is answered");
    fetch(&mut engine, &[], 100);
    assert_eq!(window(&mut engine, 119), [], "no minute has ended since");
    assert_eq!(window(&mut engine, 120), [(region(), 60, -900, 60, 4)]);
    fetch(&mut engine, &[], 120);
    // Two hours without an answer.
    assert_eq!(window(&mut engine, 7320), [(region(), 60, 7260 - 3600, 7260, 4)]);
    fetch(&mut engine, &[], 7320);
    // Within each hour the whole range is asked for once.
    let mut whole = Vec::new();
    for minute in 123..243 {
        let asked = window(&mut engine, minute * 60);
        assert_eq!(asked.len(), 1, "{minute}");
        if asked[0].3 - asked[0].2 == 3600 {
            whole.push(minute);
        } else {
            assert_eq!(asked[0].3 - asked[0].2, 960);
        }
        fetch(&mut engine, &[], minute * 60);
    }
    assert_eq!(whole, [180, 240]);
}

#[test]
fn an_alarm_that_looks_further_has_the_rest_asked() {
    let mut engine = engine(json!([alarm("a", json!({}))]));
    fetch(&mut engine, &[], 100);
    let longer = json!([alarm("b", json!({ "Period": 300, "EvaluationPeriods": 3 }))]);
    engine.put_all(alarms_from_value(&longer).unwrap(), at(110)).unwrap();
    assert_eq!(windows(&engine.plan_fetch(at(120))), [("eu-west-1".into(), 60, 60 - 1500, 60, 4)]);
    fetch(&mut engine, &[], 120);
    assert_eq!(windows(&engine.plan_fetch(at(180)))[0].2, -840);
    engine.remove("a", at(180)).unwrap();
    engine.remove("b", at(180)).unwrap();
    assert_eq!((engine.plan_fetch(at(180)).metrics, windows(&engine.plan_fetch(at(180)))), (0, vec![]));
}

#[test]
fn what_was_fetched_survives_a_restart() {
    let alarms = || json!([alarm("a", json!({ "EvaluationPeriods": 30 }))]);
    let mut before = engine(alarms());
    let samples = [sample(-100, 0, 9.0), sample(-30, 0, 3.0)];
    fetch(&mut before, &samples, 100);
    let text = serde_json::to_string(&before.snapshot()).unwrap();
    let mut after = engine(alarms());
    after.restore(serde_json::from_str::<EngineSnapshot>(&text).unwrap()).unwrap();
    assert_eq!(after.snapshot(), before.snapshot());
    assert_eq!(windows(&after.plan_fetch(at(160))), [("eu-west-1".into(), 60, -900, 60, 4)]);
    assert_eq!(windows(&after.plan_fetch(at(100))), []);
    // Without what is known of the progress all is asked again, and nothing is counted twice.
    let mut old: Value = serde_json::from_str(&text).unwrap();
    old.as_object_mut().unwrap().remove("fetched");
    after.restore(serde_json::from_value(old).unwrap()).unwrap();
    assert_eq!(fetch(&mut after, &samples, 100), 1);
    assert_eq!(after.store(), before.store());
}

#[test]
fn alarms_see_the_minutes_that_are_over() {
    let mut engine = engine(json!([alarm(
        "a",
        json!({ "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching" })
    )]));
    // Nine each minute: below five is only what a minute has that is not over yet.
    let samples: Vec<Sample> = (-60..600).map(|n| sample(n * 20 + 5, n * 20 + 35, 3.0)).collect();
    let mut states = Vec::new();
    for step in 0..120 {
        let now = step * 30 + 3;
        if step % 2 == 0 {
            fetch(&mut engine, &samples, now);
        }
        states.extend(engine.tick(at(now)).transitions.into_iter().map(|change| change.to));
    }
    assert_eq!(states, [AlarmState::Ok]);
    let evaluation = engine.explain("a", at(3600)).unwrap();
    assert_eq!(evaluation.slots.last().unwrap().time, at(3600 - 120));
}

#[test]
fn late_values_are_seen_and_have_the_alarm_evaluated_again() {
    let mut engine = engine(json!([alarm("a", json!({ "EvaluationPeriods": 10, "DatapointsToAlarm": 1 }))]));
    let samples = [sample(0, 30, 3.0), sample(10, 400, 4.0)];
    let mut changes = Vec::new();
    for minute in 0..12 {
        fetch(&mut engine, &samples, minute * 60 + 5);
        changes.extend(engine.tick(at(minute * 60 + 6)).transitions.into_iter().map(|t| (minute, t.to)));
    }
    assert_eq!(changes, [(0, AlarmState::Ok), (7, AlarmState::Alarm)]);
}

#[test]
fn accounts_and_regions_are_kept_apart() {
    let mut engine = engine(json!([
        alarm("here", json!({ "AlarmArn": arn("eu-west-1", "here") })),
        alarm("there", json!({ "AlarmArn": arn("us-east-1", "there") })),
    ]));
    let there = Sample { region: "us-east-1", ..sample(-70, 0, 4.0) };
    let samples = [sample(-80, 0, 3.0), there];
    assert_eq!(fetch(&mut engine, &samples, 60), 2);
    engine.tick(at(60));
    for (name, value) in [("here", 3.0), ("there", 4.0)] {
        let alarm = engine.alarm(name).unwrap();
        assert_eq!(alarm.state.value, AlarmState::Ok);
        let slots = engine.explain(name, at(60)).unwrap().slots;
        assert_eq!(slots[1].point.unwrap().value, value, "{name}: {slots:?}");
    }
}

#[test]
fn percentiles_and_counts_are_taken_as_cloudwatch_says_them() {
    let low = |name: &str, stat: &str, threshold: f64| {
        alarm(
            name,
            json!({ "ExtendedStatistic": stat, "Period": 300, "EvaluateLowSampleCountPercentile": "ignore", "Threshold": threshold }),
        )
    };
    let mut engine = engine(json!([
        low("p", "p90", 8.0),
        low("tc", "TC(0:5)", 60.0),
        alarm("sum", json!({ "Period": 300 }))
    ]));
    // A hundred samples: 0, 1, …, 9 and again.
    let samples: Vec<Sample> = (0..100).map(|n| sample(n * 3, 300, (n % 10) as f64)).collect();
    fetch(&mut engine, &samples, 420);
    let read = |engine: &Engine, name: &str, now: i64| {
        let evaluation = engine.explain(name, at(now)).unwrap();
        let last = evaluation.slots.last().unwrap();
        (last.point.map(|point| (point.value, point.samples.unwrap())), last.time, last.low)
    };
    // Whole periods, wherever in the next one it is asked.
    for now in [420, 599] {
        assert_eq!(read(&engine, "p", now), (Some((8.0, 100.0)), at(0), false));
        assert_eq!(read(&engine, "tc", now), (Some((50.0, 100.0)), at(0), false));
    }
    assert_eq!(read(&engine, "sum", 420), (Some((4.5 * 80.0, 80.0)), at(60), false), "any five minutes");
}

#[test]
fn periods_below_a_minute_are_fetched_as_such() {
    let mut engine = engine(json!([
        alarm("fast", json!({ "Period": 30, "Statistic": "Average" })),
        alarm("slow", json!({ "Period": 3600, "EvaluationPeriods": 4 })),
    ]));
    assert_eq!(engine.plan_fetch(at(47)).every, 10);
    let asked = windows(&engine.plan_fetch(at(47)));
    // Minutes, from where the six hours begin, to what is kept of ten seconds.
    let fine = 360 - 3 * 3600;
    let expected = [("eu-west-1".into(), 10, fine, 30, 4), ("eu-west-1".into(), 60, -60 - 6 * 3600, fine, 4)];
    assert_eq!(asked, expected);
    let samples: Vec<Sample> = (-2200..10).map(|n| sample(n * 10, n * 10 + 5, 1.0)).collect();
    fetch(&mut engine, &samples, 47);
    let points = |engine: &Engine, name: &str, now: i64| -> Vec<f64> {
        let slots = engine.explain(name, at(now)).unwrap().slots;
        slots.iter().filter_map(|slot| Some(slot.point?.samples.unwrap())).collect()
    };
    assert_eq!(points(&engine, "fast", 47), [3.0, 3.0, 3.0]);
    assert_eq!(points(&engine, "slow", 47), [360.0; 6]);
    assert_eq!(windows(&engine.plan_fetch(at(57))), [("eu-west-1".into(), 10, 30 - 900, 40, 4)]);
}

#[test]
fn bands_have_their_two_weeks() {
    let metric = json!({ "Id": "m1", "ReturnData": true, "MetricStat": { "Metric": { "Namespace": "N", "MetricName": "m" }, "Period": 300, "Stat": "Average" } });
    let band = json!({ "Id": "b", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": true });
    let mut engine = engine(json!([{
        "AlarmName": "a", "Metrics": [metric, band], "ThresholdMetricId": "b", "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanUpperThreshold",
    }]));
    let asked = windows(&engine.plan_fetch(at(60)));
    assert_eq!(asked, [("eu-west-1".into(), 60, -14 * 86_400 - 900, 0, 4)]);
    fetch(&mut engine, &[], 60);
    assert_eq!(
        windows(&engine.plan_fetch(at(7260)))[0].2,
        7200 - 900 - 7200,
        "what is learnt from is not asked again"
    );
}

#[test]
fn what_cannot_be_fetched_is_told() {
    let mut engine = engine(json!([alarm("a", json!({ "AlarmArn": "arn:aws:other" }))]));
    engine.set_fetching(Some(Fetching::new(None)));
    let many: Vec<Value> =
        (0..30).map(|n| alarm(&format!("b{n}"), json!({ "MetricName": format!("m{n}") }))).collect();
    engine.put_all(alarms_from_value(&json!(many)).unwrap(), at(0)).unwrap();
    let problems = engine.plan_fetch(at(0)).problems;
    insta::assert_snapshot!(format!("{}\n{}\n{}", problems[0], problems.len(), problems.last().unwrap()));
}

#[test]
fn calls_are_neither_too_large_nor_too_many() {
    let many = |count: usize, changes: Value| {
        let mut alarms = Vec::new();
        for n in 0..count {
            let mut alarm = alarm(&format!("a{n}"), changes.clone());
            alarm["MetricName"] = json!(format!("m{n}"));
            alarms.push(alarm);
        }
        engine(json!(alarms)).plan_fetch(at(60))
    };
    let sizes =
        |plan: &crate::engine::FetchPlan| plan.calls.iter().map(MetricDataCall::metrics).collect::<Vec<_>>();
    assert_eq!(sizes(&many(300, json!({}))), [125, 125, 50]);
    // 26 hours of minutes, four statistics each: 16 metrics are a page.
    assert_eq!(sizes(&many(20, json!({ "Period": 3600, "EvaluationPeriods": 24 }))), [16, 4]);
    // Seven days and two hours: by the hour, as it is evaluated by the hour.
    let week = many(2, json!({ "Period": 3600, "EvaluationPeriods": 168 }));
    assert_eq!(windows(&week), [("eu-west-1".into(), 3600, -170 * 3600, 0, 8)]);
    let beyond = many(5003, json!({}));
    assert_eq!((beyond.metrics, beyond.problems.len(), beyond.calls.len()), (5000, 3, 40));
    assert!(beyond.problems[0].contains("5000 metrics are fetched already"), "{}", beyond.problems[0]);

    let mut calls = many(5, json!({})).calls;
    let [one, two] = calls.remove(0).halves().unwrap();
    assert_eq!((one.metrics(), two.metrics(), one.region()), (2, 3, "eu-west-1"));
    let [single, _] = one.halves().unwrap();
    assert_eq!(single.clone().halves(), Err(single));
}

#[test]
fn what_is_not_all_is_asked_again() {
    let mut engine = engine(json!([alarm("a", json!({})), alarm("b", json!({ "MetricName": "n" }))]));
    let samples = [sample(-170, 0, 3.0), sample(-110, 0, 4.0)];
    let plan = engine.plan_fetch(at(60));
    let mut partial = answer(&samples, &plan.calls[0], START + 60);
    partial["MetricDataResults"][2]["StatusCode"] = json!("PartialData");
    partial["MetricDataResults"][5] = json!({ "Id": "s1_count", "StatusCode": "Forbidden", "Messages": [{ "Code": "x", "Value": "not\u{1b} yours" }] });
    let taken = engine.take_fetched(&plan.calls[0], &partial, at(60));
    assert_eq!(taken.recorded.accepted, 2, "what is there is taken");
    insta::assert_snapshot!(taken.problems.join("\n"));
    assert_eq!(
        windows(&engine.plan_fetch(at(120))),
        [("eu-west-1".into(), 60, -120, 60, 8)],
        "from where it was"
    );
    fetch(&mut engine, &samples, 120);
    assert_eq!(engine.store().len(), 2);

    // One query over two pages: the last status is what holds.
    let plan = engine.plan_fetch(at(180));
    let mut pages = answer(&samples, &plan.calls[0], START + 180);
    let list = pages["MetricDataResults"].as_array_mut().unwrap();
    let mut first = list.clone();
    for result in &mut first {
        result["StatusCode"] = json!("PartialData");
        for name in ["Timestamps", "Values"] {
            result[name].as_array_mut().unwrap().truncate(1);
        }
    }
    for result in list.iter_mut() {
        for name in ["Timestamps", "Values"] {
            let values = result[name].as_array_mut().unwrap();
            *values = values.split_off(values.len().min(1));
        }
    }
    first.append(list);
    let taken = engine.take_fetched(&plan.calls[0], &json!({ "MetricDataResults": first }), at(180));
    assert_eq!((taken.problems, taken.recorded.accepted, engine.store().len()), (vec![], 0, 2));
    assert_eq!(windows(&engine.plan_fetch(at(180))), []);
}

#[test]
fn nothing_is_taken_that_was_not_asked_for() {
    let mut engine = engine(json!([alarm("a", json!({ "EvaluationPeriods": 3 }))]));
    let call = engine.plan_fetch(at(60)).calls.remove(0);
    let id = |word: &str| format!("s0_{word}");
    let result = |id: &str, times: Value, values: Value| json!({ "Id": id, "StatusCode": "InternalError", "Timestamps": times, "Values": values });
    let times = json!([
        "2026-11-25T05:57:00Z",
        START - 120,
        "2026-11-25T05:58:30Z",
        "2036-01-01T00:00:00Z",
        "soon",
        null,
        -1e300,
        [],
        START - 60
    ]);
    let values = |value: f64| json!([value, value, value, value, value, value, value, value, "NaN"]);
    let results: Vec<Value> = ["sum", "count", "max", "stat"]
        .iter()
        .map(|word| result(&id(word), times.clone(), values(1.0)))
        .chain([result(&id("min"), times.clone(), values(2.0))])
        .chain(
            ["s1_sum", "s_sum", "s99999999999999999999_sum", "", "sum"]
                .iter()
                .map(|id| result(id, times.clone(), values(1.0))),
        )
        .collect();
    let taken = engine.take_fetched(&call, &json!({ "MetricDataResults": results }), at(60));
    // Two times were asked for, and their minimum is above their maximum.
    assert_eq!((taken.recorded.accepted, taken.unusable, engine.store().len()), (0, 2, 0));
    for answer in [
        json!(null),
        json!([]),
        json!({ "MetricDataResults": {} }),
        json!({ "MetricDataResults": [1, "x", null] }),
    ] {
        let taken = engine.take_fetched(&call, &answer, at(60));
        assert_eq!(taken.problems, ["N/m of 999988887777 in eu-west-1: it was not answered"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever comes, however late, in answers of which some are in part: in the end the store reads what
    /// the samples say.
    #[test]
    fn statistics_of_all_periods_are_those_of_the_samples(
        samples in prop::collection::vec((-1800i64..1800, 0i64..840, -40i32..40), 0..150),
        cuts in prop::collection::vec((0usize..4, 0usize..20), 60),
        first in 60u32..600,
    ) {
        let samples: Vec<Sample> = samples
            .into_iter()
            .map(|(time, late, value)| sample(time, time + late, f64::from(value) / 4.0))
            .collect();
        let mut engine = engine(json!([
            alarm("a", json!({ "EvaluationPeriods": 28 })),
            alarm("b", json!({ "Period": 300, "Statistic": "Average", "EvaluationPeriods": 4 })),
            alarm("c", json!({ "Period": 60 * (first / 60), "Statistic": "Minimum" })),
        ]));
        for (minute, (kind, cut)) in (0..).zip(cuts) {
            let now = minute * 60 + 13;
            for call in engine.plan_fetch(at(now)).calls {
                let mut answer = answer(&samples, &call, START + now);
                for result in answer["MetricDataResults"].as_array_mut().unwrap() {
                    // The last quarter of an hour is answered well.
                    if kind == 0 && minute < 45 {
                        result["StatusCode"] = json!("PartialData");
                        for name in ["Timestamps", "Values"] {
                            result[name].as_array_mut().unwrap().truncate(cut);
                        }
                    }
                }
                engine.take_fetched(&call, &answer, at(now));
            }
        }
        let series = engine.store().metrics().next().cloned();
        let known = samples.iter().map(|sample| (sample.time, sample.value));
        let known: Vec<(i64, f64)> = known.filter(|(time, _)| *time >= START - 1800).collect();
        prop_assert_eq!(series.is_some(), !known.is_empty());
        let series = series.unwrap_or_else(|| MetricId::new("N", "m", Vec::new()));
        for stat in ["Sum", "Average", "Minimum", "Maximum", "SampleCount"] {
            let statistic: Statistic = stat.parse().unwrap();
            for (period, shift) in [(60, 0), (300, 0), (300, 60), (900, 120)] {
                let grid = Grid { start: START - 1800 + shift, period, len: (3600 / period) as usize };
                for (index, point) in engine.store().read(&series, &statistic, &grid).into_iter().enumerate() {
                    let within = |(time, _): &&(i64, f64)| (grid.time(index)..grid.time(index + 1)).contains(time);
                    let expected = direct(stat, known.iter().filter(within).map(|(_, value)| *value).collect());
                    prop_assert_eq!(point.map(|point| point.value), expected, "{} of {} s, {}", stat, period, index);
                }
            }
        }
    }

    #[test]
    fn any_answer_is_read(text in r#"\{"MetricDataResults":\[(\{"Id":"s0_(sum|min)","(StatusCode|Values|Timestamps)":("x"|\[1\]|\["1"\]|null|\[\{\}\])\},?){0,3}\]\}"#) {
        let mut engine = engine(json!([alarm("a", json!({}))]));
        let call = engine.plan_fetch(at(60)).calls.remove(0);
        if let Ok(answer) = serde_json::from_str(&text) {
            engine.take_fetched(&call, &answer, at(60));
        }
    }
}
