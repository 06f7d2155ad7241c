//! A composite alarm's state and reason.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::AlarmState;
use crate::composite::AlarmRule;
use crate::time::{long, stamp};

/// What a rule sees of an alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    /// Its ARN, or its name.
    pub reference: String,
    /// Its state.
    pub state: AlarmState,
    /// When it went into it.
    pub since: DateTime<Utc>,
}

/// Why a rule is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The composite alarm was just made.
    Created,
    /// Its rule was changed.
    Updated,
    /// An alarm that it speaks of may have changed.
    Child,
}

/// The state that a rule gives, with CloudWatch's reason and reason data.
///
/// `ALARM` if the rule holds, otherwise `OK`; `INSUFFICIENT_DATA` is only what a composite alarm is in
/// before its first evaluation. `children` gives what is known of an alarm by the name or ARN that the rule
/// has for it.
pub fn evaluate(
    rule: &AlarmRule,
    reference: &str,
    trigger: Trigger,
    children: impl Fn(&str) -> Option<Child>,
) -> (AlarmState, String, Value) {
    let known: Vec<Option<Child>> = rule.children().iter().map(|name| children(name)).collect();
    let mut states = known.iter().map(|child| child.as_ref().map(|child| child.state));
    let holds = rule.holds(|_| states.next().flatten());
    let state = if holds { AlarmState::Alarm } else { AlarmState::Ok };
    let mut latest: Vec<&Child> = known.iter().flatten().collect();
    // The last to change is what triggered it; at one time, the first that the rule names.
    latest.sort_by_key(|child| std::cmp::Reverse(child.since));
    let reason = match (trigger, latest.first()) {
        (Trigger::Child, Some(child)) => {
            format!("{} transitioned to {} at {}", child.reference, child.state, long(child.since))
        }
        (Trigger::Updated, _) => {
            format!("{reference} was updated and its new alarm rule evaluates to {state}")
        }
        _ => format!("{reference} was created and its alarm rule evaluates to {state}"),
    };
    let triggering = match trigger {
        Trigger::Child => &latest[..latest.len().min(1)],
        Trigger::Created | Trigger::Updated => &latest[..],
    };
    let alarms: Vec<Value> = triggering
        .iter()
        .map(|child| {
            json!({ "arn": child.reference, "state": { "value": child.state, "timestamp": stamp(child.since) } })
        })
        .collect();
    (state, reason, json!({ "triggeringAlarms": alarms }))
}
