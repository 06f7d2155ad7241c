//! Either kind of alarm, and documents with one or many.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::AlarmState;
use crate::definition::{CompositeAlarm, DefinitionError, Fields, MetricAlarm, StartState, Tag};

/// The most bytes of a document of definitions: an account's alarms, and then some.
const LARGEST: usize = 64 * 1024 * 1024;

/// An alarm's definition.
#[derive(Clone, Debug, PartialEq)]
pub enum Alarm {
    /// On a metric, an expression or a band.
    Metric(Box<MetricAlarm>),
    /// On other alarms.
    Composite(Box<CompositeAlarm>),
}

/// An alarm as it was read: with the state that an answer of `DescribeAlarms` gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmEntry {
    /// The definition.
    pub alarm: Alarm,
    /// Where it starts.
    pub start: Option<StartState>,
}

impl Alarm {
    /// Reads and checks one definition. What has an `AlarmRule` is a composite alarm.
    ///
    /// # Errors
    ///
    /// Names the alarm, the field, what stands there, and what is allowed.
    pub fn from_value(value: &Value) -> Result<Self, DefinitionError> {
        let fields = Fields::new("", value)?;
        let name = fields.text("AlarmName").ok().flatten();
        let alarm = if fields.has("AlarmRule") {
            CompositeAlarm::from_value(value).map(|alarm| Self::Composite(Box::new(alarm)))
        } else {
            MetricAlarm::from_value(value).map(|alarm| Self::Metric(Box::new(alarm)))
        };
        alarm.map_err(|error| match name {
            Some(name) => error.of(format!("alarm '{}'", name.escape_debug())),
            None => error,
        })
    }

    /// The definition in the shape of the API's request.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Metric(alarm) => alarm.to_value(),
            Self::Composite(alarm) => alarm.to_value(),
        }
    }

    /// `AlarmName`.
    pub fn name(&self) -> &str {
        match self {
            Self::Metric(alarm) => &alarm.name,
            Self::Composite(alarm) => &alarm.name,
        }
    }

    /// `AlarmArn`, where the definition comes from an account.
    pub fn arn(&self) -> Option<&str> {
        match self {
            Self::Metric(alarm) => alarm.arn.as_deref(),
            Self::Composite(alarm) => alarm.arn.as_deref(),
        }
    }

    /// `AlarmDescription`.
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::Metric(alarm) => alarm.description.as_deref(),
            Self::Composite(alarm) => alarm.description.as_deref(),
        }
    }

    /// `MetricAlarm` or `CompositeAlarm`, as `DescribeAlarmHistory` says it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Metric(_) => "MetricAlarm",
            Self::Composite(_) => "CompositeAlarm",
        }
    }

    /// Whether actions are run.
    pub fn actions_enabled(&self) -> bool {
        match self {
            Self::Metric(alarm) => alarm.actions_enabled,
            Self::Composite(alarm) => alarm.actions_enabled,
        }
    }

    /// Switches its actions on or off.
    pub fn set_actions_enabled(&mut self, enabled: bool) {
        match self {
            Self::Metric(alarm) => alarm.actions_enabled = enabled,
            Self::Composite(alarm) => alarm.actions_enabled = enabled,
        }
    }

    /// The actions for a state.
    pub fn actions(&self, state: AlarmState) -> &[String] {
        match self {
            Self::Metric(alarm) => alarm.actions(state),
            Self::Composite(alarm) => alarm.actions(state),
        }
    }

    /// `Tags`.
    pub fn tags(&self) -> &[Tag] {
        match self {
            Self::Metric(alarm) => &alarm.tags,
            Self::Composite(alarm) => &alarm.tags,
        }
    }

    /// How other alarms' reasons speak of it: its ARN, or its name.
    pub fn reference(&self) -> &str {
        self.arn().unwrap_or_else(|| self.name())
    }
}

impl Serialize for Alarm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Alarm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Reads a JSON document with one alarm, a list of them, or `{"MetricAlarms": […], "CompositeAlarms": […]}`.
///
/// # Errors
///
/// Says where the document is no JSON, or which alarm cannot be used and why. Names that occur twice are
/// refused.
pub fn read_alarms(json: &str) -> Result<Vec<AlarmEntry>, DefinitionError> {
    alarms_from_value(&document(json)?)
}

pub(crate) fn document(json: &str) -> Result<Value, DefinitionError> {
    if json.len() > LARGEST {
        let found = format!("{} bytes long", json.len());
        return Err(DefinitionError::new("the document", Some(found), format!("at most {LARGEST} are read")));
    }
    serde_json::from_str(json.trim_start_matches('\u{feff}')).map_err(|error| {
        DefinitionError::new(
            "the document",
            Some(format!("no JSON ({error})")),
            "write one definition, or a list of them",
        )
    })
}

/// [`read_alarms`] from a value that is read already, of JSON or TOML.
///
/// # Errors
///
/// As [`read_alarms`].
pub fn alarms_from_value(value: &Value) -> Result<Vec<AlarmEntry>, DefinitionError> {
    each_alarm(value)?.into_iter().collect()
}

/// The alarms of a document, each with what is wrong with it: an account has alarms of kinds that are not
/// known here, and the others can be used all the same.
///
/// # Errors
///
/// Where the document is of none of the shapes of [`read_alarms`].
pub fn each_alarm(value: &Value) -> Result<Vec<Result<AlarmEntry, DefinitionError>>, DefinitionError> {
    let mut found: Vec<(&Value, String)> = Vec::new();
    match value {
        Value::Array(list) => {
            found.extend(
                list.iter().enumerate().map(|(index, alarm)| (alarm, format!("alarm {}", index + 1))),
            );
        }
        Value::Object(map) if map.contains_key("MetricAlarms") || map.contains_key("CompositeAlarms") => {
            let fields = Fields::new("", value)?;
            for name in ["MetricAlarms", "CompositeAlarms"] {
                let list = fields.list(name, usize::MAX)?.iter().enumerate();
                found.extend(list.map(|(index, alarm)| (alarm, format!("{name}[{index}]"))));
            }
        }
        one => found.push((one, "the alarm".to_owned())),
    }
    let mut names = HashSet::new();
    let mut read = |(value, place): (&Value, String)| {
        let entry = AlarmEntry::from_value(value).map_err(|error| error.of(place.as_str()))?;
        if !names.insert(entry.alarm.reference().to_owned()) {
            let error = DefinitionError::text("AlarmName", entry.alarm.name(), "a name is given once");
            return Err(error.of(place));
        }
        Ok(entry)
    };
    Ok(found.into_iter().map(&mut read).collect())
}

impl AlarmEntry {
    /// Reads one alarm, with the state it is in where that is said.
    ///
    /// # Errors
    ///
    /// Where the API would refuse it.
    pub fn from_value(value: &Value) -> Result<Self, DefinitionError> {
        let alarm = Alarm::from_value(value)?;
        let start = StartState::read(&Fields::new("", value)?)
            .map_err(|error| error.of(format!("alarm '{}'", alarm.name().escape_debug())))?;
        Ok(Self { alarm, start })
    }
}
