//! The loop that every call goes through.
//!
//! ```text
//!   draft ─► place ─► gate ─► sign ─► execute ─┬─► output
//!             ▲        ▲        ▲              │
//!             │        │        └ expired: renew credentials, once
//!             │        └ throttled, failed, broken off: slow down, wait
//!             └ bucket elsewhere: remember its Region, once
//! ```

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use object_store::aws::AwsCredential;
use object_store::client::{HttpClient, HttpError, HttpErrorKind, HttpRequestBody};
use parking_lot::Mutex;
use serde_json::Value;

use super::client::Client;
use super::error::{ApiError, ErrorKind};
use super::failure::Failure;
use super::limit::Limits;
use super::operation::Operation;
use super::place::{self, GLOBAL, Place};
use super::request::{Draft, draft};
use super::service::{Location, Service};
use super::{answer, sign};
use crate::AwsError;
use crate::credentials::chain;
use crate::endpoint::Endpoint;
use crate::retry::Attempts;
use crate::s3::answer::Failure as S3Failure;
use crate::s3::bucket::{MAX_ERROR_BODY, collect};
use crate::settings::{configured_endpoint, http_client};

/// The longest answer that is read.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// What all clients of the same settings share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Limits of the settings' own identity.
    pub(super) limits: Arc<Limits>,
    /// The user's endpoint of each service that was called.
    endpoints: Mutex<HashMap<&'static str, Option<Endpoint>>>,
    /// For endpoints without TLS, where S3's has it.
    plain_http: OnceLock<HttpClient>,
}

/// One call on its way.
struct Call<'a> {
    client: &'a Client,
    operation: &'static Operation,
    /// As it was asked for, `global` resolved.
    region: &'a str,
    input: &'a Value,
    endpoint: Option<Endpoint>,
}

/// What an answer tells besides its output.
pub(super) struct Told {
    /// Its length.
    pub(super) bytes: usize,
    /// AWS's id of the request.
    pub(super) request_id: Option<String>,
}

/// The id under which CloudTrail has the request, as S3 and as all others tell it.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let named = ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| headers.get(*name));
    named?.to_str().ok().map(|id| id.chars().take(128).collect())
}

/// What came back.
enum Reply {
    Output(HeaderMap, Bytes),
    Refused(Failure, Option<S3Failure>),
    Broken(HttpError),
    TooLong,
}

impl Client {
    /// The output, and what is to be known of the answer it was read from.
    pub(super) async fn send(
        &self,
        operation: &'static Operation,
        region: &str,
        input: &Value,
    ) -> Result<(Value, Told), ApiError> {
        let region = if region == GLOBAL { self.home_region() } else { region };
        let fail = |kind, message| ApiError::own(operation, region, kind, message);
        let endpoint =
            self.endpoint(operation.service).map_err(|error| fail(ErrorKind::BadInput, error.to_string()))?;
        let draft = draft(operation, input).map_err(|message| fail(ErrorKind::BadInput, message))?;
        let call = Call { client: self, operation, region, input, endpoint };
        call.run(&draft).await
    }

    fn endpoint(&self, service: &'static Service) -> Result<Option<Endpoint>, AwsError> {
        let inner = &self.aws.inner;
        if let Some(fixed) = &inner.fixed_endpoint {
            return Ok(Some(fixed.clone()));
        }
        if let Some(known) = inner.api.endpoints.lock().get(service.sdk_id) {
            return Ok(known.clone());
        }
        let url = configured_endpoint(&inner.sdk, service.sdk_id);
        let endpoint = url.map(|url| Endpoint::parse(&url, inner.allow_http)).transpose()?;
        inner.api.endpoints.lock().insert(service.sdk_id, endpoint.clone());
        Ok(endpoint)
    }

    /// `None`: requests are not signed.
    async fn credential(
        &self,
        operation: &'static Operation,
        region: &str,
    ) -> Result<Option<Arc<AwsCredential>>, ApiError> {
        if let Some(role) = &self.role {
            return Ok(Some(role.credential().await?));
        }
        let Some(credentials) = &self.aws.inner.credentials else { return Ok(None) };
        let credential = credentials.get(operation.service.sdk_id).await;
        let explain =
            |error: AwsError| ApiError::own(operation, region, ErrorKind::Credentials, chain(&error));
        credential.map(Some).map_err(explain)
    }

    async fn reject(&self, used: &AwsCredential) {
        if let Some(role) = &self.role {
            role.reject(used).await;
        } else if let Some(credentials) = &self.aws.inner.credentials {
            credentials.reject(used).await;
        }
    }

    fn http(&self, endpoint: Option<&Endpoint>) -> Result<&HttpClient, AwsError> {
        let inner = &self.aws.inner;
        let is_plain = endpoint.is_some_and(Endpoint::is_http);
        if !is_plain || inner.endpoint.as_ref().is_some_and(Endpoint::is_http) {
            return Ok(&inner.http);
        }
        if let Some(client) = inner.api.plain_http.get() {
            return Ok(client);
        }
        let client = http_client(endpoint)?;
        Ok(inner.api.plain_http.get_or_init(|| client))
    }
}

