//! Flow logs of a VPC, subnet or network interface.
//!
//! A flow log that is made again gets a new id, so a part is named by what the log is: `ALL to arn:…`.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>

use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::ec2;
use trailkeep_baseline::Json;

use crate::playbook::facet::{Call, Change, Facet, filter, one};
use crate::playbook::state::Parts;

/// What a flow log was, by its id: only to look up what an event took away.
pub(in crate::playbook) static LOG: Facet = Facet::reading(
    "flow-log",
    &ec2::DESCRIBE_FLOW_LOGS,
    |id| json!({"FlowLogIds": [id]}),
    |_, output| {
        let logs = output.items("FlowLogs").iter();
        logs.flat_map(|log| one(log.text("FlowLogId").unwrap_or_default(), "FlowLog", &read_log(log)))
            .collect()
    },
);

/// The flow logs of something.
pub(in crate::playbook) static LOGS: Facet = Facet {
    list: Some(|| json!({})),
    volatile: &["FlowLogId"],
    writes: &[&ec2::CREATE_FLOW_LOGS, &ec2::DELETE_FLOW_LOGS],
    calls,
    already: &["FlowLogAlreadyExists", "InvalidFlowLogId.NotFound"],
    // Flow logs to a bucket are log deliveries of CloudWatch Logs; those to a log group take a role.
    // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
    along: &["logs:CreateLogDelivery", "logs:DeleteLogDelivery", "ec2:CreateTags", "iam:PassRole"],
    ..Facet::reading(
        "flow-logs",
        &ec2::DESCRIBE_FLOW_LOGS,
        |resource| json!({"Filter": filter("resource-id", resource)}),
        |asked, output| {
            let mut found: Vec<(String, Parts)> = Vec::new();
            if !asked.is_empty() {
                found.push((asked.to_owned(), Parts::new()));
            }
            for log in output.items("FlowLogs") {
                let Some(resource) = log.text("ResourceId") else { continue };
                let index = found.iter().position(|(known, _)| known == resource).unwrap_or_else(|| {
                    found.push((resource.to_owned(), Parts::new()));
                    found.len() - 1
                });
                let log = read_log(log);
                found[index].1.insert(part_name(&log), log);
            }
            found
        },
    )
};

const MEMBERS: [&str; 11] = [
    "FlowLogId",
    "ResourceId",
    "TrafficType",
    "LogDestinationType",
    "LogDestination",
    "LogGroupName",
    "DeliverLogsPermissionArn",
    "DeliverCrossAccountRole",
    "LogFormat",
    "MaxAggregationInterval",
    "DestinationOptions",
];

/// A flow log without what its life says of it.
fn read_log(log: &Value) -> Value {
    let member = |name: &str| Some((name.to_owned(), log.at(name)?.clone()));
    let mut kept: Map<String, Value> = MEMBERS.iter().filter_map(|name| member(name)).collect();
    if !log.items("Tags").is_empty() {
        kept.insert("Tags".to_owned(), log["Tags"].clone());
    }
    Value::Object(kept)
}

/// The name of a flow log's part: no two of a resource have the same traffic and destination.
pub(in crate::playbook) fn part_name(log: &Value) -> String {
    let to = log.text("LogDestination").or(log.text("LogGroupName")).unwrap_or("nowhere");
    format!("{} to {to}", log.text("TrafficType").unwrap_or("ALL"))
}

fn calls(change: &Change<'_>) -> Vec<Call> {
    let null = Value::Null;
    let mut calls = Vec::new();
    for (name, to) in change.to {
        let from = change.from.get(name).unwrap_or(&null);
        match (from.is_null(), to.is_null()) {
            (false, true) => {
                calls.push(Call::new(&ec2::DELETE_FLOW_LOGS, json!({"FlowLogIds": [from["FlowLogId"]]})));
            }
            (true, false) => calls.push(Call::new(&ec2::CREATE_FLOW_LOGS, create(change.subject, to))),
            _ => {}
        }
    }
    calls
}

fn create(resource: &str, log: &Value) -> Value {
    let kind = match resource.split_once('-').map_or("", |(kind, _)| kind) {
        "subnet" => "Subnet",
        "eni" => "NetworkInterface",
        "tgw" => "TransitGateway",
        _ => "VPC",
    };
    let mut input = json!({"ResourceIds": [resource], "ResourceType": kind});
    for member in MEMBERS.iter().filter(|member| !matches!(**member, "FlowLogId" | "ResourceId")) {
        // A log group is named by its ARN or by its name, not by both.
        let is_said_already = *member == "LogGroupName" && log.at("LogDestination").is_some();
        if let Some(value) = log.at(member).filter(|_| !is_said_already) {
            input[*member] = value.clone();
        }
    }
    if !log.items("Tags").is_empty() {
        input["TagSpecifications"] = json!([{"ResourceType": "vpc-flow-log", "Tags": log["Tags"]}]);
    }
    input
}

/// EC2 answers with 200 and says in the output what it could not make or delete.
pub(in crate::playbook) fn refused(output: &Value) -> Option<(String, String)> {
    let item = output.items("Unsuccessful").first()?;
    let code = item.text("Error.Code").unwrap_or("Unsuccessful");
    Some((code.to_owned(), item.text("Error.Message").unwrap_or("no reason is given").to_owned()))
}
