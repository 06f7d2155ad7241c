//! API and ingest tokens.

use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_state::{Role, Scope, Token};

use crate::app::Shared;
use crate::auth::{Admin, Posted};
use crate::console::layout::Frame;
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;

/// A token to make.
#[derive(Debug, Deserialize)]
pub(crate) struct NewToken {
    name: String,
    scope: String,
    /// Days until it expires; empty for never.
    #[serde(default)]
    days: String,
}

/// The form has nothing but its token.
#[derive(Debug, Deserialize)]
pub(crate) struct Revoke {}

/// `GET /settings/tokens`.
pub(crate) async fn page(State(app): State<Shared>, Admin(who): Admin) -> Result<Markup, PageError> {
    show(&app, &app.frame(&who).await?, None).await
}

/// `POST /settings/tokens`. The answer is the one page that shows the secret.
pub(crate) async fn create(
    State(app): State<Shared>,
    Admin(who): Admin,
    Posted(new): Posted<NewToken>,
) -> Result<Markup, PageError> {
    let now = Utc::now();
    let scope: Scope = new.scope.parse().map_err(|reason| PageError::wrong("No such scope", reason))?;
    let expires = match new.days.trim() {
        "" => None,
        days => match days.parse::<i64>().ok().filter(|days| (1..=3_650).contains(days)) {
            Some(days) => Some(now + TimeDelta::days(days)),
            None => {
                return Err(PageError::wrong(
                    "The expiry is not valid",
                    "write days, from 1 to 3650".to_owned(),
                ));
            }
        },
    };
    let (token, secret) =
        app.backend.state.tokens().create(&new.name, scope, expires, &who.actor(), now).await?;
    show(&app, &app.frame(&who).await?, Some((&token, secret.expose()))).await
}

/// `POST /settings/tokens/{id}/revoke`.
pub(crate) async fn revoke(
    State(app): State<Shared>,
    Admin(who): Admin,
    Path(id): Path<i64>,
    Posted(Revoke {}): Posted<Revoke>,
) -> Result<Redirect, PageError> {
    app.backend.state.tokens().revoke(id, &who.actor(), Utc::now()).await?;
    Ok(Redirect::to("/settings/tokens"))
}

async fn show(app: &Shared, frame: &Frame, made: Option<(&Token, &str)>) -> Result<Markup, PageError> {
    let tokens = app.backend.state.tokens().list().await?;
    let now = Utc::now();
    let body = html! {
        @if let Some((token, secret)) = made { (shown_once(token, secret)) }
        (form(frame))
        section.panel {
            header { h2 { "Tokens" } }
            @if tokens.is_empty() { (parts::empty(Icon::Settings, "No tokens", &html! { p { "Programs use tokens: an " b { "ingest" } " token sends events in, a role token uses the API." } })) }
            @else { div.scroll { table.tbl {
                thead { tr { th { "Name" } th { "Begins with" } th { "Scope" } th { "Made" } th { "Expires" } th { "Last used" } th { "" } } }
                tbody { @for token in &tokens { (row(frame, token, now)) } }
            } } }
        }
    };
    Ok(super::page(frame, "/settings/tokens", &body))
}

fn row(frame: &Frame, token: &Token, now: DateTime<Utc>) -> Markup {
    let expired = token.expires_at.is_some_and(|at| at <= now);
    html! {
        tr data-row {
            td.strong { (token.name) " " span.muted { "#" (token.id) } }
            td.mono { (token.hint) "…" }
            td { span.badge.plain { (token.scope) } }
            td { (parts::ago(token.created_at, now)) " " span.muted { "by " (token.created_by) } }
            td { @match token.expires_at { Some(at) => (parts::ago(at, now)), None => span.muted { "never" } } }
            td { @match token.last_used_at { Some(at) => (parts::ago(at, now)), None => span.muted { "never" } } }
            td.right {
                @if token.revoked_at.is_some() { span.badge.bad.plain { "revoked" } }
                @else if expired { span.badge.plain { "expired" } }
                @else { form method="post" action={ "/settings/tokens/" (token.id) "/revoke" } { (frame.csrf_field()) button.btn.sm.danger { "Revoke" } } }
            }
        }
    }
}

fn form(frame: &Frame) -> Markup {
    html! {
        section.panel {
            header { h2 { "New token" } }
            form.pad.filters method="post" action="/settings/tokens" {
                (frame.csrf_field())
                input name="name" placeholder="Name, such as vector-eu-1" required maxlength="120" size="28" aria-label="Name";
                select name="scope" aria-label="Scope" {
                    option value="ingest" { "ingest: send events in" }
                    @for role in Role::ALL { option value=(role.as_str()) { "API as " (role.as_str()) } }
                }
                input name="days" placeholder="Days, or empty for never" inputmode="numeric" size="22" aria-label="Days until it expires";
                button.btn.primary data-default { "Create token" }
            }
        }
    }
}

fn shown_once(token: &Token, secret: &str) -> Markup {
    let example = match token.scope {
        Scope::Ingest => {
            "curl -sS --fail -H \"Authorization: Bearer $TOKEN\" --data-binary @events.json.gz $URL/ingest/v1/events"
        }
        Scope::Api(_) => {
            "curl -sS --fail -H \"Authorization: Bearer $TOKEN\" \"$URL/api/v1/findings?level=high\""
        }
    };
    html! {
        div.note.ok role="status" { div.stack.grow {
            b { "Token " (token.name) " is made. It is shown this once; keep it now." }
            div.row { code.secret.grow { (secret) } (parts::copy(secret, "the token")) }
            pre.block { (example) }
        } }
    }
}
