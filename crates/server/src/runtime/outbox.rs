//! Sends what waits in the outbox. At least once, with a key by which the receiver can tell.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use futures::StreamExt;
use trailkeep_state::{Claim, MessageState, RetryPolicy, State};

use super::Shutdown;
use super::webhook::{CHANNEL, Webhook};

/// Between two looks at an empty outbox: a finding is told within a second.
const IDLE: Duration = Duration::from_millis(250);
/// Messages that are claimed together, and sent at the same time.
const TOGETHER: usize = 8;

/// Sends until the server stops.
pub(crate) async fn deliver(state: State, webhook: Option<Webhook>, policy: RetryPolicy, shutdown: Shutdown) {
    // Longer than a delivery may take, so that nobody else claims what is being sent.
    let timeout = webhook.as_ref().map_or(Duration::from_secs(10), Webhook::timeout);
    let lease = TimeDelta::from_std(timeout * 2).unwrap_or(TimeDelta::seconds(60)) + TimeDelta::seconds(30);
    while !shutdown.is_draining() {
        let claims = match state.outbox().claim(TOGETHER, lease, &policy, Utc::now()).await {
            Ok(claims) => claims,
            Err(error) => {
                tracing::warn!(%error, "outbox not read; it is tried again");
                Vec::new()
            }
        };
        if claims.is_empty() {
            tokio::select! {
                () = shutdown.draining() => return,
                () = tokio::time::sleep(IDLE) => {}
            }
            continue;
        }
        futures::stream::iter(claims)
            .for_each_concurrent(TOGETHER, |claim| send(&state, webhook.as_ref(), claim, &policy))
            .await;
    }
}

async fn send(state: &State, webhook: Option<&Webhook>, claim: Claim, policy: &RetryPolicy) {
    let outcome = match webhook {
        Some(webhook) if claim.message.channel == CHANNEL => {
            webhook.post(&claim.message).await.map_err(|error| error.to_string())
        }
        _ => Err(format!(
            "no channel '{}' is configured; add [notify.webhook], or let the message go",
            claim.message.channel
        )),
    };
    let kept = match outcome {
        Ok(()) => {
            metrics::counter!("trailkeep_webhook_sent_total").increment(1);
            state.outbox().ack(&claim, Utc::now()).await.map(|_| ())
        }
        Err(reason) => {
            metrics::counter!("trailkeep_webhook_failed_total").increment(1);
            let now = state.outbox().fail(&claim, &reason, policy, Utc::now()).await;
            let given_up = matches!(now, Ok(MessageState::Failed));
            tracing::warn!(
                reason,
                key = claim.message.key,
                attempts = claim.message.attempts,
                given_up,
                "finding not delivered"
            );
            now.map(|_| ())
        }
    };
    if let Err(error) = kept {
        tracing::warn!(%error, "delivery not recorded; it may be repeated");
    }
}
