//! Entries of network ACLs: created ones are deleted, replaced and deleted ones put back.

use serde_json::{Value, json};
use trailkeep_baseline::Json;

use crate::playbook::event::{Event, text};
use crate::playbook::facets::network_acl::{ENTRIES, entry_name, read_entry};
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy, part};

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "network-acl-entries",
    title: "Entry of a network ACL changed",
    events: &[
        ("ec2.amazonaws.com", "CreateNetworkAclEntry"),
        ("ec2.amazonaws.com", "ReplaceNetworkAclEntry"),
        ("ec2.amazonaws.com", "DeleteNetworkAclEntry"),
    ],
    prior: "a created entry has none; replaced and deleted ones from the last state seen",
    needs: |event| {
        text(&event.request, "networkAclId").map(|acl| Need::new(&ENTRIES, acl)).into_iter().collect()
    },
    plan: |event, priors| plan(event, priors).into_iter().collect(),
    sets: &[&ENTRIES],
};

fn plan(event: &Event, priors: &Priors) -> Option<Draft> {
    let acl = text(&event.request, "networkAclId")?;
    let name = entry_name(&event.request)?;
    let prior = priors.get(&ENTRIES, &acl).map(|entries| (ENTRIES.part)(entries, &name));
    let made = if event.name == "DeleteNetworkAclEntry" { Value::Null } else { read_entry(&event.request) };
    let before = if event.name == "CreateNetworkAclEntry" { Some(Value::Null) } else { prior };
    let said = match event.name.as_str() {
        "CreateNetworkAclEntry" => format!("added entry {name} to {acl}: {}", words(&made)),
        "ReplaceNetworkAclEntry" => format!("replaced entry {name} of {acl}: {}", words(&made)),
        _ => format!("deleted entry {name} of {acl}"),
    };
    // A state that was seen without the entry is of before it was made: not the one that is wanted.
    let remedy = match before.filter(|before| event.name == "CreateNetworkAclEntry" || !before.is_null()) {
        Some(before) => Remedy::put_back(&ENTRIES, &acl, part(&name, made), part(&name, before)),
        None => Remedy::unknown("what the entry was"),
    };
    Some(Draft::new(&acl, said, remedy))
}

fn words(entry: &Value) -> String {
    let action = entry.text("RuleAction").unwrap_or("allow");
    let protocol = match entry.text("Protocol") {
        Some("6") => "tcp",
        Some("17") => "udp",
        Some("1") => "icmp",
        None | Some("-1") => "all traffic",
        Some(other) => other,
    };
    let ports = match (entry.int("PortRange.From"), entry.int("PortRange.To")) {
        (Some(from), Some(to)) if from == to => format!("/{from}"),
        (Some(from), Some(to)) => format!("/{from}-{to}"),
        _ => String::new(),
    };
    let way = if entry.at("Egress") == Some(&json!(true)) { "to" } else { "from" };
    let cidr = entry.text("CidrBlock").or(entry.text("Ipv6CidrBlock")).unwrap_or("nowhere");
    format!("{action} {protocol}{ports} {way} {cidr}")
}
