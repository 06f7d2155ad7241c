//! The page's sections, from summary to method.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::parts::{block, code, region, said, severity, status};
use crate::check::{Check, Control, Status};
use crate::report::text::count;
use crate::report::{Line, Report, frameworks as catalogues};

/// The order in which results are read: what needs somebody first.
const READING: [Status; 4] = [Status::Fail, Status::Unknown, Status::Waived, Status::Pass];

/// Title and summary.
pub(super) fn head(report: &Report<'_>) -> Markup {
    let about = report.about;
    let failing = report
        .assessment
        .board()
        .into_iter()
        .filter(|state| about.controls.contains(&state.control) && state.status == Status::Fail)
        .count();
    let open = about
        .controls
        .iter()
        .filter(|control| report.of(**control, Status::Unknown).next().is_some())
        .count();
    html! {
        header {
            h1 { "The six AWS controls for logging and monitoring" }
            p.lead {
                "On " (report.assessment.assessed_at.format("%-d %B %Y, %H:%M")) " UTC, in "
                (count(about.accounts.len(), "account", "accounts")) " and " (count(about.regions().len(), "Region", "Regions")) ": "
                @if failing == 0 { "no control fails" } @else { (count(failing, "control fails", "controls fail")) " of " (about.controls.len()) }
                @if open > 0 { ", and of " (open) " not everything could be known" } "."
            }
            p.dim {
                (count(report.lines.len(), "result", "results")) ": "
                (report.count(Status::Pass)) " pass, " (report.count(Status::Fail)) " fail, "
                (report.count(Status::Unknown)) " unknown, " (report.count(Status::Waived)) " waived."
            }
        }
    }
}

/// The six controls at a glance.
pub(super) fn board(report: &Report<'_>) -> Markup {
    html! {
        section #board {
            h2 { "The board" }
            table {
                thead { tr { th { "No." } th { "Control" } th { "State" } th.n { "Pass" } th.n { "Fail" } th.n { "Unknown" } th.n { "Waived" } th { "Worst failure" } } }
                tbody { @for state in report.assessment.board().iter().filter(|state| report.about.controls.contains(&state.control)) {
                    tr {
                        td { (state.control.number()) }
                        td { a href={ "#control-" (state.control.number()) } { (state.control.title()) } }
                        td { (status(state.status)) }
                        td.n { (state.pass) } td.n { (state.fail) } td.n { (state.unknown) } td.n { (state.waived) }
                        td { @if let Some(worst) = report.worst(state.control) { (severity(worst)) } @else { "–" } }
                    }
                } }
            }
            p.dim { "A control fails if any of its results does. It passes if all of them are known and none fails; a waived failure is somebody's accepted risk, named below. UNKNOWN means that the question could not be asked: it is neither." }
        }
    }
}

/// One control: its checks, then every result of each.
pub(super) fn control(report: &Report<'_>, control: Control) -> Markup {
    let mut checks: BTreeMap<&str, Vec<&Line<'_>>> = BTreeMap::new();
    for line in report.lines.iter().filter(|line| line.result.control == control) {
        checks.entry(&line.result.check_id).or_default().push(line);
    }
    html! {
        section.control id={ "control-" (control.number()) } {
            h2 { "Control " (control.number()) ": " (control.title()) }
            @if checks.is_empty() { p { "No check of this control had anything to look at." } }
            @for (id, lines) in &checks { (check(id, lines)) }
        }
    }
}

