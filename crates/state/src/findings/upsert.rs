//! Storing findings.

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use trailkeep_detect::{Evidence, Finding, Level};

use super::fold::{Folded, Rank, fold};
use super::list::read_evidence;
use super::model::{level, level_number, read_row};
use super::{FindingRow, Findings, Notification, Resolution, Route, RouteTo, Status, Upserted};
use crate::StateError;
use crate::codec::{int, micros, parsed};
use crate::db::At;
use crate::inbox::{self, NewItem};
use crate::outbox::{self, NewMessage};

const WHAT: &str = "store findings";
/// Rows of evidence per statement.
const CHUNK: usize = 500;
/// How many events an announcement names.
const ANNOUNCED: usize = 10;

/// What became of one row.
enum Change {
    None,
    New,
    Grown { raised: bool, reopened: bool },
}

/// What is stored of a row, as far as folding needs it.
struct Stored {
    seq: i64,
    level: Level,
    status: Status,
    rank: Rank,
    body: String,
}

impl Findings {
    /// Stores findings, folded into rows, in one durable transaction, together with the outbox
    /// messages that announce them on `routes`: a row is announced on a channel once, when it is
    /// new or when its level first reaches the route's. Storing the same findings again, in any
    /// order and grouping, changes nothing and announces nothing.
    ///
    /// A row that was resolved and gets further events is new again; one closed as a false
    /// positive stays closed.
    pub async fn upsert(
        &self,
        findings: &[Finding],
        routes: &[Route],
        now: DateTime<Utc>,
    ) -> Result<Upserted, StateError> {
        let mut result = Upserted::default();
        let rows = fold(findings)?;
        if rows.is_empty() {
            return Ok(result);
        }
        let mut tx = self.db.write(WHAT).await?;
        for (id, folded) in &rows {
            let change = store(&mut tx, id, folded, now).await.at(&self.db, WHAT)?;
            let announce = match change {
                Change::None => {
                    result.unchanged += 1;
                    false
                }
                Change::New => true,
                Change::Grown { raised, reopened } => {
                    result.changed.push(id.clone());
                    if reopened {
                        result.reopened.push(id.clone());
                    }
                    raised
                }
            };
            if announce {
                let row = read(&mut tx, id).await.at(&self.db, WHAT)?;
                announce_on(&mut tx, &row, routes, now).await.at(&self.db, WHAT)?;
                if matches!(change, Change::New) {
                    result.new.push(row);
                }
            }
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(result)
    }
}

async fn store(
    tx: &mut SqliteConnection,
    id: &str,
    folded: &Folded,
    now: DateTime<Utc>,
) -> sqlx::Result<Change> {
    let Some(stored) = stored(tx, id).await? else {
        let seq = insert(tx, id, folded, now).await?;
        add_evidence(tx, seq, folded).await?;
        return Ok(Change::New);
    };
    let added = add_evidence(tx, stored.seq, folded).await?;
    let raised = folded.level > stored.level;
    let body = folded.body.rank() >= stored.rank && folded.body.json != stored.body;
    if added == 0 && !raised && !body {
        return Ok(Change::None);
    }
    let reopened = added > 0 && stored.status == Status::Closed(Resolution::Resolved);
    grow(tx, &stored, folded, added, now).await?;
    if body {
        set_body(tx, stored.seq, folded).await?;
    }
    if reopened {
        reopen(tx, stored.seq, added, now).await?;
    }
    Ok(Change::Grown { raised, reopened })
}

async fn stored(tx: &mut SqliteConnection, id: &str) -> sqlx::Result<Option<Stored>> {
    sqlx::query("SELECT seq, level, status, body_level, body_time, body_id, body FROM findings WHERE id = ?1")
        .bind(id)
        .try_map(|row: SqliteRow| {
            Ok(Stored {
                seq: row.try_get("seq")?,
                level: level(&row, "level")?,
                status: parsed(&row, "status")?,
                rank: (row.try_get("body_level")?, row.try_get("body_time")?, row.try_get("body_id")?),
                body: row.try_get("body")?,
            })
        })
        .fetch_optional(tx)
        .await
}

async fn insert(
    tx: &mut SqliteConnection,
    id: &str,
    folded: &Folded,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let (first, last) = span(folded);
    let (body_level, body_time, body_id) = folded.body.rank();
    sqlx::query_scalar(
        "INSERT INTO findings (id, hour, rule_id, rule_title, level, account_id, count, first_time, last_time,
         body_level, body_time, body_id, body, haystack, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15) RETURNING seq",
    )
    .bind(id)
    .bind(folded.hour)
    .bind(folded.body.finding.rule_id.as_str())
    .bind(folded.body.finding.rule_title.as_str())
    .bind(level_number(folded.level))
    .bind(folded.body.finding.account_id.as_deref())
    .bind(int(folded.evidence.len() as u64))
    .bind(first)
    .bind(last)
    .bind(body_level)
    .bind(body_time)
    .bind(body_id)
    .bind(folded.body.json.as_str())
    .bind(folded.body.haystack.as_str())
    .bind(micros(now))
    .fetch_one(tx)
    .await
}

