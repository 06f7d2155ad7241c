//! [`plan`]: from what is known to what is sent.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use trailkeep_detect::Level;
use trailkeep_state::{Incident, IncidentStatus, SentRecord, Thread, Told};

use super::budget::spend;
use super::group::{Bucket, Kind, Threads, buckets};
use super::inhibit::Inhibited;
use super::pending::{Entry, Pending, World};
use super::{Action, Item, Matcher, Notification, Routing, Why};

/// Rules that a message names.
const RULES: usize = 10;

/// A silence.
#[derive(Clone, Debug, PartialEq)]
pub struct Silencing {
    /// Its number; negative for those of the configuration.
    pub id: i64,
    /// What it holds.
    pub matcher: Matcher,
    /// Why.
    pub comment: String,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
}

/// All that is known.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Incidents: unresolved ones, and those that changed lately.
    pub incidents: &'a [Incident],
    /// What channels know of them.
    pub told: &'a [Told],
    /// The latest thread of each channel and group.
    pub threads: &'a [Thread],
    /// Messages of the longest rate's time.
    pub sent: &'a [SentRecord],
    /// Silences.
    pub silences: &'a [Silencing],
    /// The present.
    pub now: DateTime<Utc>,
}

/// What holds a message back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// The silence of this number.
    Silence(i64),
    /// The inhibition at this place of the configuration.
    Inhibition(usize),
    /// The hours of the route.
    Hours,
}

/// An incident that a channel is not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The incident.
    pub incident: String,
    /// The channel.
    pub channel: String,
    /// Why.
    pub by: HeldBy,
}

/// What is to be done. Kept in one transaction, or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Messages, in the order in which they are to be sent.
    pub notifications: Vec<Notification>,
    /// What channels know once these are sent.
    pub told: Vec<Told>,
    /// Threads that begin or go on.
    pub threads: Vec<Thread>,
    /// What is held, and by what.
    pub held: Vec<Held>,
    /// When to look again, if nothing happens before.
    pub next_due: Option<DateTime<Utc>>,
}

/// Decides what is sent now.
#[must_use]
pub fn plan(routing: &Routing, look: &Look<'_>) -> Plan {
    let now = look.now;
    let mut told: HashMap<&str, Vec<&Told>> = HashMap::new();
    for one in look.told {
        told.entry(&one.incident).or_default().push(one);
    }
    let inhibited = Inhibited::new(&routing.inhibit, look.incidents);
    let world = World { routing, told, silences: look.silences, inhibited, now };
    let mut pending = Pending::default();
    for incident in look.incidents {
        world.look_at(incident, &mut pending);
    }
    let entries = std::mem::take(&mut pending.entries);
    let threads = Threads::new(look.threads);
    let mut due: BTreeMap<&str, Vec<Bucket<'_>>> = BTreeMap::new();
    for bucket in buckets(entries, &threads, routing) {
        if bucket.due <= now {
            due.entry(bucket.channel).or_default().push(bucket);
        } else {
            pending.look_again(bucket.due);
        }
    }
    let mut plan = Plan::default();
    let mut books = Books::new(look.told);
    for (channel, buckets) in due {
        let rate = routing.channels.get(channel).map(|policy| policy.rate).unwrap_or_default();
        let spent = spend(buckets, rate, look.sent, &threads, routing, now);
        if let Some(next) = spent.next {
            pending.look_again(next);
        }
        for bucket in spent.now {
            send(bucket, &threads, &mut books, now, &mut plan);
        }
    }
    // Urgent ones first; stable, so that the messages of a thread stay in order.
    plan.notifications.sort_by_key(|message| std::cmp::Reverse((message.urgent, message.level)));
    plan.held = pending.held;
    plan.next_due = pending.next;
    plan
}

/// Which incidents of which thread are not known to be resolved.
struct Books<'a> {
    unresolved: HashMap<&'a str, HashSet<&'a str>>,
    unacknowledged: HashMap<&'a str, HashSet<&'a str>>,
}

impl<'a> Books<'a> {
    fn new(told: &'a [Told]) -> Self {
        let mut books = Self { unresolved: HashMap::new(), unacknowledged: HashMap::new() };
        for one in told {
            if one.status != IncidentStatus::Resolved {
                books.unresolved.entry(&one.thread).or_default().insert(&one.incident);
            }
            if one.status == IncidentStatus::Open {
                books.unacknowledged.entry(&one.thread).or_default().insert(&one.incident);
            }
        }
        books
    }

