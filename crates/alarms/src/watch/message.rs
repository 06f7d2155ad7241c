//! Events of EventBridge, and alarms' messages to SNS topics.

use serde_json::{Value, json};

use crate::AlarmState;
use crate::composite::SuppressedBy;
use crate::engine::{Origin, Transition, scope_of_arn};
use crate::parse_time;
use crate::watch::bare;

/// The most bytes of a message; SNS and SQS stop at 256 KiB, and EventBridge at 1 MiB.
const LARGEST: usize = 2 * 1024 * 1024;
/// Envelopes within one another: SQS around SNS around EventBridge.
const DEEPEST: usize = 4;
/// The longest reason, in characters.
const LONGEST: usize = 4096;

/// A message that is no change of an alarm's state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// It is not JSON.
    #[error("the message is no JSON: {0}")]
    NoJson(String),
    /// It is too long.
    #[error("the message has {0} bytes; at most {LARGEST} are read")]
    TooLong(usize),
    /// It is of another kind.
    #[error(
        "the message is neither an event \"CloudWatch Alarm State Change\" nor an alarm's message to SNS; send those only"
    )]
    OtherKind,
    /// A field is missing or unusable.
    #[error("the message has no usable {field}: {allowed}")]
    Field {
        /// Its path.
        field: &'static str,
        /// What is expected there.
        allowed: &'static str,
    },
}

/// Reads a change of an alarm's state: an event of EventBridge, an alarm's message to an SNS topic, either
/// within an envelope of SNS (`"Type": "Notification"`) or SQS (`"Body"`).
///
/// # Errors
///
/// Where it is something else, or lacks the alarm, the state or the time.
pub fn read_message(text: &str) -> Result<Transition, WatchError> {
    if text.len() > LARGEST {
        return Err(WatchError::TooLong(text.len()));
    }
    let mut value: Value =
        serde_json::from_str(text).map_err(|error| WatchError::NoJson(error.to_string()))?;
    for _ in 0..DEEPEST {
        let inner = ["Message", "Body", "body"].into_iter().find_map(|field| value.get(field)?.as_str());
        let is_alarm = value.get("detail-type").is_some() || value.get("NewStateValue").is_some();
        let Some(inner) = inner.filter(|_| !is_alarm) else { break };
        value = serde_json::from_str(inner).map_err(|error| WatchError::NoJson(error.to_string()))?;
    }
    if value.get("detail-type").and_then(Value::as_str) == Some("CloudWatch Alarm State Change") {
        return event(&value);
    }
    if value.get("NewStateValue").is_some() && value.get("AlarmName").is_some() {
        return message(&value);
    }
    Err(WatchError::OtherKind)
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(|text| text.chars().take(LONGEST).collect())
}

fn state(value: &Value, pointer: &str) -> Option<AlarmState> {
    value.pointer(pointer)?.as_str()?.parse().ok()
}

/// Reason data is JSON in a text.
fn data(value: &Value, pointer: &str) -> Value {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
}

const NAME: WatchError = WatchError::Field { field: "alarm name", allowed: "an alarm has a name" };
const STATE: WatchError = WatchError::Field { field: "state", allowed: "OK, ALARM or INSUFFICIENT_DATA" };
const TIME: WatchError =
    WatchError::Field { field: "time", allowed: "a time like 2026-11-25T06:00:00.000+0000" };

fn event(event: &Value) -> Result<Transition, WatchError> {
    let name = text(event, "/detail/alarmName").ok_or(NAME)?;
    let to = state(event, "/detail/state/value").ok_or(STATE)?;
    let time = ["/detail/state/timestamp", "/time"]
        .into_iter()
        .find_map(|at| parse_time(event.pointer(at)?.as_str()?));
    let configuration = event.pointer("/detail/configuration").cloned().unwrap_or_default();
    let composite = configuration.get("alarmRule").is_some();
    let suppressed = match event.pointer("/detail/state/actionsSuppressedBy").and_then(Value::as_str) {
        Some("Alarm") => Some(SuppressedBy::Alarm),
        Some("WaitPeriod") => Some(SuppressedBy::WaitPeriod),
        Some("ExtensionPeriod") => Some(SuppressedBy::ExtensionPeriod),
        _ => None,
    };
    Ok(Transition {
        alarm_arn: text(event, "/resources/0"),
        alarm_type: if composite { "CompositeAlarm" } else { "MetricAlarm" }.to_owned(),
        account_id: text(event, "/account"),
        region: text(event, "/region"),
        from: state(event, "/detail/previousState/value"),
        reason: text(event, "/detail/state/reason").unwrap_or_default(),
        reason_data: data(event, "/detail/state/reasonData"),
        suppressed_by: suppressed,
        description: text(event, "/detail/configuration/description"),
        configuration,
        ..bare(name, to, time.ok_or(TIME)?, Origin::EventBridge)
    })
}

fn message(message: &Value) -> Result<Transition, WatchError> {
    let name = text(message, "/AlarmName").ok_or(NAME)?;
    let to = state(message, "/NewStateValue").ok_or(STATE)?;
    let time = text(message, "/StateChangeTime").and_then(|text| parse_time(&text)).ok_or(TIME)?;
    let arn = text(message, "/AlarmArn");
    let scope = arn.as_deref().and_then(scope_of_arn);
    let composite = message.get("AlarmRule").is_some();
    let actions = |field: &str| -> Vec<String> {
        let list = message.get(field).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).take(5).map(str::to_owned).collect()
    };
    let actions = match to {
        AlarmState::Ok => actions("OKActions"),
        AlarmState::Alarm => actions("AlarmActions"),
        AlarmState::InsufficientData => actions("InsufficientDataActions"),
    };
    let configuration = match message.get("AlarmRule") {
        Some(rule) => json!({ "alarmRule": rule }),
        None => message.get("Trigger").cloned().unwrap_or_default(),
    };
    Ok(Transition {
        account_id: text(message, "/AWSAccountId").or_else(|| scope.map(|(_, account)| account.to_owned())),
        // The message's own Region is a name for people ("Europe (Ireland)").
        region: scope.map(|(region, _)| region.to_owned()),
        alarm_type: if composite { "CompositeAlarm" } else { "MetricAlarm" }.to_owned(),
        from: state(message, "/OldStateValue"),
        reason: text(message, "/NewStateReason").unwrap_or_default(),
        description: text(message, "/AlarmDescription"),
        actions,
        configuration,
        alarm_arn: arn.clone(),
        ..bare(name, to, time, Origin::Sns)
    })
}
