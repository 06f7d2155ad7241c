//! Throws away what the state no longer needs, every so often.

use std::time::Duration;

use chrono::Utc;
use trailkeep_state::{Retention, State};

use super::Shutdown;

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(600);

/// Runs until the server stops.
pub(crate) async fn tidy(state: State, shutdown: Shutdown) {
    loop {
        match state.maintain(Utc::now(), &Retention::default()).await {
            Ok(done) => tracing::debug!(?done, "state tidied"),
            Err(error) => tracing::warn!(%error, "state not tidied; it is tried again"),
        }
        tokio::select! {
            () = shutdown.draining() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
