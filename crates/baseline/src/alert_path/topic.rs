//! SNS topics: there, open to the sender, and with somebody who confirmed.

use serde_json::Value;

use super::allows::{self, Ask};
use super::path::{Hop, HopKind, Judged, Trouble, dead};
use super::target::{Sender, outside};
use crate::inventory::{Inventory, Place, Unknown};
use crate::value::Json;

/// The topic's name.
pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// The topic takes messages from the sender.
pub(super) fn takes(inventory: &Inventory, arn: &str, sender: &Sender<'_>) -> Judged {
    let label = format!("topic {}", name_of(arn));
    let Some(place) = inventory.place_of(arn) else {
        return Err(outside("sns:GetTopicAttributes", &label, arn));
    };
    if is_gone(place, arn) {
        return dead(format!("{label} does not exist"));
    }
    let Some(output) = place.get_for("sns:GetTopicAttributes", arn)? else {
        return dead(format!("{label} does not exist"));
    };
    let ask =
        Ask { policy: output.text("Attributes.Policy"), action: "sns:Publish", resource: arn, label: &label };
    let told = sender.to_topic();
    if let Err(refused) = allows::policy(&told, &ask) {
        return match (refused, allows::policy(sender, &ask)) {
            // It lets the source in that EventBridge does not name.
            (Trouble::Dead(why), Ok(())) => {
                dead(format!("{why}: a condition on the source never holds, as a topic is told of none"))
            }
            (refused, _) => Err(refused),
        };
    }
    allows::key(place, output.text("Attributes.KmsMasterKeyId"), &told.encrypting_for(arn), &label)
}

/// The topics of the Region are known, and this is none of them.
pub(crate) fn is_gone(place: Place<'_>, arn: &str) -> bool {
    let topics = place.list("sns:ListTopics", "Topics");
    topics.is_ok_and(|topics| !topics.iter().any(|topic| topic.text("TopicArn") == Some(arn)))
}

/// The subscriptions of the topic that were confirmed; a topic that is gone has none.
///
/// # Errors
/// [`Unknown`] when the topic is not part of the inventory or could not be asked.
pub(crate) fn confirmed<'a>(inventory: &'a Inventory, arn: &str) -> Result<Vec<&'a Value>, Unknown> {
    let call = "sns:ListSubscriptionsByTopic";
    let place = inventory.place_of(arn).ok_or_else(|| Unknown {
        call: call.to_owned(),
        missing_action: None,
        reason: format!("the account or Region of topic {arn} is not part of the inventory"),
    })?;
    if is_gone(place, arn) {
        return Ok(Vec::new());
    }
    let all = place.list_for(call, arn, "Subscriptions")?;
    Ok(all.iter().filter(|item| is_confirmed(item)).collect())
}

/// `SubscriptionArn` is an ARN, or says `PendingConfirmation` or `Deleted`.
fn is_confirmed(subscription: &Value) -> bool {
    subscription.text("SubscriptionArn").is_some_and(|arn| arn.starts_with("arn:"))
}

/// The hop behind the topic: who hears of what is published.
pub(super) fn subscribers(inventory: &Inventory, arn: &str) -> (Hop, Judged) {
    let label = format!("topic {}", name_of(arn));
    let confirmed = match confirmed(inventory, arn) {
        Ok(confirmed) => confirmed,
        Err(unknown) => return (Hop::new(HopKind::Subscription, "", ""), Err(unknown.into())),
    };
    let alive: Vec<&&Value> = confirmed.iter().filter(|item| !is_dead_end(inventory, item)).collect();
    match alive.first() {
        Some(first) => {
            let more = match alive.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let who = shown(first);
            (
                Hop::new(
                    HopKind::Subscription,
                    format!("{who}{more}"),
                    first.text("SubscriptionArn").unwrap_or_default(),
                ),
                Ok(()),
            )
        }
        None => {
            let hop = Hop::new(HopKind::Subscription, "", "");
            if let Some(gone) = confirmed.first() {
                return (
                    hop,
                    dead(format!("{label} has only a subscriber that does not exist ({})", shown(gone))),
                );
            }
            let all = place_list(inventory, arn).len();
            let why = if all == 0 { "has no subscription" } else { "has only unconfirmed subscriptions" };
            (hop, dead(format!("{label} {why}")))
        }
    }
}

fn place_list<'a>(inventory: &'a Inventory, arn: &str) -> &'a [Value] {
    let place = inventory.place_of(arn);
    place
        .and_then(|place| place.list_for("sns:ListSubscriptionsByTopic", arn, "Subscriptions").ok())
        .unwrap_or_default()
}

/// `email ops@example.com`; of HTTPS endpoints only the host, as their paths hold secrets.
fn shown(subscription: &Value) -> String {
    let protocol = subscription.text("Protocol").unwrap_or("unknown");
    let endpoint = subscription.text("Endpoint").unwrap_or_default();
    let endpoint = match protocol {
        "http" | "https" => endpoint.split('/').nth(2).unwrap_or_default(),
        "lambda" | "sqs" | "firehose" => endpoint.rsplit([':', '/']).next().unwrap_or(endpoint),
        _ => endpoint,
    };
    format!("{protocol} {endpoint}").trim_end().to_owned()
}

/// A function that the account's own list does not name any more.
fn is_dead_end(inventory: &Inventory, subscription: &Value) -> bool {
    let (Some("lambda"), Some(arn)) = (subscription.text("Protocol"), subscription.text("Endpoint")) else {
        return false;
    };
    inventory.place_of(arn).is_some_and(|place| function_exists(place, arn) == Ok(false))
}

/// The function of this ARN, of whatever version or alias, is in the account's list.
pub(super) fn function_exists(place: Place<'_>, arn: &str) -> Result<bool, Unknown> {
    let name = function_name(arn);
    let functions = place.list("lambda:ListFunctions", "Functions")?;
    Ok(functions.iter().any(|function| function.text("FunctionName") == Some(name)))
}

/// `arn:aws:lambda:eu-west-1:111111111111:function:NAME:ALIAS` → `NAME`.
pub(super) fn function_name(arn: &str) -> &str {
    arn.split(':').nth(6).unwrap_or(arn)
}
