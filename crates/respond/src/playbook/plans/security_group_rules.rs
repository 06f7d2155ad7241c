//! Rules of security groups: added ones are revoked, revoked ones restored, modified ones set back.
//!
//! The event tells what was made, with the rules' ids. What a revoked rule was, it tells too
//! (`revokedSecurityGroupRuleSet`); its tags come from the last state seen, as does all that a
//! modification wrote over.

use serde_json::{Value, json};
use trailkeep_baseline::Json;

use super::rules::{few, requested, words};
use crate::playbook::event::{Event, field, list, text, unwrapped};
use crate::playbook::facets::security_group::{RULES, content, read_rule};
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy};
use crate::playbook::state::{Parts, overlaid};

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "security-group-rules",
    title: "Rules of a security group changed",
    events: &[
        ("ec2.amazonaws.com", "AuthorizeSecurityGroupIngress"),
        ("ec2.amazonaws.com", "AuthorizeSecurityGroupEgress"),
        ("ec2.amazonaws.com", "RevokeSecurityGroupIngress"),
        ("ec2.amazonaws.com", "RevokeSecurityGroupEgress"),
        ("ec2.amazonaws.com", "ModifySecurityGroupRules"),
        ("ec2.amazonaws.com", "UpdateSecurityGroupRuleDescriptionsIngress"),
        ("ec2.amazonaws.com", "UpdateSecurityGroupRuleDescriptionsEgress"),
    ],
    prior: "the event; descriptions, tags and modified rules from the last state seen",
    needs: |event| group(event).map(|group| Need::new(&RULES, group)).into_iter().collect(),
    plan,
    sets: &[&RULES],
};

fn request(event: &Event) -> Value {
    unwrapped(&event.request, &format!("{}Request", event.name))
}

/// The group, also where it was named and only the answer has its id.
fn group(event: &Event) -> Option<String> {
    let answered = ["securityGroupRuleSet", "revokedSecurityGroupRuleSet"]
        .into_iter()
        .flat_map(|set| list(&event.response, set))
        .find_map(|rule| text(rule, "groupId"));
    text(&request(event), "groupId").or(answered)
}

fn plan(event: &Event, priors: &Priors) -> Vec<Draft> {
    let Some(group) = group(event) else { return Vec::new() };
    let prior = priors.get(&RULES, &group);
    let draft = match event.name.as_str() {
        "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress" => added(event, &group),
        "RevokeSecurityGroupIngress" | "RevokeSecurityGroupEgress" => revoked(event, &group, prior),
        "ModifySecurityGroupRules" => modified(event, &group, prior),
        _ => described(event, &group, prior),
    };
    draft.into_iter().collect()
}

fn is_egress(event: &Event) -> bool {
    event.name.ends_with("Egress")
}

fn added(event: &Event, group: &str) -> Option<Draft> {
    let mut rules: Vec<Value> =
        list(&event.response, "securityGroupRuleSet").into_iter().map(read_rule).collect();
    if rules.is_empty() {
        // Before rules had ids.
        rules = requested(&event.request, is_egress(event));
    }
    if rules.is_empty() {
        return None;
    }
    let said = format!("allowed {} on {group}", few(rules.iter().map(words).collect()));
    let before: Parts = rules.iter().map(|rule| (content(rule), Value::Null)).collect();
    let made: Parts = rules.into_iter().map(|rule| (content(&rule), rule)).collect();
    Some(Draft::new(group, said, Remedy::put_back(&RULES, group, made, before)))
}

