//! `/api/v1/channels`: how each is doing, and a trial message.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::Utc;
use serde::Serialize;
use trailkeep_respond::route::Receipt;

use super::Page;
use crate::app::Shared;
use crate::auth::{ApiResponder, ApiViewer};
use crate::channels::{self, Standing};
use crate::http::error::ApiError;

/// A trial that arrived.
#[derive(Debug, Serialize)]
pub(crate) struct Arrived {
    delivered: bool,
    receipt: Receipt,
}

/// `GET /api/v1/channels`.
pub(crate) async fn list(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
) -> Result<Json<Page<Standing>>, ApiError> {
    Ok(Page::json(channels::standing(&app).await?, None))
}

/// `POST /api/v1/channels/{name}/test`. 502 where it did not arrive, with the reason.
pub(crate) async fn test(
    State(app): State<Shared>,
    ApiResponder(who): ApiResponder,
    Path(name): Path<String>,
) -> Result<Json<Arrived>, ApiError> {
    match channels::try_out(&app, &name, &who.actor(), Utc::now()).await? {
        None => Err(ApiError::not_found(format!("there is no channel '{name}'"))),
        Some(Ok(receipt)) => Ok(Json(Arrived { delivered: true, receipt })),
        Some(Err(error)) => Err(ApiError::new(StatusCode::BAD_GATEWAY, "not_delivered", error.reason)),
    }
}
