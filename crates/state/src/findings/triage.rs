//! What people do with findings. Each act goes to the audit log in the same transaction.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::SqliteConnection;

use super::{Findings, Status};
use crate::audit::{self, NewAuditEntry};
use crate::codec::micros;
use crate::db::At;
use crate::{Actor, StateError};

/// The most rows that are changed in one go.
const MOST: usize = 1000;
const NOTE: usize = 10_000;
const NAME: usize = 128;

impl Findings {
    /// Sets the status of rows; returns how many had another. All or none: an unknown id changes
    /// nothing.
    pub async fn set_status(
        &self,
        ids: &[String],
        status: Status,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<usize, StateError> {
        let detail = json!({ "status": status.as_str() });
        self.set(ids, Field::Status, Some(status.as_str()), "finding.status", &detail, actor, now).await
    }

    /// Puts rows into somebody's hands, or nobody's; returns how many were in others. All or none.
    pub async fn assign(
        &self,
        ids: &[String],
        assignee: Option<&str>,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<usize, StateError> {
        let assignee = assignee.map(str::trim).filter(|name| !name.is_empty());
        if assignee.is_some_and(|name| name.len() > NAME) {
            return Err(StateError::invalid("the assignee", format!("a name has at most {NAME} bytes")));
        }
        let detail = json!({ "assignee": assignee });
        self.set(ids, Field::Assignee, assignee, "finding.assign", &detail, actor, now).await
    }

    /// Adds a note to a row.
    pub async fn add_note(
        &self,
        id: &str,
        text: &str,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "add a note";
        let text = text.trim();
        if text.is_empty() || text.len() > NOTE {
            return Err(StateError::invalid("the note", format!("write between 1 and {NOTE} bytes")));
        }
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query(
            "INSERT INTO notes (finding, author, time, text)
             SELECT seq, ?2, ?3, ?4 FROM findings WHERE id = ?1",
        )
        .bind(id)
        .bind(actor.name.as_str())
        .bind(micros(now))
        .bind(text)
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        if done.rows_affected() == 0 {
            return Err(StateError::not_found("finding", id));
        }
        let entry =
            NewAuditEntry::new(actor, "finding.note", format!("finding:{id}"), json!({ "text": text }));
        audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }

    #[expect(clippy::too_many_arguments, reason = "one private place for the two acts above")]
    async fn set(
        &self,
        ids: &[String],
        field: Field,
        value: Option<&str>,
        action: &'static str,
        detail: &serde_json::Value,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<usize, StateError> {
        const WHAT: &str = "triage findings";
        if ids.len() > MOST {
            return Err(StateError::invalid("the selection", format!("choose at most {MOST} findings")));
        }
        let mut tx = self.db.write(WHAT).await?;
        let mut changed = 0;
        for id in ids {
            let Some(differs) = differs(&mut tx, id, field, value).await.at(&self.db, WHAT)? else {
                return Err(StateError::not_found("finding", id));
            };
            if !differs {
                continue;
            }
            update(&mut tx, id, field, value, now).await.at(&self.db, WHAT)?;
            let entry = NewAuditEntry::new(actor, action, format!("finding:{id}"), detail.clone());
            audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
            changed += 1;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(changed)
    }
}

#[derive(Clone, Copy)]
enum Field {
    Status,
    Assignee,
}

/// Whether the row has another value; nothing if there is no such row.
async fn differs(
    tx: &mut SqliteConnection,
    id: &str,
    field: Field,
    value: Option<&str>,
) -> sqlx::Result<Option<bool>> {
    let sql = match field {
        Field::Status => "SELECT status IS NOT ?2 FROM findings WHERE id = ?1",
        Field::Assignee => "SELECT assignee IS NOT ?2 FROM findings WHERE id = ?1",
    };
    sqlx::query_scalar(sql).bind(id).bind(value).fetch_optional(tx).await
}

async fn update(
    tx: &mut SqliteConnection,
    id: &str,
    field: Field,
    value: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let sql = match field {
        Field::Status => "UPDATE findings SET status = ?2, updated_at = ?3 WHERE id = ?1",
        Field::Assignee => "UPDATE findings SET assignee = ?2, updated_at = ?3 WHERE id = ?1",
    };
    sqlx::query(sql).bind(id).bind(value).bind(micros(now)).execute(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use trailkeep_detect::Level;

    use super::*;
    use crate::testing::{admin, at, finding, state};
    use crate::{AuditFilter, Resolution};

    #[tokio::test]
    async fn triage_is_recorded_and_repeating_it_is_not() {
        let (_folder, state) = state().await;
        let findings = state.findings();
        let new = findings.upsert(&[finding("g", "1", 0, Level::High)], &[], at(0)).await.unwrap().new;
        let ids = [new[0].id.clone()];
        let closed = Status::Closed(Resolution::FalsePositive);
        assert_eq!(findings.set_status(&ids, Status::Triaged, &admin(), at(1)).await.unwrap(), 1);
        assert_eq!(findings.set_status(&ids, Status::Triaged, &admin(), at(2)).await.unwrap(), 0);
        findings.assign(&ids, Some(" bob "), &admin(), at(3)).await.unwrap();
        findings.add_note(&ids[0], "the nightly job", &admin(), at(4)).await.unwrap();
        findings.set_status(&ids, closed, &admin(), at(5)).await.unwrap();

        let detail = findings.get(&ids[0], 10).await.unwrap().unwrap();
        assert_eq!((detail.row.status, detail.row.assignee.as_deref()), (closed, Some("bob")));
        assert_eq!(detail.row.updated_at, at(5));
        assert_eq!(
            (detail.notes[0].author.as_str(), detail.notes[0].text.as_str()),
            ("admin", "the nightly job")
        );
        let log = state.audit().list(&AuditFilter::default(), 10, None).await.unwrap();
        let acts: Vec<_> =
            log.iter().rev().map(|entry| format!("{} {}", entry.action, entry.detail)).collect();
        assert_eq!(
            acts,
            [
                r#"finding.status {"status":"triaged"}"#,
                r#"finding.assign {"assignee":"bob"}"#,
                r#"finding.note {"text":"the nightly job"}"#,
                r#"finding.status {"status":"false_positive"}"#,
            ]
        );
    }

    #[tokio::test]
    async fn an_unknown_id_changes_nothing() {
        let (_folder, state) = state().await;
        let findings = state.findings();
        let new = findings.upsert(&[finding("g", "1", 0, Level::High)], &[], at(0)).await.unwrap().new;
        let ids = [new[0].id.clone(), "nothing".into()];
        let error = findings.set_status(&ids, Status::Triaged, &admin(), at(1)).await.unwrap_err();
        assert_eq!(error.to_string(), "there is no finding 'nothing'");
        assert_eq!(findings.get(&ids[0], 1).await.unwrap().unwrap().row.status, Status::New);
        assert!(findings.add_note("nothing", "text", &admin(), at(1)).await.is_err());
        assert!(findings.add_note(&ids[0], "  ", &admin(), at(1)).await.is_err());
        assert!(state.audit().list(&AuditFilter::default(), 10, None).await.unwrap().is_empty());
    }
}
