//! Alarms, filters and history as the state keeps them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use trailkeep_alarms::AlarmState;
use trailkeep_alarms::definition::{AlarmEntry, MetricFilter};
use trailkeep_alarms::engine::{HistoryItem, StateRecord, scope_of_arn};
use trailkeep_alarms::{Transition, parse_time};
use trailkeep_state::{
    AlarmEvent, AlarmOrigin, AlarmRow, AlarmStateUpdate, MetricFilterRow, NewAlarm, NewItem,
};

use crate::runtime::ALARM;

/// An alarm to keep. `scope` is the account and the Region that were asked for it.
#[must_use]
pub fn alarm(
    entry: &AlarmEntry,
    origin: AlarmOrigin,
    scope: Option<(&str, &str)>,
    now: DateTime<Utc>,
) -> NewAlarm {
    let alarm = &entry.alarm;
    let start = entry.start.as_ref();
    let of_arn = alarm.arn().and_then(scope_of_arn).map(|(region, account)| (account, region));
    // What was asked is what is replaced; an ARN says the same.
    let scope = scope.or(of_arn);
    let transitioned = start.and_then(|start| start.transitioned.or(start.updated)).unwrap_or(now);
    NewAlarm {
        id: alarm.reference().to_owned(),
        name: alarm.name().to_owned(),
        kind: alarm.kind().to_owned(),
        origin,
        account_id: scope.map(|(account, _)| account.to_owned()),
        region: scope.map(|(_, region)| region.to_owned()),
        definition: alarm.to_value().to_string(),
        state: start.map(|start| start.value).unwrap_or_default().to_string(),
        reason: start
            .and_then(|start| start.reason.clone())
            .unwrap_or_else(|| "Unchecked: Initial alarm creation".to_owned()),
        reason_data: start
            .and_then(|start| start.reason_data.as_ref())
            .map_or_else(|| "{}".to_owned(), Value::to_string),
        updated_at: start.and_then(|start| start.updated).unwrap_or(transitioned),
        transitioned_at: transitioned,
    }
}

/// A metric filter to keep. `scope` is the account and the Region that were asked for it.
#[must_use]
pub fn filter(filter: &MetricFilter, origin: AlarmOrigin, scope: Option<(&str, &str)>) -> MetricFilterRow {
    let (account, region) = scope.unwrap_or_default();
    let group = filter.log_group_name.as_deref().unwrap_or_default();
    MetricFilterRow {
        // Colons are in no filter's name and no group's.
        id: format!("{account}:{region}:{group}:{}", filter.name),
        name: filter.name.clone(),
        table_name: filter.table.clone(),
        origin,
        account_id: scope.map(|(account, _)| account.to_owned()),
        region: scope.map(|(_, region)| region.to_owned()),
        definition: filter.to_value().to_string(),
    }
}

/// An alarm in the shape of `DescribeAlarms`, with `Origin`.
#[must_use]
pub fn described(row: &AlarmRow) -> Value {
    let mut map = match serde_json::from_str(&row.definition) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    let precise = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let more = [
        ("StateValue", json!(row.state)),
        ("StateReason", json!(row.reason)),
        ("StateReasonData", json!(row.reason_data)),
        ("StateUpdatedTimestamp", json!(precise(row.updated_at))),
        ("StateTransitionedTimestamp", json!(precise(row.transitioned_at))),
        ("AlarmConfigurationUpdatedTimestamp", json!(precise(row.stored_at))),
        ("Origin", json!(row.origin)),
    ];
    map.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(map)
}

/// An item of history in the shape of `DescribeAlarmHistory`, with `AlarmArn`.
#[must_use]
pub fn history_item(event: &AlarmEvent) -> Value {
    json!({
        "AlarmName": event.alarm_name,
        "AlarmArn": event.alarm_id.starts_with("arn:").then_some(&event.alarm_id),
        "AlarmType": event.alarm_kind,
        "Timestamp": event.time.to_rfc3339_opts(SecondsFormat::Millis, true),
        "HistoryItemType": event.item_type,
        "HistorySummary": event.summary,
        "HistoryData": event.data,
    })
}

