//! Where incidents are kept elsewhere.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Incidents, Ticket};
use crate::codec::{clipped, micros, time};
use crate::db::At;
use crate::{NewAuditEntry, StateError, audit};

const NAME: usize = 2048;

impl Incidents {
    /// Remembers a ticket, or the link that a person added (`audit` says who). The same again
    /// changes its address only.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub async fn keep_ticket(
        &self,
        ticket: &Ticket,
        audit: Option<&NewAuditEntry>,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "keep a ticket";
        let mut tx = self.db.write(WHAT).await?;
        sqlx::query(
            "INSERT INTO tickets (thread, channel, reference, url, at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (thread, channel, reference) DO UPDATE SET url = coalesce(excluded.url, url)",
        )
        .bind(ticket.thread.as_str())
        .bind(ticket.channel.as_str())
        .bind(clipped(&ticket.reference, NAME))
        .bind(ticket.url.as_deref().map(|url| clipped(url, NAME)))
        .bind(micros(ticket.at))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        if let Some(entry) = audit {
            audit::append(&mut tx, entry, now).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)
    }

    /// The ticket that a channel made for a thread; the latest.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn ticket(&self, thread: &str, channel: &str) -> Result<Option<Ticket>, StateError> {
        sqlx::query("SELECT * FROM tickets WHERE thread = ?1 AND channel = ?2 ORDER BY at DESC LIMIT 1")
            .bind(thread)
            .bind(channel)
            .try_map(|row: SqliteRow| read_ticket(&row))
            .fetch_optional(self.db.read())
            .await
            .at(&self.db, "read a ticket")
    }
}

pub(super) fn read_ticket(row: &SqliteRow) -> sqlx::Result<Ticket> {
    Ok(Ticket {
        channel: row.try_get("channel")?,
        thread: row.try_get("thread")?,
        reference: row.try_get("reference")?,
        url: row.try_get("url")?,
        at: time(row, "at")?,
    })
}
