//! Keys.

use serde_json::{Value, json};
use trailkeep_aws::api::services::kms;

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, never, same_document};
use crate::value::Json;

const DELETION_DAYS: u32 = 30;

pub(super) static EFFECTS: [Effect; 4] = [
    Effect {
        operation: &kms::CREATE_KEY,
        subject: |_| "a new key".to_owned(),
        read: Read {
            operation: &kms::DESCRIBE_KEY,
            // A key has no name before it is made.
            input: |call| Some(json!({"KeyId": call.output?.text("KeyMetadata.Arn")?})),
            state: |_, output| {
                let metadata = output.at("KeyMetadata")?;
                (metadata.text("KeyState") != Some("PendingDeletion")).then(|| metadata.clone())
            },
            absent: &["NotFoundException"],
            empty: &[],
        },
        holds: |_, state| state.is_some_and(|state| state.text("KeyState") == Some("Enabled")),
        kind: Kind::Makes {
            delete: |_, state| {
                let input = json!({"KeyId": state["Arn"], "PendingWindowInDays": DELETION_DAYS});
                vec![Undo::new(&kms::SCHEDULE_KEY_DELETION, input)]
            },
            in_use: None,
            in_use_codes: &[],
            adopts: false,
        },
        refused: never,
        settles: &[],
    },
    Effect {
        operation: &kms::ENABLE_KEY_ROTATION,
        subject,
        read: Read {
            operation: &kms::GET_KEY_ROTATION_STATUS,
            input: about,
            state: |_, output| output.flag("KeyRotationEnabled").then(|| output.clone()),
            absent: &["NotFoundException"],
            empty: &[],
        },
        holds: |_, state| state.is_some(),
        kind: Kind::Sets {
            restore: |call, former| match former {
                Some(_) => Vec::new(),
                None => vec![Undo::new(&kms::DISABLE_KEY_ROTATION, json!({"KeyId": call.input["KeyId"]}))],
            },
        },
        refused: never,
        settles: &["NotFoundException"],
    },
    Effect {
        operation: &kms::CREATE_ALIAS,
        subject: |input| format!("alias {}", input.text("AliasName").unwrap_or_default()),
        read: Read {
            operation: &kms::LIST_ALIASES,
            input: |_| Some(json!({})),
            state: |call, output| {
                let mut aliases = output.items("Aliases").iter();
                aliases.find(|item| item.text("AliasName") == call.input.text("AliasName")).cloned()
            },
            absent: &[],
            empty: &[],
        },
        holds: |call, state| {
            let target = call.input.text("TargetKeyId").unwrap_or_default();
            state.and_then(|state| state.text("TargetKeyId")).is_some_and(|id| target.ends_with(id))
        },
        kind: Kind::Makes {
            delete: |call, _| {
                vec![Undo::new(&kms::DELETE_ALIAS, json!({"AliasName": call.input["AliasName"]}))]
            },
            in_use: None,
            in_use_codes: &[],
            adopts: false,
        },
        refused: never,
        settles: &["NotFoundException"],
    },
    Effect {
        operation: &kms::PUT_KEY_POLICY,
        subject,
        read: Read {
            operation: &kms::GET_KEY_POLICY,
            input: |call| Some(json!({"KeyId": call.input["KeyId"], "PolicyName": "default"})),
            state: |_, output| Some(output.clone()),
            absent: &["NotFoundException"],
            empty: &[],
        },
        holds: |call, state| {
            state.is_some_and(|state| same_document(state.text("Policy"), call.input.text("Policy")))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let Some(policy) = former.and_then(|former| former.text("Policy")) else { return Vec::new() };
                let input = json!({"KeyId": call.input["KeyId"], "PolicyName": "default", "Policy": policy});
                vec![Undo::new(&kms::PUT_KEY_POLICY, input)]
            },
        },
        refused: never,
        settles: &["MalformedPolicyDocumentException"],
    },
];

fn subject(input: &Value) -> String {
    format!("key {}", input.text("KeyId").unwrap_or_default())
}

#[allow(clippy::unnecessary_wraps, reason = "as Read has it")]
fn about(call: &Call<'_>) -> Option<Value> {
    Some(json!({"KeyId": call.input["KeyId"]}))
}
