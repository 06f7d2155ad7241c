//! Brings what the inbox has for people into incidents: findings, transitions of alarms, responses.
//!
//! Items are put in the transaction that stores what they are about, and are done when the desk has
//! taken them: wherever the process is killed, what happened becomes part of an incident once.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_alarms::{AlarmState, Transition};
use trailkeep_detect::{Finding, Level};
use trailkeep_respond::desk::{Desk, DeskError};
use trailkeep_respond::incident::{AlarmTransition, ControlRegression, Signal};
use trailkeep_respond::playbook::repair_of;
use trailkeep_respond::route::{Notification, Offer, OfferKind};
use trailkeep_state::{
    FindingRow, Incident, IncidentFilter, IncidentKind, Item, NewItem, NewMessage, Response, ResponseId,
    ResponseStatus, State, StateError,
};

use super::Shutdown;
use crate::{alarming, posture};

/// Findings, as they are announced.
pub(crate) const FINDING: &str = "finding";
/// Transitions of alarms.
pub(crate) const ALARM: &str = "alarm";
/// Actions of alarms.
pub(crate) const ACTION: &str = "alarm_action";
/// Responses that went into another status.
pub(crate) const RESPONSE: &str = "response";

/// Between two looks at an empty inbox: a part of the second within which people are told.
const IDLE: Duration = Duration::from_millis(100);
/// After the state failed, before the next try.
const PAUSE: Duration = Duration::from_secs(1);
/// Items that are taken together.
const TOGETHER: usize = 500;
/// A response waits so long for the incident of the finding about the same event.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);

