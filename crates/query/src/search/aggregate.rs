//! Histogram and facets of a search: what the console draws around the hits.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int64Type};
use chrono::{DateTime, Days, NaiveTime, Utc};
use datafusion::execution::SendableRecordBatchStream;
use futures::TryStreamExt;
use serde::Serialize;
use tokio::task::JoinSet;

use super::SearchQuery;
use super::compile::{Part, compile};
use super::run::{Window, condition, union};
use crate::engine::Engine;
use crate::error::QueryError;

/// Most buckets of a histogram.
const MAX_BUCKETS: usize = 1000;
/// Distinct values that are counted per facet; rarer ones beyond are not.
const MAX_VALUES: usize = 100_000;
/// Widths of buckets, in seconds; longer ones are whole weeks.
const WIDTHS: [i64; 20] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
    604_800,
];

/// One bar of a histogram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// First instant that counts.
    pub start: DateTime<Utc>,
    /// First instant that no longer counts.
    pub end: DateTime<Utc>,
    /// Events per table; tables without events are left out.
    pub counts: BTreeMap<String, u64>,
}

/// The most frequent values of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facet {
    /// Name of the field, as a search writes it.
    pub field: String,
    /// Values and how many events have them, most frequent first.
    pub values: Vec<(String, u64)>,
    /// How many distinct values there are (at least, if very many).
    pub distinct: usize,
}

/// Fields of facets: the name in a search, the column of the `events` view.
const FACETS: [(&str, &str); 7] = [
    ("action", "action"),
    ("actor", "actor"),
    ("account", "account_id"),
    ("region", "region"),
    ("ip", "source_address"),
    ("outcome", "outcome"),
    ("table", "table_name"),
];

impl Engine {
    /// How many events match over time, in about `buckets` bars of a round
    /// width. An open range is that of the data.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn histogram(&self, query: &SearchQuery, buckets: usize) -> Result<Vec<Bucket>, QueryError> {
        let parts = compile(query, &self.event_tables())?;
        let Some((start, end)) = self.range(query, &parts).await? else { return Ok(Vec::new()) };
        let grid = Grid::new(start, end, buckets.clamp(1, MAX_BUCKETS));
        let limit = self.inner.options.timeout;
        let run = self.counts(&parts, (Some(start), Some(end)), &grid);
        tokio::time::timeout(limit, run).await.map_err(|_| QueryError::Timeout { limit })?
    }

    /// The most frequent values of each facet among the matching events.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn facets(&self, query: &SearchQuery, top: usize) -> Result<Vec<Facet>, QueryError> {
        let parts = compile(query, &self.event_tables())?;
        let limit = self.inner.options.timeout;
        let run = self.count_values(&parts, (query.since, query.until), top);
        tokio::time::timeout(limit, run).await.map_err(|_| QueryError::Timeout { limit })?
    }

    async fn range(
        &self,
        query: &SearchQuery,
        parts: &[Part],
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, QueryError> {
        let days = self.days_of(parts).await?;
        let first = days.map(|(first, _)| first.and_time(NaiveTime::MIN).and_utc());
        let last = days
            .and_then(|(_, last)| last.checked_add_days(Days::new(1)))
            .map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let (start, end) = (query.since.or(first), query.until.or(last));
        Ok(start.zip(end).filter(|(start, end)| start < end))
    }

    async fn counts(&self, parts: &[Part], window: Window, grid: &Grid) -> Result<Vec<Bucket>, QueryError> {
        let mut buckets = grid.empty();
        if parts.is_empty() {
            return Ok(buckets);
        }
        let origin = grid.start.timestamp_millis();
        let width = grid.width * 1000;
        let selects: Vec<String> = parts
            .iter()
            .map(|part| {
                let condition = condition(part, window).unwrap_or_else(|| "true".to_string());
                format!(
                    "SELECT '{table}' AS t, (to_milliseconds(event_time) - {origin}) / {width} AS b, \
                     count(*) AS n FROM {table} WHERE {condition} GROUP BY 2",
                    table = part.def.name
                )
            })
            .collect();
        let sql = selects.join(" UNION ALL ");
        let batches: Vec<RecordBatch> = self.run_internal(&sql).await?.try_collect().await?;
        for batch in &batches {
            let cast = |i: usize, t: &DataType| arrow::compute::cast(batch.column(i), t);
            let columns = (|| {
                Ok::<_, arrow::error::ArrowError>((
                    cast(0, &DataType::Utf8)?,
                    cast(1, &DataType::Int64)?,
                    cast(2, &DataType::Int64)?,
                ))
            })();
            let (tables, indices, counts) =
                columns.map_err(|e| QueryError::Execution { message: e.to_string() })?;
            let (tables, indices) = (tables.as_string::<i32>(), indices.as_primitive::<Int64Type>());
            let counts = counts.as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                let index = usize::try_from(indices.value(row)).ok();
                if let Some(bucket) = index.and_then(|i| buckets.get_mut(i)) {
                    let held = bucket.counts.entry(tables.value(row).to_string()).or_default();
                    *held += u64::try_from(counts.value(row)).unwrap_or_default();
                }
            }
        }
        Ok(buckets)
    }

    async fn count_values(
        &self,
        parts: &[Part],
        window: Window,
        top: usize,
    ) -> Result<Vec<Facet>, QueryError> {
        let mut counters: Vec<Counter> = FACETS.iter().map(|_| Counter::default()).collect();
        if !parts.is_empty() {
            let columns: Vec<&str> = FACETS.iter().map(|(_, column)| *column).collect();
            let sql = format!("SELECT {} FROM ({}) AS hits", columns.join(", "), union(parts, window));
            let mut tasks = JoinSet::new();
            for stream in self.run_partitioned(&sql).await? {
                tasks.spawn(count(stream));
            }
            while let Some(done) = tasks.join_next().await {
                let partial = done.map_err(|e| QueryError::Execution { message: e.to_string() })??;
                counters.iter_mut().zip(partial).for_each(|(all, part)| all.merge(part));
            }
        }
        Ok(FACETS.iter().zip(counters).map(|((name, _), c)| c.facet(name, top)).collect())
    }
}

