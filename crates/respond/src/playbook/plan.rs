//! Planning: from an event and what was there before, to a [`Repair`]. Pure.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::event::Event;
use super::facet::{Change, Facet};
use super::state::Parts;
use super::{facets, plans};

/// A response to a kind of change.
pub struct Playbook {
    /// Its name in configurations: `security-group-rules`.
    pub name: &'static str,
    /// What it is about, in words.
    pub title: &'static str,
    /// The events it answers, `eventSource` and `eventName`.
    pub events: &'static [(&'static str, &'static str)],
    /// Where the state before a change comes from, in words.
    pub prior: &'static str,
    /// What is looked up before planning.
    pub(super) needs: fn(&Event) -> Vec<Need>,
    /// The repairs of an event; none where the change weakens nothing.
    pub(super) plan: fn(&Event, &Priors) -> Vec<Draft>,
    /// The facets that it sets.
    pub(super) sets: &'static [&'static Facet],
}

impl std::fmt::Debug for Playbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// All playbooks, in the order of the documentation.
#[must_use]
pub fn playbooks() -> &'static [&'static Playbook] {
    &plans::ALL
}

/// The playbook of a name.
#[must_use]
pub fn playbook(name: &str) -> Option<&'static Playbook> {
    playbooks().iter().copied().find(|playbook| playbook.name == name)
}

/// The playbook that answers an event.
#[must_use]
pub fn playbook_for(event: &Event) -> Option<&'static Playbook> {
    let answers = |playbook: &&&Playbook| {
        playbook.events.iter().any(|(source, name)| *source == event.source && *name == event.name)
    };
    playbooks().iter().find(answers).copied()
}

/// A state that has to be looked up.
pub(super) struct Need {
    pub(super) facet: &'static Facet,
    pub(super) subject: String,
}

impl Need {
    pub(super) fn new(facet: &'static Facet, subject: impl Into<String>) -> Self {
        Self { facet, subject: subject.into() }
    }
}

/// States as they were before the event, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Priors(HashMap<(String, String), Parts>);

impl Priors {
    pub(super) fn insert(&mut self, facet: &Facet, subject: &str, state: Parts) {
        self.0.insert((facet.name.to_owned(), subject.to_owned()), state);
    }

    /// The state of a subject; `None` where it was never seen.
    pub(super) fn get(&self, facet: &Facet, subject: &str) -> Option<&Parts> {
        self.0.get(&(facet.name.to_owned(), subject.to_owned()))
    }
}

/// What a playbook says of an event.
pub(super) struct Draft {
    /// What was changed, for people: `sg-1`.
    pub(super) resource: String,
    /// What happened, in words.
    pub(super) changed: String,
    /// The VPC, where the event tells it.
    pub(super) vpc: Option<String>,
    pub(super) remedy: Remedy,
}

/// What there is to be done about a change. Its JSON is kept in the state database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repair {
    /// The playbook's name.
    pub playbook: String,
    /// The account of the resource.
    pub account: String,
    /// The Region of the event.
    pub region: String,
    /// What was changed.
    pub resource: String,
    /// What happened, in words.
    pub changed: String,
    /// The event's id.
    pub event_uid: String,
    /// Its name.
    pub event_name: String,
    /// When it happened.
    pub event_time: DateTime<Utc>,
    /// Who did it, the same for all sessions of a role.
    pub actor: String,
    /// The principal's ARN as the event has it.
    pub principal: String,
    /// The VPC, where the event tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<String>,
    /// What is to be done.
    pub remedy: Remedy,
}

/// What is to be done about a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "remedy", rename_all = "snake_case")]
pub enum Remedy {
    /// Put back what was there.
    PutBack {
        /// What is set: the name of a facet.
        facet: String,
        /// Of what.
        subject: String,
        /// The parts as the event made them; null for what it took away. A repair is made only while they
        /// are still so.
        made: Parts,
        /// The same parts as they were.
        before: Parts,
    },
    /// What was there before is not known: a person has to look.
    Unknown {
        /// What is not known, and what to do.
        reason: String,
    },
    /// Nothing is called: it is told, and how it would be made good by hand.
    Advice {
        /// What to look at, in words.
        says: String,
        /// The calls that make it good. `${…}` stands for what the first of them gives.
        calls: Vec<PlannedCall>,
    },
}

