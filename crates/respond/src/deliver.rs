//! Sends what waits in the outbox, at least once, wherever the process is killed.
//!
//! Messages are claimed under a lease that outlasts their sending. Many are sent at a time, and of
//! one channel only some, so that one that hangs does not keep the others waiting. Messages of a
//! thread keep their order where the channel asks for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use trailkeep_state::{Claim, Message, MessageState, NewMessage, RetryPolicy, State, StateError, Ticket};

use crate::channel::{Channel, ChannelError};
use crate::config::{NamedChannel, RespondConfig};
use crate::route::{Notification, Receipt};

/// The end of the key of a message that stands for one that was given up.
const INSTEAD: &str = "/instead";

/// Sends messages of other kinds, which this module knows nothing of.
#[async_trait]
pub trait Other: Send + Sync {
    /// Sends one.
    ///
    /// # Errors
    /// When it did not arrive, as far as can be known.
    async fn send(&self, message: &Message) -> Result<(), ChannelError>;
}

/// How it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliverOptions {
    /// When to try again, and when to stop.
    pub policy: RetryPolicy,
    /// Messages that are sent at a time.
    pub together: usize,
    /// Of these, to one channel.
    pub per_channel: usize,
    /// Between two looks at an empty outbox.
    pub idle: Duration,
    /// How long a claim lasts. Default: longer than the slowest channel may take.
    pub lease: Option<TimeDelta>,
}

impl Default for DeliverOptions {
    fn default() -> Self {
        Self {
            policy: RetryPolicy::default(),
            together: 32,
            per_channel: 8,
            idle: Duration::from_millis(200),
            lease: None,
        }
    }
}

/// A channel, and how many messages it is sent at a time.
type Gated = (Arc<dyn Channel>, Arc<Semaphore>);

/// The sender.
#[derive(Clone)]
pub struct Deliver {
    state: State,
    channels: Arc<HashMap<String, Gated>>,
    fallback: Option<String>,
    other: Option<Arc<dyn Other>>,
    options: DeliverOptions,
}

