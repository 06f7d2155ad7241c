//! [`Notification`]: one message to one channel.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trailkeep_detect::Level;
use trailkeep_state::{Incident, IncidentStatus, Stamp};

use crate::incident::{AlarmTransition, Signal, incident_of};

/// What a message is in the life of its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The first of its thread.
    Open,
    /// Something changed.
    Update,
    /// Nobody has taken it in time.
    Escalate,
    /// Nobody has taken it, and it is said again.
    Repeat,
    /// Somebody is on all of it.
    Acknowledge,
    /// All of it is done.
    Resolve,
    /// What was gathered for reading.
    Digest,
    /// Many at once, in place of a message for each group.
    Storm,
    /// Records for another system.
    Record,
    /// A playbook waits for a word, or has done something.
    Response,
    /// A trial: nothing has happened.
    Test,
}

impl Action {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Update => "update",
            Self::Escalate => "escalate",
            Self::Repeat => "repeat",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
            Self::Digest => "digest",
            Self::Storm => "storm",
            Self::Record => "record",
            Self::Response => "response",
            Self::Test => "test",
        }
    }
}

/// Why an incident is in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// It is new to the channel.
    Opened,
    /// Its level rose.
    Raised,
    /// It came again after it was resolved.
    Reopened,
    /// Somebody is on it.
    Acknowledged,
    /// It is done.
    Resolved,
    /// Nobody has taken it, and it is said again.
    Repeated,
    /// Nobody has taken it in time.
    Escalated,
}

/// An incident in a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The incident as it was when the message was planned.
    pub incident: Incident,
    /// Why it is there.
    pub why: Why,
}

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OfferKind {
    /// Lets a playbook do what it proposes.
    Approve,
    /// Does not let it.
    Reject,
    /// Puts back what a playbook did.
    Undo,
    /// Takes an incident.
    Acknowledge,
    /// Closes an incident.
    Resolve,
}

impl OfferKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Approve, Self::Reject, Self::Undo, Self::Acknowledge, Self::Resolve];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Undo => "undo",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
        }
    }

    /// What stands on the button.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::Reject => "Reject",
            Self::Undo => "Undo",
            Self::Acknowledge => "Acknowledge",
            Self::Resolve => "Resolve",
        }
    }
}

/// Something that a person can do from the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What.
    pub kind: OfferKind,
    /// With which response or incident.
    pub target: String,
}

/// What a channel says of what it made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The name of the ticket, page or message there, where it has one that later messages need.
    pub reference: Option<String>,
    /// Where a person finds it.
    pub url: Option<String>,
}

/// One message to one channel, as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// The idempotency key: the same for every repetition of this message. At most 64 characters.
    pub key: String,
    /// The channel's name.
    pub channel: String,
    /// The thread: 32 hex digits, the key of the ticket, page or conversation.
    pub thread: String,
    /// What it is in the thread's life.
    pub action: Action,
    /// True when it may not wait.
    pub urgent: bool,
    /// When it was planned.
    pub at: DateTime<Utc>,
    /// The route that led here.
    pub route: String,
    /// The highest level in it.
    pub level: Level,
    /// How many incidents it is about; `items` are the first of them.
    pub total: u64,
    /// How many of each level, the highest first, without those that have none.
    pub levels: Vec<(Level, u64)>,
    /// The most frequent rules, by title.
    pub rules: Vec<(String, u64)>,
    /// The incidents that matter most.
    pub items: Vec<Item>,
    /// What else there is to say, in one paragraph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What a person can do from here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
    /// What the channel said of the thread's first message, once that is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Receipt>,
}

impl Notification {
    /// The kind of outbox messages that carry this payload.
    pub const KIND: &'static str = "notification";
    /// Incidents that a message to people lists.
    pub(super) const LISTED: usize = 20;
    /// Incidents that a message of records carries.
    pub(super) const RECORDS: usize = 100;

    /// The key of a thread's message.
    #[must_use]
    pub fn key_of(thread: &str, number: u64) -> String {
        format!("{}{number}", Self::prefix_of(thread))
    }

    /// What the keys of a thread's messages begin with.
    #[must_use]
    pub fn prefix_of(thread: &str) -> String {
        format!("n/{thread}/")
    }

    /// What it is about, in one line: the subject of a mail.
    #[must_use]
    pub fn subject(&self) -> String {
        crate::text::subject(self)
    }

    /// A trial message to a channel.
    #[must_use]
    pub fn test(channel: &str, now: DateTime<Utc>) -> Self {
        let thread = crate::incident::hash(&["test", channel, &now.to_rfc3339()]);
        Self {
            key: Self::key_of(&thread, 1),
            channel: channel.to_owned(),
            thread,
            action: Action::Test,
            urgent: false,
            at: now,
            route: String::new(),
            level: Level::Informational,
            total: 0,
            levels: Vec::new(),
            rules: Vec::new(),
            items: Vec::new(),
            comment: Some(format!("This is a test of the channel {channel}. Nothing has happened.")),
            offers: Vec::new(),
            ticket: None,
        }
    }

    /// The message of an alarm's action. `key` tells it from others: the same for the same change of the
    /// same alarm.
    #[must_use]
    pub fn alarm(channel: &str, key: &str, transition: &AlarmTransition, now: DateTime<Utc>) -> Self {
        // Of a change into INSUFFICIENT_DATA there is no signal: it is told as one, as somebody asked to
        // be told of it.
        let shown = AlarmTransition { new_state: "ALARM".to_owned(), ..transition.clone() };
        let signal = Signal::of_alarm(transition).or_else(|| Signal::of_alarm(&shown));
        let mut incident = signal.map(|signal| incident_of(&signal, now));
        let (mut action, mut why) = (Action::Open, Why::Opened);
        if let Some(incident) = &mut incident {
            incident.title = format!("{} is in {}", transition.alarm_name, transition.new_state);
            incident.summary = transition.reason.clone();
            if transition.new_state == "OK" {
                (action, why) = (Action::Resolve, Why::Resolved);
                incident.status = IncidentStatus::Resolved;
                incident.resolved = Some(Stamp { by: "system".to_owned(), at: transition.time });
            }
        }
        let level = incident.as_ref().map_or(Level::High, |incident| incident.level);
        let thread = crate::incident::hash(&["alarm", channel, key]);
        Self {
            key: Self::key_of(&thread, 1),
            channel: channel.to_owned(),
            thread,
            action,
            urgent: true,
            at: now,
            route: String::new(),
            level,
            total: 1,
            levels: vec![(level, 1)],
            rules: vec![(transition.alarm_name.clone(), 1)],
            items: incident.into_iter().map(|incident| Item { incident, why }).collect(),
            comment: None,
            offers: Vec::new(),
            ticket: None,
        }
    }

    /// A message about what a playbook proposes or has done for an incident, with buttons. `key`
    /// tells it from others: the response's id and its state.
    #[must_use]
    pub fn response(
        channel: &str,
        key: &str,
        incident: &Incident,
        comment: &str,
        offers: Vec<Offer>,
        now: DateTime<Utc>,
    ) -> Self {
        let thread = crate::incident::hash(&["response", channel, key]);
        Self {
            key: Self::key_of(&thread, 1),
            channel: channel.to_owned(),
            thread,
            action: Action::Response,
            urgent: true,
            at: now,
            route: String::new(),
            level: incident.level,
            total: 1,
            levels: vec![(incident.level, 1)],
            rules: vec![(incident.rule_title.clone(), 1)],
            items: vec![Item { incident: incident.clone(), why: Why::Opened }],
            comment: Some(crate::incident::clip(comment, 2_000)),
            offers,
            ticket: None,
        }
    }
}
