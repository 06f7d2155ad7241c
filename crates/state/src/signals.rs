//! What correlations are made of.
//!
//! Signals arrive late, twice and out of order, from several processes. They are stored once, and
//! a correlation is computed again over the stretch of signals that a new one may have changed.
//! A burst never spans a gap of a whole window without a signal, so the stretch between two such
//! gaps is all that the correlation needs to give the same answer as over all signals.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use trailkeep_detect::Signal;

use crate::StateError;
use crate::codec::{json, limit, micros, short_digest};
use crate::db::{At, Db};

const CHUNK: usize = 200;
/// Rows read at a time while a stretch is followed.
const PAGE: usize = 1000;
/// Rows deleted per transaction, so that others get their turn.
const PRUNE: i64 = 10_000;

/// The signals of one correlation rule and one group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignalGroup {
    /// The correlation rule.
    pub correlation_rule_id: String,
    /// The values of its `group-by` fields.
    pub group: String,
}

/// A group whose correlation has to be computed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TouchedGroup {
    /// The group.
    pub group: SignalGroup,
    /// The times of the signals that were given, rising, each once.
    pub times: Vec<DateTime<Utc>>,
}

/// Signals without a gap of a whole window between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// In order of time, event id and base rule.
    pub signals: Vec<Signal>,
    /// Whether the stretch was longer than the limit; the signals farthest from the given time are
    /// missing then.
    pub truncated: bool,
}

/// The store of signals.
#[derive(Clone, Debug)]
pub struct Signals {
    db: Arc<Db>,
}

impl Signals {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Stores signals, each once (by rule, group, event and base rule). Returns the groups to be
    /// correlated again: of *all* the signals given, not only of those that were new. A run that
    /// was killed after storing and before correlating comes back with the same signals, and they
    /// are new no more.
    pub async fn put(&self, signals: &[Signal]) -> Result<Vec<TouchedGroup>, StateError> {
        const WHAT: &str = "store signals";
        if signals.is_empty() {
            return Ok(Vec::new());
        }
        let rows = signals.iter().map(Prepared::new).collect::<Result<Vec<_>, _>>()?;
        let mut tx = self.db.write(WHAT).await?;
        for chunk in rows.chunks(CHUNK) {
            insert(&mut tx, chunk).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(touched(rows))
    }

    /// The stretches of a group's signals around the given times: from each time outwards until a
    /// gap of at least `span` (the correlation's window), or until `most` signals are found on a
    /// side. Stretches do not overlap and rise in time.
    pub async fn around(
        &self,
        group: &SignalGroup,
        times: &[DateTime<Utc>],
        span: TimeDelta,
        most: usize,
    ) -> Result<Vec<Stretch>, StateError> {
        let series = series(group);
        let mut times = times.to_vec();
        times.sort_unstable();
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut covered: Option<DateTime<Utc>> = None;
        for time in times {
            if covered.is_some_and(|end| time <= end) {
                continue;
            }
            let stretch = self.follow(&series, time, span, most, covered).await?;
            covered = stretch.signals.last().map(|signal| signal.time).or(covered);
            if !stretch.signals.is_empty() {
                stretches.push(stretch);
            }
        }
        Ok(stretches)
    }

    /// Deletes signals of events before `before` that were also stored before it: old logs that are
    /// ingested today are correlated like new ones. Returns how many.
    pub async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "prune signals";
        let mut deleted = 0;
        loop {
            let mut tx = self.db.write(WHAT).await?;
            let done = sqlx::query(
                "DELETE FROM signals WHERE seq IN
                 (SELECT seq FROM signals WHERE stored_at < ?1 AND time < ?1 LIMIT ?2)",
            )
            .bind(micros(before))
            .bind(PRUNE)
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
            tx.commit().await.at(&self.db, WHAT)?;
            deleted += done.rows_affected();
            if done.rows_affected() < PRUNE.unsigned_abs() {
                return Ok(deleted);
            }
        }
    }

    async fn follow(
        &self,
        series: &str,
        time: DateTime<Utc>,
        span: TimeDelta,
        most: usize,
        after: Option<DateTime<Utc>>,
    ) -> Result<Stretch, StateError> {
        let (mut signals, cut_back) = self.side(Direction::Back, series, time, span, most).await?;
        signals.reverse();
        // A truncated stretch before this one may end nearer than a window: each signal is given once.
        if let Some(after) = after {
            signals.retain(|signal| signal.time > after);
        }
        let (on, cut_on) = self.side(Direction::On, series, time, span, most).await?;
        signals.extend(on);
        Ok(Stretch { signals, truncated: cut_back || cut_on })
    }

