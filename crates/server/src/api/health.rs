//! `/healthz`, `/readyz`, `/metrics`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::Shared;
use crate::auth::ApiViewer;
use crate::http::error::ApiError;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the state and the lake answer too.
pub(crate) async fn ready(State(app): State<Shared>) -> Response {
    let state = app.backend.state.outbox().counts().await.map_err(|error| error.to_string());
    let lake = app.health().await.map_err(|error| error.to_string());
    match (state, lake) {
        (Ok(_), Ok(_)) => "ready\n".into_response(),
        (state, lake) => {
            // The reasons are for the log: this answer needs no login.
            tracing::warn!(state = ?state.err(), lake = ?lake.err(), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready; see the log\n").into_response()
        }
    }
}

/// `GET /metrics`, in Prometheus' text format.
pub(crate) async fn metrics(
    State(app): State<Shared>,
    ApiViewer(_): ApiViewer,
) -> Result<Response, ApiError> {
    let Some(handle) = &app.metrics else {
        return Err(ApiError::not_found("another metrics recorder is installed in this process"));
    };
    if let Ok(counts) = app.backend.state.outbox().counts().await {
        metrics::gauge!("trailkeep_outbox_pending").set(counts.pending as f64);
        metrics::gauge!("trailkeep_outbox_failed").set(counts.failed as f64);
    }
    if let Ok(health) = app.health().await {
        for table in health.iter() {
            metrics::gauge!("trailkeep_table_rows", "table" => table.table.clone()).set(table.rows as f64);
            if let Some(last) = table.last_event {
                metrics::gauge!("trailkeep_table_last_event_seconds", "table" => table.table.clone())
                    .set(last.timestamp() as f64);
            }
        }
    }
    handle.run_upkeep();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
        .into_response())
}
