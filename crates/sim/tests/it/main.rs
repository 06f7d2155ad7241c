//! The simulator through its public door: what it promises about files, records and the attack.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and helpers of tests")]

mod attack;
mod companions;
mod records;

use trailkeep_sim::{Config, SimFile, Simulator};

/// A day that is large enough to hold everything and small enough for a test.
fn small() -> Config {
    Config { events: 3_000, companion_lines: 2_000, ..Config::default() }
}

fn simulate(config: Config) -> Simulator {
    Simulator::new(config).unwrap()
}

/// A file's content, decompressed if need be.
fn content(file: &SimFile) -> Vec<u8> {
    if !file.key.ends_with(".gz") {
        return file.bytes.clone();
    }
    let mut out = Vec::new();
    let mut decoder = flate2::bufread::GzDecoder::new(file.bytes.as_slice());
    std::io::copy(&mut decoder, &mut out).unwrap();
    out
}

/// All records of a CloudTrail file.
fn parse(file: &SimFile) -> Vec<serde_json::Value> {
    let value: serde_json::Value = serde_json::from_slice(&content(file)).unwrap();
    value["Records"].as_array().unwrap().clone()
}
