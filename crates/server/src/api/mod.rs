//! `/api/v1`: the same as the console shows, for programs. JSON in, JSON out; errors are
//! `{"error":{"code","message"}}`.

mod alarms;
mod channels;
mod controls;
mod findings;
pub(crate) mod health;
mod incidents;
mod query;
mod responses;
mod search;
mod silences;

pub(crate) use alarms::{
    actions as switch_alarm, history as alarm_history, list as alarms, simulate as simulate_alarm,
};
pub(crate) use channels::{list as channels, test as test_channel};
pub(crate) use controls::{board as controls, results as control_results};
pub(crate) use findings::{change as change_finding, get as finding, list as findings};
pub(crate) use incidents::{change as change_incident, get as incident, list as incidents};
pub(crate) use query::{query, tables};
pub(crate) use responses::list as responses;
pub(crate) use search::search;
pub(crate) use silences::{create as create_silence, end as end_silence, list as silences};

use std::fmt::Display;
use std::str::FromStr;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use chrono::Utc;
use serde::de::DeserializeOwned;

use crate::console::range::{RangeParams, TimeRange};
use crate::http::error::ApiError;

/// Largest JSON body.
const MAX_JSON: usize = 1 << 20;

/// A JSON body, with errors that say what is wrong.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        let bytes: Bytes = axum::body::to_bytes(request.into_body(), MAX_JSON).await.map_err(|_| {
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is larger than 1 MiB")
        })?;
        serde_json::from_slice(&bytes)
            .map(Body)
            .map_err(|error| ApiError::wrong(format!("the body is not valid: {error}")))
    }
}

/// Values with commas between them; none when left out.
fn each<T: FromStr<Err: Display>>(text: Option<&str>) -> Result<Vec<T>, ApiError> {
    let texts = text.unwrap_or_default().split(',').filter(|text| !text.is_empty());
    texts
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|error: T::Err| ApiError::wrong(error.to_string()))
}

/// The range that is asked for; without one, all of time.
fn span(range: &RangeParams) -> Result<TimeRange, ApiError> {
    if range.is_empty() {
        return Ok(TimeRange::default());
    }
    TimeRange::read(range, Utc::now(), None).map_err(ApiError::wrong)
}

/// Anything below `/api/` that is not there.
pub(crate) async fn nothing() -> ApiError {
    ApiError::not_found(
        "there is no such endpoint; see /api/v1/query, search, findings, incidents, silences, channels, alarms, \
         responses, controls, tables",
    )
}

/// `{"data": …}` with a cursor where there is a next page.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Page<T> {
    data: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl<T> Page<T> {
    fn json(data: Vec<T>, next: Option<String>) -> Json<Self> {
        Json(Self { data, next })
    }
}
