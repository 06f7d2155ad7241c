//! Queries that people keep, for themselves and others to run again.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::audit::{self, NewAuditEntry};
use crate::codec::{micros, parsed, time};
use crate::db::{At, Db};
use crate::{Actor, StateError};

const NAME: usize = 200;
const TEXT: usize = 100_000;

/// The language of a saved query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueryKind {
    /// SQL over the lake.
    Sql,
    /// The search bar's.
    Search,
}

impl QueryKind {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Search => "search",
        }
    }
}

impl fmt::Display for QueryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for QueryKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Sql, Self::Search]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("unknown kind of query '{text}': use sql or search"))
    }
}

/// A saved query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedQuery {
    /// Its number.
    pub id: i64,
    /// Who saved it.
    pub owner: String,
    /// Its name, unique to the owner.
    pub name: String,
    /// Its language.
    pub kind: QueryKind,
    /// The query.
    pub text: String,
    /// When it was first saved.
    pub created_at: DateTime<Utc>,
    /// When it was last saved.
    pub updated_at: DateTime<Utc>,
}

/// The saved queries.
#[derive(Clone, Debug)]
pub struct SavedQueries {
    db: Arc<Db>,
}

impl SavedQueries {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Saves a query under a name, in place of the actor's one of that name if there is one.
    pub async fn save(
        &self,
        name: &str,
        kind: QueryKind,
        text: &str,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<SavedQuery, StateError> {
        const WHAT: &str = "save a query";
        let name = name.trim();
        if name.is_empty() || name.len() > NAME {
            return Err(StateError::invalid("the query's name", format!("use 1 to {NAME} bytes")));
        }
        if text.trim().is_empty() || text.len() > TEXT {
            return Err(StateError::invalid("the query", format!("write between 1 and {TEXT} bytes")));
        }
        let mut tx = self.db.write(WHAT).await?;
        let saved = sqlx::query(
            "INSERT INTO saved_queries (owner, name, kind, text, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (owner, name) DO UPDATE
             SET kind = excluded.kind, text = excluded.text, updated_at = excluded.updated_at RETURNING *",
        )
        .bind(actor.name.as_str())
        .bind(name)
        .bind(kind.as_str())
        .bind(text)
        .bind(micros(now))
        .try_map(|row: SqliteRow| read_query(&row))
        .fetch_one(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        let object = format!("query:{}", saved.id);
        let entry = NewAuditEntry::new(actor, "query.save", object, json!({ "name": name }));
        audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(saved)
    }

    /// One query.
    pub async fn get(&self, id: i64) -> Result<Option<SavedQuery>, StateError> {
        sqlx::query("SELECT * FROM saved_queries WHERE id = ?1")
            .bind(id)
            .try_map(|row: SqliteRow| read_query(&row))
            .fetch_optional(self.db.read())
            .await
            .at(&self.db, "read a saved query")
    }

    /// Everybody's queries of one language or all, by name.
    pub async fn list(&self, kind: Option<QueryKind>) -> Result<Vec<SavedQuery>, StateError> {
        sqlx::query(
            "SELECT * FROM saved_queries WHERE ?1 IS NULL OR kind = ?1 ORDER BY name, owner LIMIT 1000",
        )
        .bind(kind.map(QueryKind::as_str))
        .try_map(|row: SqliteRow| read_query(&row))
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "list saved queries")
    }

    /// Deletes a query. Whether the actor may delete another's is for the caller to decide.
    pub async fn delete(&self, id: i64, actor: &Actor, now: DateTime<Utc>) -> Result<(), StateError> {
        const WHAT: &str = "delete a saved query";
        let mut tx = self.db.write(WHAT).await?;
        let name: Option<String> =
            sqlx::query_scalar("DELETE FROM saved_queries WHERE id = ?1 RETURNING name")
                .bind(id)
                .fetch_optional(&mut *tx)
                .await
                .at(&self.db, WHAT)?;
        let name = name.ok_or_else(|| StateError::not_found("saved query", id))?;
        let entry = NewAuditEntry::new(actor, "query.delete", format!("query:{id}"), json!({ "name": name }));
        audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }
}

fn read_query(row: &SqliteRow) -> sqlx::Result<SavedQuery> {
    Ok(SavedQuery {
        id: row.try_get("id")?,
        owner: row.try_get("owner")?,
        name: row.try_get("name")?,
        kind: parsed(row, "kind")?,
        text: row.try_get("text")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin, at, state};

    #[tokio::test]
    async fn saving_under_the_same_name_replaces_ones_own() {
        let (_folder, state) = state().await;
        let queries = state.saved_queries();
        let first = queries.save("roots", QueryKind::Sql, "SELECT 1", &admin(), at(0)).await.unwrap();
        let second = queries.save(" roots ", QueryKind::Sql, "SELECT 2", &admin(), at(1)).await.unwrap();
        assert_eq!((second.id, second.created_at, second.updated_at), (first.id, at(0), at(1)));
        queries.save("roots", QueryKind::Search, "user:root", &Actor::local("bob"), at(2)).await.unwrap();
        assert_eq!(queries.list(None).await.unwrap().len(), 2);
        assert_eq!(queries.list(Some(QueryKind::Sql)).await.unwrap(), [second]);
        assert_eq!(queries.get(first.id).await.unwrap().unwrap().text, "SELECT 2");
        queries.delete(first.id, &admin(), at(3)).await.unwrap();
        assert!(matches!(queries.delete(first.id, &admin(), at(4)).await, Err(StateError::NotFound { .. })));
        assert!(queries.save("", QueryKind::Sql, "SELECT 1", &admin(), at(5)).await.is_err());
        assert!(queries.save("empty", QueryKind::Sql, " \n", &admin(), at(5)).await.is_err());
    }
}
