//! Logging in and out.

use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Utc;
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_state::Login;

use super::layout::door;
use super::link::Link;
use super::parts;
use crate::app::Shared;
use crate::auth::{Identity, Peer, Posted, Via, Viewer, clear_cookie, session_cookie, session_policy};
use crate::http::error::PageError;

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    next: String,
}

/// The login form.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// The form has nothing but its token.
#[derive(Debug, Deserialize)]
pub(crate) struct Leave {}

/// An address on this very server, or the overview: a login must not lead elsewhere.
pub(crate) fn local(next: &str) -> String {
    let fine = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r', '\t']);
    if fine { next.to_owned() } else { "/".to_owned() }
}

/// `GET /login`.
pub(crate) async fn page(
    State(app): State<Shared>,
    who: Option<Extension<Identity>>,
    Query(params): Query<Params>,
) -> Response {
    if who.is_some_and(|who| matches!(who.via, Via::Open | Via::Session { .. })) {
        return Redirect::to(&local(&params.next)).into_response();
    }
    form(&app, &params.next, None).into_response()
}

/// `POST /login`.
pub(crate) async fn enter(
    State(app): State<Shared>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    Form(given): Form<Credentials>,
) -> Result<Response, PageError> {
    let now = Utc::now();
    let state = &app.backend.state;
    match state.users().login(&given.name, &given.password, peer, now).await? {
        Login::Welcome(user) => {
            let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
            let address = peer.map(|peer| peer.to_string());
            let session = state
                .sessions()
                .create(user.id, address.as_deref(), agent, &session_policy(&app), now)
                .await?;
            Ok(welcome(&app, session.id.expose(), &given.next))
        }
        Login::Denied => {
            metrics::counter!("trailkeep_auth_failed_total", "kind" => "password").increment(1);
            let said = "Name or password is wrong.".to_owned();
            Ok((StatusCode::UNAUTHORIZED, form(&app, &given.next, Some(&said))).into_response())
        }
        Login::Wait { until } => {
            let seconds = (until - now).num_seconds().max(1);
            let said = format!("Too many attempts. Try again in {}.", parts::span(seconds));
            let retry = [(header::RETRY_AFTER, seconds.to_string())];
            Ok((StatusCode::TOO_MANY_REQUESTS, retry, form(&app, &given.next, Some(&said))).into_response())
        }
    }
}

/// The answer to a login that went well.
pub(crate) fn welcome(app: &Shared, session: &str, next: &str) -> Response {
    ([(header::SET_COOKIE, session_cookie(app, session))], Redirect::to(&local(next))).into_response()
}

/// `POST /logout`.
pub(crate) async fn leave(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Posted(Leave {}): Posted<Leave>,
) -> Result<Response, PageError> {
    if let Via::Session { id, .. } = &who.via {
        app.backend.state.sessions().delete(id, &who.actor(), Utc::now()).await?;
    }
    Ok(([(header::SET_COOKIE, clear_cookie(&app))], Redirect::to("/login")).into_response())
}

/// The login page, with what went wrong before.
pub(crate) fn form(app: &Shared, next: &str, said: Option<&str>) -> Markup {
    door(
        None,
        "Log in",
        &html! {
            @if let Some(said) = said { div.note.bad role="alert" { (said) } }
            form.panel method="post" action="/login" {
                input type="hidden" name="next" value=(local(next));
                label.field { span { "Name" } input name="name" autocomplete="username" autocapitalize="off" spellcheck="false" required autofocus; }
                label.field { span { "Password" } input type="password" name="password" autocomplete="current-password" required; }
                button.btn.primary { "Log in" }
            }
            @if let Some(oidc) = &app.config.server.oidc {
                a.btn href=(Link::to("/login/oidc").with("next", local(next)).href()) { (oidc.label) }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_nowhere_else() {
        for fine in ["/", "/search?q=a", "/findings/x"] {
            assert_eq!(local(fine), fine);
        }
        for evil in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "",
            "javascript:alert(1)",
            "/\t/evil.example",
        ] {
            assert_eq!(local(evil), "/", "{evil}");
        }
    }
}
