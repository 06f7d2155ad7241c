//! Logs of Network Firewall.

use serde_json::json;
use trailkeep_aws::api::services::network_firewall;

use crate::apply::effect::{Effect, Kind, Read, Undo, contains, never};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 1] = [Effect {
    operation: &network_firewall::UPDATE_LOGGING_CONFIGURATION,
    subject: |input, _| format!("logs of {}", input.text("FirewallArn").unwrap_or_default()),
    read: Read {
        operation: &network_firewall::DESCRIBE_LOGGING_CONFIGURATION,
        input: |call| Some(json!({"FirewallArn": call.input["FirewallArn"]})),
        state: |_, output| {
            Some(json!({"LogDestinationConfigs": output.items("LoggingConfiguration.LogDestinationConfigs")}))
        },
        absent: &["ResourceNotFoundException"],
        empty: &[],
    },
    holds: |call, state| state.is_some_and(|state| contains(state, &call.input["LoggingConfiguration"])),
    kind: Kind::Sets {
        restore: |call, former| {
            let none = json!({"LogDestinationConfigs": []});
            let input = json!({
                "FirewallArn": call.input["FirewallArn"], "LoggingConfiguration": former.unwrap_or(&none),
            });
            vec![Undo::new(&network_firewall::UPDATE_LOGGING_CONFIGURATION, input)]
        },
    },
    refused: never,
    // The resource policy may not be known everywhere yet.
    settles: &["LogDestinationPermissionException"],
}];
