//! One event on a page of its own.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use maud::html;
use serde::Deserialize;

use super::events;
use super::layout::Place;
use crate::app::Shared;
use crate::auth::Viewer;
use crate::http::error::PageError;

/// The event's time, where it is known: it makes the event quick to find.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    at: String,
}

/// `GET /events/{table}/{event_uid}`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Path((table, event_uid)): Path<(String, String)>,
    Query(params): Query<Params>,
) -> Result<Response, PageError> {
    let at = DateTime::parse_from_rfc3339(&params.at).ok().map(|at| at.to_utc());
    let found = app.event(&table, &event_uid, at).await?;
    let frame = app.frame(&who).await?;
    Ok(match found {
        Some((event, findings)) => {
            let body = html! { article.panel.event { div.drawer-page { (events::detail(&event, &findings, &html! {})) } } };
            frame.page(Place::Search, "Event", &html! {}, &body).into_response()
        }
        None => {
            let body = html! { section.panel { (events::missing(&table, &event_uid, None)) } };
            (StatusCode::NOT_FOUND, frame.page(Place::Search, "Event", &html! {}, &body)).into_response()
        }
    })
}
