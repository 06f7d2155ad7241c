//! Events to Trailkeep as they happen: a rule in every Region, a queue in the home Region.

use serde_json::{Value, json};

use super::intrinsics::either;
use super::parameters::{IS_AWAY, IS_HOME};
use super::resource::Resource;
use super::site;
use super::storage::document;
use crate::desired::messages;

pub(super) fn resources() -> Vec<Resource> {
    let site = site();
    vec![
        rule(),
        forwarding_role(),
        Resource::new(
            "Queue",
            "AWS::SQS::Queue",
            json!({
                "QueueName": site.live_events(),
                "MessageRetentionPeriod": KEPT_SECONDS,
                "SqsManagedSseEnabled": true,
            }),
        )
        .when(IS_HOME),
        Resource::new(
            "DeadLetters",
            "AWS::SQS::Queue",
            json!({
                "QueueName": format!("{}-undelivered", site.live_events()),
                "MessageRetentionPeriod": KEPT_SECONDS,
                "SqsManagedSseEnabled": true,
            }),
        )
        .when(IS_HOME),
        queue_policy("QueuePolicy", "${Queue}", "${Queue.Arn}"),
        queue_policy("DeadLettersPolicy", "${DeadLetters}", "${DeadLetters.Arn}"),
    ]
}

/// As long as SQS keeps a message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
const KEPT_SECONDS: u32 = 1_209_600;

/// At home to the queue; elsewhere to the home Region's bus, where the rule of the same name takes
/// over. Read-only calls are told to rules of this state only, and stolen keys show by those first.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html>
fn rule() -> Resource {
    let bus = "arn:${AWS::Partition}:events:${HomeRegion}:${AWS::AccountId}:event-bus/default";
    let properties = json!({
        "Name": site().live_events(),
        "Description": "Trailkeep: what CloudTrail records and what is found in it, as it happens",
        "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        "EventPattern": pattern(),
        "Targets": either(
            IS_HOME,
            json!([{
                "Id": "queue", "Arn": "${Queue.Arn}", "DeadLetterConfig": {"Arn": "${DeadLetters.Arn}"},
            }]),
            json!([{"Id": "home", "Arn": bus, "RoleArn": "${ForwardingRole.Arn}"}]),
        ),
    });
    Resource::new("Rule", "AWS::Events::Rule", properties).checks(&[
        "rule-targets-alive",
        "findings-routed",
        "alarm-trail-health",
    ])
}

/// What CloudTrail tells, and what GuardDuty and Security Hub found.
fn pattern() -> Value {
    let mut pattern = messages::live_pattern();
    if let Some(types) = pattern["detail-type"].as_array_mut() {
        types.extend(
            ["AWS Insight via CloudTrail", "GuardDuty Finding", "Security Hub Findings - Imported"]
                .map(|kind| json!(kind)),
        );
    }
    pattern
}

fn forwarding_role() -> Resource {
    let site = site();
    let bus = "arn:${AWS::Partition}:events:${HomeRegion}:${AWS::AccountId}:event-bus/default";
    let properties = json!({
        "Description": "Trailkeep: EventBridge hands events to the home Region",
        "AssumeRolePolicyDocument": document(vec![json!({
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {
                "aws:SourceAccount": site.account, "aws:SourceArn": messages::live_rule_arn(&site),
            }},
        })]),
        "Policies": [{
            "PolicyName": "put-events-to-home-region",
            "PolicyDocument": document(vec![json!({
                "Effect": "Allow", "Action": "events:PutEvents", "Resource": bus,
            })]),
        }],
    });
    Resource::new("ForwardingRole", "AWS::IAM::Role", properties).when(IS_AWAY)
}

/// The rule may send to this queue, and nobody without TLS.
fn queue_policy(name: &'static str, queue: &str, arn: &str) -> Resource {
    let mut statements = messages::queue_statements(&site());
    for statement in &mut statements {
        statement["Resource"] = json!(arn);
    }
    statements.push(json!({
        "Sid": "TrailkeepTlsOnly", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }));
    let properties = json!({"Queues": [queue], "PolicyDocument": document(statements)});
    Resource::new(name, "AWS::SQS::QueuePolicy", properties).when(IS_HOME)
}
