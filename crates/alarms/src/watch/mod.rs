//! Transitions of alarms that CloudWatch evaluates, in any account.
//!
//! ```text
//!   EventBridge, "CloudWatch Alarm State Change" ─┐
//!   SNS, an alarm's message ──────────────────────┼─► Watcher (each change once) ─► Transition
//!   DescribeAlarms, polled as a net ──────────────┘
//! ```
//!
//! A change is known by the alarm's ARN, the new state and its time. Events come twice, late and in any
//! order; the poll sees only the latest change of each alarm. An alarm that the poll meets for the first
//! time is told if it is in `ALARM`, and otherwise only remembered.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html>

mod message;
mod poll;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::AlarmState;
use crate::engine::{Origin, Transition};

pub use message::{WatchError, read_message};
pub use poll::{Poll, PollScope};

/// Alarms that are remembered; beyond, those that changed longest ago are forgotten.
const MOST_ALARMS: usize = 100_000;
/// Changes of each alarm that are remembered.
const MOST_CHANGES: usize = 16;
/// Times of one change differ by so many milliseconds between event, message and poll.
const SAME: i64 = 1000;

/// Tells changes that were seen from those that were not. Serialisable, so that a restart goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watcher {
    /// By ARN: state and time in milliseconds, in the order of time.
    seen: HashMap<String, VecDeque<(AlarmState, i64)>>,
}

impl Watcher {
    /// A watcher that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a transition from an event or a message. Gives it back if it is new.
    pub fn take(&mut self, transition: Transition) -> Option<Transition> {
        let key = key_of(&transition);
        self.see(&key, transition.to, transition.time).then_some(transition)
    }

    /// Takes an answer of `DescribeAlarms`. Gives the changes that were not seen yet.
    pub fn poll(&mut self, poll: Poll) -> Vec<Transition> {
        let mut new = Vec::new();
        for mut transition in poll.states {
            let key = key_of(&transition);
            let before = self.seen.get(&key).and_then(|changes| changes.back()).copied();
            if !self.see(&key, transition.to, transition.time) {
                continue;
            }
            let told = match before {
                // An event has told of something later already.
                Some((_, time)) if time > transition.time.timestamp_millis() => false,
                Some((state, _)) => {
                    transition.from = Some(state);
                    state != transition.to || transition.to == AlarmState::Alarm
                }
                None => transition.to == AlarmState::Alarm,
            };
            if told {
                new.push(transition);
            }
        }
        new
    }

    /// What an alarm's state was when something was last heard of it.
    pub fn state(&self, arn: &str) -> Option<AlarmState> {
        self.seen.get(arn)?.back().map(|(state, _)| *state)
    }

    /// Remembers a change; whether it is new.
    fn see(&mut self, key: &str, state: AlarmState, time: DateTime<Utc>) -> bool {
        let millis = time.timestamp_millis();
        if !self.seen.contains_key(key) && self.seen.len() >= MOST_ALARMS {
            self.forget_some();
        }
        let changes = self.seen.entry(key.to_owned()).or_default();
        if changes.iter().any(|(seen, at)| *seen == state && (at - millis).abs() <= SAME) {
            return false;
        }
        let place = changes.partition_point(|(_, at)| *at <= millis);
        changes.insert(place, (state, millis));
        if changes.len() > MOST_CHANGES {
            changes.pop_front();
        }
        true
    }

    /// Forgets a tenth, those that changed longest ago.
    fn forget_some(&mut self) {
        let mut times: Vec<i64> =
            self.seen.values().filter_map(|changes| changes.back()).map(|(_, at)| *at).collect();
        let tenth = (MOST_ALARMS / 10).min(times.len().saturating_sub(1));
        let (_, oldest, _) = times.select_nth_unstable(tenth);
        let oldest = *oldest;
        self.seen.retain(|_, changes| changes.back().is_some_and(|(_, at)| *at > oldest));
    }
}

/// The ARN, or what stands for it where there is none.
fn key_of(transition: &Transition) -> String {
    transition.alarm_arn.clone().unwrap_or_else(|| {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{}:{}:{}", part(&transition.region), part(&transition.account_id), transition.alarm_name)
    })
}

/// A transition of which only identity and state are known yet.
fn bare(name: String, to: AlarmState, time: DateTime<Utc>, origin: Origin) -> Transition {
    Transition {
        alarm_name: name,
        alarm_arn: None,
        alarm_type: "MetricAlarm".to_owned(),
        account_id: None,
        region: None,
        from: None,
        to,
        time,
        reason: String::new(),
        reason_data: serde_json::Value::Null,
        actions_enabled: true,
        actions: Vec::new(),
        suppressed_by: None,
        description: None,
        configuration: serde_json::Value::Null,
        origin,
    }
}
