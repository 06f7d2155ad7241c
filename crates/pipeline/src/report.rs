//! What an ingestion did.

use std::collections::BTreeMap;

use serde::Serialize;

/// An object that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedObject {
    /// Which.
    pub uri: String,
    /// Why.
    pub error: String,
}

/// What an ingestion did. `ingest -o json` prints it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Objects looked at: read, known from before, or no logs.
    pub files: u64,
    /// Events that were new and are in the lake now.
    pub events: u64,
    /// Events that the lake had already.
    pub duplicates: u64,
    /// Records that went to quarantine.
    pub quarantined: u64,
    /// Bytes read, as stored at the source.
    pub bytes_read: u64,
    /// How long it took.
    pub seconds: f64,
    /// New events per table.
    pub tables: BTreeMap<String, u64>,
    /// Objects that an earlier run had done, and so were not read.
    pub known_files: u64,
    /// Objects that are no logs, by what they are.
    pub skipped: BTreeMap<String, u64>,
    /// Findings made, by level.
    pub findings: BTreeMap<String, u64>,
    /// Objects that could not be read.
    pub failed: Vec<FailedObject>,
    /// Whether it was told to stop before it was done.
    pub interrupted: bool,
}

/// Failures beyond this many are counted under a last entry, not listed.
const FAILED_LISTED: usize = 1_000;

impl Report {
    /// Adds another part's numbers.
    pub(crate) fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.events += other.events;
        self.duplicates += other.duplicates;
        self.quarantined += other.quarantined;
        self.bytes_read += other.bytes_read;
        self.known_files += other.known_files;
        self.interrupted |= other.interrupted;
        for (mine, theirs) in [
            (&mut self.tables, other.tables),
            (&mut self.skipped, other.skipped),
            (&mut self.findings, other.findings),
        ] {
            for (name, n) in theirs {
                *mine.entry(name).or_default() += n;
            }
        }
        for failed in other.failed {
            self.fail(failed);
        }
    }

    pub(crate) fn fail(&mut self, failed: FailedObject) {
        if self.failed.len() < FAILED_LISTED {
            self.failed.push(failed);
        }
    }
}
