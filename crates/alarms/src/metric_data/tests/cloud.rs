//! A CloudWatch that has samples, and answers `GetMetricData` from its input alone: slow and obvious.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::metric_data::MetricDataCall;
use crate::parse_time;

/// A sample of the metric `N/name`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) region: &'static str,
    pub(super) name: &'static str,
    pub(super) time: i64,
    /// When CloudWatch knows of it.
    pub(super) arrives: i64,
    pub(super) value: f64,
}

/// The statistic of these values, as its definition says.
pub(super) fn direct(stat: &str, mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (count, sum) = (values.len() as f64, values.iter().sum::<f64>());
    let (first, last) = (*values.first()?, *values.last()?);
    Some(match stat {
        "Sum" => sum,
        "SampleCount" => count,
        "Average" => sum / count,
        "Minimum" => first,
        "Maximum" => last,
        "p90" => values[(count * 0.9 - 1e-9).ceil().max(1.0) as usize - 1],
        "TC(0:5)" => values.iter().filter(|value| **value > 0.0 && **value <= 5.0).count() as f64,
        _ => panic!("no {stat}"),
    })
}

/// The answer at `now`.
pub(super) fn answer(samples: &[Sample], call: &MetricDataCall, now: i64) -> Value {
    let input = call.input();
    let seconds = |name: &str| parse_time(input[name].as_str().unwrap()).unwrap().timestamp();
    let (start, end) = (seconds("StartTime"), seconds("EndTime"));
    assert!(start < end, "{input}");
    let queries = input["MetricDataQueries"].as_array().unwrap();
    assert!(!queries.is_empty() && queries.len() <= 500);
    let results = queries.iter().map(|query| {
        let stat = &query["MetricStat"];
        let period = stat["Period"].as_i64().unwrap();
        assert_eq!(start % period, 0, "periods begin where the call does");
        assert!(period >= 60 || start >= now - 3 * 3600, "fine periods are not kept so long");
        let (mut times, mut values) = (Vec::new(), Vec::new());
        for time in (start..end).step_by(usize::try_from(period).unwrap()) {
            let known = samples.iter().filter(|sample| {
                (time..(time + period).min(end)).contains(&sample.time)
                    && sample.arrives <= now
                    && sample.region == call.region()
                    && stat["Metric"]["MetricName"] == sample.name
            });
            let value = direct(stat["Stat"].as_str().unwrap(), known.map(|sample| sample.value).collect());
            if let Some(value) = value {
                let time: DateTime<Utc> = DateTime::from_timestamp(time, 0).unwrap();
                times.push(time.to_rfc3339_opts(SecondsFormat::Secs, true));
                values.push(value);
            }
        }
        json!({ "Id": query["Id"], "Label": "any", "StatusCode": "Complete", "Timestamps": times, "Values": values })
    });
    json!({ "MetricDataResults": results.collect::<Vec<_>>(), "Messages": [] })
}
