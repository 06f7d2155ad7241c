//! Where an object came from, and what its records need from that.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// Identical lines that are counted apart within one object; past this many distinct ones a
/// line's place in the object tells it from its twins.
const ORDINALS_KEPT: usize = 1 << 20;

/// One object: where it is from and when it is read. One value per object, passed to every
/// record of it.
#[derive(Debug)]
pub struct ObjectContext {
    /// The object's address: a `file://` or `s3://` URL, or the ingest endpoint's.
    pub source_uri: String,
    /// When it is read, microseconds since the epoch (UTC).
    pub ingest_time: i64,
    /// When the object was last changed, µs since the epoch, where its store says: the time of its
    /// records in quarantine, so that reading it again makes the same ones.
    pub modified: Option<i64>,
    ordinals: HashMap<u64, u32, FixedState>,
}

impl ObjectContext {
    /// The context of an object read at `ingest_time` (µs since the epoch).
    pub fn new(source_uri: impl Into<String>, ingest_time: i64) -> Self {
        Self { source_uri: source_uri.into(), ingest_time, modified: None, ordinals: HashMap::default() }
    }

    /// The account and Region that an AWS log key names
    /// (`…/AWSLogs/[o-id/]ACCOUNT/SERVICE/REGION/…`), if it does.
    pub fn key_account_region(&self) -> (Option<&str>, Option<&str>) {
        let Some(rest) = self.source_uri.split("AWSLogs/").nth(1) else { return (None, None) };
        let mut parts = rest.split('/').peekable();
        if parts.peek().is_some_and(|p| p.starts_with("o-")) {
            parts.next();
        }
        let account = parts.next().filter(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit()));
        let region = parts.nth(1).filter(|r| is_region(r));
        (account, region)
    }

    /// How many records with this content hash came before in the object; `None` once too many
    /// distinct ones were seen to go on counting.
    pub(crate) fn ordinal(&mut self, content: u64) -> Option<u32> {
        if let Some(n) = self.ordinals.get_mut(&content) {
            *n += 1;
            return Some(*n);
        }
        if self.ordinals.len() >= ORDINALS_KEPT {
            return None;
        }
        self.ordinals.insert(content, 0);
        Some(0)
    }
}

/// Whether a word has the shape of a Region code (`us-east-1`, `us-gov-west-1`, `mx-central-1`).
pub fn is_region(word: &str) -> bool {
    let mut parts = word.split('-');
    let first = parts.next().is_some_and(|p| p.len() >= 2 && p.bytes().all(|b| b.is_ascii_lowercase()));
    let rest: Vec<&str> = parts.collect();
    let Some((number, names)) = rest.split_last() else { return false };
    first
        && (1..=3).contains(&names.len())
        && names.iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_lowercase()))
        && (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_names_account_and_region() {
        let at = |uri: &str| ObjectContext::new(uri, 0);
        let plain = at("s3://b/p/AWSLogs/111122223333/CloudTrail/eu-west-1/2024/01/02/x.json.gz");
        assert_eq!(plain.key_account_region(), (Some("111122223333"), Some("eu-west-1")));
        let org = at("s3://b/AWSLogs/o-abc123/111122223333/vpcflowlogs/us-gov-west-1/2024/x.gz");
        assert_eq!(org.key_account_region(), (Some("111122223333"), Some("us-gov-west-1")));
        assert_eq!(at("file:///tmp/x.gz").key_account_region(), (None, None));
    }
}
