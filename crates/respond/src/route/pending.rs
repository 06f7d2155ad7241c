//! What channels do not know yet, or must hear again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use trailkeep_state::{Incident, IncidentStatus, Told};

use super::plan::{Held, HeldBy, Silencing};
use super::tree::{Policy, Route};
use super::{Routing, Why, inhibit::Inhibited};

/// An incident that is to be told to a channel.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) incident: &'a Incident,
    pub(super) channel: &'a str,
    pub(super) route: &'a Route,
    pub(super) why: Why,
    /// Since when it is to be told.
    pub(super) since: DateTime<Utc>,
    /// The step of escalation; 0: none.
    pub(super) step: u32,
    pub(super) urgent: bool,
    pub(super) digest: bool,
    pub(super) stream: bool,
    pub(super) told: Option<&'a Told>,
}

impl Entry<'_> {
    pub(super) fn policy(&self) -> &Policy {
        &self.route.policy
    }

    /// Whether it says that something is wrong, as opposed to what became of what was said.
    fn alarms(&self) -> bool {
        !matches!(self.why, Why::Acknowledged | Why::Resolved)
    }
}

/// What is to be told, what is held, and when something else will be.
#[derive(Debug, Default)]
pub(super) struct Pending<'a> {
    pub(super) entries: Vec<Entry<'a>>,
    pub(super) held: Vec<Held>,
    pub(super) next: Option<DateTime<Utc>>,
}

impl Pending<'_> {
    pub(super) fn look_again(&mut self, at: DateTime<Utc>) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}

/// What of the world decides.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub(super) routing: &'a Routing,
    pub(super) told: HashMap<&'a str, Vec<&'a Told>>,
    pub(super) silences: &'a [Silencing],
    pub(super) inhibited: Inhibited<'a>,
    pub(super) now: DateTime<Utc>,
}

