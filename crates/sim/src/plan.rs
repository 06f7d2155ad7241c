//! Which files there are: a share of the events for every five-minute delivery.
//!
//! Shares are cut from a running sum of weights, so that they add up to the number asked for, and
//! a file's share depends on nothing but the configuration.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::companion::{self, Log};
use crate::dice::{Dice, Domain, mix};
use crate::org::{ACCOUNTS, ORGANIZATION, REGIONS};
use crate::render::{self, SimFile};
use crate::rhythm::{SLOT_SECONDS, SLOTS_PER_DAY};
use crate::text::{self, put, written};
use crate::world::World;

/// CloudTrail begins another file when one becomes large.
const MOST_PER_FILE: u64 = 4_000;

/// Where a file's records come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Trail { account: usize, region: usize },
    Insight { account: usize, region: usize },
    Log(Log),
}

impl Source {
    fn code(self) -> u64 {
        match self {
            Source::Trail { account, region } => (account * 16 + region) as u64,
            Source::Insight { account, region } => (1_000 + account * 16 + region) as u64,
            Source::Log(log) => 2_000 + log as u64,
        }
    }
}

/// Cuts a total into shares that follow weights and add up exactly.
struct Shares {
    total: u64,
    weights: u64,
    seen: u64,
    given: u64,
}

impl Shares {
    fn new(total: u64, weights: u64) -> Shares {
        Shares { total, weights, seen: 0, given: 0 }
    }

    fn next(&mut self, weight: u64) -> u64 {
        self.seen += weight;
        let due = u128::from(self.total) * u128::from(self.seen) / u128::from(self.weights.max(1));
        let share = due as u64 - self.given;
        self.given += share;
        share
    }
}

/// One file to be made. Holds no data; [`FileSpec::render`] makes it, on any thread.
#[derive(Clone)]
pub struct FileSpec {
    pub(crate) world: Arc<World>,
    pub(crate) source: Source,
    /// The first five-minute slot that the file covers, counted from the first day.
    pub(crate) slot: u32,
    /// How many slots it covers.
    pub(crate) slots: u32,
    pub(crate) part: u32,
    /// How many of its events are made up here; the rest are told ones.
    pub(crate) background: u32,
    events: u32,
}

impl FileSpec {
    /// How many events or lines the file holds.
    pub fn events(&self) -> u32 {
        self.events
    }

    /// The lake table that the file's records belong to.
    pub fn table(&self) -> &'static str {
        match self.source {
            Source::Trail { .. } | Source::Insight { .. } => "cloudtrail_logs",
            Source::Log(log) => log.table(),
        }
    }

    /// When AWS delivers the file: the end of the time it covers.
    pub fn delivered(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.end(), 0).unwrap_or_default()
    }

    /// The file's key in its bucket, as AWS lays it out.
    pub fn key(&self) -> String {
        let (Source::Trail { account, region } | Source::Insight { account, region }) = self.source else {
            return companion::key(self);
        };
        let service = match self.source {
            Source::Insight { .. } => "CloudTrail-Insight",
            _ => "CloudTrail",
        };
        let (account, region) = (ACCOUNTS[account].id, REGIONS[region]);
        written(|out| {
            put(out, &format!("AWSLogs/{ORGANIZATION}/{account}/{service}/{region}/"));
            text::date(out, text::civil(self.end()), "/");
            put(out, &format!("/{account}_{service}_{region}_"));
            text::stamp(out, self.end());
            out.push(b'_');
            self.dice(Domain::Key).alnum(out, 16);
            put(out, ".json.gz");
        })
    }

    /// Makes the file. Pure: the same specification gives the same bytes.
    pub fn render(&self) -> SimFile {
        render::file(self)
    }

    /// The file's content before compression, for benchmarks and tests.
    pub fn content(&self) -> Vec<u8> {
        render::content(self)
    }

    pub(crate) fn start(&self) -> i64 {
        self.world.start + i64::from(self.slot) * SLOT_SECONDS
    }

    pub(crate) fn end(&self) -> i64 {
        self.start() + i64::from(self.slots) * SLOT_SECONDS
    }

    /// The file's own random stream.
    pub(crate) fn dice(&self, domain: Domain) -> Dice {
        let place = u64::from(self.slot) << 32 | u64::from(self.part);
        Dice::new(self.world.config.seed, domain, place, self.source.code())
    }

    /// The told records that belong into the file, in order of time.
    pub(crate) fn told(&self) -> &[crate::world::Told] {
        if self.part > 0 {
            return &[];
        }
        self.world.told.get(&(self.source, self.slot)).map_or(&[], Vec::as_slice)
    }
}

