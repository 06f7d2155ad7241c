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