/// Adds the events that are not there yet; returns how many.
async fn add_evidence(tx: &mut SqliteConnection, seq: i64, folded: &Folded) -> sqlx::Result<u64> {
    let all: Vec<_> = folded.evidence.iter().collect();
    let mut added = 0;
    for chunk in all.chunks(CHUNK) {
        let mut sql =
            QueryBuilder::<Sqlite>::new("INSERT INTO evidence (finding, event_uid, time, table_name) ");
        sql.push_values(chunk, |mut row, (uid, (time, table))| {
            row.push_bind(seq).push_bind(uid.as_str()).push_bind(*time).push_bind(table.as_str());
        });
        sql.push(" ON CONFLICT DO NOTHING");
        added += sql.build().execute(&mut *tx).await?.rows_affected();
    }
    Ok(added)
}

async fn grow(
    tx: &mut SqliteConnection,
    stored: &Stored,
    folded: &Folded,
    added: u64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (first, last) = span(folded);
    sqlx::query(
        "UPDATE findings SET level = ?2, count = count + ?3, first_time = min(first_time, ?4),
         last_time = max(last_time, ?5), updated_at = ?6 WHERE seq = ?1",
    )
    .bind(stored.seq)
    .bind(level_number(folded.level.max(stored.level)))
    .bind(int(added))
    .bind(first)
    .bind(last)
    .bind(micros(now))
    .execute(tx)
    .await?;
    Ok(())
}

async fn set_body(tx: &mut SqliteConnection, seq: i64, folded: &Folded) -> sqlx::Result<()> {
    let (body_level, body_time, body_id) = folded.body.rank();
    sqlx::query(
        "UPDATE findings SET rule_id = ?2, rule_title = ?3, account_id = ?4, body_level = ?5, body_time = ?6,
         body_id = ?7, body = ?8, haystack = ?9 WHERE seq = ?1",
    )
    .bind(seq)
    .bind(folded.body.finding.rule_id.as_str())
    .bind(folded.body.finding.rule_title.as_str())
    .bind(folded.body.finding.account_id.as_deref())
    .bind(body_level)
    .bind(body_time)
    .bind(body_id)
    .bind(folded.body.json.as_str())
    .bind(folded.body.haystack.as_str())
    .execute(tx)
    .await?;
    Ok(())
}

async fn reopen(tx: &mut SqliteConnection, seq: i64, added: u64, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("UPDATE findings SET status = 'new' WHERE seq = ?1").bind(seq).execute(&mut *tx).await?;
    let events = if added == 1 { "one more event".to_owned() } else { format!("{added} more events") };
    sqlx::query("INSERT INTO notes (finding, author, time, text) VALUES (?1, 'system', ?2, ?3)")
        .bind(seq)
        .bind(micros(now))
        .bind(format!("Opened again: {events} after it was resolved."))
        .execute(tx)
        .await?;
    Ok(())
}

async fn read(tx: &mut SqliteConnection, id: &str) -> sqlx::Result<FindingRow> {
    let row = sqlx::query("SELECT * FROM findings WHERE id = ?1").bind(id).fetch_one(tx).await?;
    read_row(&row)
}

/// Announces a row on each route. The key keeps a channel from hearing of a row twice, and the inbox of
/// one level of it.
async fn announce_on(
    tx: &mut SqliteConnection,
    row: &FindingRow,
    routes: &[Route],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let routes: Vec<_> = routes.iter().filter(|route| row.level >= route.min_level).collect();
    if routes.is_empty() {
        return Ok(());
    }
    let evidence: Vec<Evidence> = read_evidence(&mut *tx, &row.id, ANNOUNCED).await?;
    for route in routes {
        let key = match &route.to {
            RouteTo::Channel(channel) => format!("{}:{channel}", row.id),
            RouteTo::Inbox(_) => format!("{}:{}", row.id, row.level),
        };
        let payload = Notification { key: key.clone(), finding: row.clone(), evidence: evidence.clone() };
        let payload = serde_json::to_string(&payload).map_err(|error| sqlx::Error::Encode(error.into()))?;
        match &route.to {
            RouteTo::Channel(channel) => {
                let (channel, kind) = (channel.clone(), Notification::KIND.to_owned());
                outbox::insert(tx, &NewMessage { key, channel, kind, payload }, now).await?;
            }
            RouteTo::Inbox(kind) => {
                let item = NewItem { kind: kind.clone(), key, payload };
                inbox::insert(tx, std::slice::from_ref(&item), now).await?;
            }
        }
    }
    Ok(())
}

