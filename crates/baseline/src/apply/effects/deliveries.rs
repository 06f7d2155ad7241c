//! Vended log deliveries of CloudWatch Logs.

use serde_json::{Value, json};
use trailkeep_aws::api::services::logs;

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, never};
use crate::value::Json;

const GONE: &[&str] = &["ResourceNotFoundException"];

pub(super) static EFFECTS: [Effect; 3] = [
    Effect {
        operation: &logs::PUT_DELIVERY_SOURCE,
        subject: |input, _| format!("delivery source {}", input.text("name").unwrap_or_default()),
        read: Read {
            operation: &logs::DESCRIBE_DELIVERY_SOURCES,
            input: |_| Some(json!({})),
            state: |call, output| named(call, output, "deliverySources"),
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| {
            state.is_some_and(|state| {
                state.text("logType") == call.input.text("logType")
                    && call
                        .input
                        .text("resourceArn")
                        .is_some_and(|arn| state.texts("resourceArns").contains(&arn))
            })
        },
        kind: Kind::Makes {
            delete: |call, _| {
                vec![Undo::new(&logs::DELETE_DELIVERY_SOURCE, json!({"name": call.input["name"]}))]
            },
            in_use: None,
            in_use_codes: &["ConflictException"],
            adopts: true,
        },
        refused: never,
        settles: &["ServiceUnavailableException"],
    },
    Effect {
        operation: &logs::PUT_DELIVERY_DESTINATION,
        subject: |input, _| format!("delivery destination {}", input.text("name").unwrap_or_default()),
        read: Read {
            operation: &logs::DESCRIBE_DELIVERY_DESTINATIONS,
            input: |_| Some(json!({})),
            state: |call, output| named(call, output, "deliveryDestinations"),
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| {
            let path = "deliveryDestinationConfiguration.destinationResourceArn";
            state.is_some_and(|state| state.text(path) == call.input.text(path))
        },
        kind: Kind::Makes {
            delete: |call, _| {
                vec![Undo::new(&logs::DELETE_DELIVERY_DESTINATION, json!({"name": call.input["name"]}))]
            },
            in_use: None,
            in_use_codes: &["ConflictException"],
            adopts: true,
        },
        refused: never,
        settles: &["ServiceUnavailableException"],
    },
    Effect {
        operation: &logs::CREATE_DELIVERY,
        subject: |input, _| format!("delivery of {}", input.text("deliverySourceName").unwrap_or_default()),
        read: Read {
            operation: &logs::DESCRIBE_DELIVERIES,
            input: |_| Some(json!({})),
            state: |call, output| {
                let same = |delivery: &&Value| {
                    ["deliverySourceName", "deliveryDestinationArn"]
                        .iter()
                        .all(|member| delivery.text(member) == call.input.text(member))
                };
                output.items("deliveries").iter().find(same).cloned()
            },
            absent: GONE,
            empty: &[],
        },
        holds: |_, state| state.is_some(),
        kind: Kind::Makes {
            delete: |_, state| vec![Undo::new(&logs::DELETE_DELIVERY, json!({"id": state["id"]}))],
            in_use: None,
            in_use_codes: &[],
            adopts: true,
        },
        refused: never,
        // The bucket's policy, or the source made just before, may not be known everywhere yet.
        settles: &["ServiceUnavailableException", "ResourceNotFoundException", "ConflictException"],
    },
];

fn named(call: &Call<'_>, output: &Value, list: &str) -> Option<Value> {
    output.items(list).iter().find(|item| item.text("name") == call.input.text("name")).cloned()
}
