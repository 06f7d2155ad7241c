//! How ingestion went, run by run.

use axum::extract::State;
use chrono::Utc;
use maud::{Markup, html};

use crate::app::Shared;
use crate::auth::Viewer;
use crate::console::overview::run_state;
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;

/// `GET /settings/runs`.
pub(crate) async fn page(State(app): State<Shared>, Viewer(who): Viewer) -> Result<Markup, PageError> {
    let frame = app.frame(&who).await?;
    let state = &app.backend.state;
    let (runs, outbox) =
        tokio::try_join!(async { state.runs().recent(200).await }, async { state.outbox().counts().await })?;
    let now = Utc::now();
    let body = html! {
        section.panel {
            header { h2 { "Ingestion runs" } }
            @if runs.is_empty() { (parts::empty(Icon::Overview, "No runs", &html! { pre { "trailkeep ingest PATH_OR_URL" } })) }
            @else { div.scroll { table.tbl {
                thead { tr { th.num { "No." } th { "State" } th { "Source" } th { "Began" } th.num { "Files" } th.num { "Events" } th.num { "Known" } th.num { "Quarantined" } th { "Error" } } }
                tbody { @for run in &runs { tr data-row {
                    td.num.muted { (run.id) }
                    td { (run_state(run)) }
                    td.mono title=(run.source) { (run.source) }
                    td { (parts::ago(run.started_at, now)) }
                    td.num { (parts::number(run.counters.files)) }
                    td.num { (parts::number(run.counters.events)) }
                    td.num { (parts::number(run.counters.duplicates)) }
                    td.num { (parts::number(run.counters.quarantined)) }
                    td.wrap { (run.error.as_deref().unwrap_or("–")) }
                } } }
            } } }
        }
        section.panel {
            header { h2 { "Outbox" } span.muted { "findings on their way to the webhook" } }
            div.pad.filters {
                span { (parts::number(outbox.pending)) " waiting" } span.muted { "·" }
                span { (parts::number(outbox.sent)) " delivered" } span.muted { "·" }
                span { (parts::number(outbox.failed)) " given up" }
            }
        }
    };
    Ok(super::page(&frame, "/settings/runs", &body))
}
