//! What became of a claimed message.

use chrono::{DateTime, Utc};

use super::{Claim, MessageState, Outbox, RetryPolicy};
use crate::StateError;
use crate::codec::{clipped, micros};
use crate::db::At;

const REASON: usize = 2048;

impl Outbox {
    /// Says that a message was delivered. Returns false if the lease had ended and another sender
    /// has taken over; the message may arrive twice then.
    pub async fn ack(&self, claim: &Claim, now: DateTime<Utc>) -> Result<bool, StateError> {
        const WHAT: &str = "acknowledge a message";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query(
            "UPDATE outbox SET state = 'sent', lease = NULL, last_error = NULL, finished_at = ?3
             WHERE id = ?1 AND lease = ?2 AND state = 'pending'",
        )
        .bind(claim.message.id)
        .bind(claim.lease.as_str())
        .bind(micros(now))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(done.rows_affected() == 1)
    }

    /// Says that a message could not be delivered, and why. It is tried again after a pause that
    /// doubles each time, or given up. Returns what it is now.
    pub async fn fail(
        &self,
        claim: &Claim,
        reason: &str,
        policy: &RetryPolicy,
        now: DateTime<Utc>,
    ) -> Result<MessageState, StateError> {
        self.fail_until(claim, reason, policy, now, now).await
    }

    /// As [`Outbox::fail`], and it is not tried again before `earliest`, when the receiver has said so.
    pub async fn fail_until(
        &self,
        claim: &Claim,
        reason: &str,
        policy: &RetryPolicy,
        earliest: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<MessageState, StateError> {
        let attempts = claim.message.attempts;
        if attempts >= u64::from(policy.attempts) {
            return self.give_up(claim, reason, now).await;
        }
        let due = earliest.max(now + policy.pause(attempts));
        self.settle(claim, MessageState::Pending, reason, due, now).await?;
        Ok(MessageState::Pending)
    }

    /// Says that a message can never be delivered, and why. It is not tried again by itself.
    pub async fn give_up(
        &self,
        claim: &Claim,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<MessageState, StateError> {
        self.settle(claim, MessageState::Failed, reason, now, now).await?;
        Ok(MessageState::Failed)
    }

    /// Puts a message back until `due`, as if it had not been claimed: it waits for another one.
    pub async fn postpone(&self, claim: &Claim, due: DateTime<Utc>) -> Result<(), StateError> {
        const WHAT: &str = "put a message back";
        let mut tx = self.db.write(WHAT).await?;
        sqlx::query(
            "UPDATE outbox SET lease = NULL, due_at = ?3, attempts = max(attempts - 1, 0)
             WHERE id = ?1 AND lease = ?2 AND state = 'pending'",
        )
        .bind(claim.message.id)
        .bind(claim.lease.as_str())
        .bind(micros(due))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// True when a message whose key begins with `prefix` was enqueued before this one and waits.
    pub async fn is_behind(&self, claim: &Claim, prefix: &str) -> Result<bool, StateError> {
        // A range, so that the index on the key is used; keys are ASCII.
        let end = format!("{prefix}\u{7f}");
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM outbox WHERE key >= ?1 AND key < ?2 AND id < ?3 AND state = 'pending' LIMIT 1",
        )
        .bind(prefix)
        .bind(end)
        .bind(claim.message.id)
        .fetch_optional(self.db.read())
        .await
        .at(&self.db, "look at messages")?;
        Ok(found.is_some())
    }

    async fn settle(
        &self,
        claim: &Claim,
        state: MessageState,
        reason: &str,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "put a message back";
        let mut tx = self.db.write(WHAT).await?;
        sqlx::query(
            "UPDATE outbox SET state = ?3, lease = NULL, due_at = ?4, last_error = ?5, finished_at = ?6
             WHERE id = ?1 AND lease = ?2 AND state = 'pending'",
        )
        .bind(claim.message.id)
        .bind(claim.lease.as_str())
        .bind(state.as_str())
        .bind(micros(due))
        .bind(clipped(reason, REASON))
        .bind((state == MessageState::Failed).then(|| micros(now)))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::NewMessage;
    use crate::testing::{at, state};

    const LEASE: TimeDelta = TimeDelta::seconds(30);

    async fn claims(outbox: &Outbox, seconds: i64) -> Vec<Claim> {
        outbox.claim(10, LEASE, &RetryPolicy::default(), at(seconds)).await.unwrap()
    }

    async fn enqueued(keys: &[&str]) -> (tempfile::TempDir, Outbox) {
        let (folder, state) = state().await;
        for key in keys {
            let message = NewMessage {
                key: (*key).into(),
                channel: "chat".into(),
                kind: "test".into(),
                payload: "{}".into(),
            };
            state.outbox().enqueue(&message, at(0)).await.unwrap();
        }
        (folder, state.outbox())
    }

    #[tokio::test]
    async fn a_receivers_word_on_when_to_come_again_is_kept() {
        let (_folder, outbox) = enqueued(&["a"]).await;
        let claim = claims(&outbox, 0).await.remove(0);
        let policy = RetryPolicy::default();
        let state = outbox.fail_until(&claim, "429", &policy, at(90), at(0)).await.unwrap();
        assert_eq!(state, MessageState::Pending);
        assert!(claims(&outbox, 89).await.is_empty());
        let claim = claims(&outbox, 90).await.remove(0);
        // One that asks for less than the pause gets the pause.
        outbox.fail_until(&claim, "429", &policy, at(91), at(90)).await.unwrap();
        assert!(claims(&outbox, 99).await.is_empty());
        assert_eq!(claims(&outbox, 100).await.len(), 1);
    }

    #[tokio::test]
    async fn what_can_never_be_delivered_is_given_up_at_once_with_the_reason() {
        let (_folder, outbox) = enqueued(&["a"]).await;
        let claim = claims(&outbox, 0).await.remove(0);
        assert_eq!(outbox.give_up(&claim, "404 no such hook", at(1)).await.unwrap(), MessageState::Failed);
        let failed = outbox.list(Some(MessageState::Failed), 9).await.unwrap();
        assert_eq!(failed[0].last_error.as_deref(), Some("404 no such hook"));
        assert_eq!(failed[0].finished_at, Some(at(1)));
    }

    #[tokio::test]
    async fn a_message_that_waits_for_another_loses_no_attempt() {
        let (_folder, outbox) = enqueued(&["t1/1", "t1/2", "t10/1"]).await;
        let all = claims(&outbox, 0).await;
        assert!(!outbox.is_behind(&all[0], "t1/").await.unwrap());
        assert!(outbox.is_behind(&all[1], "t1/").await.unwrap());
        assert!(!outbox.is_behind(&all[2], "t10/").await.unwrap());
        outbox.postpone(&all[1], at(2)).await.unwrap();
        outbox.ack(&all[0], at(1)).await.unwrap();
        assert!(claims(&outbox, 1).await.is_empty());
        let again = claims(&outbox, 2).await.remove(0);
        assert_eq!((again.message.key.as_str(), again.message.attempts), ("t1/2", 1));
        assert!(!outbox.is_behind(&again, "t1/").await.unwrap());
    }
}
