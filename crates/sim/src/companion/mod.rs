//! The other logs of the estate: fewer lines, the same story, the layouts AWS writes them in.
//!
//! To add a log: a variant of [`Log`], an entry in each of its tables below, and a module that
//! writes a line.

pub(crate) mod access;
pub(crate) mod api;
pub(crate) mod cloudfront;
pub(crate) mod flow;
pub(crate) mod visit;
pub(crate) mod waf;

use crate::dice::{Dice, Domain, stable_hex, stable_uuid};
use crate::org::{ACCOUNTS, EU_WEST_1, Kind, PRODUCTION, REGIONS, SECURITY, US_EAST_1};
use crate::plan::{FileSpec, number};
use crate::rhythm::SLOTS_PER_DAY;
use crate::text::{self, put, written};
use crate::world::World;

/// One log besides CloudTrail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Log {
    /// The flow log of production's network in eu-west-1, version 5; the attacker deletes it.
    FlowProduction,
    /// The flow log of production's network in us-east-1, version 5.
    FlowProductionUs,
    /// Flow logs in the default format.
    FlowDevelopment,
    FlowSecurity,
    /// Server access logs of the bucket that is plundered, and of the trail's own bucket.
    AccessExports,
    AccessTrail,
    CloudFront,
    Waf,
    Api,
}

/// Each log, and its share of the lines.
const LOGS: [(Log, u64); 9] = [
    (Log::FlowProduction, 18),
    (Log::FlowProductionUs, 12),
    (Log::FlowDevelopment, 10),
    (Log::FlowSecurity, 6),
    (Log::AccessExports, 10),
    (Log::AccessTrail, 6),
    (Log::CloudFront, 16),
    (Log::Waf, 11),
    (Log::Api, 11),
];

/// The tables that the logs belong to.
pub(crate) const TABLES: [&str; 5] =
    ["vpc_flow_logs", "s3_access_logs", "cloudfront_standard_logs", "waf_logs", "api_gateway_access_logs"];

impl Log {
    pub(crate) fn table(self) -> &'static str {
        match self {
            Log::FlowProduction | Log::FlowProductionUs | Log::FlowDevelopment | Log::FlowSecurity => {
                TABLES[0]
            }
            Log::AccessExports | Log::AccessTrail => TABLES[1],
            Log::CloudFront => TABLES[2],
            Log::Waf => TABLES[3],
            Log::Api => TABLES[4],
        }
    }

    /// How many five-minute slots a file covers.
    pub(crate) fn slots(self) -> u32 {
        match self {
            Log::FlowProduction | Log::FlowProductionUs | Log::FlowDevelopment | Log::FlowSecurity => 2,
            Log::Waf | Log::Api => 3,
            Log::AccessExports | Log::AccessTrail | Log::CloudFront => 12,
        }
    }

    /// The account and Region that the log belongs to.
    pub(crate) fn home(self) -> (usize, usize) {
        match self {
            Log::FlowProduction | Log::Waf | Log::Api => (PRODUCTION, EU_WEST_1),
            Log::FlowProductionUs | Log::AccessExports | Log::CloudFront => (PRODUCTION, US_EAST_1),
            Log::FlowDevelopment => (crate::org::DEVELOPMENT, US_EAST_1),
            Log::FlowSecurity | Log::AccessTrail => (SECURITY, US_EAST_1),
        }
    }
}

/// How busy a log is in the file that begins at a slot.
pub(crate) fn weight(world: &World, log: Log, slot: u32) -> u64 {
    let begins = world.start + i64::from(slot) * crate::rhythm::SLOT_SECONDS;
    match (log, world.flow_log_ends) {
        (Log::FlowProduction, Some(end)) if begins >= end => 0,
        // Machines talk to each other by night too.
        (Log::FlowDevelopment | Log::FlowSecurity | Log::AccessTrail, _) => 1_000,
        _ => world.rhythm.customers(slot),
    }
}

/// Each log with its number of made-up lines and the weight of all its files together.
pub(crate) fn totals(world: &World) -> Vec<(Log, u64, u64)> {
    if world.config.companion_lines == 0 {
        return Vec::new();
    }
    let mut seen = 0;
    let mut given = 0;
    let all: u64 = LOGS.iter().map(|(_, share)| share).sum();
    LOGS.iter()
        .map(|&(log, share)| {
            seen += share;
            let due = world.background_lines * seen / all;
            let lines = due - given;
            given = due;
            let slots = world.config.days * SLOTS_PER_DAY;
            let starts = (0..slots).step_by(log.slots() as usize);
            (log, lines, starts.map(|slot| weight(world, log, slot)).sum())
        })
        .collect()
}

