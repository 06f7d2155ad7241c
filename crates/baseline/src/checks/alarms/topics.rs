//! Topics that alarms and rules send to have somebody at the other end.

use std::collections::BTreeMap;

use serde_json::json;

use super::alarms;
use crate::alert_path::{confirmed_subscriptions, topic_is_gone, topic_name};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "alarm-topic-confirmed",
    control: Control::Alarms,
    title: "Topics of alarms have a confirmed subscription",
    severity: Severity::High,
    why: "Until the mail that asks for it is answered, a subscription gets nothing; the alarm's action \
          succeeds all the same. \
          https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html",
    expected: "at least one subscription that somebody confirmed",
    remediation: "aws sns subscribe --region REGION --topic-arn TOPIC_ARN --protocol email --notification-endpoint \
                  YOU@EXAMPLE.COM   # then follow the link in the mail",
    fix_calls: &["sns:Subscribe", "sns:ConfirmSubscription"],
    frameworks: Frameworks {
        nist_800_53: &["AU-6(1)", "IR-4(1)", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let judged = used_topics(place)?.into_iter().map(|(arn, users)| judge(place, arn, &users));
        Ok(judged.collect())
    })
}

/// The topics that alarms and rules of the Region send to, and what sends to each.
fn used_topics<'a>(place: Place<'a>) -> Result<BTreeMap<&'a str, Vec<String>>, Unknown> {
    let mut used: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut add = |arn: &'a str, user: String| {
        if arn.split(':').nth(2) == Some("sns") {
            used.entry(arn).or_default().push(user);
        }
    };
    for alarm in alarms(place)? {
        for action in
            ["AlarmActions", "OKActions", "InsufficientDataActions"].into_iter().flat_map(|a| alarm.texts(a))
        {
            add(action, format!("alarm {}", super::name(alarm)));
        }
    }
    for (rule, targets) in place.each("events:ListTargetsByRule") {
        // A rule whose targets are refused is told by the check of rules.
        for target in targets.ok().flatten().into_iter().flat_map(|output| output.items("Targets")) {
            add(
                target.text("Arn").unwrap_or_default(),
                format!("rule {}", rule.rsplit('/').next().unwrap_or(rule)),
            );
        }
    }
    Ok(used)
}

fn judge(place: Place<'_>, arn: &str, users: &[String]) -> Verdict {
    let name = topic_name(arn);
    let confirmed = match confirmed_subscriptions(place.inventory, arn) {
        Ok(confirmed) => confirmed,
        Err(unknown) => return Verdict::unknown(place, arn, &unknown),
    };
    let mut users = users.to_vec();
    users.dedup();
    let used = match users.as_slice() {
        [first] => first.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        [] => String::new(),
    };
    let observed = match confirmed.len() {
        _ if place.inventory.place_of(arn).is_some_and(|home| topic_is_gone(home, arn)) => {
            format!("topic {name}, which {used} sends to, does not exist")
        }
        0 => format!("nobody has confirmed a subscription to topic {name}, which {used} sends to"),
        1 => format!("1 subscription to topic {name} is confirmed"),
        count => format!("{count} subscriptions to topic {name} are confirmed"),
    };
    Verdict::of(!confirmed.is_empty(), place, arn, observed)
        .remediation(format!(
            "aws sns subscribe --region {} --topic-arn {arn} --protocol email --notification-endpoint \
             YOU@EXAMPLE.COM   # then follow the link in the mail",
            arn.split(':').nth(3).unwrap_or(place.region)
        ))
        .evidence(json!({"confirmed": confirmed.len(), "used_by": users}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, TOPIC, fails, passes, unknown};

    #[test]
    fn pending_and_deleted_subscriptions_do_not_count() {
        let mut sample = Sample::new();
        assert!(sample.run(&CHECK).is_empty(), "a topic that no alarm uses is not this check's");
        sample.add_alarm("cpu");
        passes(&sample, &CHECK, "1 subscription to topic alerts is confirmed");
        for state in ["PendingConfirmation", "Deleted"] {
            let subscriptions = sample.edit(HOME, "sns:ListSubscriptionsByTopic", TOPIC);
            subscriptions["Subscriptions"][0]["SubscriptionArn"] = json!(state);
            fails(
                &sample,
                &CHECK,
                "nobody has confirmed a subscription to topic alerts, which alarm cpu sends to",
            );
        }
        sample.deny(HOME, "sns:ListSubscriptionsByTopic", TOPIC);
        unknown(&sample, &CHECK, "sns:ListSubscriptionsByTopic");
    }

    #[test]
    fn topics_of_rules_count_too() {
        let mut sample = Sample::new();
        sample.add_rule(HOME, "findings", json!({"source": ["aws.guardduty"]}), TOPIC);
        passes(&sample, &CHECK, "is confirmed");
        sample.put(HOME, "sns:ListSubscriptionsByTopic", TOPIC, json!({"Subscriptions": []}));
        fails(&sample, &CHECK, "which rule findings sends to");
    }

    #[test]
    fn a_topic_that_is_gone_has_nobody() {
        let mut sample = Sample::new();
        sample.add_alarm("cpu");
        sample.alarm()["AlarmActions"] = json!(["arn:aws:sns:eu-west-1:111111111111:gone"]);
        fails(&sample, &CHECK, "topic gone, which alarm cpu sends to, does not exist");
    }
}