/// What tells an alarm from others: its ARN, or its name.
pub(super) fn id_of<'a>(arn: Option<&'a str>, name: &'a str) -> &'a str {
    arn.unwrap_or(name)
}

pub(super) fn state(id: &str, state: &StateRecord) -> AlarmStateUpdate {
    AlarmStateUpdate {
        id: id.to_owned(),
        state: state.value.as_str().to_owned(),
        reason: state.reason.clone(),
        reason_data: state.reason_data.to_string(),
        updated_at: state.updated,
        transitioned_at: state.transitioned,
    }
}

/// The state that CloudWatch says an alarm is in.
pub(super) fn heard(transition: &Transition) -> AlarmStateUpdate {
    let id = id_of(transition.alarm_arn.as_deref(), &transition.alarm_name);
    let record = StateRecord {
        value: transition.to,
        reason: transition.reason.clone(),
        reason_data: transition.reason_data.clone(),
        updated: transition.time,
        transitioned: transition.time,
    };
    state(id, &record)
}

/// An item of history.
pub(super) fn event(item: &HistoryItem) -> AlarmEvent {
    let data: Value = serde_json::from_str(&item.history_data).unwrap_or_default();
    let text = |pointer: &str| data.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let scope = item.alarm_arn.as_deref().and_then(scope_of_arn);
    AlarmEvent {
        alarm_id: id_of(item.alarm_arn.as_deref(), &item.alarm_name).to_owned(),
        alarm_name: item.alarm_name.clone(),
        alarm_kind: item.alarm_type.clone(),
        time: item.timestamp,
        item_type: item.history_item_type.clone(),
        summary: item.history_summary.clone(),
        from_state: text("/oldState/stateValue"),
        to_state: text("/newState/stateValue"),
        reason: text("/newState/stateReason"),
        account_id: scope.map(|(_, account)| account.to_owned()),
        region: scope.map(|(region, _)| region.to_owned()),
        data: item.history_data.clone(),
    }
}

/// The item of history of a transition that CloudWatch told.
pub(super) fn heard_event(transition: &Transition) -> AlarmEvent {
    let from = transition.from.map(AlarmState::as_str);
    let data = serde_json::json!({
        "version": "1.0",
        "oldState": { "stateValue": from },
        "newState": {
            "stateValue": transition.to.as_str(),
            "stateReason": transition.reason,
            "stateReasonData": transition.reason_data,
        },
        "origin": transition.origin,
    });
    AlarmEvent {
        alarm_id: id_of(transition.alarm_arn.as_deref(), &transition.alarm_name).to_owned(),
        alarm_name: transition.alarm_name.clone(),
        alarm_kind: transition.alarm_type.clone(),
        time: transition.time,
        item_type: "StateUpdate".to_owned(),
        summary: format!("Alarm updated from {} to {}", from.unwrap_or("unknown"), transition.to),
        from_state: from.map(str::to_owned),
        to_state: Some(transition.to.as_str().to_owned()),
        reason: Some(transition.reason.clone()),
        account_id: transition.account_id.clone(),
        region: transition.region.clone(),
        data: data.to_string(),
    }
}

/// What brings a transition into an incident.
pub(super) fn item(transition: &Transition) -> NewItem {
    let id = id_of(transition.alarm_arn.as_deref(), &transition.alarm_name);
    let key = format!("{} {} {id}", transition.time.timestamp_millis(), transition.to.as_str());
    // Texts, numbers and JSON: there is nothing that JSON could not hold.
    let payload = serde_json::to_string(transition).unwrap_or_default();
    NewItem { kind: ALARM.to_owned(), key, payload }
}

/// A time as queries give it back.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    parse_time(text).or_else(|| {
        let naive =
            chrono::NaiveDateTime::parse_from_str(text.trim_end_matches(" UTC"), "%Y-%m-%d %H:%M:%S%.f");
        naive.ok().map(|naive| naive.and_utc())
    })
}
