//! From signals to messages that arrive: channels on receivers, the desk, delivery.

mod aws;
mod desk;
mod email;
mod faults;
mod killed;
mod limits;
mod payloads;
mod sockets;

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_aws::Aws;
use trailkeep_detect::{Evidence, Level};
use trailkeep_respond::config::{NamedChannel, RespondConfig, RespondSection, Scope};
use trailkeep_respond::incident::Signal;
use trailkeep_respond::route::{Action, Item, Notification, Receipt, Why};
use trailkeep_state::{Incident, IncidentKind, IncidentStatus, Stamp};
use url::Url;

/// Noon of 1 June 2026, and so many seconds.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_315_200, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// A configuration; `{URL}` in it stands for a receiver.
fn config(text: &str, aws: Option<Aws>) -> RespondConfig {
    let section: RespondSection = toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let scope = Scope {
        variable: &|_| None,
        base: Path::new("."),
        console: Url::parse("https://trailkeep.example.com/").ok(),
        aws,
    };
    section.resolve(&scope).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A channel of the kind, with these settings.
fn channel(kind: &str, settings: &str) -> NamedChannel {
    let text = format!("[[channel]]\nname = \"ops\"\ntype = \"{kind}\"\n{settings}");
    config(&text, None).channels.remove(0)
}

fn incident() -> Incident {
    Incident {
        id: "0123456789abcdef0123456789abcdef".to_owned(),
        key: "k".to_owned(),
        kind: IncidentKind::Finding,
        status: IncidentStatus::Open,
        level: Level::High,
        title: "Security group opened to the world".to_owned(),
        summary: "alice opened port 22 of sg-1 to 0.0.0.0/0 <b>*now*</b>".to_owned(),
        rule_id: "sg_open_to_world".to_owned(),
        rule_title: "Security group opened to the world".to_owned(),
        entity: "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1".to_owned(),
        account_id: Some("111122223333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        resource: Some("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1".to_owned()),
        owner: Some("team-net".to_owned()),
        actor: Some("arn:aws:iam::111122223333:user/alice".to_owned()),
        assignee: None,
        count: 1,
        first_time: at(0),
        last_time: at(0),
        opened_at: at(1),
        open_since: at(1),
        acknowledged: None,
        resolved: None,
        changes: 1,
        changed_at: at(1),
        follows: None,
        evidence: vec![Evidence {
            event_uid: "e-1".to_owned(),
            time: at(0),
            table: "cloudtrail_logs".to_owned(),
        }],
    }
}

/// The message of a thread at this point of its life.
fn message(action: Action, number: u64, ticket: Option<Receipt>) -> Notification {
    let mut incident = incident();
    let why = match action {
        Action::Acknowledge => {
            incident.status = IncidentStatus::Acknowledged;
            incident.acknowledged = Some(Stamp { by: "bob".to_owned(), at: at(60) });
            (incident.changes, incident.changed_at) = (2, at(60));
            Why::Acknowledged
        }
        Action::Resolve => {
            incident.status = IncidentStatus::Resolved;
            incident.resolved = Some(Stamp { by: "bob".to_owned(), at: at(120) });
            (incident.changes, incident.changed_at) = (3, at(120));
            Why::Resolved
        }
        _ => Why::Opened,
    };
    of(action, number, ticket, vec![Item { incident, why }])
}

fn of(action: Action, number: u64, ticket: Option<Receipt>, items: Vec<Item>) -> Notification {
    let thread = "fedcba9876543210fedcba9876543210";
    Notification {
        key: Notification::key_of(thread, number),
        channel: "ops".to_owned(),
        thread: thread.to_owned(),
        action,
        urgent: true,
        at: at(1),
        route: "root".to_owned(),
        level: Level::High,
        total: items.len() as u64,
        levels: vec![(Level::High, items.len() as u64)],
        rules: vec![("Security group opened to the world".to_owned(), items.len() as u64)],
        items,
        comment: None,
        offers: Vec::new(),
        ticket,
    }
}

fn ticket(reference: &str) -> Option<Receipt> {
    Some(Receipt { reference: Some(reference.to_owned()), url: None })
}

fn signal(id: &str, level: Level, seconds: i64) -> Signal {
    let incident = incident();
    Signal {
        id: id.to_owned(),
        kind: IncidentKind::Finding,
        clears: false,
        rule_id: incident.rule_id,
        rule_title: incident.rule_title,
        entity: format!("sg-{id}"),
        level,
        account_id: incident.account_id,
        region: incident.region,
        resource: None,
        owner: None,
        actor: None,
        time: at(seconds),
        title: incident.title,
        summary: incident.summary,
        evidence: incident.evidence,
    }
}
