//! `/api/v1/responses`: what playbooks found, did and took back.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use trailkeep_state::{Response, ResponseFilter, ResponseId};

use super::Page;
use super::search::limit;
use crate::app::Shared;
use crate::auth::ApiViewer;
use crate::http::error::ApiError;

/// The most responses of one page.
const MOST: usize = 500;

/// What to list.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    /// Statuses, with commas between them; any when left out.
    status: Option<String>,
    playbook: Option<String>,
    account: Option<String>,
    event_uid: Option<String>,
    incident: Option<String>,
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// `GET /api/v1/responses`.
pub(crate) async fn list(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Query(params): Query<Params>,
) -> Result<Json<Page<Response>>, ApiError> {
    let filter = ResponseFilter {
        statuses: super::each(params.status.as_deref())?,
        playbook: params.playbook,
        account_id: params.account,
        event_uid: params.event_uid,
        incident_id: params.incident,
    };
    let before = params.after.as_deref().map(str::parse::<i64>).transpose();
    let before = before.map_err(|_| ApiError::wrong("after is the `next` of the page before"))?;
    let most = limit(params.limit.as_deref(), MOST)?;
    let rows = app.backend.state.responses().list(&filter, most, before.map(ResponseId)).await?;
    let next = rows.last().filter(|_| rows.len() == most).map(|row| row.id.to_string());
    Ok(Page::json(rows, next))
}
