//! The shapes of incidents, and of what people are told about them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trailkeep_detect::{Evidence, Level};

/// What an incident is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IncidentKind {
    /// A rule matched events.
    Finding,
    /// An alarm went into ALARM.
    Alarm,
    /// A check of the six controls passed before and fails now.
    Control,
}

impl IncidentKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Finding, Self::Alarm, Self::Control];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Alarm => "alarm",
            Self::Control => "control",
        }
    }
}

impl fmt::Display for IncidentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for IncidentKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("unknown kind '{text}': use finding, alarm or control"))
    }
}

/// How far people are with an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IncidentStatus {
    /// Nobody has said that they are on it.
    Open,
    /// Somebody is on it: nobody else is woken.
    Acknowledged,
    /// Done. Signals of its key open it again for a while.
    Resolved,
}

impl IncidentStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Resolved];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}

impl fmt::Display for IncidentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for IncidentStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("unknown status '{text}': use open, acknowledged or resolved"))
    }
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Who: a user's name, `system`, or a channel's user.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Findings and alarm transitions of one rule about one thing, grouped for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// 32 hex digits, a hash of the key and of the first signal.
    pub id: String,
    /// A hash of kind, rule and entity: signals with equal keys come together.
    pub key: String,
    /// What it is made of.
    pub kind: IncidentKind,
    /// How far people are with it.
    pub status: IncidentStatus,
    /// The highest level among its signals.
    pub level: Level,
    /// One line.
    pub title: String,
    /// The change in words, of the signal that matters most.
    pub summary: String,
    /// The rule, the alarm or the check.
    pub rule_id: String,
    /// Its title.
    pub rule_title: String,
    /// What the signals have in common: a resource, or who did it.
    pub entity: String,
    /// The account it happened in.
    pub account_id: Option<String>,
    /// The Region it happened in.
    pub region: Option<String>,
    /// The resource.
    pub resource: Option<String>,
    /// Whose the resource is, by its tag.
    pub owner: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// The person who works on it.
    pub assignee: Option<String>,
    /// How many signals it has.
    pub count: u64,
    /// The time of its first signal.
    pub first_time: DateTime<Utc>,
    /// The time of its last signal.
    pub last_time: DateTime<Utc>,
    /// When it was opened here.
    pub opened_at: DateTime<Utc>,
    /// When it was opened here, or opened again.
    pub open_since: DateTime<Utc>,
    /// Who took it, unless it was opened again since.
    pub acknowledged: Option<Stamp>,
    /// Who closed it, unless it was opened again since.
    pub resolved: Option<Stamp>,
    /// Changes that people are told: opened, raised, opened again, acknowledged, resolved.
    pub changes: u64,
    /// When the last of these was.
    pub changed_at: DateTime<Utc>,
    /// The incident of the same key before this one.
    pub follows: Option<String>,
    /// The first events it rests on.
    pub evidence: Vec<Evidence>,
}

impl Incident {
    /// True until it is resolved.
    pub fn is_unresolved(&self) -> bool {
        self.status != IncidentStatus::Resolved
    }
}

/// What stands in an incident's timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimelineKind {
    /// It was opened.
    Opened,
    /// Further signals came.
    Signals,
    /// Its level rose.
    Raised,
    /// It was resolved, and came again.
    Reopened,
    /// Somebody is on it.
    Acknowledged,
    /// It was given to somebody.
    Assigned,
    /// It is done.
    Resolved,
    /// Somebody wrote something.
    Note,
    /// People were told.
    Notified,
    /// Nobody took it in time.
    Escalated,
    /// A ticket belongs to it.
    Ticket,
    /// A playbook did something.
    Response,
}

impl TimelineKind {
    const ALL: [Self; 12] = [
        Self::Opened,
        Self::Signals,
        Self::Raised,
        Self::Reopened,
        Self::Acknowledged,
        Self::Assigned,
        Self::Resolved,
        Self::Note,
        Self::Notified,
        Self::Escalated,
        Self::Ticket,
        Self::Response,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Signals => "signals",
            Self::Raised => "raised",
            Self::Reopened => "reopened",
            Self::Acknowledged => "acknowledged",
            Self::Assigned => "assigned",
            Self::Resolved => "resolved",
            Self::Note => "note",
            Self::Notified => "notified",
            Self::Escalated => "escalated",
            Self::Ticket => "ticket",
            Self::Response => "response",
        }
    }
}

impl FromStr for TimelineKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("unknown timeline entry '{text}'"))
    }
}

/// Something that happened to an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimelineEntry {
    /// When.
    pub time: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What.
    pub kind: TimelineKind,
    /// In words.
    pub text: String,
}

impl TimelineEntry {
    /// An entry.
    pub fn new(
        time: DateTime<Utc>,
        actor: impl Into<String>,
        kind: TimelineKind,
        text: impl Into<String>,
    ) -> Self {
        Self { time, actor: actor.into(), kind, text: text.into() }
    }
}

/// What a channel was told of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The incident.
    pub incident: String,
    /// The channel.
    pub channel: String,
    /// The thread of messages it is in.
    pub thread: String,
    /// The incident's `changes` that the channel knows of.
    pub changes: u64,
    /// The level it knows of.
    pub level: Level,
    /// The status it knows of.
    pub status: IncidentStatus,
    /// The last step of escalation that was taken to this channel; 0: none.
    pub step: u32,
    /// True when it was part of a digest only.
    pub digest: bool,
    /// When the channel was first told of the present opening.
    pub since: DateTime<Utc>,
    /// When the channel was last told.
    pub at: DateTime<Utc>,
}

/// Messages to a channel about one group of incidents: one ticket, one page, one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// 32 hex digits, a hash of channel, group and episode.
    pub id: String,
    /// The channel.
    pub channel: String,
    /// What its incidents have in common.
    pub group: String,
    /// Which of the group's threads it is, from one. A new one begins when all was resolved.
    pub episode: u64,
    /// How many messages it has.
    pub messages: u64,
    /// When the last of them was planned.
    pub last_at: DateTime<Utc>,
    /// True when all of its incidents are resolved and the channel knows.
    pub closed: bool,
}

/// A message that was planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentRecord {
    /// Its idempotency key, also that of the outbox.
    pub key: String,
    /// The channel.
    pub channel: String,
    /// The thread.
    pub thread: String,
    /// What it was: `open`, `update`, …
    pub action: String,
    /// Its subject.
    pub subject: String,
    /// True when it may not wait.
    pub urgent: bool,
    /// How many incidents it is about.
    pub incidents: u64,
    /// When it was planned.
    pub at: DateTime<Utc>,
}

/// Where a thread, or an incident, is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The channel that made it; empty for a link that a person added.
    pub channel: String,
    /// The thread it is of, or the incident that a person linked.
    pub thread: String,
    /// Its name there: `SEC-17`, `INC0010023`, `42`.
    pub reference: String,
    /// Where a person finds it.
    pub url: Option<String>,
    /// When it was made or linked.
    pub at: DateTime<Utc>,
}
