//! Running the checks: results, waivers, the board.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::check::{Check, CheckResult, Context, Control, Settings, Status, Verdict};
use crate::checks;
use crate::inventory::Inventory;

/// A failure that somebody has accepted until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The check's id, or `*`.
    pub check: String,
    /// The resource's ARN; `*` stands for any text in it.
    pub resource: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day it holds.
    pub expires: NaiveDate,
}

/// What was found, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assessment {
    /// When the inventory was collected.
    pub assessed_at: DateTime<Utc>,
    /// By control, check, account, Region and resource.
    pub results: Vec<CheckResult>,
}

/// How one control stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "counts by status")]
pub struct ControlState {
    pub control: Control,
    /// `FAIL` if anything fails, else `UNKNOWN` if anything is, else `PASS`.
    pub status: Status,
    pub pass: usize,
    pub fail: usize,
    pub unknown: usize,
    pub waived: usize,
}

/// The six controls at a glance.
pub type Board = [ControlState; 6];

/// Runs every check over the inventory.
#[must_use]
pub fn assess(inventory: &Inventory, settings: &Settings, waivers: &[Waiver]) -> Assessment {
    let context = Context { inventory, settings };
    let mut results: Vec<CheckResult> = checks::all()
        .flat_map(|check| (check.run)(&context).into_iter().map(|verdict| result(check, verdict)))
        .collect();
    let today = inventory.collected_at.date_naive();
    for result in results.iter_mut().filter(|result| result.status == Status::Fail) {
        if let Some(waiver) = waivers.iter().find(|waiver| waiver.covers(result, today)) {
            result.status = Status::Waived;
            result.waiver = Some(waiver.clone());
        }
    }
    results.sort_by(|a, b| key(a).cmp(&key(b)));
    Assessment { assessed_at: inventory.collected_at, results }
}

type Key<'a> = (Control, &'a str, &'a str, &'a str, &'a str);

fn key(result: &CheckResult) -> Key<'_> {
    (result.control, &result.check_id, &result.account_id, &result.region, &result.resource_arn)
}

fn result(check: &Check, verdict: Verdict) -> CheckResult {
    CheckResult {
        check_id: check.id.to_owned(),
        control: check.control,
        title: check.title.to_owned(),
        status: verdict.status,
        severity: verdict.severity.unwrap_or(check.severity),
        account_id: verdict.account_id,
        region: verdict.region,
        resource_arn: verdict.resource_arn,
        observed: verdict.observed,
        expected: verdict.expected.unwrap_or_else(|| check.expected.to_owned()),
        remediation: verdict.remediation.unwrap_or_else(|| check.remediation.to_owned()),
        missing_actions: verdict.missing_actions,
        evidence: verdict.evidence,
        waiver: None,
    }
}

impl Waiver {
    fn covers(&self, result: &CheckResult, today: NaiveDate) -> bool {
        today <= self.expires
            && (self.check == "*" || self.check == result.check_id)
            && matches_wildcard(&self.resource, &result.resource_arn)
    }
}

/// `*` stands for any text, also none.
pub(crate) fn matches_wildcard(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    true
}

impl Assessment {
    /// The six controls at a glance.
    #[must_use]
    pub fn board(&self) -> Board {
        Control::ALL.map(|control| {
            let count = |status: Status| {
                self.results.iter().filter(|r| r.control == control && r.status == status).count()
            };
            let (pass, fail) = (count(Status::Pass), count(Status::Fail));
            let (unknown, waived) = (count(Status::Unknown), count(Status::Waived));
            let status = match (fail, unknown, pass + waived) {
                (1.., _, _) => Status::Fail,
                (0, 0, 1..) => Status::Pass,
                // Nothing looked at is nothing known.
                _ => Status::Unknown,
            };
            ControlState { control, status, pass, fail, unknown, waived }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_waivers() {
        for (pattern, text, expected) in [
            ("*", "anything", true),
            ("arn:aws:s3:::logs", "arn:aws:s3:::logs", true),
            ("arn:aws:s3:::logs", "arn:aws:s3:::logs2", false),
            ("arn:aws:s3:::*-logs", "arn:aws:s3:::a-logs", true),
            ("arn:aws:s3:::*-logs", "arn:aws:s3:::a-logs-b", false),
            ("arn:*:vpc/*", "arn:aws:ec2:eu-west-1:1:vpc/vpc-1", true),
            ("a*b*", "acbd", true),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(matches_wildcard(pattern, text), expected, "{pattern} on {text}");
        }
    }
}
