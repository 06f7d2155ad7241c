//! Light or dark, for those without the script.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::app::Shared;
use crate::auth::{Posted, Viewer};

/// The name of the cookie that the script and this page set.
pub(crate) const COOKIE: &str = "trailkeep_theme";

/// The form has nothing but its token.
#[derive(Debug, Deserialize)]
pub(crate) struct Switch {}

/// `POST /theme`.
pub(crate) async fn switch(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    headers: HeaderMap,
    Posted(Switch {}): Posted<Switch>,
) -> Response {
    let next = if who.theme == Some("dark") { "light" } else { "dark" };
    let secure = if app.secure_cookies() { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={next}; Path=/; Max-Age=31536000; SameSite=Strict{secure}");
    let back = headers
        .get(header::REFERER)
        .and_then(|referer| url::Url::parse(referer.to_str().ok()?).ok())
        .map_or_else(|| "/".to_owned(), |url| url[url::Position::BeforePath..].to_owned());
    ([(header::SET_COOKIE, cookie)], Redirect::to(&super::login::local(&back))).into_response()
}
