//! The list of findings, with filters, counts, and triage of several at once.

use axum::extract::{Query, State};
use chrono::Utc;
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_detect::Level;
use trailkeep_state::{Cursor, FindingCounts, FindingFilter, FindingPage, FindingRow, Role, Status};

use super::words::{status, status_word};
use crate::app::Shared;
use crate::auth::Viewer;
use crate::console::layout::{Frame, Place};
use crate::console::link::{Link, segment};
use crate::console::parts::{self, Icon};
use crate::console::range::{PRESETS, RangeParams, TimeRange};
use crate::http::error::PageError;

/// Rows on a page.
const PAGE: usize = 100;

/// The address of the list.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    q: String,
    /// At least this level.
    #[serde(default)]
    level: String,
    /// `open`, `all`, or one status.
    #[serde(default)]
    status: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    assignee: String,
    #[serde(default)]
    after: String,
    #[serde(flatten)]
    range: RangeParams,
}

/// `GET /findings`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Query(mut params): Query<Params>,
) -> Result<Markup, PageError> {
    let wrong = |reason| PageError::wrong("The filter is not valid", reason);
    if params.status.is_empty() {
        params.status = "open".to_owned();
    }
    let now = Utc::now();
    let range = if params.range.is_empty() {
        TimeRange::default()
    } else {
        TimeRange::read(&params.range, now, None).map_err(wrong)?
    };
    let filter = filter(&params, &range).map_err(wrong)?;
    let after = match params.after.as_str() {
        "" => None,
        text => Some(text.parse::<Cursor>().map_err(wrong)?),
    };
    // The counts say what choosing another status or level would show.
    let wider = FindingFilter { statuses: Vec::new(), min_level: None, ..filter.clone() };
    let findings = app.backend.state.findings();
    let (page, counts) = tokio::try_join!(findings.list(&filter, PAGE, after), findings.counts(&wider))?;
    let frame = app.frame(&who).await?;
    let head = html! { div.end { nav.seg aria-label="Range" {
        @for (value, name) in PRESETS {
            @let current = range.preset.as_deref().unwrap_or("all") == value;
            a href=(link(&params, &range).with("since", value).href()) aria-current=[current.then_some("true")] { (name) }
        }
    } } };
    let body = html! {
        (filters(&params, &range, &counts))
        section.panel aria-label="Findings" {
            @if page.rows.is_empty() { (nothing(&params, &range, counts.total)) }
            @else { (rows(&frame, &page)) (pager(&params, &range, &page)) }
        }
    };
    Ok(frame.page(Place::Findings, "Findings", &head, &body))
}

fn filter(params: &Params, range: &TimeRange) -> Result<FindingFilter, String> {
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(FindingFilter {
        min_level: text(&params.level).map(|level| level.parse::<Level>()).transpose()?,
        statuses: match params.status.as_str() {
            "all" => Vec::new(),
            "open" => Status::OPEN.to_vec(),
            one => vec![one.parse::<Status>()?],
        },
        rule_id: text(&params.rule),
        account_id: text(&params.account),
        assignee: text(&params.assignee),
        text: text(&params.q),
        from: range.from,
        to: range.to,
    })
}

fn link(params: &Params, range: &TimeRange) -> Link {
    let link = Link::to("/findings")
        .with("q", params.q.as_str())
        .with("level", params.level.as_str())
        .with("status", params.status.as_str())
        .with("rule", params.rule.as_str())
        .with("account", params.account.as_str())
        .with("assignee", params.assignee.as_str());
    if range == &TimeRange::default() { link } else { range.link(link) }
}

