//! Making calls and reading states.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use trailkeep_aws::api::{ApiError, Client, Operation};

use super::effect::{Call, Effect, Read, Undo};

/// How long to wait for what was made just before to be known everywhere: a role that a trail needs, a
/// policy that a delivery needs.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Between two tries.
    pub wait: Duration,
    /// Altogether.
    pub limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { wait: Duration::from_secs(3), limit: Duration::from_secs(90) }
    }
}

/// One Region of one account.
pub(super) struct World<'a> {
    pub(super) client: &'a Client,
    pub(super) region: &'a str,
    pub(super) patience: Patience,
}

impl World<'_> {
    /// The state that a call changes; `None` where there is none, or where it cannot be asked about yet.
    pub(super) async fn read(&self, read: &Read, call: &Call<'_>) -> Result<Option<Value>, ApiError> {
        let Some(input) = (read.input)(call) else { return Ok(None) };
        match self.client.call_all(read.operation, self.region, &input).await {
            Ok(output) => Ok((read.state)(call, &output)),
            Err(error) if read.absent.contains(&error.code()) => Ok(None),
            Err(error) if read.empty.contains(&error.code()) => Ok(Some(json!({}))),
            Err(error) => Err(error),
        }
    }

    /// Makes a call, again while it settles.
    pub(super) async fn make(&self, effect: &Effect, input: &Value) -> Result<Value, ApiError> {
        self.settled(effect.operation, input, effect.settles).await
    }

    /// Takes something back, again while it settles.
    pub(super) async fn take_back(&self, undo: &Undo) -> Result<Value, ApiError> {
        self.settled(undo.operation, &undo.input, undo.settles).await
    }

    async fn settled(
        &self,
        operation: &'static Operation,
        input: &Value,
        settles: &[&str],
    ) -> Result<Value, ApiError> {
        let until = Instant::now() + self.patience.limit;
        loop {
            match self.client.call(operation, self.region, input).await {
                Err(error) if settles.contains(&error.code()) && Instant::now() < until => {
                    tracing::debug!(%error, "not known everywhere yet");
                    sleep(self.patience.wait).await;
                }
                result => return result,
            }
        }
    }

    /// Reads until the state is as the call made it: what AWS has just been told, it may not say at once.
    pub(super) async fn holds(&self, effect: &Effect, call: &Call<'_>) -> Result<bool, ApiError> {
        let until = Instant::now() + self.patience.limit;
        loop {
            let state = self.read(&effect.read, call).await?;
            if (effect.holds)(call, state.as_ref()) {
                return Ok(true);
            }
            if Instant::now() >= until {
                return Ok(false);
            }
            sleep(self.patience.wait).await;
        }
    }
}
