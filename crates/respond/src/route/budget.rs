//! What a channel takes in a minute. What is too much goes into one message; nothing is dropped.

use chrono::{DateTime, Utc};
use trailkeep_state::SentRecord;

use super::group::{Bucket, Kind, Threads, storm_group};
use super::{Rate, Routing};

/// What is sent now, and when there is room for the rest.
#[derive(Debug, Default)]
pub(super) struct Spent<'a> {
    pub(super) now: Vec<Bucket<'a>>,
    pub(super) next: Option<DateTime<Utc>>,
}

/// Decides for the buckets of one channel, all of them due.
pub(super) fn spend<'a>(
    due: Vec<Bucket<'a>>,
    rate: Rate,
    sent: &[SentRecord],
    threads: &Threads<'_>,
    routing: &Routing,
    now: DateTime<Utc>,
) -> Spent<'a> {
    let mut spent = Spent::default();
    let (mut urgent, mut others) = (Vec::new(), Vec::new());
    for bucket in due {
        let goes_on = threads.of(bucket.channel, &bucket.group).is_some_and(|thread| !thread.closed);
        match bucket.kind {
            Kind::Records => spent.now.push(bucket),
            // Threads that are there are few: each of them was within a budget once.
            _ if bucket.is_urgent() && goes_on => spent.now.push(bucket),
            _ if bucket.is_urgent() => urgent.push(bucket),
            _ => others.push(bucket),
        }
    }
    for (buckets, is_urgent) in [(urgent, true), (others, false)] {
        if !buckets.is_empty() {
            one_class(buckets, is_urgent, rate, sent, threads, routing, now, &mut spent);
        }
    }
    spent
}

#[allow(clippy::too_many_arguments, reason = "the second half of `spend`")]
fn one_class<'a>(
    mut buckets: Vec<Bucket<'a>>,
    urgent: bool,
    rate: Rate,
    sent: &[SentRecord],
    threads: &Threads<'_>,
    routing: &Routing,
    now: DateTime<Utc>,
    spent: &mut Spent<'a>,
) {
    let channel = buckets[0].channel;
    let recent: Vec<DateTime<Utc>> = sent
        .iter()
        .filter(|it| it.channel == channel && it.urgent == urgent && it.at + rate.per > now)
        .map(|it| it.at)
        .collect();
    let free = rate.messages.saturating_sub(recent.len());
    if buckets.len() <= free {
        spent.now.append(&mut buckets);
        return;
    }
    let mut later = |at: DateTime<Utc>| spent.next = Some(spent.next.map_or(at, |next| next.min(at)));
    if free == 0 {
        let storm = threads.of(channel, &storm_group(urgent)).map(|thread| thread.last_at);
        let ready = storm.map_or(now, |last| last + routing.urgent_interval);
        if !urgent || ready > now {
            let room = recent.iter().min().map_or(now + rate.per, |first| *first + rate.per);
            later(if urgent { ready.min(room) } else { room });
            return;
        }
    }
    // What matters most, and has waited longest, has a message of its own.
    buckets.sort_by(|a, b| b.level().cmp(&a.level()).then(a.due.cmp(&b.due)));
    let alone = free.saturating_sub(1);
    let rest = buckets.split_off(alone.min(buckets.len()));
    spent.now.append(&mut buckets);
    // A ticket that is open hears of its own end, later; a message for many would not close it.
    let (own, folded): (Vec<_>, Vec<_>) = rest.into_iter().partition(|bucket| {
        bucket.kind == Kind::Digest
            || threads
                .of(channel, &bucket.group)
                .is_some_and(|thread| !thread.closed && bucket.kind != Kind::Storm)
    });
    let mut own = own.into_iter();
    if folded.is_empty() {
        spent.now.extend(own.by_ref().take(free - alone));
    } else {
        let entries = folded.into_iter().flat_map(|bucket| bucket.entries);
        let group = storm_group(urgent);
        // One message to a thread at a time.
        match spent.now.iter_mut().find(|bucket| bucket.channel == channel && bucket.group == group) {
            Some(bucket) => bucket.entries.extend(entries),
            None => {
                let entries = entries.collect();
                spent.now.push(Bucket { channel, group, kind: Kind::Storm, entries, due: now });
            }
        }
    }
    if own.next().is_some() {
        let room = recent.iter().min().map_or(now + rate.per, |first| *first + rate.per);
        later(room);
    }
}
