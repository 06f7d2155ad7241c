//! The topic, the metric filters with their alarms, and the alarms on what all of them hang on.

use serde_json::{Map, Value, json};

use super::intrinsics::only;
use super::parameters::{HAS_EMAIL, IS_HOME};
use super::resource::Resource;
use super::site;
use super::storage::document;
use crate::desired::alerts::{ALERTS, Alert};
use crate::desired::messages;

pub(super) fn resources() -> Vec<Resource> {
    let site = site();
    let topic = json!({
        "TopicName": site.topic(),
        "KmsMasterKeyId": "${Key}",
        "Subscription": only(HAS_EMAIL, json!([{"Protocol": "email", "Endpoint": "${NotifyEmail}"}])),
    });
    let policy = json!({
        "Topics": ["${Topic}"],
        "PolicyDocument": document(messages::topic_statements(&site, "${Topic}")),
    });
    let mut resources = vec![
        Resource::new("Topic", "AWS::SNS::Topic", topic)
            .when(IS_HOME)
            .checks_with("NotifyEmail", &["alarm-topic-confirmed", "alarm-action-live"]),
        Resource::new("TopicPolicy", "AWS::SNS::TopicPolicy", policy).when(IS_HOME),
    ];
    resources.extend(ALERTS.iter().flat_map(|alert| [filter(alert), alarm(alert)]));
    resources.extend(health());
    resources
}

/// `trailkeep-root-use` → `RootUse`: logical ids are letters and digits.
fn logical_id(name: &str) -> String {
    let words = name.trim_start_matches("trailkeep-").split('-');
    let upper = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    words.map(upper).collect()
}

fn filter(alert: &Alert) -> Resource {
    let input = alert.filter("${LogGroup}");
    Resource::new(format!("{}Filter", logical_id(alert.name)), "AWS::Logs::MetricFilter", capitalised(input))
        .when(IS_HOME)
        .checks_with("NotifyEmail", &[alert.check])
}

/// API members of CloudWatch Logs begin with a small letter, CloudFormation's with a capital.
fn capitalised(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let renamed = members.into_iter().map(|(name, value)| {
                let (first, rest) = name.split_at(1);
                (format!("{}{rest}", first.to_ascii_uppercase()), capitalised(value))
            });
            Value::Object(renamed.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(capitalised).collect(),
        other => other,
    }
}

fn alarm(alert: &Alert) -> Resource {
    let mut properties = alert.alarm(&site(), site().log_group(), "${Topic}");
    if let Some(properties) = properties.as_object_mut() {
        // True unless told otherwise, and a template has a size to keep to.
        properties.remove("ActionsEnabled");
    }
    Resource::new(format!("{}Alarm", logical_id(alert.name)), "AWS::CloudWatch::Alarm", properties)
        .when(IS_HOME)
        .checks(&["alarm-actions-enabled", "alarm-insufficient-data"])
}

/// The trail falls silent, or what it says does not reach Trailkeep.
fn health() -> Vec<Resource> {
    let alarm = |name: &'static str, about: &str, watched: Value| {
        let mut properties = json!({
            "AlarmName": format!("trailkeep-{name}"),
            "AlarmDescription": format!("Trailkeep: {about}"),
        });
        if let (Some(properties), Value::Object(watched)) = (properties.as_object_mut(), watched) {
            properties.extend(watched);
            properties.insert("AlarmActions".to_owned(), json!(["${Topic}"]));
        }
        Resource::new(format!("{}Alarm", logical_id(name)), "AWS::CloudWatch::Alarm", properties)
            .when(IS_HOME)
            .checks(&["alarm-actions-enabled"])
    };
    let dimension = |name: &str, value: &str| json!([{"Name": name, "Value": value}]);
    vec![
        // In any account something happens within six hours, if only a service's own calls.
        alarm(
            "trail-silent",
            "no event has reached the trail's log group for six hours. Is the trail logging, and may its role write?",
            json!({
                "Namespace": "AWS/Logs", "MetricName": "IncomingLogEvents",
                "Dimensions": dimension("LogGroupName", "${LogGroup}"),
                "Statistic": "Sum", "Period": 3600, "EvaluationPeriods": 6, "Threshold": 1,
                "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching",
            }),
        ),
        alarm(
            "events-undelivered",
            "events could not be handed to the queue that Trailkeep reads; they are in the queue of dead letters",
            json!({
                "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": dimension("QueueName", "${DeadLetters.QueueName}"),
                "Statistic": "Maximum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
            }),
        ),
        alarm(
            "rule-failing",
            "the rule cannot hand events on; does the queue's policy still let it?",
            json!({
                "Namespace": "AWS/Events", "MetricName": "FailedInvocations",
                "Dimensions": dimension("RuleName", "${Rule}"),
                "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
            }),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_logical_ids() {
        assert_eq!(logical_id("trailkeep-sign-in-without-mfa"), "SignInWithoutMfa");
        assert_eq!(logical_id("rule-failing"), "RuleFailing");
    }
}
