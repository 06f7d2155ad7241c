//! Who is logged in.
//!
//! The cookie carries 256 random bits; the database only their hash, so a stolen copy of the file
//! opens no session.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::audit::{self, NewAuditEntry};
use crate::codec::{clipped, micros, time};
use crate::db::{At, Db};
use crate::secret::{Secret, same, stored};
use crate::users::read_user;
use crate::{Actor, StateError, User, UserId};

/// How exactly it is noted when a session was last used: one write per minute, not per request.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// From login, whatever happens.
    pub lifetime: TimeDelta,
    /// Without a request. At least a few minutes.
    pub idle: TimeDelta,
}

impl Default for SessionPolicy {
    /// Twelve hours, two without a request.
    fn default() -> Self {
        Self { lifetime: TimeDelta::hours(12), idle: TimeDelta::hours(2) }
    }
}

/// A session just made; its secrets are not to be had again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// The cookie's value.
    pub id: Secret,
    /// What forms have to carry.
    pub csrf: Secret,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

/// An open session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is, with the role of now.
    pub user: User,
    /// What forms have to carry; compare with [`Session::csrf_matches`].
    pub csrf: String,
    /// From where it was opened.
    pub address: Option<String>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

impl Session {
    /// Whether a form carries this session's secret. Takes the same time for all wrong ones.
    pub fn csrf_matches(&self, given: &str) -> bool {
        same(&self.csrf, given)
    }
}

/// The open sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Arc<Db>,
}

