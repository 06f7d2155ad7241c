//! Runs the actions of alarms: a message to the channel that an action names.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trailkeep_alarms::AlarmState;
use trailkeep_alarms::engine::{ActionRun, action_item, scope_of_arn};
use trailkeep_respond::config::RespondConfig;
use trailkeep_respond::desk::DeskError;
use trailkeep_respond::incident::AlarmTransition;
use trailkeep_respond::route::Notification;
use trailkeep_state::{AlarmCommit, Item, NewMessage, State};

use super::rows;

/// One action to run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AlarmAction {
    pub(super) run: ActionRun,
    /// An ARN, or the name of a channel.
    pub(super) action: String,
}

/// The same when the same change of state asks for the same action again.
pub(super) fn key(todo: &AlarmAction) -> String {
    let run = &todo.run;
    let id = rows::id_of(run.alarm_arn.as_deref(), &run.alarm_name);
    let at = run.since.timestamp_millis();
    trailkeep_respond::incident::hash(&[id, run.state.as_str(), &at.to_string(), &todo.action])
}

/// Runs an action, and writes that into the alarm's history.
///
/// # Errors
/// When the state cannot be written; the item is to be taken again then.
pub(crate) async fn act(
    state: &State,
    config: &RespondConfig,
    item: &Item,
    now: DateTime<Utc>,
) -> Result<(), DeskError> {
    let todo: AlarmAction = match serde_json::from_str(&item.payload) {
        Ok(todo) => todo,
        Err(error) => {
            tracing::warn!(%error, key = item.key, "an alarm's action cannot be read; it is not run");
            return Ok(());
        }
    };
    let AlarmAction { run, action } = &todo;
    let failure = match config.channel(action) {
        Some(_) => {
            let message = Notification::alarm(action, &item.key, &transition(run), now);
            let payload =
                serde_json::to_string(&message).map_err(|error| DeskError::Write(error.to_string()))?;
            let new = NewMessage {
                key: message.key,
                channel: action.clone(),
                kind: Notification::KIND.to_owned(),
                payload,
            };
            state.outbox().enqueue(&new, now).await?;
            None
        }
        None => Some(format!(
            "there is no channel {action:?}; name a [[respond.channel]], or give the ARN of an SNS topic, an OpsItem or a response plan"
        )),
    };
    if let Some(reason) = &failure {
        tracing::warn!(alarm = run.alarm_name, action, reason, "an alarm's action was not run");
    }
    let event = rows::event(&action_item(run, action, failure.as_deref(), now));
    let commit = AlarmCommit { events: vec![event], ..AlarmCommit::default() };
    state.alarms().commit(&commit, now).await?;
    Ok(())
}

fn transition(run: &ActionRun) -> AlarmTransition {
    let scope = run.alarm_arn.as_deref().and_then(scope_of_arn);
    let old_state = match run.state {
        AlarmState::Alarm => "not in ALARM",
        _ => "another state",
    };
    AlarmTransition {
        alarm_name: run.alarm_name.clone(),
        alarm_arn: rows::id_of(run.alarm_arn.as_deref(), &run.alarm_name).to_owned(),
        old_state: old_state.to_owned(),
        new_state: run.state.as_str().to_owned(),
        reason: run.reason.clone(),
        time: run.since,
        account_id: scope.map(|(_, account)| account.to_owned()),
        region: scope.map(|(region, _)| region.to_owned()),
        level: None,
        owner: None,
    }
}
