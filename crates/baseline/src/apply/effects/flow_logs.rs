//! Flow logs.

use serde_json::{Value, json};
use trailkeep_aws::api::services::ec2;

use crate::apply::effect::{Call, Effect, Kind, Read, Undo};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 1] = [Effect {
    operation: &ec2::CREATE_FLOW_LOGS,
    subject: |input| format!("flow logs of {}", input.texts("ResourceIds").join(", ")),
    read: Read {
        operation: &ec2::DESCRIBE_FLOW_LOGS,
        input: |_| Some(json!({})),
        state,
        absent: &[],
        empty: &[],
    },
    holds: |call, state| {
        let logged: Vec<&str> = state.map_or(Vec::new(), |state| {
            state.items("FlowLogs").iter().filter_map(|log| log.text("ResourceId")).collect()
        });
        call.input.texts("ResourceIds").iter().all(|id| logged.contains(id))
    },
    kind: Kind::Makes {
        delete: |_, state| {
            let ids: Vec<&str> =
                state.items("FlowLogs").iter().filter_map(|log| log.text("FlowLogId")).collect();
            vec![Undo::new(&ec2::DELETE_FLOW_LOGS, json!({"FlowLogIds": ids}))]
        },
        in_use: None,
        in_use_codes: &[],
        adopts: false,
    },
    // EC2 answers with 200 and says in the output which it could not make.
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
    refused: |output| {
        let said = output.items("Unsuccessful").iter().map(|item| {
            let why = item.text("Error.Message").or(item.text("Error.Code")).unwrap_or("no reason is given");
            format!("{}: {why}", item.text("ResourceId").unwrap_or("a VPC"))
        });
        let said: Vec<String> = said.collect();
        (!said.is_empty()).then(|| said.join("; "))
    },
    settles: &[],
}];

/// The flow logs of these VPCs to this bucket; once they are made, those alone.
fn state(call: &Call<'_>, output: &Value) -> Option<Value> {
    let made = call.output.map(|output| output.texts("FlowLogIds"));
    let ids = call.input.texts("ResourceIds");
    let ours = |log: &&Value| {
        log.text("LogDestination") == call.input.text("LogDestination")
            && log.text("ResourceId").is_some_and(|id| ids.contains(&id))
            && made.as_ref().is_none_or(|made| log.text("FlowLogId").is_some_and(|id| made.contains(&id)))
    };
    let found: Vec<&Value> = output.items("FlowLogs").iter().filter(ours).collect();
    (!found.is_empty()).then(|| json!({"FlowLogs": found}))
}
