//! Reading states and making calls in one Region of one account.

use std::time::Duration;

use serde_json::Value;
use trailkeep_aws::api::{ApiError, Client};

use super::facet::{Call, Context, Facet, Place};
use super::facets::flow_logs;
use super::state::Parts;

/// Where a repair is made.
pub(super) struct World {
    pub(super) client: Client,
    pub(super) region: String,
    /// The longest that a call may take, retries and all. Less than a lease, so that nobody else takes over
    /// what is still under way.
    pub(super) limit: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorldError {
    #[error(transparent)]
    Api(#[from] Box<ApiError>),
    /// AWS answered that it did, and says in the answer what it did not.
    #[error("{code}: {message}")]
    Refused { code: String, message: String },
    #[error("no answer within {} s", .0.as_secs())]
    Slow(Duration),
}

impl WorldError {
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Api(error) => error.code(),
            Self::Refused { code, .. } => code,
            Self::Slow(_) => "Timeout",
        }
    }
}

impl World {
    /// The output of a reading, and the state in it. What is not there has no parts.
    pub(super) async fn read(&self, facet: &Facet, subject: &str) -> Result<(Value, Parts), WorldError> {
        let input = (facet.input)(subject);
        let output = match self.all(facet.read, &input).await {
            Ok(output) => output,
            Err(error) if facet.absent.contains(&error.code()) => return Ok((Value::Null, Parts::new())),
            Err(error) => return Err(error),
        };
        let mut documents = (facet.documents)(subject, &output);
        let own = documents.iter().position(|(known, _)| known == subject);
        let state = own.map(|index| documents.swap_remove(index).1).unwrap_or_default();
        Ok((output, state))
    }

    /// The states of all subjects of the Region.
    pub(super) async fn list(&self, facet: &Facet, input: &Value) -> Result<Value, WorldError> {
        self.all(facet.read, input).await
    }

    /// Makes a call; its output, and AWS's id of the request.
    pub(super) async fn make(&self, call: &Call) -> Result<(Value, Option<String>), WorldError> {
        let answer = self.client.call_with_id(call.operation, &self.region, &call.input);
        let (output, id) = match tokio::time::timeout(self.limit, answer).await {
            Ok(output) => output.map_err(Box::new)?,
            Err(_) => return Err(WorldError::Slow(self.limit)),
        };
        match flow_logs::refused(&output) {
            Some((code, message)) => Err(WorldError::Refused { code, message }),
            None => Ok((output, id)),
        }
    }

    /// VPC and tags of a subject; `None` where they cannot be known.
    pub(super) async fn context(&self, facet: &Facet, place: &Place<'_>) -> Option<Context> {
        let reading = facet.context?;
        match self.all(reading.operation, &(reading.input)(place)).await {
            Ok(output) => (reading.context)(&output),
            Err(error) if reading.absent.contains(&error.code()) => Some(Context::default()),
            Err(error) => {
                tracing::warn!(facet = facet.name, subject = place.subject, %error, "tags cannot be read");
                None
            }
        }
    }

    async fn all(
        &self,
        operation: &'static trailkeep_aws::api::Operation,
        input: &Value,
    ) -> Result<Value, WorldError> {
        let answer = self.client.call_all(operation, &self.region, input);
        match tokio::time::timeout(self.limit, answer).await {
            Ok(output) => Ok(output.map_err(Box::new)?),
            Err(_) => Err(WorldError::Slow(self.limit)),
        }
    }
}
