//! Security groups and their rules.
//!
//! A state has the rules by id, as `DescribeSecurityGroupRules` gives them. A part is named by a rule's id
//! (`sgr-…`, where the event changes a rule that stays) or by its content (`ingress tcp 22-22 10.0.0.0/8`,
//! where it adds or removes one: put back, a rule gets a new id).
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html>

use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::ec2;
use trailkeep_baseline::Json;

use crate::playbook::event;
use crate::playbook::facet::{Call, Change, Facet, Reading, context_of, filter, one};
use crate::playbook::state::Parts;

const GONE: &[&str] = &["InvalidGroup.NotFound", "InvalidGroupId.Malformed"];

/// The rules of a group.
pub(in crate::playbook) static RULES: Facet = Facet {
    list: Some(|| json!({})),
    absent: GONE,
    part: |parts, name| find(parts, name).map(|(_, rule)| rule.clone()).unwrap_or_default(),
    put,
    volatile: &["SecurityGroupRuleId"],
    writes: &[
        &ec2::REVOKE_SECURITY_GROUP_INGRESS,
        &ec2::REVOKE_SECURITY_GROUP_EGRESS,
        &ec2::AUTHORIZE_SECURITY_GROUP_INGRESS,
        &ec2::AUTHORIZE_SECURITY_GROUP_EGRESS,
        &ec2::MODIFY_SECURITY_GROUP_RULES,
        &ec2::UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS,
        &ec2::UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS,
    ],
    calls,
    already: &[
        "InvalidPermission.Duplicate",
        "InvalidPermission.NotFound",
        "InvalidSecurityGroupRuleId.NotFound",
    ],
    // Rules are made with their tags.
    along: &["ec2:CreateTags"],
    context: Some(&Reading {
        operation: &ec2::DESCRIBE_SECURITY_GROUPS,
        input: |place| json!({"GroupIds": [place.subject]}),
        absent: GONE,
        context: |output| output.items("SecurityGroups").first().map(context_of),
    }),
    ..Facet::reading(
        "security-group-rules",
        &ec2::DESCRIBE_SECURITY_GROUP_RULES,
        |group| json!({"Filters": filter("group-id", group)}),
        |asked, output| {
            let mut groups: Vec<(String, Parts)> = Vec::new();
            if !asked.is_empty() {
                groups.push((asked.to_owned(), Parts::new()));
            }
            for rule in output.items("SecurityGroupRules") {
                let (Some(group), Some(id)) = (rule.text("GroupId"), rule.text("SecurityGroupRuleId")) else {
                    continue;
                };
                let index = groups.iter().position(|(known, _)| known == group).unwrap_or_else(|| {
                    groups.push((group.to_owned(), Parts::new()));
                    groups.len() - 1
                });
                groups[index].1.insert(id.to_owned(), read_rule(rule));
            }
            groups
        },
    )
};

/// A group as a whole: to tell how one that was deleted is made again.
pub(in crate::playbook) static GROUP: Facet = Facet {
    list: Some(|| json!({})),
    absent: GONE,
    ..Facet::reading(
        "security-group",
        &ec2::DESCRIBE_SECURITY_GROUPS,
        |group| json!({"GroupIds": [group]}),
        |_, output| {
            let groups = output.items("SecurityGroups").iter();
            groups
                .flat_map(|group| one(group.text("GroupId").unwrap_or_default(), "SecurityGroup", group))
                .collect()
        },
    )
};

/// A rule as it is kept: `DescribeSecurityGroupRules`'s members, or those of CloudTrail's
/// `securityGroupRuleSet`.
pub(in crate::playbook) fn read_rule(rule: &Value) -> Value {
    let mut kept = Map::new();
    for member in ["SecurityGroupRuleId", "IpProtocol", "CidrIpv4", "CidrIpv6", "PrefixListId", "Description"]
    {
        if let Some(text) = event::text(rule, member) {
            kept.insert(member.to_owned(), json!(text));
        }
    }
    kept.insert("IsEgress".to_owned(), json!(event::flag(rule, "isEgress")));
    if kept.get("IpProtocol") != Some(&json!("-1")) {
        for member in ["FromPort", "ToPort"] {
            if let Some(port) = event::integer(rule, member) {
                kept.insert(member.to_owned(), json!(port));
            }
        }
    }
    let info = event::field(rule, "referencedGroupInfo").unwrap_or(&Value::Null);
    if let Some(group) = event::text(rule, "referencedGroupId").or_else(|| event::text(info, "groupId")) {
        kept.insert("ReferencedGroupId".to_owned(), json!(group));
        if let Some(owner) = event::text(info, "userId") {
            kept.insert("ReferencedGroupOwner".to_owned(), json!(owner));
        }
    }
    let tags = event::tags(rule);
    if !tags.is_empty() {
        kept.insert("Tags".to_owned(), json!(tags));
    }
    Value::Object(kept)
}

