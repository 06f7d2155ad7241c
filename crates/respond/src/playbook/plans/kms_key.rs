//! Keys: a deletion that was scheduled is cancelled, a key that was disabled enabled.

use serde_json::json;
use trailkeep_baseline::Json;

use crate::playbook::event::{Event, integer, text};
use crate::playbook::facets::kms::KEY;
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy, part};

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "kms-key",
    title: "Key disabled, or its deletion scheduled",
    events: &[("kms.amazonaws.com", "ScheduleKeyDeletion"), ("kms.amazonaws.com", "DisableKey")],
    prior: "the event; a key that was last seen disabled stays so",
    needs: |event| key(event).map(|key| Need::new(&KEY, key)).into_iter().collect(),
    plan: |event, priors| plan(event, priors).into_iter().collect(),
    sets: &[&KEY],
};

/// The key's id, of an id or an ARN.
fn key(event: &Event) -> Option<String> {
    let named = text(&event.request, "keyId").or_else(|| text(&event.response, "keyId"))?;
    Some(named.rsplit('/').next().unwrap_or(&named).to_owned())
}

fn plan(event: &Event, priors: &Priors) -> Option<Draft> {
    let key = key(event)?;
    let known =
        priors.get(&KEY, &key).and_then(|parts| parts.get("Key")?.text("KeyState").map(str::to_owned));
    let was = match known.as_deref() {
        // Deletion was scheduled already, or the key cannot be used for reasons of its own.
        Some("Disabled") => "Disabled",
        Some(state) if state != "Enabled" => return None,
        _ => "Enabled",
    };
    let (made, said) = if event.name == "DisableKey" {
        (json!({"KeyState": "Disabled"}), format!("disabled key {key}"))
    } else {
        let days = integer(&event.request, "pendingWindowInDays").unwrap_or(30);
        let made = json!({"KeyState": "PendingDeletion", "PendingWindowInDays": days});
        (made, format!("scheduled key {key} for deletion in {days} days"))
    };
    if made.text("KeyState") == Some(was) {
        return None;
    }
    let remedy = Remedy::put_back(&KEY, &key, part("Key", made), part("Key", json!({"KeyState": was})));
    Some(Draft::new(&key, said, remedy))
}
