//! The least-privilege policy of the role that playbooks work with: what the facets read and set, and no
//! more.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::facet::Facet;
use super::facets;
use super::plan::{Playbook, playbooks};

/// Actions that stand in statements of their own, as they are allowed towards one service only.
const PASS_ROLE: &str = "iam:PassRole";
const LINKED_ROLE: &str = "iam:CreateServiceLinkedRole";

/// The policy of a role for `respond`: it reads what playbooks put back, and makes the calls of those that
/// are not only to observe. `acts` says which, by name; all of them is `|_| true`.
#[must_use]
pub fn respond_policy(acts: impl Fn(&str) -> bool) -> Value {
    let acting: Vec<&Playbook> = playbooks().iter().copied().filter(|playbook| acts(playbook.name)).collect();
    let sets: Vec<&'static Facet> =
        facets::all().filter(|facet| acting.iter().any(|playbook| sets(playbook, facet))).collect();
    let mut statements = vec![json!({
        "Sid": "TrailkeepRespondRead", "Effect": "Allow", "Action": reads(), "Resource": "*",
    })];
    let along: BTreeSet<&str> = sets.iter().flat_map(|facet| facet.along.iter().copied()).collect();
    let mut actions: BTreeSet<&str> =
        sets.iter().flat_map(|facet| facet.writes.iter().map(|operation| operation.action)).collect();
    actions.extend(along.iter().filter(|action| !matches!(**action, PASS_ROLE | LINKED_ROLE)));
    if !actions.is_empty() {
        statements.push(json!({
            "Sid": "TrailkeepRespondRepair", "Effect": "Allow", "Action": actions, "Resource": "*",
        }));
    }
    if along.contains(PASS_ROLE) {
        statements.push(json!({
            "Sid": "TrailkeepRespondPassRole", "Effect": "Allow", "Action": PASS_ROLE, "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService":
                ["cloudtrail.amazonaws.com", "vpc-flow-logs.amazonaws.com"]}},
        }));
    }
    if along.contains(LINKED_ROLE) {
        statements.push(json!({
            "Sid": "TrailkeepRespondWafLogging", "Effect": "Allow", "Action": LINKED_ROLE, "Resource": "*",
            "Condition": {"StringEquals": {"iam:AWSServiceName": "wafv2.amazonaws.com"}},
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn sets(playbook: &Playbook, facet: &Facet) -> bool {
    playbook.sets.iter().any(|known| known.name == facet.name)
}

fn reads() -> BTreeSet<&'static str> {
    let context = |facet: &'static Facet| facet.context.map(|reading| reading.operation.action);
    facets::all().flat_map(|facet| [Some(facet.read.action), context(facet)].into_iter().flatten()).collect()
}
