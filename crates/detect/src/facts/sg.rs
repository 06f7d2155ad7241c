//! Security groups: who may reach what.
//!
//! Shapes: `ipPermissions.items[]` (Authorize, Revoke), a flat `cidrIp` (the old form of the same
//! calls), `ModifySecurityGroupRulesRequest.SecurityGroupRule`, rules named by id with their
//! content only in the response, and the groups of RDS, ElastiCache and Redshift.
//! Source: Amazon EC2 API reference; CloudTrail records of these calls.

use sonic_rs::{JsonValueTrait, Value};

use super::net::{Ports, is_world};
use super::{Facts, Family, and_list, event_name, request, response};
use crate::json;

pub(super) static FAMILY: Family = Family {
    prefix: "sg",
    sources: &[
        "ec2.amazonaws.com",
        "rds.amazonaws.com",
        "elasticache.amazonaws.com",
        "redshift.amazonaws.com",
    ],
    events: &[
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "ModifySecurityGroupRules",
        "UpdateSecurityGroupRuleDescriptionsIngress",
        "UpdateSecurityGroupRuleDescriptionsEgress",
        "CreateSecurityGroup",
        "DeleteSecurityGroup",
        "AssociateSecurityGroupVpc",
        "DisassociateSecurityGroupVpc",
        "AuthorizeDBSecurityGroupIngress",
        "AuthorizeCacheSecurityGroupIngress",
        "AuthorizeClusterSecurityGroupIngress",
    ],
    facts: &[
        (
            "sg.direction",
            "`ingress` or `egress`; absent where the call does not say (ModifySecurityGroupRules)",
        ),
        ("sg.group_id", "the group's id"),
        ("sg.group_name", "the group's name, where the event has it"),
        ("sg.vpc_id", "the VPC, where the event has it"),
        ("sg.is_default", "whether the group is named `default`"),
        ("sg.protocols", "protocols of the rules: tcp, udp, icmp, all, or a number"),
        ("sg.ports", "ports of the rules: `22`, `8000-8100`, `all`"),
        ("sg.cidrs", "address blocks of the rules"),
        ("sg.groups", "security groups that the rules refer to"),
        ("sg.prefix_lists", "prefix lists that the rules refer to"),
        ("sg.opens_to_world", "incoming traffic is allowed from everywhere"),
        ("sg.world_ports", "the ports allowed from everywhere"),
        ("sg.opens_sensitive_port", "a port of an administrative or data service is allowed from everywhere"),
        ("sg.sensitive_ports", "those ports"),
        ("sg.opens_other_port", "a port other than 80 and 443 is allowed from everywhere"),
        ("sg.opens_all_ports", "all traffic, or all TCP or UDP ports, is allowed from everywhere"),
        ("sg.egress_to_world", "outgoing traffic is allowed to everywhere"),
    ],
    derive,
};

/// One rule: ports, and the peers they are for.
struct Rule {
    ports: Ports,
    cidrs: Vec<String>,
    groups: Vec<String>,
    prefix_lists: Vec<String>,
}

impl Rule {
    fn open_to_world(&self) -> bool {
        self.cidrs.iter().any(|cidr| is_world(cidr))
    }

    fn in_words(&self) -> String {
        let peers: Vec<String> =
            [&self.cidrs, &self.groups, &self.prefix_lists].into_iter().flatten().cloned().collect();
        if peers.is_empty() {
            self.ports.in_words()
        } else {
            format!("{} to {}", self.ports.in_words(), and_list(&peers, 4))
        }
    }
}

