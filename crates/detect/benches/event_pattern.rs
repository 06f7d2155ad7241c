//! Event patterns: one, and hundreds as a set, beside the same hundreds held one by one.
//!
//! `cargo bench -p trailkeep-detect --bench event_pattern`. The patterns are what rules on CloudTrail
//! look like: by source and call, some by prefix, one in twenty by no call at all.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use trailkeep_detect::event_pattern::{EventPattern, EventPatternSet, cloudtrail_envelope};

/// How many patterns the large set has.
const PATTERNS: usize = 400;
/// How many events are matched per round.
const EVENTS: usize = 1000;

const SERVICES: &[&str] = &["ec2", "iam", "s3", "cloudtrail", "kms", "sts", "rds", "lambda"];
const VERBS: &[&str] = &["Create", "Delete", "Describe", "Put", "Get", "Update", "Attach", "Authorize"];

fn call(number: usize) -> (&'static str, String) {
    let verb = VERBS[number / SERVICES.len() % VERBS.len()];
    (SERVICES[number % SERVICES.len()], format!("{verb}Resource{}", number / 64))
}

fn pattern(number: usize) -> EventPattern {
    let (service, name) = call(number);
    let detail = match number % 20 {
        0 => json!({"userIdentity": {"type": ["Root"]}}),
        1 | 2 => json!({"eventName": [{"prefix": name}], "errorCode": [{"exists": false}]}),
        _ => {
            json!({"eventName": [name, format!("{name}V2")], "sourceIPAddress": [{"anything-but": {"prefix": "10."}}]})
        }
    };
    let pattern = json!({"source": [format!("aws.{service}")], "detail-type": ["AWS API Call via CloudTrail"],
        "detail": detail});
    EventPattern::parse(&pattern.to_string()).unwrap()
}

fn event(number: usize) -> Value {
    let (service, name) = call(number * 7);
    cloudtrail_envelope(&json!({
        "eventVersion": "1.08", "eventType": "AwsApiCall", "eventSource": format!("{service}.amazonaws.com"),
        "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7",
        "recipientAccountId": "111122223333", "eventTime": "2024-05-01T10:00:00Z",
        "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/a/b"},
        "requestParameters": {"items": [{"id": number}, {"id": number + 1}]}
    }))
}

fn bench(criterion: &mut Criterion) {
    let events: Vec<Value> = (0..EVENTS).map(event).collect();
    let patterns: Vec<EventPattern> = (0..PATTERNS).map(pattern).collect();
    let one = EventPatternSet::new(patterns.iter().take(1).cloned());
    let many = EventPatternSet::new(patterns.iter().cloned());
    let count = |set: &EventPatternSet| events.iter().map(|event| set.matches(event).len()).sum::<usize>();
    let naive = || -> usize {
        let matching = |event| patterns.iter().filter(|pattern| pattern.matches(event)).count();
        events.iter().map(matching).sum()
    };
    // Measured is the same work, or the numbers would mean nothing.
    assert_eq!(count(&many), naive());
    let mut group = criterion.benchmark_group("event_pattern");
    group.throughput(Throughput::Elements(EVENTS as u64));
    group.bench_function("set of 1", |bencher| bencher.iter(|| black_box(count(&one))));
    group.bench_function("set of 400", |bencher| bencher.iter(|| black_box(count(&many))));
    group.bench_function("400 one by one", |bencher| bencher.iter(|| black_box(naive())));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
