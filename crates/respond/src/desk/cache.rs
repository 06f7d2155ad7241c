//! The board in memory: read once, and kept as commits change it.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_state::{Board, Commit, Incident};

use crate::route::{Look, Silencing};

/// After this time it is read again, so that what was resolved long ago leaves it.
const OLD: TimeDelta = TimeDelta::minutes(10);

#[derive(Debug)]
pub(super) struct Cache {
    board: Board,
    silences: Vec<Silencing>,
    read_at: DateTime<Utc>,
    /// How long messages count against a rate.
    longest: TimeDelta,
    incidents: HashMap<String, usize>,
    told: HashMap<(String, String), usize>,
    threads: HashMap<(String, String), usize>,
}

impl Cache {
    pub(super) fn new(board: Board, fixed: &[Silencing], longest: TimeDelta, now: DateTime<Utc>) -> Self {
        let mut silences = fixed.to_vec();
        for silence in &board.silences {
            // One that cannot be read silences nothing: rather a message too many.
            match serde_json::from_str(&silence.matcher) {
                Ok(matcher) => silences.push(Silencing {
                    id: silence.id,
                    matcher,
                    comment: silence.comment.clone(),
                    starts_at: silence.starts_at,
                    ends_at: silence.ends_at,
                }),
                Err(error) => {
                    tracing::warn!(%error, id = silence.id, "silence not understood; it holds nothing");
                }
            }
        }
        let incidents = index(&board.incidents, |it| it.id.clone());
        let told = index(&board.told, |it| (it.incident.clone(), it.channel.clone()));
        let threads = index(&board.threads, |it| (it.channel.clone(), it.group.clone()));
        Self { board, silences, read_at: now, longest, incidents, told, threads }
    }

    pub(super) fn generation(&self) -> i64 {
        self.board.generation
    }

    pub(super) fn is_old(&self, now: DateTime<Utc>) -> bool {
        (now - self.read_at).abs() > OLD
    }

    pub(super) fn incidents(&self) -> &[Incident] {
        &self.board.incidents
    }

    pub(super) fn get(&self, id: &str) -> Option<&Incident> {
        self.incidents.get(id).map(|index| &self.board.incidents[*index])
    }

    pub(super) fn put(&mut self, incident: Incident) {
        let key = incident.id.clone();
        put(&mut self.board.incidents, &mut self.incidents, key, incident);
    }

    pub(super) fn look(&self, now: DateTime<Utc>) -> Look<'_> {
        let Board { incidents, told, threads, sent, .. } = &self.board;
        Look { incidents, told, threads, sent, silences: &self.silences, now }
    }

    /// Takes over what was committed; its incidents are there by now.
    pub(super) fn keep(&mut self, commit: &Commit, generation: i64) {
        for told in &commit.told {
            let key = (told.incident.clone(), told.channel.clone());
            put(&mut self.board.told, &mut self.told, key, told.clone());
        }
        for thread in &commit.threads {
            let key = (thread.channel.clone(), thread.group.clone());
            put(&mut self.board.threads, &mut self.threads, key, thread.clone());
        }
        self.board.sent.extend(commit.sent.iter().cloned());
        if let Some(last) = self.board.sent.last().map(|sent| sent.at) {
            let longest = self.longest;
            self.board.sent.retain(|sent| sent.at + longest > last);
        }
        self.board.generation = generation;
    }
}

fn index<T, K: std::hash::Hash + Eq>(items: &[T], key: impl Fn(&T) -> K) -> HashMap<K, usize> {
    items.iter().enumerate().map(|(index, item)| (key(item), index)).collect()
}

fn put<T, K: std::hash::Hash + Eq>(items: &mut Vec<T>, index: &mut HashMap<K, usize>, key: K, item: T) {
    match index.get(&key) {
        Some(at) => items[*at] = item,
        None => {
            index.insert(key, items.len());
            items.push(item);
        }
    }
}
