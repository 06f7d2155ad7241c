//! Alarms, topics, queues and rules, on moto: made, read back, removed.

use serde_json::json;
use trailkeep_aws::api::services::{cloudwatch, events, sns, sqs};

use super::{fails, ok, on_moto, pick};

#[tokio::test]
async fn alarms() {
    let Some((client, _)) = on_moto().await else { return };
    let alarm = json!({
        "AlarmName": "root-use", "MetricName": "RootUse", "Namespace": "Trailkeep", "Statistic": "Sum",
        "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0, "TreatMissingData": "notBreaching",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:alerts"],
        "Dimensions": [{"Name": "a", "Value": "true"}],
    });
    ok(&client, &cloudwatch::PUT_METRIC_ALARM, alarm.clone()).await;
    let listed = ok(&client, &cloudwatch::DESCRIBE_ALARMS, json!({"AlarmNames": ["root-use"]})).await;
    let read = pick(&listed["MetricAlarms"], "AlarmName", "root-use");
    for member in [
        "MetricName",
        "Namespace",
        "Statistic",
        "Period",
        "EvaluationPeriods",
        "Threshold",
        "ComparisonOperator",
        "AlarmActions",
        "Dimensions",
        "TreatMissingData",
    ] {
        let (read, put) = (&read[member], &alarm[member]);
        assert!(
            read == put || read.as_f64().is_some_and(|read| Some(read) == put.as_f64()),
            "{member}: {read} {put}"
        );
    }
    assert_eq!(read["ActionsEnabled"], json!(true));
    let names = json!({"AlarmNames": ["root-use"]});
    ok(&client, &cloudwatch::DELETE_ALARMS, names.clone()).await;
    assert_eq!(ok(&client, &cloudwatch::DESCRIBE_ALARMS, names).await["MetricAlarms"], json!([]));
}

#[tokio::test]
async fn metric_data() {
    let Some((client, _)) = on_moto().await else { return };
    let datum = |time: &str, value: f64| {
        json!({ "MetricName": "Requests", "Timestamp": time, "Value": value, "Unit": "Count",
                "Dimensions": [{"Name": "host", "Value": "a b"}] })
    };
    let data = [
        datum("2026-11-25T06:00:05Z", 1.0),
        datum("2026-11-25T06:00:50Z", 4.0),
        datum("2026-11-25T06:02:00Z", -2.5),
    ];
    ok(&client, &cloudwatch::PUT_METRIC_DATA, json!({"Namespace": "Api", "MetricData": data})).await;
    let query = |id: &str, name: &str, stat: &str| {
        json!({ "Id": id, "MetricStat": {
            "Metric": { "Namespace": "Api", "MetricName": name, "Dimensions": [{"Name": "host", "Value": "a b"}] },
            "Period": 60, "Stat": stat, "Unit": "Count",
        } })
    };
    let input = json!({
        "StartTime": "2026-11-25T06:00:00Z", "EndTime": "2026-11-25T06:05:00Z", "ScanBy": "TimestampAscending",
        "MetricDataQueries": [query("s", "Requests", "Sum"), query("n", "Requests", "SampleCount"), query("x", "None", "Sum")],
    });
    let answer = ok(&client, &cloudwatch::GET_METRIC_DATA, input).await;
    let read = |id: &str| {
        let found = pick(&answer["MetricDataResults"], "Id", id);
        assert_eq!(found["StatusCode"], "Complete");
        let texts = found["Timestamps"].as_array().unwrap().iter().map(|time| time.as_str().unwrap());
        let times = texts.map(|text| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().to_rfc3339());
        let times: Vec<String> = times.collect();
        let values = found["Values"].as_array().unwrap();
        (times.join(" "), values.iter().map(|value| value.as_f64().unwrap()).collect::<Vec<_>>())
    };
    let times = "2026-11-25T06:00:00+00:00 2026-11-25T06:02:00+00:00".to_owned();
    assert_eq!(read("s"), (times.clone(), vec![5.0, -2.5]));
    assert_eq!(read("n"), (times, vec![2.0, 1.0]));
    assert_eq!(read("x"), (String::new(), vec![]));
}