fn span(folded: &Folded) -> (i64, i64) {
    let times = || folded.evidence.values().map(|(time, _)| *time);
    let named = micros(folded.body.finding.time);
    (times().min().unwrap_or(named), times().max().unwrap_or(named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin, at, finding, state};

    fn route(channel: &str, min_level: Level) -> Route {
        Route::channel(channel, min_level)
    }

    #[tokio::test]
    async fn replays_change_nothing() {
        let (_folder, state) = state().await;
        let findings = state.findings();
        let given = [finding("g", "1", 0, Level::Low), finding("g", "2", 60, Level::High)];
        let first = findings.upsert(&given, &[], at(100)).await.unwrap();
        assert_eq!((first.new.len(), first.changed.len()), (1, 0));
        let row = &first.new[0];
        assert_eq!((row.count, row.level, row.status), (2, Level::High, Status::New));
        assert_eq!((row.first_time, row.last_time), (at(0), at(60)));

        let again = findings.upsert(&given[..1], &[], at(200)).await.unwrap();
        assert_eq!(again, Upserted { unchanged: 1, ..Upserted::default() });
        let now = findings.get(&row.id, 10).await.unwrap().unwrap();
        assert_eq!(&now.row, row);
        assert_eq!(now.evidence.len(), 2);
    }

    #[tokio::test]
    async fn a_row_grows_to_both_sides_and_shows_the_most_telling_finding() {
        let (_folder, state) = state().await;
        let findings = state.findings();
        findings.upsert(&[finding("g", "2", 60, Level::High)], &[], at(100)).await.unwrap();
        let more = [finding("g", "1", 0, Level::Medium), finding("g", "3", 120, Level::Low)];
        let result = findings.upsert(&more, &[], at(200)).await.unwrap();
        assert_eq!(result.changed.len(), 1);
        let detail = findings.get(&result.changed[0], 10).await.unwrap().unwrap();
        assert_eq!((detail.row.first_time, detail.row.last_time, detail.row.count), (at(0), at(120), 3));
        assert_eq!(detail.row.finding.event_uid, "2");
        let uids: Vec<_> = detail.evidence.iter().map(|one| one.event_uid.as_str()).collect();
        assert_eq!(uids, ["1", "2", "3"]);
    }

    #[tokio::test]
    async fn the_words_of_an_edited_rule_replace_the_old_ones() {
        let (_folder, state) = state().await;
        let findings = state.findings();
        findings.upsert(&[finding("g", "1", 0, Level::High)], &[], at(100)).await.unwrap();
        let edited = Finding { rule_title: "A trail stopped".into(), ..finding("g", "1", 0, Level::High) };
        let result = findings.upsert(&[edited], &[], at(200)).await.unwrap();
        let row = findings.get(&result.changed[0], 10).await.unwrap().unwrap().row;
        assert_eq!((row.finding.rule_title.as_str(), row.count), ("A trail stopped", 1));
    }

    #[tokio::test]
    async fn a_channel_hears_of_a_row_once_and_when_it_becomes_grave_enough() {
        let (_folder, state) = state().await;
        let findings = state.findings();
        let routes = [route("chat", Level::Low), route("pager", Level::Critical)];
        findings.upsert(&[finding("g", "1", 0, Level::High)], &routes, at(100)).await.unwrap();
        findings.upsert(&[finding("g", "2", 1, Level::High)], &routes, at(101)).await.unwrap();
        let channels = |messages: Vec<crate::Message>| -> Vec<String> {
            messages.into_iter().map(|message| message.channel).collect()
        };
        assert_eq!(channels(state.outbox().list(None, 10).await.unwrap()), ["chat"]);
        findings.upsert(&[finding("g", "3", 2, Level::Critical)], &routes, at(102)).await.unwrap();
        let messages = state.outbox().list(None, 10).await.unwrap();
        let payload: Notification = serde_json::from_str(&messages[0].payload).unwrap();
        assert_eq!(payload.key, messages[0].key);
        assert_eq!((payload.finding.level, payload.evidence.len()), (Level::Critical, 3));
        assert_eq!(channels(messages), ["pager", "chat"]);
    }

    #[tokio::test]
    async fn more_events_open_a_resolved_row_again_and_leave_a_false_positive_closed() {
        let (_folder, state) = state().await;
        let findings = state.findings();
        let first = [finding("real", "1", 0, Level::High), finding("false", "2", 0, Level::High)];
        let new = findings.upsert(&first, &[], at(0)).await.unwrap().new;
        for row in &new {
            let real = row.finding.group_key == "real";
            let why = if real { Resolution::Resolved } else { Resolution::FalsePositive };
            findings
                .set_status(std::slice::from_ref(&row.id), Status::Closed(why), &admin(), at(1))
                .await
                .unwrap();
        }
        assert_eq!(findings.upsert(&first, &[], at(2)).await.unwrap().unchanged, 2, "a replay is no news");
        let more = [finding("real", "3", 5, Level::High), finding("false", "4", 5, Level::High)];
        let result = findings.upsert(&more, &[], at(3)).await.unwrap();
        assert_eq!((result.changed.len(), result.reopened.len()), (2, 1));
        let detail = findings.get(&result.reopened[0], 1).await.unwrap().unwrap();
        assert_eq!((detail.row.finding.group_key.as_str(), detail.row.status), ("real", Status::New));
        assert_eq!(detail.notes[0].text, "Opened again: one more event after it was resolved.");
    }
}
