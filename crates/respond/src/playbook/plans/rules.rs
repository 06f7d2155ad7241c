//! Security-group rules in the requests that CloudTrail records.

use serde_json::{Map, Value, json};
use trailkeep_baseline::Json;

use crate::playbook::event::{field, integer, list, text};
use crate::playbook::facets::security_group::peer;

/// The rules of a request: `ipPermissions`, or the older form with one rule in the request itself.
pub(super) fn requested(request: &Value, egress: bool) -> Vec<Value> {
    let mut rules = Vec::new();
    for permission in list(request, "ipPermissions") {
        rules.extend(expanded(permission, egress));
    }
    if rules.is_empty() && text(request, "cidrIp").is_some() {
        rules.push(rule(request, egress, "CidrIpv4", text(request, "cidrIp"), None));
    }
    rules
}

/// A permission is one rule for each of its peers.
fn expanded(permission: &Value, egress: bool) -> Vec<Value> {
    let lists = [
        ("ipRanges", "cidrIp", "CidrIpv4"),
        ("ipv6Ranges", "cidrIpv6", "CidrIpv6"),
        ("prefixListIds", "prefixListId", "PrefixListId"),
        ("groups", "groupId", "ReferencedGroupId"),
        ("userIdGroupPairs", "groupId", "ReferencedGroupId"),
    ];
    let mut rules = Vec::new();
    for (name, member, kept) in lists {
        for peer in list(permission, name) {
            rules.push(rule(permission, egress, kept, text(peer, member), field(peer, "description")));
        }
    }
    rules
}

fn rule(
    ports: &Value,
    egress: bool,
    member: &str,
    peer: Option<String>,
    description: Option<&Value>,
) -> Value {
    let protocol = text(ports, "ipProtocol").unwrap_or_else(|| "-1".to_owned());
    let mut rule = Map::new();
    rule.insert("IsEgress".to_owned(), json!(egress));
    for end in ["FromPort", "ToPort"] {
        if let Some(port) = integer(ports, end).filter(|_| protocol != "-1") {
            rule.insert(end.to_owned(), json!(port));
        }
    }
    rule.insert("IpProtocol".to_owned(), json!(protocol));
    rule.insert(member.to_owned(), json!(peer));
    if let Some(description) = description {
        rule.insert("Description".to_owned(), description.clone());
    }
    Value::Object(rule)
}

/// A rule in words: `tcp/22 from 0.0.0.0/0`.
pub(super) fn words(rule: &Value) -> String {
    let protocol = rule.text("IpProtocol").unwrap_or("-1");
    let traffic = match (rule.int("FromPort"), rule.int("ToPort")) {
        _ if protocol == "-1" => "all traffic".to_owned(),
        (None, _) | (_, None) | (Some(-1), Some(-1)) => protocol.to_owned(),
        (Some(from), Some(to)) if from == to => format!("{protocol}/{from}"),
        (Some(from), Some(to)) => format!("{protocol}/{from}-{to}"),
    };
    let way = if rule.flag("IsEgress") { "to" } else { "from" };
    format!("{traffic} {way} {}", peer(rule))
}

/// A few things and how many more there are.
pub(super) fn few(mut things: Vec<String>) -> String {
    const MOST: usize = 4;
    let more = things.len().saturating_sub(MOST);
    things.truncate(MOST);
    let listed = things.join(", ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}
