//! Answers of `DescribeAlarms`.

use serde_json::Value;

use crate::definition::{AlarmEntry, DefinitionError, each_alarm};
use crate::engine::{Origin, Transition, scope_of_arn};
use crate::watch::bare;

/// Whose alarms an answer has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PollScope {
    /// The account that was asked.
    pub account_id: Option<String>,
    /// The Region that was asked.
    pub region: Option<String>,
}

/// The states that an answer of `DescribeAlarms` gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Poll {
    /// A transition per alarm: into the state it is in, at the time of its last change.
    pub states: Vec<Transition>,
    /// Alarms that could not be read, and why.
    pub unread: Vec<DefinitionError>,
}

impl Poll {
    /// Reads an answer, all pages put together.
    ///
    /// # Errors
    ///
    /// Where it has not the shape of an answer. Single alarms that cannot be read are in `unread`.
    pub fn read(answer: &Value, scope: &PollScope) -> Result<Self, DefinitionError> {
        let mut poll = Self::default();
        for entry in each_alarm(answer)? {
            match entry {
                Ok(entry) => poll.states.extend(transition(entry, scope)),
                Err(error) => poll.unread.push(error),
            }
        }
        Ok(poll)
    }
}

fn transition(entry: AlarmEntry, asked: &PollScope) -> Option<Transition> {
    let AlarmEntry { alarm, start } = entry;
    let start = start?;
    let time = start.transitioned.or(start.updated)?;
    let scope = alarm.arn().and_then(scope_of_arn);
    Some(Transition {
        alarm_arn: alarm.arn().map(str::to_owned),
        alarm_type: alarm.kind().to_owned(),
        account_id: scope.map(|(_, account)| account.to_owned()).or_else(|| asked.account_id.clone()),
        region: scope.map(|(region, _)| region.to_owned()).or_else(|| asked.region.clone()),
        reason: start.reason.unwrap_or_default(),
        reason_data: start.reason_data.unwrap_or_default(),
        actions_enabled: alarm.actions_enabled(),
        actions: alarm.actions(start.value).to_vec(),
        description: alarm.description().map(str::to_owned),
        configuration: alarm.to_value(),
        ..bare(alarm.name().to_owned(), start.value, time, Origin::DescribeAlarms)
    })
}
