//! From EventBridge rules to their targets.

use std::sync::Arc;

use serde_json::Value;
use trailkeep_detect::event_pattern::EventPattern;

use super::allows::{self, Ask};
use super::condition::{Condition, Form};
use super::filters;
use super::path::{AlertPath, Hop, HopKind, Judged, Trouble, dead};
use super::target::{self, Sender, Target, outside};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// Events hop from bus to bus (Region to Region, account to account); more hops than this are not
/// followed.
const MAX_BUSES: usize = 3;

/// The rules of a bus (the default bus's key is empty) and the ways on from each.
///
/// # Errors
/// [`Unknown`] when the bus's rules could not be listed.
pub(super) fn of_bus(path: &AlertPath, place: Place<'_>, bus: &str) -> Result<Vec<AlertPath>, Unknown> {
    from_bus(path, place, bus, 0)
}

fn from_bus(path: &AlertPath, place: Place<'_>, bus: &str, depth: usize) -> Result<Vec<AlertPath>, Unknown> {
    let rules = place.list_for("events:ListRules", bus, "Rules")?;
    // Rules that a service manages serve that service.
    let own =
        rules.iter().filter(|rule| rule.text("ManagedBy").is_none() && rule.text("EventPattern").is_some());
    Ok(own.flat_map(|rule| from_rule(path, place, rule, depth)).collect())
}

/// A rule's states: `ENABLED` gets no read-only calls of CloudTrail.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>
fn state(rule: &Value, name: &str) -> (Judged, bool) {
    match rule.text("State") {
        Some("ENABLED") => (Ok(()), false),
        Some("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") => (Ok(()), true),
        _ => (dead(format!("rule {name} is disabled")), false),
    }
}

fn from_rule(path: &AlertPath, place: Place<'_>, rule: &Value, depth: usize) -> Vec<AlertPath> {
    let (name, arn) = (rule.text("Name").unwrap_or_default(), rule.text("Arn").unwrap_or_default());
    let hop = Hop::new(HopKind::Rule, name, arn);
    let (judged, reads) = state(rule, name);
    let path = match EventPattern::parse(rule.text("EventPattern").unwrap_or_default()) {
        Ok(pattern) => {
            let pattern = Arc::new(pattern);
            path.through(hop, judged).when(Condition::Rule { pattern, reads })
        }
        Err(error) => {
            let unknown = Unknown {
                call: "events:ListRules".to_owned(),
                missing_action: None,
                reason: format!("the pattern of rule {name} cannot be read: {error}"),
            };
            path.through(hop, judged.and(Err(unknown.into())))
        }
    };
    let targets = match place.list_for("events:ListTargetsByRule", arn, "Targets") {
        Ok(targets) => targets,
        Err(unknown) => return vec![ended(&path, Err(unknown.into()))],
    };
    if targets.is_empty() {
        return vec![ended(&path, dead(format!("rule {name} has no target")))];
    }
    let sender = Sender::rule(place, arn);
    let arns = targets.iter().filter_map(|target| target.text("Arn"));
    arns.flat_map(|target| to_target(&path, place, target, &sender, depth)).collect()
}

fn ended(path: &AlertPath, judged: Judged) -> AlertPath {
    let mut path = path.clone();
    path.judge(judged);
    path
}

fn to_target(
    path: &AlertPath,
    place: Place<'_>,
    arn: &str,
    sender: &Sender<'_>,
    depth: usize,
) -> Vec<AlertPath> {
    if arn.splitn(6, ':').nth(5).is_some_and(|resource| resource.starts_with("event-bus/")) {
        return to_bus(path, place, arn, depth);
    }
    let Target { hops, tells } = target::judge(place.inventory, arn, sender);
    let kind = hops.first().map(|(hop, _)| (hop.kind, hop.name.clone()));
    let path = hops.into_iter().fold(path.clone(), |path, (hop, judged)| path.through(hop, judged));
    match kind {
        Some((HopKind::LogGroup, name)) => to_log_group(&path, place, arn, &name),
        _ if !tells => vec![ended(&path, dead(format!("target {arn} tells nobody")))],
        _ => vec![path],
    }
}

/// A log group keeps events; it alerts where a metric filter on it does.
fn to_log_group(path: &AlertPath, place: Place<'_>, arn: &str, name: &str) -> Vec<AlertPath> {
    let silent = || {
        let rule = path.listener().map(Hop::label).unwrap_or_default();
        vec![ended(path, dead(format!("{rule} only writes to log group {name}")))]
    };
    let Some(place) = place.inventory.place_of(arn) else { return silent() };
    match filters::from_log_group(path, place, name, Form::Envelope) {
        Ok(ways) if ways.is_empty() => silent(),
        Ok(ways) => ways,
        Err(unknown) => vec![ended(path, Err(unknown.into()))],
    }
}

fn to_bus(path: &AlertPath, from: Place<'_>, arn: &str, depth: usize) -> Vec<AlertPath> {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let label = format!("event bus {name}");
    let hop = Hop::new(HopKind::EventBus, name, arn);
    let Some(place) = from.inventory.place_of(arn) else {
        return vec![path.through(hop, Err(outside("events:ListRules", &label, arn)))];
    };
    if path.hops.contains(&hop) {
        return vec![path.through(hop, dead(format!("{label} is reached a second time")))];
    }
    if depth >= MAX_BUSES {
        return vec![path.through(hop, dead(format!("{label} is more than {MAX_BUSES} event buses away")))];
    }
    let path = path.through(hop, bus_takes(from, place, name, arn, &label));
    let key = if name == "default" { "" } else { name };
    match from_bus(&path, place, key, depth + 1) {
        Ok(ways) if ways.is_empty() => vec![ended(&path, dead(format!("{label} has no rule")))],
        Ok(ways) => ways,
        Err(unknown) => vec![ended(&path, Err(unknown.into()))],
    }
}

/// The bus is there and, where it is another account's, its policy lets this account in.
fn bus_takes(from: Place<'_>, to: Place<'_>, name: &str, arn: &str, label: &str) -> Judged {
    let buses = to.list("events:ListEventBuses", "EventBuses")?;
    let Some(bus) = buses.iter().find(|bus| bus.text("Name") == Some(name)) else {
        return dead(format!("{label} does not exist"));
    };
    if from.account_id() == to.account_id() {
        return Ok(());
    }
    let organization = from.global().get("organizations:DescribeOrganization").ok().flatten();
    let root = from.account_arn();
    let sender = Sender::account(&root, organization.and_then(|output| output.text("Organization.Id")));
    allows::policy(
        &sender,
        &Ask { policy: bus.text("Policy"), action: "events:PutEvents", resource: arn, label },
    )
    .map_err(|trouble| match trouble {
        Trouble::Dead(reason) => Trouble::Dead(format!("{reason} of {}", from.account_id())),
        unknown @ Trouble::Unknown(_) => unknown,
    })
}
