//! Reports: an assessment in, text out, a file per format.
//!
//! Everything here is pure: the same assessment gives the same bytes, so that two reports can be
//! compared and an auditor can be given the one that was made then. A [`Report`] joins the results
//! with what is known about them (the check's texts and frameworks, a stable id per result); each
//! format reads that and nothing else.
//!
//! What comes from the estate (names, ARNs, messages of services) is data: it is escaped in HTML and
//! XML, loses its control characters on a terminal, and is no formula in a spreadsheet.

mod about;
mod asff;
mod csv;
#[cfg(test)]
mod fixture;
mod frameworks;
mod html;
mod json;
mod junit;
mod ocsf;
mod resource;
mod terminal;
mod text;

use std::collections::HashMap;

use uuid::Uuid;

pub use about::{About, Scope, WaiverState};
pub use terminal::Look;

use crate::assess::Assessment;
use crate::check::{Check, CheckResult, Control, Severity, Status};
use crate::checks;

/// The namespace of result ids: a constant of ours, so that ids are the same everywhere.
const NAMESPACE: Uuid = Uuid::from_u128(0x7261_696c_6b65_4570_8c6f_6e74_726f_6c73);

/// An assessment, ready to be told.
#[derive(Debug)]
pub struct Report<'a> {
    assessment: &'a Assessment,
    about: &'a About,
    lines: Vec<Line<'a>>,
}

/// One result with what is known about it.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    result: &'a CheckResult,
    /// The same in every assessment of the same check and resource.
    id: Uuid,
    /// The check, if this program still has it: saved assessments outlive checks.
    check: Option<&'static Check>,
}

/// The id of what a result is about: a hash of check, account, Region and resource. The same in
/// every assessment.
#[must_use]
pub fn result_id(result: &CheckResult) -> Uuid {
    numbered_id(result, 0)
}

/// As [`result_id`], for the `nth` result about the same (a check may say several things of a
/// whole account).
fn numbered_id(result: &CheckResult, nth: usize) -> Uuid {
    let nth = nth.to_string();
    let mut name = Vec::new();
    for part in [&result.check_id, &result.account_id, &result.region, &result.resource_arn, &nth] {
        name.extend_from_slice(&(part.len() as u64).to_le_bytes());
        name.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&NAMESPACE, &name)
}

impl Assessment {
    /// The results with their ids, in their order; no two ids are the same.
    pub fn with_ids(&self) -> impl Iterator<Item = (Uuid, &CheckResult)> {
        let mut seen: HashMap<Uuid, usize> = HashMap::new();
        self.results.iter().map(move |result| {
            let nth = seen.entry(result_id(result)).or_default();
            *nth += 1;
            (numbered_id(result, *nth - 1), result)
        })
    }
}

impl<'a> Report<'a> {
    /// Joins the results with the checks of this program.
    #[must_use]
    pub fn new(assessment: &'a Assessment, about: &'a About) -> Self {
        Self::with_checks(assessment, about, checks::find)
    }

    fn with_checks(
        assessment: &'a Assessment,
        about: &'a About,
        find: impl Fn(&str) -> Option<&'static Check>,
    ) -> Self {
        let line = |(id, result): (Uuid, &'a CheckResult)| Line { result, id, check: find(&result.check_id) };
        Self { assessment, about, lines: assessment.with_ids().map(line).collect() }
    }

    /// For people, at a terminal or in a file.
    #[must_use]
    pub fn terminal(&self, look: &Look) -> String {
        terminal::render(self, look)
    }

    /// One JSON document: board, scope, waivers, results.
    #[must_use]
    pub fn json(&self) -> String {
        json::document(self)
    }

    /// One JSON document a line, one line a result.
    #[must_use]
    pub fn ndjson(&self) -> String {
        json::lines(self)
    }

    /// Comma-separated values with a header (RFC 4180), one line a result.
    #[must_use]
    pub fn csv(&self) -> String {
        csv::render(self)
    }

    /// One self-contained page, fit to hand to an auditor.
    #[must_use]
    pub fn html(&self) -> String {
        html::render(self)
    }

    /// JUnit's XML, as continuous integration reads it: a suite per control, a case per result.
    #[must_use]
    pub fn junit(&self) -> String {
        junit::render(self)
    }

    /// Findings in the AWS Security Finding Format, as one JSON array.
    #[must_use]
    pub fn asff(&self) -> String {
        asff::render(self)
    }

    /// OCSF Compliance Findings, as one JSON array.
    #[must_use]
    pub fn ocsf(&self) -> String {
        ocsf::render(self)
    }

    /// The results of a control with a status.
    fn of(&self, control: Control, status: Status) -> impl Iterator<Item = &Line<'a>> {
        self.lines.iter().filter(move |line| line.result.control == control && line.result.status == status)
    }

    fn count(&self, status: Status) -> usize {
        self.lines.iter().filter(|line| line.result.status == status).count()
    }

    /// The worst failure of a control.
    fn worst(&self, control: Control) -> Option<Severity> {
        self.of(control, Status::Fail).map(|line| line.result.severity).max()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_stable_and_differ() {
        let assessment = fixture::assessment();
        let ids: Vec<Uuid> = assessment.with_ids().map(|(id, _)| id).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), assessment.results.len());
        let mut later = fixture::assessment();
        for result in &mut later.results {
            result.status = Status::Unknown;
            result.observed.push_str(", later");
        }
        assert_eq!(later.with_ids().map(|(id, _)| id).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn a_result_said_twice_has_two_ids() {
        let mut assessment = fixture::assessment();
        let first = assessment.results[0].clone();
        assessment.results.insert(1, first);
        let ids: Vec<Uuid> = assessment.with_ids().map(|(id, _)| id).collect();
        assert_ne!(ids[0], ids[1]);
        assert_eq!(ids[0], result_id(&assessment.results[0]));
    }

    #[test]
    fn the_board_counts_what_the_results_say() {
        let (assessment, about) = (fixture::assessment(), fixture::about());
        let report = fixture::report(&assessment, &about);
        let total: usize = assessment
            .board()
            .iter()
            .map(|state| state.pass + state.fail + state.unknown + state.waived)
            .sum();
        assert_eq!(total, report.lines.len());
        assert_eq!(report.worst(Control::Trail), Some(Severity::Critical));
        assert_eq!(report.worst(Control::Alarms), None);
    }
}
