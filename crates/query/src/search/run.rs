//! Running a search: newest first, day partition by day partition, until
//! there are enough events.

use std::time::Instant;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use futures::TryStreamExt;

use super::compile::{Condition, Part, compile, instant, quote};
use super::{Event, MAX_PAGE, Page, SearchQuery, SearchResult};
use crate::engine::Engine;
use crate::error::QueryError;
use crate::views::events;

/// First and last day that a table has; `None` if it is empty.
pub(crate) type DayRange = Option<(NaiveDate, NaiveDate)>;

/// Days of the first step back; each further step is twice as long.
const FIRST_STEP: u64 = 1;

impl Engine {
    /// The events that match, newest first.
    ///
    /// An open range is walked backwards in growing steps, so that a page of
    /// recent events does not read a year. If the time limit is met after some
    /// events were found, those are the answer and it is marked `partial`.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn search(&self, query: &SearchQuery, page: Page) -> Result<SearchResult, QueryError> {
        let started = Instant::now();
        if page.limit > MAX_PAGE || page.offset > MAX_PAGE {
            return Err(QueryError::invalid(format!(
                "a page has at most {MAX_PAGE} events, and so many before it; narrow the search"
            )));
        }
        let parts = compile(query, &self.event_tables())?;
        let days = self.days_of(&parts).await?;
        let mut found = Found { events: Vec::new(), wanted: page.offset + page.limit + 1 };
        let (mut partial, mut reached) = (false, None);
        for window in Windows::new(query, days) {
            let left = self.inner.options.timeout.saturating_sub(started.elapsed());
            let step = self.newest(&parts, window, found.missing());
            match tokio::time::timeout(left, step).await {
                Ok(events) => found.events.extend(events?),
                Err(_) if found.events.is_empty() => {
                    return Err(QueryError::Timeout { limit: self.inner.options.timeout });
                }
                Err(_) => {
                    partial = true;
                    break;
                }
            }
            reached = window.0;
            if found.missing() == 0 {
                break;
            }
        }
        let more = found.events.len() > page.offset + page.limit;
        let events = found.events.into_iter().skip(page.offset).take(page.limit).collect::<Vec<_>>();
        let searched_from = if partial || more { reached } else { None };
        let seconds = started.elapsed().as_secs_f64();
        Ok(SearchResult { events, more, partial, searched_from, seconds })
    }

    /// One event by its id. `around` is its time, as far as it is known: only
    /// the days next to it are looked at.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn event(
        &self,
        table: &str,
        event_uid: &str,
        around: Option<DateTime<Utc>>,
    ) -> Result<Option<Event>, QueryError> {
        let Some(def) = trailkeep_formats::registry::table(table) else {
            let names = trailkeep_formats::registry::tables().map(|d| d.name);
            let nearest = crate::error::nearest(table, names);
            return Err(QueryError::UnknownTable { name: table.to_string(), nearest, at: None });
        };
        let day = chrono::Duration::days(1);
        let window =
            (around.and_then(|t| t.checked_sub_signed(day)), around.and_then(|t| t.checked_add_signed(day)));
        let condition = Condition::Sql(format!("event_uid = {}", quote(event_uid)));
        let part = Part { def, condition };
        let run = self.newest(std::slice::from_ref(&part), window, 1);
        let limit = self.inner.options.timeout;
        let events = tokio::time::timeout(limit, run).await.map_err(|_| QueryError::Timeout { limit })??;
        Ok(events.into_iter().next())
    }

    /// The newest matches of a window.
    async fn newest(&self, parts: &[Part], window: Window, wanted: usize) -> Result<Vec<Event>, QueryError> {
        if parts.is_empty() || wanted == 0 {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT * FROM ({}) AS hits ORDER BY event_time DESC, table_name, event_uid LIMIT {wanted}",
            union(parts, window)
        );
        let batches: Vec<RecordBatch> = self.run_internal(&sql).await?.try_collect().await?;
        let mut events = Vec::new();
        for batch in &batches {
            events.extend(read(batch)?);
        }
        Ok(events)
    }

    /// First and last day of all tables together.
    pub(crate) async fn days_of(&self, parts: &[Part]) -> Result<DayRange, QueryError> {
        let mut all: DayRange = None;
        for part in parts {
            if let Some((first, last)) = self.days(part.def.name).await? {
                all = Some(match all {
                    None => (first, last),
                    Some((a, b)) => (a.min(first), b.max(last)),
                });
            }
        }
        Ok(all)
    }

    async fn days(&self, table: &str) -> Result<DayRange, QueryError> {
        if let Some(held) = self.inner.days.read().get(table) {
            return Ok(*held);
        }
        let exists = self.inner.source.tables().iter().any(|t| t == table);
        let days = match (exists, self.inner.source.days(table).await) {
            (false, _) => None,
            (true, Ok(Some(days))) => Some(days),
            (true, Err(e)) => return Err(e),
            (true, Ok(None)) => self.scan_days(table).await?,
        };
        self.inner.days.write().insert(table.to_string(), days);
        Ok(days)
    }

    /// Asks the table itself; only its partition column is read.
    async fn scan_days(&self, table: &str) -> Result<DayRange, QueryError> {
        let sql = format!("SELECT min(event_date) AS a, max(event_date) AS b FROM {table}");
        let batches: Vec<RecordBatch> = self.run_internal(&sql).await?.try_collect().await?;
        let Some(batch) = batches.iter().find(|b| b.num_rows() > 0) else { return Ok(None) };
        let day = |i: usize| {
            let column = batch.column(i).as_primitive_opt::<arrow::datatypes::Date32Type>()?;
            (!column.is_null(0)).then(|| arrow::datatypes::Date32Type::to_naive_date_opt(column.value(0)))?
        };
        Ok(day(0).zip(day(1)))
    }
}

