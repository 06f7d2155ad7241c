//! Errors as pages and as JSON.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Serialize;
use trailkeep_respond::desk::DeskError;
use trailkeep_respond::incident::ActError;
use trailkeep_state::{ErrorKind, StateError};

use crate::backend::LogsError;
use crate::console::layout::door;
use crate::console::parts;

/// Why a page could not be shown.
#[derive(Debug)]
pub(crate) enum PageError {
    /// Nobody is logged in; with the address to come back to.
    Login(String),
    /// The role is not enough.
    Forbidden(String),
    /// The request is wrong, and how.
    Wrong(String, String),
    /// There is no such thing.
    NotFound(String),
    /// Our fault, or the store's.
    Failed(StatusCode, String),
}

impl PageError {
    pub(crate) fn wrong(title: &str, reason: String) -> Self {
        Self::Wrong(title.to_owned(), reason)
    }
}

impl From<StateError> for PageError {
    fn from(error: StateError) -> Self {
        let text = error.to_string();
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound(text),
            ErrorKind::Invalid | ErrorKind::Conflict => Self::Wrong("That cannot be done".to_owned(), text),
            ErrorKind::Busy => Self::Failed(StatusCode::SERVICE_UNAVAILABLE, text),
            ErrorKind::Storage => Self::Failed(StatusCode::INTERNAL_SERVER_ERROR, text),
        }
    }
}

impl From<DeskError> for PageError {
    fn from(error: DeskError) -> Self {
        let text = error.to_string();
        match error {
            DeskError::State(error) => error.into(),
            DeskError::NotFound { .. } => Self::NotFound(text),
            DeskError::Busy => Self::Failed(StatusCode::SERVICE_UNAVAILABLE, text),
            DeskError::Write(_) => Self::Failed(StatusCode::INTERNAL_SERVER_ERROR, text),
            _ => Self::Wrong("That cannot be done".to_owned(), text),
        }
    }
}

impl From<LogsError> for PageError {
    fn from(error: LogsError) -> Self {
        match error {
            LogsError::Wrong(text) => Self::Wrong("The query is not understood".to_owned(), text),
            LogsError::Failed(text) => Self::Failed(StatusCode::INTERNAL_SERVER_ERROR, text),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, title, reason) = match self {
            Self::Login(back) => {
                return Redirect::to(&crate::console::link::Link::to("/login").with("next", back).href())
                    .into_response();
            }
            Self::Forbidden(reason) => (StatusCode::FORBIDDEN, "Not allowed".to_owned(), reason),
            Self::Wrong(title, reason) => (StatusCode::BAD_REQUEST, title, reason),
            Self::NotFound(reason) => (StatusCode::NOT_FOUND, "Not found".to_owned(), reason),
            Self::Failed(status, reason) => {
                tracing::error!(%reason, "request failed");
                (status, "Something failed".to_owned(), reason)
            }
        };
        let body = html! {
            section.panel { h1 { (title) } (parts::failed("What happened", &reason)) a.btn href="/" { "Overview" } }
        };
        (status, door(None, &title, &body)).into_response()
    }
}

/// An error of the API: `{"error":{"code":…,"message":…}}`.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Seconds to wait before the next try.
    pub(crate) retry_after: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    pub(crate) fn wrong(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }
}

#[derive(Serialize)]
struct Problem<'a> {
    error: ProblemBody<'a>,
}

#[derive(Serialize)]
struct ProblemBody<'a> {
    code: &'a str,
    message: &'a str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if self.status.is_server_error() && self.status != StatusCode::SERVICE_UNAVAILABLE {
            tracing::error!(code = self.code, message = self.message, "api request failed");
        }
        let problem = Problem { error: ProblemBody { code: self.code, message: &self.message } };
        let mut response = (self.status, Json(problem)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, axum::http::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StateError> for ApiError {
    fn from(error: StateError) -> Self {
        let text = error.to_string();
        match error.kind() {
            ErrorKind::NotFound => Self::not_found(text),
            ErrorKind::Invalid => Self::wrong(text),
            ErrorKind::Conflict => Self::new(StatusCode::CONFLICT, "conflict", text),
            ErrorKind::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text).retry_after(2),
            ErrorKind::Storage => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text),
        }
    }
}

impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        let text = error.to_string();
        match error {
            DeskError::State(error) => error.into(),
            DeskError::NotFound { .. } => Self::not_found(text),
            DeskError::Act(ActError::Resolved { .. } | ActError::NotResolved { .. }) => {
                Self::new(StatusCode::CONFLICT, "conflict", text)
            }
            DeskError::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text).retry_after(2),
            DeskError::Write(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text),
            _ => Self::wrong(text),
        }
    }
}

impl From<LogsError> for ApiError {
    fn from(error: LogsError) -> Self {
        match error {
            LogsError::Wrong(text) => Self::wrong(text),
            LogsError::Failed(text) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", text),
        }
    }
}