fn filters(params: &Params, range: &TimeRange, counts: &FindingCounts) -> Markup {
    let of = |wanted: &[Status]| {
        counts.statuses.iter().filter(|(s, _)| wanted.contains(s)).map(|(_, n)| n).sum::<u64>()
    };
    let tabs = std::iter::once(("open".to_owned(), "Open", of(&Status::OPEN)))
        .chain(Status::ALL.map(|s| (s.as_str().to_owned(), status_word(s), of(&[s]))))
        .chain(std::iter::once(("all".to_owned(), "All", counts.total)));
    html! {
        div.filters {
            nav.seg aria-label="Status" { @for (value, name, n) in tabs {
                a href=(link(params, range).with("status", value.as_str()).href()) aria-current=[(params.status == value).then_some("true")] { (name) " " span.muted { (parts::short_number(n)) } }
            } }
            form.filters method="get" action="/findings" role="search" {
                input type="hidden" name="status" value=(params.status);
                @if range != &TimeRange::default() { @for (key, value) in range.link(Link::to("")).pairs() { input type="hidden" name=(key) value=(value); } }
                input type="search" name="q" value=(params.q) placeholder="Text: actor, address, resource, rule" data-search aria-label="Text" size="30";
                select name="level" data-submit aria-label="Level" {
                    option value="" { "Any level" }
                    @for level in Level::ALL.into_iter().rev() {
                        option value=(level.as_str()) selected[params.level == level.as_str()] { (parts::level_word(level)) @if level != Level::Critical { " and above" } }
                    }
                }
                select name="rule" data-submit aria-label="Rule" {
                    option value="" { "Any rule" }
                    @if !params.rule.is_empty() && !counts.rules.iter().any(|rule| rule.rule_id == params.rule) { option value=(params.rule) selected { (params.rule) } }
                    @for rule in &counts.rules { option value=(rule.rule_id) selected[params.rule == rule.rule_id] { (rule.rule_title) " (" (rule.findings) ")" } }
                }
                input name="account" value=(params.account) placeholder="Account" size="13" inputmode="numeric" aria-label="Account";
                input name="assignee" value=(params.assignee) placeholder="Assignee" size="10" aria-label="Assignee";
                button.btn { "Filter" }
                a.btn.ghost href="/findings" { "Reset" }
            }
        }
    }
}

fn rows(frame: &Frame, page: &FindingPage) -> Markup {
    let analyst = frame.role.allows(Role::Analyst);
    html! {
        form method="post" action="/findings" {
            (frame.csrf_field())
            div.scroll { table.tbl {
                thead { tr {
                    @if analyst { th { span.vh { "Choose" } } }
                    th { "Level" } th { "Finding" } th { "Actor" } th { "From" } th.wide-only { "Account" } th.num { "Events" } th { "Last (UTC)" } th { "Status" } th.wide-only { "Assignee" }
                } }
                tbody { @for row in &page.rows { (finding_row(row, analyst)) } }
            } }
            @if analyst {
                div.pager {
                    span { "Chosen:" }
                    select name="status" aria-label="Status to set" { @for s in Status::ALL { option value=(s.as_str()) { (status_word(s)) } } }
                    button.btn.sm { "Set status" }
                }
            }
        }
    }
}

fn finding_row(row: &FindingRow, analyst: bool) -> Markup {
    let finding = &row.finding;
    html! {
        tr data-row {
            @if analyst { td { input type="checkbox" name="id" value=(row.id) aria-label={ "Choose " (finding.rule_title) }; } }
            td { (parts::level(row.level)) }
            td { a.cell href={ "/findings/" (segment(&row.id)) } data-open="page" { span.strong { (finding.rule_title) } " " span.dim title=(finding.summary) { (finding.summary) } } }
            td title=[finding.actor.as_deref()] { (finding.actor.as_deref().map(parts::short_arn).unwrap_or("–")) }
            td.mono { (finding.source_ip.as_deref().unwrap_or("–")) }
            td.mono.wide-only { (finding.account_id.as_deref().unwrap_or("–")) }
            td.num { (parts::number(row.count)) }
            td { (parts::time(row.last_time)) }
            td { (status(row.status)) }
            td.wide-only { (row.assignee.as_deref().unwrap_or("–")) }
        }
    }
}

fn pager(params: &Params, range: &TimeRange, page: &FindingPage) -> Markup {
    html! {
        div.pager {
            span { (parts::count(page.rows.len() as u64, "finding", "findings")) " on this page, newest first" }
            div.grow {}
            @if !params.after.is_empty() { a.btn.sm href=(link(params, range).href()) { "Newest" } }
            @if let Some(next) = &page.next { a.btn.sm href=(link(params, range).with("after", next.to_string()).href()) data-next rel="next" { "Older " kbd { "n" } } }
        }
    }
}

fn nothing(params: &Params, range: &TimeRange, others: u64) -> Markup {
    let filtered = others > 0 || link(params, range).with("status", "").href() != "/findings";
    parts::empty(
        Icon::Findings,
        if filtered { "No findings here" } else { "No findings" },
        &html! {
            @if filtered {
                p { "No finding fits this filter" @if others > 0 { "; " (parts::count(others, "finding has", "findings have")) " another status or level" } "." }
                div.row { a.btn.primary href=(link(params, range).with("status", "all").with("level", "").href()) { "Show every status and level" } a.btn href="/findings" { "Reset the filter" } }
            } @else {
                p { "The rules run over every event as it comes in. What they find is listed here, grouped by actor and hour." }
                pre { "trailkeep rules list\ntrailkeep detect PATH…" }
            }
        },
    )
}
