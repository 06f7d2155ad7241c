//! What goes into one message, and when it is due.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use trailkeep_detect::Level;
use trailkeep_state::Thread;

use super::pending::Entry;
use super::{Label, Routing, Why};
use crate::incident::hash;

/// The group of the messages that stand for many; with a mark for urgent ones.
const STORM: &str = "storm";
const RECORDS: &str = "records";

/// Entries for one message to one channel.
#[derive(Debug)]
pub(super) struct Bucket<'a> {
    pub(super) channel: &'a str,
    /// What its incidents have in common; names the thread.
    pub(super) group: String,
    pub(super) kind: Kind,
    pub(super) entries: Vec<Entry<'a>>,
    pub(super) due: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Digest,
    Storm,
    Records,
}

impl Bucket<'_> {
    pub(super) fn is_urgent(&self) -> bool {
        self.entries.iter().any(|entry| entry.urgent)
    }

    pub(super) fn level(&self) -> Level {
        self.entries.iter().map(|entry| entry.incident.level).max().unwrap_or(Level::Informational)
    }
}

/// The threads, by what they are looked up by.
#[derive(Debug)]
pub(super) struct Threads<'a> {
    by_group: HashMap<(&'a str, &'a str), &'a Thread>,
    by_id: HashMap<&'a str, &'a Thread>,
}

impl<'a> Threads<'a> {
    pub(super) fn new(threads: &'a [Thread]) -> Self {
        let key = |thread: &'a Thread| (thread.channel.as_str(), thread.group.as_str());
        Self {
            by_group: threads.iter().map(|thread| (key(thread), thread)).collect(),
            by_id: threads.iter().map(|thread| (thread.id.as_str(), thread)).collect(),
        }
    }

    /// The latest thread of a group.
    pub(super) fn of(&self, channel: &str, group: &str) -> Option<&'a Thread> {
        self.by_group.get(&(channel, group)).copied()
    }

    /// The group's thread with its next message: the one that goes on, or a new one.
    pub(super) fn next(&self, bucket: &Bucket<'_>, now: DateTime<Utc>) -> Thread {
        let last = self.of(bucket.channel, &bucket.group);
        let goes_on = |thread: &&Thread| !thread.closed || matches!(bucket.kind, Kind::Records);
        match last.filter(goes_on) {
            Some(thread) => {
                Thread { messages: thread.messages + 1, last_at: now, closed: false, ..thread.clone() }
            }
            None => {
                let episode = last.map_or(1, |thread| thread.episode + 1);
                Thread {
                    id: hash(&["thread", bucket.channel, &bucket.group, &episode.to_string()]),
                    channel: bucket.channel.to_owned(),
                    group: bucket.group.clone(),
                    episode,
                    messages: 1,
                    last_at: now,
                    closed: false,
                }
            }
        }
    }
}

/// Sorts entries into messages.
pub(super) fn buckets<'a>(
    entries: Vec<Entry<'a>>,
    threads: &Threads<'_>,
    routing: &Routing,
) -> Vec<Bucket<'a>> {
    // Ordered, so that the same entries give the same plan.
    let mut buckets: BTreeMap<(&str, String), Bucket<'a>> = BTreeMap::new();
    for entry in entries {
        let (kind, group) = place(&entry, threads);
        let due = due(&entry, kind, threads.of(entry.channel, &group), routing);
        let bucket = buckets.entry((entry.channel, group.clone())).or_insert_with(|| Bucket {
            channel: entry.channel,
            group,
            kind,
            entries: Vec::new(),
            due,
        });
        bucket.due = bucket.due.min(due);
        bucket.entries.push(entry);
    }
    buckets.into_values().collect()
}

/// Which group an entry belongs to.
fn place(entry: &Entry<'_>, threads: &Threads<'_>) -> (Kind, String) {
    if entry.stream {
        return (Kind::Records, RECORDS.to_owned());
    }
    if entry.digest {
        return (Kind::Digest, format!("digest of {}", entry.route.name));
    }
    // What was told stays in its thread, until that is closed.
    let told = entry.told.filter(|told| !told.digest);
    if let Some(thread) = told.and_then(|told| threads.by_id.get(told.thread.as_str()))
        && thread.channel == entry.channel
        && !thread.closed
    {
        let storm = thread.group == storm_group(false) || thread.group == storm_group(true);
        return (if storm { Kind::Storm } else { Kind::Normal }, thread.group.clone());
    }
    (Kind::Normal, group(entry))
}

fn group(entry: &Entry<'_>) -> String {
    let labels: Vec<String> = entry
        .policy()
        .group_by
        .iter()
        .map(|label: &Label| format!("{}={}", label.as_str(), label.of(entry.incident).unwrap_or("-")))
        .collect();
    let group = if labels.is_empty() { "all".to_owned() } else { labels.join(", ") };
    // Urgent ones have groups of their own, so that the others cannot keep them waiting.
    if entry.urgent { format!("urgent: {group}") } else { group }
}

pub(super) fn storm_group(urgent: bool) -> String {
    if urgent { format!("urgent: {STORM}") } else { STORM.to_owned() }
}

fn due(entry: &Entry<'_>, kind: Kind, last: Option<&Thread>, routing: &Routing) -> DateTime<Utc> {
    let policy = entry.policy();
    match (kind, &policy.digest) {
        (Kind::Records, _) => return entry.since,
        (Kind::Digest, Some(digest)) => return digest.due(entry.since),
        _ => {}
    }
    let at_once = entry.urgent || matches!(entry.why, Why::Repeated | Why::Escalated);
    let waited = if at_once { entry.since } else { entry.since + policy.group_wait };
    let interval = if entry.urgent { routing.urgent_interval } else { policy.group_interval };
    match last {
        Some(thread) => waited.max(thread.last_at + interval),
        None => waited,
    }
}