/// A call, as people read it before it is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedCall {
    /// `ec2:RevokeSecurityGroupIngress`.
    pub operation: String,
    /// Its parameters.
    pub input: Value,
}

impl Repair {
    /// The calls that put things back, as they would be made now.
    #[must_use]
    pub fn calls(&self) -> Vec<PlannedCall> {
        match &self.remedy {
            Remedy::PutBack { facet, subject, made, before } => {
                let Some(facet) = facets::find(facet) else { return Vec::new() };
                let change = Change { subject, account: &self.account, from: made, to: before };
                let plain = |call: super::facet::Call| PlannedCall {
                    operation: call.operation.key(),
                    input: call.input,
                };
                (facet.calls)(&change).into_iter().map(plain).collect()
            }
            Remedy::Unknown { .. } => Vec::new(),
            Remedy::Advice { calls, .. } => calls.clone(),
        }
    }

    /// What is done about it, in words.
    #[must_use]
    pub fn will(&self) -> String {
        match &self.remedy {
            Remedy::PutBack { .. } => {
                let calls: Vec<String> = self.calls().into_iter().map(|call| call.operation).collect();
                format!("put back what was there: {}", calls.join(", "))
            }
            Remedy::Unknown { reason } => format!("nothing by itself: {reason}"),
            Remedy::Advice { says, .. } => says.clone(),
        }
    }

    /// It can be put back by calls.
    #[must_use]
    pub fn can_act(&self) -> bool {
        matches!(self.remedy, Remedy::PutBack { .. })
    }

    /// The same for the same change of the same thing by the same principal, whenever it is made. Ids that
    /// AWS gives anew do not count.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let what = match &self.remedy {
            Remedy::PutBack { facet, subject, made, .. } => {
                let volatile = facets::find(facet).map_or(&[][..], |facet| facet.volatile);
                let lasting: BTreeMap<&str, Value> =
                    made.iter().map(|(name, value)| (name.as_str(), without(value, volatile))).collect();
                json!([facet, subject, lasting])
            }
            _ => json!([self.resource, self.event_name]),
        };
        let parts =
            [&self.playbook, &self.account, &self.region, &self.actor, &super::state::flat(what).to_string()];
        let mut hasher = <sha2::Sha256 as sha2::Digest>::new();
        for part in parts {
            sha2::Digest::update(&mut hasher, (part.len() as u64).to_le_bytes());
            sha2::Digest::update(&mut hasher, part.as_bytes());
        }
        let digest = sha2::Digest::finalize(hasher);
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Tells two repairs of one event apart, and is the same when the event comes again.
    #[must_use]
    pub fn key(&self) -> String {
        let subject = match &self.remedy {
            Remedy::PutBack { subject, .. } => subject,
            _ => &self.resource,
        };
        format!("{}/{}/{subject}", self.event_uid, self.playbook)
    }
}

fn without(value: &Value, members: &[&str]) -> Value {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        object.retain(|name, _| !members.contains(&name.as_str()));
    }
    value
}

/// The repairs of an event.
pub(super) fn plan(event: &Event, playbook: &Playbook, priors: &Priors) -> Vec<Repair> {
    let repair = |draft: Draft| Repair {
        playbook: playbook.name.to_owned(),
        account: event.account.clone(),
        region: event.region.clone(),
        resource: draft.resource,
        changed: draft.changed,
        event_uid: event.uid.clone(),
        event_name: event.name.clone(),
        event_time: event.time,
        actor: event.actor().to_owned(),
        principal: event.principal.clone().unwrap_or_default(),
        vpc: draft.vpc,
        remedy: draft.remedy,
    };
    (playbook.plan)(event, priors).into_iter().map(repair).collect()
}

impl Draft {
    pub(super) fn new(resource: impl Into<String>, changed: impl Into<String>, remedy: Remedy) -> Self {
        Self { resource: resource.into(), changed: changed.into(), vpc: None, remedy }
    }
}

impl Remedy {
    pub(super) fn put_back(facet: &Facet, subject: &str, made: Parts, before: Parts) -> Self {
        Self::PutBack { facet: facet.name.to_owned(), subject: subject.to_owned(), made, before }
    }

    pub(super) fn unknown(what: &str) -> Self {
        Self::Unknown {
            reason: format!("{what} before the change is not known; look at it, and put it back by hand"),
        }
    }
}

/// One part.
pub(super) fn part(name: &str, value: Value) -> Parts {
    [(name.to_owned(), value)].into_iter().collect()
}
