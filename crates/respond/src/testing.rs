//! What the tests of this crate share.

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_detect::{Evidence, Level};
use trailkeep_state::{Incident, IncidentKind, SentRecord, Thread, Told};

use crate::incident::{Grouping, Signal, fold};
use crate::route::{
    Action, ChannelPolicy, Look, Notification, Plan, Policy, Route, Routing, Silencing, plan,
};

/// Noon of a Monday (1 June 2026, UTC), and so many seconds.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_315_200, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// A signal of a rule about an entity.
pub(crate) fn signal(id: &str, rule: &str, entity: &str, level: Level, seconds: i64) -> Signal {
    Signal {
        id: id.to_owned(),
        kind: IncidentKind::Finding,
        clears: false,
        rule_id: rule.to_owned(),
        rule_title: format!("Rule {rule}"),
        entity: entity.to_owned(),
        level,
        account_id: Some("111122223333".to_owned()),
        region: Some("eu-central-1".to_owned()),
        resource: Some(entity.to_owned()),
        owner: Some("team-core".to_owned()),
        actor: Some("arn:aws:iam::111122223333:user/alice".to_owned()),
        time: at(seconds),
        title: format!("Rule {rule}"),
        summary: format!("alice changed {entity}"),
        evidence: vec![Evidence {
            event_uid: format!("event-{id}"),
            time: at(seconds),
            table: "cloudtrail_logs".to_owned(),
        }],
    }
}

/// An incident of one signal.
pub(crate) fn incident(rule: &str, entity: &str, level: Level, seconds: i64) -> Incident {
    let signal = signal(&format!("{rule}/{entity}"), rule, entity, level, seconds);
    fold([], &[signal], &Grouping::default(), at(seconds)).remove(0).incident
}

/// The present, as planning sees it, and what becomes of it.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) incidents: Vec<Incident>,
    pub(crate) told: Vec<Told>,
    pub(crate) threads: Vec<Thread>,
    pub(crate) sent: Vec<SentRecord>,
    pub(crate) silences: Vec<Silencing>,
}

impl Desk {
    /// Plans, and takes it for kept.
    pub(crate) fn tick(&mut self, routing: &Routing, now: DateTime<Utc>) -> Plan {
        let Self { incidents, told, threads, sent, silences } = self;
        let plan = plan(routing, &Look { incidents, told, threads, sent, silences, now });
        for new in &plan.told {
            told.retain(|old| (&old.incident, &old.channel) != (&new.incident, &new.channel));
            told.push(new.clone());
        }
        for new in &plan.threads {
            threads.retain(|old| (&old.channel, &old.group) != (&new.channel, &new.group));
            threads.push(new.clone());
        }
        sent.extend(plan.notifications.iter().map(|message| SentRecord {
            key: message.key.clone(),
            channel: message.channel.clone(),
            thread: message.thread.clone(),
            action: message.action.as_str().to_owned(),
            subject: String::new(),
            urgent: message.urgent,
            incidents: message.total,
            at: now,
        }));
        plan
    }

    /// Puts an incident in the place of itself.
    pub(crate) fn put(&mut self, incident: Incident) {
        self.incidents.retain(|old| old.id != incident.id);
        self.incidents.push(incident);
    }
}

/// A message about so many incidents, all of them high or low.
pub(crate) fn message(action: Action, incidents: usize) -> Notification {
    let incidents = (0..incidents)
        .map(|n| {
            let level = if n % 2 == 0 { Level::High } else { Level::Low };
            incident(
                &format!("sg_open_{}", n % 3),
                &format!("arn:aws:ec2:eu-central-1:111122223333:security-group/sg-{n}"),
                level,
                n as i64,
            )
        })
        .collect();
    message_of(action, incidents)
}

/// A message about these.
pub(crate) fn message_of(action: Action, incidents: Vec<Incident>) -> Notification {
    let routing = Routing {
        channels: [("ops".to_owned(), ChannelPolicy::default())].into(),
        root: Route {
            name: "root".to_owned(),
            policy: Policy { channels: vec!["ops".to_owned()], group_by: Vec::new(), ..Policy::default() },
            ..Route::default()
        },
        urgent: Level::Informational,
        ..Routing::default()
    };
    let mut desk = Desk { incidents, ..Desk::default() };
    let message = desk.tick(&routing, at(3600)).notifications.remove(0);
    Notification { action, ..message }
}
