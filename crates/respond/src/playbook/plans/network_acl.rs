//! Network ACLs themselves, and which subnet has which.

use serde_json::{Value, json};
use trailkeep_baseline::Json;

use crate::playbook::event::{Event, text};
use crate::playbook::facet::Change;
use crate::playbook::facets::network_acl::{ASSOCIATION, ENTRIES, SUBNET};
use crate::playbook::plan::{Draft, Need, PlannedCall, Playbook, Priors, Remedy, part};
use crate::playbook::state::Parts;

/// A subnet that was given another network ACL gets its own back.
pub(super) static ASSOCIATIONS: Playbook = Playbook {
    name: "network-acl-association",
    title: "Subnet moved to another network ACL",
    events: &[("ec2.amazonaws.com", "ReplaceNetworkAclAssociation")],
    prior: "the last state seen",
    needs: |event| {
        text(&event.request, "associationId").map(|id| Need::new(&ASSOCIATION, id)).into_iter().collect()
    },
    plan: |event, priors| association(event, priors).into_iter().collect(),
    sets: &[&SUBNET],
};

fn association(event: &Event, priors: &Priors) -> Option<Draft> {
    let (id, acl) = (text(&event.request, "associationId")?, text(&event.request, "networkAclId")?);
    let prior = priors.get(&ASSOCIATION, &id).and_then(|parts| parts.get("Association"));
    let known = prior.and_then(|prior| Some((prior.text("SubnetId")?, prior.text("NetworkAclId")?)));
    let Some((subnet, former)) = known else {
        let said = format!("moved the subnet of {id} to {acl}");
        return Some(Draft::new(&acl, said, Remedy::unknown("which network ACL the subnet had")));
    };
    let mut made = json!({"SubnetId": subnet, "NetworkAclId": acl});
    if let Some(new) = text(&event.response, "newAssociationId") {
        made["NetworkAclAssociationId"] = json!(new);
    }
    let before = json!({"SubnetId": subnet, "NetworkAclId": former});
    let said = format!("moved {subnet} from {former} to {acl}");
    let remedy = Remedy::put_back(&SUBNET, subnet, part("Association", made), part("Association", before));
    Some(Draft::new(subnet, said, remedy))
}

/// A network ACL that is created is told, one that is deleted described.
pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "network-acl",
    title: "Network ACL created in a protected VPC, or deleted",
    events: &[("ec2.amazonaws.com", "CreateNetworkAcl"), ("ec2.amazonaws.com", "DeleteNetworkAcl")],
    prior: "the last state seen",
    needs: |event| {
        text(&event.request, "networkAclId").map(|acl| Need::new(&ENTRIES, acl)).into_iter().collect()
    },
    plan: |event, priors| {
        let draft = if event.name == "CreateNetworkAcl" { created(event) } else { deleted(event, priors) };
        draft.into_iter().collect()
    },
    sets: &[],
};

fn created(event: &Event) -> Option<Draft> {
    let acl = event.response.at("networkAcl").and_then(|acl| text(acl, "networkAclId"))?;
    let vpc = text(&event.request, "vpcId");
    let place = vpc.as_deref().map(|vpc| format!(" in {vpc}")).unwrap_or_default();
    let remedy = Remedy::Advice {
        says: format!("look at {acl}, and delete it if nobody knows it"),
        calls: vec![PlannedCall {
            operation: "ec2:DeleteNetworkAcl".to_owned(),
            input: json!({"NetworkAclId": acl}),
        }],
    };
    Some(Draft { vpc, ..Draft::new(&acl, format!("created network ACL {acl}{place}"), remedy) })
}

fn deleted(event: &Event, priors: &Priors) -> Option<Draft> {
    let acl = text(&event.request, "networkAclId")?;
    let said = format!("deleted network ACL {acl}");
    let Some(entries) = priors.get(&ENTRIES, &acl) else {
        return Some(Draft::new(&acl, said, Remedy::unknown("what the network ACL was")));
    };
    // The last rule is always there, and cannot be made.
    let own = |entry: &&Value| entry.int("RuleNumber").is_some_and(|number| number < 32_767);
    let to: Parts = entries
        .iter()
        .filter(|(_, entry)| own(entry))
        .map(|(name, entry)| (name.clone(), entry.clone()))
        .collect();
    let none = Parts::new();
    let change = Change { subject: "${NetworkAclId}", account: &event.account, from: &none, to: &to };
    let calls = (ENTRIES.calls)(&change);
    let calls =
        calls.into_iter().map(|call| PlannedCall { operation: call.operation.key(), input: call.input });
    let create =
        PlannedCall { operation: "ec2:CreateNetworkAcl".to_owned(), input: json!({"VpcId": "${VpcId}"}) };
    let remedy = Remedy::Advice {
        says: format!("make {acl} again in its VPC with these calls, and give it to its subnets"),
        calls: std::iter::once(create).chain(calls).collect(),
    };
    Some(Draft::new(&acl, said, remedy))
}
