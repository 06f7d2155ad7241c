//! [`ChannelError`]: why a message did not arrive.

use std::fmt;
use std::time::Duration;

use trailkeep_aws::AwsError;
use trailkeep_aws::api::{ApiError, ErrorKind};

use crate::http::{Answer, HttpError};

/// Why a message did not arrive. Carries no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelError {
    /// Whether it is worth trying again.
    pub retryable: bool,
    /// Not before this time, says the other side.
    pub retry_after: Option<Duration>,
    /// What happened, and what to do about it.
    pub reason: String,
}

impl ChannelError {
    /// It may work later.
    pub fn retryable(reason: impl Into<String>) -> Self {
        Self { retryable: true, retry_after: None, reason: reason.into() }
    }

    /// It will never work.
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self { retryable: false, retry_after: None, reason: reason.into() }
    }

    /// What an HTTP status says. Credentials can be mended while messages wait, so 401 and 403 are
    /// tried again; what the other side cannot read is not.
    pub(crate) fn of_answer(answer: &Answer) -> Self {
        let status = answer.status;
        let retryable = matches!(status, 401 | 403 | 407 | 408 | 409 | 423 | 425 | 429 | 500..);
        let beginning = answer.beginning();
        let reason = if beginning.is_empty() {
            format!("the receiver answered {status}")
        } else {
            format!("the receiver answered {status}: {beginning}")
        };
        Self { retryable, retry_after: answer.retry_after, reason }
    }
}

impl fmt::Display for ChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for ChannelError {}

impl From<HttpError> for ChannelError {
    fn from(error: HttpError) -> Self {
        // A name may lead elsewhere tomorrow; a list of hosts does not change by itself.
        let retryable = matches!(error, HttpError::Request(_));
        Self { retryable, retry_after: None, reason: error.to_string() }
    }
}

impl From<ApiError> for ChannelError {
    fn from(error: ApiError) -> Self {
        let final_kind = matches!(error.kind(), ErrorKind::BadInput | ErrorKind::NoSuchPlace);
        let refused =
            matches!(error.kind(), ErrorKind::Other) && error.status().is_some_and(|status| status < 500);
        let retryable = !(final_kind || refused);
        Self { retryable, retry_after: None, reason: error.to_string() }
    }
}

impl From<AwsError> for ChannelError {
    fn from(error: AwsError) -> Self {
        Self::retryable(error.to_string())
    }
}
