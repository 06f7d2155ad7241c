//! What people do to an alarm: switch its actions, set its state.

use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use serde::Deserialize;
use trailkeep_alarms::AlarmState;

use super::side::REASON;
use super::{href, now};
use crate::alarming::AlarmsError;
use crate::app::Shared;
use crate::auth::{Posted, Responder};
use crate::http::error::PageError;

/// In place of the path, for names that are something else as one.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    #[serde(default)]
    id: String,
}

/// The forms of an alarm's page.
#[derive(Debug, Deserialize)]
pub(crate) struct Act {
    /// `enable`, `disable` or `set_state`.
    act: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    reason: String,
}

/// `POST /alarms/{id}`.
pub(crate) async fn act(
    State(app): State<Shared>,
    Responder(who): Responder,
    Path(id): Path<String>,
    Query(named): Query<Named>,
    Posted(act): Posted<Act>,
) -> Result<Redirect, PageError> {
    let id = if named.id.is_empty() { id } else { named.id };
    let wrong = |text: String| PageError::wrong("That cannot be done", text);
    let row = app.backend.state.alarms().get(&id).await?;
    let Some(alarms) = app.backend.alarms.as_ref().filter(|alarms| alarms.is_evaluated(&row.id)) else {
        return Err(wrong(format!("CloudWatch evaluates {}; change it there", row.name)));
    };
    let (actor, now) = (who.actor(), now(&app));
    let done = match act.act.as_str() {
        "enable" | "disable" => alarms.set_actions_enabled(&row.id, act.act == "enable", &actor, now).await,
        "set_state" => {
            let state: AlarmState = act.state.parse().map_err(|error| wrong(format!("{error}")))?;
            let reason = act.reason.trim();
            if reason.is_empty() || reason.chars().count() > REASON {
                return Err(wrong(format!("give a reason, of {REASON} characters at most")));
            }
            alarms.set_state(&row.id, state, reason, &actor, now).await
        }
        other => return Err(wrong(format!("'{other}': enable, disable or set_state"))),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&href(&row.id))),
        Err(AlarmsError::State(error)) => Err(error.into()),
        Err(error) => Err(wrong(error.to_string())),
    }
}