impl Sessions {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Opens a session for a user who has just logged in.
    pub async fn create(
        &self,
        user: UserId,
        address: Option<&str>,
        user_agent: Option<&str>,
        policy: &SessionPolicy,
        now: DateTime<Utc>,
    ) -> Result<NewSession, StateError> {
        const WHAT: &str = "open a session";
        let (id, csrf) = (Secret::random(""), Secret::random(""));
        let expires_at = now + policy.lifetime;
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query(
            "INSERT INTO sessions (hash, user_id, csrf, address, user_agent, created_at, seen_at, expires_at)
             SELECT ?1, id, ?3, ?4, ?5, ?6, ?6, ?7 FROM users WHERE id = ?2 AND NOT disabled",
        )
        .bind(stored(id.expose()))
        .bind(user.0)
        .bind(csrf.expose())
        .bind(address.map(|text| clipped(text, 128)))
        .bind(user_agent.map(|text| clipped(text, 512)))
        .bind(micros(now))
        .bind(micros(expires_at))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        if done.rows_affected() == 0 {
            return Err(StateError::not_found("user", user.0));
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(NewSession { id, csrf, expires_at })
    }

    /// The open session of a cookie's value.
    pub async fn get(
        &self,
        id: &str,
        policy: &SessionPolicy,
        now: DateTime<Utc>,
    ) -> Result<Option<Session>, StateError> {
        const WHAT: &str = "look up a session";
        let hash = stored(id);
        let session = sqlx::query(
            "SELECT users.*, csrf, address, sessions.created_at AS opened_at, seen_at, expires_at
             FROM sessions JOIN users ON users.id = user_id
             WHERE hash = ?1 AND expires_at > ?2 AND seen_at > ?3 AND NOT disabled",
        )
        .bind(hash.as_slice())
        .bind(micros(now))
        .bind(micros(now - policy.idle))
        .try_map(|row: SqliteRow| read_session(&row))
        .fetch_optional(self.db.read())
        .await
        .at(&self.db, WHAT)?;
        if session.as_ref().is_some_and(|session| now - session.seen_at >= TOUCH) {
            let mut tx = self.db.write(WHAT).await?;
            let done =
                sqlx::query("UPDATE sessions SET seen_at = ?2 WHERE hash = ?1").bind(hash).bind(micros(now));
            done.execute(&mut *tx).await.at(&self.db, WHAT)?;
            tx.commit().await.at(&self.db, WHAT)?;
        }
        Ok(session)
    }

    /// Logs out: ends the session of a cookie's value. Returns whether it was open.
    pub async fn delete(&self, id: &str, actor: &Actor, now: DateTime<Utc>) -> Result<bool, StateError> {
        const WHAT: &str = "end a session";
        let mut tx = self.db.write(WHAT).await?;
        let user: Option<i64> = sqlx::query_scalar("DELETE FROM sessions WHERE hash = ?1 RETURNING user_id")
            .bind(stored(id))
            .fetch_optional(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        if let Some(user) = user {
            record_logout(&mut tx, user, actor, now).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(user.is_some())
    }

    /// Ends all sessions of a user; returns how many there were.
    pub async fn delete_all(
        &self,
        user: UserId,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<u64, StateError> {
        const WHAT: &str = "end sessions";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query("DELETE FROM sessions WHERE user_id = ?1").bind(user.0).execute(&mut *tx);
        let ended = done.await.at(&self.db, WHAT)?.rows_affected();
        if ended > 0 {
            record_logout(&mut tx, user.0, actor, now).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(ended)
    }

    /// Deletes sessions that have expired. Returns how many.
    pub async fn prune(&self, now: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "prune sessions";
        let mut tx = self.db.write(WHAT).await?;
        let done =
            sqlx::query("DELETE FROM sessions WHERE expires_at <= ?1").bind(micros(now)).execute(&mut *tx);
        let deleted = done.await.at(&self.db, WHAT)?.rows_affected();
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(deleted)
    }
}

async fn record_logout(
    tx: &mut SqliteConnection,
    user: i64,
    actor: &Actor,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let name: Option<String> = sqlx::query_scalar("SELECT name FROM users WHERE id = ?1")
        .bind(user)
        .fetch_optional(&mut *tx)
        .await?;
    let object = format!("user:{}", name.unwrap_or_else(|| user.to_string()));
    audit::append(tx, &NewAuditEntry::new(actor, "user.logout", object, json!({})), now).await.map(drop)
}

fn read_session(row: &SqliteRow) -> sqlx::Result<Session> {
    Ok(Session {
        user: read_user(row)?,
        csrf: row.try_get("csrf")?,
        address: row.try_get("address")?,
        created_at: time(row, "opened_at")?,
        seen_at: time(row, "seen_at")?,
        expires_at: time(row, "expires_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin, at, state};
    use crate::{Role, State};

    const POLICY: SessionPolicy =
        SessionPolicy { lifetime: TimeDelta::seconds(1000), idle: TimeDelta::seconds(300) };

    async fn open() -> (tempfile::TempDir, State, UserId, NewSession) {
        let (folder, state) = state().await;
        let (users, actor) = (state.users(), admin());
        let user =
            users.create("alice", "correct horse battery", Role::Analyst, &actor, at(0)).await.unwrap().id;
        let session =
            state.sessions().create(user, Some("192.0.2.1"), Some("curl"), &POLICY, at(0)).await.unwrap();
        (folder, state, user, session)
    }

    #[tokio::test]
    async fn a_session_lives_while_it_is_used_and_not_beyond_its_lifetime() {
        let (_folder, state, user, new) = open().await;
        let sessions = state.sessions();
        let id = new.id.expose();
        for seconds in [0, 200, 490, 780, 999] {
            let session = sessions.get(id, &POLICY, at(seconds)).await.unwrap().unwrap();
            assert_eq!((session.user.id, session.expires_at), (user, at(1000)), "at {seconds}");
        }
        assert!(sessions.get(id, &POLICY, at(1000)).await.unwrap().is_none());
        assert_eq!(sessions.prune(at(1000)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn an_idle_session_ends() {
        let (_folder, state, _, new) = open().await;
        assert!(state.sessions().get(new.id.expose(), &POLICY, at(300)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn only_the_right_secrets_open() {
        let (_folder, state, _, new) = open().await;
        let sessions = state.sessions();
        let session = sessions.get(new.id.expose(), &POLICY, at(1)).await.unwrap().unwrap();
        assert!(session.csrf_matches(new.csrf.expose()));
        assert!(!session.csrf_matches("") && !session.csrf_matches(new.id.expose()));
        assert!(sessions.get("", &POLICY, at(1)).await.unwrap().is_none());
        let bytes = std::fs::read(state.path().with_extension("db-wal")).unwrap();
        let shown = bytes.windows(64).any(|window| window == new.id.expose().as_bytes());
        assert!(!shown, "the cookie's value is in the file");
    }

    #[tokio::test]
    async fn logging_out_ends_the_session() {
        let (_folder, state, user, new) = open().await;
        let sessions = state.sessions();
        assert!(sessions.delete(new.id.expose(), &admin(), at(1)).await.unwrap());
        assert!(!sessions.delete(new.id.expose(), &admin(), at(1)).await.unwrap());
        assert!(sessions.get(new.id.expose(), &POLICY, at(1)).await.unwrap().is_none());
        sessions.create(user, None, None, &POLICY, at(2)).await.unwrap();
        assert_eq!(sessions.delete_all(user, &admin(), at(3)).await.unwrap(), 1);
        assert!(sessions.create(UserId(99), None, None, &POLICY, at(2)).await.is_err());
    }
}
