//! How fast alarms are evaluated, and samples kept and made.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "criterion's macros, and a bench that cannot run is none"
)]

use std::hint::black_box;

use chrono::{DateTime, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;
use trailkeep_alarms::definition::{MetricAlarm, MetricFilter, alarms_from_value};
use trailkeep_alarms::evaluate::{Datapoint, evaluate};
use trailkeep_alarms::{AlarmState, Engine, EngineLimits, MetricBatch, MetricFilters, MetricId};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_586_400 + seconds, 0).unwrap()
}

fn alarm(n: usize) -> serde_json::Value {
    json!({
        "AlarmName": format!("a{n}"), "Namespace": "N", "MetricName": format!("m{n}"), "Statistic": "Sum", "Period": 300,
        "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    })
}

fn one_evaluation(c: &mut Criterion) {
    let alarm = MetricAlarm::from_value(&alarm(0)).unwrap();
    let points: Vec<Datapoint> = [0, 300, 900, 1200].map(|time| Datapoint::new(at(time), 7.0)).to_vec();
    c.bench_function("evaluate/2 of 3", |b| {
        b.iter(|| evaluate(black_box(&alarm), black_box(&points), at(1500), at(1500), AlarmState::Ok));
    });
}

/// A minute of an engine with a thousand alarms, each with a sample a minute.
fn a_thousand_alarms(c: &mut Criterion) {
    let mut engine = Engine::new(EngineLimits::default());
    for entry in alarms_from_value(&(0..1000).map(alarm).collect()).unwrap() {
        engine.put(entry, at(0)).unwrap();
    }
    let mut now = 0;
    let mut group = c.benchmark_group("engine");
    group.throughput(Throughput::Elements(1000));
    group.bench_function("record and tick", |b| {
        b.iter(|| {
            now += 60;
            let mut batch = MetricBatch::default();
            for n in 0..1000 {
                batch.add(MetricId::new("N", format!("m{n}"), Vec::new()), at(now - 30), (now % 7) as f64);
            }
            engine.record(&batch, at(now));
            engine.tick(at(now))
        });
    });
    group.finish();
}

/// A hundred filters over one stream of events, of which a hundredth matches one.
fn metric_filters(c: &mut Criterion) {
    let filter = |n: usize| {
        MetricFilter::from_value(&json!({
            "filterName": format!("f{n}"), "filterPattern": format!("{{ $.eventName = \"Call{n}\" }}"),
            "metricTransformations": [{ "metricName": format!("m{n}"), "metricNamespace": "N", "metricValue": "1", "defaultValue": 0 }],
        }))
        .unwrap()
    };
    let filters = MetricFilters::new((0..100).map(filter).collect());
    let events: Vec<String> = (0..10_000)
        .map(|n| format!(r#"{{"eventVersion":"1.08","eventName":"Call{}","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.{}","eventID":"{n}"}}"#, n % 10_000, n % 250))
        .collect();
    let mut group = c.benchmark_group("filters");
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("100 over 10,000 events", |b| {
        b.iter(|| {
            let mut run = filters.run("cloudtrail_logs").unwrap();
            events.iter().enumerate().for_each(|(n, event)| run.event(at(n as i64 / 100), event));
            run.finish()
        });
    });
    group.finish();
}

criterion_group!(benches, one_evaluation, a_thousand_alarms, metric_filters);
criterion_main!(benches);
