//! Security Hub and GuardDuty.

use serde_json::json;
use trailkeep_aws::api::services::{guardduty, securityhub};

use crate::apply::effect::{Effect, Kind, Read, Undo, never, whole};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 3] = [
    Effect {
        operation: &securityhub::ENABLE_SECURITY_HUB,
        subject: |_, _| "Security Hub".to_owned(),
        read: Read {
            operation: &securityhub::DESCRIBE_HUB,
            input: |_| Some(json!({})),
            state: whole,
            absent: &["InvalidAccessException", "ResourceNotFoundException"],
            empty: &[],
        },
        holds: |_, state| state.is_some(),
        kind: Kind::Makes {
            delete: |_, _| vec![Undo::new(&securityhub::DISABLE_SECURITY_HUB, json!({}))],
            in_use: None,
            // An administrator's account looks after it by now.
            in_use_codes: &["InvalidAccessException"],
            adopts: true,
        },
        refused: never,
        settles: &[],
    },
    Effect {
        operation: &guardduty::CREATE_DETECTOR,
        subject: |_, _| "GuardDuty detector".to_owned(),
        read: Read {
            operation: &guardduty::LIST_DETECTORS,
            input: |_| Some(json!({})),
            state: |call, output| {
                let made = call.output.and_then(|output| output.text("DetectorId"));
                let ids = output.texts("DetectorIds");
                let id = ids.into_iter().find(|id| made.is_none_or(|made| made == *id))?;
                Some(json!({"DetectorId": id}))
            },
            absent: &[],
            empty: &[],
        },
        holds: |_, state| state.is_some(),
        kind: Kind::Makes {
            delete: |_, state| {
                let input = json!({"DetectorId": state["DetectorId"]});
                vec![Undo::new(&guardduty::DELETE_DETECTOR, input)]
            },
            in_use: None,
            in_use_codes: &["BadRequestException"],
            adopts: false,
        },
        refused: never,
        settles: &[],
    },
    Effect {
        operation: &guardduty::UPDATE_DETECTOR,
        subject: |input, _| format!("detector {}", input.text("DetectorId").unwrap_or_default()),
        read: Read {
            operation: &guardduty::GET_DETECTOR,
            input: |call| Some(json!({"DetectorId": call.input["DetectorId"]})),
            state: |_, output| Some(json!({"Status": output.at("Status")?})),
            absent: &[],
            empty: &[],
        },
        holds: |call, state| {
            state.is_some_and(|state| (state.text("Status") == Some("ENABLED")) == call.input.flag("Enable"))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let was_on = former.and_then(|former| former.text("Status")) == Some("ENABLED");
                let input = json!({"DetectorId": call.input["DetectorId"], "Enable": was_on});
                vec![Undo::new(&guardduty::UPDATE_DETECTOR, input)]
            },
        },
        refused: never,
        settles: &[],
    },
];
