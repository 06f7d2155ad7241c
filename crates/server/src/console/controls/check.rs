//! One check: why, what is expected, and every resource it looked at.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_baseline::{Check, CheckResult, checks};
use trailkeep_state::{CheckCount, PostureFilter, PostureRow};

use super::{latest, missing, words};
use crate::app::Shared;
use crate::auth::Viewer;
use crate::console::layout::Place;
use crate::console::link::{Link, segment};
use crate::console::parts;
use crate::http::error::PageError;

/// Rows of a page.
const PAGE: usize = 100;

/// Which results.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    status: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    skip: usize,
}

/// `GET /controls/{control}/{check}`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Path((control, check_id)): Path<(String, String)>,
    Query(params): Query<Params>,
) -> Result<Response, PageError> {
    let frame = app.frame(&who).await?;
    let assessments = app.backend.state.assessments();
    let (Some(latest), Ok(control)) = (latest(&app).await?, control.parse::<u8>()) else {
        return Ok(missing(&frame, "There is no such check, or nothing has been assessed yet."));
    };
    let counts = assessments.counts(latest.stored.id, Some(control)).await?;
    let counts: Vec<CheckCount> = counts.into_iter().filter(|count| count.check_id == check_id).collect();
    let Some(first) = counts.first() else {
        return Ok(missing(&frame, "This check had nothing to look at, or there is no such check."));
    };
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = PostureFilter {
        control: Some(control),
        check_id: Some(check_id.clone()),
        statuses: text(&params.status).into_iter().collect(),
        account_id: text(&params.account),
        region: text(&params.region),
    };
    // One more than is shown says whether there is a next page.
    let mut rows = assessments.results(latest.stored.id, &filter, params.skip, PAGE + 1).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let here = Link::to(format!("/controls/{control}/{}", segment(&check_id)));
    let head = html! { span.sub { (first.title) } div.end { a.btn.ghost href={ "/controls/" (control) } { "Control " (control) } } };
    let body = html! {
        @if let Some(check) = checks::find(&check_id) { (about(check)) }
        (filters(&here, &params, &counts))
        section.panel aria-label="Resources" {
            @if rows.is_empty() { div.empty { p { "No resource fits this filter." } a.btn href=(here.href()) { "Reset the filter" } } }
            @else { (table(&rows)) (pager(&here, &params, rows.len(), more)) }
        }
    };
    Ok(frame.page(Place::Controls, "Check", &head, &body).into_response())
}

fn about(check: &Check) -> Markup {
    html! {
        section.panel {
            header { h2 { (check.title) } (words::severity(check.severity.as_str())) }
            div.pad.stack {
                p.prose { (check.why) }
                dl.kv {
                    dt { "Expected" } dd { (check.expected) }
                    dt { "Check" } dd.mono { (check.id) }
                }
                (fix(check.remediation, check.fix_calls))
                (frameworks(check))
            }
        }
    }
}

/// The command that fixes it, to be copied, and what it calls.
pub(super) fn fix(command: &str, calls: &[&str]) -> Markup {
    html! {
        div {
            div.row { h3 { "Fix" } (parts::copy(command, "the fix")) }
            pre.block { (command) }
            @if !calls.is_empty() { p.small.muted { "It calls " @for (at, call) in calls.iter().enumerate() { @if at > 0 { ", " } code { (call) } } } }
        }
    }
}

/// The same check elsewhere.
pub(super) fn frameworks(check: &Check) -> Markup {
    let f = &check.frameworks;
    let named = [
        ("CIS 1.4", f.cis_1_4),
        ("CIS 3.0", f.cis_3_0),
        ("CIS 5.0", f.cis_5_0),
        ("Security Hub", f.security_hub),
        ("Config", f.config_rules),
        ("NIST 800-53", f.nist_800_53),
        ("PCI DSS 4", f.pci_dss_4),
    ];
    html! { div.chips { @for (name, ids) in named { @for id in ids { span.badge.plain { (name) " " (id) } } } } }
}

fn filters(here: &Link, params: &Params, counts: &[CheckCount]) -> Markup {
    let total = |status: &str| {
        counts
            .iter()
            .filter(|count| status.is_empty() || count.status == status)
            .map(|count| count.results)
            .sum::<u64>()
    };
    let tabs =
        [("", "All"), ("FAIL", "Fail"), ("UNKNOWN", "Unknown"), ("WAIVED", "Waived"), ("PASS", "Pass")];
    html! {
        div.filters {
            nav.seg aria-label="Status" { @for (status, name) in tabs {
                a href=(filtered(here, params).with("status", status).href()) aria-current=[(params.status == status).then_some("true")] { (name) " " span.muted { (parts::short_number(total(status))) } }
            } }
            form.filters method="get" action=(here.href()) role="search" {
                input type="hidden" name="status" value=(params.status);
                input name="account" value=(params.account) placeholder="Account" size="13" inputmode="numeric" aria-label="Account";
                input name="region" value=(params.region) placeholder="Region" size="13" aria-label="Region" data-search;
                button.btn { "Filter" }
            }
        }
    }
}

fn filtered(here: &Link, params: &Params) -> Link {
    here.clone()
        .with("status", params.status.as_str())
        .with("account", params.account.as_str())
        .with("region", params.region.as_str())
}

fn table(rows: &[PostureRow]) -> Markup {
    html! {
        div.scroll { table.tbl {
            thead { tr { th { "State" } th { "Severity" } th { "Resource" } th { "Observed" } th { "Account" } th { "Region" } } }
            tbody { @for row in rows {
                @let result = serde_json::from_str::<CheckResult>(&row.body).ok();
                tr data-row {
                    td { (words::status(&row.status)) }
                    td { @if row.status == "PASS" { span.muted { (row.severity) } } @else { (words::severity(&row.severity)) } }
                    td.mono title=(row.resource_arn) { a.cell href={ "/controls/results/" (segment(&row.id)) } data-open="page" { (parts::short_arn(&row.resource_arn)) } }
                    td.wrap { @if let Some(result) = &result { (result.observed) @if let Some(waiver) = &result.waiver { span.muted { " · waived by " (waiver.owner) " until " (waiver.expires) } } } }
                    td.mono { (row.account_id) }
                    td.mono { (row.region) }
                }
            } }
        } }
    }
}

fn pager(here: &Link, params: &Params, shown: usize, more: bool) -> Markup {
    html! {
        div.pager {
            span { (parts::count(shown as u64, "resource", "resources")) " on this page" @if params.skip > 0 { ", after the first " (params.skip) } }
            div.grow {}
            @if params.skip > 0 { a.btn.sm href=(filtered(here, params).href()) { "First" } }
            @if more { a.btn.sm href=(filtered(here, params).with("skip", (params.skip + PAGE).to_string()).href()) data-next rel="next" { "More " kbd { "n" } } }
        }
    }
}
