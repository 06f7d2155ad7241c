//! `GET /api/v1/search?q=…&since=24h&limit=100&after=CURSOR`.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::Page;
use crate::app::Shared;
use crate::auth::ApiViewer;
use crate::backend::{EventRow, Search};
use crate::console::range::RangeParams;
use crate::http::error::ApiError;

/// What to search for.
#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    q: String,
    limit: Option<String>,
    after: Option<String>,
    #[serde(flatten)]
    range: RangeParams,
}

/// The most events of one page.
const MOST: usize = 1_000;

/// `GET /api/v1/search`. Without a range: all time.
pub(crate) async fn search(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Query(params): Query<Params>,
) -> Result<Json<Page<EventRow>>, ApiError> {
    let range = super::span(&params.range)?;
    let limit = limit(params.limit.as_deref(), MOST)?;
    let search = Search { text: params.q, from: range.from, to: range.to };
    let hits = app.in_time(app.backend.logs.search(&search, limit, params.after.as_deref())).await?;
    Ok(Page::json(hits.events, hits.next))
}

/// A page's size: 100 unless told.
pub(super) fn limit(text: Option<&str>, most: usize) -> Result<usize, ApiError> {
    match text {
        None => Ok(100.min(most)),
        Some(text) => match text.parse::<usize>() {
            Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
            _ => Err(ApiError::wrong(format!("limit '{text}' is not valid; use 1 to {most}"))),
        },
    }
}
