//! Keeping what was decided.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{Incident, Incidents, SentRecord, Thread, TimelineEntry, Told, level_number};
use crate::codec::{clip, clipped, int, micros};
use crate::db::At;
use crate::outbox::{self, NewMessage};
use crate::{NewAuditEntry, StateError, audit};

/// Rows per statement.
const CHUNK: usize = 500;
const NAME: usize = 2048;
const TEXT: usize = 16 * 1024;
const EVIDENCE: usize = 50;

/// An incident as it is now, and what happened to it.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentChange {
    /// The incident.
    pub incident: Incident,
    /// New entries of its timeline.
    pub timeline: Vec<TimelineEntry>,
    /// Ids and times of the signals that came to it.
    pub signals: Vec<(String, DateTime<Utc>)>,
}

/// What was decided from a board, all of which is kept, or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commit {
    /// The board's number.
    pub generation: i64,
    /// Incidents that are new or changed.
    pub incidents: Vec<IncidentChange>,
    /// Further entries of timelines, by incident.
    pub timeline: Vec<(String, TimelineEntry)>,
    /// What channels are told now.
    pub told: Vec<Told>,
    /// Threads that are new or went on.
    pub threads: Vec<Thread>,
    /// The messages, as they are remembered.
    pub sent: Vec<SentRecord>,
    /// The messages, as they are sent.
    pub messages: Vec<NewMessage>,
    /// Acts of people.
    pub audit: Vec<NewAuditEntry>,
}

impl Commit {
    /// True when there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.incidents.is_empty()
            && self.timeline.is_empty()
            && self.told.is_empty()
            && self.threads.is_empty()
            && self.sent.is_empty()
            && self.messages.is_empty()
            && self.audit.is_empty()
    }
}

impl Incidents {
    /// Keeps it in one transaction. Gives the board's new number; `None` when the board has changed
    /// since it was read, and nothing was kept.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub async fn commit(&self, commit: &Commit, now: DateTime<Utc>) -> Result<Option<i64>, StateError> {
        const WHAT: &str = "keep incidents";
        let mut tx = self.db.write(WHAT).await?;
        let present: i64 = sqlx::query_scalar("SELECT generation FROM incident_board")
            .fetch_one(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        if present != commit.generation {
            return Ok(None);
        }
        if commit.is_empty() {
            return Ok(Some(present));
        }
        write(&mut tx, commit, now).await.at(&self.db, WHAT)?;
        let next = bump(&mut tx).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(Some(next))
    }
}

/// Makes boards that were read before stale.
pub(super) async fn bump(tx: &mut SqliteConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("UPDATE incident_board SET generation = generation + 1 RETURNING generation")
        .fetch_one(tx)
        .await
}

async fn write(tx: &mut SqliteConnection, commit: &Commit, now: DateTime<Utc>) -> sqlx::Result<()> {
    for change in &commit.incidents {
        let mut incident = change.incident.clone();
        bound(&mut incident);
        let seq = upsert(tx, &incident).await?;
        add_signals(tx, seq, &change.signals).await?;
        for entry in &change.timeline {
            add_entry(tx, seq, entry).await?;
        }
    }
    for (incident, entry) in &commit.timeline {
        if let Some(seq) = seq_of(tx, incident).await? {
            add_entry(tx, seq, entry).await?;
        }
    }
    for told in &commit.told {
        tell(tx, told).await?;
    }
    for thread in &commit.threads {
        keep_thread(tx, thread).await?;
    }
    for sent in &commit.sent {
        keep_sent(tx, sent).await?;
    }
    for message in &commit.messages {
        outbox::insert(tx, message, now).await?;
    }
    for entry in &commit.audit {
        audit::append(tx, entry, now).await?;
    }
    Ok(())
}

/// Texts come from logs: an event may carry megabytes in one field.
fn bound(incident: &mut Incident) {
    let Incident { title, rule_id, rule_title, entity, .. } = incident;
    for name in [title, rule_id, rule_title, entity] {
        clip(name, NAME);
    }
    let Incident { account_id, region, resource, owner, actor, assignee, .. } = incident;
    for name in [account_id, region, resource, owner, actor, assignee].into_iter().flatten() {
        clip(name, NAME);
    }
    clip(&mut incident.summary, TEXT);
    incident.evidence.truncate(EVIDENCE);
    incident.evidence.iter_mut().for_each(crate::clip::evidence);
}

