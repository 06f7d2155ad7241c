//! The audit log: who changed what, when, from where.

use axum::extract::{Query, State};
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_state::AuditFilter;

use crate::app::Shared;
use crate::auth::Admin;
use crate::console::link::Link;
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;

/// Entries on a page.
const PAGE: usize = 200;

/// The address of the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    object: String,
    before: Option<i64>,
    /// Check the chain.
    #[serde(default)]
    verify: String,
}

/// `GET /settings/audit`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Admin(who): Admin,
    Query(params): Query<Params>,
) -> Result<Markup, PageError> {
    let frame = app.frame(&who).await?;
    let audit = app.backend.state.audit();
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = AuditFilter {
        actor: text(&params.actor),
        action: text(&params.action),
        object: text(&params.object),
        ..AuditFilter::default()
    };
    let entries = audit.list(&filter, PAGE, params.before).await?;
    let report = if params.verify.is_empty() { None } else { Some(audit.verify(None).await?) };
    let link = Link::to("/settings/audit")
        .with("actor", params.actor.as_str())
        .with("action", params.action.as_str())
        .with("object", params.object.as_str());
    let body = html! {
        @if let Some(report) = &report {
            @if report.intact() { div.note.ok role="status" { "The chain is intact: " (parts::count(report.entries, "entry", "entries")) " checked." } }
            @else { div.note.bad role="alert" { div { b { "The audit log was tampered with." } ul { @for problem in &report.problems { li { "entry " (problem.seq) ": " (problem.what) } } } } } }
        }
        form.filters method="get" action="/settings/audit" {
            input name="actor" value=(params.actor) placeholder="Actor" aria-label="Actor" data-search;
            input name="action" value=(params.action) placeholder="Action, such as user.role" aria-label="Action";
            input name="object" value=(params.object) placeholder="Object, such as user:alice" aria-label="Object" size="28";
            button.btn { "Filter" }
            button.btn.ghost name="verify" value="1" { "Verify the chain" }
        }
        section.panel {
            @if entries.is_empty() { (parts::empty(Icon::Settings, "No entries", &html! { p { "Every change that people and programs make is written here." } })) }
            @else { div.scroll { table.tbl {
                thead { tr { th.num { "No." } th { "Time (UTC)" } th { "Actor" } th { "Action" } th { "Object" } th { "Detail" } th { "Address" } } }
                tbody { @for entry in &entries { tr data-row {
                    td.num.muted { (entry.seq) }
                    td { (parts::time(entry.time)) }
                    td.strong { (entry.actor) }
                    td { (entry.action) }
                    td.mono { (entry.object) }
                    td.mono.dim title=(entry.detail) { @if entry.detail != "{}" { (entry.detail) } }
                    td.mono { (entry.address.as_deref().unwrap_or("–")) }
                } } }
            } } }
            @if entries.len() == PAGE && let Some(last) = entries.last() { div.pager { div.grow {} a.btn.sm href=(link.with("before", last.seq.to_string()).href()) data-next rel="next" { "Older " kbd { "n" } } } }
        }
    };
    Ok(super::page(&frame, "/settings/audit", &body))
}