fn derive(record: &Value, facts: &mut Facts) {
    let name = event_name(record);
    let (asked, answered) = (unwrap(request(record)), unwrap(response(record)));
    let direction = direction(name);
    let rules = rules(asked, answered);
    let group_id = json::text(asked, &["groupId"]).or_else(|| json::text(answered, &["groupId"]));
    let group_name =
        ["groupName", "dBSecurityGroupName", "cacheSecurityGroupName", "clusterSecurityGroupName"]
            .iter()
            .find_map(|member| json::text(asked, &[member]));
    let vpc_id = json::text(asked, &["vpcId"]).or_else(|| json::text(answered, &["vpcId"]));
    facts.text("sg.direction", direction);
    facts.text("sg.group_id", group_id);
    facts.text("sg.group_name", group_name);
    facts.text("sg.vpc_id", vpc_id);
    facts.flag("sg.is_default", group_name == Some("default"));
    facts.texts("sg.protocols", rules.iter().map(|rule| rule.ports.protocol().to_owned()).collect());
    facts.texts("sg.ports", rules.iter().map(|rule| rule.ports.ports()).collect());
    facts.texts("sg.cidrs", rules.iter().flat_map(|rule| rule.cidrs.clone()).collect());
    facts.texts("sg.groups", rules.iter().flat_map(|rule| rule.groups.clone()).collect());
    facts.texts("sg.prefix_lists", rules.iter().flat_map(|rule| rule.prefix_lists.clone()).collect());
    openings(name, direction, &rules, facts);
    let group = [group_id.or(group_name).unwrap_or("a security group"), ""].concat();
    let place = vpc_id.map(|vpc| format!(" in {vpc}")).unwrap_or_default();
    facts.summary = Some(summary(name, &rules, &format!("{group}{place}"), group_name));
}

fn openings(name: &str, direction: Option<&str>, rules: &[Rule], facts: &mut Facts) {
    let grants = name.starts_with("Authorize") || name == "ModifySecurityGroupRules";
    let world: Vec<&Rule> = rules.iter().filter(|rule| grants && rule.open_to_world()).collect();
    // A modified rule does not say its direction; what could be incoming is taken as incoming.
    let incoming: &[&Rule] = if direction == Some("egress") { &[] } else { &world };
    let sensitive: Vec<String> =
        incoming.iter().flat_map(|rule| rule.ports.sensitive()).map(|port| port.to_string()).collect();
    // The data services' own groups have no ports: the service's port is what they open.
    let is_database = rules.iter().any(|rule| rule.ports.protocol() == "database");
    facts.flag("sg.opens_to_world", !incoming.is_empty());
    facts.texts("sg.world_ports", incoming.iter().map(|rule| rule.ports.ports()).collect());
    facts.flag("sg.opens_sensitive_port", !sensitive.is_empty() || (is_database && !incoming.is_empty()));
    facts.texts("sg.sensitive_ports", sensitive);
    let is_web = |rule: &&Rule| matches!(rule.ports.ports().as_str(), "80" | "443");
    facts.flag("sg.opens_other_port", incoming.iter().any(|rule| !is_web(rule)));
    facts.flag("sg.opens_all_ports", incoming.iter().any(|rule| rule.ports.is_everything()));
    facts.flag("sg.egress_to_world", direction == Some("egress") && !world.is_empty());
}

fn direction(name: &str) -> Option<&'static str> {
    if name.contains("Ingress") {
        Some("ingress")
    } else if name.contains("Egress") {
        Some("egress")
    } else {
        None
    }
}

fn summary(name: &str, rules: &[Rule], group: &str, group_name: Option<&str>) -> String {
    let what = and_list(&rules.iter().map(Rule::in_words).collect::<Vec<_>>(), 4);
    let what = if what.is_empty() { "rules".to_owned() } else { what };
    match name {
        "AuthorizeSecurityGroupEgress" => format!("allowed outgoing {what} from {group}"),
        "RevokeSecurityGroupEgress" => format!("removed outgoing {what} from {group}"),
        "RevokeSecurityGroupIngress" => format!("closed {what} on {group}"),
        "ModifySecurityGroupRules" => format!("changed rules of {group} to {what}"),
        "CreateSecurityGroup" => {
            let called = group_name.map(|name| format!(" named {name}")).unwrap_or_default();
            format!("created security group {group}{called}")
        }
        "DeleteSecurityGroup" => format!("deleted security group {group}"),
        "AssociateSecurityGroupVpc" => format!("associated {group}"),
        "DisassociateSecurityGroupVpc" => format!("disassociated {group}"),
        _ if name.starts_with("Update") => format!("changed rule descriptions of {group}"),
        _ => format!("opened {what} on {group}"),
    }
}

