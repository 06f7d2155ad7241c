//! Events to Trailkeep as they happen: a rule and a queue in each Region.

use serde_json::json;

use super::draft::{Draft, tag_map, tags};
use crate::check::Control;
use crate::desired::messages;
use crate::value::Json;

/// A rule on the default bus hands what CloudTrail tells it to a queue that Trailkeep reads. Rules send
/// to queues of their own Region only.
pub(super) fn write(draft: &mut Draft<'_>) {
    if !draft.settings.live_events {
        return;
    }
    let name = draft.site.live_events();
    for region in &draft.global.account.regions.clone() {
        let Some(place) = draft.inventory.place(&draft.site.account, region) else { continue };
        let Ok(rules) = place.list("events:ListRules", "Rules") else { continue };
        let site = draft.site.in_region(region);
        let rule_arn = messages::live_rule_arn(&site);
        let there = rules.iter().any(|rule| rule.text("Name") == Some(name));
        let has_target = there
            && place
                .list_for("events:ListTargetsByRule", &rule_arn, "Targets")
                .is_ok_and(|targets| !targets.is_empty());
        if has_target {
            continue;
        }
        let queue = messages::live_queue_arn(&site);
        let mut step = draft.step(
            region,
            "live-events",
            Control::Central,
            "Hand events to Trailkeep as they happen (rule and queue)",
        );
        step.resource(rule_arn);
        step.call(
            "sqs:CreateQueue",
            json!({"QueueName": name, "Attributes": messages::queue_attributes(&site), "tags": tag_map()}),
        );
        if !there {
            step.call(
                "events:PutRule",
                json!({
                    "Name": name, "EventPattern": messages::live_pattern().to_string(), "State": "ENABLED",
                    "Description": "CloudTrail events for Trailkeep", "Tags": tags(),
                }),
            );
        }
        step.call("events:PutTargets", json!({"Rule": name, "Targets": [{"Id": "trailkeep", "Arn": queue}]}));
        step.words(
            "target, rule and queue are deleted, with the messages in it",
            "none; the queue keeps messages that nobody reads for 14 days",
            "0.40 USD for a million events",
            "events:ListTargetsByRule gives the queue; sqs:GetQueueAttributes gives its policy",
        );
        draft.add(step);
    }
}