    /// Follows the signals in one direction until a gap or the limit.
    async fn side(
        &self,
        direction: Direction,
        series: &str,
        from: DateTime<Utc>,
        span: TimeDelta,
        most: usize,
    ) -> Result<(Vec<Signal>, bool), StateError> {
        let mut found: Vec<Signal> = Vec::new();
        let mut last = from;
        let mut cursor = (micros(from), String::new(), String::new());
        loop {
            let page: Vec<Signal> = sqlx::query(direction.sql())
                .bind(series)
                .bind(cursor.0)
                .bind(cursor.1.as_str())
                .bind(cursor.2.as_str())
                .bind(limit(PAGE))
                .try_map(|row: SqliteRow| json(&row, "body"))
                .fetch_all(self.db.read())
                .await
                .at(&self.db, "read signals")?;
            let full = page.len() == PAGE;
            for signal in page {
                if (signal.time - last).abs() >= span {
                    return Ok((found, false));
                }
                if found.len() == most {
                    return Ok((found, true));
                }
                last = signal.time;
                found.push(signal);
            }
            if !full {
                return Ok((found, false));
            }
            if let Some(signal) = found.last() {
                cursor = direction.past(signal);
            }
        }
    }
}

/// Which way a stretch is followed. Each page starts just past the last signal of the one before.
#[derive(Clone, Copy)]
enum Direction {
    Back,
    On,
}

impl Direction {
    fn sql(self) -> &'static str {
        match self {
            Self::Back => {
                "SELECT body FROM signals WHERE series = ?1 AND (time, event_uid, base_rule_id) < (?2, ?3, ?4)
                 ORDER BY time DESC, event_uid DESC, base_rule_id DESC LIMIT ?5"
            }
            Self::On => {
                "SELECT body FROM signals WHERE series = ?1 AND (time, event_uid, base_rule_id) >= (?2, ?3, ?4)
                 ORDER BY time, event_uid, base_rule_id LIMIT ?5"
            }
        }
    }

    fn past(self, signal: &Signal) -> (i64, String, String) {
        // Nothing sorts between a text and the same text with a NUL after it.
        let next = match self {
            Self::Back => signal.base_rule_id.clone(),
            Self::On => format!("{}\0", signal.base_rule_id),
        };
        (micros(signal.time), signal.event_uid.clone(), next)
    }
}

/// A signal on its way into the database.
struct Prepared {
    signal: Signal,
    series: String,
    body: String,
}

impl Prepared {
    fn new(signal: &Signal) -> Result<Self, StateError> {
        let mut signal = signal.clone();
        crate::clip::signal(&mut signal);
        let body = serde_json::to_string(&signal)
            .map_err(|error| StateError::Internal { what: "store signals", why: error.to_string() })?;
        Ok(Self { series: series_of(&signal.correlation_rule_id, &signal.group), signal, body })
    }
}

fn series(group: &SignalGroup) -> String {
    series_of(&group.correlation_rule_id, &group.group)
}

fn series_of(rule: &str, group: &str) -> String {
    short_digest(&[rule.as_bytes(), group.as_bytes()])
}

async fn insert(tx: &mut SqliteConnection, rows: &[Prepared]) -> sqlx::Result<()> {
    let mut sql =
        QueryBuilder::<Sqlite>::new("INSERT INTO signals (series, time, event_uid, base_rule_id, body) ");
    sql.push_values(rows, |mut row, prepared| {
        row.push_bind(prepared.series.as_str())
            .push_bind(micros(prepared.signal.time))
            .push_bind(prepared.signal.event_uid.as_str())
            .push_bind(prepared.signal.base_rule_id.as_str())
            .push_bind(prepared.body.as_str());
    });
    sql.push(" ON CONFLICT DO NOTHING");
    sql.build().execute(tx).await.map(drop)
}

