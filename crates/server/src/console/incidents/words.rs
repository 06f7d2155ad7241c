//! Incidents in words: statuses, kinds, what stands in a timeline.

use maud::{Markup, html};
use trailkeep_state::{Incident, IncidentKind, IncidentStatus, TimelineKind};

use crate::console::parts;

/// A status as a word for people.
pub(super) fn status_word(status: IncidentStatus) -> &'static str {
    match status {
        IncidentStatus::Open => "Open",
        IncidentStatus::Acknowledged => "Acknowledged",
        IncidentStatus::Resolved => "Resolved",
    }
}

/// A status as a badge.
pub(crate) fn status(status: IncidentStatus) -> Markup {
    let class = match status {
        IncidentStatus::Open => "bad",
        IncidentStatus::Acknowledged => "medium",
        IncidentStatus::Resolved => "ok",
    };
    html! { span class={ "badge plain " (class) } { (status_word(status)) } }
}

/// What an incident is made of, as a word for people.
pub(super) fn kind_word(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Finding => "Finding",
        IncidentKind::Alarm => "Alarm",
        IncidentKind::Control => "Control",
    }
}

/// Who did what, or what it is about: the line below the title.
pub(super) fn about(incident: &Incident) -> String {
    match &incident.actor {
        Some(actor) => format!("{} {}", parts::short_arn(actor), incident.summary),
        None => incident.summary.clone(),
    }
}

/// The program by its name, a person by theirs.
pub(super) fn who(actor: &str) -> &str {
    if actor == "system" { "Trailkeep" } else { actor }
}

/// What stands in front of an entry's text, and the colour of its dot.
pub(super) fn entry(kind: TimelineKind) -> (&'static str, &'static str) {
    match kind {
        TimelineKind::Opened => ("Opened", "bad"),
        TimelineKind::Signals => ("Signals", ""),
        TimelineKind::Raised => ("Raised", "bad"),
        TimelineKind::Reopened => ("Opened again", "bad"),
        TimelineKind::Acknowledged => ("Acknowledged", "medium"),
        TimelineKind::Assigned => ("Assigned", "medium"),
        TimelineKind::Resolved => ("Resolved", "ok"),
        TimelineKind::Note => ("Note", "accent"),
        TimelineKind::Notified => ("Told", ""),
        TimelineKind::Escalated => ("Escalated", "bad"),
        TimelineKind::Ticket => ("Ticket", "accent"),
        TimelineKind::Response => ("Response", "accent"),
    }
}
