//! Metric filters over log events: messages in, samples out.
//!
//! ```text
//!   message, time ─► FilterSet of its table ─► filters that match ─► value, dimensions ─► samples per 10 s
//! ```
//!
//! Hundreds of filters cost little more than one ([`FilterSet`]). A matching event whose value field is no
//! number, or that lacks the field of a dimension, makes no sample.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use trailkeep_detect::filter_pattern::{FilterSet, Matcher};

use crate::definition::MetricFilter;
use crate::time::floor;
use crate::{Distribution, MetricId};

/// Samples of one run are kept together by so many seconds: the finest that the store keeps.
const TEN: i64 = 10;
/// Different metrics and times in one batch; dimensions are hostile.
const MOST_CELLS: usize = 100_000;
/// Different metrics that one filter makes in a batch. CloudWatch switches a filter off that makes a
/// thousand within an hour.
const MOST_METRICS: usize = 1000;

/// Metric filters, ready to run.
#[derive(Debug, Default)]
pub struct MetricFilters {
    filters: Vec<MetricFilter>,
    /// By table: the set, and which filter each of its patterns is.
    tables: HashMap<String, (FilterSet, Vec<usize>)>,
    /// By namespace: names.
    made: HashMap<String, HashSet<String>>,
}

/// What a run over events made: samples, and the minutes in which events came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricBatch {
    /// By metric and the ten seconds they fall in, in seconds since 1970.
    pub samples: BTreeMap<(MetricId, i64), Distribution>,
    /// By table: minutes, in seconds since 1970.
    pub active: BTreeMap<String, BTreeSet<i64>>,
    /// Samples that were dropped as the batch was full.
    pub dropped: u64,
}

impl MetricFilters {
    /// Makes filters ready.
    pub fn new(filters: Vec<MetricFilter>) -> Self {
        let mut by_table: HashMap<String, Vec<usize>> = HashMap::new();
        let mut made: HashMap<String, HashSet<String>> = HashMap::new();
        for (index, filter) in filters.iter().enumerate() {
            let to = &filter.transformation;
            made.entry(to.metric_namespace.clone()).or_default().insert(to.metric_name.clone());
            by_table.entry(filter.table.clone()).or_default().push(index);
        }
        let set = |(table, places): (String, Vec<usize>)| {
            let set = FilterSet::new(places.iter().map(|place| &filters[*place].pattern));
            (table, (set, places))
        };
        let tables = by_table.into_iter().map(set).collect();
        Self { filters, tables, made }
    }

    /// The filters.
    pub fn filters(&self) -> &[MetricFilter] {
        &self.filters
    }

    /// Whether any filter reads this table.
    pub fn reads(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Whether a filter makes the metrics of this name.
    pub fn makes(&self, metric: &MetricId) -> bool {
        let to = self.made.get(metric.namespace());
        to.is_some_and(|names| names.contains(metric.name()))
    }

    /// Something that takes the events of a table; `None` where no filter reads it.
    pub fn run<'f>(&'f self, table: &'f str) -> Option<FilterRun<'f>> {
        let (set, places) = self.tables.get(table)?;
        Some(FilterRun {
            filters: &self.filters,
            places,
            table,
            matcher: set.matcher(),
            batch: MetricBatch::default(),
            minute: None,
            metrics: HashMap::new(),
        })
    }

    /// The metric of each filter that has a default value, with its table.
    pub fn defaults(&self) -> impl Iterator<Item = (MetricId, &str, f64)> {
        self.filters.iter().filter_map(|filter| {
            let to = &filter.transformation;
            let metric = MetricId::new(&to.metric_namespace, &to.metric_name, Vec::new());
            Some((metric, filter.table.as_str(), to.default_value?))
        })
    }
}

/// Events of one table on their way to samples.
#[derive(Debug)]
pub struct FilterRun<'f> {
    filters: &'f [MetricFilter],
    places: &'f [usize],
    table: &'f str,
    matcher: Matcher<'f>,
    batch: MetricBatch,
    /// The last minute that was marked: events come in order, mostly.
    minute: Option<i64>,
    /// Metrics with dimensions that each filter has made.
    metrics: HashMap<usize, BTreeSet<MetricId>>,
}

impl FilterRun<'_> {
    /// Takes an event.
    pub fn event(&mut self, time: DateTime<Utc>, message: &str) {
        let seconds = time.timestamp();
        let minute = floor(seconds, 60);
        if self.minute.replace(minute) != Some(minute) {
            if !self.batch.active.contains_key(self.table) {
                self.batch.active.insert(self.table.to_owned(), BTreeSet::new());
            }
            if let Some(minutes) =
                self.batch.active.get_mut(self.table).filter(|minutes| minutes.len() < MOST_CELLS)
            {
                minutes.insert(minute);
            }
        }
        for matched in self.matcher.matches(message) {
            let place = self.places[*matched];
            let filter = &self.filters[place];
            let Some((metric, value)) = sample(filter, message) else { continue };
            let made = self.metrics.entry(place).or_default();
            let full = !made.contains(&metric) && made.len() >= MOST_METRICS;
            let key = (metric, floor(seconds, TEN));
            if let Some(samples) = self.batch.samples.get_mut(&key) {
                samples.add(value, 1.0);
            } else if full || self.batch.samples.len() >= MOST_CELLS {
                self.batch.dropped += 1;
            } else {
                made.insert(key.0.clone());
                self.batch.samples.entry(key).or_default().add(value, 1.0);
            }
        }
    }

    /// What was made.
    pub fn finish(self) -> MetricBatch {
        self.batch
    }
}

