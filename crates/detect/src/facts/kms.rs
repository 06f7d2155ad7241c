//! Keys: who may use them.
//! Source: AWS KMS API reference.

use sonic_rs::Value;

use super::policy::grants_of;
use super::{Fact, Facts, Family, and_list, event_name, request};
use crate::{json, words};

pub(super) static FAMILY: Family = Family {
    prefix: "kms",
    sources: &["kms.amazonaws.com"],
    events: &[
        "DisableKey",
        "ScheduleKeyDeletion",
        "PutKeyPolicy",
        "CreateKey",
        "DisableKeyRotation",
        "CancelKeyDeletion",
    ],
    facts: &[
        ("kms.key_id", "the key's id or ARN"),
        ("kms.waiting_days", "days until the key is deleted"),
        ("kms.policy_public", "the key policy lets everybody use the key"),
        ("kms.grants_accounts", "other accounts that the key policy names"),
    ],
    derive,
};

fn derive(record: &Value, facts: &mut Facts) {
    let name = event_name(record);
    let asked = request(record);
    let key = json::text(asked, &["keyId"]);
    facts.text("kms.key_id", key);
    let target = key.unwrap_or("a key").to_owned();
    facts.summary = Some(match name {
        "DisableKey" => format!("disabled key {target}"),
        "ScheduleKeyDeletion" => {
            let days = json::member(asked, "pendingWindowInDays").and_then(json::integer).unwrap_or(30);
            facts.set("kms.waiting_days", Fact::Int(days));
            format!("scheduled key {target} for deletion in {days} days")
        }
        "PutKeyPolicy" | "CreateKey" => {
            let grants = json::member(asked, "policy").map(grants_of).unwrap_or_default();
            let own = json::text(record, &["recipientAccountId"]).unwrap_or_default();
            let others: Vec<String> = grants.accounts.into_iter().filter(|account| account != own).collect();
            facts.flag("kms.policy_public", grants.public);
            let words = match (grants.public, others.is_empty()) {
                (true, _) => format!("let everybody use key {target}"),
                (false, false) => format!("let account {} use key {target}", and_list(&others, 3)),
                (false, true) => words::in_words(name, Some(&target)),
            };
            facts.texts("kms.grants_accounts", others);
            words
        }
        _ => words::in_words(name, Some(&target)),
    });
}

#[cfg(test)]
mod tests {
    use super::super::derive;
    use super::*;

    #[test]
    fn a_key_for_everybody() {
        let record = r#"{"eventSource":"kms.amazonaws.com","eventName":"PutKeyPolicy","recipientAccountId":"111111111111","requestParameters":{"keyId":"k","policyName":"default","policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"}}"#;
        let facts = derive(&json::parse(record).unwrap());
        assert_eq!(facts.get("kms.policy_public"), Some(&Fact::Bool(true)));
        assert_eq!(facts.summary.as_deref(), Some("let everybody use key k"));
    }

    #[test]
    fn deletion_says_when() {
        let record = r#"{"eventSource":"kms.amazonaws.com","eventName":"ScheduleKeyDeletion","requestParameters":{"keyId":"k","pendingWindowInDays":7}}"#;
        let facts = derive(&json::parse(record).unwrap());
        assert_eq!(facts.summary.as_deref(), Some("scheduled key k for deletion in 7 days"));
    }
}
