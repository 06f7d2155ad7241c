//! Amazon Data Firehose's HTTP endpoint delivery.
//! Source: "Understand HTTP endpoint delivery request and response specifications", Amazon Data
//! Firehose Developer Guide. The access key of the delivery stream is an ingest token.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use serde::{Deserialize, Serialize};

use super::{Taken, read, refused};
use crate::app::Shared;
use crate::auth::Sender;
use crate::http::error::ApiError;

/// A delivery.
#[derive(Debug, Deserialize)]
struct Delivery {
    #[serde(rename = "requestId")]
    request_id: String,
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct Record {
    data: String,
}

/// What Firehose wants to hear; anything else makes it send again.
#[derive(Debug, Serialize)]
pub(crate) struct Receipt {
    #[serde(rename = "requestId")]
    request_id: String,
    timestamp: i64,
    #[serde(rename = "errorMessage", skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// `POST /ingest/v1/firehose`.
pub(crate) async fn deliver(
    State(app): State<Shared>,
    Sender(sender): Sender,
    headers: HeaderMap,
    body: Body,
) -> (StatusCode, Json<Receipt>) {
    let request_id = headers
        .get("x-amz-firehose-request-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    match receive(&app, &sender, &headers, body).await {
        Ok(id) => (
            StatusCode::OK,
            Json(Receipt { request_id: id, timestamp: Utc::now().timestamp_millis(), error: None }),
        ),
        Err(error) => {
            let receipt =
                Receipt { request_id, timestamp: Utc::now().timestamp_millis(), error: Some(error.message) };
            (error.status, Json(receipt))
        }
    }
}

async fn receive(app: &Shared, sender: &str, headers: &HeaderMap, body: Body) -> Result<String, ApiError> {
    let Ok(_slot) = app.slots.try_acquire() else {
        return Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "too many bodies are being taken",
        ));
    };
    let bytes = read(app.config.ingest.max_body, headers, body).await?;
    let delivery: Delivery = serde_json::from_slice(&bytes)
        .map_err(|error| ApiError::wrong(format!("the delivery is not valid: {error}")))?;
    let joined = join(&delivery.records)?;
    if !joined.is_empty() {
        let uri = format!("http://firehose/{sender}/{}", super::digest(&joined));
        let taken: Taken = app.backend.ingest.bytes(&uri, joined.into()).await.map_err(refused)?;
        metrics::counter!("trailkeep_ingest_events_total").increment(taken.events);
    }
    Ok(delivery.request_id)
}

/// The records' bytes, one after the other; a line end between those that have none.
fn join(records: &[Record]) -> Result<Vec<u8>, ApiError> {
    let mut joined = Vec::new();
    for record in records {
        let bytes = STANDARD
            .decode(&record.data)
            .map_err(|error| ApiError::wrong(format!("a record is no base64: {error}")))?;
        joined.extend_from_slice(&bytes);
        if !bytes.ends_with(b"\n") && !bytes.starts_with(&[0x1f, 0x8b]) {
            joined.push(b'\n');
        }
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_joined_line_by_line() {
        let record = |bytes: &[u8]| Record { data: STANDARD.encode(bytes) };
        assert_eq!(join(&[record(b"{}"), record(b"[]\n")]).unwrap(), b"{}\n[]\n");
        assert_eq!(
            join(&[record(&[0x1f, 0x8b, 1]), record(&[0x1f, 0x8b, 2])]).unwrap(),
            [0x1f, 0x8b, 1, 0x1f, 0x8b, 2]
        );
        assert!(join(&[Record { data: "§".into() }]).is_err());
    }
}
