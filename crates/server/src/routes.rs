//! Every route, in one place.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post};
use maud::html;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::app::Shared;
use crate::console::{self, alarms, findings, incidents, settings};
use crate::http::error::PageError;
use crate::http::guard::{self, Guard};
use crate::http::headers;
use crate::{api, auth, hooks, ingest};

/// The whole application.
pub(crate) fn router(app: Shared) -> Router {
    let guard = Guard::new(&app.config.server);
    let tls = app.secure_cookies();
    Router::new()
        .merge(pages())
        .merge(programs())
        .fallback(nothing)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), auth::identify))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(measure))
        .layer(CompressionLayer::new().gzip(true))
        .layer(middleware::from_fn(move |request, next| guard::check(guard.clone(), request, next)))
        .layer(middleware::from_fn(move |request, next| headers::secure(tls, request, next)))
        .with_state(app)
}

/// For people.
fn pages() -> Router<Shared> {
    Router::new()
        .route("/", get(console::overview::page))
        .route("/controls", get(console::controls::index_page))
        .route("/controls/{control}", get(console::controls::control_page))
        .route("/controls/{control}/{check}", get(console::controls::check_page))
        .route("/controls/results/{id}", get(console::controls::result_page))
        .route("/search", get(console::search::page))
        .route("/events/{table}/{event_uid}", get(console::event::page))
        .route("/sql", get(console::sql::page).post(console::sql::run))
        .route("/sql/saved/{id}/delete", post(console::sql::delete))
        .route("/findings", get(findings::list_page).post(findings::act_on_many))
        .route("/findings/{id}", get(findings::detail_page).post(findings::act))
        .route("/incidents", get(incidents::list_page).post(incidents::act_on_many))
        .route("/incidents/{id}", get(incidents::detail_page).post(incidents::act))
        .route("/silences", get(console::silences::page).post(console::silences::create))
        .route("/silences/{id}/end", post(console::silences::end))
        .route("/channels", get(console::channels::page))
        .route("/channels/{name}/test", post(console::channels::test))
        .route("/channels/{name}/retry", post(console::channels::retry))
        .route("/alarms", get(alarms::list_page))
        .route("/alarms/simulate", get(alarms::simulate_form).post(alarms::simulate))
        .route("/alarms/{id}", get(alarms::detail_page).post(alarms::act))
        .route("/responses", get(console::responses::list_page))
        .route("/responses/{id}", get(console::responses::detail_page).post(console::responses::act))
        .route("/settings", get(settings::index))
        .route("/settings/tokens", get(settings::tokens_page).post(settings::create_token))
        .route("/settings/tokens/{id}/revoke", post(settings::revoke_token))
        .route("/settings/users", get(settings::users_page).post(settings::create_user))
        .route("/settings/users/{name}", post(settings::change_user))
        .route("/settings/audit", get(settings::audit_page))
        .route("/settings/runs", get(settings::runs_page))
        .route("/settings/account", get(settings::account_page).post(settings::change_password))
        .route("/login", get(console::login::page).post(console::login::enter))
        .route("/login/oidc", get(auth::oidc::begin))
        .route("/login/oidc/callback", get(auth::oidc::callback))
        .route("/logout", post(console::login::leave))
        .route("/theme", post(console::theme::switch))
        .route("/assets/{name}", get(console::assets::serve))
}

/// For programs.
fn programs() -> Router<Shared> {
    Router::new()
        .route("/api/v1/query", post(api::query))
        .route("/api/v1/search", get(api::search))
        .route("/api/v1/tables", get(api::tables))
        .route("/api/v1/findings", get(api::findings))
        .route("/api/v1/findings/{id}", get(api::finding).merge(patch(api::change_finding)))
        .route("/api/v1/incidents", get(api::incidents))
        .route("/api/v1/incidents/{id}", get(api::incident).merge(patch(api::change_incident)))
        .route("/api/v1/silences", get(api::silences).post(api::create_silence))
        .route("/api/v1/silences/{id}", delete(api::end_silence))
        .route("/api/v1/channels", get(api::channels))
        .route("/api/v1/channels/{name}/test", post(api::test_channel))
        .route("/api/v1/alarms", get(api::alarms))
        .route("/api/v1/alarms/history", get(api::alarm_history))
        .route("/api/v1/alarms/simulate", post(api::simulate_alarm))
        .route("/api/v1/alarms/actions", post(api::switch_alarm))
        .route("/api/v1/responses", get(api::responses))
        .route("/api/v1/controls", get(api::controls))
        .route("/api/v1/controls/results", get(api::control_results))
        .route("/api/{*path}", axum::routing::any(api::nothing))
        .route("/ingest/v1/events", post(ingest::events))
        .route("/ingest/v1/firehose", post(ingest::firehose))
        .route("/ingest/v1/alarms", post(ingest::alarms))
        .route("/hooks/slack", post(hooks::slack::pressed))
        .route("/healthz", get(api::health::alive))
        .route("/readyz", get(api::health::ready))
        .route("/metrics", get(api::health::metrics))
}

async fn nothing() -> PageError {
    PageError::NotFound("there is no such page".to_owned())
}

/// A handler that panicked says no more than that; the log has the rest.
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "handler panicked");
    let page = console::layout::door(
        None,
        "Something failed",
        &html! { div.note.bad role="alert" { "Something failed in the server; its log says what." } },
    );
    (StatusCode::INTERNAL_SERVER_ERROR, page).into_response()
}

async fn measure(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let path = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let response = next.run(request).await;
    let (status, seconds) = (response.status(), begun.elapsed().as_secs_f64());
    metrics::histogram!("trailkeep_http_seconds", "path" => path.clone(), "method" => method.to_string(), "status" => status.as_u16().to_string()).record(seconds);
    tracing::debug!(%method, path, status = status.as_u16(), seconds, "request answered");
    response
}
