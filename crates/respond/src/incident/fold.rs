//! Signals into incidents.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_state::{Incident, IncidentChange, IncidentStatus, Stamp, TimelineEntry, TimelineKind};

use super::{Signal, hash};

const SYSTEM: &str = "system";
/// Events that an incident names.
const EVIDENCE: usize = 20;

/// How signals are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// A signal comes into the incident of its key when it follows the last one within this time.
    pub window: TimeDelta,
    /// Whether an incident is resolved when its cause is gone: the alarm is OK, the check passes.
    pub resolve_cleared: bool,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { window: TimeDelta::hours(4), resolve_cleared: true }
    }
}

/// Brings signals into the incidents there are, or opens new ones. `existing` are incidents in any
/// order, of any key; of each key the one opened last counts. `signals` are new: the caller leaves
/// out those that are part of an incident already. Gives what has changed, in the order in which
/// it was opened.
#[must_use]
pub fn fold<'a>(
    existing: impl IntoIterator<Item = &'a Incident>,
    signals: &[Signal],
    grouping: &Grouping,
    now: DateTime<Utc>,
) -> Vec<IncidentChange> {
    let mut latest: HashMap<&str, &Incident> = HashMap::new();
    for incident in existing {
        let newest = latest.entry(incident.key.as_str()).or_insert(incident);
        if (incident.opened_at, &incident.id) > (newest.opened_at, &newest.id) {
            *newest = incident;
        }
    }
    let mut signals: Vec<&Signal> = signals.iter().collect();
    signals.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    signals.dedup_by(|a, b| a.id == b.id);
    let mut changes: Vec<IncidentChange> = Vec::new();
    // Of each key, the change that is the latest incident.
    let mut open: HashMap<String, usize> = HashMap::new();
    for signal in signals {
        let key = signal.key();
        let index = open.get(&key).copied();
        let present = match index {
            Some(index) => Some(&changes[index].incident),
            None => latest.get(key.as_str()).copied(),
        };
        match (present.filter(|it| joins(it, signal, grouping)), index) {
            (Some(_), Some(index)) => add(&mut changes[index], signal, grouping, now),
            (Some(incident), None) => {
                let mut change =
                    IncidentChange { incident: incident.clone(), timeline: Vec::new(), signals: Vec::new() };
                add(&mut change, signal, grouping, now);
                open.insert(key, changes.len());
                changes.push(change);
            }
            // Nothing is open that it could clear.
            (None, _) if signal.clears => {}
            (None, _) => {
                let follows = present.map(|it| it.id.clone());
                open.insert(key.clone(), changes.len());
                changes.push(opened(key, follows, signal, now));
            }
        }
    }
    for change in &mut changes {
        count_in_words(change, now);
    }
    changes
}

/// Whether a signal belongs to an incident of its key.
fn joins(incident: &Incident, signal: &Signal, grouping: &Grouping) -> bool {
    if signal.clears {
        return incident.is_unresolved();
    }
    let last = incident.resolved.as_ref().map_or(incident.last_time, |done| done.at.max(incident.last_time));
    signal.time <= last + grouping.window
}

/// A signal as an incident of its own, which is kept nowhere.
pub(crate) fn incident_of(signal: &Signal, now: DateTime<Utc>) -> Incident {
    opened(signal.key(), None, signal, now).incident
}

fn opened(key: String, follows: Option<String>, signal: &Signal, now: DateTime<Utc>) -> IncidentChange {
    let incident = Incident {
        id: hash(&["incident", &key, &signal.id]),
        key,
        kind: signal.kind,
        status: IncidentStatus::Open,
        level: signal.level,
        title: signal.title.clone(),
        summary: signal.summary.clone(),
        rule_id: signal.rule_id.clone(),
        rule_title: signal.rule_title.clone(),
        entity: signal.entity.clone(),
        account_id: signal.account_id.clone(),
        region: signal.region.clone(),
        resource: signal.resource.clone(),
        owner: signal.owner.clone(),
        actor: signal.actor.clone(),
        assignee: None,
        count: 1,
        first_time: signal.time,
        last_time: signal.time,
        opened_at: now,
        open_since: now,
        acknowledged: None,
        resolved: None,
        changes: 1,
        changed_at: now,
        follows,
        evidence: signal.evidence.iter().take(EVIDENCE).cloned().collect(),
    };
    let mut text = format!("{}: {}", signal.level, signal.summary);
    if let Some(before) = &incident.follows {
        text.push_str(&format!(" (follows incident {before})"));
    }
    IncidentChange {
        timeline: vec![TimelineEntry::new(now, SYSTEM, TimelineKind::Opened, text)],
        signals: vec![(signal.id.clone(), signal.time)],
        incident,
    }
}

