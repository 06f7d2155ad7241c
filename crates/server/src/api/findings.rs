//! `/api/v1/findings`: list, one, and triage.

use axum::Json;
use axum::extract::{Path, Query, State};
use chrono::Utc;
use serde::Deserialize;
use trailkeep_state::{Cursor, FindingDetail, FindingFilter, FindingRow, Status};

use super::search::limit;
use super::{Body, Page};
use crate::app::Shared;
use crate::auth::{ApiAnalyst, ApiViewer};
use crate::console::range::RangeParams;
use crate::http::error::ApiError;

/// Which findings.
#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    /// At least this level.
    level: Option<String>,
    /// One or several, by commas; any when left out.
    status: Option<String>,
    rule: Option<String>,
    account: Option<String>,
    assignee: Option<String>,
    q: Option<String>,
    limit: Option<String>,
    after: Option<String>,
    #[serde(flatten)]
    range: RangeParams,
}

/// What to change. What is absent is left alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    status: Option<Status>,
    /// Empty for nobody.
    assignee: Option<String>,
    note: Option<String>,
}

/// The most findings of one page.
const MOST: usize = 500;
/// The most evidence of one finding.
const EVIDENCE: usize = 1_000;

/// `GET /api/v1/findings`.
pub(crate) async fn list(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Query(params): Query<Params>,
) -> Result<Json<Page<FindingRow>>, ApiError> {
    let range = super::span(&params.range)?;
    let filter = FindingFilter {
        min_level: params.level.as_deref().map(str::parse).transpose().map_err(ApiError::wrong)?,
        statuses: super::each(params.status.as_deref())?,
        rule_id: params.rule,
        account_id: params.account,
        assignee: params.assignee,
        text: params.q,
        from: range.from,
        to: range.to,
    };
    let after = params.after.as_deref().map(str::parse::<Cursor>).transpose().map_err(ApiError::wrong)?;
    let most = limit(params.limit.as_deref(), MOST)?;
    let page = app.backend.state.findings().list(&filter, most, after).await?;
    Ok(Page::json(page.rows, page.next.map(|cursor| cursor.to_string())))
}

/// `GET /api/v1/findings/{id}`.
pub(crate) async fn get(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Path(id): Path<String>,
) -> Result<Json<FindingDetail>, ApiError> {
    one(&app, &id).await
}

/// `PATCH /api/v1/findings/{id}`.
pub(crate) async fn change(
    State(app): State<Shared>,
    ApiAnalyst(who): ApiAnalyst,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<FindingDetail>, ApiError> {
    let (findings, actor, now) = (app.backend.state.findings(), who.actor(), Utc::now());
    let ids = [id];
    if let Some(status) = change.status {
        findings.set_status(&ids, status, &actor, now).await?;
    }
    if let Some(assignee) = &change.assignee {
        findings.assign(&ids, Some(assignee.as_str()), &actor, now).await?;
    }
    if let Some(note) = &change.note {
        findings.add_note(&ids[0], note, &actor, now).await?;
    }
    one(&app, &ids[0]).await
}

async fn one(app: &Shared, id: &str) -> Result<Json<FindingDetail>, ApiError> {
    let found = app.backend.state.findings().get(id, EVIDENCE).await?;
    found.map(Json).ok_or_else(|| ApiError::not_found(format!("there is no finding '{id}'")))
}