/// A rule's content as the name of a part. Two rules of a group never have the same.
pub(in crate::playbook) fn content(rule: &Value) -> String {
    let direction = if rule.flag("IsEgress") { "egress" } else { "ingress" };
    let protocol = rule.text("IpProtocol").unwrap_or("-1");
    let protocol = match protocol {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        other => other,
    };
    let ports = match (rule.int("FromPort"), rule.int("ToPort")) {
        _ if protocol == "-1" => "all".to_owned(),
        (None, None) | (Some(-1), Some(-1)) => "all".to_owned(),
        (from, to) => format!("{}-{}", from.unwrap_or(-1), to.unwrap_or(-1)),
    };
    format!("{direction} {protocol} {ports} {}", peer(rule))
}

/// Whom a rule is for.
pub(in crate::playbook) fn peer(rule: &Value) -> &str {
    ["CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId"]
        .iter()
        .find_map(|member| rule.text(member))
        .unwrap_or("nobody")
}

fn find<'a>(parts: &'a Parts, name: &str) -> Option<(&'a String, &'a Value)> {
    if name.starts_with("sgr-") {
        return parts.get_key_value(name);
    }
    parts.iter().find(|(_, rule)| content(rule) == name)
}

fn put(parts: &mut Parts, name: &str, value: &Value) {
    let key = find(parts, name).map(|(key, _)| key.clone());
    match (key, value) {
        (Some(key), Value::Null) => drop(parts.shift_remove(&key)),
        (None, Value::Null) => {}
        (Some(key), value) => drop(parts.insert(key, value.clone())),
        (None, value) => {
            let key = value.text("SecurityGroupRuleId").unwrap_or(name).to_owned();
            parts.insert(key, value.clone());
        }
    }
}

fn calls(change: &Change<'_>) -> Vec<Call> {
    let null = Value::Null;
    let (mut revoked, mut added, mut modified, mut described) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (name, to) in change.to {
        let from = change.from.get(name).unwrap_or(&null);
        match (from.is_null(), to.is_null()) {
            (true, true) => {}
            (false, true) => revoked.push(from),
            (true, false) => added.push(to),
            (false, false) if content(from) != content(to) => modified.push((from, to)),
            (false, false) if from.text("Description") != to.text("Description") => described.push(to),
            (false, false) => {}
        }
    }
    let mut calls = Vec::new();
    for egress in [false, true] {
        let of = |rules: &[&Value]| -> Vec<Value> {
            rules.iter().filter(|rule| rule.flag("IsEgress") == egress).map(|rule| (*rule).clone()).collect()
        };
        calls.extend(revoke(change.subject, egress, &of(&revoked)));
        calls.extend(authorize(change.subject, egress, &of(&added)));
        calls.extend(describe(change.subject, egress, &of(&described)));
    }
    calls.extend(modify(change.subject, &modified));
    calls
}

/// By id, which is exact; by content where an old event did not tell the id.
fn revoke(group: &str, egress: bool, rules: &[Value]) -> Vec<Call> {
    let operation =
        if egress { &ec2::REVOKE_SECURITY_GROUP_EGRESS } else { &ec2::REVOKE_SECURITY_GROUP_INGRESS };
    let (known, unknown): (Vec<&Value>, Vec<&Value>) =
        rules.iter().partition(|rule| rule.text("SecurityGroupRuleId").is_some());
    let mut calls = Vec::new();
    if !known.is_empty() {
        let ids: Vec<_> = known.iter().filter_map(|rule| rule.text("SecurityGroupRuleId")).collect();
        calls.push(Call::new(operation, json!({"GroupId": group, "SecurityGroupRuleIds": ids})));
    }
    if !unknown.is_empty() {
        let permissions: Vec<Value> = unknown.into_iter().map(|rule| permission(rule, false)).collect();
        calls.push(Call::new(operation, json!({"GroupId": group, "IpPermissions": permissions})));
    }
    calls
}

