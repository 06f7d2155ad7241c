//! The state of an alarm over time.

use chrono::{DateTime, Utc};
use trailkeep_alarms::AlarmState;
use trailkeep_state::AlarmEvent;

/// A stretch of time in one state; `None` where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
    pub(super) state: Option<AlarmState>,
}

/// The states between two times. `items` of the history are the newest first; `current` is the state now,
/// and since when, for where the history says nothing.
pub(super) fn stretches(
    items: &[AlarmEvent],
    current: Option<(AlarmState, DateTime<Utc>)>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Stretch> {
    let parse = |state: &Option<String>| state.as_deref().and_then(|state| state.parse().ok());
    let mut changes: Vec<(DateTime<Utc>, Option<AlarmState>, Option<AlarmState>)> = items
        .iter()
        .rev()
        .filter(|item| item.item_type == "StateUpdate" && item.time >= from && item.time < to)
        .map(|item| (item.time, parse(&item.from_state), parse(&item.to_state)))
        .collect();
    let created = items.iter().rev().find(|item| is_creation(item) && item.time >= from && item.time < to);
    if changes.is_empty() {
        match current {
            Some((state, since)) if since > from && since < to && created.is_none() => {
                changes.push((since, None, Some(state)));
            }
            Some((state, _)) => changes.push((from, Some(state), Some(state))),
            None => {}
        }
    }
    let mut all = Vec::with_capacity(changes.len() + 1);
    let (mut since, mut state) = (from, changes.first().and_then(|(_, before, _)| *before));
    // Before it was made, it was in no state.
    if let Some(created) = created
        .filter(|created| changes.first().is_none_or(|(time, ..)| *time >= created.time || *time == from))
    {
        all.push(Stretch { from, to: created.time, state: None });
        since = created.time;
    }
    for (time, _, after) in changes {
        all.push(Stretch { from: since, to: time.max(since), state });
        (since, state) = (time.max(since), after);
    }
    all.push(Stretch { from: since, to, state });
    all.retain(|stretch| stretch.from < stretch.to);
    all
}

fn is_creation(item: &AlarmEvent) -> bool {
    item.item_type == "ConfigurationUpdate" && item.summary.ends_with("created")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_586_400 + minute * 60, 0).unwrap()
    }

    fn item(minute: i64, kind: &str, summary: &str, states: Option<(&str, &str)>) -> AlarmEvent {
        AlarmEvent {
            alarm_id: "a".to_owned(),
            alarm_name: "a".to_owned(),
            alarm_kind: "MetricAlarm".to_owned(),
            time: at(minute),
            item_type: kind.to_owned(),
            summary: summary.to_owned(),
            data: "{}".to_owned(),
            from_state: states.map(|(from, _)| from.to_owned()),
            to_state: states.map(|(_, to)| to.to_owned()),
            reason: None,
            account_id: None,
            region: None,
        }
    }

    fn shown(items: &[AlarmEvent], current: Option<(AlarmState, i64)>) -> Vec<(i64, i64, &'static str)> {
        let current = current.map(|(state, minute)| (state, at(minute)));
        let minute = |time: DateTime<Utc>| (time - at(0)).num_minutes();
        stretches(items, current, at(0), at(60))
            .iter()
            .map(|one| (minute(one.from), minute(one.to), one.state.map_or("?", AlarmState::as_str)))
            .collect()
    }

    #[test]
    fn changes_make_stretches() {
        let update = |minute, from, to| item(minute, "StateUpdate", "", Some((from, to)));
        let items = [update(30, "ALARM", "OK"), item(20, "Action", "", None), update(10, "OK", "ALARM")];
        assert_eq!(
            shown(&items, Some((AlarmState::Ok, 30))),
            [(0, 10, "OK"), (10, 30, "ALARM"), (30, 60, "OK")]
        );
        assert_eq!(shown(&[], Some((AlarmState::Alarm, -90))), [(0, 60, "ALARM")]);
        assert_eq!(shown(&[], Some((AlarmState::Alarm, 15))), [(0, 15, "?"), (15, 60, "ALARM")]);
        assert_eq!(shown(&[], None), [(0, 60, "?")]);
        let created = item(5, "ConfigurationUpdate", "Alarm \"a\" created", None);
        let first = update(6, "INSUFFICIENT_DATA", "OK");
        assert_eq!(
            shown(&[first, created.clone()], Some((AlarmState::Ok, 6))),
            [(0, 5, "?"), (5, 6, "INSUFFICIENT_DATA"), (6, 60, "OK")]
        );
        assert_eq!(
            shown(&[created], Some((AlarmState::InsufficientData, 5))),
            [(0, 5, "?"), (5, 60, "INSUFFICIENT_DATA")]
        );
    }
}
