//! What people do with incidents.

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_state::{
    Incident, IncidentChange, IncidentStatus, NewAuditEntry, Stamp, TimelineEntry, TimelineKind,
};

use super::clip;

const NOTE: usize = 10_000;
const NAME: usize = 200;

/// Something that a person does with an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Is on it: nobody else is woken.
    Acknowledge,
    /// Says that it is done, and why.
    Resolve {
        /// Why; may be empty.
        comment: String,
    },
    /// Opens it again.
    Reopen,
    /// Gives it to somebody, or to nobody.
    Assign {
        /// To whom.
        to: Option<String>,
    },
    /// Writes something.
    Note {
        /// What.
        text: String,
    },
}

impl Act {
    /// Its name in the audit log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Acknowledge => "incident.acknowledge",
            Self::Resolve { .. } => "incident.resolve",
            Self::Reopen => "incident.reopen",
            Self::Assign { .. } => "incident.assign",
            Self::Note { .. } => "incident.note",
        }
    }
}

/// Why an act makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// It is resolved.
    #[error("incident {id} is resolved; open it again first")]
    Resolved {
        /// The incident.
        id: String,
    },
    /// It is not resolved.
    #[error("incident {id} is open already")]
    NotResolved {
        /// The incident.
        id: String,
    },
    /// There is nothing in the note.
    #[error("the note is empty; write something")]
    EmptyNote,
}

/// Does it. `None` when it changes nothing: an incident acknowledged twice is acknowledged.
///
/// # Errors
/// When it makes no sense for the incident as it is.
pub fn act(
    incident: &Incident,
    act: &Act,
    actor: &trailkeep_state::Actor,
    now: DateTime<Utc>,
) -> Result<Option<(IncidentChange, NewAuditEntry)>, ActError> {
    let mut changed = incident.clone();
    let by = actor.name.as_str();
    let id = || incident.id.clone();
    let (kind, text) = match act {
        Act::Acknowledge => {
            match incident.status {
                IncidentStatus::Resolved => return Err(ActError::Resolved { id: id() }),
                IncidentStatus::Acknowledged => return Ok(None),
                IncidentStatus::Open => {}
            }
            changed.status = IncidentStatus::Acknowledged;
            changed.acknowledged = Some(Stamp { by: by.to_owned(), at: now });
            if changed.assignee.is_none() {
                changed.assignee = Some(clip(by, NAME));
            }
            tell(&mut changed, now);
            (TimelineKind::Acknowledged, format!("{by} is on it"))
        }
        Act::Resolve { comment } => {
            if !incident.is_unresolved() {
                return Ok(None);
            }
            resolve(&mut changed, by, now);
            let comment = clip(comment.trim(), NOTE);
            let text = if comment.is_empty() { format!("resolved by {by}") } else { comment };
            (TimelineKind::Resolved, text)
        }
        Act::Reopen => {
            if incident.is_unresolved() {
                return Err(ActError::NotResolved { id: id() });
            }
            changed.status = IncidentStatus::Open;
            (changed.acknowledged, changed.resolved) = (None, None);
            changed.open_since = now;
            tell(&mut changed, now);
            (TimelineKind::Reopened, format!("opened again by {by}"))
        }
        Act::Assign { to } => {
            let to = to.as_deref().map(|name| clip(name.trim(), NAME)).filter(|name| !name.is_empty());
            if to == incident.assignee {
                return Ok(None);
            }
            let text = match &to {
                Some(name) => format!("given to {name}"),
                None => "given to nobody".to_owned(),
            };
            changed.assignee = to;
            (TimelineKind::Assigned, text)
        }
        Act::Note { text } => {
            let text = clip(text.trim(), NOTE);
            if text.is_empty() {
                return Err(ActError::EmptyNote);
            }
            (TimelineKind::Note, text)
        }
    };
    let detail = serde_json::json!({ "status": changed.status, "assignee": changed.assignee, "text": text });
    let audit = NewAuditEntry::new(actor, act.name(), format!("incident:{}", incident.id), detail);
    let timeline = vec![TimelineEntry::new(now, by, kind, text)];
    Ok(Some((IncidentChange { incident: changed, timeline, signals: Vec::new() }, audit)))
}

/// Resolves those that have had no signal for `quiet`, unless they are alarms or checks: these end
/// when their cause is gone.
#[must_use]
pub fn resolve_quiet<'a>(
    incidents: impl IntoIterator<Item = &'a Incident>,
    quiet: TimeDelta,
    now: DateTime<Utc>,
) -> Vec<IncidentChange> {
    let is_quiet = |incident: &&Incident| {
        incident.is_unresolved()
            && incident.kind == trailkeep_state::IncidentKind::Finding
            && incident.last_time.max(incident.changed_at) + quiet <= now
    };
    incidents
        .into_iter()
        .filter(is_quiet)
        .map(|incident| {
            let mut incident = incident.clone();
            resolve(&mut incident, "system", now);
            let text = format!("nothing new for {} days", quiet.num_days());
            let timeline = vec![TimelineEntry::new(now, "system", TimelineKind::Resolved, text)];
            IncidentChange { incident, timeline, signals: Vec::new() }
        })
        .collect()
}

fn resolve(incident: &mut Incident, by: &str, now: DateTime<Utc>) {
    incident.status = IncidentStatus::Resolved;
    incident.resolved = Some(Stamp { by: by.to_owned(), at: now });
    tell(incident, now);
}

fn tell(incident: &mut Incident, now: DateTime<Utc>) {
    incident.changes += 1;
    incident.changed_at = now;
}
