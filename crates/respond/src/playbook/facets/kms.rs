//! Keys: whether they can be used. The subject is the key's id.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>

use serde_json::{Value, json};
use trailkeep_aws::api::services::kms;
use trailkeep_baseline::Json;

use crate::playbook::facet::{Call, Change, Context, Facet, Reading, pairs};
use crate::playbook::state::Parts;

const PART: &str = "Key";

/// A key's state.
pub(in crate::playbook) static KEY: Facet = Facet {
    absent: &["NotFoundException"],
    holds: |there, wanted| there.text("KeyState") == wanted.text("KeyState"),
    // A deletion that is cancelled leaves the key disabled.
    is_between: |there| there.text("KeyState") == Some("Disabled"),
    writes: &[&kms::CANCEL_KEY_DELETION, &kms::ENABLE_KEY, &kms::DISABLE_KEY, &kms::SCHEDULE_KEY_DELETION],
    calls,
    context: Some(&Reading {
        operation: &kms::LIST_RESOURCE_TAGS,
        input: |place| json!({"KeyId": place.subject}),
        absent: &["NotFoundException"],
        context: |output| Some(Context { vpc: None, tags: pairs(output.items("Tags")) }),
    }),
    ..Facet::reading(
        "kms-key",
        &kms::DESCRIBE_KEY,
        |key| json!({"KeyId": key}),
        |asked, output| {
            let key = output.text("KeyMetadata.KeyId").unwrap_or(asked);
            let state = output.at("KeyMetadata.KeyState").map(|state| json!({"KeyState": state}));
            let parts = state.map(|state| (PART.to_owned(), state));
            vec![(key.to_owned(), parts.into_iter().collect::<Parts>())]
        },
    )
};

fn calls(change: &Change<'_>) -> Vec<Call> {
    let state = |parts: &Parts| parts.get(PART).and_then(|key| key.text("KeyState").map(str::to_owned));
    let (Some(from), Some(to)) = (state(change.from), state(change.to)) else { return Vec::new() };
    let key = || json!({"KeyId": change.subject});
    let operations: &[_] = match (from.as_str(), to.as_str()) {
        ("PendingDeletion", "Enabled") => &[&kms::CANCEL_KEY_DELETION, &kms::ENABLE_KEY],
        ("PendingDeletion", "Disabled") => &[&kms::CANCEL_KEY_DELETION],
        ("Disabled", "Enabled") => &[&kms::ENABLE_KEY],
        ("Enabled", "Disabled") => &[&kms::DISABLE_KEY],
        ("Enabled" | "Disabled", "PendingDeletion") => {
            let days = change.to.get(PART).and_then(|key| key.at("PendingWindowInDays")).cloned();
            let input = json!({"KeyId": change.subject, "PendingWindowInDays": days.unwrap_or(Value::Null)});
            return vec![Call::new(&kms::SCHEDULE_KEY_DELETION, input)];
        }
        _ => &[],
    };
    operations.iter().map(|operation| Call::new(operation, key())).collect()
}
