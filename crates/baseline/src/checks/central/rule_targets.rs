//! EventBridge rules that are on hand events to something that is there.
//!
//! EventBridge drops what a target refuses, after a day of trying, and says so in a metric only. Rules
//! that a service manages are its own matter.

use serde_json::{Value, json};

use crate::alert_path::{Sender, Trouble, judge_target};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "rule-targets-alive",
    control: Control::Central,
    title: "EventBridge rules have live targets",
    severity: Severity::Medium,
    why: "A rule that hands findings to a deleted topic, or to a queue whose policy refuses it, drops them without a \
          word. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html",
    expected: "every enabled rule has a target, every target exists and takes what EventBridge sends, and none failed",
    remediation: "aws events put-targets --region REGION --rule RULE --targets Id=ID,Arn=LIVE_TARGET_ARN && aws events \
                  remove-targets --region REGION --rule RULE --ids DEAD_TARGET_ID   # and let events.amazonaws.com in \
                  by the target's own policy",
    fix_calls: &["events:PutTargets", "events:RemoveTargets"],
    frameworks: Frameworks {
        nist_800_53: &["AU-5", "IR-4(1)", "SI-4(5)"],
        pci_dss_4: &["10.7.2"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| context.each_region(judge),
};

fn judge(place: Place<'_>) -> Result<Vec<Verdict>, Unknown> {
    let mut verdicts = Vec::new();
    // The default bus must have been asked; others are there where they are.
    place.get("events:ListRules")?;
    for (_, answer) in place.each("events:ListRules") {
        let Some(output) = answer? else { continue };
        let rules = output.items("Rules").iter();
        let on = rules.filter(|rule| rule.text("State").is_some_and(|state| state.starts_with("ENABLED")));
        verdicts.extend(on.filter(|rule| rule.text("ManagedBy").is_none()).map(|rule| verdict(place, rule)));
    }
    Ok(verdicts)
}

fn verdict(place: Place<'_>, rule: &Value) -> Verdict {
    let (name, arn) = (rule.text("Name").unwrap_or_default(), rule.text("Arn").unwrap_or_default());
    let targets = match place.list_for("events:ListTargetsByRule", arn, "Targets") {
        Ok(targets) => targets,
        Err(unknown) => return Verdict::unknown(place, arn, &unknown),
    };
    let evidence =
        json!({"targets": targets.iter().filter_map(|target| target.text("Arn")).collect::<Vec<_>>()});
    if targets.is_empty() {
        return Verdict::fail(place, arn, format!("rule {name} has no target")).evidence(evidence);
    }
    let sender = Sender::rule(place, arn);
    let mut dead = Vec::new();
    let mut unknown = None;
    for target in targets.iter().filter_map(|target| target.text("Arn")) {
        match judge_target(place.inventory, target, &sender).trouble() {
            Some(Trouble::Dead(reason)) => dead.push(reason.clone()),
            Some(Trouble::Unknown(reason)) => unknown = Some(reason.clone()),
            None => {}
        }
    }
    dead.extend(failed_invocations(place, name));
    let verdict = match (dead.as_slice(), unknown) {
        ([], None) => {
            let count = if targets.len() == 1 {
                "its target is".to_owned()
            } else {
                format!("its {} targets are", targets.len())
            };
            Verdict::pass(place, arn, format!("rule {name}: {count} alive"))
        }
        ([], Some(unknown)) => Verdict::unknown(place, arn, &unknown),
        (dead, _) => Verdict::fail(place, arn, format!("rule {name}: {}", dead.join("; "))),
    };
    verdict.evidence(evidence)
}

/// How many deliveries to the rule's targets failed for good lately, where the inventory has the metric
/// (`AWS/Events`, `FailedInvocations`).
fn failed_invocations(place: Place<'_>, rule: &str) -> Option<String> {
    let resource = format!("AWS/Events/FailedInvocations/{rule}");
    let points = place.list_for("cloudwatch:GetMetricStatistics", &resource, "Datapoints").ok()?;
    let failed: f64 = points.iter().filter_map(|point| point.at("Sum")?.as_f64()).sum();
    (failed > 0.0).then(|| format!("{failed} deliveries to its targets failed lately"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, TOPIC, fails, passes, unknown};

    fn with_target(target: &str) -> (Sample, String) {
        let mut sample = Sample::new();
        let arn = sample.add_rule(HOME, "findings", json!({"source": ["aws.guardduty"]}), target);
        (sample, arn)
    }

    #[test]
    fn topics() {
        let (good, arn) = with_target(TOPIC);
        passes(&good, &CHECK, "rule findings: its target is alive");
        let mut sample = good.clone();
        sample.put(HOME, "sns:ListTopics", "", json!({"Topics": []}));
        fails(&sample, &CHECK, "rule findings: topic alerts does not exist");
        let mut sample = good.clone();
        sample.put(HOME, "events:ListTargetsByRule", &arn, json!({"Targets": []}));
        fails(&sample, &CHECK, "rule findings has no target");
        sample.edit(HOME, "events:ListRules", "")["Rules"][0]["State"] = json!("DISABLED");
        assert!(sample.run(&CHECK).is_empty(), "rules that are off are not judged");
        let mut sample = good.clone();
        let points = json!({"Datapoints": [{"Sum": 3.0}, {"Sum": 2.0}]});
        sample.put(HOME, "cloudwatch:GetMetricStatistics", "AWS/Events/FailedInvocations/findings", points);
        fails(&sample, &CHECK, "5 deliveries to its targets failed lately");
        let mut sample = good.clone();
        sample.deny(HOME, "events:ListTargetsByRule", &arn);
        unknown(&sample, &CHECK, "events:ListTargetsByRule");
    }

    #[test]
    fn the_policy_that_topics_are_born_with_refuses_eventbridge() {
        let (mut sample, _) = with_target(TOPIC);
        let policy = json!({"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
            "Action": "SNS:Publish", "Resource": TOPIC,
            "Condition": {"StringEquals": {"AWS:SourceOwner": "111111111111"}}}]});
        sample.edit(HOME, "sns:GetTopicAttributes", TOPIC)["Attributes"]["Policy"] =
            json!(policy.to_string());
        fails(&sample, &CHECK, "topic alerts has a policy that does not let in EventBridge (sns:Publish)");
    }

    #[test]
    fn queues() {
        let queue = "arn:aws:sqs:eu-west-1:111111111111:events";
        let url = "https://sqs.eu-west-1.amazonaws.com/111111111111/events";
        let (mut sample, arn) = with_target(queue);
        assert_eq!(sample.status(&CHECK).as_str(), "UNKNOWN", "the queue was not asked");
        let policy = |source: &str| {
            let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": queue,
                "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
                "Condition": {"ArnEquals": {"aws:SourceArn": source}}}]});
            json!({"Attributes": {"QueueArn": queue, "Policy": policy.to_string()}})
        };
        sample.put(HOME, "sqs:GetQueueAttributes", url, policy(&arn));
        passes(&sample, &CHECK, "alive");
        sample.put(
            HOME,
            "sqs:GetQueueAttributes",
            url,
            policy("arn:aws:events:eu-west-1:111111111111:rule/other"),
        );
        fails(&sample, &CHECK, "queue events has a policy that does not let in EventBridge");
        sample.put(HOME, "sqs:GetQueueAttributes", url, json!({"Attributes": {"QueueArn": queue}}));
        fails(&sample, &CHECK, "queue events has no policy that lets in EventBridge");
        sample.absent(HOME, "sqs:GetQueueAttributes", url);
        fails(&sample, &CHECK, "queue events does not exist");
    }

    #[test]
    fn streams_need_only_exist() {
        let (mut sample, arn) = with_target("arn:aws:kinesis:eu-west-1:111111111111:stream/events");
        sample.put(HOME, "kinesis:ListStreams", "", json!({"StreamNames": ["events"]}));
        passes(&sample, &CHECK, "alive");
        sample.put(HOME, "kinesis:ListStreams", "", json!({"StreamNames": []}));
        fails(&sample, &CHECK, "rule findings: stream events does not exist");
        let firehose = "arn:aws:firehose:eu-west-1:111111111111:deliverystream/events";
        sample.put(HOME, "events:ListTargetsByRule", &arn, json!({"Targets": [{"Arn": firehose}]}));
        sample.deny(HOME, "firehose:ListDeliveryStreams", "");
        unknown(&sample, &CHECK, "firehose:ListDeliveryStreams");
    }

    #[test]
    fn log_groups_need_a_resource_policy() {
        let group = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/events/findings";
        let (mut sample, _) = with_target(group);
        fails(&sample, &CHECK, "log group /aws/events/findings does not exist");
        sample.put(
            HOME,
            "logs:DescribeLogGroups",
            "",
            json!({"logGroups": [{"logGroupName": "/aws/events/findings"}]}),
        );
        fails(&sample, &CHECK, "no resource policy of the Region lets EventBridge write");
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/events/*:*"}]});
        let policies =
            json!({"resourcePolicies": [{"policyName": "events", "policyDocument": policy.to_string()}]});
        sample.put(HOME, "logs:DescribeResourcePolicies", "", policies);
        passes(&sample, &CHECK, "alive");
    }
}
