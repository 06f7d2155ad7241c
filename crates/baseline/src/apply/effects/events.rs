//! Rules and the queues that they send to.

use serde_json::{Value, json};
use trailkeep_aws::api::services::{events, sqs};

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, contains, never, same_document};
use crate::value::Json;

const GONE: &[&str] = &["ResourceNotFoundException"];

pub(super) static EFFECTS: [Effect; 3] = [
    Effect {
        operation: &sqs::CREATE_QUEUE,
        subject: |input| format!("queue {}", input.text("QueueName").unwrap_or_default()),
        read: Read {
            operation: &sqs::GET_QUEUE_URL,
            input: |call| Some(json!({"QueueName": call.input["QueueName"]})),
            state: |_, output| Some(output.clone()),
            absent: &["QueueDoesNotExist", "NonExistentQueue", "AWS.SimpleQueueService.NonExistentQueue"],
            empty: &[],
        },
        holds: |_, state| state.is_some(),
        kind: Kind::Makes {
            delete: |_, state| vec![Undo::new(&sqs::DELETE_QUEUE, json!({"QueueUrl": state["QueueUrl"]}))],
            in_use: None,
            in_use_codes: &[],
            // SQS itself refuses to make one whose attributes differ from those that are there.
            adopts: true,
        },
        refused: never,
        settles: &["QueueDeletedRecently"],
    },
    Effect {
        operation: &events::PUT_RULE,
        subject: |input| format!("rule {}", input.text("Name").unwrap_or_default()),
        read: Read {
            operation: &events::LIST_RULES,
            input: |call| Some(json!({"NamePrefix": call.input["Name"]})),
            state: |call, output| {
                output
                    .items("Rules")
                    .iter()
                    .find(|rule| rule.text("Name") == call.input.text("Name"))
                    .cloned()
            },
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| {
            state.is_some_and(|state| {
                same_document(state.text("EventPattern"), call.input.text("EventPattern"))
                    && state.text("State") == call.input.text("State")
            })
        },
        kind: Kind::Makes {
            delete: |call, _| vec![Undo::new(&events::DELETE_RULE, json!({"Name": call.input["Name"]}))],
            in_use: None,
            in_use_codes: &["ValidationException"],
            adopts: true,
        },
        refused: never,
        settles: &[],
    },
    Effect {
        operation: &events::PUT_TARGETS,
        subject: |input| format!("targets of {}", input.text("Rule").unwrap_or_default()),
        read: Read {
            operation: &events::LIST_TARGETS_BY_RULE,
            input: |call| Some(json!({"Rule": call.input["Rule"]})),
            state: targets,
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| state.is_some_and(|state| contains(&state["Targets"], &call.input["Targets"])),
        kind: Kind::Makes {
            delete: |call, _| {
                let ids: Vec<&str> =
                    call.input.items("Targets").iter().filter_map(|target| target.text("Id")).collect();
                vec![Undo::new(&events::REMOVE_TARGETS, json!({"Rule": call.input["Rule"], "Ids": ids}))]
            },
            in_use: None,
            in_use_codes: &[],
            adopts: true,
        },
        // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
        refused: |output| {
            let failed = output.int("FailedEntryCount").unwrap_or(0);
            let first = output.items("FailedEntries").first();
            let why = first.and_then(|entry| entry.text("ErrorMessage")).unwrap_or("no reason is given");
            (failed > 0).then(|| format!("{failed} targets were refused: {why}"))
        },
        settles: &[],
    },
];

/// The targets of our ids.
fn targets(call: &Call<'_>, output: &Value) -> Option<Value> {
    let ids: Vec<&str> = call.input.items("Targets").iter().filter_map(|target| target.text("Id")).collect();
    let ours = |target: &&Value| target.text("Id").is_some_and(|id| ids.contains(&id));
    let found: Vec<&Value> = output.items("Targets").iter().filter(ours).collect();
    (!found.is_empty()).then(|| json!({"Targets": found}))
}
