//! Metrics that are counted by SQL, period by period.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use trailkeep_alarms::{MetricBatch, MetricId};

use super::LiveAlarms;
use crate::backend::{Grid, Logs};
use crate::config::QueryMetric;

/// Between two looks at what is due.
const LOOK: Duration = Duration::from_secs(5);
/// Periods that were missed are counted up to here, as long as a server was down.
const BACK: TimeDelta = TimeDelta::hours(3);
/// Different dimensions of one query.
const MOST: usize = 1000;
/// Dimensions that a metric has at most.
const DIMENSIONS: usize = 30;

/// Counts what is due, for ever.
pub(super) async fn count(alarms: &LiveAlarms, logs: &dyn Logs) {
    loop {
        for query in &alarms.config.queries {
            if let Err(error) = one(alarms, logs, query, Utc::now()).await {
                tracing::warn!(metric = query.name, error, "a metric was not counted; it is tried again");
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Counts the periods of a metric that are over by now.
async fn one(
    alarms: &LiveAlarms,
    logs: &dyn Logs,
    query: &QueryMetric,
    now: DateTime<Utc>,
) -> Result<(), String> {
    let key = format!("{}/{}", query.namespace, query.name);
    let period = i64::try_from(query.every.as_secs()).unwrap_or(60);
    let end = now.timestamp() - i64::try_from(query.delay.as_secs()).unwrap_or(0);
    let end = end - end.rem_euclid(period);
    let oldest = (now - BACK).timestamp();
    let counted = alarms.lock().counted.get(&key).copied();
    // A new metric begins with the period that is over.
    let mut from = counted.unwrap_or(end - period).max(oldest - oldest.rem_euclid(period));
    while from < end {
        let to = from + period;
        let grid = logs.sql(&filled(&query.sql, from, to), MOST).await.map_err(|error| error.to_string())?;
        if grid.truncated {
            tracing::warn!(
                metric = query.name,
                "more than {MOST} combinations of dimensions; the rest is left out"
            );
        }
        let batch = samples(query, &grid, from)?;
        let mut inner = alarms.lock();
        inner.waiting.merge(batch);
        inner.counted.insert(key.clone(), to);
        drop(inner);
        from = to;
    }
    Ok(())
}

fn filled(sql: &str, from: i64, to: i64) -> String {
    let literal = |seconds: i64| {
        let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        format!("TIMESTAMP '{}'", time.format("%Y-%m-%d %H:%M:%S"))
    };
    sql.replace("{from}", &literal(from)).replace("{to}", &literal(to))
}

/// A sample per row: its `value`, and the other columns as dimensions.
fn samples(query: &QueryMetric, grid: &Grid, from: i64) -> Result<MetricBatch, String> {
    let value = grid.columns.iter().position(|(name, _)| name == "value").ok_or_else(|| {
        let names: Vec<&str> = grid.columns.iter().map(|(name, _)| name.as_str()).collect();
        format!("the query has no column `value` (it has: {}); write … AS value", names.join(", "))
    })?;
    if grid.columns.len() > DIMENSIONS + 1 {
        return Err(format!(
            "a metric has {DIMENSIONS} dimensions at most, and the query gives more columns"
        ));
    }
    let time = DateTime::from_timestamp(from, 0).unwrap_or_default();
    let mut batch = MetricBatch::default();
    for row in &grid.rows {
        let Some(text) = row.get(value).and_then(Option::as_deref) else { continue };
        let number: f64 =
            text.parse().map_err(|_| format!("the column `value` has {text:?}, which is no number"))?;
        let dimensions = grid.columns.iter().zip(row).enumerate().filter(|(place, _)| *place != value);
        let dimensions = dimensions.filter_map(|(_, ((name, _), cell))| {
            let cell = cell.as_deref().filter(|cell| !cell.is_empty())?;
            Some((name.clone(), cell.chars().take(1024).collect::<String>()))
        });
        batch.add(MetricId::new(&query.namespace, &query.name, dimensions.collect()), time, number);
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(sql: &str) -> QueryMetric {
        QueryMetric {
            namespace: "Security".to_owned(),
            name: "Denied".to_owned(),
            sql: sql.to_owned(),
            every: Duration::from_secs(60),
            delay: Duration::from_secs(60),
        }
    }

    #[test]
    fn periods_stand_in_the_query() {
        let sql = filled("SELECT 1 WHERE t >= {from} AND t < {to}", 0, 60);
        assert_eq!(
            sql,
            "SELECT 1 WHERE t >= TIMESTAMP '1970-01-01 00:00:00' AND t < TIMESTAMP '1970-01-01 00:01:00'"
        );
    }

    #[test]
    fn rows_are_samples_and_other_columns_dimensions() {
        let cell = |text: &str| Some(text.to_owned());
        let grid = Grid {
            columns: vec![("account".to_owned(), String::new()), ("value".to_owned(), String::new())],
            rows: vec![vec![cell("1"), cell("2.5")], vec![cell("2"), None], vec![None, cell("7")]],
            ..Grid::default()
        };
        let batch = samples(&query(""), &grid, 60).unwrap();
        let found: Vec<(String, f64)> =
            batch.samples.iter().map(|((metric, _), samples)| (metric.to_string(), samples.sum())).collect();
        assert_eq!(
            found,
            [("Security/Denied".to_owned(), 7.0), ("Security/Denied account=1".to_owned(), 2.5)]
        );
        let wrong = Grid { columns: vec![("n".to_owned(), String::new())], ..Grid::default() };
        assert!(samples(&query(""), &wrong, 60).unwrap_err().contains("no column `value` (it has: n)"));
    }
}
