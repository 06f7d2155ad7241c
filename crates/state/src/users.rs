//! The people who may log in.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tokio::sync::Semaphore;

use crate::audit::{self, NewAuditEntry};
use crate::codec::{clipped, micros, parsed, time, time_opt};
use crate::db::{At, Db};
use crate::throttle::{Admission, Throttle};
use crate::{Actor, Role, StateError, password};

const NAME: usize = 64;

/// A user's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UserId(pub i64);

/// A user. The password's hash does not leave the crate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// The user's number; not given again after deletion.
    pub id: UserId,
    /// The name to log in with; case does not matter.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Whether logging in is refused.
    pub disabled: bool,
    /// When the user was created.
    pub created_at: DateTime<Utc>,
    /// When the user last logged in.
    pub last_login_at: Option<DateTime<Utc>>,
}

/// The outcome of an attempt to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// Name and password are right.
    Welcome(User),
    /// They are not, or the user is disabled; which, nobody is told.
    Denied,
    /// Too many attempts.
    Wait {
        /// When the next one may be made.
        until: DateTime<Utc>,
    },
}

/// The users.
#[derive(Clone, Debug)]
pub struct Users {
    db: Arc<Db>,
    hashing: Arc<Semaphore>,
}

impl Users {
    pub(crate) fn new(db: Arc<Db>, hashing: Arc<Semaphore>) -> Self {
        Self { db, hashing }
    }

