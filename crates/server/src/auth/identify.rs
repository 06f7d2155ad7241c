//! From a request to an [`Identity`].

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{TimeDelta, Utc};
use trailkeep_state::{Role, Scope, SessionPolicy, StateError};

use super::{Identity, Via};
use crate::app::{App, Shared};
use crate::console::theme;
use crate::http::error::ApiError;

/// The address of the other end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Peer(pub(crate) Option<IpAddr>);

/// The sessions of this server.
pub(crate) fn session_policy(app: &App) -> SessionPolicy {
    let lifetime = TimeDelta::from_std(app.config.server.session).unwrap_or(TimeDelta::hours(12));
    SessionPolicy { lifetime, idle: lifetime.min(TimeDelta::hours(2)) }
}

/// `__Host-` lets browsers take the cookie over TLS only, for this very host and every path.
fn cookie_name(app: &App) -> &'static str {
    if app.secure_cookies() { "__Host-trailkeep_session" } else { "trailkeep_session" }
}

/// The cookie that opens a session. `Lax`, so that a link from a ticket finds its reader logged in.
pub(crate) fn session_cookie(app: &App, id: &str) -> String {
    let secure = if app.secure_cookies() { "; Secure" } else { "" };
    let age = app.config.server.session.as_secs();
    format!("{}={id}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}", cookie_name(app))
}

/// The cookie that takes it away.
pub(crate) fn clear_cookie(app: &App) -> String {
    let secure = if app.secure_cookies() { "; Secure" } else { "" };
    format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}", cookie_name(app))
}

/// Finds out who asks, and notes it with the request.
pub(crate) async fn identify(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    request.extensions_mut().insert(Peer(peer));
    match find(&app, request.headers(), peer).await {
        Ok(Some(identity)) => {
            request.extensions_mut().insert(identity);
        }
        Ok(None) => {}
        Err(refused) => return refused,
    }
    next.run(request).await
}

async fn find(app: &App, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Option<Identity>, Response> {
    let theme = theme_of(headers);
    if let Some(token) = bearer(headers) {
        let found = app.backend.state.tokens().verify(token, Utc::now()).await.map_err(failed)?;
        let Some(token) = found else {
            metrics::counter!("trailkeep_auth_failed_total", "kind" => "token").increment(1);
            let text = "the token is unknown, revoked or expired; make another under Settings, Tokens";
            return Err(
                ApiError::new(axum::http::StatusCode::UNAUTHORIZED, "unauthorized", text).into_response()
            );
        };
        let (role, via) = match token.scope {
            Scope::Api(role) => (role, Via::ApiToken),
            Scope::Ingest => (Role::Viewer, Via::IngestToken),
        };
        // The number goes with the name, so that two tokens of one name are told apart.
        return Ok(Some(Identity {
            name: format!("{} #{}", token.name, token.id),
            role,
            via,
            address: peer,
            theme,
        }));
    }
    if app.open() {
        let name = "local".to_owned();
        return Ok(Some(Identity { name, role: Role::Admin, via: Via::Open, address: peer, theme }));
    }
    let Some(id) = cookie(headers, cookie_name(app)) else { return Ok(None) };
    let session =
        app.backend.state.sessions().get(id, &session_policy(app), Utc::now()).await.map_err(failed)?;
    Ok(session.map(|session| Identity {
        name: session.user.name,
        role: session.user.role,
        via: Via::Session { id: id.to_owned(), csrf: session.csrf },
        address: peer,
        theme,
    }))
}

fn failed(error: StateError) -> Response {
    ApiError::from(error).into_response()
}

/// `Authorization: Bearer …`, or the header in which Firehose sends its access key.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    if let Some(key) = headers.get("x-amz-firehose-access-key") {
        return key.to_str().ok();
    }
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}

fn theme_of(headers: &HeaderMap) -> Option<&'static str> {
    match cookie(headers, theme::COOKIE) {
        Some("light") => Some("light"),
        Some("dark") => Some("dark"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_and_bearers_are_found() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; trailkeep_theme=dark; trailkeep_session=x".parse().unwrap());
        headers.insert(header::AUTHORIZATION, "bearer tk_1".parse().unwrap());
        assert_eq!(cookie(&headers, "trailkeep_session"), Some("x"));
        assert_eq!(cookie(&headers, "session"), None);
        assert_eq!(theme_of(&headers), Some("dark"));
        assert_eq!(bearer(&headers), Some("tk_1"));
    }
}
