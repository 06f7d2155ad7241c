//! The people who may log in.

use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_state::{Role, User};

use crate::app::Shared;
use crate::auth::{Admin, Posted};
use crate::console::layout::Frame;
use crate::console::link::segment;
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;

/// A user to make.
#[derive(Deserialize)]
pub(crate) struct NewUser {
    name: String,
    password: String,
    role: String,
}

/// What to change. One thing at a time.
#[derive(Deserialize)]
pub(crate) struct Change {
    role: Option<String>,
    password: Option<String>,
    /// `disable`, `enable` or `delete`.
    #[serde(rename = "do")]
    act: Option<String>,
}

fn role(text: &str) -> Result<Role, PageError> {
    text.parse().map_err(|reason| PageError::wrong("No such role", reason))
}

/// `GET /settings/users`.
pub(crate) async fn page(State(app): State<Shared>, Admin(who): Admin) -> Result<Markup, PageError> {
    let frame = app.frame(&who).await?;
    let users = app.backend.state.users().list().await?;
    let now = Utc::now();
    let body = html! {
        (form(&frame))
        section.panel {
            header { h2 { "Users" } @if app.open() { div.end { "Login is off: this console listens on loopback only. Users matter once it listens elsewhere, or with server.login = true." } } }
            @if users.is_empty() { (parts::empty(Icon::Settings, "No users", &html! { p { "Create the first one above, an admin." } })) }
            @else { div.scroll { table.tbl {
                thead { tr { th { "Name" } th { "Role" } th { "Last login" } th { "New password" } th { "" } } }
                tbody { @for user in &users { (row(&frame, user, now)) } }
            } } }
        }
    };
    Ok(super::page(&frame, "/settings/users", &body))
}

/// `POST /settings/users`.
pub(crate) async fn create(
    State(app): State<Shared>,
    Admin(who): Admin,
    Posted(new): Posted<NewUser>,
) -> Result<Redirect, PageError> {
    let role = role(&new.role)?;
    app.backend.state.users().create(new.name.trim(), &new.password, role, &who.actor(), Utc::now()).await?;
    Ok(Redirect::to("/settings/users"))
}

/// `POST /settings/users/{name}`.
pub(crate) async fn change(
    State(app): State<Shared>,
    Admin(who): Admin,
    Path(name): Path<String>,
    Posted(change): Posted<Change>,
) -> Result<Redirect, PageError> {
    let (users, actor, now) = (app.backend.state.users(), who.actor(), Utc::now());
    match change.act.as_deref() {
        Some("disable") => users.set_disabled(&name, true, &actor, now).await?,
        Some("enable") => users.set_disabled(&name, false, &actor, now).await?,
        Some("delete") => users.delete(&name, &actor, now).await?,
        Some(other) => return Err(PageError::wrong("No such act", format!("'{other}' is none"))),
        None => {
            if let Some(text) = &change.role {
                users.set_role(&name, role(text)?, &actor, now).await?;
            }
            if let Some(password) = change.password.as_deref().filter(|password| !password.is_empty()) {
                users.set_password(&name, password, &actor, now).await?;
            }
        }
    }
    Ok(Redirect::to("/settings/users"))
}

fn row(frame: &Frame, user: &User, now: DateTime<Utc>) -> Markup {
    let action = format!("/settings/users/{}", segment(&user.name));
    let act = |value: &str, name: &str| {
        html! { form method="post" action=(action) { (frame.csrf_field()) button.btn.sm.ghost name="do" value=(value) { (name) } } }
    };
    html! {
        tr data-row {
            td.strong { (user.name) @if user.disabled { " " span.badge.plain { "disabled" } } }
            td { form.row method="post" action=(action) {
                (frame.csrf_field())
                select name="role" data-submit aria-label={ "Role of " (user.name) } { (roles(user.role)) }
                noscript { button.btn.sm { "Set" } }
            } }
            td { @match user.last_login_at { Some(at) => (parts::ago(at, now)), None => span.muted { "never" } } }
            td { form.row method="post" action=(action) {
                (frame.csrf_field())
                input type="password" name="password" autocomplete="new-password" minlength="12" required aria-label={ "New password of " (user.name) };
                button.btn.sm { "Set" }
            } }
            td { div.row {
                @if user.disabled { (act("enable", "Enable")) } @else { (act("disable", "Disable")) }
                (act("delete", "Delete"))
            } }
        }
    }
}

fn roles(chosen: Role) -> Markup {
    html! { @for role in Role::ALL { option value=(role.as_str()) selected[role == chosen] { (role.as_str()) } } }
}

fn form(frame: &Frame) -> Markup {
    html! {
        section.panel {
            header { h2 { "New user" } }
            form.pad.filters method="post" action="/settings/users" {
                (frame.csrf_field())
                input name="name" placeholder="Name" required maxlength="64" autocomplete="off" aria-label="Name";
                input type="password" name="password" placeholder="Password, 12 characters or more" required minlength="12" size="30" autocomplete="new-password" aria-label="Password";
                select name="role" aria-label="Role" { (roles(Role::Viewer)) }
                button.btn.primary data-default { "Create user" }
            }
            p.pad.muted { "viewer reads · analyst triages findings and saves queries · responder approves responses · admin manages users and tokens" }
        }
    }
}
