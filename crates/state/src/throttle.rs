//! The brake on guessing passwords.
//!
//! Each attempt is counted *before* the password is looked at, per user name and per address, in
//! one transaction. So a crowd of attempts at the same moment gets no more guesses than they would
//! one after the other. Success takes its own counts back.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::StateError;
use crate::codec::{clipped, count, micros, time};
use crate::db::{At, Db};

/// A subject without an attempt for so long is forgotten.
const FORGET: TimeDelta = TimeDelta::hours(1);

/// What attempts are counted by.
#[derive(Clone, Copy)]
enum Kind {
    User,
    Address,
}

impl Kind {
    /// Attempts before the first pause. Many people may share an address.
    fn free(self) -> u64 {
        match self {
            Self::User => 5,
            Self::Address => 20,
        }
    }

    /// Short for a user: who knows a name must not be able to lock its owner out for long.
    fn longest(self) -> TimeDelta {
        match self {
            Self::User => TimeDelta::seconds(60),
            Self::Address => TimeDelta::minutes(15),
        }
    }

    /// One second, then twice as long each time.
    fn pause(self, over: u64) -> TimeDelta {
        TimeDelta::seconds(1 << over.min(20)).min(self.longest())
    }
}

/// Whether an attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Go on.
    Admitted,
    /// Not before this time.
    Wait {
        /// When the next attempt may be made.
        until: DateTime<Utc>,
    },
}

/// The brake.
#[derive(Clone, Debug)]
pub struct Throttle {
    db: Arc<Db>,
}

impl Throttle {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Counts an attempt, unless the user or the address has to wait. An IPv6 address stands for
    /// its /64, which one machine may hold alone.
    pub async fn admit(
        &self,
        user: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Admission, StateError> {
        const WHAT: &str = "count a login attempt";
        let subjects = subjects(user, address);
        let mut tx = self.db.write(WHAT).await?;
        let mut until = None;
        for (subject, _) in &subjects {
            until = until.max(blocked_until(&mut tx, subject, now).await.at(&self.db, WHAT)?);
        }
        if let Some(until) = until {
            return Ok(Admission::Wait { until });
        }
        for (subject, kind) in &subjects {
            count_attempt(&mut tx, subject, *kind, now).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(Admission::Admitted)
    }

    /// Takes the count of a successful attempt back: all of the user's, one of the address's.
    pub(crate) async fn succeeded(
        tx: &mut SqliteConnection,
        user: &str,
        address: Option<IpAddr>,
    ) -> sqlx::Result<()> {
        for (subject, kind) in subjects(user, address) {
            let sql = match kind {
                Kind::User => "DELETE FROM throttle WHERE subject = ?1",
                Kind::Address => {
                    "UPDATE throttle SET failures = failures - 1, blocked_until = 0
                     WHERE subject = ?1 AND failures > 0"
                }
            };
            sqlx::query(sql).bind(subject).execute(&mut *tx).await?;
        }
        Ok(())
    }

    /// Forgets what is long past. Returns how many subjects.
    pub async fn prune(&self, now: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "forget login attempts";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query("DELETE FROM throttle WHERE last_at < ?1").bind(micros(now - FORGET));
        let deleted = done.execute(&mut *tx).await.at(&self.db, WHAT)?.rows_affected();
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(deleted)
    }
}

fn subjects(user: &str, address: Option<IpAddr>) -> Vec<(String, Kind)> {
    let name = clipped(user.trim(), 128).to_lowercase();
    let mut subjects = vec![(format!("user:{name}"), Kind::User)];
    subjects.extend(address.map(|address| (format!("address:{}", network(address)), Kind::Address)));
    subjects
}

fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

async fn blocked_until(
    tx: &mut SqliteConnection,
    subject: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query("SELECT blocked_until FROM throttle WHERE subject = ?1 AND blocked_until > ?2")
        .bind(subject)
        .bind(micros(now))
        .try_map(|row: SqliteRow| time(&row, "blocked_until"))
        .fetch_optional(tx)
        .await
}

async fn count_attempt(
    tx: &mut SqliteConnection,
    subject: &str,
    kind: Kind,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let before = sqlx::query("SELECT failures FROM throttle WHERE subject = ?1 AND last_at >= ?2")
        .bind(subject)
        .bind(micros(now - FORGET))
        .try_map(|row: SqliteRow| count(&row, "failures"))
        .fetch_optional(&mut *tx)
        .await?;
    let failures = before.unwrap_or(0) + 1;
    let until = failures.checked_sub(kind.free()).map_or(DateTime::UNIX_EPOCH, |over| now + kind.pause(over));
    sqlx::query(
        "INSERT INTO throttle (subject, failures, last_at, blocked_until) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (subject) DO UPDATE
         SET failures = excluded.failures, last_at = excluded.last_at, blocked_until = excluded.blocked_until",
    )
    .bind(subject)
    .bind(i64::try_from(failures).unwrap_or(i64::MAX))
    .bind(micros(now))
    .bind(micros(until))
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, state};

    const A: &str = "192.0.2.1";

    async fn admitted(throttle: &Throttle, user: &str, address: &str, seconds: i64) -> bool {
        let address = Some(address.parse().unwrap());
        throttle.admit(user, address, at(seconds)).await.unwrap() == Admission::Admitted
    }

    #[tokio::test]
    async fn a_user_is_slowed_after_five_attempts_wherever_they_come_from() {
        let (_folder, state) = state().await;
        let throttle = state.throttle();
        for number in 0..5 {
            assert!(admitted(&throttle, "alice", &format!("192.0.2.{number}"), 0).await);
        }
        let refused = throttle.admit("ALICE ", None, at(0)).await.unwrap();
        assert_eq!(refused, Admission::Wait { until: at(1) });
        assert!(admitted(&throttle, "bob", A, 0).await);
        assert!(admitted(&throttle, "alice", A, 1).await);
        assert_eq!(throttle.admit("alice", None, at(2)).await.unwrap(), Admission::Wait { until: at(3) });
        for number in 0..20 {
            admitted(&throttle, "alice", "198.51.100.9", 100 + number * 100).await;
        }
        let last = throttle.admit("alice", None, at(2001)).await.unwrap();
        assert_eq!(last, Admission::Wait { until: at(2000 + 60) }, "never longer than a minute");
    }

    #[tokio::test]
    async fn an_address_is_slowed_whomever_it_asks_for() {
        let (_folder, state) = state().await;
        let throttle = state.throttle();
        for number in 0..20 {
            let address = format!("2001:db8::{number:x}");
            assert!(admitted(&throttle, &format!("user{number}"), &address, 0).await);
        }
        assert!(!admitted(&throttle, "other", "2001:db8::ffff", 0).await, "the same /64");
        assert!(admitted(&throttle, "other", "2001:db8:0:1::1", 0).await);
        assert_eq!(throttle.prune(at(0) + FORGET + TimeDelta::seconds(1)).await.unwrap(), 23);
    }

    #[tokio::test]
    async fn attempts_at_the_same_moment_get_no_more_guesses() {
        let (_folder, state) = state().await;
        let tries = (0..40).map(|_| {
            let throttle = state.throttle();
            tokio::spawn(async move { throttle.admit("alice", None, at(0)).await.unwrap() })
        });
        let mut admitted = 0;
        for attempt in tries.collect::<Vec<_>>() {
            admitted += usize::from(attempt.await.unwrap() == Admission::Admitted);
        }
        assert_eq!(admitted, 5);
    }

    #[test]
    fn mapped_addresses_are_the_plain_ones() {
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1");
    }
}
