//! Topics and subscriptions.

use serde_json::{Value, json};
use trailkeep_aws::api::services::sns;

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, never, same_document};
use crate::value::Json;

const GONE: &[&str] = &["NotFound", "NotFoundException"];

/// SNS tells topics by ARN, and those of the Region are listed by it.
const TOPIC: Read = Read {
    operation: &sns::LIST_TOPICS,
    input: |_| Some(json!({})),
    state: |call, output| {
        let end = format!(":{}", call.input.text("Name")?);
        let mut topics = output.items("Topics").iter();
        topics.find(|topic| topic.text("TopicArn").is_some_and(|arn| arn.ends_with(&end))).cloned()
    },
    absent: &[],
    empty: &[],
};

pub(super) static EFFECTS: [Effect; 3] = [
    Effect {
        operation: &sns::CREATE_TOPIC,
        subject: |input| format!("topic {}", input.text("Name").unwrap_or_default()),
        read: TOPIC,
        holds: |_, state| state.is_some(),
        kind: Kind::Makes {
            delete: |_, state| vec![Undo::new(&sns::DELETE_TOPIC, json!({"TopicArn": state["TopicArn"]}))],
            in_use: None,
            in_use_codes: &[],
            adopts: false,
        },
        refused: never,
        settles: &["KMSNotFound", "KMSAccessDenied", "InvalidParameter"],
    },
    Effect {
        operation: &sns::SET_TOPIC_ATTRIBUTES,
        subject: |input| format!("policy of {}", input.text("TopicArn").unwrap_or_default()),
        read: Read {
            operation: &sns::GET_TOPIC_ATTRIBUTES,
            input: about,
            state: |call, output| {
                let name = call.input.text("AttributeName")?;
                Some(json!({"Value": output.at("Attributes")?.get(name)?}))
            },
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| {
            state.is_some_and(|state| same_document(state.text("Value"), call.input.text("AttributeValue")))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let value = former.and_then(|former| former.text("Value")).unwrap_or_default();
                let mut input = call.input.clone();
                input["AttributeValue"] = json!(value);
                vec![Undo::new(&sns::SET_TOPIC_ATTRIBUTES, input)]
            },
        },
        refused: never,
        settles: &["InvalidParameter"],
    },
    Effect {
        operation: &sns::SUBSCRIBE,
        subject: |input| format!("subscription of {}", input.text("Endpoint").unwrap_or_default()),
        read: Read {
            operation: &sns::LIST_SUBSCRIPTIONS_BY_TOPIC,
            input: about,
            state: |call, output| {
                let is_it = |item: &&Value| {
                    ["Protocol", "Endpoint"].iter().all(|name| item.text(name) == call.input.text(name))
                };
                output.items("Subscriptions").iter().find(is_it).cloned()
            },
            absent: GONE,
            empty: &[],
        },
        holds: |_, state| state.is_some(),
        kind: Kind::Makes {
            // One that nobody has confirmed has no ARN; it goes with its topic, or after three days.
            delete: |_, state| match state.text("SubscriptionArn") {
                Some(arn) if arn.starts_with("arn:") => {
                    vec![Undo::new(&sns::UNSUBSCRIBE, json!({"SubscriptionArn": arn}))]
                }
                _ => Vec::new(),
            },
            in_use: None,
            in_use_codes: &[],
            adopts: true,
        },
        refused: never,
        settles: GONE,
    },
];

#[allow(clippy::unnecessary_wraps, reason = "as Read has it")]
fn about(call: &Call<'_>) -> Option<Value> {
    Some(json!({"TopicArn": call.input["TopicArn"]}))
}
