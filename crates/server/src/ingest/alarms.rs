//! `POST /ingest/v1/alarms`: CloudWatch's own alarms change their states.
//!
//! The body is an event "CloudWatch Alarm State Change", as an API destination of EventBridge sends it,
//! or an alarm's message to an SNS topic, with or without SNS's envelope. 200 means durable. A change
//! that is told again changes nothing.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::Utc;
use serde::Serialize;
use serde_json::Value;
use trailkeep_alarms::watch::read_message;

use super::read;
use crate::app::Shared;
use crate::auth::Sender;
use crate::http::error::ApiError;

/// An event of EventBridge has a megabyte at most.
const BODY: usize = 2 << 20;

/// What the sender is told.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    /// Whether the change was new.
    new: bool,
}

/// `POST /ingest/v1/alarms`.
pub(crate) async fn receive(
    State(app): State<Shared>,
    Sender(sender): Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Answer>, ApiError> {
    let Some(alarms) = &app.backend.alarms else {
        let text = "nobody watches alarms here";
        return Err(ApiError::new(StatusCode::NOT_FOUND, "not_found", text));
    };
    let body = read(BODY, &headers, body).await?;
    let text = std::str::from_utf8(&body).map_err(|error| ApiError::wrong(format!("no UTF-8: {error}")))?;
    if let Some(url) = subscription(text) {
        // Not fetched: whoever sends this could have us ask any address.
        tracing::warn!(sender, url, "an SNS topic asks to send alarms here; open the address to agree");
        return Ok(Json(Answer { new: false }));
    }
    let transition = read_message(text).map_err(|error| ApiError::wrong(error.to_string()))?;
    let new = alarms.heard(transition, Utc::now()).await.map_err(|error| {
        tracing::warn!(%error, sender, "a change of an alarm was not kept; the sender may try again");
        let text = "the change could not be kept; try again";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_durable", text).retry_after(5)
    })?;
    Ok(Json(Answer { new }))
}

/// The address that an SNS topic wants opened before it sends.
fn subscription(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let asks = value.get("Type").and_then(Value::as_str) == Some("SubscriptionConfirmation");
    value.get("SubscribeURL").and_then(Value::as_str).filter(|_| asks).map(str::to_owned)
}
