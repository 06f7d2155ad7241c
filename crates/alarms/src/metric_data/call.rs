//! Calls of `GetMetricData`.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

use crate::MetricId;
use crate::definition::dimensions_value;

/// The most queries of a call.
const MOST_QUERIES: i64 = 500;
/// The most datapoints that CloudWatch puts on a page: a call is made for about one.
const MOST_DATAPOINTS: i64 = 100_800;

/// A question about one series: the periods from `from` to before `to`, in seconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ask {
    pub(crate) series: MetricId,
    /// The period that is asked for.
    pub(crate) period: u32,
    /// The period that the series is to be known by. Before three hours ago, ten seconds are minutes.
    pub(crate) known_by: u32,
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// Whether it is the whole evaluation range.
    pub(crate) whole: bool,
}

/// One query about a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Query {
    Sum,
    Count,
    Minimum,
    Maximum,
    /// The statistic that CloudWatch aggregates.
    Aggregate,
}

impl Query {
    /// The queries that make a datapoint. Four of one metric in one call are charged as one.
    pub(crate) fn of(series: &MetricId) -> &'static [Self] {
        let aggregated = series.fetched_from().is_some_and(|from| from.aggregated.is_some());
        if aggregated {
            &[Self::Aggregate, Self::Count]
        } else {
            &[Self::Sum, Self::Count, Self::Minimum, Self::Maximum]
        }
    }

    /// The end of its `Id`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Minimum => "min",
            Self::Maximum => "max",
            Self::Aggregate => "stat",
        }
    }
}

/// A call of `GetMetricData`: who is to be asked where, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDataCall {
    account_id: String,
    region: String,
    from: i64,
    to: i64,
    asks: Vec<Ask>,
}

impl MetricDataCall {
    /// As many calls as these questions of one place, period and about one length need.
    pub(crate) fn pack(mut asks: Vec<Ask>) -> Vec<Self> {
        let mut calls = Vec::new();
        while !asks.is_empty() {
            let (from, to) = bounds(&asks);
            let (queries, points) = asks.iter().fold((1, 1), |(queries, points), ask| {
                let each = Query::of(&ask.series).len() as i64;
                (each.max(queries), (each * (to - from) / i64::from(ask.period.max(1))).max(points))
            });
            let most = (MOST_QUERIES / queries).min(MOST_DATAPOINTS / points).max(1);
            let rest = asks.split_off(asks.len().min(usize::try_from(most).unwrap_or(1)));
            calls.extend(Self::new(asks));
            asks = rest;
        }
        calls
    }

    fn new(asks: Vec<Ask>) -> Option<Self> {
        let of = asks.first()?.series.fetched_from()?;
        let (account_id, region) = (of.account_id.clone(), of.region.clone());
        let (from, to) = bounds(&asks);
        Some(Self { account_id, region, from, to, asks })
    }

    /// Who is to be asked.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// Where.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// How many metrics it is about.
    pub fn metrics(&self) -> usize {
        self.asks.len()
    }

    pub(crate) fn asks(&self) -> &[Ask] {
        &self.asks
    }

    /// Two calls instead of this: CloudWatch refuses all of a call for one query that it does not take.
    ///
    /// # Errors
    ///
    /// The call itself, where it is about one metric only.
    pub fn halves(mut self) -> Result<[Self; 2], Self> {
        let rest = self.asks.split_off(self.asks.len() / 2);
        if self.asks.is_empty() {
            self.asks = rest;
            return Err(self);
        }
        let half = |asks: Vec<Ask>| {
            let (from, to) = bounds(&asks);
            Self { account_id: self.account_id.clone(), region: self.region.clone(), from, to, asks }
        };
        Ok([half(self.asks.clone()), half(rest)])
    }

    /// The input of `GetMetricData`.
    pub fn input(&self) -> Value {
        let queries: Vec<Value> = (0..)
            .zip(&self.asks)
            .flat_map(|(index, ask)| {
                Query::of(&ask.series).iter().map(move |query| query_value(index, *query, ask))
            })
            .collect();
        json!({
            "StartTime": time(self.from), "EndTime": time(self.to), "ScanBy": "TimestampAscending",
            "MetricDataQueries": queries,
        })
    }

    /// What the `Id` of a result says that it is about: which question, and which of its queries.
    pub(crate) fn about(&self, id: &str) -> Option<(usize, Query)> {
        let (index, word) = id.strip_prefix('s')?.split_once('_')?;
        let index: usize = index.parse().ok()?;
        let ask = self.asks.get(index)?;
        let query = Query::of(&ask.series).iter().find(|query| query.word() == word)?;
        Some((index, *query))
    }
}

fn query_value(index: usize, query: Query, ask: &Ask) -> Value {
    let from = ask.series.fetched_from();
    let aggregate = from.and_then(|from| from.aggregated.as_ref()).map(|(stat, _)| stat.as_str());
    let stat = match query {
        Query::Sum => "Sum",
        Query::Count => "SampleCount",
        Query::Minimum => "Minimum",
        Query::Maximum => "Maximum",
        Query::Aggregate => aggregate.unwrap_or("Average"),
    };
    let mut metric_stat = Map::new();
    metric_stat.insert(
        "Metric".into(),
        json!({
            "Namespace": ask.series.namespace(), "MetricName": ask.series.name(),
            "Dimensions": dimensions_value(&ask.series),
        }),
    );
    metric_stat.insert("Period".into(), json!(ask.period));
    metric_stat.insert("Stat".into(), json!(stat));
    if let Some(unit) = from.and_then(|from| from.unit.as_ref()) {
        metric_stat.insert("Unit".into(), json!(unit));
    }
    let mut value = json!({ "Id": format!("s{index}_{}", query.word()), "MetricStat": metric_stat });
    if let Some(owner) = from.and_then(|from| from.owner.as_ref()) {
        value["AccountId"] = json!(owner);
    }
    value
}

fn bounds(asks: &[Ask]) -> (i64, i64) {
    let from = asks.iter().map(|ask| ask.from).min().unwrap_or_default();
    let to = asks.iter().map(|ask| ask.to).max().unwrap_or_default();
    (from, to)
}

fn time(seconds: i64) -> String {
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
