//! The fast detector equals the slow, obvious one: rsigma's engine over the whole record, parsed
//! by serde_json, with facts put in as a member `trailkeep`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use rsigma_eval::{Engine, Event, EventValue, JsonEvent};
use serde_json::{Value, json};
use trailkeep_detect::{Detector, RuleSet, facts};

use crate::support::{decode, real_records, sigma_files};

/// A record, with objects shown to string matchers as their JSON text.
struct Slow {
    record: Value,
}

impl Slow {
    fn new(record: &Value) -> Self {
        let mut record = record.clone();
        let parsed: sonic_rs::Value = sonic_rs::from_str(&record.to_string()).unwrap();
        for (name, fact) in facts::derive(&parsed).iter() {
            let value = match fact {
                facts::Fact::Bool(value) => json!(value),
                facts::Fact::Int(value) => json!(value),
                facts::Fact::Text(value) => json!(value),
                facts::Fact::Texts(values) => json!(values),
            };
            record[format!("{}{name}", facts::PREFIX)] = value;
        }
        Self { record }
    }
}

/// A value of its own, objects as text.
fn owned(value: Value) -> EventValue<'static> {
    match value {
        Value::Null => EventValue::Null,
        Value::Bool(value) => EventValue::Bool(value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => EventValue::Int(number),
            None => EventValue::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => EventValue::Str(Cow::Owned(text)),
        Value::Array(items) => EventValue::Array(items.into_iter().map(owned).collect()),
        Value::Object(_) => EventValue::Str(Cow::Owned(value.to_string())),
    }
}

impl Event for Slow {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        Some(owned(JsonEvent::borrow(&self.record).get_field(path)?.to_json()))
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        JsonEvent::borrow(&self.record).any_string_value(pred)
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let event = JsonEvent::borrow(&self.record);
        event.all_string_values().into_iter().map(|text| Cow::Owned(text.into_owned())).collect()
    }

    fn to_json(&self) -> Value {
        self.record.clone()
    }
}

type Hits = BTreeSet<(String, String)>;

fn slow(files: &[(String, String)], records: &[Value]) -> Hits {
    let mut engine = Engine::new();
    for (_, yaml) in files {
        for document in yaml.split("\n---\n") {
            let collection = rsigma_parser::parse_sigma_yaml(document).unwrap();
            engine.add_collection(&collection).unwrap();
        }
    }
    let mut hits = Hits::new();
    for record in records {
        let event = Slow::new(record);
        for found in engine.evaluate(&event) {
            hits.insert((found.header.rule_title, record["eventID"].as_str().unwrap().to_owned()));
        }
    }
    hits
}

fn fast(files: &[(String, String)], records: &[Value]) -> Hits {
    let (set, errors) = RuleSet::load(files.iter().map(|(name, yaml)| (name, without_correlations(yaml))));
    assert!(errors.is_empty(), "{errors:#?}");
    let detector = Detector::new(Arc::new(set));
    let detections = detector.detect(&decode(records), "cloudtrail_logs");
    detections.findings.into_iter().map(|finding| (finding.rule_title, finding.event_uid)).collect()
}

/// Without correlations every rule reports.
fn without_correlations(yaml: &str) -> String {
    let keep = |document: &&str| !document.contains("\ncorrelation:");
    yaml.split("\n---\n").filter(keep).collect::<Vec<_>>().join("\n---\n")
}

fn builtin_files() -> Vec<(String, String)> {
    RuleSet::builtin()
        .unwrap()
        .rules()
        .iter()
        .map(|rule| (format!("{}:{}", rule.file, rule.line), rule.source.clone()))
        .collect()
}

fn difference(a: &Hits, b: &Hits) -> Vec<(String, String)> {
    a.symmetric_difference(b).cloned().collect()
}

#[test]
fn equal_on_real_logs() {
    let (Some(mut files), Some(records)) = (sigma_files(), real_records()) else { return };
    files.extend(builtin_files());
    let (slow, fast) = (slow(&files, &records), fast(&files, &records));
    assert!(slow.len() > 100, "too few hits to say anything: {}", slow.len());
    assert_eq!(difference(&slow, &fast), []);
}

#[test]
fn equal_on_the_test_events_of_the_pack() {
    let Some(mut files) = sigma_files() else { return };
    files.extend(builtin_files());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut records: Vec<Value> = Vec::new();
    for path in crate::support::files(&folder, ".test.json") {
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let events =
            cases["cases"].as_array().unwrap().iter().flat_map(|case| case["events"].as_array().unwrap());
        records.extend(events.cloned());
    }
    let mut seen = BTreeSet::new();
    records.retain(|record| seen.insert(record["eventID"].to_string()));
    assert_eq!(difference(&slow(&files, &records), &fast(&files, &records)), []);
}

