//! The list of incidents, with filters, counts, and acts on several at once.

use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_detect::Level;
use trailkeep_state::{
    Incident, IncidentCounts, IncidentCursor, IncidentFilter, IncidentKind, IncidentPage, IncidentStatus,
    Role,
};

use super::words::{about, kind_word, status, status_word};
use super::{UNRESOLVED, href};
use crate::app::Shared;
use crate::auth::Viewer;
use crate::console::layout::{Frame, Place};
use crate::console::link::Link;
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;

/// Rows on a page.
const PAGE: usize = 100;
/// Stands for nobody in the filter by assignee.
const NOBODY: &str = "nobody";

/// The address of the list.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    q: String,
    /// `work` (what is not resolved), `all`, or one status.
    #[serde(default)]
    status: String,
    /// At least this level.
    #[serde(default)]
    level: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    owner: String,
    /// A name; `nobody`.
    #[serde(default)]
    assignee: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    after: String,
}

/// `GET /incidents`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Query(mut params): Query<Params>,
) -> Result<Markup, PageError> {
    let wrong = |reason| PageError::wrong("The filter is not valid", reason);
    if params.status.is_empty() {
        params.status = "work".to_owned();
    }
    let filter = filter(&params).map_err(wrong)?;
    let after = match params.after.as_str() {
        "" => None,
        text => Some(text.parse::<IncidentCursor>().map_err(wrong)?),
    };
    // The counts say what choosing another status would show.
    let wider = IncidentFilter { statuses: Vec::new(), ..filter.clone() };
    let incidents = app.backend.state.incidents();
    let (page, counts) = tokio::try_join!(incidents.list(&filter, PAGE, after), incidents.counts_of(&wider))?;
    let frame = app.frame(&who).await?;
    let head = html! {
        (super::tabs(&frame, "/incidents"))
        div.end { (levels(&params, &counts)) }
    };
    let body = html! {
        (filters(&frame, &params, &counts))
        section.panel aria-label="Incidents" {
            @if page.rows.is_empty() { (nothing(&params, &counts)) }
            @else { (rows(&frame, &page)) (pager(&params, &page)) }
        }
    };
    Ok(frame.page_with(Place::Incidents, "Incidents", &head, &body, Some(20)))
}

fn filter(params: &Params) -> Result<IncidentFilter, String> {
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(IncidentFilter {
        statuses: match params.status.as_str() {
            "all" => Vec::new(),
            "work" => UNRESOLVED.to_vec(),
            one => vec![one.parse::<IncidentStatus>()?],
        },
        min_level: text(&params.level).map(|level| level.parse::<Level>()).transpose()?,
        kind: text(&params.kind).map(|kind| kind.parse::<IncidentKind>()).transpose()?,
        account_id: text(&params.account),
        rule_id: text(&params.rule),
        owner: text(&params.owner),
        assignee: text(&params.assignee).map(|name| if name == NOBODY { String::new() } else { name }),
        text: text(&params.q),
        ..IncidentFilter::default()
    })
}

fn link(params: &Params) -> Link {
    Link::to("/incidents")
        .with("q", params.q.as_str())
        .with("status", params.status.as_str())
        .with("level", params.level.as_str())
        .with("kind", params.kind.as_str())
        .with("owner", params.owner.as_str())
        .with("assignee", params.assignee.as_str())
        .with("account", params.account.as_str())
        .with("rule", params.rule.as_str())
}

/// Unresolved incidents per level: each leads to its list.
fn levels(params: &Params, counts: &IncidentCounts) -> Markup {
    html! { @for (level, found) in counts.unresolved.iter().filter(|(_, found)| *found > 0) {
        a.tally href=(link(params).with("status", "work").with("level", level.as_str()).href()) title={ (parts::number(*found)) " unresolved" } {
            (parts::level(*level)) b { (parts::number(*found)) }
        }
    } }
}

