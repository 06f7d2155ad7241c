//! The topic that alarms publish to, and who is told.

use serde_json::{Value, json};

use super::alerts::{self, Spot};
use super::draft::{Draft, tags};
use super::key::Key;
use crate::check::Control;
use crate::desired::{Merge, document, merge, messages};
use crate::value::Json;

/// The topic, where alarms want it or where it is already; and a subscription for each who is to be told.
pub(super) fn write(draft: &mut Draft<'_>, spot: &Spot, key: Option<&Key>) {
    let site = draft.site.clone();
    let arn = site.topic_arn();
    let Ok(topics) = draft.home.list("sns:ListTopics", "Topics") else { return };
    let there = topics.iter().any(|topic| topic.text("TopicArn") == Some(&arn));
    if !there && alerts::missing(draft, spot).is_empty() {
        return;
    }
    let statements = messages::topic_statements(&site, &arn);
    let title = match there {
        false => format!("Make the topic {} for alarms", site.topic()),
        true => format!("Complete the topic {}", site.topic()),
    };
    let mut step = draft.step(&site.region, "topic", Control::Alarms, title);
    step.resource(arn.clone());
    if there {
        let Ok(Some(output)) = draft.home.get_for("sns:GetTopicAttributes", &arn) else { return };
        if let Merge::New(policy) = merge(output.text("Attributes.Policy"), &statements) {
            let input = json!({"TopicArn": arn, "AttributeName": "Policy", "AttributeValue": policy});
            step.call("sns:SetTopicAttributes", input);
        }
    } else {
        let mut attributes = json!({"Policy": document(&statements)});
        if let Some(key) = key.filter(|key| key.is_ready) {
            attributes["KmsMasterKeyId"] = json!(key.arn);
            step.needs(key.step.clone());
        }
        step.call("sns:CreateTopic", json!({"Name": site.topic(), "Attributes": attributes, "Tags": tags()}));
    }
    let Ok(subscribed) = subscriptions(draft, &arn, there) else { return };
    for notify in &draft.settings.notify {
        let told = |item: &&Value| {
            item.text("Protocol") == Some(&notify.protocol) && item.text("Endpoint") == Some(&notify.endpoint)
        };
        if !subscribed.iter().any(|item| told(&item)) {
            step.call(
                "sns:Subscribe",
                json!({
                    "TopicArn": arn, "Protocol": notify.protocol, "Endpoint": notify.endpoint,
                    "ReturnSubscriptionArn": true,
                }),
            );
        }
    }
    step.words(
        "subscriptions and topic are deleted",
        "whoever is to be told by mail gets one and must follow its link",
        "cents a month",
        "sns:GetTopicAttributes and sns:ListSubscriptionsByTopic give what was set",
    );
    draft.add(step);
    if subscribed.is_empty() && draft.settings.notify.is_empty() {
        for alert in crate::desired::alerts::ALERTS {
            draft.note(alert.check, "nobody is subscribed to the topic; say who is to be told with --notify");
        }
    }
}

fn subscriptions<'a>(draft: &Draft<'a>, arn: &str, there: bool) -> Result<&'a [Value], crate::Unknown> {
    match there {
        true => draft.home.list_for("sns:ListSubscriptionsByTopic", arn, "Subscriptions"),
        false => Ok(&[]),
    }
}