    /// Creates a user.
    ///
    /// # Errors
    /// When the name is taken or not a name, or the password is too weak.
    pub async fn create(
        &self,
        name: &str,
        password: &str,
        role: Role,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<User, StateError> {
        const WHAT: &str = "create a user";
        check_name(name)?;
        let hash = password::hash(&self.hashing, password).await?;
        let mut tx = self.db.write(WHAT).await?;
        let created = sqlx::query(
            "INSERT INTO users (name, password_hash, role, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO NOTHING RETURNING *",
        )
        .bind(name)
        .bind(hash)
        .bind(role.as_str())
        .bind(micros(now))
        .try_map(|row: SqliteRow| read_user(&row))
        .fetch_optional(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        let user = created.ok_or_else(|| StateError::Exists { kind: "user", id: name.to_owned() })?;
        self.record(&mut tx, actor, "user.create", &user.name, json!({ "role": role.as_str() }), now).await?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(user)
    }

    /// Checks name and password. The attempt is counted, throttled by user and address, and
    /// recorded in the audit log; it takes the same time whether or not there is such a user.
    pub async fn login(
        &self,
        name: &str,
        password: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Login, StateError> {
        const WHAT: &str = "log in";
        let name = clipped(name.trim(), NAME);
        if let Admission::Wait { until } = Throttle::new(self.db.clone()).admit(name, address, now).await? {
            tracing::warn!(user = name, ?address, "login throttled");
            return Ok(Login::Wait { until });
        }
        let known = sqlx::query("SELECT * FROM users WHERE name = ?1")
            .bind(name)
            .try_map(|row: SqliteRow| Ok((read_user(&row)?, row.try_get::<String, _>("password_hash")?)))
            .fetch_optional(self.db.read())
            .await
            .at(&self.db, WHAT)?;
        let (user, hash) = known.unzip();
        let right = password::verify(&self.hashing, password, hash.clone()).await?;
        let actor = Actor { name: name.to_owned(), address: address.map(|address| address.to_string()) };
        let mut tx = self.db.write(WHAT).await?;
        let welcome = match (user, hash) {
            (Some(user), Some(hash)) if right => {
                admit(&mut tx, &user, &hash, now).await.at(&self.db, WHAT)?
            }
            _ => None,
        };
        let action = if welcome.is_some() { "user.login" } else { "user.login_failed" };
        self.record(&mut tx, &actor, action, name, json!({}), now).await?;
        if welcome.is_some() {
            Throttle::succeeded(&mut tx, name, address).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(welcome.map_or(Login::Denied, Login::Welcome))
    }

    /// Sets another password and ends the user's sessions.
    pub async fn set_password(
        &self,
        name: &str,
        password: &str,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "set a password";
        let hash = password::hash(&self.hashing, password).await?;
        let mut tx = self.db.write(WHAT).await?;
        let user = self.named(&mut tx, name).await?;
        let done =
            sqlx::query("UPDATE users SET password_hash = ?2 WHERE id = ?1").bind(user.id.0).bind(hash);
        done.execute(&mut *tx).await.at(&self.db, WHAT)?;
        self.log_out(&mut tx, &user).await?;
        self.record(&mut tx, actor, "user.password", &user.name, json!({}), now).await?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Gives another role; it holds at once, in open sessions too.
    ///
    /// # Errors
    /// When it would leave no admin who can log in.
    pub async fn set_role(
        &self,
        name: &str,
        role: Role,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "set a role";
        let mut tx = self.db.write(WHAT).await?;
        let user = self.named(&mut tx, name).await?;
        let done =
            sqlx::query("UPDATE users SET role = ?2 WHERE id = ?1").bind(user.id.0).bind(role.as_str());
        done.execute(&mut *tx).await.at(&self.db, WHAT)?;
        self.keep_an_admin(&mut tx, &user).await?;
        let detail = json!({ "from": user.role.as_str(), "to": role.as_str() });
        self.record(&mut tx, actor, "user.role", &user.name, detail, now).await?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Refuses the user logging in, or permits it again; refusing ends the user's sessions.
    ///
    /// # Errors
    /// When it would leave no admin who can log in.
    pub async fn set_disabled(
        &self,
        name: &str,
        disabled: bool,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "disable a user";
        let mut tx = self.db.write(WHAT).await?;
        let user = self.named(&mut tx, name).await?;
        let done = sqlx::query("UPDATE users SET disabled = ?2 WHERE id = ?1").bind(user.id.0).bind(disabled);
        done.execute(&mut *tx).await.at(&self.db, WHAT)?;
        self.keep_an_admin(&mut tx, &user).await?;
        if disabled {
            self.log_out(&mut tx, &user).await?;
        }
        let action = if disabled { "user.disable" } else { "user.enable" };
        self.record(&mut tx, actor, action, &user.name, json!({}), now).await?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Deletes a user and ends the user's sessions. The audit log keeps the name.
    ///
    /// # Errors
    /// When it would leave no admin who can log in.
    pub async fn delete(&self, name: &str, actor: &Actor, now: DateTime<Utc>) -> Result<(), StateError> {
        const WHAT: &str = "delete a user";
        let mut tx = self.db.write(WHAT).await?;
        let user = self.named(&mut tx, name).await?;
        let done = sqlx::query("DELETE FROM users WHERE id = ?1").bind(user.id.0);
        done.execute(&mut *tx).await.at(&self.db, WHAT)?;
        self.keep_an_admin(&mut tx, &user).await?;
        self.record(&mut tx, actor, "user.delete", &user.name, json!({}), now).await?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// The user of a name.
    pub async fn get(&self, name: &str) -> Result<Option<User>, StateError> {
        sqlx::query("SELECT * FROM users WHERE name = ?1")
            .bind(name)
            .try_map(|row: SqliteRow| read_user(&row))
            .fetch_optional(self.db.read())
            .await
            .at(&self.db, "read a user")
    }

    /// All users by name.
    pub async fn list(&self) -> Result<Vec<User>, StateError> {
        sqlx::query("SELECT * FROM users ORDER BY name")
            .try_map(|row: SqliteRow| read_user(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list users")
    }

    async fn named(&self, tx: &mut SqliteConnection, name: &str) -> Result<User, StateError> {
        sqlx::query("SELECT * FROM users WHERE name = ?1")
            .bind(name)
            .try_map(|row: SqliteRow| read_user(&row))
            .fetch_optional(tx)
            .await
            .at(&self.db, "read a user")?
            .ok_or_else(|| StateError::not_found("user", name))
    }

    async fn log_out(&self, tx: &mut SqliteConnection, user: &User) -> Result<(), StateError> {
        let done = sqlx::query("DELETE FROM sessions WHERE user_id = ?1").bind(user.id.0).execute(tx).await;
        done.map(drop).at(&self.db, "end sessions")
    }

    /// Refuses, after the change, that nobody is left who can manage users.
    async fn keep_an_admin(&self, tx: &mut SqliteConnection, changed: &User) -> Result<(), StateError> {
        if changed.role != Role::Admin || changed.disabled {
            return Ok(());
        }
        let left: i64 =
            sqlx::query_scalar("SELECT count(*) FROM users WHERE role = 'admin' AND NOT disabled")
                .fetch_one(tx)
                .await
                .at(&self.db, "count admins")?;
        if left == 0 {
            return Err(StateError::Refused { why: "this is the last admin; make another user admin first" });
        }
        Ok(())
    }

    async fn record(
        &self,
        tx: &mut SqliteConnection,
        actor: &Actor,
        action: &str,
        name: &str,
        detail: serde_json::Value,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        let entry = NewAuditEntry::new(actor, action, format!("user:{name}"), detail);
        audit::append(tx, &entry, now).await.map(drop).at(&self.db, "write the audit log")
    }
}

/// Notes the login, unless the user was disabled or got another password while this one was checked.
async fn admit(
    tx: &mut SqliteConnection,
    user: &User,
    hash: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<User>> {
    sqlx::query(
        "UPDATE users SET last_login_at = ?3 WHERE id = ?1 AND password_hash = ?2 AND NOT disabled RETURNING *",
    )
    .bind(user.id.0)
    .bind(hash)
    .bind(micros(now))
    .try_map(|row: SqliteRow| read_user(&row))
    .fetch_optional(tx)
    .await
}

fn check_name(name: &str) -> Result<(), StateError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
    if name.is_empty() || name.len() > NAME || !name.bytes().all(allowed) {
        let why = format!("use 1 to {NAME} letters, digits and . _ @ + -");
        return Err(StateError::invalid("the user name", why));
    }
    Ok(())
}

pub(crate) fn read_user(row: &SqliteRow) -> sqlx::Result<User> {
    Ok(User {
        id: UserId(row.try_get("id")?),
        name: row.try_get("name")?,
        role: parsed(row, "role")?,
        disabled: row.try_get("disabled")?,
        created_at: time(row, "created_at")?,
        last_login_at: time_opt(row, "last_login_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin, at, state};
    use crate::{AuditFilter, SessionPolicy, State};

    const PASSWORD: &str = "correct horse battery";

    async fn with_users() -> (tempfile::TempDir, State) {
        let (folder, state) = state().await;
        let users = state.users();
        users.create("root", PASSWORD, Role::Admin, &Actor::local("setup"), at(0)).await.unwrap();
        users.create("alice", PASSWORD, Role::Viewer, &admin(), at(0)).await.unwrap();
        (folder, state)
    }

    #[tokio::test]
    async fn right_is_welcome_and_wrong_is_denied_without_saying_why() {
        let (_folder, state) = with_users().await;
        let users = state.users();
        let address = Some("192.0.2.9".parse().unwrap());
        let Login::Welcome(user) = users.login("Alice", PASSWORD, address, at(5)).await.unwrap() else {
            panic!("denied");
        };
        assert_eq!((user.name.as_str(), user.role, user.last_login_at), ("alice", Role::Viewer, Some(at(5))));
        assert_eq!(users.login("alice", "wrong password", address, at(6)).await.unwrap(), Login::Denied);
        assert_eq!(users.login("nobody", PASSWORD, address, at(7)).await.unwrap(), Login::Denied);
        users.set_disabled("alice", true, &admin(), at(8)).await.unwrap();
        assert_eq!(users.login("alice", PASSWORD, address, at(9)).await.unwrap(), Login::Denied);
        let log = state.audit().list(&AuditFilter::default(), 5, None).await.unwrap();
        let acts: Vec<_> = log.iter().rev().map(|entry| entry.action.as_str()).collect();
        assert_eq!(
            acts,
            ["user.login", "user.login_failed", "user.login_failed", "user.disable", "user.login_failed"]
        );
        assert_eq!(log[0].address.as_deref(), Some("192.0.2.9"));
    }

    #[tokio::test]
    async fn guessing_is_slowed_and_success_clears_the_count() {
        let (_folder, state) = with_users().await;
        let users = state.users();
        for _ in 0..4 {
            assert_eq!(users.login("alice", "wrong", None, at(0)).await.unwrap(), Login::Denied);
        }
        assert!(matches!(users.login("alice", PASSWORD, None, at(0)).await.unwrap(), Login::Welcome(_)));
        for _ in 0..5 {
            assert_eq!(users.login("alice", "wrong", None, at(1)).await.unwrap(), Login::Denied);
        }
        assert_eq!(users.login("alice", PASSWORD, None, at(1)).await.unwrap(), Login::Wait { until: at(2) });
    }

    #[tokio::test]
    async fn names_are_unique_whatever_their_case_and_have_to_be_names() {
        let (_folder, state) = with_users().await;
        let users = state.users();
        let taken = users.create("ALICE", PASSWORD, Role::Admin, &admin(), at(1)).await.unwrap_err();
        assert!(matches!(taken, StateError::Exists { .. }));
        for name in ["", "a b", "x'; DROP TABLE users", &"n".repeat(65)] {
            assert!(users.create(name, PASSWORD, Role::Viewer, &admin(), at(1)).await.is_err(), "{name}");
        }
        assert!(users.create("bob", "short", Role::Viewer, &admin(), at(1)).await.is_err());
        assert_eq!(users.list().await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn the_last_admin_stays() {
        let (_folder, state) = with_users().await;
        let users = state.users();
        let refused =
            |result: Result<(), StateError>| assert!(matches!(result, Err(StateError::Refused { .. })));
        refused(users.set_role("root", Role::Viewer, &admin(), at(1)).await);
        refused(users.set_disabled("root", true, &admin(), at(1)).await);
        refused(users.delete("root", &admin(), at(1)).await);
        let root = users.get("root").await.unwrap().unwrap();
        assert_eq!((root.role, root.disabled), (Role::Admin, false));
        users.set_role("alice", Role::Admin, &admin(), at(2)).await.unwrap();
        users.delete("root", &admin(), at(3)).await.unwrap();
        assert!(users.get("root").await.unwrap().is_none());
        assert!(matches!(users.delete("root", &admin(), at(4)).await, Err(StateError::NotFound { .. })));
    }

    #[tokio::test]
    async fn a_new_password_ends_sessions_and_a_new_role_holds_at_once() {
        let (_folder, state) = with_users().await;
        let users = state.users();
        let policy = SessionPolicy::default();
        let alice = users.get("alice").await.unwrap().unwrap();
        let session = state.sessions().create(alice.id, None, None, &policy, at(1)).await.unwrap();
        users.set_role("alice", Role::Analyst, &admin(), at(2)).await.unwrap();
        let open = state.sessions().get(session.id.expose(), &policy, at(3)).await.unwrap().unwrap();
        assert_eq!(open.user.role, Role::Analyst);
        users.set_password("alice", "another good password", &admin(), at(4)).await.unwrap();
        assert!(state.sessions().get(session.id.expose(), &policy, at(5)).await.unwrap().is_none());
        assert_eq!(users.login("alice", PASSWORD, None, at(6)).await.unwrap(), Login::Denied);
    }
}
