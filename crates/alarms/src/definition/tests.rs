use serde_json::{Value, json};

use super::*;
use crate::AlarmState;

fn plain() -> Value {
    json!({
        "AlarmName": "cpu", "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 300,
        "EvaluationPeriods": 2, "Threshold": 80, "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{ "Name": "InstanceId", "Value": "i-1" }],
    })
}

fn math() -> Value {
    json!({
        "AlarmName": "rate", "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 5.5,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
        "Metrics": [
            { "Id": "rate", "Expression": "errors / requests * 100", "Label": "Error rate" },
            { "Id": "errors", "ReturnData": false, "MetricStat": {
                "Metric": { "Namespace": "App", "MetricName": "Errors", "Dimensions": [{ "Name": "Api", "Value": "x" }] },
                "Period": 60, "Stat": "Sum", "Unit": "Count" } },
            { "Id": "requests", "ReturnData": false, "MetricStat": {
                "Metric": { "Namespace": "App", "MetricName": "Requests" }, "Period": 60, "Stat": "p99.9" } },
        ],
    })
}

fn band() -> Value {
    json!({
        "AlarmName": "odd", "EvaluationPeriods": 1, "ThresholdMetricId": "ad1",
        "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
        "Metrics": [
            { "Id": "m1", "MetricStat": { "Metric": { "Namespace": "N", "MetricName": "M" }, "Period": 300, "Stat": "Average" } },
            { "Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)" },
        ],
    })
}

fn composite() -> Value {
    json!({
        "AlarmName": "both", "AlarmRule": "ALARM(cpu) AND NOT OK(rate)", "ActionsEnabled": true,
        "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:t"], "ActionsSuppressor": "deploying",
        "ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 120,
    })
}

fn filter() -> Value {
    json!({
        "filterName": "unauthorized", "filterPattern": "{ $.errorCode = \"AccessDenied*\" }", "logGroupName": "trail",
        "metricTransformations": [{ "metricName": "Unauthorized", "metricNamespace": "CIS", "metricValue": "1",
            "defaultValue": 0.0, "unit": "Count" }],
    })
}

/// The value with one field changed, by a path with dots and places; null takes the field away.
fn changed(mut value: Value, path: &str, to: Value) -> Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match (parent, to) {
        (Value::Object(map), Value::Null) => drop(map.remove(name)),
        (Value::Object(map), to) => drop(map.insert(name.to_owned(), to)),
        (Value::Array(list), to) => list[name.parse::<usize>().unwrap()] = to,
        (other, _) => panic!("{other}"),
    }
    value
}

#[test]
fn definitions_come_back_as_they_were_written() {
    for value in [plain(), math(), band(), composite()] {
        let alarm = Alarm::from_value(&value).unwrap();
        let again = Alarm::from_value(&alarm.to_value()).unwrap();
        assert_eq!(alarm, again);
        let text = serde_json::to_string(&alarm).unwrap();
        assert_eq!(serde_json::from_str::<Alarm>(&text).unwrap(), alarm);
        // TOML has no null; a definition has none either.
        let toml = toml::to_string(&alarm).unwrap();
        assert_eq!(toml::from_str::<Alarm>(&toml).unwrap(), alarm, "{toml}");
    }
    let filter = MetricFilter::from_value(&filter()).unwrap();
    assert_eq!(filter.table, "cloudtrail_logs");
    assert_eq!(MetricFilter::from_value(&filter.to_value()).unwrap().to_value(), filter.to_value());
    assert_eq!(
        toml::from_str::<MetricFilter>(&toml::to_string(&filter).unwrap()).unwrap().to_value(),
        filter.to_value()
    );
}

#[test]
fn a_definition_in_toml_reads_as_in_json() {
    let toml = r#"
        AlarmName = "cpu"
        Namespace = "AWS/EC2"
        MetricName = "CPUUtilization"
        Statistic = "Average"
        Period = 300
        EvaluationPeriods = 2
        Threshold = 80
        ComparisonOperator = "GreaterThanThreshold"
        Dimensions = [{ Name = "InstanceId", Value = "i-1" }]
    "#;
    assert_eq!(toml::from_str::<Alarm>(toml).unwrap(), Alarm::from_value(&plain()).unwrap());
    let error = toml::from_str::<Alarm>(&toml.replace("300", "45")).unwrap_err().to_string();
    assert!(error.contains("alarm 'cpu': Period is 45; write 10, 20, 30 or a multiple of 60"), "{error}");
}

