//! The simulator itself: everything that is settled before the first file is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveTime};

use crate::attack::{self, Attack};
use crate::calls::{ReadyCall, registry};
use crate::companion;
use crate::config::{Config, SimError};
use crate::org::{ACCOUNTS, Org, REGIONS};
use crate::plan::{Plan, Source};
use crate::render::{Records, SimFile};
use crate::rhythm::{Rhythm, SLOT_SECONDS};
use crate::routine::Routines;

/// A record that a story insists on, ready to be put into its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) time: i64,
    pub(crate) bytes: Vec<u8>,
}

/// Told records by file: the source, and the first slot that the file covers.
pub(crate) type ToldRecords = BTreeMap<(Source, u32), Vec<Told>>;

/// What all files are made from.
pub(crate) struct World {
    pub(crate) config: Config,
    /// Midnight of the first day, in seconds since 1970.
    pub(crate) start: i64,
    pub(crate) org: Org,
    pub(crate) calls: Vec<ReadyCall>,
    pub(crate) routines: Routines,
    pub(crate) rhythm: Rhythm,
    pub(crate) told: ToldRecords,
    pub(crate) attack: Attack,
    /// Events and lines that are not told.
    pub(crate) background_events: u64,
    pub(crate) background_lines: u64,
    /// When the attacker deletes the flow log, after which it says nothing more.
    pub(crate) flow_log_ends: Option<i64>,
}

impl World {
    fn new(config: Config) -> Result<World, SimError> {
        check(&config)?;
        let start = config.start.and_time(NaiveTime::MIN).and_utc().timestamp();
        let org = Org::new(config.seed);
        let calls = registry()?;
        let story = attack::tell(&config, start, &org, &calls)?;
        let (mut events, mut lines) = (0, 0);
        for ((source, _), told) in &story.told {
            match source {
                Source::Log(_) => lines += told.len() as u64,
                _ => events += told.len() as u64,
            }
        }
        let background_events = config
            .events
            .checked_sub(events)
            .ok_or(SimError::TooFewEvents { asked: config.events, needed: events })?;
        let background_lines = config
            .companion_lines
            .checked_sub(lines)
            .ok_or(SimError::TooFewLines { asked: config.companion_lines, needed: lines })?;
        Ok(World {
            start,
            routines: Routines::new(&calls)?,
            rhythm: Rhythm::new(config.start),
            told: story.told,
            attack: story.attack,
            flow_log_ends: story.flow_log_ends,
            background_events,
            background_lines,
            config,
            org,
            calls,
        })
    }
}

fn check(config: &Config) -> Result<(), SimError> {
    if !(1..=3_660).contains(&config.days) {
        return Err(SimError::Days(config.days));
    }
    if !(1971..9900).contains(&config.start.year()) {
        return Err(SimError::Start(config.start));
    }
    if !(1..=9).contains(&config.compression) {
        return Err(SimError::Compression(config.compression));
    }
    match config.attack_day {
        Some(day) if day >= config.days => Err(SimError::AttackDay { day, days: config.days }),
        _ => Ok(()),
    }
}

/// Puts a record into the file that covers its time, in order.
pub(crate) fn file_told(told: &mut ToldRecords, start: i64, source: Source, record: Told) {
    let slots = match source {
        Source::Log(log) => log.slots(),
        _ => 1,
    };
    let slot = ((record.time - start) / SLOT_SECONDS).max(0) as u32;
    let records = told.entry((source, slot - slot % slots)).or_default();
    let at = records.partition_point(|other| other.time <= record.time);
    records.insert(at, record);
}

/// An account of the simulated organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountInfo {
    /// The twelve-digit id.
    pub id: &'static str,
    /// Its name in the organisation.
    pub name: &'static str,
}

/// A simulated organisation: makes log files on request. Cheap to clone.
#[derive(Clone)]
pub struct Simulator {
    world: Arc<World>,
}

impl Simulator {
    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// Sets the scene: invents the organisation, tells the attack, shares out the events.
    ///
    /// # Errors
    /// If the configuration asks for what cannot be; see [`SimError`].
    pub fn new(config: Config) -> Result<Simulator, SimError> {
        Ok(Simulator { world: Arc::new(World::new(config)?) })
    }

    /// The configuration it was made with.
    pub fn config(&self) -> &Config {
        &self.world.config
    }

    /// The attack, step by step; without steps if the configuration switched it off.
    pub fn attack(&self) -> &Attack {
        &self.world.attack
    }

    /// The accounts of the organisation.
    pub fn accounts(&self) -> Vec<AccountInfo> {
        ACCOUNTS.iter().map(|account| AccountInfo { id: account.id, name: account.name }).collect()
    }

    /// The Regions that it uses.
    pub fn regions(&self) -> &'static [&'static str] {
        &REGIONS
    }

    /// All files, in the order of delivery, not yet made: share them out over threads.
    pub fn plan(&self) -> Plan {
        Plan::new(&self.world)
    }

    /// All files, made one by one in the order of delivery.
    pub fn files(&self) -> impl Iterator<Item = SimFile> + use<> {
        self.plan().map(|spec| spec.render())
    }

    /// All CloudTrail records, one by one, without files round them.
    pub fn records(&self) -> Records {
        Records::new(self.plan())
    }

    /// The lake tables that the files belong to.
    pub fn tables(&self) -> Vec<&'static str> {
        let mut tables = vec!["cloudtrail_logs"];
        if self.world.config.companion_lines > 0 {
            tables.extend(companion::TABLES);
        }
        tables
    }
}