impl MetricBatch {
    /// Adds another batch.
    pub fn merge(&mut self, other: Self) {
        for (key, samples) in other.samples {
            self.samples.entry(key).or_default().merge(&samples);
        }
        for (table, minutes) in other.active {
            self.active.entry(table).or_default().extend(minutes);
        }
        self.dropped += other.dropped;
    }

    /// Adds one value, as from a query or from `GetMetricData`.
    pub fn add(&mut self, metric: MetricId, time: DateTime<Utc>, value: f64) {
        self.samples.entry((metric, floor(time.timestamp(), TEN))).or_default().add(value, 1.0);
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty() && self.active.is_empty()
    }
}

fn sample(filter: &MetricFilter, message: &str) -> Option<(MetricId, f64)> {
    let to = &filter.transformation;
    let value = filter.pattern.extract(message, &to.value)?.number()?;
    let mut dimensions = Vec::with_capacity(to.dimensions.len());
    for (name, _, selector) in &to.dimensions {
        let text = filter.pattern.extract(message, selector)?;
        // The API's bound on a dimension's value.
        let text: String = text.text().chars().take(1024).collect();
        if text.is_empty() {
            return None;
        }
        dimensions.push((name.clone(), text));
    }
    Some((MetricId::new(&to.metric_namespace, &to.metric_name, dimensions), value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_586_400 + seconds, 0).unwrap()
    }

    fn filter(
        pattern: &str,
        name: &str,
        value: &str,
        dimensions: serde_json::Value,
        table: &str,
    ) -> MetricFilter {
        MetricFilter::from_value(&json!({
            "filterName": name, "filterPattern": pattern, "table": table,
            "metricTransformations": [{ "metricName": name, "metricNamespace": "N", "metricValue": value, "dimensions": dimensions }],
        }))
        .unwrap()
    }

    fn sums(batch: &MetricBatch) -> Vec<(String, i64, f64)> {
        let of = |((metric, time), samples): (&(MetricId, i64), &Distribution)| {
            (metric.to_string(), time - at(0).timestamp(), samples.sum())
        };
        batch.samples.iter().map(of).collect()
    }

    #[test]
    fn events_become_samples() {
        let filters = MetricFilters::new(vec![
            filter("{ $.errorCode = \"Access*\" }", "denied", "1", json!({}), "cloudtrail_logs"),
            filter("{ $.ms > 0 }", "latency", "$.ms", json!({ "user": "$.user" }), "cloudtrail_logs"),
            filter("[ip, status = 4*, bytes]", "errors", "$bytes", json!({ "status": "$status" }), "web"),
            filter("", "all", "1", json!({}), "web"),
        ]);
        let made = |name: &str| filters.makes(&MetricId::new("N", name, vec![("any".into(), "x".into())]));
        assert!(
            made("latency") && !made("latencies") && !filters.makes(&MetricId::new("M", "all", Vec::new()))
        );
        assert!(filters.reads("web") && !filters.reads("dns") && filters.run("dns").is_none());
        let mut run = filters.run("cloudtrail_logs").unwrap();
        run.event(at(1), r#"{"errorCode":"AccessDenied","ms":5,"user":"alice"}"#);
        run.event(at(2), r#"{"errorCode":"AccessDenied","ms":7,"user":"alice"}"#);
        run.event(at(61), r#"{"errorCode":"Other","ms":9,"user":"bob"}"#);
        run.event(at(62), r#"{"ms":"many","user":"bob"}"#);
        run.event(at(63), r#"{"ms":1}"#);
        run.event(at(121), "no JSON");
        let mut batch = run.finish();
        assert_eq!(
            sums(&batch),
            [
                ("N/denied".to_owned(), 0, 2.0),
                ("N/latency user=alice".to_owned(), 0, 12.0),
                ("N/latency user=bob".to_owned(), 60, 9.0),
            ]
        );
        let minutes: Vec<i64> =
            batch.active["cloudtrail_logs"].iter().map(|minute| minute - at(0).timestamp()).collect();
        assert_eq!(minutes, [0, 60, 120]);
        let mut run = filters.run("web").unwrap();
        run.event(at(3), "1.2.3.4 404 1500");
        run.event(at(3), "1.2.3.4 200 99");
        batch.merge(run.finish());
        assert_eq!(sums(&batch)[0], ("N/all".to_owned(), 0, 2.0));
        assert!(sums(&batch).contains(&("N/errors status=404".to_owned(), 0, 1500.0)));
    }

    #[test]
    fn hostile_dimensions_are_bounded() {
        let filters = MetricFilters::new(vec![filter("{ $.u = * }", "m", "1", json!({ "u": "$.u" }), "t")]);
        let mut run = filters.run("t").unwrap();
        for user in 0..5000 {
            run.event(at(0), &json!({ "u": format!("u{user}") }).to_string());
        }
        let batch = run.finish();
        assert_eq!((batch.samples.len(), batch.dropped), (MOST_METRICS, 5000 - MOST_METRICS as u64));
    }
}
