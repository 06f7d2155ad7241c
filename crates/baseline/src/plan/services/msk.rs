//! Broker logs of MSK clusters, to a log group of their Region.
//! <https://docs.aws.amazon.com/msk/latest/developerguide/msk-logging.html>

use serde_json::{Value, json};

use super::super::draft::{Draft, Scope};
use super::Groups;
use super::group;
use crate::check::Control;
use crate::desired::logs;
use crate::value::Json;

const CHECK: &str = "msk-broker-logging";

/// One step a cluster: an update takes a while, and a cluster takes one at a time.
pub(super) fn write(draft: &mut Draft<'_>, groups: &Groups<'_>) {
    draft.note(CHECK, "the cluster is being changed, or its logs go somewhere that its owner must set right");
    for (region, all) in super::failing(draft, CHECK) {
        for failing in all {
            let clusters = failing.place.list("kafka:ListClustersV2", "ClusterInfoList").unwrap_or_default();
            let Some(cluster) = super::with(clusters, "ClusterArn", failing.arn) else { continue };
            let (false, Some(version)) = (logs_somewhere(cluster), cluster.text("CurrentVersion")) else {
                continue;
            };
            if cluster.text("State").is_some_and(|state| state != "ACTIVE") {
                continue;
            }
            let name = format!("{}msk", logs::VENDED);
            let Some(group) = groups.ensure(draft, failing.place, (&name, "MSK brokers")) else { continue };
            let wanted = logs::deliveries(&draft.site.in_region(region));
            let Some(policy) = group::policy(draft, failing.place, &wanted) else { continue };
            let called = cluster.text("ClusterName").unwrap_or("cluster");
            let title = format!("Log the brokers of the MSK cluster {called}");
            let mut step = draft.step(region, &format!("msk-{called}"), Control::Services, title);
            let to = json!({"CloudWatchLogs": {"Enabled": true, "LogGroup": name}});
            step.resource(failing.arn)
                .needs(group.step)
                .needs(policy)
                .call(
                    "kafka:UpdateMonitoring",
                    json!({
                        "ClusterArn": failing.arn, "CurrentVersion": version,
                        "LoggingInfo": {"BrokerLogs": to},
                    }),
                )
                .covers_in(&Scope::Resource(failing.arn.to_owned()), &[CHECK])
                .words(
                    "broker logs are switched off again; what was written stays",
                    "the cluster is updated for some minutes; brokers go on",
                    super::VENDED_TO_LOGS,
                    "kafka:DescribeClusterV2 names the log group, or that the update is under way",
                );
            draft.add(step);
        }
    }
}

fn logs_somewhere(cluster: &Value) -> bool {
    let kinds = ["CloudWatchLogs", "Firehose", "S3"];
    kinds.iter().any(|kind| cluster.flag(&format!("Provisioned.LoggingInfo.BrokerLogs.{kind}.Enabled")))
}
