//! Log groups, metric filters and resource policies.

use serde_json::{Value, json};
use trailkeep_aws::api::services::logs;

use crate::apply::effect::{Effect, Kind, Read, Undo, contains, never, same_document};
use crate::value::Json;

const GONE: &[&str] = &["ResourceNotFoundException"];
const NEW: &[&str] = &["ResourceNotFoundException", "OperationAbortedException"];

/// The log group of the call, by its exact name.
const GROUP: Read = Read {
    operation: &logs::DESCRIBE_LOG_GROUPS,
    input: |call| Some(json!({"logGroupNamePrefix": call.input["logGroupName"]})),
    state: |call, output| {
        let mut groups = output.items("logGroups").iter();
        groups.find(|group| group.text("logGroupName") == call.input.text("logGroupName")).cloned()
    },
    absent: GONE,
    empty: &[],
};

pub(super) static EFFECTS: [Effect; 5] = [
    Effect {
        operation: &logs::CREATE_LOG_GROUP,
        subject,
        read: GROUP,
        holds: |call, state| {
            // CloudWatch Logs may give the key a moment later.
            let Some(state) = state else { return false };
            state.text("kmsKeyId").is_none_or(|key| Some(key) == call.input.text("kmsKeyId"))
        },
        kind: Kind::Makes {
            delete: |call, _| {
                vec![Undo::new(&logs::DELETE_LOG_GROUP, json!({"logGroupName": call.input["logGroupName"]}))]
            },
            in_use: Some(Read {
                operation: &logs::DESCRIBE_LOG_STREAMS,
                input: |call| Some(json!({"logGroupName": call.input["logGroupName"], "limit": 1})),
                state: |_, output| output.items("logStreams").first().cloned(),
                absent: GONE,
                empty: &[],
            }),
            in_use_codes: &[],
            adopts: false,
        },
        refused: never,
        // The key's policy may not be known everywhere yet.
        settles: &["OperationAbortedException", "InvalidParameterException"],
    },
    Effect {
        operation: &logs::PUT_RETENTION_POLICY,
        subject,
        read: GROUP,
        holds: |call, state| {
            state.is_some_and(|state| state.int("retentionInDays") == call.input.int("retentionInDays"))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let mut input = json!({"logGroupName": call.input["logGroupName"]});
                match former.and_then(|former| former.int("retentionInDays")) {
                    Some(days) => {
                        input["retentionInDays"] = json!(days);
                        vec![Undo::new(&logs::PUT_RETENTION_POLICY, input)]
                    }
                    None => vec![Undo::new(&logs::DELETE_RETENTION_POLICY, input)],
                }
            },
        },
        refused: never,
        settles: NEW,
    },
    Effect {
        operation: &logs::ASSOCIATE_KMS_KEY,
        subject,
        read: GROUP,
        holds: |call, state| state.is_some_and(|state| state.text("kmsKeyId") == call.input.text("kmsKeyId")),
        kind: Kind::Sets {
            restore: |call, former| {
                let name = &call.input["logGroupName"];
                match former.and_then(|former| former.text("kmsKeyId")) {
                    Some(key) => {
                        let input = json!({"logGroupName": name, "kmsKeyId": key});
                        vec![Undo::new(&logs::ASSOCIATE_KMS_KEY, input)]
                    }
                    None => vec![Undo::new(&logs::DISASSOCIATE_KMS_KEY, json!({"logGroupName": name}))],
                }
            },
        },
        refused: never,
        settles: NEW,
    },
    Effect {
        operation: &logs::PUT_METRIC_FILTER,
        subject: |input, _| format!("metric filter {}", input.text("filterName").unwrap_or_default()),
        read: Read {
            operation: &logs::DESCRIBE_METRIC_FILTERS,
            input: |call| {
                Some(json!({
                    "logGroupName": call.input["logGroupName"], "filterNamePrefix": call.input["filterName"],
                }))
            },
            state: |call, output| {
                let mut filters = output.items("metricFilters").iter();
                filters.find(|filter| filter.text("filterName") == call.input.text("filterName")).cloned()
            },
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| state.is_some_and(|state| contains(state, call.input)),
        kind: Kind::Makes {
            delete: |call, _| {
                let input = json!({"logGroupName": call.input["logGroupName"], "filterName": call.input["filterName"]});
                vec![Undo::new(&logs::DELETE_METRIC_FILTER, input)]
            },
            in_use: None,
            in_use_codes: &[],
            adopts: true,
        },
        refused: never,
        settles: NEW,
    },
    Effect {
        operation: &logs::PUT_RESOURCE_POLICY,
        subject: |input, _| format!("resource policy {}", input.text("policyName").unwrap_or_default()),
        read: Read {
            operation: &logs::DESCRIBE_RESOURCE_POLICIES,
            input: |_| Some(json!({})),
            state: |call, output| {
                let mut all = output.items("resourcePolicies").iter();
                let found = all.find(|policy| policy.text("policyName") == call.input.text("policyName"))?;
                Some(json!({"policyDocument": found["policyDocument"]}))
            },
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| {
            let there = state.and_then(|state| state.text("policyDocument"));
            there.is_some() && same_document(there, call.input.text("policyDocument"))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let mut input = json!({"policyName": call.input["policyName"]});
                match former {
                    Some(former) => {
                        input["policyDocument"] = former["policyDocument"].clone();
                        vec![Undo::new(&logs::PUT_RESOURCE_POLICY, input)]
                    }
                    None => vec![Undo::new(&logs::DELETE_RESOURCE_POLICY, input)],
                }
            },
        },
        refused: never,
        settles: &["OperationAbortedException"],
    },
];

fn subject(input: &Value, _: Option<&Value>) -> String {
    format!("log group {}", input.text("logGroupName").unwrap_or_default())
}
