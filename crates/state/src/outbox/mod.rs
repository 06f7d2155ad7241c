//! Messages on their way out: webhooks, notifications.
//!
//! ```text
//!   enqueue ─► pending ─claim─► leased ─ack──► sent
//!                 ▲                │──fail──► pending, later … ─► failed, with the reason
//!                 └── lease over ──┘
//! ```
//!
//! A message is enqueued in the transaction of what it tells about, so neither is there without
//! the other. A sender claims messages under a lease. One that dies with the claim, by `kill -9`
//! too, leaves a lease that ends, and the message is claimed again: each is sent **at least once**.
//! Its `key` is unique and goes with it, so that the receiver can drop a repetition. Each claim
//! counts as an attempt, so a message that kills its sender is given up like one that is refused.

mod look;
mod settle;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

pub use look::ChannelCounts;

use crate::StateError;
use crate::codec::{count, limit, micros, parsed, time, time_opt};
use crate::db::{At, Db};
use crate::secret::Secret;

const PRUNE: i64 = 10_000;

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The idempotency key. A second message with the same key is not enqueued.
    pub key: String,
    /// Through what it goes.
    pub channel: String,
    /// What the payload is.
    pub kind: String,
    /// The payload, JSON.
    pub payload: String,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// To be sent, or being sent.
    Pending,
    /// Acknowledged.
    Sent,
    /// Given up; `last_error` says why.
    Failed,
}

impl MessageState {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for MessageState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for MessageState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Pending, Self::Sent, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("unknown message state '{text}': use pending, sent or failed"))
    }
}

/// A message as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its number, rising.
    pub id: i64,
    /// The idempotency key.
    pub key: String,
    /// Through what it goes.
    pub channel: String,
    /// What the payload is.
    pub kind: String,
    /// The payload, JSON.
    pub payload: String,
    /// How far it is.
    pub state: MessageState,
    /// How often it was claimed.
    pub attempts: u64,
    /// When it may be claimed; while it is claimed, when the lease ends.
    pub due_at: DateTime<Utc>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// When it was acknowledged or given up.
    pub finished_at: Option<DateTime<Utc>>,
}

/// The right to send a message until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The message, as it is now; `attempts` counts this one.
    pub message: Message,
    lease: String,
}

/// How many messages there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OutboxCounts {
    /// To be sent.
    pub pending: u64,
    /// Acknowledged and not pruned yet.
    pub sent: u64,
    /// Given up and not pruned yet.
    pub failed: u64,
}

/// When to try again, and when to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts before a message is given up.
    pub attempts: u32,
    /// The pause after the first failure; each further one is twice as long.
    pub first_pause: TimeDelta,
    /// The longest pause.
    pub longest_pause: TimeDelta,
}

impl Default for RetryPolicy {
    /// Twelve attempts within about six hours.
    fn default() -> Self {
        Self { attempts: 12, first_pause: TimeDelta::seconds(5), longest_pause: TimeDelta::hours(2) }
    }
}

impl RetryPolicy {
    /// The pause after the given number of failed attempts, from one.
    pub fn pause(&self, attempts: u64) -> TimeDelta {
        let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(20);
        self.first_pause
            .checked_mul(1 << doublings)
            .map_or(self.longest_pause, |it| it.min(self.longest_pause))
    }
}

/// The outbox.
#[derive(Clone, Debug)]
pub struct Outbox {
    db: Arc<Db>,
}