fn filters(frame: &Frame, params: &Params, counts: &IncidentCounts) -> Markup {
    let of = |wanted: &[IncidentStatus]| {
        counts.statuses.iter().filter(|(known, _)| wanted.contains(known)).map(|(_, n)| n).sum::<u64>()
    };
    let tabs = std::iter::once(("work", "To do", of(&UNRESOLVED)))
        .chain(IncidentStatus::ALL.map(|one| (one.as_str(), status_word(one), of(&[one]))))
        .chain(std::iter::once(("all", "All", of(&IncidentStatus::ALL))));
    let mine = params.assignee == frame.name;
    html! {
        div.filters {
            nav.seg aria-label="Status" { @for (value, name, found) in tabs {
                a href=(link(params).with("status", value).href()) aria-current=[(params.status == value).then_some("true")] { (name) " " span.muted { (parts::short_number(found)) } }
            } }
            nav.seg aria-label="Whose" {
                a href=(link(params).with("assignee", "").href()) aria-current=[params.assignee.is_empty().then_some("true")] { "Anyone's" }
                a href=(link(params).with("assignee", frame.name.as_str()).href()) aria-current=[mine.then_some("true")] { "Mine" }
                a href=(link(params).with("assignee", NOBODY).href()) aria-current=[(params.assignee == NOBODY).then_some("true")] { "Nobody's" }
            }
        }
        form.filters method="get" action="/incidents" role="search" {
            input type="hidden" name="status" value=(params.status);
            @for (name, value) in [("account", &params.account), ("rule", &params.rule)] { @if !value.is_empty() { input type="hidden" name=(name) value=(value); } }
            input type="search" name="q" value=(params.q) placeholder="Text: title, resource, actor, rule" data-search aria-label="Text" size="30";
            select name="level" data-submit aria-label="Level" {
                option value="" { "Any level" }
                @for level in Level::ALL.into_iter().rev() {
                    option value=(level.as_str()) selected[params.level == level.as_str()] { (parts::level_word(level)) @if level != Level::Critical { " and above" } }
                }
            }
            select name="kind" data-submit aria-label="Kind" {
                option value="" { "Any kind" }
                @for kind in IncidentKind::ALL { option value=(kind.as_str()) selected[params.kind == kind.as_str()] { (kind_word(kind)) } }
            }
            input name="owner" value=(params.owner) placeholder="Owner" size="12" aria-label="Owner";
            input name="assignee" value=(params.assignee) placeholder="Assignee" size="12" aria-label="Assignee";
            button.btn { "Filter" }
            a.btn.ghost href="/incidents" { "Reset" }
        }
        @for (name, value) in [("account", &params.account), ("rule", &params.rule)] { @if !value.is_empty() {
            div.chips { span.badge.plain { (name) " " (value) " " a href=(link(params).with(name, "").href()) aria-label={ "Any " (name) } { "×" } } }
        } }
    }
}

fn rows(frame: &Frame, page: &IncidentPage) -> Markup {
    let analyst = frame.role.allows(Role::Analyst);
    let now = Utc::now();
    html! {
        form method="post" action="/incidents" {
            (frame.csrf_field())
            div.scroll { table.tbl {
                thead { tr {
                    @if analyst { th { span.vh { "Choose" } } }
                    th { "Level" } th { "Incident" } th { "Status" } th { "With" } th.wide-only { "Owner" } th.wide-only { "Account" } th.num { "Signals" } th { "Last (UTC)" }
                } }
                tbody { @for row in &page.rows { (incident_row(row, analyst, now)) } }
            } }
            @if analyst {
                div.pager {
                    span { "Chosen:" }
                    button.btn.sm name="act" value="acknowledge" { "Acknowledge" }
                    button.btn.sm name="act" value="resolve" { "Resolve" }
                }
            }
        }
    }
}

fn incident_row(row: &Incident, analyst: bool, now: DateTime<Utc>) -> Markup {
    let open = row.status == IncidentStatus::Open;
    html! {
        tr data-row {
            @if analyst { td { input type="checkbox" name="id" value=(row.id) aria-label={ "Choose " (row.title) }; } }
            td { (parts::level(row.level)) }
            td { a.cell href=(href(&row.id)) data-open="page" { span.strong { (row.title) } " " span.dim title=(row.summary) { (about(row)) } } }
            td { (status(row.status)) @if open { " " span.small.muted title="Open for" { (parts::span((now - row.open_since).num_seconds().max(0))) } } }
            td title=[row.assignee.as_deref()] { @match row.assignee.as_deref() { Some(name) => (name), None => span.muted { "nobody" } } }
            td.wide-only { (row.owner.as_deref().unwrap_or("–")) }
            td.mono.wide-only { (row.account_id.as_deref().unwrap_or("–")) }
            td.num { (parts::number(row.count)) }
            td { (parts::time(row.last_time)) }
        }
    }
}

fn pager(params: &Params, page: &IncidentPage) -> Markup {
    html! {
        div.pager {
            span { (parts::count(page.rows.len() as u64, "incident", "incidents")) " on this page, newest first" }
            div.grow {}
            @if !params.after.is_empty() { a.btn.sm href=(link(params).href()) { "Newest" } }
            @if let Some(next) = &page.next { a.btn.sm href=(link(params).with("after", next.to_string()).href()) data-next rel="next" { "Older " kbd { "n" } } }
        }
    }
}

fn nothing(params: &Params, counts: &IncidentCounts) -> Markup {
    let others: u64 = counts.statuses.iter().map(|(_, n)| n).sum();
    let filtered = link(params).with("status", "").href() != "/incidents";
    parts::empty(
        Icon::Incidents,
        if filtered || params.status != "work" {
            "No incidents here"
        } else if others > 0 {
            "All is done"
        } else {
            "No incidents"
        },
        &html! {
            @if others > 0 {
                p { "Nothing fits; " (parts::count(others, "incident has", "incidents have")) " another status." }
                div.row { a.btn.primary href=(link(params).with("status", "all").href()) { "Show every status" } @if filtered { a.btn href="/incidents" { "Reset the filter" } } }
            } @else if filtered {
                p { "No incident fits this filter." }
                div.row { a.btn href="/incidents" { "Reset the filter" } }
            } @else {
                p { "Findings, alarms and controls that regress become incidents: those of one rule about one thing are one, so that a person gets one message and not a hundred. Who is told is said by the routes of " code { "trailkeep.toml" } "." }
                div.row { a.btn href="/channels" { "Who is told" } a.btn href="/findings" { "Findings" } }
            }
        },
    )
}