impl std::fmt::Debug for Deliver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deliver").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Deliver {
    /// A sender to the channels of a configuration.
    #[must_use]
    pub fn new(state: State, config: &RespondConfig, options: DeliverOptions) -> Self {
        let channels = config.channels.iter().map(|named| {
            let gate = Arc::new(Semaphore::new(options.per_channel.max(1)));
            (named.name.clone(), (Arc::clone(&named.channel), gate))
        });
        Self {
            state,
            channels: Arc::new(channels.collect()),
            fallback: config.fallback.clone(),
            other: None,
            options,
        }
    }

    /// Gives messages of other kinds to somebody else.
    #[must_use]
    pub fn other(mut self, other: Arc<dyn Other>) -> Self {
        self.other = Some(other);
        self
    }

    /// Sends until `shutdown` is ready, and then finishes what it has begun.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut sending = JoinSet::new();
        loop {
            let free = self.options.together.max(1).saturating_sub(sending.len());
            let claims = match self.claim(free).await {
                Ok(claims) => claims,
                Err(error) => {
                    tracing::warn!(%error, "outbox not read; it is tried again");
                    Vec::new()
                }
            };
            let idle = claims.is_empty();
            for claim in claims {
                let sender = self.clone();
                sending.spawn(async move { sender.one(claim).await });
            }
            if idle || sending.len() >= self.options.together {
                tokio::select! {
                    () = &mut shutdown => break,
                    Some(_) = sending.join_next(), if !sending.is_empty() => {}
                    () = tokio::time::sleep(self.options.idle) => {}
                }
            }
            while sending.try_join_next().is_some() {}
        }
        while sending.join_next().await.is_some() {}
    }

    async fn claim(&self, most: usize) -> Result<Vec<Claim>, StateError> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let slowest = self.channels.values().map(|(channel, _)| channel.timeout()).max().unwrap_or_default();
        let lease = self.options.lease.unwrap_or_else(|| {
            TimeDelta::from_std(slowest).unwrap_or(TimeDelta::minutes(1)) + TimeDelta::seconds(30)
        });
        self.state.outbox().claim(most, lease, &self.options.policy, Utc::now()).await
    }

    /// Sends a claimed message, and says what became of it.
    async fn one(&self, claim: Claim) {
        let key = claim.message.key.clone();
        if let Err(error) = self.settle(claim).await {
            // The lease ends, and it is claimed again.
            tracing::warn!(%error, key, "delivery not recorded; it may be repeated");
        }
    }

    async fn settle(&self, claim: Claim) -> Result<(), StateError> {
        let outbox = self.state.outbox();
        let outcome = if claim.message.kind == Notification::KIND {
            match self.notify(&claim).await? {
                Sent::Done(outcome) => outcome,
                Sent::Later(wait) => return outbox.postpone(&claim, Utc::now() + wait).await,
            }
        } else if let Some(other) = &self.other {
            other.send(&claim.message).await
        } else {
            Err(unknown(&claim.message.channel))
        };
        let error = match outcome {
            Ok(()) => {
                outbox.ack(&claim, Utc::now()).await?;
                return Ok(());
            }
            Err(error) => error,
        };
        let last = claim.message.attempts >= u64::from(self.options.policy.attempts);
        if last || !error.retryable {
            // First, so that no crash leaves it undone.
            self.instead(&claim.message, &error).await?;
        }
        let now = Utc::now();
        let state = if error.retryable {
            let wait = error.retry_after.and_then(|wait| TimeDelta::from_std(wait).ok()).unwrap_or_default();
            outbox.fail_until(&claim, &error.reason, &self.options.policy, now + wait, now).await?
        } else {
            outbox.give_up(&claim, &error.reason, now).await?
        };
        tracing::warn!(
            reason = error.reason,
            key = claim.message.key,
            channel = claim.message.channel,
            attempts = claim.message.attempts,
            given_up = state == MessageState::Failed,
            "message not delivered"
        );
        Ok(())
    }

    async fn notify(&self, claim: &Claim) -> Result<Sent, StateError> {
        let Message { channel: name, payload, .. } = &claim.message;
        let Some((channel, gate)) = self.channels.get(name) else {
            return Ok(Sent::Done(Err(unknown(name))));
        };
        let Ok(mut message) = serde_json::from_str::<Notification>(payload) else {
            let reason = "the message cannot be read; it was written by another version";
            return Ok(Sent::Done(Err(ChannelError::permanent(reason))));
        };
        let Some(_turn) = turn(gate) else { return Ok(Sent::Later(TimeDelta::milliseconds(500))) };
        if channel.in_order() {
            let prefix = Notification::prefix_of(&message.thread);
            if self.state.outbox().is_behind(claim, &prefix).await? {
                return Ok(Sent::Later(TimeDelta::milliseconds(500)));
            }
        }
        let incidents = self.state.incidents();
        let ticket = incidents.ticket(&message.thread, name).await?;
        message.ticket = ticket.map(|ticket| Receipt { reference: Some(ticket.reference), url: ticket.url });
        let sent = tokio::time::timeout(channel.timeout(), channel.send(&message)).await;
        let outcome = sent.unwrap_or_else(|_| {
            Err(ChannelError::retryable(format!("no answer within {:?}", channel.timeout())))
        });
        if let Ok(receipt) = &outcome
            && let Some(reference) = &receipt.reference
            && message.ticket.as_ref() != Some(receipt)
        {
            let ticket = Ticket {
                channel: name.clone(),
                thread: message.thread.clone(),
                reference: reference.clone(),
                url: receipt.url.clone(),
                at: message.at,
            };
            incidents.keep_ticket(&ticket, None, Utc::now()).await?;
        }
        Ok(Sent::Done(outcome.map(|_| ())))
    }

    /// Sends what cannot be delivered to the fallback channel, and says why.
    async fn instead(&self, message: &Message, error: &ChannelError) -> Result<(), StateError> {
        let Some(fallback) = self.fallback.as_ref().filter(|name| **name != message.channel) else {
            return Ok(());
        };
        if message.key.ends_with(INSTEAD) || message.kind != Notification::KIND {
            return Ok(());
        }
        let Ok(mut copy) = serde_json::from_str::<Notification>(&message.payload) else { return Ok(()) };
        copy.comment = Some(format!("This could not be delivered to {}: {}.", message.channel, error.reason));
        // A thread of its own: the other channel's ticket is not this one's.
        copy.thread = crate::incident::hash(&["instead", fallback, &message.key]);
        copy.key = format!("{}{INSTEAD}", Notification::key_of(&copy.thread, 1));
        copy.channel.clone_from(fallback);
        let Ok(payload) = serde_json::to_string(&copy) else { return Ok(()) };
        let kind = Notification::KIND.to_owned();
        let new = NewMessage { key: copy.key, channel: fallback.clone(), kind, payload };
        self.state.outbox().enqueue(&new, Utc::now()).await?;
        Ok(())
    }
}

enum Sent {
    Done(Result<(), ChannelError>),
    /// Not begun: it is another's turn.
    Later(TimeDelta),
}

fn turn(gate: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    Arc::clone(gate).try_acquire_owned().ok()
}

fn unknown(channel: &str) -> ChannelError {
    ChannelError::retryable(format!(
        "there is no channel '{channel}'; add a [[respond.channel]] of this name, or let the message go"
    ))
}

/// Sends a trial message at once, past the outbox.
///
/// # Errors
/// When it did not arrive.
pub async fn test_send(channel: &NamedChannel, now: DateTime<Utc>) -> Result<Receipt, ChannelError> {
    let test = Notification::test(&channel.name, now);
    let sent = tokio::time::timeout(channel.channel.timeout(), channel.channel.send(&test));
    sent.await.unwrap_or_else(|_| Err(ChannelError::retryable("no answer in time")))
}
