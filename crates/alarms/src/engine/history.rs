//! Items in the shape of `DescribeAlarmHistory`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::definition::Alarm;
use crate::engine::{ActionRun, StateRecord, Transition};
use crate::time::stamp;

/// One item of an alarm's history.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HistoryItem {
    /// The alarm.
    pub alarm_name: String,
    /// Its ARN, which CloudWatch leaves out: alarms of many accounts live here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm_arn: Option<String>,
    /// `MetricAlarm` or `CompositeAlarm`.
    pub alarm_type: String,
    /// When.
    pub timestamp: DateTime<Utc>,
    /// `ConfigurationUpdate`, `StateUpdate` or `Action`.
    pub history_item_type: String,
    /// A sentence.
    pub history_summary: String,
    /// JSON as text.
    pub history_data: String,
}

fn item(
    alarm: (&str, Option<&str>, &str),
    time: DateTime<Utc>,
    kind: &str,
    summary: String,
    data: &Value,
) -> HistoryItem {
    let (name, arn, alarm_type) = alarm;
    HistoryItem {
        alarm_name: name.to_owned(),
        alarm_arn: arn.map(str::to_owned),
        alarm_type: alarm_type.to_owned(),
        timestamp: time,
        history_item_type: kind.to_owned(),
        history_summary: summary,
        history_data: data.to_string(),
    }
}

/// An alarm was made, changed or taken out: `Create`, `Update` or `Delete`.
pub(crate) fn configuration(what: &str, alarm: &Alarm, now: DateTime<Utc>) -> HistoryItem {
    let (done, field) = match what {
        "Create" => ("created", "createdAlarm"),
        "Update" => ("updated", "updatedAlarm"),
        _ => ("deleted", "deletedAlarm"),
    };
    let data = json!({ "version": "1.0", "type": what, (field): alarm.to_value() });
    let summary = format!("Alarm \"{}\" {done}", alarm.name());
    item((alarm.name(), alarm.arn(), alarm.kind()), now, "ConfigurationUpdate", summary, &data)
}

/// An alarm changed its state.
pub(crate) fn state(transition: &Transition, before: &StateRecord) -> HistoryItem {
    let entry = |state: &str, reason: &str, data: &Value| {
        let mut map = Map::new();
        map.insert("stateValue".to_owned(), json!(state));
        map.insert("stateReason".to_owned(), json!(reason));
        let known = !data.is_null() && data.as_object().is_none_or(|map| !map.is_empty());
        if known {
            map.insert("stateReasonData".to_owned(), data.clone());
        }
        map
    };
    let mut new = entry(transition.to.as_str(), &transition.reason, &transition.reason_data);
    if let Some(by) = transition.suppressed_by {
        new.insert("actionsSuppressedBy".to_owned(), json!(by));
        new.insert(
            "actionsSuppressedReason".to_owned(),
            json!(format!("Actions suppressed by {}", by.as_str())),
        );
    }
    let old = entry(before.value.as_str(), &before.reason, &before.reason_data);
    let data = json!({ "version": "1.0", "oldState": old, "newState": new });
    let summary = format!("Alarm updated from {} to {}", before.value, transition.to);
    let alarm =
        (transition.alarm_name.as_str(), transition.alarm_arn.as_deref(), transition.alarm_type.as_str());
    item(alarm, transition.time, "StateUpdate", summary, &data)
}

/// An action of a run was done, or failed with `error`: the item that says so.
pub fn action_item(run: &ActionRun, action: &str, error: Option<&str>, time: DateTime<Utc>) -> HistoryItem {
    let (summary, state) = match error {
        None => (format!("Successfully executed action {action}"), "Succeeded"),
        Some(error) => (format!("Failed to execute action {action}. Received error: \"{error}\""), "Failed"),
    };
    let mut data = json!({
        "actionState": state, "notificationResource": action, "stateUpdateTimestamp": stamp(run.since),
        "newStateValue": run.state, "newStateReason": run.reason,
    });
    if let Some(error) = error {
        data["error"] = json!(error);
    }
    let alarm = (run.alarm_name.as_str(), run.alarm_arn.as_deref(), run.alarm_type.as_str());
    item(alarm, time, "Action", summary, &data)
}
