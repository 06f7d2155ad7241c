//! Security groups themselves: one that is created in a protected VPC is told, one that is deleted is
//! described, so that it can be made again. Both are left to a person: what uses a group, nobody can put
//! back by a call.

use serde_json::{Value, json};
use trailkeep_baseline::Json;

use crate::playbook::event::{Event, text};
use crate::playbook::facet::Change;
use crate::playbook::facets::security_group::{GROUP, RULES, content};
use crate::playbook::plan::{Draft, Need, PlannedCall, Playbook, Priors, Remedy};
use crate::playbook::state::Parts;

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "security-group",
    title: "Security group created in a protected VPC, or deleted",
    events: &[("ec2.amazonaws.com", "CreateSecurityGroup"), ("ec2.amazonaws.com", "DeleteSecurityGroup")],
    prior: "the last state seen",
    needs: |event| match text(&event.request, "groupId") {
        Some(group) => vec![Need::new(&GROUP, &group), Need::new(&RULES, &group)],
        None => Vec::new(),
    },
    plan: |event, priors| {
        let draft = if event.name == "CreateSecurityGroup" { created(event) } else { deleted(event, priors) };
        draft.into_iter().collect()
    },
    sets: &[],
};

fn created(event: &Event) -> Option<Draft> {
    let group = text(&event.response, "groupId")?;
    let name = text(&event.request, "groupName").unwrap_or_default();
    let vpc = text(&event.request, "vpcId");
    let place = vpc.as_deref().map(|vpc| format!(" in {vpc}")).unwrap_or_default();
    let remedy = Remedy::Advice {
        says: format!("look at {group}, and delete it if nobody knows it"),
        calls: vec![PlannedCall {
            operation: "ec2:DeleteSecurityGroup".to_owned(),
            input: json!({"GroupId": group}),
        }],
    };
    Some(Draft {
        vpc,
        ..Draft::new(&group, format!("created security group {group} named {name}{place}"), remedy)
    })
}

fn deleted(event: &Event, priors: &Priors) -> Option<Draft> {
    let group = text(&event.request, "groupId").or_else(|| text(&event.request, "groupName"))?;
    let said = format!("deleted security group {group}");
    let Some(known) = priors.get(&GROUP, &group).and_then(|parts| parts.get("SecurityGroup")) else {
        return Some(Draft::new(&group, said, Remedy::unknown("what the group was")));
    };
    let mut create = json!({
        "GroupName": known["GroupName"], "Description": known["Description"], "VpcId": known["VpcId"],
    });
    if !known.items("Tags").is_empty() {
        create["TagSpecifications"] = json!([{"ResourceType": "security-group", "Tags": known["Tags"]}]);
    }
    let mut calls = vec![PlannedCall { operation: "ec2:CreateSecurityGroup".to_owned(), input: create }];
    let none = Parts::new();
    let rules = priors.get(&RULES, &group).unwrap_or(&none);
    let to: Parts = rules
        .values()
        .filter(|rule| !is_default(rule))
        .map(|rule| (content(rule), renamed(rule, &group)))
        .collect();
    let change = Change { subject: "${GroupId}", account: &event.account, from: &none, to: &to };
    calls.extend(
        (RULES.calls)(&change)
            .into_iter()
            .map(|call| PlannedCall { operation: call.operation.key(), input: call.input }),
    );
    let remedy = Remedy::Advice {
        says: format!("make {group} again with these calls, under a new id, and give it to what had it"),
        calls,
    };
    Some(Draft { vpc: known.text("VpcId").map(str::to_owned), ..Draft::new(&group, said, remedy) })
}

/// The rule that every new group has: all traffic may leave.
fn is_default(rule: &Value) -> bool {
    rule.flag("IsEgress")
        && rule.text("IpProtocol") == Some("-1")
        && rule.text("CidrIpv4") == Some("0.0.0.0/0")
}

/// A rule that refers to the group itself refers to the new one.
fn renamed(rule: &Value, group: &str) -> Value {
    let mut rule = rule.clone();
    if rule.text("ReferencedGroupId") == Some(group) {
        rule["ReferencedGroupId"] = json!("${GroupId}");
    }
    rule
}
