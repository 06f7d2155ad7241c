//! Channels: who and what is told. One file each, and one line in [`KINDS`].
//!
//! # What a channel keeps to
//! - [`Channel::send`] may be called again with the same message, after a crash or when an answer
//!   was lost. Where the other side has a field by which it tells repetitions, `key` (of the
//!   message) or `thread` (of the ticket) goes there; where it has none, the channel looks for what
//!   it made before.
//! - Messages of one thread come in order, and with the [`Receipt`] of the first.
//! - An error says whether it is worth trying again. What the other side refuses for good is not.
//! - Texts are escaped and bounded by the other side's own limits. Secrets are in no error.

mod common;
mod error;
mod kinds;
pub(crate) mod record;
mod tls;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

pub(crate) use common::Context;
pub use error::ChannelError;
pub use kinds::slack::{Interaction, SlackError, parse_interaction, verify as verify_slack};
pub use kinds::webhook::verify as verify_webhook;
pub(crate) use kinds::{KINDS, Kind};

use crate::route::{Notification, Receipt};

/// Sends messages to one place.
#[async_trait]
pub trait Channel: Send + Sync + fmt::Debug {
    /// Sends a message; `ticket` in it is the receipt of the thread's first one.
    ///
    /// # Errors
    /// When it did not arrive, as far as can be known.
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError>;

    /// Longest that a message may take, all requests together.
    fn timeout(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// Whether messages of a thread must come in order, each after the one before it arrived.
    fn in_order(&self) -> bool {
        true
    }
}

/// The names of all kinds of channels.
#[must_use]
pub fn names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.name).collect()
}

/// What a kind of channel is, in words.
#[must_use]
pub fn title(name: &str) -> Option<&'static str> {
    find(name).map(|kind| kind.title)
}

/// The IAM actions that channels of AWS need, sorted.
#[must_use]
pub fn iam_actions() -> Vec<&'static str> {
    let mut actions: Vec<&str> = KINDS.iter().flat_map(|kind| kind.calls).map(|call| call.action).collect();
    actions.sort_unstable();
    actions.dedup();
    actions
}

pub(crate) fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests;