fn check(id: &str, lines: &[&Line<'_>]) -> Markup {
    let counts: Vec<(Status, usize)> = READING
        .into_iter()
        .map(|status| (status, lines.iter().filter(|line| line.result.status == status).count()))
        .filter(|(_, n)| *n > 0)
        .collect();
    html! {
        article {
            h3 { @if let Some(line) = lines.first() { (said(&line.result.title)) } }
            p.dim {
                (code(id))
                @for (state, n) in &counts { " " (status(*state)) " " (n) }
                @if let Some(check) = lines.first().and_then(|line| line.check) { (mapping(check)) }
            }
            @if let Some(check) = lines.first().and_then(|line| line.check) { p { (check.why) } }
            table.results {
                thead { tr { th { "State" } th { "Severity" } th { "Account" } th { "Region" } th { "Resource and observation" } } }
                tbody { @for state in READING { @for line in lines.iter().filter(|line| line.result.status == state) { (row(line)) } } }
            }
        }
    }
}

fn mapping(check: &Check) -> Markup {
    html! { @for (name, ids) in catalogues::named(&check.frameworks) { " · " (name) " " (ids.join(", ")) } }
}

fn row(line: &Line<'_>) -> Markup {
    let result = line.result;
    html! {
        tr {
            td { (status(result.status)) }
            td { @if result.status == Status::Pass { span.dim { (result.severity) } } @else { (severity(result.severity)) } }
            td { (code(&result.account_id)) }
            td { (region(&result.region)) }
            td {
                p { (code(&result.resource_arn)) }
                p { (said(&result.observed)) }
                @if result.status != Status::Pass { p.dim { "Expected: " (said(&result.expected)) } }
                @if !result.missing_actions.is_empty() { p { "Not allowed: " (code(&result.missing_actions.join(", "))) } }
                @if let Some(waiver) = &result.waiver { p.waiver { "Waived by " (said(&waiver.owner)) " until " (waiver.expires) ": " (said(&waiver.reason)) } }
                @if matches!(result.status, Status::Fail | Status::Waived) { details { summary { "Fix" } (block(&result.remediation)) } }
                @if !result.evidence.is_null() { details { summary { "Evidence" } (block(&serde_json::to_string_pretty(&result.evidence).unwrap_or_default())) } }
            }
        }
    }
}

/// How the results stand by the ids of other catalogues.
pub(super) fn frameworks(report: &Report<'_>) -> Markup {
    let mut catalogue: BTreeMap<&str, BTreeMap<&str, Requirement<'_>>> = BTreeMap::new();
    for line in &report.lines {
        let Some(check) = line.check else { continue };
        for (name, ids) in catalogues::named(&check.frameworks) {
            for id in ids {
                catalogue.entry(name).or_default().entry(id).or_default().add(line);
            }
        }
    }
    if catalogue.is_empty() {
        return html! {};
    }
    html! {
        section #frameworks {
            h2 { "By framework" }
            p.dim { "Where these checks are part of a requirement; no framework is covered by them alone." }
            @for (name, requirements) in &catalogue {
                h3 { (name) }
                table {
                    thead { tr { th { "Requirement" } th { "State" } th.n { "Pass" } th.n { "Fail" } th.n { "Unknown" } th.n { "Waived" } th { "Checks" } } }
                    tbody { @for (id, requirement) in requirements {
                        @let [pass, fail, unknown, waived] = requirement.counts;
                        tr {
                            td { (id) } td { (status(requirement.status())) }
                            td.n { (pass) } td.n { (fail) } td.n { (unknown) } td.n { (waived) }
                            td { @for (at, check) in requirement.checks.iter().enumerate() { @if at > 0 { ", " } (code(check)) } }
                        }
                    } }
                }
            }
        }
    }
}

/// One id of a catalogue.
#[derive(Default)]
struct Requirement<'a> {
    checks: std::collections::BTreeSet<&'a str>,
    /// Pass, fail, unknown, waived.
    counts: [usize; 4],
}

impl<'a> Requirement<'a> {
    fn add(&mut self, line: &Line<'a>) {
        self.checks.insert(&line.result.check_id);
        let at = match line.result.status {
            Status::Pass => 0,
            Status::Fail => 1,
            Status::Unknown => 2,
            Status::Waived => 3,
        };
        self.counts[at] += 1;
    }

    fn status(&self) -> Status {
        match self.counts {
            [_, 0, 0, _] => Status::Pass,
            [_, 0, _, _] => Status::Unknown,
            _ => Status::Fail,
        }
    }
}

/// The accepted risks.
pub(super) fn waivers(report: &Report<'_>) -> Markup {
    let waivers = &report.about.waivers;
    html! {
        section #waivers {
            h2 { "Waivers" }
            @if waivers.is_empty() { p { "There are none: every failure above is open." } }
            @else { table {
                thead { tr { th { "Check" } th { "Resource" } th { "Owner" } th { "Reason" } th { "Last day" } th { "Stands" } } }
                tbody { @for state in waivers { tr {
                    td { (code(&state.waiver.check)) } td { (code(&state.waiver.resource)) }
                    td { (said(&state.waiver.owner)) } td { (said(&state.waiver.reason)) } td { (state.waiver.expires) }
                    td { @if state.expired { span.tag.fail { "expired" } " holds no more" } @else if state.covers == 0 { "nothing to hold for" } @else { "holds for " (state.covers) } }
                } } }
            } }
        }
    }
}

/// How it was collected.
pub(super) fn method(report: &Report<'_>) -> Markup {
    let about = report.about;
    html! {
        section #method {
            h2 { "How this was collected" }
            p {
                "Trailkeep " (about.version) " asked the APIs of AWS read-only questions, beginning at "
                (report.assessment.assessed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
                ", and kept every answer as it came. The checks are functions of those answers alone: run again on the same answers they say the same."
            }
            p { "Logs have to be kept for " (about.settings.retention_days) " days; a delivery older than " (about.settings.delivery_hours) " hours counted as none" @if let Some(account) = &about.settings.central_account { "; the central account is " (code(account)) } "." }
            table {
                thead { tr { th { "Account" } th { "Name" } th { "Regions" } th { "Left out" } th.n { "Answers" } th.n { "Refused or failed" } } }
                tbody { @for scope in &about.accounts { tr {
                    td { (code(&scope.account_id)) }
                    td { (said(scope.name.as_deref().unwrap_or("–"))) }
                    @if let Some(failure) = &scope.failed {
                        td colspan="4" { span.tag.unknown { "not entered" } " " (said(&failure.code)) ": " (said(&failure.message)) }
                    } @else {
                        td { (said(&scope.regions.join(", "))) }
                        td { @for (at, (name, why)) in scope.left_out.iter().enumerate() { @if at > 0 { ", " } (said(name)) " (" (said(why)) ")" } @if scope.left_out.is_empty() { "–" } }
                        td.n { (scope.answered) } td.n { (scope.refused) }
                    }
                } } }
            }
        }
    }
}
