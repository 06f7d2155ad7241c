//! Sends what waits in the outbox: messages about incidents to their channels, and each finding to the
//! one webhook. At least once, with a key by which the receiver can tell.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use trailkeep_respond::channel::ChannelError;
use trailkeep_respond::config::RespondConfig;
use trailkeep_respond::deliver::{Deliver, DeliverOptions, Other};
use trailkeep_state::{Message, RetryPolicy, State};

use super::webhook::{CHANNEL, Webhook};

/// Between two looks at an empty outbox: a part of the second within which people are told.
const IDLE: Duration = Duration::from_millis(100);
/// No channel takes longer than this for a message, unless its settings say so.
const SLOWEST: Duration = Duration::from_secs(60);

/// The sender of a server.
pub(crate) fn sender(
    state: State,
    config: &RespondConfig,
    webhook: Option<Webhook>,
    policy: RetryPolicy,
) -> Deliver {
    let timeouts = config.channels.iter().map(|named| named.channel.timeout());
    let slowest =
        timeouts.chain(webhook.as_ref().map(Webhook::timeout)).max().unwrap_or_default().max(SLOWEST);
    // Longer than a delivery may take, so that nobody else claims what is being sent.
    let lease = TimeDelta::from_std(slowest).unwrap_or(TimeDelta::minutes(5)) + TimeDelta::seconds(30);
    let options = DeliverOptions { policy, idle: IDLE, lease: Some(lease), ..DeliverOptions::default() };
    Deliver::new(state, config, options).other(Arc::new(Findings(webhook)))
}

/// Each finding, to the one webhook.
struct Findings(Option<Webhook>);

#[async_trait]
impl Other for Findings {
    async fn send(&self, message: &Message) -> Result<(), ChannelError> {
        let outcome = match &self.0 {
            Some(webhook) if message.channel == CHANNEL => {
                webhook.post(message).await.map_err(|e| e.to_string())
            }
            _ => Err(format!(
                "no channel '{}' is configured; add [notify.webhook], or let the message go",
                message.channel
            )),
        };
        let name =
            if outcome.is_ok() { "trailkeep_webhook_sent_total" } else { "trailkeep_webhook_failed_total" };
        metrics::counter!(name).increment(1);
        outcome.map_err(ChannelError::retryable)
    }
}