/// Values that rules and events draw from, so that they meet often.
const NAMES: &[&str] = &["StopLogging", "DeleteTrail", "stoplogging", "ConsoleLogin", "x"];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => proptest::sample::select(NAMES).prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => (0i64..3).prop_map(Value::from),
        1 => Just(json!({"a": "StopLogging", "b": [1, "x"]})),
        1 => Just(json!([{"a": "x"}, {"a": null}, {"b": {"c": 2}}])),
    ]
}

fn text_or_nothing() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        4 => proptest::sample::select(NAMES).prop_map(|name| Some(Value::from(name))),
        1 => Just(Some(Value::Null)),
        1 => Just(None),
    ]
}

prop_compose! {
    fn event()(
        name in proptest::sample::select(NAMES),
        error in text_or_nothing(), kind in text_or_nothing(), invoked in text_or_nothing(), agent in text_or_nothing(),
        request in proptest::option::of(value()), extra in proptest::option::of(value()),
    ) -> Value {
        let mut event = json!({
            "eventVersion": "1.08", "eventTime": "2026-01-01T00:00:00Z", "eventSource": "cloudtrail.amazonaws.com",
            "eventName": name, "awsRegion": "us-east-1", "recipientAccountId": "111122223333", "userIdentity": {},
        });
        for (key, value) in [("errorCode", error), ("userAgent", agent), ("requestParameters", request), ("additionalEventData", extra)] {
            if let Some(value) = value { event[key] = value; }
        }
        for (key, value) in [("type", kind), ("invokedBy", invoked)] {
            if let Some(value) = value { event["userIdentity"][key] = value; }
        }
        event
    }
}

fn item() -> impl Strategy<Value = String> {
    let field = proptest::sample::select(
        &[
            "eventName",
            "errorCode",
            "userIdentity.type",
            "userIdentity.invokedBy",
            "userAgent",
            "requestParameters",
            "requestParameters.a",
            "requestParameters.b",
            "requestParameters.b.c",
            "additionalEventData",
            "nothing.here",
            "trailkeep.trail.narrowed",
            "trailkeep.source_network",
            "trailkeep.sg.ports",
        ][..],
    );
    let test = prop_oneof![
        4 => proptest::sample::select(NAMES).prop_map(|name| format!(": {name}")),
        1 => Just(": null".to_owned()),
        1 => Just(": [null, x]".to_owned()),
        1 => Just(": true".to_owned()),
        1 => Just(": 1".to_owned()),
        1 => Just(": 'St*'".to_owned()),
        1 => Just("|contains: o".to_owned()),
        1 => Just("|contains|all: [o, L]".to_owned()),
        1 => Just("|startswith: [Del, Con]".to_owned()),
        1 => Just("|cased: StopLogging".to_owned()),
        1 => Just("|re: '^S'".to_owned()),
        1 => Just("|neq: x".to_owned()),
        1 => Just("|exists: true".to_owned()),
        1 => Just("|exists: false".to_owned()),
        1 => Just("|gte: 1".to_owned()),
        1 => Just("|fieldref: eventName".to_owned()),
    ];
    (field, test).prop_map(|(field, test)| format!("{field}{test}"))
}

fn selection() -> impl Strategy<Value = String> {
    proptest::collection::btree_map(item(), Just(()), 1..4).prop_map(|items| {
        let mut fields = BTreeSet::new();
        let own = |item: &String| item.split_once(':').map(|(key, _)| key.to_owned()).unwrap_or_default();
        let lines: Vec<String> = items.into_keys().filter(|item| fields.insert(own(item))).collect();
        lines.iter().map(|line| format!("    {line}\n")).collect::<String>()
    })
}

fn rule() -> impl Strategy<Value = String> {
    let condition = proptest::sample::select(
        &[
            "s1",
            "s1 and s2",
            "s1 or s2",
            "s1 and not s2",
            "not s1",
            "1 of s*",
            "all of them",
            "not 1 of s*",
            "keywords or s1",
        ][..],
    );
    (selection(), selection(), condition).prop_map(|(s1, s2, condition)| {
        format!(
            "title: T\nid: t\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  s1:\n{s1}  s2:\n{s2}  keywords:\n    - Trail\n  condition: {condition}\n"
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn equal_on_any_rule_and_events(rule in rule(), mut events in proptest::collection::vec(event(), 1..12)) {
        for (index, event) in events.iter_mut().enumerate() {
            event["eventID"] = Value::from(format!("e{index}"));
        }
        let files = [("t.yml".to_owned(), rule)];
        prop_assert_eq!(difference(&slow(&files, &events), &fast(&files, &events)), []);
    }
}
