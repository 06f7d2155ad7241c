//! What people do with incidents. The desk writes the audit entry in the same transaction.

use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::Utc;
use serde::Deserialize;
use trailkeep_respond::desk::DeskError;
use trailkeep_respond::incident::Act as Deed;

use super::href;
use crate::app::Shared;
use crate::auth::{Analyst, Posted};
use crate::http::error::PageError;

/// Incidents that are acted on together.
const TOGETHER: usize = 200;

/// A form of the incident's page.
#[derive(Debug, Deserialize)]
pub(crate) struct Act {
    /// `acknowledge`, `resolve`, `reopen`, `assign`, `mine`, `note` or `link`.
    act: String,
    /// Why it is resolved; what the note says.
    #[serde(default)]
    text: String,
    /// To whom it is given; empty for nobody.
    #[serde(default)]
    to: String,
    /// The ticket's name.
    #[serde(default)]
    reference: String,
    /// The ticket's address.
    #[serde(default)]
    url: String,
}

/// The form of the list.
#[derive(Debug, Deserialize)]
pub(crate) struct ActOnMany {
    #[serde(default, deserialize_with = "crate::auth::list")]
    id: Vec<String>,
    #[serde(default)]
    act: String,
}

/// `POST /incidents/{id}`.
pub(crate) async fn act(
    State(app): State<Shared>,
    Analyst(who): Analyst,
    Path(id): Path<String>,
    Posted(act): Posted<Act>,
) -> Result<Redirect, PageError> {
    let (actor, now) = (who.actor(), Utc::now());
    let deed = match act.act.as_str() {
        "acknowledge" => Deed::Acknowledge,
        "resolve" => Deed::Resolve { comment: act.text },
        "reopen" => Deed::Reopen,
        "assign" => Deed::Assign { to: Some(act.to) },
        "mine" => Deed::Assign { to: Some(who.name.clone()) },
        "note" => Deed::Note { text: act.text },
        "link" => {
            let url = Some(act.url.trim()).filter(|url| !url.is_empty());
            app.desk.link(&id, act.reference.trim(), url, &actor, now).await?;
            return Ok(Redirect::to(&href(&id)));
        }
        other => return Err(no_such(other)),
    };
    app.desk.act(&id, &deed, &actor, now).await?;
    Ok(Redirect::to(&href(&id)))
}

/// `POST /incidents`: one act for several.
pub(crate) async fn act_on_many(
    State(app): State<Shared>,
    Analyst(who): Analyst,
    Posted(act): Posted<ActOnMany>,
) -> Result<Redirect, PageError> {
    if act.id.is_empty() {
        let text = "tick the incidents, then press what is to be done with them";
        return Err(PageError::wrong("Nothing is chosen", text.to_owned()));
    }
    if act.id.len() > TOGETHER {
        return Err(PageError::wrong("Too many are chosen", format!("choose {TOGETHER} at most at a time")));
    }
    let deed = match act.act.as_str() {
        "acknowledge" => Deed::Acknowledge,
        "resolve" => Deed::Resolve { comment: String::new() },
        other => return Err(no_such(other)),
    };
    let (actor, now) = (who.actor(), Utc::now());
    let mut refused = Vec::new();
    for id in &act.id {
        match app.desk.act(id, &deed, &actor, now).await {
            Ok(_) => {}
            Err(error @ (DeskError::Act(_) | DeskError::NotFound { .. })) => refused.push(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    if refused.is_empty() {
        return Ok(Redirect::to("/incidents"));
    }
    let done = act.id.len() - refused.len();
    Err(PageError::wrong(
        "Not all could be done",
        format!("{done} of {} were; {}", act.id.len(), refused.join("; ")),
    ))
}

fn no_such(act: &str) -> PageError {
    PageError::wrong("No such act", format!("'{act}': go back, reload the page and press a button of it"))
}
