//! What a handler demands of the one who asks.

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use trailkeep_state::Role;

use super::{Identity, Via};
use crate::app::Shared;
use crate::http::error::{ApiError, PageError};

/// May look at pages.
#[derive(Debug)]
pub(crate) struct Viewer(pub(crate) Identity);
/// May triage and save.
#[derive(Debug)]
pub(crate) struct Analyst(pub(crate) Identity);
/// May put changes back.
#[derive(Debug)]
pub(crate) struct Responder(pub(crate) Identity);
/// May manage users and tokens.
#[derive(Debug)]
pub(crate) struct Admin(pub(crate) Identity);
/// May read through the API.
#[derive(Debug)]
pub(crate) struct ApiViewer(#[expect(dead_code, reason = "reading leaves no trace")] pub(crate) Identity);
/// May triage through the API.
#[derive(Debug)]
pub(crate) struct ApiAnalyst(pub(crate) Identity);
/// May silence, and try channels, through the API.
#[derive(Debug)]
pub(crate) struct ApiResponder(pub(crate) Identity);
/// May send events in; the name goes into the events' source.
#[derive(Debug)]
pub(crate) struct Sender(pub(crate) String);

fn page(parts: &Parts, needed: Role) -> Result<Identity, PageError> {
    let identity =
        parts.extensions.get::<Identity>().filter(|who| matches!(who.via, Via::Open | Via::Session { .. }));
    let Some(identity) = identity else {
        // After the login, a form would have to be sent again: back to the page, not to the act.
        let original = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let back = original.path_and_query().filter(|_| parts.method == Method::GET);
        return Err(PageError::Login(back.map_or("/", |path| path.as_str()).to_owned()));
    };
    if identity.role.allows(needed) {
        return Ok(identity.clone());
    }
    let text = format!("this needs the role {needed}, and yours is {}; ask an administrator", identity.role);
    Err(PageError::Forbidden(text))
}

fn api(parts: &Parts, needed: Role) -> Result<Identity, ApiError> {
    let Some(identity) = parts.extensions.get::<Identity>() else {
        let text = "send an API token: `Authorization: Bearer …`; make one under Settings, Tokens";
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", text));
    };
    if matches!(identity.via, Via::IngestToken) {
        let text = "an ingest token can send events in, and nothing else; use an API token";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "forbidden", text));
    }
    if identity.role.allows(needed) {
        return Ok(identity.clone());
    }
    let text = format!("this needs the role {needed}, and this token or user has {}", identity.role);
    Err(ApiError::new(StatusCode::FORBIDDEN, "forbidden", text))
}

macro_rules! demand {
    ($name:ident, $check:ident, $role:expr, $rejection:ty) => {
        impl FromRequestParts<Shared> for $name {
            type Rejection = $rejection;

            async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Self::Rejection> {
                $check(parts, $role).map(Self)
            }
        }
    };
}

demand!(Viewer, page, Role::Viewer, PageError);
demand!(Analyst, page, Role::Analyst, PageError);
demand!(Responder, page, Role::Responder, PageError);
demand!(Admin, page, Role::Admin, PageError);
demand!(ApiViewer, api, Role::Viewer, ApiError);
demand!(ApiAnalyst, api, Role::Analyst, ApiError);
demand!(ApiResponder, api, Role::Responder, ApiError);

impl FromRequestParts<Shared> for Sender {
    type Rejection = ApiError;

    /// An ingest token, or an open console. API tokens and sessions cannot send events in: who
    /// reads must not be able to forge.
    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Self::Rejection> {
        match parts.extensions.get::<Identity>() {
            Some(identity) if matches!(identity.via, Via::IngestToken | Via::Open) => {
                Ok(Self(identity.name.rsplit('#').next().unwrap_or_default().to_owned()))
            }
            Some(_) => {
                let text = "sending events in needs an ingest token, which is made under Settings, Tokens";
                Err(ApiError::new(StatusCode::FORBIDDEN, "forbidden", text))
            }
            None => {
                let text = "send an ingest token: `Authorization: Bearer …`; make one under Settings, Tokens";
                Err(ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", text))
            }
        }
    }
}