#[test]
fn defaults_are_those_of_the_api() {
    let Alarm::Metric(alarm) = Alarm::from_value(&plain()).unwrap() else { panic!() };
    assert!(alarm.actions_enabled);
    assert_eq!((alarm.datapoints_to_alarm(), alarm.evaluation_range()), (2, 4));
    assert_eq!(alarm.treat_missing_data(), TreatMissingData::Missing);
    assert_eq!((alarm.period(), alarm.cadence()), (300, 60));
    let Alarm::Metric(alarm) = Alarm::from_value(&math()).unwrap() else { panic!() };
    assert_eq!((alarm.period(), alarm.watched().unwrap().id.as_str()), (60, "rate"));
    assert_eq!(alarm.statistic(), None);
}

#[test]
fn answers_of_describe_alarms_are_read_with_their_state() {
    let mut described = plain();
    for (name, value) in [
        ("AlarmArn", json!("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu")),
        ("AlarmConfigurationUpdatedTimestamp", json!("2026-11-25T06:00:00.000Z")),
        ("StateValue", json!("ALARM")),
        ("StateReason", json!("Threshold Crossed")),
        ("StateReasonData", json!("{\"version\":\"1.0\"}")),
        ("StateUpdatedTimestamp", json!(1_795_586_400.5)),
        ("StateTransitionedTimestamp", json!("2026-11-25T06:00:00Z")),
        ("EvaluationState", json!("PARTIAL_DATA")),
        ("Threshold", json!("80.0")),
        ("EvaluationPeriods", json!("2")),
        ("AlarmDescription", Value::Null),
    ] {
        described[name] = value;
    }
    let answer = json!({ "MetricAlarms": [described], "CompositeAlarms": [composite()], "NextToken": null });
    let entries = read_alarms(&answer.to_string()).unwrap();
    let start = entries[0].start.as_ref().unwrap();
    assert_eq!(
        (start.value, start.reason_data.as_ref().unwrap()),
        (AlarmState::Alarm, &json!({ "version": "1.0" }))
    );
    assert_eq!(start.updated.unwrap().timestamp_millis(), 1_795_586_400_500);
    assert_eq!(entries[0].alarm.reference(), "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu");
    assert_eq!((entries[1].alarm.kind(), &entries[1].start), ("CompositeAlarm", &None));
    // One, and a list.
    assert_eq!(read_alarms(&plain().to_string()).unwrap().len(), 1);
    assert_eq!(read_alarms(&json!([plain(), math()]).to_string()).unwrap().len(), 2);
    assert_eq!(read_alarms("\u{feff}[]").unwrap(), []);
}

