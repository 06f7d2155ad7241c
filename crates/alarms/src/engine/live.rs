//! One alarm and the state it is in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::AlarmState;
use crate::composite::{Hold, Trigger};
use crate::definition::{Alarm, AlarmEntry};
use crate::engine::{first_trigger, no_data};

/// CloudWatch's reason for an alarm that was not evaluated yet.
const UNCHECKED: &str = "Unchecked: Initial alarm creation";

/// A state, why, and since when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StateRecord {
    /// `StateValue`.
    #[serde(rename = "StateValue")]
    pub value: AlarmState,
    /// `StateReason`.
    #[serde(rename = "StateReason")]
    pub reason: String,
    /// `StateReasonData`, as JSON.
    #[serde(rename = "StateReasonData")]
    pub reason_data: Value,
    /// `StateUpdatedTimestamp`.
    #[serde(rename = "StateUpdatedTimestamp")]
    pub updated: DateTime<Utc>,
    /// `StateTransitionedTimestamp`.
    #[serde(rename = "StateTransitionedTimestamp")]
    pub transitioned: DateTime<Utc>,
}

/// An alarm, its state, and what the engine remembers of it.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveAlarm {
    /// The definition.
    pub alarm: Alarm,
    /// The state.
    pub state: StateRecord,
    /// Actions that are held back, of composite alarms with a suppressor.
    pub hold: Hold,
    /// What the definition itself says of `ActionsEnabled`, where that was switched by hand since.
    pub(crate) defined_enabled: Option<bool>,
    /// Where the last evaluation ended, in seconds since 1970.
    pub(crate) evaluated_to: Option<i64>,
    /// When the next evaluation is due, in seconds since 1970.
    pub(crate) due: i64,
    /// Whether samples came for a time that was evaluated already.
    pub(crate) late: bool,
    /// Whether the state changed since what holds actions back was last asked.
    pub(crate) changed: bool,
    /// Why a composite alarm is evaluated next.
    pub(crate) trigger: Trigger,
}

impl LiveAlarm {
    pub(crate) fn new(entry: AlarmEntry, now: DateTime<Utc>) -> Self {
        let start = entry.start.as_ref();
        let transitioned = start.and_then(|start| start.transitioned.or(start.updated)).unwrap_or(now);
        let state = StateRecord {
            value: start.map_or(AlarmState::InsufficientData, |start| start.value),
            reason: start.and_then(|start| start.reason.clone()).unwrap_or_else(|| UNCHECKED.to_owned()),
            reason_data: start.and_then(|start| start.reason_data.clone()).unwrap_or_else(no_data),
            updated: start.and_then(|start| start.updated).unwrap_or(transitioned),
            transitioned,
        };
        let trigger = first_trigger();
        Self {
            alarm: entry.alarm,
            state,
            hold: Hold::default(),
            defined_enabled: None,
            evaluated_to: None,
            due: i64::MIN,
            late: false,
            changed: false,
            trigger,
        }
    }

    /// Another definition; the state stays.
    pub(crate) fn change(&mut self, alarm: Alarm) {
        let suppressor = |alarm: &Alarm| match alarm {
            Alarm::Composite(alarm) => alarm.suppressor.as_ref().map(|suppressor| suppressor.alarm.clone()),
            Alarm::Metric(_) => None,
        };
        if suppressor(&self.alarm) != suppressor(&alarm) {
            // By the guide, a replaced suppressor ends what its predecessor began; what was held back is
            // then decided by the new one.
            self.hold.phase = crate::composite::Phase::Free;
        }
        self.alarm = alarm;
        self.defined_enabled = None;
        self.due = i64::MIN;
        self.trigger = Trigger::Updated;
    }

    /// Switches its actions by hand.
    pub(crate) fn switch(&mut self, enabled: bool) {
        self.defined_enabled.get_or_insert(self.alarm.actions_enabled());
        self.alarm.set_actions_enabled(enabled);
        if !enabled {
            // What was held back is not run any more.
            self.hold = Hold::default();
        }
    }

    /// The definition as it was put.
    pub(crate) fn definition(&self) -> Alarm {
        let mut alarm = self.alarm.clone();
        if let Some(enabled) = self.defined_enabled {
            alarm.set_actions_enabled(enabled);
        }
        alarm
    }
}