/// The key of a log's file, as its service lays it out.
pub(crate) fn key(spec: &FileSpec) -> String {
    let crate::plan::Source::Log(log) = spec.source else { return String::new() };
    let (account, region) = log.home();
    let (id, place) = (ACCOUNTS[account].id, REGIONS[region]);
    let at = text::civil(spec.end());
    let resource = |kind| spec.world.org.resource(account, region, kind, 0);
    let unique = number(spec).wrapping_add(u64::from(spec.part));
    written(|out| match log.table() {
        "vpc_flow_logs" => {
            put(out, &format!("AWSLogs/{id}/vpcflowlogs/{place}/"));
            text::date(out, at, "/");
            let flow_log = resource(Kind::FlowLog);
            put(out, &format!("/{id}_vpcflowlogs_{place}_{flow_log}_"));
            text::stamp(out, spec.start());
            out.push(b'_');
            stable_hex(out, unique, 8);
            put(out, ".log.gz");
        }
        "s3_access_logs" => {
            put(out, &format!("s3-access/{id}/{place}/{}/", access::bucket(log)));
            text::date(out, at, "/");
            out.push(b'/');
            text::date(out, at, "-");
            out.push(b'-');
            text::clock(out, at, "-");
            out.push(b'-');
            put(out, &written(|out| stable_hex(out, unique, 16)).to_uppercase());
        }
        "cloudfront_standard_logs" => {
            put(out, &format!("cloudfront/{}.", resource(Kind::Distribution)));
            let hour = text::civil(spec.start());
            text::date(out, hour, "-");
            out.push(b'-');
            text::padded(out, u64::from(hour.hour), 2);
            out.push(b'.');
            stable_hex(out, unique, 8);
            put(out, ".gz");
        }
        "waf_logs" => {
            let acl = waf::ACL_NAME;
            put(out, &format!("AWSLogs/{id}/WAFLogs/{place}/{acl}/"));
            let at = text::civil(spec.start());
            text::date(out, at, "/");
            out.push(b'/');
            text::padded(out, u64::from(at.hour), 2);
            out.push(b'/');
            text::padded(out, u64::from(at.minute), 2);
            put(out, &format!("/{id}_waflogs_{place}_{acl}_"));
            text::stamp(out, spec.start());
            out.push(b'_');
            stable_hex(out, unique, 8);
            put(out, ".log.gz");
        }
        _ => {
            put(out, "apigateway/");
            text::date(out, at, "/");
            out.push(b'/');
            text::padded(out, u64::from(at.hour), 2);
            put(out, "/amazon-apigateway-prod-orders-1-");
            text::date(out, at, "-");
            out.push(b'-');
            text::clock(out, at, "-");
            out.push(b'-');
            stable_uuid(out, unique);
            put(out, ".gz");
        }
    })
}

/// Appends the content of a log's file: header, made-up lines, told lines, in order of time.
pub(crate) fn write(spec: &FileSpec, log: Log, out: &mut Vec<u8>) {
    let mut dice: Dice = spec.dice(Domain::File);
    put(
        out,
        match log {
            Log::FlowProduction | Log::FlowProductionUs => flow::HEADER_5,
            Log::FlowDevelopment | Log::FlowSecurity => flow::HEADER_2,
            Log::CloudFront => cloudfront::HEADER,
            _ => "",
        },
    );
    let mut told = spec.told().iter().peekable();
    let span = (spec.end() - spec.start()) as u64;
    for n in 0..u64::from(spec.background) {
        let time = spec.start() + (span * n / u64::from(spec.background)) as i64;
        while let Some(line) = told.next_if(|line| line.time <= time) {
            out.extend_from_slice(&line.bytes);
            out.push(b'\n');
        }
        match log {
            Log::FlowProduction | Log::FlowProductionUs | Log::FlowDevelopment | Log::FlowSecurity => {
                flow::background(&spec.world, log, time, &mut dice, out);
            }
            Log::AccessExports | Log::AccessTrail => {
                access::background(&spec.world, log, time, &mut dice, out);
            }
            Log::CloudFront => cloudfront::background(time, &mut dice, out),
            Log::Waf => waf::background(&spec.world.org, time, &mut dice, out),
            Log::Api => api::background(&spec.world.org, time, &mut dice, out),
        }
        out.push(b'\n');
    }
    for line in told {
        out.extend_from_slice(&line.bytes);
        out.push(b'\n');
    }
}