    /// How many incidents of the thread stay in a state, besides those of the bucket.
    fn others(of: &HashMap<&str, HashSet<&str>>, thread: &str, bucket: &Bucket<'_>) -> usize {
        let Some(all) = of.get(thread) else { return 0 };
        let own: HashSet<&str> = bucket.entries.iter().map(|entry| entry.incident.id.as_str()).collect();
        all.difference(&own).count()
    }
}

fn send(
    mut bucket: Bucket<'_>,
    threads: &Threads<'_>,
    books: &mut Books<'_>,
    now: DateTime<Utc>,
    plan: &mut Plan,
) {
    // What matters most comes first; what is over comes last.
    bucket.entries.sort_by(|a, b| {
        let rank =
            |entry: &Entry<'_>| (entry.why != Why::Resolved, entry.incident.level, entry.incident.last_time);
        rank(b).cmp(&rank(a)).then_with(|| a.incident.id.cmp(&b.incident.id))
    });
    let mut thread = threads.next(&bucket, now);
    let entries = &bucket.entries;
    let open = Books::others(&books.unresolved, &thread.id, &bucket)
        + entries.iter().filter(|entry| entry.incident.is_unresolved()).count();
    let waiting = Books::others(&books.unacknowledged, &thread.id, &bucket)
        + entries.iter().filter(|entry| entry.incident.status == IncidentStatus::Open).count();
    thread.closed = matches!(bucket.kind, Kind::Digest) || open == 0;
    let action = action(&bucket, &thread, waiting);
    for entry in entries {
        plan.told.push(told(entry, &thread, now));
    }
    if bucket.kind == Kind::Records {
        for chunk in entries.chunks(Notification::RECORDS) {
            plan.notifications.push(message(chunk, action, &thread, Notification::RECORDS, now));
            thread.messages += 1;
        }
        thread.messages -= 1;
    } else {
        plan.notifications.push(message(entries, action, &thread, Notification::LISTED, now));
    }
    plan.threads.push(thread);
}

fn action(bucket: &Bucket<'_>, thread: &Thread, waiting: usize) -> Action {
    let all = |why: Why| bucket.entries.iter().all(|entry| entry.why == why);
    match bucket.kind {
        Kind::Records => Action::Record,
        Kind::Digest => Action::Digest,
        _ if thread.closed && thread.messages > 1 => Action::Resolve,
        Kind::Storm if thread.messages == 1 => Action::Storm,
        _ if bucket.entries.iter().any(|entry| entry.step > 0) => Action::Escalate,
        _ if thread.messages == 1 => Action::Open,
        _ if all(Why::Repeated) => Action::Repeat,
        _ if waiting == 0 && bucket.entries.iter().any(|entry| entry.why == Why::Acknowledged) => {
            Action::Acknowledge
        }
        _ => Action::Update,
    }
}

fn told(entry: &Entry<'_>, thread: &Thread, now: DateTime<Utc>) -> Told {
    let incident = entry.incident;
    // Of this opening: what was told of the one before does not count.
    let before = entry.told.filter(|told| !told.digest && told.since >= incident.open_since);
    Told {
        incident: incident.id.clone(),
        channel: entry.channel.to_owned(),
        thread: thread.id.clone(),
        changes: incident.changes,
        level: incident.level,
        status: incident.status,
        step: entry.step.max(before.map_or(0, |told| told.step)),
        digest: entry.digest,
        since: before.map_or(now, |told| told.since),
        at: now,
    }
}

fn message(
    entries: &[Entry<'_>],
    action: Action,
    thread: &Thread,
    most: usize,
    now: DateTime<Utc>,
) -> Notification {
    let mut levels: BTreeMap<Level, u64> = BTreeMap::new();
    let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in entries {
        *levels.entry(entry.incident.level).or_default() += 1;
        *rules.entry(&entry.incident.rule_title).or_default() += 1;
    }
    let mut rules: Vec<(String, u64)> =
        rules.into_iter().map(|(title, count)| (title.to_owned(), count)).collect();
    rules.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rules.truncate(RULES);
    Notification {
        key: Notification::key_of(&thread.id, thread.messages),
        channel: thread.channel.clone(),
        thread: thread.id.clone(),
        action,
        urgent: entries.iter().any(|entry| entry.urgent),
        at: now,
        route: entries.first().map(|entry| entry.route.name.clone()).unwrap_or_default(),
        level: levels.keys().next_back().copied().unwrap_or(Level::Informational),
        total: entries.len() as u64,
        levels: levels.into_iter().rev().collect(),
        rules,
        items: entries
            .iter()
            .take(most)
            .map(|entry| Item { incident: entry.incident.clone(), why: entry.why })
            .collect(),
        comment: None,
        offers: Vec::new(),
        ticket: None,
    }
}