/// Takes what comes until the server stops.
pub(crate) async fn incidents(state: State, desk: Arc<Desk>, shutdown: Shutdown) {
    while !shutdown.is_draining() {
        let pause = match take(&state, &desk, Utc::now()).await {
            Ok(0) => IDLE,
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "incidents not brought up to date; it is tried again");
                PAUSE
            }
        };
        tokio::select! {
            () = shutdown.draining() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Takes what is in the inbox now; how many items that was.
///
/// # Errors
/// When the state cannot be read or written.
pub async fn take(state: &State, desk: &Desk, now: DateTime<Utc>) -> Result<usize, DeskError> {
    let mut done = 0;
    for (kind, read) in [(FINDING, finding as fn(&Item) -> Option<Signal>), (ALARM, transition)] {
        let items = state.inbox().open(kind, TOGETHER).await?;
        // Without signals the desk would plan, under the lock of whoever writes, and find nothing.
        let Some(oldest) = items.first() else { continue };
        let waited = (now - oldest.created_at).to_std().unwrap_or_default();
        metrics::histogram!("trailkeep_inbox_seconds", "kind" => kind).record(waited.as_secs_f64());
        let signals: Vec<Signal> = items.iter().filter_map(read).collect();
        desk.take(&signals, now).await?;
        let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
        state.inbox().done(&ids, now).await?;
        done += items.len();
    }
    for item in state.inbox().open(ACTION, TOGETHER).await? {
        alarming::act(state, desk.config(), &item, now).await?;
        state.inbox().done(&[item.id], now).await?;
        done += 1;
    }
    for item in state.inbox().open(RESPONSE, TOGETHER).await? {
        let Some(response) = response_of(state, &item).await? else {
            state.inbox().done(&[item.id], now).await?;
            continue;
        };
        if announce(state, desk, &response, now - item.created_at > PATIENCE, now).await? {
            state.inbox().done(&[item.id], now).await?;
            done += 1;
        }
    }
    Ok(done)
}

/// The signal of an announced finding. One that cannot be read is logged: it stays among the findings.
fn finding(item: &Item) -> Option<Signal> {
    match serde_json::from_str::<trailkeep_state::Notification>(&item.payload) {
        Ok(told) => Some(signal(&told)),
        Err(error) => {
            tracing::warn!(%error, key = item.key, "a finding cannot be read; it is in no incident");
            None
        }
    }
}

fn signal(told: &trailkeep_state::Notification) -> Signal {
    let finding = &told.finding.finding;
    if finding.table == posture::TABLE {
        // The result that it rests on has a page of its own.
        let evidence = Signal::of_finding(finding, None).evidence;
        return Signal { evidence, ..Signal::of_control(&regression(finding)) };
    }
    let mut signal = Signal::of_finding(finding, None);
    // The level that the row has reached by all of its findings.
    signal.level = signal.level.max(told.finding.level);
    signal
}

fn regression(finding: &Finding) -> ControlRegression {
    ControlRegression {
        check_id: finding.actor.as_deref().and_then(posture::check_of).unwrap_or(&finding.rule_id).to_owned(),
        title: finding.rule_title.clone(),
        failing: true,
        level: finding.level,
        resource_arn: finding.resources.first().cloned().unwrap_or_default(),
        account_id: finding.account_id.clone(),
        region: finding.region.clone(),
        owner: None,
        observed: finding.summary.clone(),
        time: finding.time,
    }
}

fn transition(item: &Item) -> Option<Signal> {
    let transition: Transition = match serde_json::from_str(&item.payload) {
        Ok(transition) => transition,
        Err(error) => {
            tracing::warn!(%error, key = item.key, "a transition cannot be read; it is in no incident");
            return None;
        }
    };
    // What a suppressor holds back is for the alarm's history, not for people.
    if transition.suppressed_by.is_some() || !transition.actions_enabled {
        return None;
    }
    Signal::of_alarm(&AlarmTransition {
        alarm_arn: transition.alarm_arn.clone().unwrap_or_else(|| transition.alarm_name.clone()),
        alarm_name: transition.alarm_name,
        old_state: transition.from.map_or("unknown", AlarmState::as_str).to_owned(),
        new_state: transition.to.as_str().to_owned(),
        reason: transition.reason,
        time: transition.time,
        account_id: transition.account_id,
        region: transition.region,
        level: None,
        owner: None,
    })
}

/// Leaves word that a response went into another status, for people to be told.
///
/// # Errors
/// When the state cannot be written.
pub async fn respond_changed(state: &State, response: &Response) -> Result<(), StateError> {
    let key = format!("{}:{}", response.id, response.status.as_str());
    let item = NewItem { kind: RESPONSE.to_owned(), key, payload: response.id.to_string() };
    state.inbox().put(&[item], Utc::now()).await.map(|_| ())
}

async fn response_of(state: &State, item: &Item) -> Result<Option<Response>, StateError> {
    match item.payload.parse() {
        Ok(id) => state.responses().get(ResponseId(id)).await,
        Err(_) => Ok(None),
    }
}

/// Tells of a response where its change's incident is told: an entry in the timeline, and a message
/// with buttons where a person can decide. False while the incident may still come.
async fn announce(
    state: &State,
    desk: &Desk,
    response: &Response,
    late: bool,
    now: DateTime<Utc>,
) -> Result<bool, DeskError> {
    let Some((sentence, offers)) = words(response) else { return Ok(true) };
    let incident = match incident_of(state, response).await? {
        Some(incident) => incident,
        None if !late && expects_incident(state, desk, response).await? => return Ok(false),
        None => {
            // No rule speaks of the change: the response itself is what people have to know of.
            let taken = desk.take(&[own_signal(response)], now).await?;
            match taken.incidents.into_iter().next() {
                Some(incident) => incident,
                None => match state.incidents().of_signals(&[&own_id(response)]).await? {
                    Some(incident) => incident,
                    None => return Ok(true),
                },
            }
        }
    };
    if response.incident_id.as_deref() != Some(incident.id.as_str()) {
        state.responses().set_incident(response.id, &incident.id, now).await?;
    }
    let status = response.status.as_str();
    let config = desk.config();
    for channel in config.routing.people(&incident) {
        let key = format!("{}:{status}", response.id);
        let message = Notification::response(channel, &key, &incident, &sentence, offers.clone(), now);
        let payload = serde_json::to_string(&message).map_err(|error| DeskError::Write(error.to_string()))?;
        let (key, kind) = (message.key, Notification::KIND.to_owned());
        let new = NewMessage { key, channel: channel.to_owned(), kind, payload };
        state.outbox().enqueue(&new, now).await?;
    }
    desk.note_response(&incident.id, &format!("{} ({status}): {sentence}", response.playbook), now).await?;
    Ok(true)
}

async fn findings_of(state: &State, response: &Response) -> Result<Vec<FindingRow>, StateError> {
    let mut found = Vec::new();
    for id in state.findings().of_event(&response.event_uid).await?.iter().take(20) {
        found.extend(state.findings().get(id, 0).await?.map(|detail| detail.row));
    }
    Ok(found)
}

/// The incident that a finding is part of.
pub(crate) async fn of_finding(state: &State, row: &FindingRow) -> Result<Option<Incident>, StateError> {
    let (incidents, finding) = (state.incidents(), &row.finding);
    if let Some(incident) = incidents.of_signals(&[&finding.id]).await? {
        return Ok(Some(incident));
    }
    // A row shows the latest of its findings, and the first was announced: by what they share.
    let entity = Signal::of_finding(finding, None).entity;
    let filter = IncidentFilter {
        rule_id: Some(finding.rule_id.clone()),
        account_id: finding.account_id.clone(),
        text: Some(entity.clone()),
        from: Some(row.first_time),
        ..IncidentFilter::default()
    };
    let page = incidents.list(&filter, 100, None).await?;
    let fits = |it: &Incident| it.entity == entity && it.first_time <= row.last_time;
    Ok(page.rows.into_iter().rev().find(fits))
}

async fn incident_of(state: &State, response: &Response) -> Result<Option<Incident>, StateError> {
    if let Some(id) = &response.incident_id
        && let Some(detail) = state.incidents().get(id).await?
    {
        return Ok(Some(detail.incident));
    }
    let mut found: Option<Incident> = state.incidents().of_signals(&[&own_id(response)]).await?;
    for row in findings_of(state, response).await? {
        if let Some(incident) = of_finding(state, &row).await?
            && found.as_ref().is_none_or(|known| known.level < incident.level)
        {
            found = Some(incident);
        }
    }
    Ok(found)
}

/// Whether a finding about the event is on its way into an incident.
async fn expects_incident(state: &State, desk: &Desk, response: &Response) -> Result<bool, StateError> {
    let least = desk.config().min_level();
    Ok(findings_of(state, response).await?.iter().any(|row| row.level >= least))
}

/// What is said, and the buttons below it; nothing where nobody has to know.
fn words(response: &Response) -> Option<(String, Vec<Offer>)> {
    use ResponseStatus::{
        Approved, Done, Escalated, Expired, Failed, Observed, Rejected, Running, Skipped, Undoing, Undone,
        Waiting,
    };
    let repair = repair_of(response);
    let will = repair.as_ref().map(|repair| repair.will()).unwrap_or_default();
    let reason = response.reason.clone().unwrap_or_default();
    let changed = &response.changed;
    let (text, offers): (String, &[OfferKind]) = match response.status {
        Waiting => {
            let until = response.expires_at.map(|at| format!(" until {} UTC", at.format("%Y-%m-%d %H:%M")));
            let until = until.unwrap_or_default();
            (
                format!("{changed}. Shall it be put back{until}? {will}"),
                &[OfferKind::Approve, OfferKind::Reject],
            )
        }
        Done => (format!("{changed}. It was put back. {reason}"), &[OfferKind::Undo]),
        Failed => (format!("{changed}. It could not be put back: {reason}"), &[]),
        Escalated => (format!("{changed}. A person has to look at it: {reason}"), &[]),
        Observed => (format!("{changed}. Nothing is done, as the playbook only observes. {will}"), &[]),
        Expired => (format!("{changed}. Nobody decided in time, and it was left as it is."), &[]),
        Rejected => (format!("{changed}. It was decided to leave it as it is. {reason}"), &[]),
        Undone => (format!("{changed}. What was put back was undone. {reason}"), &[]),
        Approved | Running | Skipped | Undoing => return None,
    };
    let target = response.id.to_string();
    let offers = offers.iter().map(|kind| Offer { kind: *kind, target: target.clone() });
    Some((text.trim_end().to_owned(), offers.collect()))
}

fn own_id(response: &Response) -> String {
    format!("response-{}", response.id)
}

fn own_signal(response: &Response) -> Signal {
    Signal {
        id: own_id(response),
        kind: IncidentKind::Finding,
        clears: false,
        rule_id: format!("playbook-{}", response.playbook),
        rule_title: format!("Playbook {}", response.playbook),
        entity: response.resource.clone(),
        level: Level::High,
        account_id: Some(response.account_id.clone()),
        region: Some(response.region.clone()),
        resource: Some(response.resource.clone()),
        owner: None,
        actor: Some(response.actor.clone()),
        time: response.event_time,
        title: format!("Playbook {}: {}", response.playbook, response.changed),
        summary: response.changed.clone(),
        evidence: vec![trailkeep_detect::Evidence {
            event_uid: response.event_uid.clone(),
            time: response.event_time,
            table: "cloudtrail_logs".to_owned(),
        }],
    }
}
