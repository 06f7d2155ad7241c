//! [`ApiError`]: why a call has no answer.

use std::fmt;

use super::failure::Failure;
use super::operation::Operation;

/// Why a call has no answer, with AWS's own code and words. Carries no secrets.
#[derive(Debug, Clone)]
pub struct ApiError {
    pub(super) operation: &'static Operation,
    pub(super) region: String,
    pub(super) kind: ErrorKind,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) status: Option<u16>,
}

/// What to make of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The identity may not do this.
    Denied {
        /// The IAM action it lacks.
        missing_action: String,
    },
    /// Throttled for longer than the retry policy allows.
    Throttled,
    /// Failing (HTTP 5xx) for longer than the retry policy allows.
    Failing,
    /// No answer from the endpoint.
    Unreachable,
    /// There are no credentials, or they are expired or not accepted.
    Credentials,
    /// The clocks of this machine and of AWS are too far apart.
    ClockSkew,
    /// The service, or the Region, does not exist in this partition, or the account has not
    /// enabled the Region.
    NoSuchPlace,
    /// The input has no place in the request.
    BadInput,
    /// An answer that makes no sense, is too long, or has no end.
    BadAnswer,
    /// Any other answer; the code says which.
    Other,
}

impl ApiError {
    /// An error of this client, which has no code of AWS.
    pub(super) fn own(operation: &'static Operation, region: &str, kind: ErrorKind, message: String) -> Self {
        let code = match kind {
            ErrorKind::Unreachable => "Unreachable",
            ErrorKind::Credentials => "NoCredentials",
            ErrorKind::NoSuchPlace => "NoSuchPlace",
            ErrorKind::BadInput => "BadInput",
            _ => "BadAnswer",
        };
        let (region, code) = (region.to_owned(), code.to_owned());
        Self { operation, region, kind, code, message, status: None }
    }

    /// An error that AWS answered with.
    pub(super) fn answered(operation: &'static Operation, region: &str, failure: Failure) -> Self {
        let kind = failure.kind(operation);
        let status = failure.status;
        let (code, message) = match kind {
            ErrorKind::BadAnswer => {
                ("BadAnswer".to_owned(), format!("it is {status} without an error document of AWS"))
            }
            _ if failure.code.is_empty() => (format!("Http{status}"), failure.message),
            _ => (failure.code, failure.message),
        };
        Self { operation, region: region.to_owned(), kind, code, message, status: Some(status) }
    }

    /// The operation that failed.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The Region it was asked in.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// What to make of it.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// AWS's error code without a namespace (`TrailNotFoundException`), or this client's own.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// AWS's own words, shortened, without control characters.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// HTTP status, where there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// True when the identity may not do this.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self.kind, ErrorKind::Denied { .. })
    }

    /// The IAM action that is missing, when the identity may not do this.
    #[must_use]
    pub fn missing_action(&self) -> Option<&str> {
        match &self.kind {
            ErrorKind::Denied { missing_action } => Some(missing_action),
            _ => None,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (service, name) = (self.operation.service.id, self.operation.name);
        write!(f, "{service}:{name} in {}: ", self.region)?;
        let (code, message) = (&self.code, &self.message);
        match &self.kind {
            ErrorKind::Denied { missing_action } => {
                write!(f, "access denied ({code}); the identity needs {missing_action}")
            }
            ErrorKind::Throttled => {
                write!(f, "still throttled ({code}); try again later or with less concurrency")
            }
            ErrorKind::Failing => write!(f, "AWS keeps failing ({code}): {message}; try again later"),
            ErrorKind::Unreachable => write!(
                f,
                "no answer: {message}; check the network, the proxy, the Region and AWS_ENDPOINT_URL"
            ),
            ErrorKind::Credentials => {
                write!(
                    f,
                    "credentials: {message} ({code}); check AWS_PROFILE or AWS_ACCESS_KEY_ID, or run `aws sso login`"
                )
            }
            ErrorKind::ClockSkew => write!(f, "this machine's clock is too far off for AWS; set the clock"),
            ErrorKind::NoSuchPlace => {
                write!(f, "{message} ({code}); check the Region, and whether it is enabled")
            }
            ErrorKind::BadInput => write!(f, "the request cannot be made: {message}"),
            ErrorKind::BadAnswer => write!(f, "the answer cannot be used: {message}; check AWS_ENDPOINT_URL"),
            ErrorKind::Other => write!(f, "{code}: {message}"),
        }
    }
}

impl std::error::Error for ApiError {}