/// Some calls wrap the request in one member named after it.
fn unwrap(part: &Value) -> &Value {
    [
        "ModifySecurityGroupRulesRequest",
        "AssociateSecurityGroupVpcRequest",
        "DisassociateSecurityGroupVpcRequest",
    ]
    .into_iter()
    .chain([
        "UpdateSecurityGroupRuleDescriptionsIngressRequest",
        "UpdateSecurityGroupRuleDescriptionsEgressRequest",
    ])
    .find_map(|name| json::member(part, name))
    .unwrap_or(part)
}

fn rules(asked: &Value, answered: &Value) -> Vec<Rule> {
    let mut rules: Vec<Rule> = json::list(asked, &["ipPermissions"]).into_iter().map(permission).collect();
    if let Some(cidr) = json::text(asked, &["cidrIp"]) {
        // The old flat form, and the groups of RDS and Redshift, which have no ports of their own.
        let ports = match json::text(asked, &["ipProtocol"]) {
            Some(protocol) => ports(asked, protocol),
            None => Ports::new("database", None, None),
        };
        rules.push(Rule {
            ports,
            cidrs: vec![cidr.to_owned()],
            groups: Vec::new(),
            prefix_lists: Vec::new(),
        });
    }
    for change in json::list(asked, &["SecurityGroupRule"]) {
        rules.extend(
            json::member(change, "SecurityGroupRule").filter(|rule| rule.is_object()).map(listed_rule),
        );
    }
    if rules.is_empty() {
        let answers = ["revokedSecurityGroupRuleSet", "securityGroupRuleSet"];
        rules.extend(answers.iter().flat_map(|set| json::list(answered, &[set])).map(listed_rule));
    }
    rules
}

/// An element of `ipPermissions`.
fn permission(item: &Value) -> Rule {
    let each = |list: &str, member: &str| -> Vec<String> {
        json::list(item, &[list])
            .into_iter()
            .filter_map(|entry| json::text(entry, &[member]))
            .map(str::to_owned)
            .collect()
    };
    let mut cidrs = each("ipRanges", "cidrIp");
    cidrs.extend(each("ipv6Ranges", "cidrIpv6"));
    let mut groups = each("groups", "groupId");
    groups.extend(each("userIdGroupPairs", "groupId"));
    Rule {
        ports: ports(item, json::text(item, &["ipProtocol"]).unwrap_or("-1")),
        cidrs,
        groups,
        prefix_lists: each("prefixListIds", "prefixListId"),
    }
}

/// A rule as `DescribeSecurityGroupRules` lists it.
fn listed_rule(item: &Value) -> Rule {
    let one = |member: &str| json::text(item, &[member]).map(str::to_owned);
    Rule {
        ports: ports(item, json::text(item, &["ipProtocol"]).unwrap_or("-1")),
        cidrs: [one("cidrIpv4"), one("cidrIpv6")].into_iter().flatten().collect(),
        groups: [
            one("referencedGroupId"),
            json::text(item, &["referencedGroupInfo", "groupId"]).map(str::to_owned),
        ]
        .into_iter()
        .flatten()
        .take(1)
        .collect(),
        prefix_lists: one("prefixListId").into_iter().collect(),
    }
}

fn ports(item: &Value, protocol: &str) -> Ports {
    let port = |member: &str| json::member(item, member).and_then(json::integer);
    Ports::new(protocol, port("fromPort"), port("toPort"))
}

#[cfg(test)]
mod tests {
    use super::super::{Fact, derive};
    use super::*;

    fn facts(name: &str, request: &str, response: &str) -> Facts {
        let record = format!(
            r#"{{"eventSource":"ec2.amazonaws.com","eventName":"{name}","requestParameters":{request},"responseElements":{response}}}"#
        );
        derive(&json::parse(&record).unwrap())
    }

    fn is(facts: &Facts, name: &str) -> bool {
        facts.get(name) == Some(&Fact::Bool(true))
    }

