//! Alarms, topics, EventBridge rules: what becomes of a change once it is in a log.

use serde_json::{Value, json};

use super::book::Book;
use super::logs::{FILTERS, NAMESPACE};
use super::{Place, key, trail};
use crate::org::{EU_WEST_1, PRODUCTION, SECURITY, US_EAST_1};

pub(super) fn fill(book: &mut Book, place: Place) {
    topics(book, place);
    alarms(book, place);
    rules(book, place);
    book.put(place, "lambda:ListFunctions", json!({"Functions": functions(place)}));
}

fn topic(place: Place) -> String {
    place.arn("sns", &format!("{}-security-alerts", place.alias()))
}

fn topics(book: &mut Book, place: Place) {
    let arn = topic(place);
    book.put(place, "sns:ListTopics", json!({"Topics": [{"TopicArn": arn}]}));
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Alarms", "Effect": "Allow", "Principal": {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}, "Action": "sns:Publish", "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": place.id()}},
    }]});
    let endpoint = "https://events.pagerduty.example/integration/meridian/enqueue";
    let mut subscriptions = vec![subscription(&arn, place, "https", endpoint, Some("0f1c2a9e"))];
    // The told fault: somebody was to confirm it, and has left.
    if trail::is_home(place) {
        subscriptions.push(subscription(&arn, place, "email", "security@meridian.example", None));
    }
    let pending = subscriptions.len() - 1;
    book.put_for(place, "sns:GetTopicAttributes", &arn, json!({"Attributes": {
        "TopicArn": arn, "Owner": place.id(), "Policy": policy.to_string(), "KmsMasterKeyId": key(place),
        "SubscriptionsConfirmed": "1", "SubscriptionsPending": pending.to_string(), "SubscriptionsDeleted": "0",
    }}));
    book.put_for(place, "sns:ListSubscriptionsByTopic", &arn, json!({"Subscriptions": subscriptions}));
}

fn subscription(topic: &str, place: Place, protocol: &str, endpoint: &str, confirmed: Option<&str>) -> Value {
    let arn = confirmed
        .map_or("PendingConfirmation".to_owned(), |id| format!("{topic}:{id}-0000-4000-8000-000000000001"));
    json!({"SubscriptionArn": arn, "Owner": place.id(), "Protocol": protocol, "Endpoint": endpoint, "TopicArn": topic})
}

fn alarms(book: &mut Book, place: Place) {
    let mut alarms = Vec::new();
    if trail::is_home(place) {
        alarms.extend(
            FILTERS
                .iter()
                .map(|(metric, _)| alarm(book, place, &format!("cis-{metric}"), NAMESPACE, metric, true)),
        );
    }
    if place.account == PRODUCTION && place.region <= EU_WEST_1 {
        let names = ["prod-orders-5xx", "prod-payments-latency-p99", "prod-db-cpu"];
        alarms.extend(names.iter().map(|name| {
            // The told fault: switched off for a release, and never on again.
            let on = !(place.region == US_EAST_1 && *name == "prod-payments-latency-p99");
            alarm(book, place, name, "Meridian/Orders", name, on)
        }));
    }
    book.put(place, "cloudwatch:DescribeAlarms", json!({"MetricAlarms": alarms, "CompositeAlarms": []}));
}

fn alarm(book: &Book, place: Place, name: &str, namespace: &str, metric: &str, on: bool) -> Value {
    json!({
        "AlarmName": name, "AlarmArn": place.arn("cloudwatch", &format!("alarm:{name}")), "ActionsEnabled": on,
        "OKActions": [], "AlarmActions": [topic(place)], "InsufficientDataActions": [],
        "StateValue": "OK", "StateReason": "Threshold not crossed", "StateUpdatedTimestamp": book.ago(600), "StateTransitionedTimestamp": book.ago(600),
        "MetricName": metric, "Namespace": namespace, "Statistic": "Sum", "Dimensions": [], "Period": 300, "EvaluationPeriods": 1, "DatapointsToAlarm": 1,
        "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
    })
}

fn rules(book: &mut Book, place: Place) {
    book.put(
        place,
        "events:ListEventBuses",
        json!({"EventBuses": [{"Name": "default", "Arn": place.arn("events", "event-bus/default")}]}),
    );
    let pattern = json!({"source": ["aws.securityhub", "aws.guardduty"], "detail-type": ["Security Hub Findings - Imported", "GuardDuty Finding"]});
    let name = format!("{}-findings-to-people", place.alias());
    let arn = place.arn("events", &format!("rule/{name}"));
    book.put(place, "events:ListRules", json!({"Rules": [{
        "Name": name, "Arn": arn, "State": "ENABLED", "EventBusName": "default", "EventPattern": pattern.to_string(),
    }]}));
    book.put_for(
        place,
        "events:ListTargetsByRule",
        &arn,
        json!({"Targets": [{"Id": "topic", "Arn": topic(place)}]}),
    );
}

fn functions(place: Place) -> Vec<Value> {
    let names = match place.account {
        SECURITY => return Vec::new(),
        _ => ["orders-events", "session-reaper"],
    };
    let function = |name: &&str| {
        let name = format!("{}-{name}", place.alias());
        json!({
            "FunctionName": name, "FunctionArn": place.arn("lambda", &format!("function:{name}")), "Runtime": "python3.13", "PackageType": "Zip",
            "Role": place.global_arn("iam", "role/lambda-orders-events"),
            "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", "LogGroup": format!("/aws/lambda/{name}")},
        })
    };
    names.iter().map(function).collect()
}
