//! `POST /ingest/v1/events`: any format that the formats crate detects, compressed or not.
//!
//! 200 means durable. 413: larger than `ingest.max_body`. 415: no log. 429: too many requests of
//! this token. 503: too much under way; both say when to come back (`Retry-After`).

mod alarms;
mod firehose;
mod rate;

use std::time::Instant;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Serialize;

pub(crate) use alarms::receive as alarms;
pub(crate) use firehose::deliver as firehose;
pub(crate) use rate::Rate;

use crate::app::Shared;
use crate::auth::Sender;
use crate::backend::{IngestError, Taken};
use crate::http::error::ApiError;

/// What the sender is told.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    events: u64,
    duplicates: u64,
    quarantined: u64,
}

/// `POST /ingest/v1/events`.
pub(crate) async fn events(
    State(app): State<Shared>,
    Sender(sender): Sender,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Answer>, ApiError> {
    encoding(&headers)?;
    let taken = take(&app, &sender, &headers, body).await?;
    Ok(Json(Answer { events: taken.events, duplicates: taken.duplicates, quarantined: taken.quarantined }))
}

/// The formats crate finds compression by content; the header must only not claim another.
fn encoding(headers: &HeaderMap) -> Result<(), ApiError> {
    let named =
        headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("identity");
    if ["identity", "gzip", "x-gzip", "zstd"].iter().any(|known| named.trim().eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let text = format!("content-encoding {named:?} is not known; send gzip, zstd or nothing");
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", text))
}

async fn take(app: &Shared, sender: &str, headers: &HeaderMap, body: Body) -> Result<Taken, ApiError> {
    let begun = Instant::now();
    app.rate.take(sender, begun).map_err(|wait| {
        let text = "this token sends too many requests; send larger batches, or slower";
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", text)
            .retry_after(wait.as_secs_f64().ceil() as u64)
    })?;
    // A slot before the body: what waits holds no memory.
    let Ok(_slot) = app.slots.try_acquire() else {
        metrics::counter!("trailkeep_ingest_rejected_total", "reason" => "busy").increment(1);
        let text = "too many bodies are being taken; try again shortly";
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text).retry_after(1));
    };
    let bytes = read(app.config.ingest.max_body, headers, body).await?;
    if bytes.is_empty() {
        return Ok(Taken::default());
    }
    let size = bytes.len();
    let uri = format!("http://ingest/{sender}/{}", digest(&bytes));
    let taken = app.backend.ingest.bytes(&uri, bytes).await.map_err(refused)?;
    app.http_run.add(&taken, size as u64);
    metrics::counter!("trailkeep_ingest_events_total").increment(taken.events);
    metrics::counter!("trailkeep_ingest_duplicates_total").increment(taken.duplicates);
    metrics::counter!("trailkeep_ingest_quarantined_total").increment(taken.quarantined);
    metrics::counter!("trailkeep_ingest_bytes_total").increment(size as u64);
    metrics::histogram!("trailkeep_ingest_seconds").record(begun.elapsed().as_secs_f64());
    tracing::debug!(sender, size, events = taken.events, duplicates = taken.duplicates, "body ingested");
    Ok(taken)
}

/// The same bytes have the same name, so that a repeated request is known as such.
fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(&Sha256::digest(bytes)[..16])
}

async fn read(limit: usize, headers: &HeaderMap, body: Body) -> Result<Bytes, ApiError> {
    let too_large = || {
        let text = format!(
            "the body is larger than {limit} bytes; send smaller batches, compress them, or raise ingest.max_body"
        );
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", text)
    };
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(|source| source.to_string().contains("limit")) {
            too_large()
        } else {
            ApiError::wrong(format!("the body broke off: {error}"))
        }
    })
}

fn refused(error: IngestError) -> ApiError {
    let text = error.to_string();
    match error {
        IngestError::Busy(wait) => {
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text).retry_after(wait.as_secs())
        }
        IngestError::Unknown(_) => ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unknown_format", text),
        IngestError::Failed(_) => {
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_durable", text).retry_after(5)
        }
    }
}
