//! Containers, workflows and models.

use serde_json::Value;
use trailkeep_aws::api::services::{bedrock, ecs, eks, states};

use crate::collect::ask::{Ask, At, Each, Take};

const CLUSTERS: Each = Each::of("eks:ListClusters", "clusters", "");
const TASKS: Each = Each::of("ecs:ListTaskDefinitions", "taskDefinitionArns", "").choose(latest_revisions);
const MACHINES: Each = Each::of("states:ListStateMachines", "stateMachines", "stateMachineArn");

/// Of each family, what a new task would be started from: older revisions are many, and stay for
/// ever.
fn latest_revisions(arns: &[Value]) -> Vec<Value> {
    let mut latest: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for (family, revision) in arns.iter().filter_map(|arn| family_and_revision(arn.as_str()?)) {
        let newest = latest.entry(family).or_default();
        *newest = revision.max(*newest);
    }
    latest.into_iter().map(|(family, revision)| Value::String(format!("{family}:{revision}"))).collect()
}

/// `arn:aws:ecs:eu-west-1:111122223333:task-definition/web` and `7`.
fn family_and_revision(arn: &str) -> Option<(&str, u64)> {
    let (family, revision) = arn.rsplit_once(':')?;
    Some((family, revision.parse().ok()?))
}

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&eks::LIST_CLUSTERS),
    Ask::each(&eks::DESCRIBE_CLUSTER, At::Regions, CLUSTERS).input(&[("name", Take::Resource)]),
    Ask::regional(&ecs::LIST_TASK_DEFINITIONS).input(&[("status", Take::Text("ACTIVE"))]),
    Ask::each(&ecs::DESCRIBE_TASK_DEFINITION, At::Regions, TASKS)
        .input(&[("taskDefinition", Take::Resource)]),
    Ask::regional(&ecs::LIST_CLUSTERS),
    Ask::together(&ecs::DESCRIBE_CLUSTERS, At::Regions, Each::of("ecs:ListClusters", "clusterArns", ""), 100)
        .input(&[("clusters", Take::Resources), ("include", Take::Texts(&["SETTINGS", "CONFIGURATIONS"]))]),
    Ask::regional(&states::LIST_STATE_MACHINES),
    Ask::each(&states::DESCRIBE_STATE_MACHINE, At::Regions, MACHINES)
        .input(&[("stateMachineArn", Take::Resource)]),
    Ask::regional(&bedrock::GET_MODEL_INVOCATION_LOGGING_CONFIGURATION),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_latest_revision_of_each_family() {
        let arns = [json!("a/web:9"), json!("a/web:10"), json!("a/job:1"), json!("odd"), json!(7)];
        assert_eq!(latest_revisions(&arns), [json!("a/job:1"), json!("a/web:10")]);
    }
}