impl Call<'_> {
    fn fail(&self, kind: ErrorKind, message: String) -> ApiError {
        ApiError::own(self.operation, self.region, kind, message)
    }

    async fn run(&self, draft: &Draft) -> Result<(Value, Told), ApiError> {
        let inner = &self.client.aws.inner;
        let gate = self.client.limits.gate(self.operation.service.id, self.region);
        let mut attempts = Attempts::new(inner.retry);
        let (mut moved, mut renewed) = (false, false);
        loop {
            attempts.begin();
            let place = self.place()?;
            let credential = self.client.credential(self.operation, self.region).await?;
            let request = self.request(draft, &place, credential.as_deref())?;
            let reply = {
                let _seat = gate.enter().await;
                self.execute(request).await?
            };
            let (failure, of_s3) = match reply {
                Reply::Output(headers, body) => {
                    gate.succeeded();
                    let output = answer::read(self.operation, &headers, &body);
                    let output = output.map_err(|message| self.fail(ErrorKind::BadAnswer, message))?;
                    return Ok((output, Told { bytes: body.len(), request_id: request_id(&headers) }));
                }
                Reply::TooLong => {
                    let message = format!("it is longer than {} MiB", MAX_ANSWER >> 20);
                    return Err(self.fail(ErrorKind::BadAnswer, message));
                }
                Reply::Broken(error) => {
                    self.after_http_error(&error, &mut attempts, &place).await?;
                    continue;
                }
                Reply::Refused(failure, of_s3) => (failure, of_s3),
            };
            self.log(&failure);
            if failure.is_throttling() {
                gate.throttled();
            }
            let elsewhere = of_s3.as_ref().and_then(|failure| failure.other_region(&place.region));
            if let Some((region, bucket)) = elsewhere.zip(self.bucket()).filter(|_| !moved) {
                moved = true;
                inner.bucket_regions.lock().insert(bucket.to_owned(), region.to_owned());
            } else if let Some(used) = credential.filter(|_| failure.is_expired_token() && !renewed) {
                renewed = true;
                self.client.reject(&used).await;
            } else if !failure.is_transient() || !attempts.wait().await {
                return Err(ApiError::answered(self.operation, self.region, failure));
            }
        }
    }

    fn log(&self, failure: &Failure) {
        let (service, operation) = (self.operation.service.id, self.operation.name);
        let (region, status, code) = (self.region, failure.status, &failure.code);
        tracing::debug!(service, operation, region, status, code, "aws call failed");
    }

    /// The bucket whose Region matters: not that of one that is yet to be made.
    fn bucket(&self) -> Option<&str> {
        let is_s3 = matches!(self.operation.service.location, Location::S3);
        let bucket = self.input.get("Bucket").and_then(Value::as_str);
        bucket.filter(|_| is_s3 && self.operation.name != "CreateBucket")
    }

    fn place(&self) -> Result<Place, ApiError> {
        let inner = &self.client.aws.inner;
        let known = self.bucket().and_then(|bucket| inner.bucket_regions.lock().get(bucket).cloned());
        let region = known.as_deref().unwrap_or(self.region);
        let settings = place::Settings { endpoint: self.endpoint.as_ref(), variant: inner.variant };
        place::find(self.operation.service, region, self.input, settings)
            .map_err(|message| self.fail(ErrorKind::NoSuchPlace, message))
    }

    fn request(
        &self,
        draft: &Draft,
        place: &Place,
        credential: Option<&AwsCredential>,
    ) -> Result<Request<HttpRequestBody>, ApiError> {
        let bad = |message: String| self.fail(ErrorKind::BadInput, message);
        let method = Method::from_bytes(draft.method.as_bytes()).map_err(|error| bad(error.to_string()))?;
        let uri = format!("{}{}", place.base, draft.target);
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .body(draft.body.clone())
            .map_err(|error| bad(error.to_string()))?;
        request.headers_mut().extend(draft.headers.iter().cloned());
        if let Some(credential) = credential {
            let (service, now) = (self.operation.service, SystemTime::now());
            sign::sign(&mut request, credential, service, &place.region, now).map_err(bad)?;
        }
        Ok(request.map(HttpRequestBody::from))
    }

    async fn execute(&self, request: Request<HttpRequestBody>) -> Result<Reply, ApiError> {
        let http = self.client.http(self.endpoint.as_ref());
        let http = http.map_err(|error| self.fail(ErrorKind::Unreachable, error.to_string()))?;
        let response = match http.execute(request).await {
            Ok(response) => response,
            Err(error) => return Ok(Reply::Broken(error)),
        };
        let (parts, body) = response.into_parts();
        if !parts.status.is_success() {
            // A body that cannot be read leaves the status to go by.
            let body = collect(body, MAX_ERROR_BODY).await.ok().flatten().unwrap_or_default();
            return Ok(self.refused(parts.status, &parts.headers, &body));
        }
        Ok(match collect(body, MAX_ANSWER).await {
            Ok(Some(body)) => Reply::Output(parts.headers, body),
            Ok(None) => Reply::TooLong,
            Err(error) => Reply::Broken(error),
        })
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Reply {
        if matches!(self.operation.service.location, Location::S3) {
            let failure = S3Failure::read(status, headers, body);
            return Reply::Refused(Failure::of_s3(&failure), Some(failure));
        }
        Reply::Refused(Failure::read(status, headers, body), None)
    }

    /// Waits before another try, or says why there is none.
    async fn after_http_error(
        &self,
        error: &HttpError,
        attempts: &mut Attempts,
        place: &Place,
    ) -> Result<(), ApiError> {
        let again = match error.kind() {
            HttpErrorKind::Connect => attempts.wait_to_connect().await,
            HttpErrorKind::Decode => false,
            _ => attempts.wait().await,
        };
        if again {
            return Ok(());
        }
        Err(self.fail(ErrorKind::Unreachable, format!("{}: {}", place.base, chain(error))))
    }
}
