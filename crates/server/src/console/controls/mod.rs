//! Controls: how the six stand, since when, what fails and how to fix it.

mod board;
mod check;
mod control;
mod index;
mod result;
mod trend;
mod words;

pub(crate) use board::{board, unassessed};
pub(crate) use check::page as check_page;
pub(crate) use control::page as control_page;
pub(crate) use index::page as index_page;
pub(crate) use result::page as result_page;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use trailkeep_baseline::report::About;
use trailkeep_state::{CheckCount, StateError, StoredAssessment};

use super::layout::{Frame, Place};
use super::parts::{self, Icon};
use crate::app::App;

/// The latest assessment, and how it came to be.
pub(crate) struct Latest {
    pub(crate) stored: StoredAssessment,
    /// None if a program with another idea of it wrote it.
    pub(crate) about: Option<About>,
}

/// The latest assessment, if there is any.
pub(crate) async fn latest(app: &App) -> Result<Option<Latest>, StateError> {
    let stored = app.backend.state.assessments().latest().await?;
    Ok(stored.map(|stored| Latest { about: serde_json::from_str(&stored.about).ok(), stored }))
}

/// One check with the counts of its results.
struct CheckState {
    control: u8,
    check_id: String,
    title: String,
    /// Severity of the worst failure; of the check where nothing fails.
    severity: String,
    pass: u64,
    fail: u64,
    unknown: u64,
    waived: u64,
}

impl CheckState {
    fn status(&self) -> &'static str {
        match (self.fail, self.unknown) {
            (0, 0) => "PASS",
            (0, _) => "UNKNOWN",
            _ => "FAIL",
        }
    }
}

/// The counts by check: failures first, the worst of them first.
fn checks(counts: Vec<CheckCount>) -> Vec<CheckState> {
    let mut checks: Vec<CheckState> = Vec::new();
    for count in counts {
        if checks.last().is_none_or(|last| last.check_id != count.check_id) {
            checks.push(CheckState {
                control: count.control,
                check_id: count.check_id.clone(),
                title: count.title.clone(),
                severity: count.severity.clone(),
                pass: 0,
                fail: 0,
                unknown: 0,
                waived: 0,
            });
        }
        let Some(check) = checks.last_mut() else { continue };
        let failed_before = check.fail > 0;
        match count.status.as_str() {
            "PASS" => check.pass += count.results,
            "FAIL" => check.fail += count.results,
            "WAIVED" => check.waived += count.results,
            _ => check.unknown += count.results,
        }
        let worse = words::rank(&count.severity) > words::rank(&check.severity);
        if count.status == "FAIL" && (!failed_before || worse) {
            check.severity = count.severity;
        }
    }
    let urgency = |check: &CheckState| (check.fail > 0, words::rank(&check.severity), check.unknown > 0);
    checks.sort_by(|a, b| urgency(b).cmp(&urgency(a)).then_with(|| a.control.cmp(&b.control)));
    checks
}

/// A table of checks.
fn check_table(checks: &[CheckState], with_control: bool) -> Markup {
    html! {
        div.scroll { table.tbl {
            thead { tr { th { "State" } th { "Worst" } th { "Check" } @if with_control { th.num { "Control" } } th.num { "Pass" } th.num { "Fail" } th.num { "Unknown" } th.num { "Waived" } } }
            tbody { @for check in checks { tr data-row {
                td { (words::status(check.status())) }
                td { @if check.fail > 0 { (words::severity(&check.severity)) } @else { span.muted { "–" } } }
                td { a.cell href={ "/controls/" (check.control) "/" (super::link::segment(&check.check_id)) } data-open="page" { span.strong { (check.title) } } }
                @if with_control { td.num { (check.control) } }
                td.num { (parts::number(check.pass)) } td.num { (parts::number(check.fail)) }
                td.num { (parts::number(check.unknown)) } td.num { (parts::number(check.waived)) }
            } } }
        } }
    }
}

/// There is no such control, check or result.
fn missing(frame: &Frame, what: &str) -> Response {
    let body = html! { section.panel { (parts::empty(Icon::Controls, "Not in the latest assessment", &html! {
        p { (what) } a.btn href="/controls" { "All controls" }
    })) } };
    (StatusCode::NOT_FOUND, frame.page(Place::Controls, "Controls", &html! {}, &body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(check: &str, status: &str, severity: &str, results: u64) -> CheckCount {
        CheckCount {
            control: 1,
            check_id: check.to_owned(),
            title: check.to_owned(),
            status: status.to_owned(),
            severity: severity.to_owned(),
            results,
        }
    }

    #[test]
    fn what_fails_worst_comes_first() {
        let counts = vec![
            count("a", "PASS", "critical", 3),
            count("b", "FAIL", "low", 1),
            count("b", "FAIL", "high", 2),
            count("b", "PASS", "critical", 1),
            count("c", "UNKNOWN", "low", 1),
            count("d", "FAIL", "medium", 1),
        ];
        let checks = checks(counts);
        let order: Vec<&str> = checks.iter().map(|check| check.check_id.as_str()).collect();
        assert_eq!(order, ["b", "d", "a", "c"]);
        assert_eq!((checks[0].severity.as_str(), checks[0].fail, checks[0].pass), ("high", 3, 1));
        assert_eq!(
            checks.iter().map(CheckState::status).collect::<Vec<_>>(),
            ["FAIL", "FAIL", "PASS", "UNKNOWN"]
        );
    }
}
