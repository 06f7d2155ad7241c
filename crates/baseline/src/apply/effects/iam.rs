//! The roles of the trail and of services.

use serde_json::{Value, json};
use trailkeep_aws::api::services::iam;

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, never, same_document};
use crate::desired::TAG;
use crate::value::Json;

const ABSENT: &[&str] = &["NoSuchEntity", "NoSuchEntityException"];

pub(super) static EFFECTS: [Effect; 3] = [
    Effect {
        operation: &iam::CREATE_ROLE,
        subject,
        read: Read {
            operation: &iam::GET_ROLE,
            input: |call| Some(json!({"RoleName": call.input["RoleName"]})),
            state: |_, output| output.at("Role").cloned(),
            absent: ABSENT,
            empty: &[],
        },
        holds: |call, state| {
            let Some(state) = state else { return false };
            let mut tags = state.items("Tags").iter().filter(|tag| tag.text("Key") == Some(TAG));
            let is_ours = tags.all(|tag| tag.text("Value") == Some(call.run) || call.output.is_none());
            let trust = document(state.at("AssumeRolePolicyDocument"));
            is_ours && same_document(trust.as_deref(), call.input.text("AssumeRolePolicyDocument"))
        },
        kind: Kind::Makes {
            delete: |call, _| vec![Undo::new(&iam::DELETE_ROLE, json!({"RoleName": call.input["RoleName"]}))],
            in_use: None,
            // Somebody has attached another policy to it.
            in_use_codes: &["DeleteConflict"],
            adopts: true,
        },
        refused: never,
        settles: &[],
    },
    Effect {
        operation: &iam::PUT_ROLE_POLICY,
        subject: |input, _| format!("policy of {}", subject(input, None)),
        read: Read {
            operation: &iam::GET_ROLE_POLICY,
            input: about_policy,
            state: policy,
            absent: ABSENT,
            empty: &[],
        },
        holds: |call, state| {
            let there = state.and_then(|state| state.text("PolicyDocument"));
            there.is_some() && same_document(there, call.input.text("PolicyDocument"))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let mut input =
                    json!({"RoleName": call.input["RoleName"], "PolicyName": call.input["PolicyName"]});
                match former {
                    Some(former) => {
                        input["PolicyDocument"] = former["PolicyDocument"].clone();
                        vec![Undo::new(&iam::PUT_ROLE_POLICY, input)]
                    }
                    None => vec![Undo::new(&iam::DELETE_ROLE_POLICY, input)],
                }
            },
        },
        refused: never,
        settles: ABSENT,
    },
    Effect {
        operation: &iam::CREATE_SERVICE_LINKED_ROLE,
        subject: |input, _| format!("role of {}", input.text("AWSServiceName").unwrap_or_default()),
        read: Read {
            operation: &iam::GET_ROLE,
            input: |call| {
                let made = call.output.and_then(|output| output.text("Role.RoleName"));
                let role = made.or_else(|| linked_role(call.input.text("AWSServiceName")?))?;
                Some(json!({"RoleName": role}))
            },
            state: |_, output| output.at("Role").cloned(),
            absent: ABSENT,
            empty: &[],
        },
        holds: |_, state| state.is_some(),
        kind: Kind::Makes {
            delete: |_, state| {
                vec![Undo::new(&iam::DELETE_SERVICE_LINKED_ROLE, json!({"RoleName": state["RoleName"]}))]
            },
            in_use: None,
            in_use_codes: &["DeleteConflict"],
            // It is the same whoever made it.
            adopts: true,
        },
        refused: never,
        settles: &[],
    },
];

/// The name of the role that AWS makes for a service.
fn linked_role(service: &str) -> Option<&'static str> {
    (service == "config.amazonaws.com").then_some("AWSServiceRoleForConfig")
}

fn subject(input: &Value, _: Option<&Value>) -> String {
    format!("role {}", input.text("RoleName").unwrap_or_default())
}

#[allow(clippy::unnecessary_wraps, reason = "as Read has it")]
fn about_policy(call: &Call<'_>) -> Option<Value> {
    Some(json!({"RoleName": call.input["RoleName"], "PolicyName": call.input["PolicyName"]}))
}

fn policy(_: &Call<'_>, output: &Value) -> Option<Value> {
    let text = document(output.at("PolicyDocument"))?;
    Some(json!({"PolicyDocument": text}))
}

/// IAM gives policies URL-encoded; some of its doubles give the document itself.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>
fn document(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if text.trim_start().starts_with('{') => Some(text.clone()),
        Value::String(text) => decoded(text),
        other => Some(other.to_string()),
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_however_they_are_written() {
        for text in ["{\"a\":\"b c\"}", "%7B%22a%22%3A%22b+c%22%7D", "%7b%22a%22%3a%22b%20c%22%7d"] {
            assert_eq!(document(Some(&json!(text))).as_deref(), Some("{\"a\":\"b c\"}"));
        }
        assert_eq!(document(Some(&json!({"a": 1}))).as_deref(), Some("{\"a\":1}"));
        for bad in ["%7", "%zz", "%ff"] {
            assert_eq!(document(Some(&json!(bad))), None, "{bad}");
        }
    }
}
