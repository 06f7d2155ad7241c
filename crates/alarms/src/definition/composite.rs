//! `PutCompositeAlarm`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::AlarmState;
use crate::composite::AlarmRule;
use crate::definition::{DefinitionError, Fields, Tag, metric, validate};

/// The longest rule that the API takes, in characters.
const LONGEST_RULE: usize = 10_240;
/// A week of holding actions back: the API says "any integer".
const LONGEST_WAIT: u32 = 7 * 86_400;

const FIELDS: [&str; 15] = [
    "AlarmName",
    "AlarmArn",
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "AlarmRule",
    "ActionsSuppressor",
    "ActionsSuppressorWaitPeriod",
    "ActionsSuppressorExtensionPeriod",
    "Tags",
    "StateValue",
    "StateReason",
    "StateReasonData",
];

/// The alarm that holds the actions of a composite alarm back while it is in `ALARM`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionsSuppressor {
    /// Its name or ARN.
    pub alarm: String,
    /// How long the composite alarm waits, after it changed its state, for the suppressor to go into
    /// `ALARM`, in seconds.
    pub wait_period: u32,
    /// How long it waits after the suppressor left `ALARM`, in seconds.
    pub extension_period: u32,
}

/// An alarm on other alarms' states, as `PutCompositeAlarm` takes it.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>
#[derive(Clone, Debug, PartialEq)]
pub struct CompositeAlarm {
    /// `AlarmName`.
    pub name: String,
    /// `AlarmArn`, where the definition comes from an account.
    pub arn: Option<String>,
    /// `AlarmDescription`.
    pub description: Option<String>,
    /// `ActionsEnabled`.
    pub actions_enabled: bool,
    /// `OKActions`.
    pub ok_actions: Vec<String>,
    /// `AlarmActions`.
    pub alarm_actions: Vec<String>,
    /// `InsufficientDataActions`.
    pub insufficient_data_actions: Vec<String>,
    /// `AlarmRule`.
    pub rule: AlarmRule,
    /// `ActionsSuppressor` and its two periods.
    pub suppressor: Option<ActionsSuppressor>,
    /// `Tags`.
    pub tags: Vec<Tag>,
}

impl CompositeAlarm {
    /// Reads and checks a definition.
    ///
    /// # Errors
    ///
    /// Names the field, what stands there, and what is allowed.
    pub fn from_value(value: &Value) -> Result<Self, DefinitionError> {
        let fields = Fields::new("", value)?;
        fields.refuse_misspelt(&FIELDS)?;
        let rule = fields.required("AlarmRule", 1, LONGEST_RULE)?;
        Ok(Self {
            name: validate::name(&fields, "AlarmName")?,
            arn: fields.sized("AlarmArn", 1, 1600)?,
            description: fields.sized("AlarmDescription", 0, 1024)?,
            actions_enabled: fields.boolean("ActionsEnabled")?.unwrap_or(true),
            ok_actions: validate::actions(&fields, "OKActions")?,
            alarm_actions: validate::actions(&fields, "AlarmActions")?,
            insufficient_data_actions: validate::actions(&fields, "InsufficientDataActions")?,
            rule: AlarmRule::parse(&rule).map_err(|error| {
                let allowed = format!("{error}\n{}", error.caret(&rule));
                DefinitionError::new("AlarmRule", Some("no rule"), allowed)
            })?,
            suppressor: suppressor(&fields)?,
            tags: metric::tags(&fields)?,
        })
    }

    /// The definition in the shape of `PutCompositeAlarm`, with the ARN where it is known.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                map.insert(name.to_owned(), value);
            }
        };
        put("AlarmName", json!(self.name));
        put("AlarmArn", json!(self.arn));
        put("AlarmDescription", json!(self.description));
        put("ActionsEnabled", json!(self.actions_enabled));
        put("OKActions", json!(self.ok_actions));
        put("AlarmActions", json!(self.alarm_actions));
        put("InsufficientDataActions", json!(self.insufficient_data_actions));
        put("AlarmRule", json!(self.rule.as_str()));
        if let Some(suppressor) = &self.suppressor {
            put("ActionsSuppressor", json!(suppressor.alarm));
            put("ActionsSuppressorWaitPeriod", json!(suppressor.wait_period));
            put("ActionsSuppressorExtensionPeriod", json!(suppressor.extension_period));
        }
        if !self.tags.is_empty() {
            put("Tags", json!(self.tags));
        }
        Value::Object(map)
    }

    /// The actions for a state.
    pub fn actions(&self, state: AlarmState) -> &[String] {
        match state {
            AlarmState::Ok => &self.ok_actions,
            AlarmState::Alarm => &self.alarm_actions,
            AlarmState::InsufficientData => &self.insufficient_data_actions,
        }
    }
}

fn suppressor(fields: &Fields<'_>) -> Result<Option<ActionsSuppressor>, DefinitionError> {
    const WAIT: &str = "ActionsSuppressorWaitPeriod";
    const EXTENSION: &str = "ActionsSuppressorExtensionPeriod";
    let alarm = fields.sized("ActionsSuppressor", 1, 1600)?;
    let wait = fields.whole(WAIT, 0, LONGEST_WAIT)?;
    let extension = fields.whole(EXTENSION, 0, LONGEST_WAIT)?;
    let Some(alarm) = alarm else {
        return match (wait, extension) {
            (None, None) => Ok(None),
            _ => Err(DefinitionError::missing(
                "ActionsSuppressor",
                "the two periods are for an alarm that suppresses",
            )),
        };
    };
    let needed =
        |name| DefinitionError::missing(name, "an ActionsSuppressor needs it; 60 seconds are AWS's advice");
    Ok(Some(ActionsSuppressor {
        alarm,
        wait_period: wait.ok_or_else(|| needed(WAIT))?,
        extension_period: extension.ok_or_else(|| needed(EXTENSION))?,
    }))
}

impl Serialize for CompositeAlarm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CompositeAlarm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
