//! Fields, arrays and `$or`; sets of patterns; and anything at all.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{EventPattern, EventPatternSet};

fn matches(pattern: Value, event: &Value) -> bool {
    let pattern = EventPattern::parse(&pattern.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let sonic: sonic_rs::Value = sonic_rs::from_str(&event.to_string()).unwrap();
    assert_eq!(pattern.matches(event), pattern.matches_sonic(&sonic), "{event}");
    pattern.matches(event)
}

fn employees() -> Value {
    json!({"employees": [
        {"firstName": "John", "lastName": "Doe"},
        {"firstName": "Anna", "lastName": "Smith", "tags": ["a", "b"]},
        {"firstName": "Peter", "lastName": "Jones", "phones": [{"n": 1, "kind": "home"}, {"n": 2, "kind": "work"}]},
    ]})
}

#[test]
fn fields_are_joined_by_and() {
    let event = json!({"source": "aws.ec2", "detail": {"state": "running", "n": 3}});
    assert!(matches(json!({"source": ["aws.ec2"], "detail": {"state": ["running"]}}), &event));
    assert!(!matches(json!({"source": ["aws.s3"], "detail": {"state": ["running"]}}), &event));
    assert!(!matches(json!({"source": ["aws.ec2"], "detail": {"other": ["running"]}}), &event));
    assert!(!matches(json!({"detail": ["running"]}), &event));
}

#[test]
fn arrays_match_where_they_have_a_value_in_common() {
    let event = json!({"resources": ["arn:a", "arn:b"], "nested": [["x"], [["y"]]]});
    assert!(matches(json!({"resources": ["arn:c", "arn:b"]}), &event));
    assert!(!matches(json!({"resources": ["arn:c"]}), &event));
    assert!(matches(json!({"nested": ["y"]}), &event));
}

#[test]
fn fields_match_within_one_element() {
    let event = employees();
    assert!(matches(json!({"employees": {"firstName": ["Anna"]}}), &event));
    assert!(matches(
        json!({"employees": {"firstName": ["Anna"], "lastName": ["Smith"], "tags": ["b"]}}),
        &event
    ));
    assert!(!matches(json!({"employees": {"firstName": ["Anna"], "lastName": ["Jones"]}}), &event));
    let phones = |n: i32, kind: &str| json!({"employees": {"lastName": ["Jones"], "phones": {"n": [n], "kind": [kind]}}});
    assert!(matches(phones(2, "work"), &event) && !matches(phones(2, "home"), &event));
    let nested =
        json!({"employees": [[{"firstName": "Anna", "lastName": "Smith"}], [{"firstName": "Peter"}]]});
    assert!(matches(json!({"employees": {"firstName": ["Anna"], "lastName": ["Smith"]}}), &nested));
    assert!(!matches(json!({"employees": {"firstName": ["Peter"], "lastName": ["Smith"]}}), &nested));
}

#[test]
fn or_joins_alternatives_of_one_element() {
    let event = employees();
    let of = |first: &str| {
        json!({"employees": {"lastName": ["Smith"]}, "$or": [
        {"employees": {"firstName": [first]}}, {"other": [1]}]})
    };
    assert!(matches(of("Anna"), &event));
    // The alternative is about the same element as the field beside it.
    assert!(!matches(of("Peter"), &event));
}

#[test]
fn or_at_any_level() {
    let pattern = json!({"source": ["aws.cloudwatch"], "$or": [
        {"metricName": ["CPU"]},
        {"metricType": ["T"], "namespace": ["N"], "$or": [{"metricId": [1234]}, {"spaceId": [1000]}]},
        {"detail": {"$or": [{"a": [1]}, {"b": {"c": [2]}}]}},
    ]});
    let with = |rest: Value| {
        let mut event = json!({"source": "aws.cloudwatch"});
        event.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        matches(pattern.clone(), &event)
    };
    assert!(with(json!({"metricName": "CPU"})));
    assert!(with(json!({"metricType": "T", "namespace": "N", "spaceId": 1000})));
    assert!(with(json!({"detail": {"b": {"c": 2}}})));
    assert!(!with(json!({"metricType": "T", "namespace": "N"})));
    assert!(!with(json!({"detail": {"b": {"c": 3}}})) && !with(json!({"metricName": "CPU", "source": "x"})));
}

#[test]
fn or_is_refused_where_it_cannot_be_meant() {
    let refused = |pattern: Value| EventPattern::parse(&pattern.to_string()).unwrap_err();
    assert_eq!(refused(json!({"$or": [{"a": [1]}]})).expected, "a list of at least two objects");
    assert_eq!(refused(json!({"$or": {"a": [1]}})).path, "$or");
    assert_eq!(refused(json!({"a": {"$or": [{"b": [1]}, 5]}})).path, "a.$or[1]");
    assert!(refused(json!({"$or": [{"prefix": [1]}, {"a": [1]}]})).expected.contains("operators"));
    // Ten times two alternatives are 1024 combinations.
    let two = json!([{"a": [1]}, {"b": [1]}]);
    let levels = (0..10).map(|i| (format!("f{i}"), json!({"$or": two})));
    let error = refused(Value::Object(levels.collect()));
    assert!(error.expected.contains("1000 combinations"), "{error}");
}

#[test]
fn absence_within_arrays() {
    let event = json!({"list": [{"a": 1, "b": 2}, {"c": 3}]});
    // Nothing before `a` says which element is meant, so none may have it.
    assert!(!matches(json!({"list": {"a": [{"exists": false}]}}), &event));
    assert!(!matches(json!({"list": {"a": [{"exists": false}], "c": [3]}}), &event));
    // `a` = 1 ties the first element, which has no `d`; `b` ties it, which has no `c`.
    assert!(matches(json!({"list": {"d": [{"exists": false}]}}), &event));
    assert!(matches(json!({"list": {"b": [2], "c": [{"exists": false}]}}), &event));
    assert!(!matches(json!({"list": {"a": [1], "b": [{"exists": false}]}}), &event));
}

#[test]
fn names_with_dots_are_paths_too() {
    let pattern = || json!({"detail": {"state.status": ["running"]}});
    assert!(matches(pattern(), &json!({"detail": {"state.status": "running"}})));
    assert!(matches(pattern(), &json!({"detail": {"state": {"status": "running"}}})));
    assert!(!matches(pattern(), &json!({"detail": {"state": "running"}})));
}

#[test]
fn a_security_group_rule_as_it_is_deployed() {
    let pattern = json!({
        "source": ["aws.ec2"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["ec2.amazonaws.com"],
            "eventName": [{"prefix": "AuthorizeSecurityGroup"}, {"prefix": "RevokeSecurityGroup"}, "CreateSecurityGroup"],
            "errorCode": [{"exists": false}],
            "requestParameters": {"ipPermissions": {"items": {"ipRanges": {"items": {"cidrIp": ["0.0.0.0/0"]}}}}}
        }
    });
    let record = |name: &str, cidr: &str| {
        super::cloudtrail_envelope(&json!({
            "eventSource": "ec2.amazonaws.com", "eventName": name, "eventType": "AwsApiCall",
            "requestParameters": {"groupId": "sg-1", "ipPermissions": {"items": [
                {"fromPort": 22, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}]}},
                {"fromPort": 80, "ipRanges": {"items": [{"cidrIp": cidr}]}}]}}
        }))
    };
    assert!(matches(pattern.clone(), &record("AuthorizeSecurityGroupIngress", "0.0.0.0/0")));
    assert!(!matches(pattern.clone(), &record("AuthorizeSecurityGroupIngress", "10.1.0.0/16")));
    assert!(!matches(pattern, &record("DeleteSecurityGroup", "0.0.0.0/0")));
}

