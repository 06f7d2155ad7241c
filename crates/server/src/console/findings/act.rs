//! What people do with findings. The state writes the audit entry in the same transaction.

use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::Utc;
use serde::Deserialize;
use trailkeep_state::Status;

use crate::app::Shared;
use crate::auth::{Analyst, Posted};
use crate::console::link::segment;
use crate::http::error::PageError;

/// A form of the finding's page. What is absent is left alone.
#[derive(Debug, Deserialize)]
pub(crate) struct Act {
    status: Option<String>,
    assignee: Option<String>,
    /// Set by the button that assigns to oneself.
    mine: Option<String>,
    note: Option<String>,
}

/// The form of the list.
#[derive(Debug, Deserialize)]
pub(crate) struct ActOnMany {
    #[serde(default, deserialize_with = "crate::auth::list")]
    id: Vec<String>,
    status: String,
}

/// `POST /findings/{id}`.
pub(crate) async fn act(
    State(app): State<Shared>,
    Analyst(who): Analyst,
    Path(id): Path<String>,
    Posted(act): Posted<Act>,
) -> Result<Redirect, PageError> {
    let (findings, actor, now) = (app.backend.state.findings(), who.actor(), Utc::now());
    let ids = [id];
    if let Some(status) = act.status.as_deref().filter(|_| act.mine.is_none()) {
        let status: Status = status.parse().map_err(|reason| PageError::wrong("No such status", reason))?;
        findings.set_status(&ids, status, &actor, now).await?;
    }
    if act.mine.is_some() {
        findings.assign(&ids, Some(&who.name), &actor, now).await?;
    } else if let Some(assignee) = &act.assignee {
        findings.assign(&ids, Some(assignee.as_str()), &actor, now).await?;
    }
    if let Some(note) = act.note.as_deref().filter(|note| !note.trim().is_empty()) {
        findings.add_note(&ids[0], note, &actor, now).await?;
    }
    Ok(Redirect::to(&format!("/findings/{}", segment(&ids[0]))))
}

/// `POST /findings`: one status for several.
pub(crate) async fn act_on_many(
    State(app): State<Shared>,
    Analyst(who): Analyst,
    Posted(act): Posted<ActOnMany>,
) -> Result<Redirect, PageError> {
    let status: Status = act.status.parse().map_err(|reason| PageError::wrong("No such status", reason))?;
    if act.id.is_empty() {
        return Err(PageError::wrong(
            "Nothing is chosen",
            "tick the findings to change, then set their status".to_owned(),
        ));
    }
    app.backend.state.findings().set_status(&act.id, status, &who.actor(), Utc::now()).await?;
    Ok(Redirect::to("/findings"))
}
