//! `/api/v1/alarms`: alarms and their history in the shapes of `DescribeAlarms` and `DescribeAlarmHistory`,
//! simulations, and the switch of actions.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trailkeep_alarms::AlarmState;
use trailkeep_alarms::simulate::Simulation;
use trailkeep_state::{AlarmCursor, AlarmFilter, AlarmHistoryFilter, AlarmRow};

use super::search::limit;
use super::{Body, Page};
use crate::alarming::{AlarmsError, rows};
use crate::app::{App, Shared};
use crate::auth::{ApiResponder, ApiViewer};
use crate::console::range::RangeParams;
use crate::http::error::ApiError;
use crate::simulating::{self, Asked, Refused};

/// The most alarms, or items of history, of one page.
const MOST: usize = 500;
/// As many alarms as there may be.
const FURTHEST: usize = 1_000_000;

/// Which alarms.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    /// States, with commas between them; any when left out.
    state: Option<String>,
    /// What the name begins with.
    prefix: Option<String>,
    account: Option<String>,
    region: Option<String>,
    /// `toml`, `import` or `api`.
    origin: Option<String>,
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// `GET /api/v1/alarms`: those in `ALARM` first.
pub(crate) async fn list(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Query(params): Query<Params>,
) -> Result<Json<Page<Value>>, ApiError> {
    let states: Vec<AlarmState> = super::each(params.state.as_deref())?;
    let filter = AlarmFilter {
        states: states.iter().map(ToString::to_string).collect(),
        name_prefix: params.prefix,
        account_id: params.account,
        region: params.region,
        origin: params.origin.as_deref().map(str::parse).transpose().map_err(ApiError::wrong)?,
        kind: None,
    };
    let damaged = || ApiError::wrong("after is the `next` of the page before");
    let skip: usize = params.after.as_deref().map_or(Ok(0), str::parse).map_err(|_| damaged())?;
    if skip > FURTHEST {
        return Err(damaged());
    }
    let most = limit(params.limit.as_deref(), MOST)?;
    let mut found = app.backend.state.alarms().list(&filter, skip, most + 1).await?;
    let next = (found.len() > most).then(|| (skip + most).to_string());
    found.truncate(most);
    Ok(Page::json(found.iter().map(|row| described(&app, row)).collect(), next))
}

/// In the shape of `DescribeAlarms`, with `Origin` and `Evaluated`: whether it is evaluated here.
fn described(app: &App, row: &AlarmRow) -> Value {
    let mut value = rows::described(row);
    let living = app.backend.alarms.as_ref().and_then(|alarms| alarms.alarm(&row.id));
    if let Some(map) = value.as_object_mut() {
        map.insert("Evaluated".to_owned(), living.is_some().into());
        if let Some(alarm) = living {
            map.insert("ActionsEnabled".to_owned(), alarm.actions_enabled().into());
        }
    }
    value
}

/// Which items of history.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct HistoryParams {
    /// ARN or name.
    alarm: Option<String>,
    /// `StateUpdate`, `Action` or `ConfigurationUpdate`.
    item: Option<String>,
    /// Only changes into this state.
    state: Option<String>,
    account: Option<String>,
    limit: Option<String>,
    after: Option<String>,
    #[serde(flatten)]
    range: RangeParams,
}

/// `GET /api/v1/alarms/history`: the newest first.
pub(crate) async fn history(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Query(params): Query<HistoryParams>,
) -> Result<Json<Page<Value>>, ApiError> {
    let range = super::span(&params.range)?;
    let state = params.state.as_deref().map(str::parse::<AlarmState>).transpose();
    let filter = AlarmHistoryFilter {
        alarm: params.alarm,
        id: None,
        item_type: params.item,
        to_state: state.map_err(|error| ApiError::wrong(error.to_string()))?.map(|state| state.to_string()),
        since: range.from,
        until: range.to,
        account_id: params.account,
    };
    let after =
        params.after.as_deref().map(str::parse::<AlarmCursor>).transpose().map_err(ApiError::wrong)?;
    let most = limit(params.limit.as_deref(), MOST)?;
    let page = app.backend.state.alarms().history(&filter, most, after).await?;
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(Page::json(page.items.iter().map(rows::history_item).collect(), next))
}

/// What to simulate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Simulate {
    /// The definition, in the shape of `PutMetricAlarm`.
    alarm: Option<Value>,
    /// An alarm that is here, in its place.
    id: Option<String>,
    /// CSV: `timestamp,value`.
    datapoints: String,
    state: Option<String>,
    at: Option<String>,
}

/// `POST /api/v1/alarms/simulate`.
pub(crate) async fn simulate(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
    Body(body): Body<Simulate>,
) -> Result<Json<Simulation>, ApiError> {
    let definition = match (body.alarm, body.id) {
        (Some(alarm), None) => alarm.to_string(),
        (None, Some(id)) => app.backend.state.alarms().get(&id).await?.definition,
        _ => {
            return Err(ApiError::wrong(
                "give either `alarm`, a definition, or `id`, of an alarm that is here",
            ));
        }
    };
    let asked = Asked {
        definition,
        datapoints: body.datapoints,
        state: body.state.unwrap_or_default(),
        at: body.at.unwrap_or_default(),
    };
    let done = simulating::simulate(asked).await.map_err(|refused| {
        let field = match &refused {
            Refused::Definition(_) => "alarm",
            Refused::Datapoints(_) => "datapoints",
            Refused::State(_) => "state",
            Refused::Time(_) => "at",
            Refused::Failed => {
                return ApiError::new(
                    axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    refused.reason(),
                );
            }
        };
        ApiError::wrong(format!("{field}: {}", refused.reason()))
    })?;
    Ok(Json(done.simulation))
}

/// Which alarm's actions, and whether they run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    /// ARN or name.
    id: String,
    enabled: bool,
}

/// What is so now.
#[derive(Debug, Serialize)]
pub(crate) struct Switched {
    id: String,
    enabled: bool,
}

/// `POST /api/v1/alarms/actions`.
pub(crate) async fn actions(
    State(app): State<Shared>,
    ApiResponder(who): ApiResponder,
    Body(switch): Body<Switch>,
) -> Result<Json<Switched>, ApiError> {
    let row = app.backend.state.alarms().get(&switch.id).await?;
    let Some(alarms) = app.backend.alarms.as_ref().filter(|alarms| alarms.is_evaluated(&row.id)) else {
        let text = format!("CloudWatch evaluates '{}'; switch its actions there", row.name);
        return Err(ApiError::new(axum::http::StatusCode::CONFLICT, "conflict", text));
    };
    let done = alarms.set_actions_enabled(&row.id, switch.enabled, &who.actor(), alarms.now()).await;
    done.map_err(|error| match error {
        AlarmsError::State(error) => error.into(),
        other => ApiError::wrong(other.to_string()),
    })?;
    Ok(Json(Switched { id: row.id, enabled: switch.enabled }))
}
