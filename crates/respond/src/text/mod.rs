//! A message in words: subject, facts, and whole texts, escaped for where they go.
//!
//! What is in it comes from logs, and whoever writes logs is the one the message warns of. Every
//! text is one line without control characters, bounded, and escaped by the target's own rules.

mod escape;
mod whole;

use trailkeep_detect::Level;
use trailkeep_state::{Incident, IncidentStatus};
use url::Url;

pub(crate) use escape::{html, markdown, mrkdwn};
pub(crate) use whole::{html_page, markdown_page, plain_page};

use crate::incident::clip;
use crate::route::{Action, Notification, Why};

const SUBJECT: usize = 200;
const FACT: usize = 500;
/// Rules that a subject names.
const NAMED: usize = 2;

/// One line: without control characters, runs of spaces as one.
pub(crate) fn line(text: &str, most: usize) -> String {
    let mut out = String::new();
    // Before it is walked: a megabyte becomes a line of hundreds.
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > most * 4 {
            break;
        }
    }
    clip(&out, most)
}

/// The subject.
pub(crate) fn subject(message: &Notification) -> String {
    let what = match (message.action, message.items.as_slice()) {
        (Action::Test, _) => format!("Test of the channel {}", message.channel),
        (Action::Digest, _) => format!("Digest: {}", tally(message)),
        (Action::Response, [item]) => {
            format!("{}: {}", message.comment.as_deref().unwrap_or("Response"), item.incident.entity)
        }
        (_, [item]) if message.total == 1 => format!("{}: {}", item.incident.title, item.incident.entity),
        _ => format!("{} incidents: {}", message.total, rules(message)),
    };
    line(&format!("[{}] {what}", tag(message)), SUBJECT)
}

fn tag(message: &Notification) -> String {
    let level = message.level.as_str().to_uppercase();
    match message.action {
        Action::Test => "TEST".to_owned(),
        Action::Resolve => "RESOLVED".to_owned(),
        Action::Acknowledge => "ACKNOWLEDGED".to_owned(),
        Action::Escalate => format!("{level}, nobody is on it"),
        Action::Repeat => format!("{level}, still open"),
        Action::Storm => format!("{level}, storm"),
        _ => level,
    }
}

fn rules(message: &Notification) -> String {
    let named: Vec<&str> = message.rules.iter().take(NAMED).map(|(title, _)| title.as_str()).collect();
    let more = message.rules.len().saturating_sub(NAMED);
    let more = match more {
        0 => String::new(),
        1 => " and another rule".to_owned(),
        more => format!(" and {more} more rules"),
    };
    format!("{}{more}", named.join(", "))
}

/// `3 high, 12 low`
pub(crate) fn tally(message: &Notification) -> String {
    let parts: Vec<String> = message.levels.iter().map(|(level, count)| format!("{count} {level}")).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

/// A sentence or two on what the message is.
pub(crate) fn lead(message: &Notification) -> String {
    let many = message.total > 1;
    let count = if many {
        format!("{} incidents ({})", message.total, tally(message))
    } else {
        "An incident".to_owned()
    };
    let lead = match message.action {
        Action::Test | Action::Response => String::new(),
        Action::Open | Action::Record => format!("{count} {} opened.", if many { "were" } else { "was" }),
        Action::Update => format!("{count} {} changed.", if many { "have" } else { "has" }),
        Action::Escalate => {
            format!("{count} {} not been acknowledged in time.", if many { "have" } else { "has" })
        }
        Action::Repeat => {
            format!("{count} {} still open, and nobody is on it.", if many { "are" } else { "is" })
        }
        Action::Acknowledge => "Somebody is on it.".to_owned(),
        Action::Resolve => "All of it is resolved.".to_owned(),
        Action::Digest => format!("{count} since the last digest."),
        Action::Storm => format!("{count} at once; they are told together so that this stays readable."),
    };
    match &message.comment {
        Some(comment) => line(&format!("{comment} {lead}"), 2_000),
        None => lead,
    }
}

/// How many incidents the message does not list.
pub(crate) fn unlisted(message: &Notification) -> u64 {
    message.total.saturating_sub(message.items.len() as u64)
}

/// What is to be known of an incident, in the order in which it is read.
pub(crate) fn facts(incident: &Incident) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut add = |name, value: Option<&str>| {
        if let Some(value) = value.map(|text| line(text, FACT)).filter(|text| !text.is_empty()) {
            facts.push((name, value));
        }
    };
    add("Level", Some(incident.level.as_str()));
    add("Status", Some(&status(incident)));
    add("Account", incident.account_id.as_deref());
    add("Region", incident.region.as_deref());
    add("Resource", incident.resource.as_deref());
    add("Owner", incident.owner.as_deref());
    add("Actor", incident.actor.as_deref());
    add("Rule", Some(&incident.rule_id));
    add("First seen", Some(&time(incident.first_time)));
    if incident.count > 1 {
        add("Last seen", Some(&time(incident.last_time)));
        add("Signals", Some(&incident.count.to_string()));
    }
    let events: Vec<String> = incident
        .evidence
        .iter()
        .take(3)
        .map(|event| format!("{} in {}", event.event_uid, event.table))
        .collect();
    add("Evidence", Some(&events.join(", ")));
    facts
}

/// `acknowledged by alice`
pub(crate) fn status(incident: &Incident) -> String {
    let stamp = match incident.status {
        IncidentStatus::Open => None,
        IncidentStatus::Acknowledged => incident.acknowledged.as_ref(),
        IncidentStatus::Resolved => incident.resolved.as_ref(),
    };
    match stamp {
        Some(stamp) => format!("{} by {}", incident.status, stamp.by),
        None => incident.status.to_string(),
    }
}

/// `opened again`
pub(crate) fn why(why: Why) -> &'static str {
    match why {
        Why::Opened => "new",
        Why::Raised => "raised",
        Why::Reopened => "opened again",
        Why::Acknowledged => "acknowledged",
        Why::Resolved => "resolved",
        Why::Repeated => "still open",
        Why::Escalated => "nobody is on it",
    }
}

/// `2026-06-01 12:00:00 UTC`
pub(crate) fn time(time: chrono::DateTime<chrono::Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Where an incident is looked at.
pub(crate) fn link(console: Option<&Url>, incident: &Incident) -> Option<Url> {
    console?.join(&format!("incidents/{}", incident.id)).ok()
}

/// A colour for a level, RRGGBB.
pub(crate) fn colour(message: &Notification) -> &'static str {
    if message.action == Action::Resolve {
        return "2e7d32";
    }
    match message.level {
        Level::Critical => "8e0038",
        Level::High => "c62828",
        Level::Medium => "ef6c00",
        Level::Low => "f9a825",
        Level::Informational => "546e7a",
    }
}

#[cfg(test)]
mod tests;