#[tokio::test]
async fn states_are_set_by_hand() {
    let Some((client, _)) = on_moto().await else { return };
    let alarm = json!({
        "AlarmName": "child", "MetricName": "M", "Namespace": "N", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
    });
    ok(&client, &cloudwatch::PUT_METRIC_ALARM, alarm).await;
    let state = json!({"AlarmName": "child", "StateValue": "ALARM", "StateReason": "by hand"});
    ok(&client, &cloudwatch::SET_ALARM_STATE, state).await;
    let types = json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]});
    let listed = ok(&client, &cloudwatch::DESCRIBE_ALARMS, types).await;
    assert_eq!(pick(&listed["MetricAlarms"], "AlarmName", "child")["StateValue"], "ALARM");
    assert_eq!(listed["CompositeAlarms"], json!([]));
    ok(&client, &cloudwatch::DELETE_ALARMS, json!({"AlarmNames": ["child"]})).await;
}

#[tokio::test]
async fn topics() {
    let Some((client, _)) = on_moto().await else { return };
    let input = json!({"Name": "api-alerts", "Tags": [{"Key": "k", "Value": "v"}]});
    let arn = ok(&client, &sns::CREATE_TOPIC, input).await["TopicArn"].clone();
    let topic = json!({"TopicArn": arn});
    let listed = ok(&client, &sns::LIST_TOPICS, json!({})).await;
    pick(&listed["Topics"], "TopicArn", arn.as_str().unwrap());
    let policy = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    let set = json!({"TopicArn": arn, "AttributeName": "DisplayName", "AttributeValue": "Alerts & more"});
    ok(&client, &sns::SET_TOPIC_ATTRIBUTES, set).await;
    let set = json!({"TopicArn": arn, "AttributeName": "Policy", "AttributeValue": policy});
    ok(&client, &sns::SET_TOPIC_ATTRIBUTES, set).await;
    let read = ok(&client, &sns::GET_TOPIC_ATTRIBUTES, topic.clone()).await;
    assert_eq!(read["Attributes"]["DisplayName"], "Alerts & more");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(read["Attributes"]["Policy"].as_str().unwrap()).unwrap()["Statement"],
        json!([])
    );

    assert_eq!(
        ok(&client, &sns::LIST_SUBSCRIPTIONS_BY_TOPIC, topic.clone()).await["Subscriptions"],
        json!([])
    );
    let subscribe = json!({"TopicArn": arn, "Protocol": "email", "Endpoint": "security@example.com", "ReturnSubscriptionArn": true});
    let subscription = ok(&client, &sns::SUBSCRIBE, subscribe).await["SubscriptionArn"].clone();
    let listed = ok(&client, &sns::LIST_SUBSCRIPTIONS_BY_TOPIC, topic.clone()).await;
    assert_eq!(listed["Subscriptions"][0]["Endpoint"], "security@example.com");
    ok(&client, &sns::UNSUBSCRIBE, json!({"SubscriptionArn": subscription})).await;
    ok(&client, &sns::TAG_RESOURCE, json!({"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "b"}]})).await;
    ok(&client, &sns::DELETE_TOPIC, topic.clone()).await;
    assert_eq!(fails(&client, &sns::GET_TOPIC_ATTRIBUTES, topic).await.code(), "NotFound");
}

#[tokio::test]
async fn queues() {
    let Some((client, _)) = on_moto().await else { return };
    let input = json!({"QueueName": "api-dead-letters", "Attributes": {"VisibilityTimeout": "60"}});
    let url = ok(&client, &sqs::CREATE_QUEUE, input).await["QueueUrl"].clone();
    assert_eq!(
        ok(&client, &sqs::GET_QUEUE_URL, json!({"QueueName": "api-dead-letters"})).await["QueueUrl"],
        url
    );
    let set = json!({"QueueUrl": url, "Attributes": {"MessageRetentionPeriod": "1209600"}});
    ok(&client, &sqs::SET_QUEUE_ATTRIBUTES, set).await;
    let ask = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    let read = ok(&client, &sqs::GET_QUEUE_ATTRIBUTES, ask.clone()).await;
    assert_eq!(read["Attributes"]["VisibilityTimeout"], "60");
    assert_eq!(read["Attributes"]["MessageRetentionPeriod"], "1209600");
    ok(&client, &sqs::DELETE_QUEUE, json!({"QueueUrl": url})).await;
    let gone = fails(&client, &sqs::GET_QUEUE_ATTRIBUTES, ask).await;
    assert!(
        gone.code().contains("QueueDoesNotExist") || gone.code().contains("NonExistentQueue"),
        "{gone:?}"
    );
}

#[tokio::test]
async fn messages() {
    let Some((client, _)) = on_moto().await else { return };
    let url = ok(&client, &sqs::CREATE_QUEUE, json!({"QueueName": "api-messages"})).await["QueueUrl"].clone();
    for body in ["{\"a\": 1}", "two & <three>"] {
        ok(&client, &sqs::SEND_MESSAGE, json!({"QueueUrl": url, "MessageBody": body})).await;
    }
    let ask =
        json!({"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0, "VisibilityTimeout": 60});
    let received = ok(&client, &sqs::RECEIVE_MESSAGE, ask.clone()).await;
    let messages = received["Messages"].as_array().unwrap();
    let mut bodies: Vec<&str> = messages.iter().map(|message| message["Body"].as_str().unwrap()).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["two & <three>", "{\"a\": 1}"]);
    let mut entries: Vec<_> = (0..)
        .zip(messages)
        .map(|(id, message)| json!({"Id": id.to_string(), "ReceiptHandle": message["ReceiptHandle"]}))
        .collect();
    entries.push(json!({"Id": "wrong", "ReceiptHandle": "none"}));
    let deleted = ok(&client, &sqs::DELETE_MESSAGE_BATCH, json!({"QueueUrl": url, "Entries": entries})).await;
    assert_eq!(deleted["Successful"].as_array().unwrap().len(), 2, "{deleted}");
    assert_eq!(pick(&deleted["Failed"], "Id", "wrong")["SenderFault"], json!(true));
    let count = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    let left = ok(&client, &sqs::GET_QUEUE_ATTRIBUTES, count).await;
    assert_eq!(left["Attributes"]["ApproximateNumberOfMessagesNotVisible"], "0");
    assert_eq!(ok(&client, &sqs::RECEIVE_MESSAGE, ask).await.get("Messages"), None);
    ok(&client, &sqs::DELETE_QUEUE, json!({"QueueUrl": url})).await;
}

#[tokio::test]
async fn rules() {
    let Some((client, _)) = on_moto().await else { return };
    let buses = ok(&client, &events::LIST_EVENT_BUSES, json!({})).await;
    pick(&buses["EventBuses"], "Name", "default");
    let pattern = json!({"source": ["aws.guardduty"]}).to_string();
    let arn =
        ok(&client, &events::PUT_RULE, json!({"Name": "findings", "EventPattern": pattern})).await["RuleArn"]
            .clone();
    let listed = ok(&client, &events::LIST_RULES, json!({})).await;
    let rule = pick(&listed["Rules"], "Name", "findings");
    assert_eq!(
        (&rule["Arn"], &rule["EventPattern"], &rule["State"]),
        (&arn, &json!(pattern), &json!("ENABLED"))
    );
    let targets = json!([{"Id": "1", "Arn": "arn:aws:sns:us-east-1:123456789012:alerts"}]);
    let put =
        ok(&client, &events::PUT_TARGETS, json!({"Rule": "findings", "Targets": targets.clone()})).await;
    assert_eq!(put["FailedEntryCount"], json!(0));
    let read = ok(&client, &events::LIST_TARGETS_BY_RULE, json!({"Rule": "findings"})).await;
    assert_eq!(read["Targets"], targets);
    ok(&client, &events::DISABLE_RULE, json!({"Name": "findings"})).await;
    ok(&client, &events::ENABLE_RULE, json!({"Name": "findings"})).await;
    ok(&client, &events::REMOVE_TARGETS, json!({"Rule": "findings", "Ids": ["1"]})).await;
    ok(&client, &events::DELETE_RULE, json!({"Name": "findings"})).await;
    assert_eq!(
        fails(&client, &events::LIST_TARGETS_BY_RULE, json!({"Rule": "findings"})).await.code(),
        "ResourceNotFoundException"
    );
}
