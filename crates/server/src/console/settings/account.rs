//! One's own password.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Utc;
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_state::Login;

use crate::app::Shared;
use crate::auth::{Posted, Via, Viewer, clear_cookie};
use crate::http::error::PageError;

/// The old and the new one.
#[derive(Deserialize)]
pub(crate) struct NewPassword {
    old: String,
    new: String,
    again: String,
}

/// `GET /settings/account`.
pub(crate) async fn page(State(app): State<Shared>, Viewer(who): Viewer) -> Result<Markup, PageError> {
    let frame = app.frame(&who).await?;
    let body = html! {
        section.panel {
            header { h2 { "Change password" } }
            form.pad.stack method="post" action="/settings/account" {
                (frame.csrf_field())
                input type="hidden" name="username" autocomplete="username" value=(frame.name);
                label.field { span { "Password of now" } input type="password" name="old" autocomplete="current-password" required; }
                label.field { span { "New password, 12 characters or more" } input type="password" name="new" autocomplete="new-password" minlength="12" required; }
                label.field { span { "Again" } input type="password" name="again" autocomplete="new-password" minlength="12" required; }
                div { button.btn.primary data-default { "Change password" } }
                p.muted { "This ends all your sessions; you log in again with the new one." }
            }
        }
    };
    Ok(super::page(&frame, "/settings/account", &body))
}

/// `POST /settings/account`.
pub(crate) async fn change_password(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Posted(form): Posted<NewPassword>,
) -> Result<Response, PageError> {
    if !matches!(who.via, Via::Session { .. }) {
        return Err(PageError::Forbidden("nobody is logged in; there is no password to change".to_owned()));
    }
    if form.new != form.again {
        return Err(PageError::wrong("The passwords differ", "type the new one twice the same".to_owned()));
    }
    let users = app.backend.state.users();
    match users.login(&who.name, &form.old, who.address, Utc::now()).await? {
        Login::Welcome(_) => {}
        Login::Denied => {
            return Err(PageError::wrong("The old password is wrong", "nothing was changed".to_owned()));
        }
        Login::Wait { .. } => {
            return Err(PageError::wrong("Too many attempts", "try again in a minute".to_owned()));
        }
    }
    users.set_password(&who.name, &form.new, &who.actor(), Utc::now()).await?;
    Ok(([(header::SET_COOKIE, clear_cookie(&app))], Redirect::to("/login")).into_response())
}
