//! Log exports of RDS, Aurora, DocumentDB and Neptune, which share an API, to log groups that the service
//! makes with the first entry.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html>

use serde_json::{Value, json};

use super::super::draft::{Draft, Scope};
use crate::check::{CheckResult, Control};
use crate::checks::exports;
use crate::inventory::Place;
use crate::value::Json;

/// Clusters of these engines have a check a log.
const ONE_LOG: [(&str, &str); 3] = [
    ("docdb-audit-logging", "audit"),
    ("docdb-profiler-logging", "profiler"),
    ("neptune-audit-logging", "audit"),
];
const INSTANCES: &str = "rds-log-exports";
const CLUSTERS: &str = "rds-cluster-log-exports";

/// A database that lacks exports.
struct Lacking {
    check: &'static str,
    arn: String,
    logs: Vec<&'static str>,
}

/// One step a database: each is modified by itself.
pub(super) fn write(draft: &mut Draft<'_>) {
    for region in draft.global.account.regions.clone() {
        let Some(place) = draft.inventory.place(&draft.site.account, &region) else { continue };
        let instances = place.list("rds:DescribeDBInstances", "DBInstances").unwrap_or_default();
        for instance in instances {
            one(draft, place, (instance, "DBInstance"), instance_lacks(draft, instance));
        }
        let clusters = place.list("rds:DescribeDBClusters", "DBClusters").unwrap_or_default();
        for cluster in clusters {
            one(draft, place, (cluster, "DBCluster"), cluster_lacks(draft, cluster));
        }
    }
    for check in [INSTANCES, CLUSTERS].into_iter().chain(ONE_LOG.map(|(check, _)| check)) {
        draft.note(
            check,
            "the logs are exported, and nothing has been written yet: the service makes the log group with the \
             first entry (an audit log wants a parameter or a plugin as well), or the database is not available",
        );
    }
}

fn result<'a>(draft: &Draft<'a>, check: &str, arn: &str) -> Option<&'a CheckResult> {
    draft.failures(check).find(|result| result.resource_arn == arn)
}

fn instance_lacks(draft: &Draft<'_>, instance: &Value) -> Option<Lacking> {
    let arn = instance.text("DBInstanceArn")?;
    result(draft, INSTANCES, arn)?;
    let wanted = exports::of_engine(instance.text("Engine")?, false)?;
    let logs = exports::missing(&instance.texts("EnabledCloudwatchLogsExports"), wanted);
    Some(Lacking { check: INSTANCES, arn: arn.to_owned(), logs })
}

fn cluster_lacks(draft: &Draft<'_>, cluster: &Value) -> Option<Lacking> {
    let arn = cluster.text("DBClusterArn")?;
    let exported = cluster.texts("EnabledCloudwatchLogsExports");
    if result(draft, CLUSTERS, arn).is_some() {
        let wanted = exports::of_engine(cluster.text("Engine")?, true)?;
        return Some(Lacking {
            check: CLUSTERS,
            arn: arn.to_owned(),
            logs: exports::missing(&exported, wanted),
        });
    }
    let mut failing = ONE_LOG
        .into_iter()
        .filter(|(check, log)| result(draft, check, arn).is_some() && !exported.contains(log));
    let (check, first) = failing.next()?;
    let logs = [first].into_iter().chain(failing.map(|(_, log)| log)).collect();
    Some(Lacking { check, arn: arn.to_owned(), logs })
}

fn one(draft: &mut Draft<'_>, place: Place<'_>, (database, kind): (&Value, &str), lacking: Option<Lacking>) {
    let Some(Lacking { check, arn, logs }) = lacking.filter(|lacking| !lacking.logs.is_empty()) else {
        return;
    };
    let Some(id) = database.text(&format!("{kind}Identifier")) else { return };
    // One that is stopped or being changed takes no change.
    let status = database.text("DBInstanceStatus").or(database.text("Status")).unwrap_or("available");
    if status != "available" {
        return;
    }
    let title = format!("Export {} of the database {id}", super::counted(logs.len(), "log"));
    let mut step =
        draft.step(place.region, &format!("exports-{}-{id}", kind.to_lowercase()), Control::Services, title);
    let also = ONE_LOG.map(|(check, _)| check);
    step.resource(arn.clone())
        .call(
            &format!("rds:Modify{kind}"),
            json!({
                format!("{kind}Identifier"): id, "ApplyImmediately": true,
                "CloudwatchLogsExportConfiguration": {"EnableLogTypes": logs},
            }),
        )
        .covers_in(&Scope::Resource(arn.clone()), &[check]);
    if also.contains(&check) {
        step.covers_in(&Scope::Resource(arn), &also);
    }
    step.words(
        "these exports are switched off again; logs that were written stay",
        "no restart and no interruption; what the engine writes is as its parameters say",
        super::TO_LOGS,
        "the database gives its EnabledCloudwatchLogsExports",
    );
    draft.add(step);
}
