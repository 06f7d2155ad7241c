//! `/api/v1/silences`: list, make, end.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trailkeep_respond::route::Matcher;

use super::{Body, Page};
use crate::app::Shared;
use crate::auth::{ApiAnalyst, ApiResponder};
use crate::console::range::duration;
use crate::console::silences::{self, Listed, When};
use crate::http::error::ApiError;

/// A silence, with how far it is.
#[derive(Debug, Serialize)]
pub(crate) struct Silence {
    /// Negative for those of the file.
    id: i64,
    /// Null where this program cannot read it: it holds nothing.
    matcher: Option<Matcher>,
    comment: String,
    /// Null for those of the file.
    created_by: Option<String>,
    created_at: Option<DateTime<Utc>>,
    /// Null: always.
    starts_at: Option<DateTime<Utc>>,
    ends_at: DateTime<Utc>,
    /// `active`, `coming` or `ended`.
    state: When,
    /// `file` or `state`.
    origin: &'static str,
}

impl Silence {
    fn new(listed: Listed, now: DateTime<Utc>) -> Self {
        let (state, of_file) = (listed.when(now), listed.of_file());
        let Listed { id, matcher, comment, created_by, created_at, starts_at, ends_at } = listed;
        let origin = if of_file { "file" } else { "state" };
        Self { id, matcher, comment, created_by, created_at, starts_at, ends_at, state, origin }
    }
}

/// A silence to make.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    /// As `match` of `[[respond.silence]]`.
    matcher: Matcher,
    /// Why.
    comment: String,
    /// Now when left out.
    starts_at: Option<DateTime<Utc>>,
    /// Either this or `for`.
    ends_at: Option<DateTime<Utc>>,
    /// How long: `4h`.
    #[serde(rename = "for")]
    lasts: Option<String>,
}

/// `GET /api/v1/silences`: those of the file, then the newest first; those that have ended too.
pub(crate) async fn list(
    State(app): State<Shared>,
    ApiAnalyst(_): ApiAnalyst,
) -> Result<Json<Page<Silence>>, ApiError> {
    let (all, now) = (silences::all(&app).await?, Utc::now());
    Ok(Page::json(all.into_iter().map(|listed| Silence::new(listed, now)).collect(), None))
}

/// `POST /api/v1/silences`.
pub(crate) async fn create(
    State(app): State<Shared>,
    ApiResponder(who): ApiResponder,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Silence>), ApiError> {
    let now = Utc::now();
    let starts_at = new.starts_at.unwrap_or(now);
    let ends_at = match (new.ends_at, new.lasts.as_deref()) {
        (Some(at), None) => at,
        (None, Some(lasts)) => {
            duration(lasts).and_then(|lasts| starts_at.checked_add_signed(lasts)).ok_or_else(|| {
                ApiError::wrong(format!("for '{lasts}' is no span of time; write 30m, 4h or 7d"))
            })?
        }
        _ => return Err(ApiError::wrong("say when it ends: give ends_at, or for")),
    };
    silences::check(&new.comment, starts_at, ends_at).map_err(ApiError::wrong)?;
    let comment = new.comment.trim();
    let id = app.desk.silence(&new.matcher, comment, starts_at, ends_at, &who.actor(), now).await?;
    let listed = Listed {
        id,
        matcher: Some(new.matcher),
        comment: comment.to_owned(),
        created_by: Some(who.name.clone()),
        created_at: Some(now),
        starts_at: Some(starts_at),
        ends_at,
    };
    Ok((StatusCode::CREATED, Json(Silence::new(listed, now))))
}

/// `DELETE /api/v1/silences/{id}`: ends it now.
pub(crate) async fn end(
    State(app): State<Shared>,
    ApiResponder(who): ApiResponder,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id: i64 = id.parse().map_err(|_| ApiError::not_found(format!("there is no silence '{id}'")))?;
    if id < 0 {
        let text = "it stands in trailkeep.toml; take its [[respond.silence]] out and start again";
        return Err(ApiError::new(StatusCode::CONFLICT, "conflict", text));
    }
    app.desk.end_silence(id, &who.actor(), Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