/// Counts the values of each facet in one partition.
async fn count(mut stream: SendableRecordBatchStream) -> Result<Vec<Counter>, QueryError> {
    let mut counters: Vec<Counter> = FACETS.iter().map(|_| Counter::default()).collect();
    while let Some(batch) = stream.try_next().await? {
        for (counter, column) in counters.iter_mut().zip(batch.columns()) {
            let text = arrow::compute::cast(column, &DataType::Utf8)
                .map_err(|e| QueryError::Execution { message: e.to_string() })?;
            counter.add(text.as_string::<i32>());
        }
    }
    Ok(counters)
}

/// Buckets of equal, round width that cover a range.
struct Grid {
    start: DateTime<Utc>,
    width: i64,
    count: usize,
}

impl Grid {
    fn new(start: DateTime<Utc>, end: DateTime<Utc>, wanted: usize) -> Self {
        let span = (end - start).num_seconds().max(1);
        let wanted_width = span / wanted as i64 + i64::from(span % wanted as i64 != 0);
        let week = WIDTHS[WIDTHS.len() - 1];
        let width = WIDTHS
            .into_iter()
            .find(|w| *w >= wanted_width)
            .unwrap_or_else(|| (wanted_width + week - 1) / week * week);
        let from = start.timestamp().div_euclid(width) * width;
        let last = end.timestamp() + i64::from(end.timestamp_subsec_nanos() > 0);
        let count = ((last - from) + width - 1) / width;
        Self {
            start: DateTime::from_timestamp(from, 0).unwrap_or(start),
            width,
            count: usize::try_from(count).unwrap_or(1).clamp(1, 2 * MAX_BUCKETS),
        }
    }

    fn empty(&self) -> Vec<Bucket> {
        let at = |i: usize| {
            let seconds = self.start.timestamp() + self.width * i as i64;
            DateTime::from_timestamp(seconds, 0).unwrap_or(self.start)
        };
        (0..self.count).map(|i| Bucket { start: at(i), end: at(i + 1), counts: BTreeMap::new() }).collect()
    }
}

/// Counts of the values of one column, with a bound on how many are told
/// apart.
#[derive(Default)]
struct Counter {
    counts: HashMap<String, u64, foldhash::fast::RandomState>,
}

impl Counter {
    fn add(&mut self, values: &arrow::array::StringArray) {
        // Rows that follow each other are often alike.
        let mut run: Option<(&str, u64)> = None;
        for value in values.iter().flatten() {
            match &mut run {
                Some((held, n)) if *held == value => *n += 1,
                _ => {
                    if let Some((held, n)) = run.replace((value, 1)) {
                        self.count(held, n);
                    }
                }
            }
        }
        if let Some((held, n)) = run {
            self.count(held, n);
        }
    }

    fn count(&mut self, value: &str, n: u64) {
        if let Some(held) = self.counts.get_mut(value) {
            *held += n;
        } else if self.counts.len() < MAX_VALUES {
            self.counts.insert(value.to_string(), n);
        }
    }

    fn merge(&mut self, other: Self) {
        other.counts.iter().for_each(|(value, n)| self.count(value, *n));
    }

    fn facet(self, field: &str, top: usize) -> Facet {
        let distinct = self.counts.len();
        let mut values: Vec<(String, u64)> = self.counts.into_iter().collect();
        values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(top);
        Facet { field: field.to_string(), values, distinct }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_round_and_cover_the_range() {
        let at = |t: &str| t.parse::<DateTime<Utc>>().unwrap();
        let grid = Grid::new(at("2024-03-01T00:10:00Z"), at("2024-03-02T00:00:00Z"), 24);
        assert_eq!((grid.width, grid.count), (3600, 24));
        let buckets = grid.empty();
        assert_eq!(buckets[0].start, at("2024-03-01T00:00:00Z"));
        assert_eq!(buckets[23].end, at("2024-03-02T00:00:00Z"));
        let grid = Grid::new(at("1990-01-01T00:00:00Z"), at("2024-01-01T00:00:00Z"), 1);
        assert!(grid.count <= 2 && grid.width % 604_800 == 0);
    }
}
