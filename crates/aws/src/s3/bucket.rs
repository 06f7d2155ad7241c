//! One bucket, and the loop that every request goes through.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::{HeaderName, Method, Request};
use object_store::aws::{AwsAuthorizer, AwsCredential};
use object_store::client::{
    HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody,
};

use super::answer::Failure;
use crate::credentials::chain;
use crate::endpoint::bucket_url;
use crate::retry::Attempts;
use crate::{Aws, AwsError, uri};

/// An error document is small; what is longer is not one.
pub(crate) const MAX_ERROR_BODY: usize = 64 * 1024;

/// A bucket to read from. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bucket {
    aws: Aws,
    name: Arc<str>,
}

/// One kind of request.
#[derive(Debug, Clone)]
pub(super) struct Operation<'a> {
    pub(super) method: Method,
    /// Empty for the bucket itself.
    pub(super) key: &'a str,
    pub(super) query: Vec<(&'a str, &'a str)>,
    pub(super) headers: Vec<(HeaderName, String)>,
    /// The IAM action it needs.
    pub(super) action: &'static str,
}

impl Bucket {
    pub(crate) fn new(aws: Aws, name: &str) -> Self {
        Self { aws, name: name.into() }
    }

    /// The bucket's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `s3://bucket/key`, the key as it is.
    #[must_use]
    pub fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    /// Asks where the bucket is (HeadBucket), and remembers it.
    ///
    /// # Errors
    /// [`AwsError::NoSuchBucket`], and those of any request; a bucket that may not be listed
    /// still tells its Region.
    pub async fn resolve_region(&self) -> Result<String, AwsError> {
        let operation = Operation {
            method: Method::HEAD,
            key: "",
            query: vec![],
            headers: vec![],
            action: "s3:ListBucket",
        };
        match self.send(&operation, &mut self.attempts()).await {
            Ok(_) | Err(AwsError::AccessDenied { .. }) => Ok(self.region()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn attempts(&self) -> Attempts {
        Attempts::new(self.aws.inner.retry)
    }

    fn region(&self) -> String {
        let known = self.aws.inner.bucket_regions.lock().get(self.name.as_ref()).cloned();
        known.unwrap_or_else(|| self.aws.inner.region.clone())
    }

    fn url(&self, region: &str) -> String {
        bucket_url(self.aws.inner.endpoint.as_ref(), region, &self.name, self.aws.inner.variant)
    }

    /// Sends until there is an answer, or an error that no further try would change.
    pub(super) async fn send(
        &self,
        operation: &Operation<'_>,
        attempts: &mut Attempts,
    ) -> Result<HttpResponse, AwsError> {
        let uri = self.uri(operation.key);
        if uri::has_dot_segment(operation.key) {
            let reason =
                "keys with `.` or `..` as a segment cannot be read over HTTP; copy the object to another key";
            return Err(AwsError::Unusable { uri, reason: reason.to_owned() });
        }
        let (mut moved, mut renewed) = (false, false);
        loop {
            attempts.begin();
            let region = self.region();
            let (request, credential) = self.request(operation, &region, &uri).await?;
            let response = match self.aws.inner.http.execute(request).await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => response,
                Err(error) => {
                    self.after_http_error(&error, attempts, &region).await?;
                    continue;
                }
            };
            let failure = read_failure(response).await;
            tracing::debug!(uri, status = failure.status, code = failure.code, "s3 request failed");
            if let Some(elsewhere) = failure.other_region(&region).filter(|_| !moved) {
                moved = true;
                self.aws.inner.bucket_regions.lock().insert(self.name.to_string(), elsewhere.to_owned());
            } else if let Some(used) =
                credential.as_deref().filter(|_| failure.is_expired_token() && !renewed)
            {
                renewed = true;
                self.reject(used).await;
            } else if !failure.is_transient() {
                return Err(self.explain(operation, failure, credential.as_deref()));
            } else if !attempts.wait().await {
                return Err(AwsError::Exhausted { uri, code: failure.code, attempts: attempts.made() });
            }
        }
    }

    async fn request(
        &self,
        operation: &Operation<'_>,
        region: &str,
        uri: &str,
    ) -> Result<(HttpRequest, Option<Arc<AwsCredential>>), AwsError> {
        let target = uri::request_uri(&self.url(region), operation.key, &operation.query);
        let mut builder = Request::builder().method(operation.method.clone()).uri(target);
        for (name, value) in &operation.headers {
            builder = builder.header(name, value);
        }
        let unusable = |error: http::Error| AwsError::Unusable {
            uri: uri.to_owned(),
            reason: format!("no request can be made for it ({error})"),
        };
        let mut request = builder.body(HttpRequestBody::empty()).map_err(unusable)?;
        let Some(credentials) = &self.aws.inner.credentials else { return Ok((request, None)) };
        let credential = credentials.get(&format!("s3://{}", self.name)).await?;
        AwsAuthorizer::new(&credential, "s3", region).authorize(&mut request, None);
        Ok((request, Some(credential)))
    }

    async fn reject(&self, used: &AwsCredential) {
        if let Some(credentials) = &self.aws.inner.credentials {
            credentials.reject(used).await;
        }
    }

    /// Waits before another try, or says why there is none.
    async fn after_http_error(
        &self,
        error: &HttpError,
        attempts: &mut Attempts,
        region: &str,
    ) -> Result<(), AwsError> {
        let again = match error.kind() {
            HttpErrorKind::Connect => attempts.wait_to_connect().await,
            HttpErrorKind::Decode => false,
            _ => attempts.wait().await,
        };
        if again {
            return Ok(());
        }
        Err(AwsError::Unreachable { endpoint: self.url(region), reason: chain(error) })
    }

    /// As [`AwsError`] for a body that broke off, after a wait for another try if there is one.
    pub(super) async fn after_body_error(
        &self,
        error: &HttpError,
        attempts: &mut Attempts,
    ) -> Result<(), AwsError> {
        tracing::debug!(bucket = %self.name, error = %chain(error), "s3 answer broke off");
        if attempts.wait().await {
            return Ok(());
        }
        Err(AwsError::Unreachable { endpoint: self.url(&self.region()), reason: chain(error) })
    }

    fn explain(
        &self,
        operation: &Operation<'_>,
        failure: Failure,
        credential: Option<&AwsCredential>,
    ) -> AwsError {
        let uri = self.uri(operation.key);
        let endpoint =
            self.aws.inner.endpoint.as_ref().map_or("AWS", |endpoint| endpoint.as_str()).to_owned();
        let access_key_id = credential.map_or_else(|| "anonymous".to_owned(), |used| used.key_id.clone());
        if !failure.is_s3 && failure.status != 412 && operation.method != Method::HEAD {
            let reason = format!(
                "it answered {} without an S3 error document, so it is no S3 endpoint",
                failure.status
            );
            return AwsError::WrongEndpoint { endpoint, reason };
        }
        match failure.code.as_str() {
            "NoSuchBucket" => AwsError::NoSuchBucket { bucket: self.name.to_string(), endpoint },
            "NoSuchKey" => AwsError::NoSuchKey { uri },
            "NotFound" if operation.key.is_empty() => {
                AwsError::NoSuchBucket { bucket: self.name.to_string(), endpoint }
            }
            "NotFound" => AwsError::NoSuchKey { uri },
            "PreconditionFailed" => AwsError::Changed { uri },
            // The object has become shorter than the part that was asked for.
            "InvalidRange" => AwsError::Changed { uri },
            "RequestTimeTooSkewed" => AwsError::ClockSkew { uri },
            "InvalidObjectState" => AwsError::Archived {
                uri,
                class: failure.storage_class.unwrap_or_else(|| "archive".to_owned()),
            },
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidToken"
            | "InvalidSecurity"
            | "UnrecognizedClientException" => {
                AwsError::RejectedCredentials { uri, access_key_id, code: failure.code }
            }
            _ if failure.is_expired_token() => AwsError::ExpiredCredentials { uri, access_key_id },
            "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => {
                AwsError::AccessDenied { uri, action: operation.action, access_key_id }
            }
            _ => AwsError::Response {
                uri,
                status: failure.status,
                code: failure.code,
                message: failure.message,
            },
        }
    }
}

async fn read_failure(response: HttpResponse) -> Failure {
    let (parts, body) = response.into_parts();
    // A body that cannot be read leaves the status to go by.
    let body = collect(body, MAX_ERROR_BODY).await.ok().flatten().unwrap_or_default();
    Failure::read(parts.status, &parts.headers, &body)
}

/// The whole body; `None` when it is longer than `limit`.
pub(crate) async fn collect(body: HttpResponseBody, limit: usize) -> Result<Option<Bytes>, HttpError> {
    let mut stream = body.bytes_stream();
    let mut whole = BytesMut::new();
    while let Some(part) = stream.next().await {
        let part = part?;
        if whole.len() + part.len() > limit {
            return Ok(None);
        }
        whole.extend_from_slice(&part);
    }
    Ok(Some(whole.freeze()))
}
