//! Who asks, and what they may do.
//!
//! Every request is *identified* once (a bearer token, a session cookie, or nobody; on an open
//! loopback console everybody is the local administrator). A handler then *demands* what it needs
//! by its extractor: [`Viewer`], [`Analyst`], [`Admin`] for pages, [`ApiViewer`], [`ApiAnalyst`], [`ApiResponder`]
//! for the API, [`Sender`] for the ingest endpoint. A handler without one is public, and there
//! are few of them: login, assets, health, and Slack's buttons, which are signed.

mod demand;
mod form;
mod identify;
pub(crate) mod oidc;

use std::net::IpAddr;

use trailkeep_state::{Actor, Role};

pub(crate) use demand::{Admin, Analyst, ApiAnalyst, ApiResponder, ApiViewer, Responder, Sender, Viewer};
pub(crate) use form::{Posted, list};
pub(crate) use identify::{Peer, clear_cookie, identify, session_cookie, session_policy};
pub(crate) use oidc::Oidc;

use crate::app::App;

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) via: Via,
    pub(crate) address: Option<IpAddr>,
    pub(crate) theme: Option<&'static str>,
}

/// How they showed it.
#[derive(Debug, Clone)]
pub(crate) enum Via {
    /// Not at all: the console is open.
    Open,
    /// A session's cookie, with what its forms carry.
    Session { id: String, csrf: String },
    /// An API token.
    ApiToken,
    /// An ingest token.
    IngestToken,
}

impl Identity {
    /// As the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        Actor { name: self.name.clone(), address: self.address.map(|address| address.to_string()) }
    }

    /// What their forms carry. Tokens post no forms.
    pub(crate) fn csrf<'a>(&'a self, app: &'a App) -> &'a str {
        match &self.via {
            Via::Session { csrf, .. } => csrf,
            Via::Open => &app.open_csrf,
            Via::ApiToken | Via::IngestToken => "",
        }
    }
}