/// Tags are given to all rules of a call: a call for each set of them.
fn authorize(group: &str, egress: bool, rules: &[Value]) -> Vec<Call> {
    let operation =
        if egress { &ec2::AUTHORIZE_SECURITY_GROUP_EGRESS } else { &ec2::AUTHORIZE_SECURITY_GROUP_INGRESS };
    let mut by_tags: Vec<(&Value, Vec<Value>)> = Vec::new();
    for rule in rules {
        let tags = &rule["Tags"];
        match by_tags.iter_mut().find(|(known, _)| *known == tags) {
            Some((_, permissions)) => permissions.push(permission(rule, true)),
            None => by_tags.push((tags, vec![permission(rule, true)])),
        }
    }
    let call = |(tags, permissions): (&Value, Vec<Value>)| {
        let mut input = json!({"GroupId": group, "IpPermissions": permissions});
        if tags.as_array().is_some_and(|tags| !tags.is_empty()) {
            input["TagSpecifications"] = json!([{"ResourceType": "security-group-rule", "Tags": tags}]);
        }
        Call::new(operation, input)
    };
    by_tags.into_iter().map(call).collect()
}

fn describe(group: &str, egress: bool, rules: &[Value]) -> Option<Call> {
    let operation = if egress {
        &ec2::UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS
    } else {
        &ec2::UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS
    };
    let permissions: Vec<Value> = rules.iter().map(|rule| permission(rule, true)).collect();
    (!permissions.is_empty())
        .then(|| Call::new(operation, json!({"GroupId": group, "IpPermissions": permissions})))
}

fn modify(group: &str, rules: &[(&Value, &Value)]) -> Option<Call> {
    let rule = |(from, to): &(&Value, &Value)| {
        let mut wanted = Map::new();
        for member in [
            "IpProtocol",
            "FromPort",
            "ToPort",
            "CidrIpv4",
            "CidrIpv6",
            "PrefixListId",
            "ReferencedGroupId",
            "Description",
        ] {
            if let Some(value) = to.at(member) {
                wanted.insert(member.to_owned(), value.clone());
            }
        }
        let id = from.at("SecurityGroupRuleId").or_else(|| to.at("SecurityGroupRuleId"));
        json!({"SecurityGroupRuleId": id, "SecurityGroupRule": wanted})
    };
    let rules: Vec<Value> = rules.iter().map(rule).collect();
    let input = || json!({"GroupId": group, "SecurityGroupRules": rules});
    (!rules.is_empty()).then(|| Call::new(&ec2::MODIFY_SECURITY_GROUP_RULES, input()))
}

/// A rule as the calls take it.
fn permission(rule: &Value, described: bool) -> Value {
    let mut permission = Map::new();
    for member in ["IpProtocol", "FromPort", "ToPort"] {
        if let Some(value) = rule.at(member) {
            permission.insert(member.to_owned(), value.clone());
        }
    }
    let mut peer = Map::new();
    let (list, member, name) = if rule.at("CidrIpv4").is_some() {
        ("IpRanges", "CidrIp", "CidrIpv4")
    } else if rule.at("CidrIpv6").is_some() {
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6")
    } else if rule.at("PrefixListId").is_some() {
        ("PrefixListIds", "PrefixListId", "PrefixListId")
    } else {
        ("UserIdGroupPairs", "GroupId", "ReferencedGroupId")
    };
    peer.insert(member.to_owned(), rule[name].clone());
    if let Some(owner) = rule.at("ReferencedGroupOwner") {
        peer.insert("UserId".to_owned(), owner.clone());
    }
    if let Some(description) = rule.at("Description").filter(|text| described && **text != "") {
        peer.insert("Description".to_owned(), description.clone());
    }
    permission.insert(list.to_owned(), json!([peer]));
    Value::Object(permission)
}
