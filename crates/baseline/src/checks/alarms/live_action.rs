//! What an alarm does when it turns to ALARM arrives.
//!
//! A topic must exist, take messages from CloudWatch and have a subscription that somebody confirmed; a
//! function must exist and let alarms call it. Actions on machines (scaling, stopping, recovering) are
//! live too: they are what such alarms are for. An alarm without actions of its own is right where a
//! composite alarm with a live action refers to it.

use serde_json::{Value, json};

use super::{alarms, arn, name};
use crate::alert_path::{Sender, Trouble, composite_children, judge_target};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "alarm-action-live",
    control: Control::Alarms,
    title: "Alarms have a live action for ALARM",
    severity: Severity::High,
    why: "An alarm without an action, or with one that goes to a deleted topic or to nobody, is a light in an \
          empty room. \
          https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html",
    expected: "at least one AlarmActions entry that exists, takes what CloudWatch sends and reaches somebody",
    remediation: "aws cloudwatch put-metric-alarm --region REGION --alarm-name ALARM … --alarm-actions TOPIC_ARN   # \
                  repeat the alarm's other settings, as the call replaces them; aws sns subscribe --topic-arn \
                  TOPIC_ARN --protocol email --notification-endpoint YOU@EXAMPLE.COM, and confirm the mail",
    fix_calls: &["cloudwatch:PutMetricAlarm", "cloudwatch:PutCompositeAlarm", "sns:Subscribe"],
    frameworks: Frameworks {
        security_hub: &["CloudWatch.15"],
        config_rules: &["cloudwatch-alarm-action-check"],
        nist_800_53: &[
            "AU-6(1)", "AU-6(5)", "CA-7", "IR-4(1)", "IR-4(5)", "SI-2", "SI-20", "SI-4(12)", "SI-4(5)",
        ],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let all = alarms(place)?;
        Ok(all.iter().map(|alarm| judge(place, alarm, &all)).collect())
    })
}

/// How the actions of an alarm stand: the live ones, the dead ones with their reasons, and what could
/// not be looked at.
#[derive(Default)]
struct Actions {
    live: Vec<String>,
    dead: Vec<String>,
    unknown: Option<Unknown>,
}

fn actions(place: Place<'_>, alarm: &Value) -> Actions {
    let sender = Sender::alarm(place, &arn(place, alarm));
    let mut actions = Actions::default();
    for action in alarm.texts("AlarmActions") {
        let target = judge_target(place.inventory, action, &sender);
        match target.trouble() {
            None => actions.live.extend(target.hops.first().map(|(hop, _)| hop.label())),
            Some(Trouble::Dead(reason)) => actions.dead.push(reason.clone()),
            Some(Trouble::Unknown(unknown)) => actions.unknown = Some(unknown.clone()),
        }
    }
    actions
}

fn judge(place: Place<'_>, alarm: &Value, all: &[&Value]) -> Verdict {
    let (name, arn) = (name(alarm), arn(place, alarm));
    let Actions { live, dead, unknown } = actions(place, alarm);
    let evidence = json!({"AlarmActions": alarm.at("AlarmActions")});
    if !live.is_empty() {
        let also = if dead.is_empty() { String::new() } else { format!("; but {}", dead.join("; ")) };
        return Verdict::pass(place, arn, format!("alarm {name} reaches {}{also}", live.join(", ")))
            .evidence(evidence);
    }
    // Its own actions do not count for nothing: the composite alarm's may.
    let parents = all.iter().filter(|parent| refers_to(parent, name, &arn));
    for parent in parents {
        let reached = actions(place, parent).live;
        if !reached.is_empty() {
            let observed = format!(
                "alarm {name} is part of composite alarm {}, which reaches {}",
                super::name(parent),
                reached.join(", ")
            );
            return Verdict::pass(place, arn, observed).evidence(evidence);
        }
    }
    match unknown {
        Some(unknown) => Verdict::unknown(place, arn, &unknown),
        None if dead.is_empty() => Verdict::fail(place, arn, format!("alarm {name} has no action for ALARM")),
        None => Verdict::fail(place, arn, format!("alarm {name} reaches nobody: {}", dead.join("; "))),
    }
    .evidence(evidence)
}

