//! Logging of web ACLs.

use serde_json::json;
use trailkeep_aws::api::services::wafv2;

use crate::apply::effect::{Effect, Kind, Read, Undo, contains, never};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 1] = [Effect {
    operation: &wafv2::PUT_LOGGING_CONFIGURATION,
    subject: |input, _| {
        format!("logging of {}", input.text("LoggingConfiguration.ResourceArn").unwrap_or_default())
    },
    read: Read {
        operation: &wafv2::GET_LOGGING_CONFIGURATION,
        input: |call| Some(json!({"ResourceArn": call.input["LoggingConfiguration"]["ResourceArn"]})),
        state: |_, output| output.at("LoggingConfiguration").cloned(),
        absent: &["WAFNonexistentItemException"],
        empty: &[],
    },
    holds: |call, state| state.is_some_and(|state| contains(state, &call.input["LoggingConfiguration"])),
    kind: Kind::Sets {
        restore: |call, former| match former {
            Some(former) => {
                let input = json!({"LoggingConfiguration": former});
                vec![Undo::new(&wafv2::PUT_LOGGING_CONFIGURATION, input)]
            }
            None => {
                let input = json!({"ResourceArn": call.input["LoggingConfiguration"]["ResourceArn"]});
                vec![Undo::new(&wafv2::DELETE_LOGGING_CONFIGURATION, input)]
            }
        },
    },
    refused: never,
    // The resource policy may not be known everywhere yet.
    settles: &[
        "WAFLogDestinationPermissionIssueException",
        "WAFServiceLinkedRoleErrorException",
        "WAFUnavailableEntityException",
    ],
}];
