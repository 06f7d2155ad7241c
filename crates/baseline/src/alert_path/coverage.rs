//! Events run through the paths of their Region.

use std::sync::Arc;

use super::paths::Heard;
use super::{AlertPath, AwsEvent};
use crate::inventory::Unknown;

/// What becomes of a set of events.
#[derive(Clone, Debug)]
pub struct Coverage<'a> {
    /// Each event, by its label.
    pub events: Vec<(String, Outcome<'a>)>,
    /// What picks at least one of them, whether or not its path is whole.
    pub listeners: Vec<Listener>,
    /// Ways that do not even begin: `trail main delivers to no log group`.
    pub notes: &'a [String],
}

/// What becomes of an event.
#[derive(Clone, Debug)]
pub enum Outcome<'a> {
    /// It reaches somebody on this path.
    Alerted(&'a AlertPath),
    /// Nobody hears of it.
    Slips,
    /// No path that is known to be whole takes it, and something could not be looked at.
    Unknown(Unknown),
}

/// A metric filter or a rule that picks events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// `metric filter sg-changes`
    pub label: String,
    /// How many of the events it picks.
    pub takes: usize,
    /// A path from it is whole.
    pub live: bool,
    /// Why its paths are not, once each.
    pub broken: Vec<String>,
}

impl<'a> Coverage<'a> {
    pub(super) fn of(heard: &'a Heard, events: &[AwsEvent], lenient: bool) -> Self {
        let outcomes = events.iter().map(|event| (event.label.clone(), outcome(heard, event, lenient)));
        Self { events: outcomes.collect(), listeners: listeners(heard, events, lenient), notes: &heard.notes }
    }

    pub(super) fn elsewhere(account: &str, region: &str, events: &[AwsEvent]) -> Self {
        let unknown = Unknown {
            call: "cloudtrail:DescribeTrails".to_owned(),
            missing_action: None,
            reason: format!("{region} of account {account} is not part of the inventory"),
        };
        let outcome = |event: &AwsEvent| (event.label.clone(), Outcome::Unknown(unknown.clone()));
        Self { events: events.iter().map(outcome).collect(), listeners: Vec::new(), notes: &[] }
    }

    /// The labels of events that nobody hears of.
    #[must_use]
    pub fn slipping(&self) -> Vec<&str> {
        let slips = |(_, outcome): &&(String, Outcome<'_>)| matches!(outcome, Outcome::Slips);
        self.events.iter().filter(slips).map(|(label, _)| label.as_str()).collect()
    }

    /// The paths that events take to somebody, each once.
    #[must_use]
    pub fn live_paths(&self) -> Vec<&'a AlertPath> {
        let mut paths: Vec<&AlertPath> = Vec::new();
        for (_, outcome) in &self.events {
            if let Outcome::Alerted(path) = outcome
                && !paths.iter().any(|known| std::ptr::eq(*known, *path))
            {
                paths.push(path);
            }
        }
        paths
    }

    /// What could not be looked at and leaves events undecided.
    #[must_use]
    pub fn unknown(&self) -> Option<&Unknown> {
        self.events.iter().find_map(|(_, outcome)| match outcome {
            Outcome::Unknown(unknown) => Some(unknown),
            Outcome::Alerted(_) | Outcome::Slips => None,
        })
    }
}

fn paths<'a>(heard: &'a Heard, event: &AwsEvent) -> &'a [Arc<AlertPath>] {
    if event.record.is_some() { &heard.recorded } else { &heard.sent }
}

fn outcome<'a>(heard: &'a Heard, event: &AwsEvent, lenient: bool) -> Outcome<'a> {
    let mut undecided = None;
    for path in paths(heard, event).iter().filter(|path| path.takes(event)) {
        match &path.broken {
            None if lenient || path.broad.is_empty() => return Outcome::Alerted(path),
            None => {}
            Some(broken) => undecided = undecided.or(broken.unknown.as_ref()),
        }
    }
    let unasked = if event.record.is_some() { &heard.recorded_unknown } else { &heard.sent_unknown };
    match undecided.or(unasked.first()) {
        Some(unknown) => Outcome::Unknown(unknown.clone()),
        None => Outcome::Slips,
    }
}

fn listeners(heard: &Heard, events: &[AwsEvent], lenient: bool) -> Vec<Listener> {
    let mut found: Vec<(Listener, Vec<bool>)> = Vec::new();
    let mut all: Vec<&Arc<AlertPath>> = events.iter().flat_map(|event| paths(heard, event)).collect();
    all.sort_unstable_by_key(|path| Arc::as_ptr(path));
    all.dedup_by_key(|path| Arc::as_ptr(path));
    for path in all {
        let taken: Vec<bool> = events.iter().map(|event| path.takes(event)).collect();
        let Some(label) = path.listener().map(super::Hop::label).filter(|_| taken.contains(&true)) else {
            continue;
        };
        let at = found.iter().position(|(listener, _)| listener.label == label).unwrap_or_else(|| {
            let new = Listener { label, takes: 0, live: false, broken: Vec::new() };
            found.push((new, vec![false; events.len()]));
            found.len() - 1
        });
        let (listener, takes) = &mut found[at];
        takes.iter_mut().zip(taken).for_each(|(all, one)| *all |= one);
        let reason = match &path.broken {
            Some(broken) => broken.reason.clone(),
            None if lenient || path.broad.is_empty() => {
                listener.live = true;
                continue;
            }
            None => format!(
                "it picks nearly every event ({} and others), so that its alarm never changes its state",
                path.broad.first().map_or("", String::as_str)
            ),
        };
        if !listener.broken.contains(&reason) {
            listener.broken.push(reason);
        }
    }
    let mut listeners: Vec<Listener> = found
        .into_iter()
        .map(|(listener, takes)| Listener { takes: takes.iter().filter(|taken| **taken).count(), ..listener })
        .collect();
    listeners.sort_by(|a, b| b.takes.cmp(&a.takes).then_with(|| a.label.cmp(&b.label)));
    for listener in &mut listeners {
        listener.broken.sort();
    }
    listeners
}
