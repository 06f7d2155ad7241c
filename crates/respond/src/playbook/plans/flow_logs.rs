//! Flow logs that were deleted are made again as they were, under new ids.

use serde_json::Value;
use trailkeep_baseline::Json;

use crate::playbook::event::{Event, list, text, unwrapped};
use crate::playbook::facets::flow_logs::{LOG, LOGS, part_name};
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy};
use crate::playbook::state::Parts;

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "flow-logs",
    title: "Flow logs deleted",
    events: &[("ec2.amazonaws.com", "DeleteFlowLogs")],
    prior: "the last state seen",
    needs: |event| ids(event).into_iter().map(|id| Need::new(&LOG, id)).collect(),
    plan,
    sets: &[&LOGS],
};

/// The flow logs that were deleted: not those that EC2 says it could not delete.
fn ids(event: &Event) -> Vec<String> {
    let request = unwrapped(&event.request, "DeleteFlowLogsRequest");
    let response = unwrapped(&event.response, "DeleteFlowLogsResponse");
    let kept: Vec<String> =
        list(&response, "unsuccessful").into_iter().filter_map(|item| text(item, "resourceId")).collect();
    let named = list(&request, "flowLogId").into_iter().chain(list(&request, "flowLogIds"));
    let id = |item: &Value| match item {
        Value::String(id) => Some(id.clone()),
        other => text(other, "content").or_else(|| text(other, "flowLogId")),
    };
    named.filter_map(id).filter(|id| !kept.contains(id)).collect()
}

/// One repair for each VPC, subnet or interface.
fn plan(event: &Event, priors: &Priors) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut by_resource: Vec<(String, Vec<String>, Parts)> = Vec::new();
    for id in ids(event) {
        let log = priors.get(&LOG, &id).and_then(|parts| parts.get("FlowLog"));
        let Some((log, resource)) = log.and_then(|log| Some((log, log.text("ResourceId")?))) else {
            drafts.push(Draft::new(
                &id,
                format!("deleted flow log {id}"),
                Remedy::unknown("what the flow log was"),
            ));
            continue;
        };
        let mut log = log.clone();
        if let Some(members) = log.as_object_mut() {
            members.shift_remove("FlowLogId");
        }
        let index = by_resource.iter().position(|(known, ..)| known == resource).unwrap_or_else(|| {
            by_resource.push((resource.to_owned(), Vec::new(), Parts::new()));
            by_resource.len() - 1
        });
        by_resource[index].1.push(id);
        by_resource[index].2.insert(part_name(&log), log);
    }
    for (resource, ids, before) in by_resource {
        let made: Parts = before.keys().map(|name| (name.clone(), Value::Null)).collect();
        let said = format!("deleted flow log {} of {resource}", ids.join(", "));
        drafts.push(Draft::new(&resource, said, Remedy::put_back(&LOGS, &resource, made, before)));
    }
    drafts
}