/// Values and operators that meet each other often.
fn leaf() -> impl Strategy<Value = Value> {
    let word = prop_oneof![Just("a"), Just("b"), Just("ab"), Just("aws.ec2"), Just("")];
    prop_oneof![
        word.clone().prop_map(|word| json!(word)),
        word.clone().prop_map(|word| json!({"prefix": word})),
        word.clone().prop_map(|word| json!({"suffix": {"equals-ignore-case": word}})),
        word.prop_map(|word| json!({"anything-but": [word, "x"]})),
        any::<bool>().prop_map(|there| json!({"exists": there})),
        (0..3i32).prop_map(|n| json!({"numeric": [">=", n]})),
        Just(json!({"wildcard": "a*"})),
        Just(json!(null)),
    ]
}

const NAMES: &[&str] = &["source", "detail", "detail-type", "eventName", "a", "b"];

fn name() -> impl Strategy<Value = String> + Clone {
    prop::sample::select(NAMES).prop_map(str::to_owned)
}

fn pattern() -> impl Strategy<Value = Value> {
    let list = prop::collection::vec(leaf(), 1..3).prop_map(Value::from);
    let tree = list.prop_recursive(3, 12, 3, |inner| {
        let object = prop::collection::vec((name(), inner), 1..3);
        (object.clone(), object, any::<bool>()).prop_map(|(one, two, or)| {
            let object = |members: Vec<(String, Value)>| Value::Object(members.into_iter().collect());
            if or { json!({"$or": [object(one), object(two)]}) } else { object(one) }
        })
    });
    (name(), tree).prop_map(|(name, tree)| json!({name: tree}))
}

fn event() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        prop::sample::select(vec!["a", "b", "ab", "aws.ec2", ""]).prop_map(|text| json!(text)),
        (0..4i32).prop_map(|n| json!(n)),
        Just(json!(null)),
        Just(json!(true)),
    ];
    scalar.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn object_event() -> impl Strategy<Value = Value> {
    event().prop_map(|value| if value.is_object() { value } else { json!({"detail": value}) })
}

