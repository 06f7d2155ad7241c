//! From an alarm to who is told: its own actions, and those of composite alarms that watch it.

use serde_json::Value;

use super::alarm::is_disabled;
use super::composite::{Rule, means};
use super::path::{AlertPath, Hop, HopKind, Judged, dead};
use super::target::{self, Sender, Target};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// Composite alarms may watch composite alarms; deeper than this is not followed.
const MAX_DEPTH: usize = 5;

/// The ways on from the alarm that `path` ends with, when it turns to ALARM. At least one: a path that
/// is broken says why.
pub(super) fn from_alarm(path: &AlertPath, place: Place<'_>, alarm: &Value) -> Vec<AlertPath> {
    follow(path, place, alarm, 0)
}

fn follow(path: &AlertPath, place: Place<'_>, alarm: &Value, depth: usize) -> Vec<AlertPath> {
    let kind = if alarm.text("AlarmRule").is_some() { "composite alarm" } else { "alarm" };
    let name = alarm.text("AlarmName").unwrap_or_default();
    let actions = alarm.texts("AlarmActions");
    let mut ways = Vec::new();
    if is_disabled(alarm) && !actions.is_empty() {
        ways.push(ended(path, dead(format!("{kind} {name} has its actions disabled"))));
    } else {
        let sender = Sender::alarm(place, alarm.text("AlarmArn").unwrap_or_default());
        ways.extend(
            actions.iter().map(|action| to_action(path, place, action, &sender, &format!("{kind} {name}"))),
        );
    }
    if depth < MAX_DEPTH {
        for composite in composites(place) {
            ways.extend(through_composite(path, place, alarm, composite, depth));
        }
    }
    if ways.is_empty() {
        ways.push(ended(path, dead(format!("{kind} {name} has no action for ALARM"))));
    }
    ways
}

fn ended(path: &AlertPath, judged: Judged) -> AlertPath {
    let mut path = path.clone();
    path.judge(judged);
    path
}

fn to_action(
    path: &AlertPath,
    place: Place<'_>,
    action: &str,
    sender: &Sender<'_>,
    label: &str,
) -> AlertPath {
    let Target { hops, tells } = target::judge(place.inventory, action, sender);
    let mut path = hops.into_iter().fold(path.clone(), |path, (hop, judged)| path.through(hop, judged));
    if !tells {
        path.judge(dead(format!("{label} acts on machines and tells nobody ({action})")));
    }
    path
}

fn composites(place: Place<'_>) -> &[Value] {
    place.list("cloudwatch:DescribeAlarms", "CompositeAlarms").unwrap_or_default()
}

/// The alarms that a composite alarm's rule refers to, by name or ARN as the rule writes them.
///
/// # Errors
/// What is wrong with the rule.
pub(crate) fn composite_children(composite: &Value) -> Result<Vec<String>, String> {
    let rule = Rule::parse(composite.text("AlarmRule").unwrap_or_default())?;
    let mut children: Vec<String> = rule.children().into_iter().map(str::to_owned).collect();
    children.dedup();
    Ok(children)
}

fn through_composite(
    path: &AlertPath,
    place: Place<'_>,
    alarm: &Value,
    composite: &Value,
    depth: usize,
) -> Vec<AlertPath> {
    let (name, arn) =
        (alarm.text("AlarmName").unwrap_or_default(), alarm.text("AlarmArn").unwrap_or_default());
    let composite_name = composite.text("AlarmName").unwrap_or_default();
    let hop =
        Hop::new(HopKind::CompositeAlarm, composite_name, composite.text("AlarmArn").unwrap_or_default());
    let rule = match Rule::parse(composite.text("AlarmRule").unwrap_or_default()) {
        Ok(rule) => rule,
        // Only a rule that may speak of this alarm matters.
        Err(_) if !composite.text("AlarmRule").unwrap_or_default().contains(name) => return Vec::new(),
        Err(reason) => {
            let unknown = Unknown {
                call: "cloudwatch:DescribeAlarms".to_owned(),
                missing_action: None,
                reason: format!("the rule of composite alarm {composite_name} cannot be read: {reason}"),
            };
            return vec![path.through(hop, Err(unknown.into()))];
        }
    };
    if !rule.children().iter().any(|child| means(child, name, arn)) {
        return Vec::new();
    }
    let with =
        |state: &'static str| rule.holds(&|child: &str| if means(child, name, arn) { state } else { "OK" });
    let judged = match (with("OK"), with("ALARM")) {
        (false, true) => not_suppressed(place, composite),
        (true, _) => dead(format!("composite alarm {composite_name} is in ALARM also while {name} is OK")),
        (false, false) => {
            dead(format!("composite alarm {composite_name} does not turn to ALARM by {name} alone"))
        }
    };
    follow(&path.through(hop, judged), place, composite, depth + 1)
}

/// Its actions are not being held back by its suppressor.
fn not_suppressed(place: Place<'_>, composite: &Value) -> Judged {
    let Some(suppressor) = composite.text("ActionsSuppressor") else { return Ok(()) };
    let output = place.get("cloudwatch:DescribeAlarms")?;
    let all = output
        .into_iter()
        .flat_map(|output| output.items("MetricAlarms").iter().chain(output.items("CompositeAlarms")));
    let mut named = all.filter(|alarm| {
        means(
            suppressor,
            alarm.text("AlarmName").unwrap_or_default(),
            alarm.text("AlarmArn").unwrap_or_default(),
        )
    });
    let name = composite.text("AlarmName").unwrap_or_default();
    match named.next() {
        Some(alarm) if alarm.text("StateValue") == Some("ALARM") => {
            dead(format!("composite alarm {name} is being suppressed by {suppressor}, which is in ALARM"))
        }
        _ => Ok(()),
    }
}
