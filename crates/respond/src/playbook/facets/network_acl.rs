//! Network ACLs: their entries, and which subnet has which.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html>

use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::ec2;
use trailkeep_baseline::Json;

use crate::playbook::event;
use crate::playbook::facet::{Call, Change, Facet, Reading, context_of, filter, one};
use crate::playbook::state::Parts;

/// The last is EC2's own answer; moto takes it for a route table.
const GONE: &[&str] = &["InvalidNetworkAclID.NotFound", "InvalidRouteTableID.NotFound"];

const CONTEXT: fn(&Value) -> Option<crate::playbook::facet::Context> =
    |output| output.items("NetworkAcls").first().map(context_of);

/// The entries of a network ACL, named `ingress 90`.
pub(in crate::playbook) static ENTRIES: Facet = Facet {
    list: Some(|| json!({})),
    absent: GONE,
    writes: &[
        &ec2::CREATE_NETWORK_ACL_ENTRY,
        &ec2::REPLACE_NETWORK_ACL_ENTRY,
        &ec2::DELETE_NETWORK_ACL_ENTRY,
    ],
    calls: entry_calls,
    already: &["NetworkAclEntryAlreadyExists", "InvalidNetworkAclEntry.NotFound"],
    context: Some(&Reading {
        operation: &ec2::DESCRIBE_NETWORK_ACLS,
        input: |place| json!({"NetworkAclIds": [place.subject]}),
        absent: GONE,
        context: CONTEXT,
    }),
    ..Facet::reading(
        "network-acl-entries",
        &ec2::DESCRIBE_NETWORK_ACLS,
        |acl| json!({"NetworkAclIds": [acl]}),
        |_, output| {
            let acls = output.items("NetworkAcls").iter();
            acls.filter_map(|acl| Some((acl.text("NetworkAclId")?.to_owned(), entries(acl)))).collect()
        },
    )
};

/// What an association was of, by its id: only to look up what an event took away.
pub(in crate::playbook) static ASSOCIATION: Facet = Facet::reading(
    "network-acl-association",
    &ec2::DESCRIBE_NETWORK_ACLS,
    |association| json!({"Filters": filter("association.association-id", association)}),
    |_, output| {
        let associations = associations(output);
        associations
            .flat_map(|item| {
                one(item.text("NetworkAclAssociationId").unwrap_or_default(), "Association", item)
            })
            .collect()
    },
);

/// The network ACL of a subnet.
pub(in crate::playbook) static SUBNET: Facet = Facet {
    volatile: &["NetworkAclAssociationId"],
    writes: &[&ec2::REPLACE_NETWORK_ACL_ASSOCIATION],
    calls: |change| {
        let from = change.from.get("Association").and_then(|part| part.at("NetworkAclAssociationId"));
        let to = change.to.get("Association").and_then(|part| part.at("NetworkAclId"));
        let (Some(association), Some(acl)) = (from, to) else { return Vec::new() };
        if change.from.get("Association").and_then(|part| part.at("NetworkAclId")) == Some(acl) {
            return Vec::new();
        }
        let input = json!({"AssociationId": association, "NetworkAclId": acl});
        vec![Call::new(&ec2::REPLACE_NETWORK_ACL_ASSOCIATION, input)]
    },
    context: Some(&Reading {
        operation: &ec2::DESCRIBE_NETWORK_ACLS,
        input: |place| json!({"Filters": filter("association.subnet-id", place.subject)}),
        absent: &[],
        context: CONTEXT,
    }),
    ..Facet::reading(
        "subnet-network-acl",
        &ec2::DESCRIBE_NETWORK_ACLS,
        |subnet| json!({"Filters": filter("association.subnet-id", subnet)}),
        |_, output| {
            let associations = associations(output);
            associations
                .flat_map(|item| one(item.text("SubnetId").unwrap_or_default(), "Association", item))
                .collect()
        },
    )
};

fn associations(output: &Value) -> impl Iterator<Item = &Value> {
    output.items("NetworkAcls").iter().flat_map(|acl| acl.items("Associations"))
}

fn entries(acl: &Value) -> Parts {
    let entries = acl.items("Entries").iter().map(read_entry);
    entries.filter_map(|entry| Some((entry_name(&entry)?, entry))).collect()
}

/// The name of an entry's part.
pub(in crate::playbook) fn entry_name(entry: &Value) -> Option<String> {
    let direction = if event::flag(entry, "egress") { "egress" } else { "ingress" };
    Some(format!("{direction} {}", event::integer(entry, "ruleNumber")?))
}

/// An entry as it is kept: `DescribeNetworkAcls`'s members, or those of CloudTrail's request.
pub(in crate::playbook) fn read_entry(entry: &Value) -> Value {
    let mut kept = Map::new();
    kept.insert("RuleNumber".to_owned(), json!(event::integer(entry, "ruleNumber")));
    kept.insert("Egress".to_owned(), json!(event::flag(entry, "egress")));
    // CloudTrail calls the protocol by another name.
    let protocol = event::text(entry, "aclProtocol").or_else(|| event::text(entry, "protocol"));
    for (member, value) in [
        ("Protocol", protocol),
        ("RuleAction", event::text(entry, "ruleAction").map(|action| action.to_ascii_lowercase())),
        ("CidrBlock", event::text(entry, "cidrBlock")),
        ("Ipv6CidrBlock", event::text(entry, "ipv6CidrBlock")),
    ] {
        if let Some(value) = value {
            kept.insert(member.to_owned(), json!(value));
        }
    }
    for (member, ends) in [("PortRange", ["From", "To"]), ("IcmpTypeCode", ["Code", "Type"])] {
        let range = event::field(entry, member).unwrap_or(&Value::Null);
        let numbers: Map<String, Value> = ends
            .iter()
            .filter_map(|end| Some(((*end).to_owned(), json!(event::integer(range, end)?))))
            .collect();
        if !numbers.is_empty() {
            kept.insert(member.to_owned(), Value::Object(numbers));
        }
    }
    Value::Object(kept)
}

fn entry_calls(change: &Change<'_>) -> Vec<Call> {
    let null = Value::Null;
    let mut calls = Vec::new();
    for (name, to) in change.to {
        let from = change.from.get(name).unwrap_or(&null);
        let operation = match (from.is_null(), to.is_null()) {
            (true, true) => continue,
            (false, true) => {
                let input = json!({"NetworkAclId": change.subject, "RuleNumber": from["RuleNumber"], "Egress": from["Egress"]});
                calls.push(Call::new(&ec2::DELETE_NETWORK_ACL_ENTRY, input));
                continue;
            }
            (true, false) => &ec2::CREATE_NETWORK_ACL_ENTRY,
            (false, false) if from == to => continue,
            (false, false) => &ec2::REPLACE_NETWORK_ACL_ENTRY,
        };
        let mut input = to.clone();
        input["NetworkAclId"] = json!(change.subject);
        calls.push(Call::new(operation, input));
    }
    calls
}
