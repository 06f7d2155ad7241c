//! Control-plane logs of EKS clusters, to the log group that EKS makes for each.
//! <https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html>

use serde_json::json;

use super::super::draft::{Draft, Scope};
use crate::check::Control;
use crate::value::Json;

const CHECK: &str = "eks-control-plane-logging";
const TYPES: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/// One step a cluster: an update takes minutes.
pub(super) fn write(draft: &mut Draft<'_>) {
    draft.note(CHECK, "the cluster is being changed, or its log group is gone");
    for (region, all) in super::failing(draft, CHECK) {
        for failing in all {
            let name = super::last(failing.arn);
            let Ok(Some(output)) = failing.place.get_for("eks:DescribeCluster", name) else { continue };
            // A cluster takes one update at a time.
            if output.text("cluster.status").is_some_and(|status| status != "ACTIVE") {
                continue;
            }
            let setups = output.items("cluster.logging.clusterLogging").iter();
            let on: Vec<&str> =
                setups.filter(|setup| setup.flag("enabled")).flat_map(|setup| setup.texts("types")).collect();
            let off: Vec<&str> = TYPES.into_iter().filter(|kind| !on.contains(kind)).collect();
            if off.is_empty() {
                continue;
            }
            let title = format!("Log the control plane of the cluster {name}");
            let mut step = draft.step(region, &format!("eks-{name}"), Control::Services, title);
            step.resource(failing.arn)
                .call(
                    "eks:UpdateClusterConfig",
                    json!({"name": name, "logging": {"clusterLogging": [{"types": off, "enabled": true}]}}),
                )
                .covers_in(&Scope::Resource(failing.arn.to_owned()), &[CHECK])
                .words(
                    "these logs are switched off again; what was written stays",
                    "the cluster is updated for some minutes; workloads and API go on",
                    super::VENDED_TO_LOGS,
                    "eks:DescribeCluster gives the types, or that the update is under way",
                );
            draft.add(step);
        }
    }
}
