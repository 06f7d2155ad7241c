//! `/api/v1/incidents`: list, one, and what people do with it.

use axum::Json;
use axum::extract::{Path, Query, State};
use chrono::Utc;
use serde::Deserialize;
use trailkeep_respond::incident::Act;
use trailkeep_state::{Incident, IncidentCursor, IncidentDetail, IncidentFilter, IncidentStatus};

use super::search::limit;
use super::{Body, Page};
use crate::app::Shared;
use crate::auth::{ApiAnalyst, ApiViewer};
use crate::console::range::RangeParams;
use crate::http::error::ApiError;

/// The most incidents of one page.
const MOST: usize = 500;

/// Which incidents.
#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    /// One or several, by commas; any when left out.
    status: Option<String>,
    /// At least this level.
    level: Option<String>,
    kind: Option<String>,
    account: Option<String>,
    region: Option<String>,
    rule: Option<String>,
    owner: Option<String>,
    /// Empty: nobody's.
    assignee: Option<String>,
    q: Option<String>,
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    #[serde(flatten)]
    range: RangeParams,
}

/// What to change. What is absent is left alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// `acknowledged`, `resolved`, or `open` to open it again.
    status: Option<IncidentStatus>,
    /// Why it is resolved.
    comment: Option<String>,
    /// Empty for nobody.
    assignee: Option<String>,
    note: Option<String>,
    ticket: Option<TicketLink>,
}

/// A ticket that belongs to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketLink {
    /// Its name: `SEC-17`.
    reference: String,
    url: Option<String>,
}

/// `GET /api/v1/incidents`.
pub(crate) async fn list(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Query(params): Query<Params>,
) -> Result<Json<Page<Incident>>, ApiError> {
    let range = super::span(&params.range)?;
    let filter = IncidentFilter {
        statuses: super::each(params.status.as_deref())?,
        min_level: params.level.as_deref().map(str::parse).transpose().map_err(ApiError::wrong)?,
        kind: params.kind.as_deref().map(str::parse).transpose().map_err(ApiError::wrong)?,
        account_id: params.account,
        region: params.region,
        rule_id: params.rule,
        owner: params.owner,
        assignee: params.assignee,
        text: params.q,
        from: range.from,
        to: range.to,
    };
    let after = params.after.as_deref().map(str::parse::<IncidentCursor>).transpose();
    let most = limit(params.limit.as_deref(), MOST)?;
    let page = app.backend.state.incidents().list(&filter, most, after.map_err(ApiError::wrong)?).await?;
    Ok(Page::json(page.rows, page.next.map(|cursor| cursor.to_string())))
}

/// `GET /api/v1/incidents/{id}`.
pub(crate) async fn get(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Path(id): Path<String>,
) -> Result<Json<IncidentDetail>, ApiError> {
    one(&app, &id).await
}

/// `PATCH /api/v1/incidents/{id}`.
pub(crate) async fn change(
    State(app): State<Shared>,
    ApiAnalyst(who): ApiAnalyst,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<IncidentDetail>, ApiError> {
    if change.comment.is_some() && change.status != Some(IncidentStatus::Resolved) {
        return Err(ApiError::wrong(
            "comment says why it is resolved; give status \"resolved\" with it, or use note",
        ));
    }
    let (actor, now) = (who.actor(), Utc::now());
    let status = change.status.map(|status| match status {
        IncidentStatus::Open => Act::Reopen,
        IncidentStatus::Acknowledged => Act::Acknowledge,
        IncidentStatus::Resolved => Act::Resolve { comment: change.comment.unwrap_or_default() },
    });
    let assignee = change.assignee.map(|name| Act::Assign { to: Some(name) });
    let note = change.note.map(|text| Act::Note { text });
    for act in [status, assignee, note].into_iter().flatten() {
        app.desk.act(&id, &act, &actor, now).await?;
    }
    if let Some(ticket) = &change.ticket {
        app.desk.link(&id, ticket.reference.trim(), ticket.url.as_deref(), &actor, now).await?;
    }
    one(&app, &id).await
}

async fn one(app: &Shared, id: &str) -> Result<Json<IncidentDetail>, ApiError> {
    let found = app.backend.state.incidents().get(id).await?;
    found.map(Json).ok_or_else(|| ApiError::not_found(format!("there is no incident '{id}'")))
}
