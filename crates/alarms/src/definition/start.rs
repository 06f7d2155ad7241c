//! The state that an answer of `DescribeAlarms` gives beside a definition.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::AlarmState;
use crate::definition::{DefinitionError, Fields};
use crate::time::{epoch, parse_time};

/// Where an alarm starts: what `DescribeAlarms` says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StartState {
    /// `StateValue`.
    pub value: AlarmState,
    /// `StateReason`.
    pub reason: Option<String>,
    /// `StateReasonData`, read; as text where it is no JSON.
    pub reason_data: Option<Value>,
    /// `StateUpdatedTimestamp`.
    pub updated: Option<DateTime<Utc>>,
    /// `StateTransitionedTimestamp`: when it last changed its state.
    pub transitioned: Option<DateTime<Utc>>,
}

impl StartState {
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Option<Self>, DefinitionError> {
        let Some(value) = fields.word("StateValue", &AlarmState::ALL.map(|state| (state.as_str(), state)))?
        else {
            return Ok(None);
        };
        let data = fields.text("StateReasonData").unwrap_or_default();
        Ok(Some(Self {
            value,
            reason: fields.text("StateReason")?,
            reason_data: data.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))),
            updated: timestamp(fields, "StateUpdatedTimestamp")?,
            transitioned: timestamp(fields, "StateTransitionedTimestamp")?,
        }))
    }
}

/// A time of an answer: a text, or seconds since 1970.
pub(crate) fn timestamp(fields: &Fields<'_>, name: &str) -> Result<Option<DateTime<Utc>>, DefinitionError> {
    let time = match fields.get(name) {
        None => return Ok(None),
        Some(Value::String(text)) => parse_time(text),
        Some(value) => value.as_f64().and_then(epoch),
    };
    let allowed = "write a time like 2026-11-25T06:00:00Z";
    time.map(Some).ok_or_else(|| DefinitionError::new(fields.at(name), fields.get(name), allowed))
}
