//! AWS Config: recorder, delivery channel, and whether it records.

use serde_json::{Value, json};
use trailkeep_aws::api::services::config;

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, contains, never};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 3] = [
    Effect {
        operation: &config::PUT_CONFIGURATION_RECORDER,
        subject: |input, _| {
            format!("recorder {}", input.text("ConfigurationRecorder.name").unwrap_or_default())
        },
        read: Read {
            operation: &config::DESCRIBE_CONFIGURATION_RECORDERS,
            input: |_| Some(json!({})),
            state: |call, output| named(call, output, ("ConfigurationRecorder", "ConfigurationRecorders")),
            absent: &["NoSuchConfigurationRecorderException"],
            empty: &[],
        },
        holds: |call, state| state.is_some_and(|state| contains(state, &call.input["ConfigurationRecorder"])),
        kind: Kind::Makes {
            delete: |call, _| {
                let name = &call.input["ConfigurationRecorder"]["name"];
                let input = json!({"ConfigurationRecorderName": name});
                vec![Undo::new(&config::DELETE_CONFIGURATION_RECORDER, input)]
            },
            in_use: None,
            in_use_codes: &[],
            adopts: true,
        },
        refused: never,
        settles: &["InvalidRoleException"],
    },
    Effect {
        operation: &config::PUT_DELIVERY_CHANNEL,
        subject: |input, _| {
            format!("delivery channel {}", input.text("DeliveryChannel.name").unwrap_or_default())
        },
        read: Read {
            operation: &config::DESCRIBE_DELIVERY_CHANNELS,
            input: |_| Some(json!({})),
            state: |call, output| named(call, output, ("DeliveryChannel", "DeliveryChannels")),
            absent: &["NoSuchDeliveryChannelException"],
            empty: &[],
        },
        holds: |call, state| state.is_some_and(|state| contains(state, &call.input["DeliveryChannel"])),
        kind: Kind::Makes {
            delete: |call, _| {
                let input = json!({"DeliveryChannelName": call.input["DeliveryChannel"]["name"]});
                vec![Undo::new(&config::DELETE_DELIVERY_CHANNEL, input)]
            },
            in_use: None,
            // Somebody has started the recorder again.
            in_use_codes: &["LastDeliveryChannelDeleteFailedException"],
            adopts: true,
        },
        refused: never,
        settles: &["InsufficientDeliveryPolicyException", "NoSuchBucketException"],
    },
    Effect {
        operation: &config::START_CONFIGURATION_RECORDER,
        subject: |input, _| {
            format!("recording of {}", input.text("ConfigurationRecorderName").unwrap_or_default())
        },
        read: Read {
            operation: &config::DESCRIBE_CONFIGURATION_RECORDER_STATUS,
            input: |_| Some(json!({})),
            state: |call, output| {
                let mut all = output.items("ConfigurationRecordersStatus").iter();
                let name = call.input.text("ConfigurationRecorderName");
                let found = all.find(|status| status.text("name") == name)?;
                found.flag("recording").then(|| json!({"recording": true}))
            },
            absent: &["NoSuchConfigurationRecorderException"],
            empty: &[],
        },
        holds: |_, state| state.is_some(),
        kind: Kind::Sets {
            restore: |call, former| {
                if former.is_some() {
                    return Vec::new();
                }
                vec![Undo::new(&config::STOP_CONFIGURATION_RECORDER, call.input.clone())]
            },
        },
        refused: never,
        settles: &["NoAvailableDeliveryChannelException"],
    },
];

fn named(call: &Call<'_>, output: &Value, (member, list): (&str, &str)) -> Option<Value> {
    let name = call.input.text(&format!("{member}.name"));
    output.items(list).iter().find(|item| item.text("name") == name).cloned()
}