impl Outbox {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Enqueues a message on its own; returns whether its key was new. Messages about findings are
    /// enqueued by [`crate::Findings::upsert`].
    pub async fn enqueue(&self, message: &NewMessage, now: DateTime<Utc>) -> Result<bool, StateError> {
        const WHAT: &str = "enqueue a message";
        let mut tx = self.db.write(WHAT).await?;
        let new = insert(&mut tx, message, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(new)
    }

    /// Claims up to `most` messages that are due, the longest waiting first, until `now + lease`.
    /// Messages whose last permitted attempt ended without a word are given up here.
    pub async fn claim(
        &self,
        most: usize,
        lease: TimeDelta,
        policy: &RetryPolicy,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StateError> {
        const WHAT: &str = "claim messages";
        // Looking first keeps an idle sender from taking the write lock each time it looks.
        let due: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM outbox WHERE state = 'pending' AND due_at <= ?1 LIMIT 1")
                .bind(micros(now))
                .fetch_optional(self.db.read())
                .await
                .at(&self.db, WHAT)?;
        if due.is_none() {
            return Ok(Vec::new());
        }
        let mut tx = self.db.write(WHAT).await?;
        give_up_silent(&mut tx, policy, now).await.at(&self.db, WHAT)?;
        let name = Secret::random("");
        let mut claims: Vec<Claim> = sqlx::query(
            "UPDATE outbox SET attempts = attempts + 1, due_at = ?2, lease = ?3 WHERE id IN
             (SELECT id FROM outbox WHERE state = 'pending' AND due_at <= ?1 ORDER BY due_at, id LIMIT ?4)
             RETURNING *",
        )
        .bind(micros(now))
        .bind(micros(now + lease))
        .bind(name.expose())
        .bind(limit(most))
        .try_map(|row: SqliteRow| Ok(Claim { message: message(&row)?, lease: name.expose().to_owned() }))
        .fetch_all(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        claims.sort_by_key(|claim| claim.message.id);
        Ok(claims)
    }

    /// Puts a message that was given up back into the queue, with all its attempts.
    pub async fn retry(&self, id: i64, now: DateTime<Utc>) -> Result<(), StateError> {
        const WHAT: &str = "retry a message";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query(
            "UPDATE outbox SET state = 'pending', attempts = 0, due_at = ?2, finished_at = NULL
             WHERE id = ?1 AND state = 'failed'",
        )
        .bind(id)
        .bind(micros(now))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        if done.rows_affected() == 0 { Err(StateError::not_found("failed message", id)) } else { Ok(()) }
    }

    /// Messages, the newest first, of one state or all.
    pub async fn list(&self, state: Option<MessageState>, most: usize) -> Result<Vec<Message>, StateError> {
        sqlx::query("SELECT * FROM outbox WHERE ?1 IS NULL OR state = ?1 ORDER BY id DESC LIMIT ?2")
            .bind(state.map(MessageState::as_str))
            .bind(limit(most))
            .try_map(|row: SqliteRow| message(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list messages")
    }

    /// How many messages there are.
    pub async fn counts(&self) -> Result<OutboxCounts, StateError> {
        const WHAT: &str = "count messages";
        let rows = sqlx::query("SELECT state, count(*) AS found FROM outbox GROUP BY state")
            .try_map(|row: SqliteRow| Ok((parsed(&row, "state")?, count(&row, "found")?)))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, WHAT)?;
        let mut counts = OutboxCounts::default();
        for (state, found) in rows {
            match state {
                MessageState::Pending => counts.pending = found,
                MessageState::Sent => counts.sent = found,
                MessageState::Failed => counts.failed = found,
            }
        }
        Ok(counts)
    }

    /// Deletes messages that were delivered or given up before `before`. Returns how many.
    pub async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "prune messages";
        let mut deleted = 0;
        loop {
            let mut tx = self.db.write(WHAT).await?;
            let done = sqlx::query(
                "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox
                 WHERE state IN ('sent', 'failed') AND finished_at < ?1 LIMIT ?2)",
            )
            .bind(micros(before))
            .bind(PRUNE)
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
            tx.commit().await.at(&self.db, WHAT)?;
            deleted += done.rows_affected();
            if done.rows_affected() < PRUNE.unsigned_abs() {
                return Ok(deleted);
            }
        }
    }
}

/// Enqueues within a transaction; returns whether the key was new.
pub(crate) async fn insert(
    tx: &mut SqliteConnection,
    message: &NewMessage,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO outbox (key, channel, kind, payload, due_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
         ON CONFLICT (key) DO NOTHING",
    )
    .bind(message.key.as_str())
    .bind(message.channel.as_str())
    .bind(message.kind.as_str())
    .bind(message.payload.as_str())
    .bind(micros(now))
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn give_up_silent(
    tx: &mut SqliteConnection,
    policy: &RetryPolicy,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE outbox SET state = 'failed', lease = NULL, finished_at = ?1, last_error =
         'the sender ended during the last attempt' || coalesce('; before: ' || last_error, '')
         WHERE state = 'pending' AND due_at <= ?1 AND lease IS NOT NULL AND attempts >= ?2",
    )
    .bind(micros(now))
    .bind(i64::from(policy.attempts))
    .execute(tx)
    .await?;
    Ok(())
}

fn message(row: &SqliteRow) -> sqlx::Result<Message> {
    Ok(Message {
        id: row.try_get("id")?,
        key: row.try_get("key")?,
        channel: row.try_get("channel")?,
        kind: row.try_get("kind")?,
        payload: row.try_get("payload")?,
        state: parsed(row, "state")?,
        attempts: count(row, "attempts")?,
        due_at: time(row, "due_at")?,
        last_error: row.try_get("last_error")?,
        created_at: time(row, "created_at")?,
        finished_at: time_opt(row, "finished_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, state};

    const LEASE: TimeDelta = TimeDelta::seconds(30);
    const POLICY: RetryPolicy = RetryPolicy {
        attempts: 3,
        first_pause: TimeDelta::seconds(10),
        longest_pause: TimeDelta::seconds(15),
    };

    fn new(key: &str) -> NewMessage {
        NewMessage { key: key.into(), channel: "chat".into(), kind: "test".into(), payload: "{}".into() }
    }

    async fn claim(outbox: &Outbox, seconds: i64) -> Vec<Claim> {
        outbox.claim(10, LEASE, &POLICY, at(seconds)).await.unwrap()
    }

    #[tokio::test]
    async fn a_message_is_sent_once_while_all_goes_well() {
        let (_folder, state) = state().await;
        let outbox = state.outbox();
        assert!(outbox.enqueue(&new("a"), at(0)).await.unwrap());
        assert!(!outbox.enqueue(&new("a"), at(1)).await.unwrap());
        let claims = claim(&outbox, 1).await;
        assert_eq!((claims.len(), claims[0].message.attempts), (1, 1));
        assert!(claim(&outbox, 2).await.is_empty(), "another sender gets nothing");
        assert!(outbox.ack(&claims[0], at(3)).await.unwrap());
        assert!(!outbox.ack(&claims[0], at(3)).await.unwrap());
        assert!(claim(&outbox, 1000).await.is_empty());
        assert_eq!(outbox.counts().await.unwrap(), OutboxCounts { sent: 1, ..OutboxCounts::default() });
        assert_eq!(outbox.prune(at(4)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_dead_senders_message_is_claimed_again_and_its_ack_comes_too_late() {
        let (_folder, state) = state().await;
        let outbox = state.outbox();
        outbox.enqueue(&new("a"), at(0)).await.unwrap();
        let dead = claim(&outbox, 0).await;
        assert!(claim(&outbox, 29).await.is_empty());
        let second = claim(&outbox, 30).await;
        assert_eq!(second[0].message.attempts, 2);
        assert!(!outbox.ack(&dead[0], at(31)).await.unwrap());
        outbox.fail(&dead[0], "late", &POLICY, at(31)).await.unwrap();
        assert!(outbox.ack(&second[0], at(32)).await.unwrap());
    }

    #[tokio::test]
    async fn failures_are_retried_with_growing_pauses_then_given_up_with_the_reason() {
        let (_folder, state) = state().await;
        let outbox = state.outbox();
        outbox.enqueue(&new("a"), at(0)).await.unwrap();
        let mut now = 0;
        for (pause, expected) in
            [(10, MessageState::Pending), (15, MessageState::Pending), (0, MessageState::Failed)]
        {
            let claims = claim(&outbox, now).await;
            let state = outbox.fail(&claims[0], "503 from the receiver", &POLICY, at(now)).await.unwrap();
            assert_eq!(state, expected);
            assert!(claim(&outbox, now + pause - 1).await.is_empty());
            now += pause;
        }
        let failed = outbox.list(Some(MessageState::Failed), 10).await.unwrap();
        assert_eq!((failed[0].attempts, failed[0].last_error.as_deref()), (3, Some("503 from the receiver")));
        outbox.retry(failed[0].id, at(now)).await.unwrap();
        assert_eq!(claim(&outbox, now).await[0].message.attempts, 1);
        assert!(outbox.retry(failed[0].id, at(now)).await.is_err());
    }

    #[tokio::test]
    async fn a_message_that_kills_its_sender_is_given_up() {
        let (_folder, state) = state().await;
        let outbox = state.outbox();
        outbox.enqueue(&new("a"), at(0)).await.unwrap();
        for attempt in 0..3 {
            assert_eq!(claim(&outbox, attempt * 30).await.len(), 1);
        }
        assert!(claim(&outbox, 90).await.is_empty());
        let failed = outbox.list(Some(MessageState::Failed), 10).await.unwrap();
        assert_eq!(failed[0].last_error.as_deref(), Some("the sender ended during the last attempt"));
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = RetryPolicy::default();
        let seconds: Vec<_> =
            [1, 2, 3, 30, u64::MAX].map(|attempt| policy.pause(attempt).num_seconds()).into();
        assert_eq!(seconds, [5, 10, 20, 7200, 7200]);
    }
}
