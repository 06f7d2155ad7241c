//! `/api/v1/controls`: the board and its trend, and the results of the latest assessment.

use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trailkeep_baseline::{Control, checks};
use trailkeep_state::{AssessmentId, ControlCounts, PostureFilter, PostureRow};

use super::Page;
use super::search::limit;
use crate::app::Shared;
use crate::auth::ApiViewer;
use crate::console::controls;
use crate::http::error::ApiError;

/// The most results of one page.
const MOST: usize = 1_000;
/// Assessments of the trend.
const TREND: usize = 500;

/// How the controls stand.
#[derive(Debug, Serialize)]
pub(crate) struct Board {
    /// When the inventory was collected; none where nothing was assessed yet.
    assessed_at: Option<DateTime<Utc>>,
    /// What assessed: `check`, `serve`, `demo`.
    origin: Option<String>,
    controls: Vec<Row>,
    /// How it was collected: scope, settings, waivers.
    about: Option<trailkeep_baseline::report::About>,
    /// Earlier assessments of the same accounts, the newest first.
    trend: Vec<Moment>,
}

#[derive(Debug, Serialize)]
struct Row {
    title: &'static str,
    #[serde(flatten)]
    counts: ControlCounts,
}

#[derive(Debug, Serialize)]
struct Moment {
    assessed_at: DateTime<Utc>,
    controls: Vec<ControlCounts>,
}

/// `GET /api/v1/controls`.
pub(crate) async fn board(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
) -> Result<Json<Board>, ApiError> {
    let Some(latest) = controls::latest(&app).await? else {
        let empty =
            Board { assessed_at: None, origin: None, controls: Vec::new(), about: None, trend: Vec::new() };
        return Ok(Json(empty));
    };
    let trend = app.backend.state.assessments().trend(&latest.stored.scope, TREND).await?;
    let row = |counts: ControlCounts| Row {
        title: Control::try_from(counts.control).map_or("", Control::title),
        counts,
    };
    Ok(Json(Board {
        assessed_at: Some(latest.stored.assessed_at),
        origin: Some(latest.stored.origin),
        controls: latest.stored.board.into_iter().map(row).collect(),
        about: latest.about,
        trend: trend
            .into_iter()
            .map(|one| Moment { assessed_at: one.assessed_at, controls: one.board })
            .collect(),
    }))
}

/// Which results.
#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    /// 1 to 6.
    control: Option<String>,
    check: Option<String>,
    /// One or several, by commas.
    status: Option<String>,
    account: Option<String>,
    region: Option<String>,
    limit: Option<String>,
    after: Option<String>,
}

/// `GET /api/v1/controls/results`.
pub(crate) async fn results(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Query(params): Query<Params>,
) -> Result<Json<Page<Value>>, ApiError> {
    let filter = filter(&params)?;
    let most = limit(params.limit.as_deref(), MOST)?;
    let assessments = app.backend.state.assessments();
    let (assessment, skip) = match params.after.as_deref() {
        Some(text) => cursor(text)?,
        None => match assessments.latest().await? {
            Some(latest) => (latest.id, 0),
            None => return Ok(Page::json(Vec::new(), None)),
        },
    };
    let mut rows = assessments.results(assessment, &filter, skip, most + 1).await?;
    let more = rows.len() > most;
    rows.truncate(most);
    let next = more.then(|| format!("{}:{}", assessment.0, skip + most));
    Ok(Page::json(rows.iter().map(result).collect(), next))
}

fn filter(params: &Params) -> Result<PostureFilter, ApiError> {
    let control = params.control.as_deref().map(|text| {
        let number = text.parse::<u8>().ok().filter(|number| (1..=6).contains(number));
        number.ok_or_else(|| ApiError::wrong(format!("there is no control '{text}'; they are 1 to 6")))
    });
    let statuses = params.status.as_deref().unwrap_or_default().split(',').filter(|text| !text.is_empty());
    let statuses: Vec<String> = statuses.map(str::to_ascii_uppercase).collect();
    if let Some(wrong) =
        statuses.iter().find(|text| !["PASS", "FAIL", "UNKNOWN", "WAIVED"].contains(&text.as_str()))
    {
        return Err(ApiError::wrong(format!(
            "there is no status '{wrong}'; they are PASS, FAIL, UNKNOWN and WAIVED"
        )));
    }
    Ok(PostureFilter {
        control: control.transpose()?,
        check_id: params.check.clone(),
        statuses,
        account_id: params.account.clone(),
        region: params.region.clone(),
    })
}

/// A cursor stays with its assessment: one that comes in between makes no gap and no repeat.
fn cursor(text: &str) -> Result<(AssessmentId, usize), ApiError> {
    let parts = text.split_once(':').and_then(|(id, skip)| Some((id.parse().ok()?, skip.parse().ok()?)));
    let (id, skip) =
        parts.ok_or_else(|| ApiError::wrong(format!("'{text}' is no cursor; give back `next` as it was")))?;
    Ok((AssessmentId(id), skip))
}

/// The result as `trailkeep check -o json` prints it: with its id, and the check's frameworks.
fn result(row: &PostureRow) -> Value {
    let mut value = match serde_json::from_str(&row.body) {
        Ok(Value::Object(members)) if !members.is_empty() => Value::Object(members),
        _ => serde_json::to_value(row).unwrap_or_default(),
    };
    value["id"] = row.id.as_str().into();
    if let Some(check) = checks::find(&row.check_id) {
        value["frameworks"] = serde_json::to_value(check.frameworks).unwrap_or_default();
    }
    value
}