/// Adds a signal to the incident it belongs to.
fn add(change: &mut IncidentChange, signal: &Signal, grouping: &Grouping, now: DateTime<Utc>) {
    change.signals.push((signal.id.clone(), signal.time));
    if signal.clears {
        clear(change, signal, grouping, now);
        return;
    }
    let IncidentChange { incident, timeline, .. } = change;
    incident.count += 1;
    incident.first_time = incident.first_time.min(signal.time);
    incident.last_time = incident.last_time.max(signal.time);
    for evidence in &signal.evidence {
        if incident.evidence.len() < EVIDENCE && !incident.evidence.contains(evidence) {
            incident.evidence.push(evidence.clone());
        }
    }
    if incident.owner.is_none() {
        incident.owner.clone_from(&signal.owner);
    }
    let raised = signal.level > incident.level;
    if raised {
        timeline.push(TimelineEntry::new(
            now,
            SYSTEM,
            TimelineKind::Raised,
            format!("{} → {}: {}", incident.level, signal.level, signal.summary),
        ));
        incident.level = signal.level;
        incident.title.clone_from(&signal.title);
        incident.summary.clone_from(&signal.summary);
        incident.actor.clone_from(&signal.actor);
    }
    let again = incident.resolved.as_ref().is_some_and(|done| signal.time > done.at);
    if again {
        let text = format!("came again after it was resolved: {}", signal.summary);
        timeline.push(TimelineEntry::new(now, SYSTEM, TimelineKind::Reopened, text));
    }
    // What was acknowledged was less than what it is now.
    if again || (raised && incident.is_unresolved()) {
        if again || incident.status == IncidentStatus::Acknowledged {
            incident.open_since = now;
        }
        incident.status = IncidentStatus::Open;
        (incident.acknowledged, incident.resolved) = (None, None);
        incident.changes += 1;
        incident.changed_at = now;
    }
}

fn clear(change: &mut IncidentChange, signal: &Signal, grouping: &Grouping, now: DateTime<Utc>) {
    let IncidentChange { incident, timeline, .. } = change;
    // Cleared before the last signal: it is not the end.
    if signal.time < incident.last_time {
        return;
    }
    if grouping.resolve_cleared {
        incident.status = IncidentStatus::Resolved;
        // The time of the signal, not of its arrival: what comes between belongs to what follows.
        incident.resolved = Some(Stamp { by: SYSTEM.to_owned(), at: signal.time });
        incident.changes += 1;
        incident.changed_at = now;
        let text = format!("the cause is gone: {}", signal.summary);
        timeline.push(TimelineEntry::new(now, SYSTEM, TimelineKind::Resolved, text));
    } else {
        let text = format!("the cause is gone; resolve it if that is all: {}", signal.summary);
        timeline.push(TimelineEntry::new(now, SYSTEM, TimelineKind::Signals, text));
    }
}

/// One entry for all that came at once, so that a storm does not fill the timeline.
fn count_in_words(change: &mut IncidentChange, now: DateTime<Utc>) {
    let told = change
        .timeline
        .iter()
        .any(|entry| matches!(entry.kind, TimelineKind::Opened | TimelineKind::Reopened));
    let more = change.signals.len() - usize::from(told).min(change.signals.len());
    if more > 0 && (more > 1 || change.timeline.is_empty()) {
        let what = if more == 1 { "one more signal".to_owned() } else { format!("{more} more signals") };
        let text = format!("{what}, {} in all", change.incident.count);
        change.timeline.push(TimelineEntry::new(now, SYSTEM, TimelineKind::Signals, text));
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
