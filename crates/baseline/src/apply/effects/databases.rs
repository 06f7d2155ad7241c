//! Log exports of databases, and audit logs of Redshift.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailkeep_aws::api::Operation;
use trailkeep_aws::api::services::{rds, redshift};

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, contains, never};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 3] = [
    exports(
        &rds::MODIFY_DB_INSTANCE,
        &rds::DESCRIBE_DB_INSTANCES,
        |call| Some(json!({"DBInstanceIdentifier": call.input["DBInstanceIdentifier"]})),
        |_, output| output.items("DBInstances").first().map(state),
        |call, former| restore(call, former, (&rds::MODIFY_DB_INSTANCE, "DBInstanceIdentifier")),
    ),
    exports(
        &rds::MODIFY_DB_CLUSTER,
        &rds::DESCRIBE_DB_CLUSTERS,
        |call| Some(json!({"DBClusterIdentifier": call.input["DBClusterIdentifier"]})),
        |_, output| output.items("DBClusters").first().map(state),
        |call, former| restore(call, former, (&rds::MODIFY_DB_CLUSTER, "DBClusterIdentifier")),
    ),
    Effect {
        operation: &redshift::ENABLE_LOGGING,
        subject: |input, _| format!("audit log of {}", input.text("ClusterIdentifier").unwrap_or_default()),
        read: Read {
            operation: &redshift::DESCRIBE_LOGGING_STATUS,
            input: |call| Some(json!({"ClusterIdentifier": call.input["ClusterIdentifier"]})),
            state: |_, output| {
                let kept = ["BucketName", "S3KeyPrefix", "LogDestinationType", "LogExports"];
                let members =
                    kept.iter().filter_map(|name| Some(((*name).to_owned(), output.at(name)?.clone())));
                output.flag("LoggingEnabled").then(|| Value::Object(members.collect()))
            },
            absent: &["ClusterNotFound", "ClusterNotFoundFault"],
            empty: &[],
        },
        holds: |call, state| {
            let wanted = json!({
                "LogDestinationType": call.input["LogDestinationType"], "LogExports": call.input["LogExports"],
            });
            state.is_some_and(|state| contains(state, &wanted))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let mut input = json!({"ClusterIdentifier": call.input["ClusterIdentifier"]});
                match former.and_then(Value::as_object) {
                    Some(former) => {
                        for (name, value) in former {
                            input[name] = value.clone();
                        }
                        vec![Undo::new(&redshift::ENABLE_LOGGING, input)]
                    }
                    None => vec![Undo::new(&redshift::DISABLE_LOGGING, input)],
                }
            },
        },
        refused: never,
        settles: &["InvalidClusterState", "InvalidClusterStateFault"],
    },
];

/// The exports of an instance or a cluster.
const fn exports(
    operation: &'static Operation,
    read: &'static Operation,
    input: fn(&Call<'_>) -> Option<Value>,
    state: fn(&Call<'_>, &Value) -> Option<Value>,
    restore: fn(&Call<'_>, Option<&Value>) -> Vec<Undo>,
) -> Effect {
    Effect {
        operation,
        subject: |input, _| {
            let name = input.text("DBInstanceIdentifier").or(input.text("DBClusterIdentifier"));
            format!("log exports of {}", name.unwrap_or_default())
        },
        read: Read {
            operation: read,
            input,
            state,
            absent: &["DBInstanceNotFound", "DBClusterNotFoundFault"],
            empty: &[],
        },
        holds: |call, state| {
            let exported = state.map(|state| state.texts("exported")).unwrap_or_default();
            wanted(call).iter().all(|log| exported.contains(log))
        },
        kind: Kind::Sets { restore },
        refused: never,
        settles: &["InvalidDBInstanceState", "InvalidDBClusterStateFault"],
    }
}

/// What is exported, or will be once the change that is under way is done.
fn state(database: &Value) -> Value {
    let pending = "PendingModifiedValues.PendingCloudwatchLogsExports";
    let mut exported: BTreeSet<&str> = database.texts("EnabledCloudwatchLogsExports").into_iter().collect();
    exported.extend(database.texts(&format!("{pending}.LogTypesToEnable")));
    for log in database.texts(&format!("{pending}.LogTypesToDisable")) {
        exported.remove(log);
    }
    json!({"exported": exported})
}

fn wanted<'a>(call: &Call<'a>) -> Vec<&'a str> {
    call.input.texts("CloudwatchLogsExportConfiguration.EnableLogTypes")
}

/// Switches those off that were not exported before.
fn restore(
    call: &Call<'_>,
    former: Option<&Value>,
    (operation, name): (&'static Operation, &str),
) -> Vec<Undo> {
    let before = former.map(|former| former.texts("exported")).unwrap_or_default();
    let off: Vec<&str> = wanted(call).into_iter().filter(|log| !before.contains(log)).collect();
    let input = json!({
        name: call.input[name], "ApplyImmediately": true,
        "CloudwatchLogsExportConfiguration": {"DisableLogTypes": off},
    });
    vec![Undo::new(operation, input).settling(&["InvalidDBInstanceState", "InvalidDBClusterStateFault"])]
}