struct Found {
    events: Vec<Event>,
    wanted: usize,
}

impl Found {
    fn missing(&self) -> usize {
        self.wanted.saturating_sub(self.events.len())
    }
}

/// From (included) and to (excluded); open where `None`.
pub(crate) type Window = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// The steps of a search back in time. Together they are exactly the range of
/// the query: the days known only decide where to cut it, and events newer or
/// older than those days fall into the first and last step.
struct Windows {
    upper: Option<DateTime<Utc>>,
    since: Option<DateTime<Utc>>,
    first: Option<DateTime<Utc>>,
    /// Where the next step starts to count back from.
    from: Option<DateTime<Utc>>,
    step: u64,
    done: bool,
}

impl Windows {
    fn new(query: &SearchQuery, days: DayRange) -> Self {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let end = days.and_then(|(_, last)| last.checked_add_days(Days::new(1))).map(midnight);
        let from = match (query.until, end) {
            (Some(until), Some(end)) => Some(until.min(end)),
            (_, end) => end,
        };
        Self {
            upper: query.until,
            since: query.since,
            first: days.map(|(first, _)| midnight(first)),
            from,
            step: FIRST_STEP,
            done: false,
        }
    }
}

impl Iterator for Windows {
    type Item = Window;

    fn next(&mut self) -> Option<Window> {
        if self.done {
            return None;
        }
        let floor = self.since.max(self.first);
        let low = self.from.and_then(|from| from.checked_sub_days(Days::new(self.step)));
        let window = match low {
            Some(low) if floor.is_some_and(|floor| low > floor) => (Some(low), self.upper),
            // The last step: down to the beginning of the range.
            _ => {
                self.done = true;
                (self.since, self.upper)
            }
        };
        self.upper = window.0;
        self.from = window.0;
        self.step = self.step.saturating_mul(2);
        Some(window)
    }
}

/// All parts in the shape of the `events` view, within a window.
pub(crate) fn union(parts: &[Part], window: Window) -> String {
    let selects: Vec<String> =
        parts.iter().map(|part| events::select(part.def, condition(part, window).as_deref())).collect();
    selects.join(" UNION ALL ")
}

/// The condition of a part together with a window.
pub(crate) fn condition(part: &Part, (since, until): Window) -> Option<String> {
    let mut conditions = Vec::new();
    conditions.extend(since.map(|t| format!("event_time >= {}", instant(t))));
    conditions.extend(until.map(|t| format!("event_time < {}", instant(t))));
    if let Condition::Sql(sql) = &part.condition {
        conditions.push(sql.clone());
    }
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

/// Reads rows of the `events` view.
fn read(batch: &RecordBatch) -> Result<Vec<Event>, QueryError> {
    let wrong = |name: &str| QueryError::Execution { message: format!("the column {name} is missing") };
    let text = |name: &str| {
        let column = batch.column_by_name(name).ok_or_else(|| wrong(name))?;
        arrow::compute::cast(column, &DataType::Utf8)
            .map_err(|e| QueryError::Execution { message: e.to_string() })
    };
    let times = batch.column_by_name("event_time").ok_or_else(|| wrong("event_time"))?;
    let times = times.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(|| wrong("event_time"))?;
    let names = [
        "table_name",
        "account_id",
        "region",
        "actor",
        "action",
        "target",
        "source_address",
        "outcome",
        "event_uid",
        "source_uri",
        "raw",
    ];
    let columns = names.into_iter().map(text).collect::<Result<Vec<_>, _>>()?;
    let value = |i: usize, row: usize| {
        let column = columns[i].as_string::<i32>();
        (!column.is_null(row)).then(|| column.value(row).to_string())
    };
    let events = (0..batch.num_rows()).map(|row| Event {
        time: DateTime::from_timestamp_micros(times.value(row)).unwrap_or_default(),
        table: value(0, row).unwrap_or_default(),
        account: value(1, row),
        region: value(2, row),
        actor: value(3, row),
        action: value(4, row),
        target: value(5, row),
        source_address: value(6, row),
        outcome: value(7, row),
        event_uid: value(8, row).unwrap_or_default(),
        source_uri: value(9, row),
        raw: value(10, row).unwrap_or_default(),
    });
    Ok(events.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(text: &str, days: DayRange) -> Vec<String> {
        let now = "2024-03-05T12:00:00Z".parse().unwrap();
        let query = SearchQuery::parse(text, now).unwrap();
        let show =
            |t: Option<DateTime<Utc>>| t.map_or("…".to_string(), |t| t.format("%m-%dT%H").to_string());
        Windows::new(&query, days).map(|(a, b)| format!("{} {}", show(a), show(b))).collect()
    }

    #[test]
    fn steps_back_grow_and_cover_the_range() {
        let day = |d: u32| NaiveDate::from_ymd_opt(2024, 3, d).unwrap();
        insta::assert_snapshot!(windows("", Some((day(1), day(12)))).join(" | "),
            @"03-12T00 … | 03-10T00 03-12T00 | 03-06T00 03-10T00 | … 03-06T00");
        insta::assert_snapshot!(windows("since:36h", Some((day(1), day(5)))).join(" | "),
            @"03-05T00 … | 03-04T00 03-05T00");
        insta::assert_snapshot!(windows("until:2024-03-03", Some((day(1), day(12)))).join(" | "),
            @"03-03T00 03-04T00 | … 03-03T00");
        insta::assert_snapshot!(windows("", None).join(" | "), @"… …");
    }
}
