//! What waits, or was given up, for whom.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{Message, MessageState, Outbox, message};
use crate::codec::{count, limit, micros, parsed};
use crate::db::At;
use crate::{Actor, NewAuditEntry, StateError, audit};

/// Values per statement.
const CHUNK: usize = 500;

/// How many messages of a channel are not delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChannelCounts {
    /// To be sent.
    pub pending: u64,
    /// Of these, how many were tried and refused.
    pub retrying: u64,
    /// Given up and not pruned yet.
    pub failed: u64,
}

impl Outbox {
    /// Channels with messages that are not delivered, by name.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn undelivered(&self) -> Result<BTreeMap<String, ChannelCounts>, StateError> {
        // Those that were sent are the many, and the index leaves them out.
        let rows = sqlx::query(
            "SELECT channel, state, count(*) AS found, count(last_error) AS refused FROM outbox
             WHERE state IN ('pending', 'failed') GROUP BY channel, state",
        )
        .try_map(|row: SqliteRow| {
            let state: MessageState = parsed(&row, "state")?;
            Ok((row.try_get::<String, _>("channel")?, state, count(&row, "found")?, count(&row, "refused")?))
        })
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "count messages")?;
        let mut channels: BTreeMap<String, ChannelCounts> = BTreeMap::new();
        for (channel, state, found, refused) in rows {
            let counts = channels.entry(channel).or_default();
            match state {
                MessageState::Pending => (counts.pending, counts.retrying) = (found, refused),
                MessageState::Failed => counts.failed = found,
                MessageState::Sent => {}
            }
        }
        Ok(channels)
    }

    /// Messages of one channel that wait or were given up, the newest first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn undelivered_to(&self, channel: &str, most: usize) -> Result<Vec<Message>, StateError> {
        sqlx::query(
            "SELECT * FROM outbox WHERE state IN ('pending', 'failed') AND channel = ?1
             ORDER BY id DESC LIMIT ?2",
        )
        .bind(channel)
        .bind(limit(most))
        .try_map(|row: SqliteRow| message(&row))
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "list messages")
    }

    /// How far the messages of these keys are, and why the last attempt failed. Those that were pruned
    /// are not there.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn states_of(
        &self,
        keys: &[&str],
    ) -> Result<BTreeMap<String, (MessageState, Option<String>)>, StateError> {
        let mut states = BTreeMap::new();
        for chunk in keys.chunks(CHUNK) {
            let mut sql =
                QueryBuilder::<Sqlite>::new("SELECT key, state, last_error FROM outbox WHERE key IN (");
            let mut list = sql.separated(", ");
            for key in chunk {
                list.push_bind((*key).to_owned());
            }
            sql.push(")");
            let rows = sql
                .build()
                .try_map(|row: SqliteRow| {
                    let state: MessageState = parsed(&row, "state")?;
                    let error = row.try_get::<Option<String>, _>("last_error")?;
                    Ok((row.try_get::<String, _>("key")?, (state, error)))
                })
                .fetch_all(self.db.read())
                .await
                .at(&self.db, "look up messages")?;
            states.extend(rows);
        }
        Ok(states)
    }

    /// Messages whose keys begin with a text, the oldest first. A thread's messages share what their
    /// keys begin with.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn beginning_with(&self, prefix: &str, most: usize) -> Result<Vec<Message>, StateError> {
        // A range, so that the index on the key is used; keys are ASCII.
        sqlx::query("SELECT * FROM outbox WHERE key >= ?1 AND key < ?2 ORDER BY id LIMIT ?3")
            .bind(prefix)
            .bind(format!("{prefix}\u{7f}"))
            .bind(limit(most))
            .try_map(|row: SqliteRow| message(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list messages")
    }

    /// Puts all messages of a channel that were given up back into the queue, with all their attempts;
    /// how many that were.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub async fn retry_channel(
        &self,
        channel: &str,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<u64, StateError> {
        const WHAT: &str = "retry messages";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query(
            "UPDATE outbox SET state = 'pending', attempts = 0, due_at = ?2, finished_at = NULL
             WHERE state = 'failed' AND channel = ?1",
        )
        .bind(channel)
        .bind(micros(now))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        if done.rows_affected() > 0 {
            let detail = serde_json::json!({ "messages": done.rows_affected() });
            let entry = NewAuditEntry::new(actor, "channel.retry", format!("channel:{channel}"), detail);
            audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(done.rows_affected())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::testing::{admin, at, state};
    use crate::{AuditFilter, NewMessage, RetryPolicy};

    #[tokio::test]
    async fn what_is_not_delivered_is_counted_listed_and_tried_again_by_channel() {
        let (_folder, state) = state().await;
        let outbox = state.outbox();
        for (key, channel) in [("n/a/1", "chat"), ("n/a/2", "chat"), ("n/b/1", "pager"), ("n/c/1", "chat")] {
            let new = NewMessage {
                key: key.into(),
                channel: channel.into(),
                kind: "notification".into(),
                payload: "{}".into(),
            };
            outbox.enqueue(&new, at(0)).await.unwrap();
        }
        let policy = RetryPolicy::default();
        let claims = outbox.claim(10, TimeDelta::seconds(30), &policy, at(0)).await.unwrap();
        outbox.give_up(&claims[0], "410 from the receiver", at(1)).await.unwrap();
        outbox.fail(&claims[1], "503 from the receiver", &policy, at(1)).await.unwrap();
        outbox.ack(&claims[3], at(1)).await.unwrap();

        let counts = outbox.undelivered().await.unwrap();
        assert_eq!(counts["chat"], ChannelCounts { pending: 1, retrying: 1, failed: 1 });
        assert_eq!(counts["pager"], ChannelCounts { pending: 1, retrying: 0, failed: 0 });
        let keys = |messages: Vec<Message>| messages.into_iter().map(|it| it.key).collect::<Vec<_>>();
        assert_eq!(keys(outbox.undelivered_to("chat", 9).await.unwrap()), ["n/a/2", "n/a/1"]);
        assert_eq!(keys(outbox.beginning_with("n/a/", 9).await.unwrap()), ["n/a/1", "n/a/2"]);
        let states = outbox.states_of(&["n/a/1", "n/c/1", "none"]).await.unwrap();
        assert_eq!(states["n/a/1"], (MessageState::Failed, Some("410 from the receiver".to_owned())));
        assert_eq!((states["n/c/1"].0, states.len()), (MessageState::Sent, 2));

        assert_eq!(outbox.retry_channel("chat", &admin(), at(2)).await.unwrap(), 1);
        assert_eq!(outbox.retry_channel("chat", &admin(), at(2)).await.unwrap(), 0);
        assert_eq!(outbox.undelivered().await.unwrap()["chat"].failed, 0);
        let acts = state.audit().list(&AuditFilter::default(), 9, None).await.unwrap();
        assert_eq!((acts.len(), acts[0].action.as_str()), (1, "channel.retry"));
    }
}