fn revoked(event: &Event, group: &str, prior: Option<&Parts>) -> Option<Draft> {
    let known = |name: &str| prior.map(|prior| (RULES.part)(prior, name)).unwrap_or_default();
    let mut rules: Vec<Value> =
        list(&event.response, "revokedSecurityGroupRuleSet").into_iter().map(read_rule).collect();
    if rules.is_empty() {
        rules = requested(&event.request, is_egress(event));
    }
    if rules.is_empty() {
        let ids = list(&event.request, "securityGroupRuleIds");
        let ids = ids
            .into_iter()
            .filter_map(|id| text(id, "securityGroupRuleId").or_else(|| id.as_str().map(str::to_owned)));
        rules = ids.map(|id| known(&id)).collect();
        if rules.iter().any(Value::is_null) {
            let said = format!("revoked rules of {group}");
            return Some(Draft::new(group, said, Remedy::unknown("what the rules were")));
        }
    }
    if rules.is_empty() {
        return None;
    }
    let said = format!("revoked {} on {group}", few(rules.iter().map(words).collect()));
    let whole = |rule: Value| {
        let name = content(&rule);
        // Tags and, in older events, the description are only in what was seen before.
        let mut rule = overlaid(&known(&name), &rule);
        if let Some(members) = rule.as_object_mut() {
            members.shift_remove("SecurityGroupRuleId");
        }
        (name, rule)
    };
    let before: Parts = rules.into_iter().map(whole).collect();
    let made: Parts = before.keys().map(|name| (name.clone(), Value::Null)).collect();
    Some(Draft::new(group, said, Remedy::put_back(&RULES, group, made, before)))
}

fn modified(event: &Event, group: &str, prior: Option<&Parts>) -> Option<Draft> {
    let request = request(event);
    let (mut made, mut before, mut said) = (Parts::new(), Parts::new(), Vec::new());
    for change in list(&request, "securityGroupRule").into_iter().chain(list(&request, "securityGroupRules"))
    {
        let Some(id) = text(change, "securityGroupRuleId") else { continue };
        let wanted = field(change, "securityGroupRule").unwrap_or(change);
        let mut rule = read_rule(wanted);
        let Some(old) = prior.and_then(|prior| prior.get(&id)) else {
            let said = format!("modified rule {id} of {group}");
            return Some(Draft::new(group, said, Remedy::unknown("what the rule was")));
        };
        rule["IsEgress"] = old["IsEgress"].clone();
        rule["SecurityGroupRuleId"] = json!(id);
        let mut old = old.clone();
        if old.at("Description").is_none() && rule.at("Description").is_some() {
            old["Description"] = json!("");
        }
        said.push(format!("{id} from {} to {}", words(&old), words(&rule)));
        made.insert(id.clone(), rule);
        before.insert(id, old);
    }
    let said = format!("modified {} of {group}", few(said));
    (!made.is_empty()).then(|| Draft::new(group, said, Remedy::put_back(&RULES, group, made, before)))
}

fn described(event: &Event, group: &str, prior: Option<&Parts>) -> Option<Draft> {
    let request = request(event);
    let known = |name: &str| prior.map(|prior| (RULES.part)(prior, name)).unwrap_or_default();
    let mut changes: Vec<(Value, Value)> = requested(&request, is_egress(event))
        .into_iter()
        .map(|rule| (known(&content(&rule)), rule["Description"].clone()))
        .collect();
    for change in list(&request, "securityGroupRuleDescription") {
        let id = text(change, "securityGroupRuleId").unwrap_or_default();
        changes.push((known(&id), json!(text(change, "description"))));
    }
    let said = format!("changed descriptions of rules of {group}");
    if changes.iter().any(|(old, _)| old.is_null()) {
        return Some(Draft::new(group, said, Remedy::unknown("the description")));
    }
    let (mut made, mut before) = (Parts::new(), Parts::new());
    for (mut old, description) in changes {
        let mut new = old.clone();
        new["Description"] = json!(description.as_str().unwrap_or_default());
        if old.at("Description").is_none() {
            old["Description"] = json!("");
        }
        made.insert(content(&old), new);
        before.insert(content(&old), old);
    }
    (!made.is_empty()).then(|| Draft::new(group, said, Remedy::put_back(&RULES, group, made, before)))
}