async fn upsert(tx: &mut SqliteConnection, incident: &Incident) -> sqlx::Result<i64> {
    let body = serde_json::to_string(incident).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let haystack = [
        Some(incident.title.as_str()),
        Some(&incident.summary),
        Some(&incident.rule_id),
        Some(&incident.entity),
        incident.resource.as_deref(),
        incident.actor.as_deref(),
        Some(&incident.id),
    ];
    let haystack = haystack.into_iter().flatten().collect::<Vec<_>>().join("\n").to_lowercase();
    sqlx::query_scalar(
        "INSERT INTO incidents (id, key, kind, status, level, account_id, region, rule_id, owner, assignee,
         opened_at, last_time, changed_at, resolved_at, body, haystack)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, level = excluded.level,
         owner = excluded.owner, assignee = excluded.assignee, last_time = excluded.last_time,
         changed_at = excluded.changed_at, resolved_at = excluded.resolved_at, body = excluded.body,
         haystack = excluded.haystack RETURNING seq",
    )
    .bind(incident.id.as_str())
    .bind(incident.key.as_str())
    .bind(incident.kind.as_str())
    .bind(incident.status.as_str())
    .bind(level_number(incident.level))
    .bind(incident.account_id.as_deref())
    .bind(incident.region.as_deref())
    .bind(incident.rule_id.as_str())
    .bind(incident.owner.as_deref())
    .bind(incident.assignee.as_deref())
    .bind(micros(incident.opened_at))
    .bind(micros(incident.last_time))
    .bind(micros(incident.changed_at))
    .bind(incident.resolved.as_ref().map(|stamp| micros(stamp.at)))
    .bind(body)
    .bind(haystack)
    .fetch_one(tx)
    .await
}

async fn add_signals(
    tx: &mut SqliteConnection,
    seq: i64,
    signals: &[(String, DateTime<Utc>)],
) -> sqlx::Result<()> {
    for chunk in signals.chunks(CHUNK) {
        let mut sql = QueryBuilder::<Sqlite>::new("INSERT INTO incident_signals (signal, incident, time) ");
        sql.push_values(chunk, |mut row, (id, time)| {
            row.push_bind(clipped(id, NAME)).push_bind(seq).push_bind(micros(*time));
        });
        sql.push(" ON CONFLICT DO NOTHING");
        sql.build().execute(&mut *tx).await?;
    }
    Ok(())
}

async fn seq_of(tx: &mut SqliteConnection, incident: &str) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("SELECT seq FROM incidents WHERE id = ?1").bind(incident).fetch_optional(tx).await
}

async fn add_entry(tx: &mut SqliteConnection, seq: i64, entry: &TimelineEntry) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO incident_timeline (incident, time, actor, kind, text) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(seq)
    .bind(micros(entry.time))
    .bind(clipped(&entry.actor, NAME))
    .bind(entry.kind.as_str())
    .bind(clipped(&entry.text, TEXT))
    .execute(tx)
    .await?;
    Ok(())
}

async fn tell(tx: &mut SqliteConnection, told: &Told) -> sqlx::Result<()> {
    let body = serde_json::to_string(told).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT OR REPLACE INTO incident_told (incident, channel, thread, body)
         SELECT seq, ?2, ?3, ?4 FROM incidents WHERE id = ?1",
    )
    .bind(told.incident.as_str())
    .bind(told.channel.as_str())
    .bind(told.thread.as_str())
    .bind(body)
    .execute(tx)
    .await?;
    Ok(())
}

async fn keep_thread(tx: &mut SqliteConnection, thread: &Thread) -> sqlx::Result<()> {
    let body = serde_json::to_string(thread).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT OR REPLACE INTO notification_threads (channel, name, id, last_at, closed, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(thread.channel.as_str())
    .bind(thread.group.as_str())
    .bind(thread.id.as_str())
    .bind(micros(thread.last_at))
    .bind(i64::from(thread.closed))
    .bind(body)
    .execute(tx)
    .await?;
    Ok(())
}

async fn keep_sent(tx: &mut SqliteConnection, sent: &SentRecord) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO notifications (key, channel, thread, action, subject, urgent, incidents, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key) DO NOTHING",
    )
    .bind(sent.key.as_str())
    .bind(sent.channel.as_str())
    .bind(sent.thread.as_str())
    .bind(sent.action.as_str())
    .bind(clipped(&sent.subject, NAME))
    .bind(i64::from(sent.urgent))
    .bind(int(sent.incidents))
    .bind(micros(sent.at))
    .execute(tx)
    .await?;
    Ok(())
}
