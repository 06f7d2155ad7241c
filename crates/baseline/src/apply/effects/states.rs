//! Logs of state machines.

use serde_json::json;
use trailkeep_aws::api::services::states;

use crate::apply::effect::{Effect, Kind, Read, Undo, contains, never};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 1] = [Effect {
    operation: &states::UPDATE_STATE_MACHINE,
    subject: |input, _| format!("logging of {}", input.text("stateMachineArn").unwrap_or_default()),
    read: Read {
        operation: &states::DESCRIBE_STATE_MACHINE,
        input: |call| Some(json!({"stateMachineArn": call.input["stateMachineArn"]})),
        state: |_, output| output.at("loggingConfiguration").cloned(),
        absent: &["StateMachineDoesNotExist"],
        empty: &[],
    },
    holds: |call, state| state.is_some_and(|state| contains(state, &call.input["loggingConfiguration"])),
    kind: Kind::Sets {
        restore: |call, former| {
            let off = json!({"level": "OFF", "includeExecutionData": false});
            let input = json!({
                "stateMachineArn": call.input["stateMachineArn"],
                "loggingConfiguration": former.unwrap_or(&off),
            });
            vec![Undo::new(&states::UPDATE_STATE_MACHINE, input)]
        },
    },
    refused: never,
    // The policy of the machine's role may not be known everywhere yet.
    settles: &["AccessDeniedException"],
}];
