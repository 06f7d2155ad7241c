//! Loading: SigmaHQ's folder as it is, and what a bad rule is told.

use trailkeep_detect::{Level, RuleKind, RuleSet};

use crate::support::sigma_files;

#[test]
fn sigmahq_loads_unchanged() {
    let Some(files) = sigma_files() else { return };
    let count = files.len();
    let (set, errors) = RuleSet::load(files);
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(set.rules().len(), count);
    assert!(set.rules().iter().all(|rule| rule.tables == ["cloudtrail_logs"]));
}

#[test]
fn sigmahq_loads_onto_the_pack() {
    let Some(files) = sigma_files() else { return };
    let builtin = RuleSet::builtin().unwrap();
    let own = builtin.rules().len();
    let count = files.len();
    let (set, errors) = builtin.extend(files);
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(set.rules().len(), own + count);
}

const GOOD: &str = "
title: Good
id: 11111111-1111-4111-8111-111111111111
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventName: StopLogging}
  condition: selection
level: high
";

fn errors_of(yaml: &str) -> String {
    let (set, errors) = RuleSet::load([("bad.yml", yaml), ("good.yml", GOOD)]);
    assert_eq!(set.rules().iter().map(|rule| rule.title.as_str()).collect::<Vec<_>>(), ["Good"]);
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn bad_rules_are_told_what_and_where() {
    let head = "title: Bad\nlogsource: {product: aws, service: cloudtrail}\n";
    let cases = [
        "title: Bad\n  indent: wrong\n".to_owned(),
        format!("{head}detection:\n  a: {{eventName: X}}\n  condition: a and (b\n"),
        format!("{head}detection:\n  a: {{eventName|cidr|contains: X}}\n  condition: a\n"),
        format!("{head}detection:\n  a: {{eventName|nonsense: X}}\n  condition: a\n"),
        format!("{head}detection:\n  a: {{eventName|re: '('}}\n  condition: a\n"),
        "title: Bad\nlogsource: {product: windows, service: security}\ndetection:\n  a: {x: y}\n  condition: a\n".to_owned(),
        "title: Bad\nlogsource: {product: aws, service: cloudtrial}\ndetection:\n  a: {x: y}\n  condition: a\n".to_owned(),
        "- just\n- a list\n".to_owned(),
    ];
    let told: Vec<String> = cases.iter().map(|yaml| errors_of(yaml)).collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

fn correlation_error(body: &str) -> String {
    let yaml = format!(
        "{GOOD}---\ntitle: Many\nid: 22222222-2222-4222-8222-222222222222\ncorrelation:\n{body}\nlevel: high\n"
    );
    let (set, errors) = RuleSet::load([("many.yml", yaml)]);
    assert_eq!(set.rules().len(), 1, "the correlation must not load");
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn correlations_that_cannot_be_evaluated_are_refused() {
    let good = "11111111-1111-4111-8111-111111111111";
    let cases = [
        "  type: event_count\n  rules: [nowhere]\n  timespan: 5m\n  condition: {gte: 5}".to_owned(),
        format!("  type: temporal_ordered\n  rules: [{good}]\n  timespan: 5m"),
        format!("  type: value_sum\n  rules: [{good}]\n  timespan: 5m\n  condition: {{field: x, gte: 5}}"),
        format!("  type: event_count\n  rules: [{good}]\n  timespan: 5m\n  condition: {{lt: 5}}"),
        format!("  type: value_count\n  rules: [{good}]\n  timespan: 5m\n  condition: {{gte: 5}}"),
        format!(
            "  type: event_count\n  rules: [{good}]\n  timespan: 5m\n  window: tumbling\n  condition: {{gte: 5}}"
        ),
        format!("  type: temporal\n  rules: [{good}]\n  timespan: 5m\n  condition: not {good}"),
        format!("  type: event_count\n  rules: [{good}]\n  timespan: soon\n  condition: {{gte: 5}}"),
    ];
    let told: Vec<String> = cases.iter().map(|body| correlation_error(body)).collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn a_rule_with_an_id_that_is_there_replaces_it() {
    let (set, errors) = RuleSet::load([("a.yml", GOOD)]);
    assert!(errors.is_empty());
    let (set, errors) = set.extend([("b.yml", GOOD.replace("level: high", "level: low"))]);
    assert!(errors.is_empty());
    assert_eq!(set.rules().len(), 1);
    assert_eq!((set.rules()[0].level, set.rules()[0].file.as_str()), (Level::Low, "b.yml"));
}

#[test]
fn one_id_twice_in_a_load_is_an_error() {
    let (set, errors) = RuleSet::load([("a.yml", GOOD), ("b.yml", GOOD)]);
    assert_eq!(set.rules().len(), 1);
    assert!(errors[0].to_string().contains("is taken by a.yml ('Good')"), "{}", errors[0]);
}

#[test]
fn documents_of_one_file_are_rules_of_their_own() {
    let two = format!("{GOOD}---\n{}", GOOD.replace("Good", "Other").replace("1111-4111", "1111-4222"));
    let (set, errors) = RuleSet::load([("two.yml", two)]);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(set.rules().iter().map(|rule| rule.line).collect::<Vec<_>>(), [1, 10]);
    assert!(set.rules().iter().all(|rule| rule.kind == RuleKind::Detection && !rule.source.contains("---")));
}

#[test]
fn a_correlation_silences_rules_of_its_own_load_only() {
    let many = "title: Many\nid: 22222222-2222-4222-8222-222222222222\ncorrelation:\n  type: event_count\n  rules: [11111111-1111-4111-8111-111111111111]\n  timespan: 5m\n  condition: {gte: 5}\n";
    let (together, errors) = RuleSet::load([("a.yml", GOOD), ("b.yml", many)]);
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!together.rules()[0].reports);
    let (speaking, _) =
        RuleSet::load([("a.yml", GOOD.to_owned()), ("b.yml", format!("{many}generate: true\n"))]);
    assert!(speaking.rules()[0].reports);
    let (apart, errors) = RuleSet::load([("a.yml", GOOD)]).0.extend([("b.yml", many)]);
    assert!(errors.is_empty(), "{errors:?}");
    assert!(apart.rules()[0].reports);
    let (merged, errors) = RuleSet::load([("a.yml", GOOD)]).0.merge(together);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(merged.rules().len(), 2);
}

#[test]
fn filters_narrow_rules_that_are_there() {
    let filter = "title: Not by the pipeline\nlogsource: {product: aws, service: cloudtrail}\nfilter:\n  rules: [11111111-1111-4111-8111-111111111111]\n  selection: {userIdentity.userName: ci}\n  condition: not selection\n";
    let (set, errors) = RuleSet::load([("a.yml", GOOD)]).0.extend([("f.yml", filter)]);
    assert!(errors.is_empty(), "{errors:?}");
    let detector = trailkeep_detect::Detector::new(std::sync::Arc::new(set));
    let event = |user: &str| {
        serde_json::json!({"eventVersion": "1.08", "eventTime": "2026-01-01T00:00:00Z", "eventID": user, "eventName": "StopLogging",
            "eventSource": "cloudtrail.amazonaws.com", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
            "userIdentity": {"type": "IAMUser", "userName": user}})
    };
    let batch = crate::support::decode(&[event("ci"), event("eve")]);
    let found = detector.detect(&batch, "cloudtrail_logs").findings;
    assert_eq!(found.iter().map(|finding| finding.event_uid.as_str()).collect::<Vec<_>>(), ["eve"]);
}