fn touched(rows: Vec<Prepared>) -> Vec<TouchedGroup> {
    let mut groups: BTreeMap<SignalGroup, BTreeSet<DateTime<Utc>>> = BTreeMap::new();
    for Prepared { signal, .. } in rows {
        let group = SignalGroup { correlation_rule_id: signal.correlation_rule_id, group: signal.group };
        groups.entry(group).or_default().insert(signal.time);
    }
    let touched =
        |(group, times): (_, BTreeSet<_>)| TouchedGroup { group, times: times.into_iter().collect() };
    groups.into_iter().map(touched).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, state};

    fn signal(group: &str, uid: &str, seconds: i64) -> Signal {
        Signal {
            correlation_rule_id: "brute-force".into(),
            group: group.into(),
            time: at(seconds),
            event_uid: uid.into(),
            table: "cloudtrail_logs".into(),
            value: None,
            base_rule_id: "console-failure".into(),
            account_id: None,
            region: None,
            actor: Some("alice".into()),
            access_key_id: None,
            source_ip: None,
            user_agent: None,
            action: "ConsoleLogin".into(),
            resources: Vec::new(),
        }
    }

    fn group(name: &str) -> SignalGroup {
        SignalGroup { correlation_rule_id: "brute-force".into(), group: name.into() }
    }

    fn uids(stretches: &[Stretch]) -> Vec<Vec<&str>> {
        stretches
            .iter()
            .map(|one| one.signals.iter().map(|signal| signal.event_uid.as_str()).collect())
            .collect()
    }

    #[tokio::test]
    async fn a_signal_is_kept_once_and_touches_its_group_each_time() {
        let (_folder, state) = state().await;
        let signals = state.signals();
        let given = [signal("a", "2", 20), signal("a", "1", 10), signal("b", "3", 5)];
        let expected = [
            TouchedGroup { group: group("a"), times: vec![at(10), at(20)] },
            TouchedGroup { group: group("b"), times: vec![at(5)] },
        ];
        for _ in 0..2 {
            assert_eq!(signals.put(&given).await.unwrap(), expected);
        }
        let found = signals.around(&group("a"), &[at(10)], TimeDelta::seconds(60), 10).await.unwrap();
        assert_eq!(uids(&found), [["1", "2"]]);
    }

    #[tokio::test]
    async fn one_event_may_match_two_base_rules() {
        let (_folder, state) = state().await;
        let other = Signal { base_rule_id: "other".into(), ..signal("a", "1", 10) };
        state.signals().put(&[signal("a", "1", 10), other]).await.unwrap();
        let found =
            state.signals().around(&group("a"), &[at(10)], TimeDelta::seconds(60), 100).await.unwrap();
        assert_eq!(found[0].signals.len(), 2);
    }

    #[tokio::test]
    async fn a_stretch_ends_where_a_whole_window_is_silent() {
        let (_folder, state) = state().await;
        let signals = state.signals();
        let times = [0, 50, 100, 160, 200, 500];
        let all: Vec<_> = times.iter().map(|&time| signal("a", &time.to_string(), time)).collect();
        signals.put(&all).await.unwrap();
        let span = TimeDelta::seconds(60);
        let found = signals.around(&group("a"), &[at(500), at(50), at(100)], span, 100).await.unwrap();
        assert_eq!(uids(&found), [vec!["0", "50", "100"], vec!["500"]]);
        let found = signals.around(&group("a"), &[at(200)], span, 100).await.unwrap();
        assert_eq!(uids(&found), [["160", "200"]]);
        assert!(signals.around(&group("b"), &[at(0)], span, 100).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_stretch_longer_than_a_page_comes_whole_and_a_longer_one_than_the_limit_is_cut() {
        let (_folder, state) = state().await;
        let signals = state.signals();
        let all: Vec<_> = (0..4500).map(|number| signal("a", &format!("{number:05}"), number / 3)).collect();
        signals.put(&all).await.unwrap();
        let span = TimeDelta::seconds(10);
        let found = signals.around(&group("a"), &[at(700)], span, 10_000).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].signals, all);
        assert!(!found[0].truncated);
        let found = signals.around(&group("a"), &[at(700)], span, 50).await.unwrap();
        assert_eq!(found[0].signals, all[2050..2150]);
        assert!(found[0].truncated);
    }

    #[tokio::test]
    async fn signals_go_when_both_the_event_and_the_row_are_old() {
        let (_folder, state) = state().await;
        let signals = state.signals();
        signals.put(&[signal("a", "1", 0), signal("a", "2", 10), signal("a", "3", 20)]).await.unwrap();
        assert_eq!(signals.prune(at(100)).await.unwrap(), 0, "old events that came just now");
        let mut tx = signals.db.write("age the rows").await.unwrap();
        let age = "UPDATE signals SET stored_at = time + 5000000 WHERE event_uid != '2'";
        sqlx::query(age).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(signals.prune(at(20)).await.unwrap(), 1);
        let found = signals.around(&group("a"), &[at(5)], TimeDelta::seconds(60), 10).await.unwrap();
        assert_eq!(uids(&found), [["2", "3"]]);
    }
}