impl<'a> World<'a> {
    fn of(&self, incident: &str, channel: &str) -> Option<&'a Told> {
        self.told.get(incident)?.iter().copied().find(|told| told.channel == channel)
    }

    /// Adds what is to be told of one incident.
    pub(super) fn look_at(&self, incident: &'a Incident, pending: &mut Pending<'a>) {
        let mut ends = Vec::new();
        self.routing.root.ends(incident, &mut ends);
        let mut seen: Vec<&str> = Vec::new();
        let mut found: Vec<Entry<'a>> = Vec::new();
        for route in ends {
            for channel in &route.policy.channels {
                if !seen.contains(&channel.as_str()) {
                    seen.push(channel);
                    found.extend(self.base(incident, channel, route, pending));
                }
            }
            for entry in self.escalated(incident, route, pending) {
                match found.iter_mut().find(|known| known.channel == entry.channel) {
                    // The first message comes first; a later step stands for an earlier one.
                    Some(known) if known.step > 0 && entry.step > known.step => *known = entry,
                    Some(_) => {}
                    None => found.push(entry),
                }
            }
        }
        // Those that were told by a route that is no longer taken, or by escalation, hear the end.
        for told in self.told.get(incident.id.as_str()).into_iter().flatten().copied() {
            let elsewhere = seen.contains(&told.channel.as_str())
                || found.iter().any(|entry| entry.channel == told.channel);
            if !elsewhere && !told.digest && self.routing.channels.contains_key(&told.channel) {
                let entry = self
                    .change(incident, told)
                    .map(|(why, since)| self.entry(incident, &told.channel, &self.routing.root, why, since));
                found.extend(entry);
            }
        }
        for entry in found {
            if !self.is_held(&entry, pending) {
                pending.entries.push(entry);
            }
        }
    }

    fn entry(
        &self,
        incident: &'a Incident,
        channel: &'a str,
        route: &'a Route,
        why: Why,
        since: DateTime<Utc>,
    ) -> Entry<'a> {
        let stream = self.routing.channels.get(channel).is_some_and(|channel| channel.stream);
        Entry {
            incident,
            channel,
            route,
            why,
            since,
            step: 0,
            urgent: incident.level >= self.routing.urgent,
            digest: false,
            stream,
            told: self.of(&incident.id, channel),
        }
    }

    /// What a channel of the route itself is to be told.
    fn base(
        &self,
        incident: &'a Incident,
        channel: &'a str,
        route: &'a Route,
        pending: &mut Pending<'a>,
    ) -> Option<Entry<'a>> {
        let policy = self.routing.channels.get(channel)?;
        let make = |why, since| self.entry(incident, channel, route, why, since);
        let told = self.of(&incident.id, channel);
        if policy.stream {
            return match told {
                None => Some(make(Why::Opened, incident.changed_at)),
                Some(told) => {
                    let (why, since) = self.change(incident, told)?;
                    Some(make(why, since))
                }
            };
        }
        let digest = route.policy.digest.as_ref().filter(|digest| incident.level < digest.below);
        if digest.is_some() && told.is_none_or(|told| told.digest) {
            let why = match told {
                None => Why::Opened,
                Some(told) if incident.open_since > told.at => Why::Reopened,
                Some(told) if incident.level > told.level => Why::Raised,
                Some(_) => return None,
            };
            return Some(Entry { digest: true, ..make(why, incident.open_since) });
        }
        // A line in a digest is no alarm: one that rises above it is new.
        match told.filter(|told| !told.digest) {
            None => incident.is_unresolved().then(|| make(Why::Opened, incident.open_since)),
            Some(told) => match self.change(incident, told) {
                Some((why, since)) => Some(make(why, since)),
                None => {
                    let again = told.at + route.policy.repeat?;
                    if incident.status != IncidentStatus::Open || told.status != IncidentStatus::Open {
                        return None;
                    }
                    if again > self.now {
                        pending.look_again(again);
                        return None;
                    }
                    Some(make(Why::Repeated, again))
                }
            },
        }
    }

    /// What has changed since the channel was told.
    fn change(&self, incident: &Incident, told: &Told) -> Option<(Why, DateTime<Utc>)> {
        if told.changes >= incident.changes {
            return None;
        }
        let why = match (incident.status, told.status) {
            (IncidentStatus::Resolved, IncidentStatus::Resolved) => return None,
            (IncidentStatus::Resolved, _) => Why::Resolved,
            (_, IncidentStatus::Resolved) => Why::Reopened,
            _ if incident.level > told.level => Why::Raised,
            (IncidentStatus::Acknowledged, IncidentStatus::Acknowledged) => return None,
            (IncidentStatus::Acknowledged, IncidentStatus::Open) => Why::Acknowledged,
            (IncidentStatus::Open, _) => Why::Reopened,
        };
        Some((why, incident.changed_at))
    }

    /// Steps of escalation that are due.
    fn escalated(
        &self,
        incident: &'a Incident,
        route: &'a Route,
        pending: &mut Pending<'a>,
    ) -> Vec<Entry<'a>> {
        let mut found = Vec::new();
        if route.policy.escalate.is_empty() || incident.status != IncidentStatus::Open {
            return found;
        }
        // From when a person could know: what is held escalates to nobody.
        let this_opening = |told: &&Told| told.since >= incident.open_since && !told.digest;
        let told = route.policy.channels.iter().filter_map(|channel| self.of(&incident.id, channel));
        let Some(base) = told.filter(this_opening).map(|told| told.since).min() else { return found };
        for (step, number) in route.policy.escalate.iter().zip(1u32..) {
            for channel in &step.channels {
                let told = self.of(&incident.id, channel);
                let taken = told.filter(this_opening).is_some_and(|told| told.step >= number);
                if taken || !self.routing.channels.contains_key(channel) {
                    continue;
                }
                let due = base + step.after;
                if due > self.now {
                    pending.look_again(due);
                    continue;
                }
                let entry = self.entry(incident, channel, route, Why::Escalated, due);
                found.push(Entry { step: number, ..entry });
            }
        }
        found
    }

    /// Whether it must wait for a silence, another incident or an hour. The ends of what was told
    /// already, and records, are never held.
    fn is_held(&self, entry: &Entry<'a>, pending: &mut Pending<'a>) -> bool {
        if entry.stream || !entry.alarms() {
            return false;
        }
        let (by, until) = if let Some(silence) = self.silences.iter().find(|silence| {
            (silence.starts_at..silence.ends_at).contains(&self.now)
                && silence.matcher.matches(entry.incident)
        }) {
            (HeldBy::Silence(silence.id), Some(silence.ends_at))
        } else if let Some(index) = self.inhibited.holds(entry.incident) {
            (HeldBy::Inhibition(index), None)
        } else {
            let hours = &entry.policy().active;
            if hours.is_empty() || hours.iter().any(|window| window.contains(self.now)) {
                return false;
            }
            (HeldBy::Hours, hours.iter().filter_map(|window| window.next_start(self.now)).min())
        };
        if let Some(until) = until {
            pending.look_again(until);
        }
        pending.held.push(Held {
            incident: entry.incident.id.clone(),
            channel: entry.channel.to_owned(),
            by,
        });
        true
    }
}