    #[test]
    fn ssh_to_the_world() {
        let facts = facts(
            "AuthorizeSecurityGroupIngress",
            r#"{"groupId":"sg-1","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{"items":[{"cidrIpv6":"::/0"}]},"prefixListIds":{}}]}}"#,
            r#"{"_return":true}"#,
        );
        assert!(is(&facts, "sg.opens_to_world") && is(&facts, "sg.opens_sensitive_port"));
        assert!(!is(&facts, "sg.opens_all_ports") && !is(&facts, "sg.egress_to_world"));
        assert_eq!(facts.summary.as_deref(), Some("opened tcp/22 to 0.0.0.0/0 and ::/0 on sg-1"));
    }

    #[test]
    fn a_private_block_opens_nothing() {
        let facts = facts(
            "AuthorizeSecurityGroupIngress",
            r#"{"groupId":"sg-1","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"}]}}]}}"#,
            "null",
        );
        assert_eq!(facts.get("sg.opens_to_world"), Some(&Fact::Bool(false)));
        assert_eq!(facts.get("sg.cidrs"), Some(&Fact::Texts(vec!["10.0.0.0/8".into()])));
    }

    #[test]
    fn the_flat_form_counts_too() {
        let facts = facts(
            "AuthorizeSecurityGroupIngress",
            r#"{"groupId":"sg-1","ipProtocol":"-1","cidrIp":"0.0.0.0/0","ipPermissions":{}}"#,
            "null",
        );
        assert!(is(&facts, "sg.opens_all_ports") && is(&facts, "sg.opens_sensitive_port"));
    }

    #[test]
    fn a_modified_rule_is_taken_as_incoming() {
        let facts = facts(
            "ModifySecurityGroupRules",
            r#"{"ModifySecurityGroupRulesRequest":{"GroupId":"sg-1","SecurityGroupRule":{"SecurityGroupRuleId":"sgr-1","tag":1,"SecurityGroupRule":{"IpProtocol":"tcp","FromPort":3389,"ToPort":3389,"CidrIpv4":"0.0.0.0/0"}}}}"#,
            r#"{"ModifySecurityGroupRulesResponse":{"return":true}}"#,
        );
        assert!(is(&facts, "sg.opens_sensitive_port"));
        assert_eq!(facts.get("sg.direction"), None);
        assert_eq!(facts.summary.as_deref(), Some("changed rules of sg-1 to tcp/3389 to 0.0.0.0/0"));
    }

    #[test]
    fn outgoing_rules_open_nothing_to_the_world() {
        let facts = facts(
            "AuthorizeSecurityGroupEgress",
            r#"{"groupId":"sg-1","ipPermissions":{"items":[{"ipProtocol":"-1","ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}}"#,
            "null",
        );
        assert!(!is(&facts, "sg.opens_to_world") && is(&facts, "sg.egress_to_world"));
    }

    #[test]
    fn rules_revoked_by_id_are_read_from_the_response() {
        let facts = facts(
            "RevokeSecurityGroupIngress",
            r#"{"groupId":"sg-1","securityGroupRuleIds":{"items":[{"securityGroupRuleId":"sgr-1"}]}}"#,
            r#"{"_return":true,"revokedSecurityGroupRuleSet":{"items":[{"groupId":"sg-1","ipProtocol":"tcp","fromPort":22,"toPort":22,"cidrIpv4":"0.0.0.0/0","isEgress":false}]}}"#,
        );
        assert_eq!(facts.summary.as_deref(), Some("closed tcp/22 to 0.0.0.0/0 on sg-1"));
        assert_eq!(facts.get("sg.opens_to_world"), Some(&Fact::Bool(false)));
    }

    #[test]
    fn a_new_group_says_where() {
        let facts = facts(
            "CreateSecurityGroup",
            r#"{"groupName":"web","groupDescription":"x","vpcId":"vpc-1"}"#,
            r#"{"groupId":"sg-9"}"#,
        );
        assert_eq!(facts.summary.as_deref(), Some("created security group sg-9 in vpc-1 named web"));
    }
}