#[test]
fn what_the_api_refuses_is_refused_with_field_value_and_what_is_allowed() {
    let long = "x".repeat(300);
    let cases = [
        (plain(), "AlarmName", Value::Null),
        (plain(), "AlarmName", json!("")),
        (plain(), "AlarmName", json!(long)),
        (plain(), "AlarmName", json!("a\u{1b}[31m")),
        (plain(), "AlarmName", json!(5)),
        (plain(), "Period", json!(45)),
        (plain(), "Period", json!("often")),
        (plain(), "Period", Value::Null),
        (plain(), "Statistic", json!("Median")),
        (plain(), "Statistic", json!("p99")),
        (plain(), "Statistic", Value::Null),
        (plain(), "ExtendedStatistic", json!("p99")),
        (plain(), "MetricName", Value::Null),
        (plain(), "Namespace", json!(":x")),
        (plain(), "EvaluationPeriods", json!(0)),
        (plain(), "EvaluationPeriods", json!(1.5)),
        (plain(), "EvaluationPeriods", json!(289)),
        (plain(), "DatapointsToAlarm", json!(3)),
        (plain(), "Threshold", json!("NaN")),
        (plain(), "Threshold", Value::Null),
        (plain(), "ThresholdMetricId", json!("m1")),
        (plain(), "ComparisonOperator", json!(">")),
        (plain(), "ComparisonOperator", Value::Null),
        (plain(), "ComparisonOperator", json!("GreaterThanUpperThreshold")),
        (plain(), "TreatMissingData", json!("Breaching")),
        (plain(), "TreatMissingdata", json!("breaching")),
        (plain(), "EvaluateLowSampleCountPercentile", json!("no")),
        (plain(), "ActionsEnabled", json!("yes")),
        (plain(), "AlarmActions", json!(["1", "2", "3", "4", "5", "6"])),
        (plain(), "AlarmActions", json!([7])),
        (plain(), "Dimensions", json!([{ "Name": "a" }])),
        (plain(), "Dimensions", json!([{ "Name": "a", "Value": "1" }, { "Name": "a", "Value": "2" }])),
        (plain(), "Unit", json!("Furlongs")),
        (plain(), "Tags", json!([{ "Key": "" }])),
        (math(), "MetricName", json!("x")),
        (math(), "Metrics.0.Expression", json!("errors / ")),
        (math(), "Metrics.0.Expression", json!("errors / nothing")),
        (math(), "Metrics.0.Expression", json!("SUM(errors)")),
        (math(), "Metrics.0.Expression", json!("rate + 1")),
        (math(), "Metrics.0.Expression", json!("METRICS()")),
        (math(), "Metrics.0.ReturnData", json!(false)),
        (math(), "Metrics.1.ReturnData", json!(true)),
        (math(), "Metrics.1.Id", json!("Errors")),
        (math(), "Metrics.1.Id", json!("requests")),
        (math(), "Metrics.1.MetricStat.Period", json!(300)),
        (math(), "Metrics.1.MetricStat.Stat", json!("p200")),
        (math(), "Metrics.1.Expression", json!("1")),
        (math(), "Metrics.1.MetricStat", Value::Null),
        (band(), "Threshold", json!(5)),
        (band(), "ThresholdMetricId", Value::Null),
        (band(), "ThresholdMetricId", json!("m1")),
        (composite(), "AlarmRule", json!("ALARM(cpu) AND")),
        (composite(), "ActionsSuppressor", Value::Null),
        (composite(), "ActionsSuppressorWaitPeriod", Value::Null),
        (composite(), "ActionsSuppressorWaitPeriod", json!(-1)),
    ];
    let errors =
        cases.map(|(value, path, to)| Alarm::from_value(&changed(value, path, to)).unwrap_err().to_string());
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn what_the_api_refuses_of_filters_is_refused() {
    let cases = [
        ("filterName", json!("a:b")),
        ("filterPattern", json!("{ $.a = ")),
        ("filterPattern", Value::Null),
        ("table", json!("x; DROP")),
        ("metricTransformations", json!([])),
        ("metricTransformations.0.metricName", json!("a$")),
        ("metricTransformations.0.metricValue", json!("many")),
        ("metricTransformations.0.metricValue", json!("$.a[*]")),
        ("metricTransformations.0.dimensions", json!({ "user": "$.user" })),
        ("metricTransformations.0.unit", json!("Furlongs")),
        ("metricTransformations.0.defaultvalue", json!(1)),
    ];
    let mut errors: Vec<String> = Vec::new();
    for (path, to) in cases {
        match MetricFilter::from_value(&changed(filter(), path, to.clone())) {
            Err(error) => errors.push(error.to_string()),
            // A second spelling beside the right one is let be.
            Ok(_) => assert_eq!(path, "metricTransformations.0.defaultvalue"),
        }
    }
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn documents_say_which_of_their_alarms_is_wrong() {
    let error = |value: Value| read_alarms(&value.to_string()).unwrap_err().to_string();
    assert_eq!(
        error(json!([plain(), { "AlarmName": 5 }])),
        "alarm 2: AlarmName is 5; write a text in quotes"
    );
    assert_eq!(
        error(json!({ "MetricAlarms": [plain(), plain()] })),
        "MetricAlarms[1]: AlarmName is 'cpu'; a name is given once"
    );
    assert!(error(json!("x")).starts_with("the alarm: the definition is \"x\"; write an object"));
    let text = read_alarms("{ \"AlarmName\": ").unwrap_err().to_string();
    assert!(text.starts_with("the document is no JSON (EOF"), "{text}");
    let each = each_alarm(&json!([plain(), {}, math()])).unwrap();
    assert_eq!(each.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn ranges_are_those_of_the_api() {
    let with = |period: u32, periods: u32| {
        let value = changed(changed(plain(), "Period", json!(period)), "EvaluationPeriods", json!(periods));
        Alarm::from_value(&value).is_ok()
    };
    assert!(with(10, 8640) && !with(10, 8641));
    assert!(with(300, 288) && !with(300, 289));
    assert!(with(3600, 168) && !with(3600, 169));
    assert!(with(86_400, 7) && !with(86_400, 8));
}
