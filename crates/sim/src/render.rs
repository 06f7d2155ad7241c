//! Makes a file: draws bursts until its share is full, puts the told records between them.

use std::io::Write;

use chrono::{DateTime, Utc};
use flate2::{Compression, write::GzEncoder};

use crate::companion;
use crate::dice::Domain;
use crate::plan::{FileSpec, Plan, Source};
use crate::record::{Fate, write_event};
use crate::rhythm::CLASSES;
use crate::template::Scene;
use crate::text::put;

/// One log file, as it lies in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimFile {
    /// The object key.
    pub key: String,
    /// The object: gzip for all logs but S3 server access logs.
    pub bytes: Vec<u8>,
    /// How many events or lines are in it.
    pub events: u32,
    /// The lake table that they belong to.
    pub table: &'static str,
    /// When AWS delivers the file.
    pub delivered: DateTime<Utc>,
}

pub(crate) fn file(spec: &FileSpec) -> SimFile {
    let content = content(spec);
    let key = spec.key();
    let bytes = if key.ends_with(".gz") { gzip(&content, spec.world.config.compression) } else { content };
    SimFile { key, bytes, events: spec.events(), table: spec.table(), delivered: spec.delivered() }
}

fn gzip(content: &[u8], level: u32) -> Vec<u8> {
    let buffer = Vec::with_capacity(content.len() / 6 + 256);
    let mut encoder = GzEncoder::new(buffer, Compression::new(level));
    // Writing into a Vec cannot fail; an empty file would be noticed by every test.
    match encoder.write_all(content) {
        Ok(()) => encoder.finish().unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

pub(crate) fn content(spec: &FileSpec) -> Vec<u8> {
    let mut out = Vec::with_capacity(spec.events() as usize * 1_800 + 256);
    match spec.source {
        Source::Log(log) => companion::write(spec, log, &mut out),
        Source::Trail { .. } | Source::Insight { .. } => {
            put(&mut out, r#"{"Records":["#);
            records(spec, &mut out, &mut Vec::new());
            put(&mut out, "]}");
        }
    }
    out
}

/// Appends a trail file's records, separated by commas; `ends` gets the end of each.
fn records(spec: &FileSpec, out: &mut Vec<u8>, ends: &mut Vec<usize>) {
    let mut told = spec.told().iter().peekable();
    let separate = |out: &mut Vec<u8>, ends: &[usize]| {
        if !ends.is_empty() {
            out.push(b',');
        }
    };
    if let Source::Trail { account, region } = spec.source {
        let world = &*spec.world;
        let mut dice = spec.dice(Domain::File);
        let mut sum = 0;
        let classes = CLASSES.map(|class| {
            sum += world.rhythm.weight(class, spec.slot, account, region) as u32;
            sum
        });
        let mut done = 0;
        while done < spec.background {
            let class = CLASSES[dice.weighted(&classes).min(CLASSES.len() - 1)];
            let (routines, running) = world.routines.at(class, account, region);
            let Some(&at) = routines.get(dice.weighted(running)) else { break };
            let ready = &world.routines.all[at];
            // Bursts begin one after the other, so that a file is nearly in order, as real ones.
            let span = (spec.end() - spec.start()) as u32;
            let begin = u64::from(span) * u64::from(done) / u64::from(spec.background);
            let mut time = spec.start() + begin as i64 + i64::from(dice.below(25));
            time = time.min(spec.end() - 1);
            let cast = *dice.one(ready.routine.cast);
            let actor = cast.actor(&world.org, account, region, time, &mut dice);
            let (least, most) = ready.routine.burst;
            let calls = dice.range(least, most).min(spec.background - done);
            let mut scene = Scene {
                org: &world.org,
                account,
                region,
                time,
                actor: &actor,
                pick: 0,
                dice: &mut dice,
                facts: &[],
                request_id: Vec::with_capacity(36),
            };
            for _ in 0..calls {
                while let Some(event) = told.next_if(|event| event.time <= scene.time) {
                    separate(out, ends);
                    out.extend_from_slice(&event.bytes);
                    ends.push(out.len());
                }
                separate(out, ends);
                scene.pick = scene.dice.bits();
                let call = &world.calls[ready.calls[scene.dice.weighted(&ready.running)]];
                write_event(&mut scene, call, Fate::Chance, out);
                ends.push(out.len());
                let pause = i64::from(scene.dice.below(ready.routine.gap + 1));
                scene.time = (scene.time + pause).min(spec.end() - 1);
            }
            done += calls;
        }
    }
    for event in told {
        separate(out, ends);
        out.extend_from_slice(&event.bytes);
        ends.push(out.len());
    }
}

/// CloudTrail records one by one, without files or compression. Holds one file at a time.
///
/// Not an `Iterator`, because each record is lent from the buffer of its file.
pub struct Records {
    plan: Plan,
    buffer: Vec<u8>,
    ends: Vec<usize>,
    at: usize,
}

impl Records {
    pub(crate) fn new(plan: Plan) -> Records {
        Records { plan, buffer: Vec::new(), ends: Vec::new(), at: 0 }
    }

    /// The next record, a JSON object; `None` when all have been seen.
    pub fn next_record(&mut self) -> Option<&[u8]> {
        while self.at == self.ends.len() {
            let spec = self.plan.find(|spec| !matches!(spec.source, Source::Log(_)))?;
            self.buffer.clear();
            self.ends.clear();
            self.at = 0;
            records(&spec, &mut self.buffer, &mut self.ends);
        }
        // Each record but the first is preceded by a comma.
        let start = if self.at == 0 { 0 } else { self.ends[self.at - 1] + 1 };
        let end = self.ends[self.at];
        self.at += 1;
        Some(&self.buffer[start..end])
    }
}
