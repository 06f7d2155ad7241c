//! Writes told events, and keeps the books of the step they belong to.

use chrono::DateTime;

use super::{Attack, Step, Story, calls};
use crate::calls::ReadyCall;
use crate::companion::Log;
use crate::config::{Config, SimError};
use crate::dice::{Dice, Domain, mix};
use crate::identity::Actor;
use crate::org::{ACCOUNTS, Kind, Org, REGIONS};
use crate::plan::Source;
use crate::record::{Fate, write_event};
use crate::template::Scene;
use crate::world::{Told, ToldRecords, file_told};

/// A value that a story insists on, by the name that templates use.
pub(super) type Fact = (&'static str, String);

/// The parts of a step that are prose.
pub(super) struct Prose {
    pub(super) what: &'static str,
    pub(super) why: &'static str,
    pub(super) technique: (&'static str, &'static str),
}

/// What a told event was given.
pub(super) struct Ids {
    pub(super) event: String,
    pub(super) request: String,
}

pub(super) struct Teller<'a> {
    pub(super) org: &'a Org,
    pub(super) config: &'a Config,
    pub(super) dice: Dice,
    pub(super) attack: Attack,
    pub(super) flow_log_ends: Option<i64>,
    registry: &'a [ReadyCall],
    own: Vec<ReadyCall>,
    told: ToldRecords,
    start: i64,
    midnight: i64,
    /// Events told count towards the last step of the attack.
    in_step: bool,
}

impl<'a> Teller<'a> {
    pub(super) fn new(
        config: &'a Config,
        start: i64,
        org: &'a Org,
        registry: &'a [ReadyCall],
    ) -> Result<Teller<'a>, SimError> {
        Ok(Teller {
            org,
            config,
            dice: Dice::new(config.seed, Domain::Daily, 0, 0),
            attack: Attack::default(),
            flow_log_ends: None,
            registry,
            own: calls::ready()?,
            told: ToldRecords::new(),
            start,
            midnight: start,
            in_step: false,
        })
    }

    pub(super) fn finish(self) -> Story {
        Story { attack: self.attack, told: self.told, flow_log_ends: self.flow_log_ends }
    }

    /// Times are from here on those of this day.
    pub(super) fn set_day(&mut self, day: u32) {
        self.midnight = self.start + i64::from(day) * 86_400;
    }

    /// A time of the day.
    pub(super) fn at(&self, hour: i64, minute: i64, second: i64) -> i64 {
        self.midnight + hour * 3_600 + minute * 60 + second
    }

    /// Begins a step of the attack.
    pub(super) fn step(&mut self, at: i64, actor: &str, place: (usize, usize), prose: Prose) {
        // Each step draws from its own stream: a change to one leaves the others' ids alone.
        let number = self.attack.steps.len() as u64;
        self.dice = Dice::new(self.config.seed, Domain::Attack, number, self.midnight.unsigned_abs());
        self.in_step = true;
        let time = DateTime::from_timestamp(at, 0).unwrap_or_default();
        self.attack.steps.push(Step {
            time,
            until: time,
            actor: actor.to_owned(),
            account: ACCOUNTS[place.0].id,
            region: REGIONS[place.1],
            what: prose.what,
            why: prose.why,
            technique: prose.technique.0,
            technique_name: prose.technique.1,
            event_ids: Vec::new(),
            other_lines: 0,
        });
    }

    /// Tells a CloudTrail event.
    pub(super) fn event(
        &mut self,
        time: i64,
        place: (usize, usize),
        actor: &Actor,
        name: &str,
        fate: Fate,
        facts: &[Fact],
    ) -> Result<Ids, SimError> {
        // The story's own calls go before the everyday ones of the same name.
        let call = self.own.iter().chain(self.registry).find(|call| call.is(name));
        let call = call.ok_or_else(|| SimError::UnknownCall(name.to_owned()))?;
        let (account, region) = place;
        let pick = self.dice.bits();
        let mut scene = Scene {
            org: self.org,
            account,
            region,
            time,
            actor,
            dice: &mut self.dice,
            pick,
            facts,
            request_id: Vec::new(),
        };
        let mut bytes = Vec::with_capacity(2_048);
        let at = write_event(&mut scene, call, fate, &mut bytes);
        let ids = Ids {
            event: String::from_utf8_lossy(&bytes[at..at + 36]).into_owned(),
            request: String::from_utf8_lossy(&scene.request_id).into_owned(),
        };
        self.note(time, Some(&ids.event));
        let source = Source::Trail { account, region };
        file_told(&mut self.told, self.start, source, Told { time, bytes });
        Ok(ids)
    }

    /// Tells an Insights event, already written.
    pub(super) fn insight(&mut self, time: i64, place: (usize, usize), id: &str, bytes: Vec<u8>) {
        self.note(time, Some(id));
        let source = Source::Insight { account: place.0, region: place.1 };
        file_told(&mut self.told, self.start, source, Told { time, bytes });
    }

    /// Whether there are other logs to leave lines in.
    pub(super) fn has_logs(&self) -> bool {
        self.config.companion_lines > 0
    }

    /// Tells a line of another log.
    pub(super) fn line(&mut self, time: i64, log: Log, write: impl FnOnce(&Org, &mut Dice, &mut Vec<u8>)) {
        if !self.has_logs() {
            return;
        }
        let mut bytes = Vec::with_capacity(512);
        write(self.org, &mut self.dice, &mut bytes);
        self.note(time, None);
        file_told(&mut self.told, self.start, Source::Log(log), Told { time, bytes });
    }

    fn note(&mut self, time: i64, event_id: Option<&str>) {
        let step = self.attack.steps.last_mut().filter(|_| self.in_step);
        let (Some(step), Some(time)) = (step, DateTime::from_timestamp(time, 0)) else { return };
        step.until = step.until.max(time);
        match event_id {
            Some(id) => step.event_ids.push(id.to_owned()),
            None => step.other_lines += 1,
        }
    }

    /// A particular resource, the same for all who ask.
    pub(super) fn resource(&self, place: (usize, usize), kind: Kind, nth: u64) -> String {
        self.org.resource(place.0, place.1, kind, nth).to_owned()
    }

    /// A rule id of a security group, the same for all who ask.
    pub(super) fn rule_id(&self, nth: u64) -> String {
        crate::text::written(|out| {
            out.extend_from_slice(b"sgr-0");
            crate::dice::stable_hex(out, mix(self.config.seed, nth), 16);
        })
    }
}
