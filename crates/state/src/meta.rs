//! Small values that belong to the data directory.

use std::sync::Arc;

use crate::StateError;
use crate::db::{At, Db};

/// A key/value store for a handful of settings.
#[derive(Clone, Debug)]
pub struct Meta {
    db: Arc<Db>,
}

impl Meta {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// The value, if there is one.
    pub async fn get(&self, key: &str) -> Result<Option<String>, StateError> {
        sqlx::query_scalar("SELECT value FROM meta WHERE key = ?1")
            .bind(key)
            .fetch_optional(self.db.read())
            .await
            .at(&self.db, "read a setting")
    }

    /// Sets the value.
    pub async fn set(&self, key: &str, value: &str) -> Result<(), StateError> {
        const WHAT: &str = "write a setting";
        let mut tx = self.db.write(WHAT).await?;
        sqlx::query(
            "INSERT INTO meta (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// The value; `make` gives it the first time. All processes get the same one.
    pub async fn get_or_init(
        &self,
        key: &str,
        make: impl FnOnce() -> String + Send,
    ) -> Result<String, StateError> {
        const WHAT: &str = "write a setting";
        if let Some(value) = self.get(key).await? {
            return Ok(value);
        }
        let mut tx = self.db.write(WHAT).await?;
        let value = sqlx::query_scalar(
            "INSERT INTO meta (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = meta.value RETURNING value",
        )
        .bind(key)
        .bind(make())
        .fetch_one(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::state;

    #[tokio::test]
    async fn a_value_is_made_once() {
        let (_folder, state) = state().await;
        let meta = state.meta();
        assert_eq!(meta.get("id").await.unwrap(), None);
        assert_eq!(meta.get_or_init("id", || "a".into()).await.unwrap(), "a");
        assert_eq!(meta.get_or_init("id", || "b".into()).await.unwrap(), "a");
        meta.set("id", "c").await.unwrap();
        assert_eq!(meta.get("id").await.unwrap().as_deref(), Some("c"));
    }
}
