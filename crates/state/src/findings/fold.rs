//! Folding findings into rows, before the database is asked.

use std::collections::BTreeMap;

use trailkeep_detect::{Evidence, Finding, Level};

use super::model::level_number;
use crate::StateError;
use crate::clip;
use crate::codec::{micros, short_digest};

const HOUR: i64 = 3_600_000_000;

/// The findings of one row among those given.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) hour: i64,
    pub(super) level: Level,
    pub(super) body: Body,
    /// By event, so that each is there once.
    pub(super) evidence: BTreeMap<String, (i64, String)>,
}

/// The finding shown for a row.
#[derive(Debug)]
pub(super) struct Body {
    /// Bounded, without evidence.
    pub(super) finding: Finding,
    pub(super) json: String,
    /// What the text search looks through, in lower case.
    pub(super) haystack: String,
}

/// By what the shown finding is chosen: the greatest wins. Times as stored, in microseconds.
pub(super) type Rank = (i64, i64, String);

impl Body {
    fn new(finding: &Finding) -> Result<Self, StateError> {
        let mut short = finding.clone();
        short.evidence = Vec::new();
        clip::finding(&mut short);
        let json = serde_json::to_string(&short)
            .map_err(|error| StateError::Internal { what: "store findings", why: error.to_string() })?;
        Ok(Self { haystack: haystack(&short), finding: short, json })
    }

    pub(super) fn rank(&self) -> Rank {
        (level_number(self.finding.level), micros(self.finding.time), self.finding.id.clone())
    }
}

/// The rows that these findings make, by id.
pub(super) fn fold(findings: &[Finding]) -> Result<BTreeMap<String, Folded>, StateError> {
    let mut rows: BTreeMap<String, Folded> = BTreeMap::new();
    for finding in findings {
        let evidence = evidence(finding);
        let first = evidence.iter().map(|(_, (time, _))| *time).min().unwrap_or_else(|| micros(finding.time));
        let hour = first.div_euclid(HOUR);
        let id = short_digest(&[finding.group_key.as_bytes(), &hour.to_le_bytes()]);
        let body = Body::new(finding)?;
        match rows.get_mut(&id) {
            None => {
                let evidence = evidence.into_iter().collect();
                rows.insert(id, Folded { hour, level: finding.level, body, evidence });
            }
            Some(row) => {
                row.level = row.level.max(finding.level);
                if body.rank() >= row.body.rank() {
                    row.body = body;
                }
                for (uid, seen) in evidence {
                    row.evidence.entry(uid).or_insert(seen);
                }
            }
        }
    }
    Ok(rows)
}

/// The events of a finding: what it lists, and always the event it names.
fn evidence(finding: &Finding) -> Vec<(String, (i64, String))> {
    let named =
        Evidence { event_uid: finding.event_uid.clone(), time: finding.time, table: finding.table.clone() };
    let listed = finding.evidence.iter().any(|one| one.event_uid == named.event_uid);
    let all = finding.evidence.iter().cloned().chain((!listed).then_some(named));
    all.map(|mut one| {
        clip::evidence(&mut one);
        (one.event_uid, (micros(one.time), one.table))
    })
    .collect()
}

fn haystack(finding: &Finding) -> String {
    let optional =
        [&finding.account_id, &finding.region, &finding.actor, &finding.access_key_id, &finding.source_ip];
    let mut words = vec![
        finding.rule_title.as_str(),
        finding.rule_id.as_str(),
        finding.summary.as_str(),
        finding.action.as_str(),
        finding.event_uid.as_str(),
    ];
    words.extend(optional.into_iter().flatten().map(String::as_str));
    words.extend(finding.resources.iter().map(String::as_str));
    words.extend(finding.tags.iter().map(String::as_str));
    words.join("\n").replace('\0', " ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, finding};

    #[test]
    fn findings_of_one_group_and_hour_are_one_row() {
        let rows = fold(&[
            finding("g", "1", 0, Level::Low),
            finding("g", "2", 60, Level::High),
            finding("g", "3", 120, Level::Medium),
            finding("g", "4", 3600, Level::Low),
            finding("h", "5", 0, Level::Low),
        ])
        .unwrap();
        assert_eq!(rows.len(), 3);
        let row = rows.values().find(|row| row.evidence.len() == 3).unwrap();
        assert_eq!(row.level, Level::High);
        assert_eq!(row.body.finding.event_uid, "2");
        assert!(row.body.finding.evidence.is_empty());
        assert!(row.body.haystack.contains("stopped trail main (2)"));
    }

    #[test]
    fn a_burst_that_grows_over_the_hour_stays_in_its_row() {
        let mut early = finding("g", "2", 3500, Level::High);
        early.evidence.push(Evidence { event_uid: "1".into(), time: at(3400), table: "t".into() });
        let mut grown = finding("g", "3", 3700, Level::High);
        grown.evidence.extend(early.evidence.clone());
        let rows = fold(&[early, grown]).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows.values().next().unwrap().evidence.len(), 3);
    }

    #[test]
    fn the_named_event_is_evidence_even_if_it_is_not_listed() {
        let mut bare = finding("g", "1", 0, Level::Low);
        bare.evidence.clear();
        let rows = fold(&[bare]).unwrap();
        assert_eq!(rows.values().next().unwrap().evidence.keys().collect::<Vec<_>>(), ["1"]);
    }
}
