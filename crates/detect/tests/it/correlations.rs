//! Correlations: order and repetition do not matter, thinning loses nothing, and rsigma's stateful
//! engine agrees on whether there is something to report.

use std::sync::Arc;

use proptest::prelude::*;
use rsigma_eval::{CorrelationConfig, CorrelationEngine, JsonEvent};
use serde_json::{Value, json};
use trailkeep_detect::{Detections, Detector, RuleSet, Signal};

use crate::support::decode;

const BASE: &str = "title: Base\nid: base\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: Call}\n  condition: s\n";

fn files(kind: &str, condition: &str) -> String {
    format!(
        "{BASE}---\ntitle: Many\nid: many\ncorrelation:\n  type: {kind}\n  rules: [base]\n  group-by: [userIdentity.accessKeyId]\n  timespan: 1m\n  condition: {condition}\nlevel: high\n"
    )
}

fn event(index: usize, second: i64, key: u8, network: u8) -> Value {
    let time = chrono::DateTime::from_timestamp(1_767_225_600 + second, 0).unwrap();
    json!({"eventVersion": "1.08", "eventTime": time.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "eventSource": "s3.amazonaws.com",
        "eventName": "Call", "eventID": format!("e{index}"), "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
        "sourceIPAddress": format!("203.{network}.113.9"),
        "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::111122223333:user/{key}"), "accessKeyId": format!("AKIA{key}")}})
}

fn detect(yaml: &str, events: &[Value]) -> (Arc<RuleSet>, Detections) {
    let (set, errors) = RuleSet::load([("c.yml", yaml)]);
    assert!(errors.is_empty(), "{errors:?}");
    let set = Arc::new(set);
    let detections = Detector::new(set.clone()).detect(&decode(events), "cloudtrail_logs");
    (set, detections)
}

/// Every event in a batch of its own: nothing can be thinned.
fn unthinned(yaml: &str, events: &[Value]) -> Vec<Signal> {
    events.iter().flat_map(|event| detect(yaml, std::slice::from_ref(event)).1.signals).collect()
}

#[test]
fn one_finding_per_burst() {
    let yaml = files("event_count", "{gte: 3}");
    let events: Vec<Value> = [0, 10, 20, 25, 300, 310, 1000, 1010, 1020]
        .iter()
        .enumerate()
        .map(|(i, s)| event(i, *s, 1, 1))
        .collect();
    let (set, detections) = detect(&yaml, &events);
    assert!(detections.findings.is_empty(), "the base rule only counts");
    let findings = set.correlate("many", &detections.signals);
    let evidence: Vec<Vec<&str>> =
        findings.iter().map(|found| found.evidence.iter().map(|e| e.event_uid.as_str()).collect()).collect();
    assert_eq!(evidence, [vec!["e0", "e1", "e2", "e3"], vec!["e6", "e7", "e8"]]);
    insta::assert_json_snapshot!(findings[0], {".evidence" => "[four]"});
}

#[test]
fn a_late_event_does_not_make_a_burst_anew() {
    let yaml = files("event_count", "{gte: 3}");
    let events: Vec<Value> = (0..5).map(|i| event(i, i as i64 * 10, 1, 1)).collect();
    let (set, detections) = detect(&yaml, &events);
    let without_third: Vec<Signal> =
        detections.signals.iter().filter(|signal| signal.event_uid != "e2").cloned().collect();
    let (early, late) = (set.correlate("many", &without_third), set.correlate("many", &detections.signals));
    assert_eq!(early[0].id, late[0].id);
    assert_eq!((early.len(), late.len(), late[0].evidence.len()), (1, 1, 5));
}

#[test]
fn temporal_means_every_rule() {
    let other = BASE.replace("Base", "Other").replace("id: base", "id: other").replace("Call", "Cry");
    let yaml = format!(
        "{BASE}---\n{other}---\ntitle: Both\nid: both\ncorrelation:\n  type: temporal\n  rules: [base, other]\n  group-by: [userIdentity.accessKeyId]\n  timespan: 1m\n"
    );
    let mut events: Vec<Value> = (0..3).map(|i| event(i, i as i64 * 50, 1, 1)).collect();
    let (set, detections) = detect(&yaml, &events);
    assert!(set.correlate("both", &detections.signals).is_empty());
    events[2]["eventName"] = json!("Cry");
    let (set, detections) = detect(&yaml, &events);
    assert_eq!(set.correlate("both", &detections.signals).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn order_repetition_and_thinning_do_not_show(
        raw in proptest::collection::vec((0i64..300, 0u8..2, 0u8..5), 1..40),
        swaps in proptest::collection::vec((0usize..40, 0usize..40), 0..40),
        least in 2usize..5,
    ) {
        let yaml = files("value_count", &format!("{{field: trailkeep.source_network, gte: {least}}}"));
        let events: Vec<Value> = raw.iter().enumerate().map(|(i, &(s, k, n))| event(i, s, k, n)).collect();
        let all = unthinned(&yaml, &events);
        let (set, detections) = detect(&yaml, &events);
        prop_assert!(detections.signals.len() <= all.len());
        let found = set.correlate("many", &all);

        let mut shuffled = all.clone();
        for (a, b) in swaps {
            let (a, b) = (a % shuffled.len(), b % shuffled.len());
            shuffled.swap(a, b);
            shuffled.push(all[a % all.len()].clone());
        }
        prop_assert_eq!(&set.correlate("many", &shuffled), &found);

        let thinned = set.correlate("many", &detections.signals);
        let groups = |findings: &[trailkeep_detect::Finding]| {
            findings.iter().map(|finding| finding.group_key.clone()).collect::<std::collections::BTreeSet<_>>()
        };
        prop_assert_eq!(groups(&thinned), groups(&found));
    }

    #[test]
    fn rsigma_agrees_on_whether_there_is_something(
        mut raw in proptest::collection::vec((0i64..200, 0u8..2, 0u8..5), 1..30), least in 2u64..5, values in any::<bool>(),
    ) {
        raw.sort();
        let condition = if values { format!("{{field: sourceIPAddress, gte: {least}}}") } else { format!("{{gte: {least}}}") };
        let yaml = files(if values { "value_count" } else { "event_count" }, &condition);
        let events: Vec<Value> = raw.iter().enumerate().map(|(i, &(s, k, n))| event(i, s, k, n)).collect();
        let mut engine = CorrelationEngine::new(CorrelationConfig::default());
        engine.add_collection(&rsigma_parser::parse_sigma_yaml(&yaml).unwrap()).unwrap();
        let mut theirs = false;
        for (event, (second, ..)) in events.iter().zip(&raw) {
            let results = engine.process_event_at(&JsonEvent::borrow(event), 1_767_225_600 + second);
            theirs |= results.iter().any(|result| result.is_correlation());
        }
        let (set, detections) = detect(&yaml, &events);
        prop_assert_eq!(!set.correlate("many", &detections.signals).is_empty(), theirs);
    }
}
