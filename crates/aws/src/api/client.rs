//! [`Client`]: the calls, and whose they are.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::error::{ApiError, ErrorKind};
use super::limit::Limits;
use super::operation::Operation;
use super::pages::Joined;
use super::role::Role;
use crate::Aws;

/// All pages of a listing together are not longer than this.
const MAX_LISTING: usize = 256 * 1024 * 1024;

/// Calls operations with one identity. Cheap to clone; clones share connections, credentials and
/// limits.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) aws: Aws,
    /// `None`: the identity of the settings.
    pub(super) role: Option<Arc<Role>>,
    pub(super) limits: Arc<Limits>,
}

impl Aws {
    /// A client of all services, with the identity of these settings.
    #[must_use]
    pub fn api(&self) -> Client {
        Client { aws: self.clone(), role: None, limits: Arc::clone(&self.inner.api.limits) }
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
        input: &Value,
    ) -> Result<Value, ApiError> {
        Ok(self.send(operation, region, input).await?.0)
    }

    /// As [`Client::call`], with AWS's id of the request: CloudTrail has the call under it.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn call_with_id(
        &self,
        operation: &'static Operation,
        region: &str,
        input: &Value,
    ) -> Result<(Value, Option<String>), ApiError> {
        let (output, told) = self.send(operation, region, input).await?;
        Ok((output, told.request_id))
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
        let Some(pages) = operation.pages else { return self.call(operation, region, input).await };
        let bad = |message: String| ApiError::own(operation, region, ErrorKind::BadAnswer, message);
        let mut joined = Joined::new(pages);
        let mut input = input.clone();
        let mut length = 0;
        loop {
            let (page, told) = self.send(operation, region, &input).await?;
            length += told.bytes;
            if length > MAX_LISTING {
                return Err(bad(format!("its pages are longer than {} MiB", MAX_LISTING >> 20)));
            }
            let Some(token) = joined.add(page).map_err(bad)? else { return Ok(joined.output()) };
            if input.is_null() {
                input = Value::Object(Map::new());
            }
            match input.as_object_mut() {
                Some(members) => drop(members.insert(pages.input.to_owned(), token)),
                None => return Err(bad("the input is no object".to_owned())),
            }
        }
    }

    /// A client with the identity of a role. Its credentials are asked for by the first call, and
    /// renewed before they expire.
    #[must_use]
    pub fn assume_role(&self, role_arn: &str, session_name: &str, external_id: Option<&str>) -> Self {
        let role = Role::new(self.clone(), role_arn, session_name, external_id);
        Self { aws: self.aws.clone(), role: Some(Arc::new(role)), limits: Arc::default() }
    }

    /// The Region of the settings.
    #[must_use]
    pub fn home_region(&self) -> &str {
        self.aws.region()
    }
}