/// All files, in the order of delivery. Lazy: a year's plan takes no memory.
pub struct Plan {
    world: Arc<World>,
    slot: u32,
    queue: VecDeque<FileSpec>,
    trail: Shares,
    logs: Vec<(Log, Shares)>,
}

impl Plan {
    pub(crate) fn new(world: &Arc<World>) -> Plan {
        let trail = Shares::new(world.background_events, world.rhythm.total(world.config.days));
        let logs = companion::totals(world)
            .into_iter()
            .map(|(log, lines, weights)| (log, Shares::new(lines, weights)))
            .collect();
        Plan { world: Arc::clone(world), slot: 0, queue: VecDeque::new(), trail, logs }
    }

    fn push(&mut self, source: Source, slots: u32, background: u64) {
        let first_slot = self.slot + 1 - slots;
        let told = self.world.told.get(&(source, first_slot)).map_or(0, Vec::len) as u64;
        let mut left = background;
        let mut part = 0;
        while left > 0 || (part == 0 && told > 0) {
            let background = left.min(MOST_PER_FILE);
            let told = if part == 0 { told } else { 0 };
            self.queue.push_back(FileSpec {
                world: Arc::clone(&self.world),
                source,
                slot: first_slot,
                slots,
                part,
                background: background as u32,
                events: (background + told) as u32,
            });
            left -= background;
            part += 1;
        }
    }

    fn fill(&mut self) {
        let (world, slot) = (Arc::clone(&self.world), self.slot);
        for account in 0..ACCOUNTS.len() {
            for region in 0..REGIONS.len() {
                let share = self.trail.next(world.rhythm.cell(slot, account, region));
                self.push(Source::Trail { account, region }, 1, share);
                self.push(Source::Insight { account, region }, 1, 0);
            }
        }
        for at in 0..self.logs.len() {
            let log = self.logs[at].0;
            if (slot + 1) % log.slots() == 0 {
                let weight = companion::weight(&world, log, slot + 1 - log.slots());
                let share = self.logs[at].1.next(weight);
                self.push(Source::Log(log), log.slots(), share);
            }
        }
        self.slot += 1;
    }
}

impl Iterator for Plan {
    type Item = FileSpec;

    fn next(&mut self) -> Option<FileSpec> {
        while self.queue.is_empty() {
            if self.slot >= self.world.config.days * SLOTS_PER_DAY {
                return None;
            }
            self.fill();
        }
        self.queue.pop_front()
    }
}

/// A stable number for a file, for ids that its name contains.
pub(crate) fn number(spec: &FileSpec) -> u64 {
    mix(mix(spec.world.config.seed, spec.source.code()), u64::from(spec.slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_follow_the_weights() {
        let weights = [0, 3, 0, 7, 1_000, 0, 5];
        for total in [0, 1, 6, 1_000_003] {
            let mut shares = Shares::new(total, weights.iter().sum());
            let cut: Vec<u64> = weights.iter().map(|&w| shares.next(w)).collect();
            assert_eq!(cut.iter().sum::<u64>(), total);
            assert!(weights.iter().zip(&cut).all(|(&w, &c)| w > 0 || c == 0));
        }
    }
}
