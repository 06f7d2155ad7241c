//! The document as it is written down, answer by answer.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::Place;
use crate::org::{ACCOUNTS, REGIONS};

/// The Region under which answers of global services are kept.
const GLOBAL: &str = "global";

pub(super) struct Book {
    now: DateTime<Utc>,
    /// The attacker has been there.
    pub(super) attacked: bool,
    /// Account → Region → call → resource → answer.
    accounts: Map<String, Value>,
}

impl Book {
    pub(super) fn new(now: DateTime<Utc>, attacked: bool) -> Self {
        Self { now, attacked, accounts: Map::new() }
    }

    /// So many minutes before the inventory was collected.
    pub(super) fn ago(&self, minutes: i64) -> String {
        (self.now - TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// The answer to a call about the whole Region.
    pub(super) fn put(&mut self, place: Place, call: &str, output: Value) {
        self.put_for(place, call, "", output);
    }

    /// The answer to a call about one resource.
    pub(super) fn put_for(&mut self, place: Place, call: &str, resource: &str, output: Value) {
        self.write(place, place.name(), call, resource, json!({"output": output}));
    }

    /// The answer of a global service.
    pub(super) fn global(&mut self, place: Place, call: &str, output: Value) {
        self.global_for(place, call, "", output);
    }

    /// The answer of a global service about one resource.
    pub(super) fn global_for(&mut self, place: Place, call: &str, resource: &str, output: Value) {
        self.write(place, GLOBAL, call, resource, json!({"output": output}));
    }

    /// A global service says that there is none.
    pub(super) fn global_absent(&mut self, place: Place, call: &str, resource: &str, code: &str) {
        self.write(place, GLOBAL, call, resource, json!({"absent": code}));
    }

    /// The role may not ask.
    pub(super) fn denied(&mut self, place: Place, call: &str, action: &str) {
        let failure = json!({
            "code": "AccessDeniedException",
            "message": format!("User: arn:aws:sts::{}:assumed-role/trailkeep-check/trailkeep is not authorized to perform: {action}", place.id()),
            "missing_action": action,
        });
        self.write(place, place.name(), call, "", json!({"failed": failure}));
    }

    fn write(&mut self, place: Place, region: &str, call: &str, resource: &str, answer: Value) {
        let account = self.accounts.entry(place.id()).or_insert_with(|| {
            json!({"id": place.id(), "name": ACCOUNTS[place.account].name, "regions": REGIONS, "answers": {}})
        });
        account["answers"][region][call][resource] = answer;
    }

    pub(super) fn finish(self) -> Value {
        json!({
            "schema": 1,
            "collected_at": self.now.to_rfc3339_opts(SecondsFormat::Secs, true),
            "accounts": self.accounts,
        })
    }
}
