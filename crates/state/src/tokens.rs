//! API and ingest tokens.
//!
//! A token is `tk_` and 256 random bits in hex, shown once; the database has its hash.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::audit::{self, NewAuditEntry};
use crate::codec::{micros, parsed, time, time_opt};
use crate::db::{At, Db};
use crate::secret::{Secret, stored};
use crate::{Actor, Role, StateError};

/// What every token starts with, so that secret scanners and people know it.
const PREFIX: &str = "tk_";
/// How much of a token is kept to tell it from others.
const HINT: usize = 8;
const NAME: usize = 128;
/// How exactly it is noted when a token was last used: one write per minute, not per request.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// What a token is for. As text: `ingest`, or the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Scope {
    /// Sending events in, and nothing else.
    Ingest,
    /// The API, as somebody of this role.
    Api(Role),
}

impl Scope {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Api(role) => role.as_str(),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "ingest" {
            return Ok(Self::Ingest);
        }
        text.parse().map(Self::Api).map_err(|_: String| {
            format!("unknown scope '{text}': use ingest, viewer, analyst, responder or admin")
        })
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.as_str()
    }
}

impl TryFrom<String> for Scope {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// How it begins.
    pub hint: String,
    /// What it is for.
    pub scope: Scope,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it stops being good.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The tokens.
#[derive(Clone, Debug)]
pub struct Tokens {
    db: Arc<Db>,
}

impl Tokens {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Makes a token. The secret is to be shown now; it is not to be had again.
    pub async fn create(
        &self,
        name: &str,
        scope: Scope,
        expires_at: Option<DateTime<Utc>>,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(Token, Secret), StateError> {
        const WHAT: &str = "create a token";
        let name = name.trim();
        if name.is_empty() || name.len() > NAME {
            return Err(StateError::invalid("the token's name", format!("use 1 to {NAME} bytes")));
        }
        if expires_at.is_some_and(|time| time <= now) {
            return Err(StateError::invalid("the token's expiry", "choose a time in the future"));
        }
        let secret = Secret::random(PREFIX);
        let hint: String = secret.expose().chars().take(PREFIX.len() + HINT).collect();
        let mut tx = self.db.write(WHAT).await?;
        let token = sqlx::query(
            "INSERT INTO tokens (name, hint, hash, scope, created_by, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING *",
        )
        .bind(name)
        .bind(hint)
        .bind(stored(secret.expose()))
        .bind(scope.as_str())
        .bind(actor.name.as_str())
        .bind(micros(now))
        .bind(expires_at.map(micros))
        .try_map(|row: SqliteRow| read_token(&row))
        .fetch_one(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        let detail = json!({ "name": name, "scope": scope.as_str() });
        let entry = NewAuditEntry::new(actor, "token.create", format!("token:{}", token.id), detail);
        audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok((token, secret))
    }

    /// The token of a secret, if it is good now.
    pub async fn verify(&self, secret: &str, now: DateTime<Utc>) -> Result<Option<Token>, StateError> {
        const WHAT: &str = "check a token";
        if !secret.starts_with(PREFIX) {
            return Ok(None);
        }
        let token = sqlx::query(
            "SELECT * FROM tokens
             WHERE hash = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)",
        )
        .bind(stored(secret))
        .bind(micros(now))
        .try_map(|row: SqliteRow| read_token(&row))
        .fetch_optional(self.db.read())
        .await
        .at(&self.db, WHAT)?;
        let Some(token) = token else { return Ok(None) };
        if token.last_used_at.is_none_or(|used| now - used >= TOUCH) {
            let mut tx = self.db.write(WHAT).await?;
            let done = sqlx::query("UPDATE tokens SET last_used_at = ?2 WHERE id = ?1").bind(token.id);
            done.bind(micros(now)).execute(&mut *tx).await.at(&self.db, WHAT)?;
            tx.commit().await.at(&self.db, WHAT)?;
        }
        Ok(Some(token))
    }

    /// Revokes a token for good.
    pub async fn revoke(&self, id: i64, actor: &Actor, now: DateTime<Utc>) -> Result<(), StateError> {
        const WHAT: &str = "revoke a token";
        let mut tx = self.db.write(WHAT).await?;
        let done =
            sqlx::query("UPDATE tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL").bind(id);
        let done = done.bind(micros(now)).execute(&mut *tx).await.at(&self.db, WHAT)?;
        if done.rows_affected() == 0 {
            return Err(StateError::not_found("live token", id));
        }
        let entry = NewAuditEntry::new(actor, "token.revoke", format!("token:{id}"), json!({}));
        audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// All tokens, revoked ones too, the newest first.
    pub async fn list(&self) -> Result<Vec<Token>, StateError> {
        sqlx::query("SELECT * FROM tokens ORDER BY id DESC LIMIT 1000")
            .try_map(|row: SqliteRow| read_token(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list tokens")
    }
}

fn read_token(row: &SqliteRow) -> sqlx::Result<Token> {
    Ok(Token {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        hint: row.try_get("hint")?,
        scope: parsed(row, "scope")?,
        created_by: row.try_get("created_by")?,
        created_at: time(row, "created_at")?,
        expires_at: time_opt(row, "expires_at")?,
        revoked_at: time_opt(row, "revoked_at")?,
        last_used_at: time_opt(row, "last_used_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin, at, state};

    #[tokio::test]
    async fn a_token_is_good_until_it_expires_or_is_revoked() {
        let (_folder, state) = state().await;
        let tokens = state.tokens();
        let (token, secret) = tokens.create("ci", Scope::Ingest, None, &admin(), at(0)).await.unwrap();
        assert!(secret.expose().starts_with(&token.hint) && secret.expose().starts_with("tk_"));
        let found = tokens.verify(secret.expose(), at(1)).await.unwrap().unwrap();
        assert_eq!((found.id, found.scope), (token.id, Scope::Ingest));
        assert_eq!(tokens.list().await.unwrap()[0].last_used_at, Some(at(1)));
        tokens.verify(secret.expose(), at(30)).await.unwrap().unwrap();
        assert_eq!(tokens.list().await.unwrap()[0].last_used_at, Some(at(1)), "to the minute only");
        tokens.revoke(token.id, &admin(), at(40)).await.unwrap();
        assert!(tokens.verify(secret.expose(), at(41)).await.unwrap().is_none());
        assert!(tokens.revoke(token.id, &admin(), at(42)).await.is_err());

        let scope = Scope::Api(Role::Analyst);
        let (_, secret) = tokens.create("short", scope, Some(at(100)), &admin(), at(50)).await.unwrap();
        assert_eq!(tokens.verify(secret.expose(), at(99)).await.unwrap().unwrap().scope, scope);
        assert!(tokens.verify(secret.expose(), at(100)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn nonsense_is_no_token() {
        let (_folder, state) = state().await;
        let tokens = state.tokens();
        for text in ["", "tk_", "tk_00", "' OR 1=1"] {
            assert!(tokens.verify(text, at(0)).await.unwrap().is_none(), "{text}");
        }
        assert!(tokens.create(" ", Scope::Ingest, None, &admin(), at(0)).await.is_err());
        assert!(tokens.create("late", Scope::Ingest, Some(at(0)), &admin(), at(0)).await.is_err());
        assert!("root".parse::<Scope>().unwrap_err().contains("use ingest, viewer"));
    }
}