/// Patterns that the slow definition below knows.
fn plain_pattern() -> impl Strategy<Value = Value> {
    pattern().prop_filter("without $or and absence", |pattern| {
        let text = pattern.to_string();
        !text.contains("$or") && !text.contains(r#"{"exists":false}"#)
    })
}

/// The definition, without trees: a field of the event for each field of the pattern, no two of them in
/// different elements of one array. For patterns without `exists: false` and `$or`.
mod slow {
    use serde_json::Value;

    use super::super::EventPattern;

    type Members = Vec<(usize, usize)>;

    /// All scalars of the event: path, elements of arrays (by the array's number), value.
    fn flatten(
        value: &Value,
        path: &str,
        members: &Members,
        arrays: &mut usize,
        out: &mut Vec<(String, Members, Value)>,
    ) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    flatten(value, &format!("{path}/{name}"), members, arrays, out);
                }
            }
            Value::Array(list) => {
                *arrays += 1;
                let array = *arrays;
                for (index, value) in list.iter().enumerate() {
                    let mut members = members.clone();
                    members.push((array, index));
                    flatten(value, path, &members, arrays, out);
                }
            }
            scalar => out.push((path.to_owned(), members.clone(), scalar.clone())),
        }
    }

    fn fields(pattern: &Value, path: &str, out: &mut Vec<(String, Value)>) {
        match pattern {
            Value::Object(members) => {
                for (name, value) in members {
                    fields(value, &format!("{path}/{name}"), out);
                }
            }
            list => out.push((path.to_owned(), list.clone())),
        }
    }

    fn search(wanted: &[(String, Value)], event: &[(String, Members, Value)], chosen: &Members) -> bool {
        let Some(((path, tests), rest)) = wanted.split_first() else { return true };
        let one = EventPattern::parse(&serde_json::json!({"x": tests}).to_string()).unwrap();
        event.iter().filter(|(found, ..)| found == path).any(|(_, members, value)| {
            let consistent =
                members.iter().all(|(array, index)| chosen.iter().all(|(a, i)| a != array || i == index));
            let mut both = chosen.clone();
            both.extend(members);
            consistent && one.matches(&serde_json::json!({"x": value})) && search(rest, event, &both)
        })
    }

    pub(super) fn matches(pattern: &Value, event: &Value) -> bool {
        let (mut wanted, mut found) = (Vec::new(), Vec::new());
        fields(pattern, "", &mut wanted);
        flatten(event, "", &Vec::new(), &mut 0, &mut found);
        search(&wanted, &found, &Vec::new())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn trees_agree_with_the_definition(pattern in plain_pattern(), event in object_event()) {
        let parsed = EventPattern::parse(&pattern.to_string()).unwrap();
        prop_assert_eq!(parsed.matches(&event), slow::matches(&pattern, &event));
    }

    #[test]
    fn a_set_finds_what_each_pattern_finds(
        patterns in prop::collection::vec(pattern(), 0..6),
        events in prop::collection::vec(event(), 1..4),
    ) {
        let patterns: Vec<EventPattern> =
            patterns.iter().map(|pattern| EventPattern::parse(&pattern.to_string()).unwrap()).collect();
        let set = EventPatternSet::new(patterns.clone());
        prop_assert_eq!(set.len(), patterns.len());
        for event in events {
            let naive: Vec<usize> =
                (0..patterns.len()).filter(|index| patterns[*index].matches(&event)).collect();
            prop_assert_eq!(set.matches(&event), naive);
        }
    }

    #[test]
    fn both_libraries_agree(pattern in pattern(), event in event()) {
        let pattern = EventPattern::parse(&pattern.to_string()).unwrap();
        let sonic: sonic_rs::Value = sonic_rs::from_str(&event.to_string()).unwrap();
        prop_assert_eq!(pattern.matches(&event), pattern.matches_sonic(&sonic));
    }

    #[test]
    fn any_json_is_a_pattern_or_an_error(value in event(), text in r#"[{}\[\]",:$a-z0-9\\*.é ]{0,40}"#) {
        for text in [value.to_string(), text] {
            match EventPattern::parse(&text) {
                Ok(pattern) => { pattern.matches(&value); }
                Err(error) => prop_assert!(text.is_char_boundary(error.position), "{}", error),
            }
        }
    }
}

#[test]
fn a_set_of_real_rules() {
    let patterns = [
        json!({"detail": {"eventName": ["CreateTrail", "DeleteTrail"]}}),
        json!({"source": ["aws.ec2"], "detail": {"eventName": [{"wildcard": "*SecurityGroup*"}]}}),
        json!({"detail-type": ["AWS Console Sign In via CloudTrail"]}),
        json!({"account": ["1"]}),
        json!({"$or": [{"source": ["aws.iam"]}, {"detail": {"eventName": ["DeleteTrail"]}}]}),
    ];
    let set =
        EventPatternSet::new(patterns.map(|pattern| EventPattern::parse(&pattern.to_string()).unwrap()));
    let event =
        |source: &str, name: &str| json!({"source": source, "account": "1", "detail": {"eventName": name}});
    assert_eq!(set.matches(&event("aws.cloudtrail", "DeleteTrail")), [0, 3, 4]);
    assert_eq!(set.matches(&event("aws.ec2", "CreateSecurityGroup")), [1, 3]);
    assert_eq!(set.matches(&json!({"detail-type": "AWS Console Sign In via CloudTrail"})), [2]);
    assert!(EventPatternSet::default().matches(&json!({})).is_empty());
}
