//! `POST /api/v1/query` and `GET /api/v1/tables`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Body;
use crate::app::Shared;
use crate::auth::ApiViewer;
use crate::backend::{ExportFormat, Table};
use crate::http::error::ApiError;

/// A statement. `{"sql": "SELECT …", "format": "ndjson"}`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    sql: String,
    /// `json`, `ndjson`, `csv` or `parquet`; otherwise as the `Accept` header says, else `json`.
    format: Option<String>,
}

/// `POST /api/v1/query`: all rows, streamed.
pub(crate) async fn query(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    headers: HeaderMap,
    Body(ask): Body<Ask>,
) -> Result<Response, ApiError> {
    let format = match ask.format.as_deref() {
        Some(name) => ExportFormat::named(name).ok_or_else(|| {
            ApiError::wrong(format!("format '{name}' is not known; use json, ndjson, csv or parquet"))
        })?,
        None => accepted(&headers),
    };
    let stream = app.in_time(app.backend.logs.export(&ask.sql, format)).await?;
    let kind = [(header::CONTENT_TYPE, format.media_type())];
    Ok((kind, axum::body::Body::from_stream(stream)).into_response())
}

fn accepted(headers: &HeaderMap) -> ExportFormat {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let formats = [
        ("application/x-ndjson", ExportFormat::Ndjson),
        ("text/csv", ExportFormat::Csv),
        ("application/vnd.apache.parquet", ExportFormat::Parquet),
    ];
    formats
        .into_iter()
        .find(|(kind, _)| accept.contains(kind))
        .map_or(ExportFormat::Json, |(_, format)| format)
}

/// `GET /api/v1/tables`.
pub(crate) async fn tables(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
) -> Result<Json<Vec<Table>>, ApiError> {
    Ok(Json(app.in_time(app.backend.logs.tables()).await?))
}
