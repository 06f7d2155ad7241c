//! Logs of clusters and domains that take a change in their own time: EKS, MSK, OpenSearch. A change that
//! is under way counts as made.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::{eks, es, kafka};

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, contains, never};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 3] = [
    Effect {
        operation: &eks::UPDATE_CLUSTER_CONFIG,
        subject: |input, _| format!("control-plane logs of {}", input.text("name").unwrap_or_default()),
        read: Read {
            operation: &eks::DESCRIBE_CLUSTER,
            input: |call| Some(json!({"name": call.input["name"]})),
            state: |_, output| {
                let setups = output.items("cluster.logging.clusterLogging").iter();
                let on: BTreeSet<&str> = setups
                    .filter(|setup| setup.flag("enabled"))
                    .flat_map(|setup| setup.texts("types"))
                    .collect();
                let updating = output.text("cluster.status") == Some("UPDATING");
                Some(json!({"enabled": on, "updating": updating}))
            },
            absent: &["ResourceNotFoundException"],
            empty: &[],
        },
        holds: |call, state| {
            let Some(state) = state else { return false };
            let on = state.texts("enabled");
            // Before the call, an update under way is somebody else's.
            (call.output.is_some() && state.flag("updating"))
                || types(call).iter().all(|kind| on.contains(kind))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let before = former.map(|former| former.texts("enabled")).unwrap_or_default();
                let off: Vec<&str> = types(call).into_iter().filter(|kind| !before.contains(kind)).collect();
                let input = json!({
                    "name": call.input["name"],
                    "logging": {"clusterLogging": [{"types": off, "enabled": false}]},
                });
                vec![Undo::new(&eks::UPDATE_CLUSTER_CONFIG, input).settling(&["ResourceInUseException"])]
            },
        },
        refused: never,
        settles: &["ResourceInUseException"],
    },
    Effect {
        operation: &kafka::UPDATE_MONITORING,
        subject: |input, _| format!("broker logs of {}", input.text("ClusterArn").unwrap_or_default()),
        read: Read {
            operation: &kafka::DESCRIBE_CLUSTER_V2,
            input: |call| Some(json!({"ClusterArn": call.input["ClusterArn"]})),
            // Logs to no log group are none; the version of the cluster is needed to take them back.
            state: |call, output| {
                let logs = output.at("ClusterInfo.Provisioned.LoggingInfo.BrokerLogs.CloudWatchLogs");
                let logs = logs.filter(|logs| logs.flag("Enabled"));
                let updating = call.output.is_some() && output.text("ClusterInfo.State") == Some("UPDATING");
                (logs.is_some() || updating).then(|| {
                    json!({
                        "CloudWatchLogs": logs, "updating": updating,
                        "CurrentVersion": output.at("ClusterInfo.CurrentVersion"),
                    })
                })
            },
            absent: &["NotFoundException"],
            empty: &[],
        },
        holds: |call, state| {
            let wanted = &call.input["LoggingInfo"]["BrokerLogs"]["CloudWatchLogs"];
            state.is_some_and(|state| state.flag("updating") || contains(&state["CloudWatchLogs"], wanted))
        },
        // Each update wants the version that the one before it left.
        kind: Kind::Makes {
            delete: |call, state| {
                let off = json!({"CloudWatchLogs": {"Enabled": false}});
                let input = json!({
                    "ClusterArn": call.input["ClusterArn"], "CurrentVersion": state["CurrentVersion"],
                    "LoggingInfo": {"BrokerLogs": off},
                });
                vec![Undo::new(&kafka::UPDATE_MONITORING, input)]
            },
            in_use: None,
            in_use_codes: &[],
            adopts: true,
        },
        refused: never,
        settles: &[],
    },
    Effect {
        operation: &es::UPDATE_DOMAIN_CONFIG,
        subject: |input, _| format!("published logs of {}", input.text("DomainName").unwrap_or_default()),
        read: Read {
            operation: &es::DESCRIBE_DOMAINS,
            input: |call| Some(json!({"DomainNames": [call.input["DomainName"]]})),
            // Those that the call sets, and no others.
            state: |call, output| {
                let status = output.items("DomainStatusList").first()?;
                let there = |log: &String| status.at(&format!("LogPublishingOptions.{log}")).cloned();
                let logs = call.input["LogPublishingOptions"].as_object()?.keys();
                Some(Value::Object(logs.map(|log| (log.clone(), there(log).unwrap_or_default())).collect()))
            },
            absent: &["ResourceNotFoundException"],
            empty: &[],
        },
        holds: |call, state| state.is_some_and(|state| contains(state, &call.input["LogPublishingOptions"])),
        kind: Kind::Sets { restore: restore_domain },
        refused: never,
        // The resource policy may not be known everywhere yet.
        settles: &["ValidationException"],
    },
];

fn types<'a>(call: &Call<'a>) -> Vec<&'a str> {
    call.input.items("logging.clusterLogging").iter().flat_map(|setup| setup.texts("types")).collect()
}

/// A log that was never published is switched off: options cannot be taken away.
fn restore_domain(call: &Call<'_>, former: Option<&Value>) -> Vec<Undo> {
    let mut options = Map::new();
    for (log, wanted) in call.input["LogPublishingOptions"].as_object().into_iter().flatten() {
        let before = former.and_then(|former| former.at(log)).cloned();
        let off = json!({"CloudWatchLogsLogGroupArn": wanted["CloudWatchLogsLogGroupArn"], "Enabled": false});
        options.insert(log.clone(), before.unwrap_or(off));
    }
    let input = json!({"DomainName": call.input["DomainName"], "LogPublishingOptions": options});
    vec![Undo::new(&es::UPDATE_DOMAIN_CONFIG, input)]
}