fn refers_to(parent: &Value, name: &str, arn: &str) -> bool {
    let children =
        if parent.text("AlarmRule").is_some() { composite_children(parent) } else { Ok(Vec::new()) };
    children.unwrap_or_default().iter().any(|child| child == name || child == arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, TOPIC, fails, passes, unknown};

    fn alarmed() -> Sample {
        let mut sample = Sample::new();
        sample.add_alarm("cpu");
        sample
    }

    #[test]
    fn a_topic_must_reach_somebody() {
        let good = alarmed();
        passes(&good, &CHECK, "alarm cpu reaches topic alerts");
        let broken = |change: &dyn Fn(&mut Sample), wanted: &str| {
            let mut sample = good.clone();
            change(&mut sample);
            fails(&sample, &CHECK, wanted);
        };
        broken(&|s| s.alarm()["AlarmActions"] = json!([]), "alarm cpu has no action for ALARM");
        broken(&|s| s.put(HOME, "sns:ListTopics", "", json!({"Topics": []})), "topic alerts does not exist");
        broken(
            &|s| {
                s.edit(HOME, "sns:GetTopicAttributes", TOPIC)["Attributes"]["Policy"] =
                    json!(r#"{"Statement": []}"#);
            },
            "does not let in CloudWatch alarms",
        );
        broken(
            &|s| s.put(HOME, "sns:ListSubscriptionsByTopic", TOPIC, json!({"Subscriptions": []})),
            "topic alerts has no subscription",
        );
        broken(
            &|s| {
                s.edit(HOME, "sns:GetTopicAttributes", TOPIC)["Attributes"]["KmsMasterKeyId"] =
                    json!("alias/aws/sns");
            },
            "encrypted with an AWS managed key (alias/aws/sns), which CloudWatch alarms may not use",
        );
        let mut denied = good.clone();
        denied.deny(HOME, "sns:ListSubscriptionsByTopic", TOPIC);
        unknown(&denied, &CHECK, "sns:ListSubscriptionsByTopic");
    }

    #[test]
    fn the_policy_that_topics_are_born_with_takes_alarms() {
        let mut sample = alarmed();
        let policy = json!({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [{
            "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"},
            "Action": ["SNS:GetTopicAttributes", "SNS:Publish", "SNS:Subscribe"], "Resource": TOPIC,
            "Condition": {"StringEquals": {"AWS:SourceOwner": "111111111111"}}}]});
        sample.edit(HOME, "sns:GetTopicAttributes", TOPIC)["Attributes"]["Policy"] =
            json!(policy.to_string());
        passes(&sample, &CHECK, "reaches topic alerts");
    }

    #[test]
    fn customer_managed_keys_must_let_cloudwatch_in() {
        let key = "arn:aws:kms:eu-west-1:111111111111:key/8d3ac8d7-1f0e-4b9e-9c3e-6c1f7c2a9b10";
        let mut sample = alarmed();
        sample.edit(HOME, "sns:GetTopicAttributes", TOPIC)["Attributes"]["KmsMasterKeyId"] = json!(key);
        let metadata = json!({"KeyMetadata": {"KeyState": "Enabled", "KeyManager": "CUSTOMER"}});
        sample.put(HOME, "kms:DescribeKey", key, metadata);
        let policy = |principal: Value| {
            let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal,
                "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*"}]});
            json!({"Policy": policy.to_string()})
        };
        sample.put(HOME, "kms:GetKeyPolicy", key, policy(json!({"Service": "cloudwatch.amazonaws.com"})));
        passes(&sample, &CHECK, "reaches topic alerts");
        sample.put(HOME, "kms:GetKeyPolicy", key, policy(json!({"AWS": "arn:aws:iam::111111111111:root"})));
        fails(&sample, &CHECK, "the key of topic alerts has a policy that does not let in CloudWatch alarms");
        sample.deny(HOME, "kms:GetKeyPolicy", key);
        unknown(&sample, &CHECK, "kms:GetKeyPolicy");
    }

    #[test]
    fn other_actions() {
        let mut sample = alarmed();
        let mut with = |action: &str| {
            sample.alarm()["AlarmActions"] = json!([action]);
            let verdict = sample.verdict(&CHECK);
            (verdict.status.as_str(), verdict.observed)
        };
        for action in [
            "arn:aws:autoscaling:eu-west-1:111111111111:scalingPolicy:1:autoScalingGroupName/g:policyName/out",
            "arn:aws:automate:eu-west-1:ec2:recover",
            "arn:aws:ssm:eu-west-1:111111111111:opsitem:1#CATEGORY=Security",
            "arn:aws:ssm-incidents::111111111111:response-plan/page",
        ] {
            assert_eq!(with(action).0, "PASS", "{action}");
        }
        let (status, observed) = with("arn:aws:lambda:eu-west-1:111111111111:function:page");
        assert_eq!(
            (status, observed.as_str()),
            ("FAIL", "alarm cpu reaches nobody: function page does not exist")
        );
        assert_eq!(with("arn:aws:sns:eu-west-1:999999999999:away").0, "UNKNOWN");
    }

    #[test]
    fn functions_must_let_alarms_call_them() {
        let mut sample = alarmed();
        let function = "arn:aws:lambda:eu-west-1:111111111111:function:page";
        sample.alarm()["AlarmActions"] = json!([function]);
        sample.put(HOME, "lambda:ListFunctions", "", json!({"Functions": [{"FunctionName": "page"}]}));
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": function,
            "Principal": {"Service": "lambda.alarms.cloudwatch.amazonaws.com"}, "Action": "lambda:InvokeFunction"}]});
        sample.put(HOME, "lambda:GetPolicy", "page", json!({"Policy": policy.to_string()}));
        passes(&sample, &CHECK, "reaches function page");
        sample.absent(HOME, "lambda:GetPolicy", "page");
        fails(&sample, &CHECK, "function page has no policy that lets in CloudWatch alarms");
    }

    #[test]
    fn a_composite_alarm_may_act_for_its_children() {
        let mut sample = alarmed();
        sample.alarm()["AlarmActions"] = json!([]);
        sample.add_composite("site-down", r#"ALARM("cpu") AND NOT OK(other)"#);
        let of = |sample: &Sample| sample.run(&CHECK).into_iter().map(|v| v.observed).collect::<Vec<_>>();
        let expected = "alarm cpu is part of composite alarm site-down, which reaches topic alerts";
        assert_eq!(of(&sample)[0], expected);
        sample.composite()["AlarmActions"] = json!([]);
        assert_eq!(of(&sample)[0], "alarm cpu has no action for ALARM");
    }
}
