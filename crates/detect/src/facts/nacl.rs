//! Network ACL entries.
//! Source: Amazon EC2 API reference, `CreateNetworkAclEntry`; protocols are numbers, `-1` is all.

use sonic_rs::Value;

use super::net::{Ports, is_world};
use super::{Fact, Facts, Family, event_name, request, response};
use crate::json;

pub(super) static FAMILY: Family = Family {
    prefix: "nacl",
    sources: &["ec2.amazonaws.com"],
    events: &[
        "CreateNetworkAcl",
        "DeleteNetworkAcl",
        "CreateNetworkAclEntry",
        "ReplaceNetworkAclEntry",
        "DeleteNetworkAclEntry",
        "ReplaceNetworkAclAssociation",
    ],
    facts: &[
        ("nacl.acl_id", "the network ACL's id"),
        ("nacl.vpc_id", "the VPC, where the event has it"),
        ("nacl.direction", "`ingress` or `egress`"),
        ("nacl.rule_number", "the entry's number"),
        ("nacl.rule_action", "`allow` or `deny`"),
        ("nacl.protocol", "tcp, udp, icmp, all, or a number"),
        ("nacl.ports", "`22`, `8000-8100`, `all`"),
        ("nacl.cidr", "the entry's address block"),
        ("nacl.opens_to_world", "incoming traffic is allowed from everywhere"),
        (
            "nacl.opens_sensitive_port",
            "a port of an administrative or data service is allowed from everywhere",
        ),
        ("nacl.opens_all_ports", "all traffic, or all TCP or UDP ports, is allowed from everywhere"),
    ],
    derive,
};

fn derive(record: &Value, facts: &mut Facts) {
    let name = event_name(record);
    let asked = request(record);
    let acl = json::text(asked, &["networkAclId"])
        .or_else(|| json::text(response(record), &["networkAcl", "networkAclId"]));
    let vpc =
        json::text(asked, &["vpcId"]).or_else(|| json::text(response(record), &["networkAcl", "vpcId"]));
    facts.text("nacl.acl_id", acl);
    facts.text("nacl.vpc_id", vpc);
    let target = acl.unwrap_or("a network ACL");
    let place = vpc.map(|vpc| format!(" in {vpc}")).unwrap_or_default();
    facts.summary = Some(match name {
        "CreateNetworkAcl" => format!("created network ACL {target}{place}"),
        "DeleteNetworkAcl" => format!("deleted network ACL {target}"),
        "ReplaceNetworkAclAssociation" => {
            let association = json::text(asked, &["associationId"]).unwrap_or("an association");
            format!("moved {association} to network ACL {target}")
        }
        _ => entry(name, asked, target, facts),
    });
}

fn entry(name: &str, asked: &Value, target: &str, facts: &mut Facts) -> String {
    let egress = json::flag(asked, &["egress"]).unwrap_or(false);
    let direction = if egress { "egress" } else { "ingress" };
    let number = json::member(asked, "ruleNumber").and_then(json::integer);
    facts.text("nacl.direction", Some(direction));
    if let Some(number) = number {
        facts.set("nacl.rule_number", Fact::Int(number));
    }
    let number = number.map(|number| format!(" {number}")).unwrap_or_default();
    if name == "DeleteNetworkAclEntry" {
        return format!("deleted {direction} entry{number} of {target}");
    }
    let action = json::text(asked, &["ruleAction"]).unwrap_or_default().to_ascii_lowercase();
    let port = |end: &str| json::at(asked, &["portRange", end]).and_then(json::integer);
    let protocol = json::member(asked, "aclProtocol").or_else(|| json::member(asked, "protocol"));
    let protocol =
        protocol.and_then(|value| json::integer(value).map(|n| n.to_string()).or_else(|| text_of(value)));
    let ports = Ports::new(protocol.as_deref().unwrap_or("-1"), port("from"), port("to"));
    let cidr = json::text(asked, &["cidrBlock"]).or_else(|| json::text(asked, &["ipv6CidrBlock"]));
    facts.text("nacl.rule_action", Some(&action));
    facts.text("nacl.protocol", Some(ports.protocol()));
    facts.text("nacl.ports", Some(&ports.ports()));
    facts.text("nacl.cidr", cidr);
    let opens = action == "allow" && !egress && cidr.is_some_and(is_world);
    facts.flag("nacl.opens_to_world", opens);
    facts.flag("nacl.opens_sensitive_port", opens && !ports.sensitive().is_empty());
    facts.flag("nacl.opens_all_ports", opens && ports.is_everything());
    let done = if name.starts_with("Replace") { "changed" } else { "added" };
    let acts = if action == "deny" { "denies" } else { "allows" };
    let way = if egress { "to" } else { "from" };
    format!(
        "{done} entry{number} of {target}: {acts} {} {way} {}",
        ports.in_words(),
        cidr.unwrap_or("everywhere")
    )
}

fn text_of(value: &Value) -> Option<String> {
    use sonic_rs::JsonValueTrait;
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::derive;
    use super::*;

    fn facts(name: &str, request: &str) -> Facts {
        let record = format!(
            r#"{{"eventSource":"ec2.amazonaws.com","eventName":"{name}","requestParameters":{request}}}"#
        );
        derive(&json::parse(&record).unwrap())
    }

    #[test]
    fn ssh_from_the_world() {
        let facts = facts(
            "CreateNetworkAclEntry",
            r#"{"networkAclId":"acl-1","ruleNumber":90,"egress":false,"ruleAction":"allow","aclProtocol":"6","portRange":{"from":22,"to":22},"cidrBlock":"0.0.0.0/0"}"#,
        );
        assert_eq!(facts.get("nacl.opens_sensitive_port"), Some(&Fact::Bool(true)));
        assert_eq!(facts.get("nacl.opens_all_ports"), Some(&Fact::Bool(false)));
        assert_eq!(facts.summary.as_deref(), Some("added entry 90 of acl-1: allows tcp/22 from 0.0.0.0/0"));
    }

    #[test]
    fn denials_and_outgoing_entries_open_nothing() {
        for part in [r#""ruleAction":"deny","egress":false"#, r#""ruleAction":"allow","egress":true"#] {
            let request = format!(
                r#"{{"networkAclId":"acl-1","ruleNumber":1,"aclProtocol":"-1","cidrBlock":"0.0.0.0/0",{part}}}"#
            );
            assert_eq!(
                facts("ReplaceNetworkAclEntry", &request).get("nacl.opens_to_world"),
                Some(&Fact::Bool(false))
            );
        }
    }

    #[test]
    fn a_deleted_entry_names_its_number() {
        let facts =
            facts("DeleteNetworkAclEntry", r#"{"networkAclId":"acl-1","ruleNumber":100,"egress":true}"#);
        assert_eq!(facts.summary.as_deref(), Some("deleted egress entry 100 of acl-1"));
    }
}
