//! One control: its checks.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use maud::html;
use trailkeep_baseline::Control;

use super::{check_table, checks, latest, missing, words};
use crate::app::Shared;
use crate::auth::Viewer;
use crate::console::layout::Place;
use crate::console::parts;
use crate::http::error::PageError;

/// `GET /controls/{control}`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Path(control): Path<String>,
) -> Result<Response, PageError> {
    let frame = app.frame(&who).await?;
    let known = control.parse::<u8>().ok().and_then(|number| Control::try_from(number).ok());
    let Some(control) = known else {
        return Ok(missing(&frame, "There is no such control; they are numbered 1 to 6."));
    };
    let Some(latest) = latest(&app).await? else {
        return Ok(missing(&frame, "Nothing has been assessed yet: run trailkeep check."));
    };
    let counts = app.backend.state.assessments().counts(latest.stored.id, Some(control.number())).await?;
    let checks = checks(counts);
    let state = latest.stored.board.iter().find(|counts| counts.control == control.number());
    let title = format!("Control {}", control.number());
    let head = html! {
        @if let Some(state) = state { (words::status(&state.status)) }
        span.sub { (control.title()) }
        div.end { a.btn.ghost href="/controls" { "All controls" } }
    };
    let body = html! {
        section.panel {
            header { h2 { "Checks" } div.end { (parts::ago(latest.stored.assessed_at, Utc::now())) } }
            @if checks.is_empty() { div.empty { p { "No check of this control had anything to look at." } } }
            @else { (check_table(&checks, false)) }
        }
    };
    Ok(frame.page(Place::Controls, &title, &head, &body).into_response())
}
