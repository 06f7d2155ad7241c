//! One result: what was seen, what is expected, the evidence, the fix, and what it was before.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use trailkeep_baseline::{CheckResult, checks};
use trailkeep_state::{FindingRow, PostureRow};

use super::check::{fix, frameworks};
use super::{missing, words};
use crate::app::{App, Shared};
use crate::auth::Viewer;
use crate::console::layout::Place;
use crate::console::link::{Link, segment, term};
use crate::console::{highlight, parts};
use crate::http::error::PageError;

/// What it was before, on the page.
const HISTORY: usize = 20;
/// Findings on the page.
const FINDINGS: usize = 20;

/// `GET /controls/results/{id}`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let frame = app.frame(&who).await?;
    let history = app.backend.state.assessments().history(&id, HISTORY).await?;
    let Some((at, row)) = history.first() else {
        return Ok(missing(&frame, "There is no such result among the latest assessments."));
    };
    let findings = findings(&app, &id).await?;
    let result = serde_json::from_str::<CheckResult>(&row.body).ok();
    let head = html! { span.sub { (row.title) } div.end { a.btn.ghost href={ "/controls/" (row.control) "/" (segment(&row.check_id)) } { "All resources of this check" } } };
    let body = html! {
        div.finding {
            div.stack { (lead(row, *at)) @if let Some(result) = &result { (observed(result)) (evidence(result)) } }
            div.stack { (on_it(&findings)) (before(&history)) }
        }
    };
    Ok(frame.page(Place::Controls, "Result", &head, &body).into_response())
}

async fn findings(app: &App, id: &str) -> Result<Vec<FindingRow>, PageError> {
    let findings = app.backend.state.findings();
    let mut rows = Vec::new();
    for finding in findings.of_event(id).await?.iter().take(FINDINGS) {
        rows.extend(findings.get(finding, 0).await?.map(|detail| detail.row));
    }
    Ok(rows)
}

fn lead(row: &PostureRow, at: DateTime<Utc>) -> Markup {
    html! {
        section.panel { div.pad.stack.lead-box {
            div.row.wrap { (words::status(&row.status)) (words::severity(&row.severity)) span.muted { (parts::time(at)) " UTC · control " (row.control) } }
            p.lead { (row.title) }
            dl.kv {
                dt { "Resource" } dd { span.mono { (row.resource_arn) } (parts::copy(&row.resource_arn, "the ARN")) a.pivot href=(Link::to("/search").with("q", term("target", &row.resource_arn)).with("since", "all").href()) { "Events" } }
                dt { "Account" } dd.mono { (row.account_id) }
                dt { "Region" } dd.mono { (row.region) }
                dt { "Check" } dd.mono { (row.check_id) }
            }
        } }
    }
}

fn observed(result: &CheckResult) -> Markup {
    let check = checks::find(&result.check_id);
    html! {
        section.panel {
            header { h2 { "Observed and expected" } }
            div.pad.stack {
                dl.kv {
                    dt { "Observed" } dd { (result.observed) }
                    dt { "Expected" } dd { (result.expected) }
                    @if !result.missing_actions.is_empty() { dt { "Not allowed" } dd.mono { (result.missing_actions.join(", ")) } }
                    @if let Some(waiver) = &result.waiver { dt { "Waived" } dd { "by " b { (waiver.owner) } " until " (waiver.expires) ": " (waiver.reason) } }
                }
                @if !result.missing_actions.is_empty() { p.muted { code { "trailkeep iam-policy check" } " prints the policy that the role needs." } }
                (fix(&result.remediation, check.map_or(&[], |check| check.fix_calls)))
                @if let Some(check) = check { p.prose { (check.why) } (frameworks(check)) }
            }
        }
    }
}

fn evidence(result: &CheckResult) -> Markup {
    html! {
        section.panel {
            header { h2 { "Evidence" } div.end { "what AWS answered" } }
            div.pad {
                @if result.evidence.is_null() { p.muted { "The check kept no answer for this result." } }
                @else { pre.json { (highlight::json(&result.evidence.to_string())) } }
            }
        }
    }
}

fn on_it(findings: &[FindingRow]) -> Markup {
    html! {
        @if !findings.is_empty() { section.panel {
            header { h2 { "Findings on this" } }
            ul.feed { @for row in findings { li { a href={ "/findings/" (segment(&row.id)) } {
                (parts::level(row.level)) span.t { (row.finding.rule_title) } span.w { (parts::time(row.last_time)) }
            } } } }
        } }
    }
}

fn before(history: &[(DateTime<Utc>, PostureRow)]) -> Markup {
    html! {
        section.panel {
            header { h2 { "In the latest assessments" } }
            ul.tl { @for (at, row) in history {
                @let observed = serde_json::from_str::<CheckResult>(&row.body).map(|result| result.observed).unwrap_or_default();
                li { div { div.row { (words::status(&row.status)) span.small.muted { (parts::time(*at)) } } div.what.small { (observed) } } }
            } }
        }
    }
}
