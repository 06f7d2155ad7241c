//! Every operator, on keys that are there, absent, and of several values.

use serde_json::{Value, json};

use super::super::{Decision, Policy, PolicyError, Principal};
use super::{ask, policy};

/// Whether a statement with this condition applies to a request with these keys.
fn holds(condition: Value, keys: &[(&str, &str)]) -> bool {
    let policy = policy(json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": condition}));
    ask(&policy, Principal::Anyone, "s3:GetObject", "arn:aws:s3:::b/k", keys) == Decision::Allow
}

/// An operator on one key: values of the request that fit, values that do not, and whether it holds
/// where the key is absent.
#[track_caller]
fn check(operator: &str, wanted: Value, fits: &[&str], not: &[&str], absent: bool) {
    for suffix in ["", "IfExists"] {
        let condition = json!({format!("{operator}{suffix}"): {"a:Key": wanted}});
        for value in fits {
            assert!(holds(condition.clone(), &[("A:key", value)]), "{condition} should hold for {value}");
        }
        for value in not {
            assert!(!holds(condition.clone(), &[("A:key", value)]), "{condition} should fail for {value}");
        }
        let expected = absent || suffix == "IfExists";
        assert_eq!(holds(condition.clone(), &[("other", "x")]), expected, "{condition} without the key");
    }
}

#[test]
fn strings() {
    check("StringEquals", json!(["a", "b*"]), &["a", "b*"], &["A", "bc", ""], false);
    check("StringNotEquals", json!(["a", "b"]), &["c", "A"], &["a", "b"], true);
    check("StringEqualsIgnoreCase", json!("aB"), &["AB"], &["abc"], false);
    check("StringNotEqualsIgnoreCase", json!("aB"), &["c"], &["AB"], true);
    check("StringLike", json!(["a*c", "?"]), &["abc", "ac", "x"], &["abd", "xy", "ABC"], false);
    check("StringNotLike", json!("a*"), &["b"], &["ab"], true);
    check("BinaryEquals", json!("QmluYXJ5"), &["QmluYXJ5"], &["x"], false);
}

#[test]
fn numbers() {
    check("NumericEquals", json!(10), &["10", "10.0"], &["11", "x"], false);
    check("NumericNotEquals", json!("10"), &["11"], &["10"], true);
    check("NumericLessThan", json!("1.2"), &["1.1"], &["1.2", "1.3", ""], false);
    check("NumericLessThanEquals", json!(10), &["10"], &["10.5"], false);
    check("NumericGreaterThan", json!(10), &["11"], &["10"], false);
    check("NumericGreaterThanEquals", json!(10), &["10"], &["9"], false);
}

#[test]
fn dates() {
    check("DateEquals", json!("2024-05-01T00:00:00Z"), &["2024-05-01", "1714521600"], &["2024-05-02"], false);
    check("DateNotEquals", json!("2024-05-01"), &["2024-05-02"], &["2024-05-01T00:00Z"], true);
    check("DateLessThan", json!("2024-05-01"), &["2024-04-30T23:59:59Z"], &["2024-05-01", "x"], false);
    check("DateLessThanEquals", json!("2024-05-01"), &["2024-05-01"], &["2024-05-02"], false);
    check("DateGreaterThan", json!("2024-05-01"), &["2024-05-01T01:00:00+00:00"], &["2024-05-01"], false);
    check("DateGreaterThanEquals", json!("2024-05-01"), &["2024-05-01"], &["2024-04-30"], false);
}

#[test]
fn booleans_and_addresses() {
    check("Bool", json!("true"), &["true", "True"], &["false", ""], false);
    check("Bool", json!(false), &["false"], &["true"], false);
    check(
        "IpAddress",
        json!(["10.0.0.0/8", "2001:db8::/32"]),
        &["10.1.2.3", "2001:db8::1"],
        &["11.0.0.1", "x"],
        false,
    );
    check("IpAddress", json!("203.0.113.7"), &["203.0.113.7"], &["203.0.113.8"], false);
    check("NotIpAddress", json!("10.0.0.0/8"), &["11.0.0.1"], &["10.0.0.1"], true);
}

#[test]
fn arns_are_compared_by_part() {
    let pattern = json!("arn:aws:sns:*:111122223333:a*");
    for operator in ["ArnLike", "ArnEquals"] {
        let fits = &["arn:aws:sns:eu-west-1:111122223333:alarms:sub", "arn:aws:sns::111122223333:a"];
        let not = &["arn:aws:sns:x:999999999999:b:111122223333:a", "arn:aws:sqs:x:111122223333:a", "x"];
        check(operator, pattern.clone(), fits, not, false);
    }
    check(
        "ArnNotLike",
        pattern.clone(),
        &["arn:aws:sqs:x:111122223333:a"],
        &["arn:aws:sns:x:111122223333:a"],
        true,
    );
    // As text, the `*` runs over the parts.
    check("StringLike", pattern, &["arn:aws:sns:x:999999999999:b:111122223333:a"], &["x"], false);
}

#[test]
fn null_asks_for_absence() {
    let absent = json!({"Null": {"aws:TokenIssueTime": "true"}});
    assert!(holds(absent.clone(), &[]) && !holds(absent, &[("aws:TokenIssueTime", "x")]));
    let there = json!({"Null": {"aws:TokenIssueTime": false}});
    assert!(!holds(there.clone(), &[]) && holds(there, &[("aws:tokenissuetime", "x")]));
}

#[test]
fn keys_of_several_values() {
    let tags = |values: &'static [&'static str]| {
        values.iter().map(|value| ("aws:TagKeys", *value)).collect::<Vec<_>>()
    };
    let all = json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}});
    assert!(holds(all.clone(), &tags(&["a", "b", "a"])) && holds(all.clone(), &[]));
    assert!(!holds(all, &tags(&["a", "c"])));
    let any = json!({"ForAnyValue:StringLike": {"aws:TagKeys": ["a*"]}});
    assert!(
        holds(any.clone(), &tags(&["x", "ab"])) && !holds(any.clone(), &tags(&["x"])) && !holds(any, &[])
    );
    let none = json!({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a"]}});
    assert!(
        holds(none.clone(), &tags(&["b"])) && holds(none.clone(), &[]) && !holds(none, &tags(&["a", "b"]))
    );
    let other = json!({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a"]}});
    assert!(
        holds(other.clone(), &tags(&["a", "b"]))
            && !holds(other.clone(), &tags(&["a"]))
            && !holds(other, &[])
    );
}

#[test]
fn all_lines_have_to_hold() {
    let two = json!({"StringEquals": {"a": "1", "b": "2"}, "Bool": {"c": "true"}});
    assert!(holds(two.clone(), &[("a", "1"), ("b", "2"), ("c", "true")]));
    assert!(!holds(two.clone(), &[("a", "1"), ("c", "true")]));
    assert!(!holds(two, &[("a", "1"), ("b", "2"), ("c", "false")]));
    assert!(holds(json!({}), &[]));
}

#[test]
fn variables_are_those_of_the_request() {
    let same = json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}});
    assert!(holds(same.clone(), &[("aws:PrincipalAccount", "1"), ("aws:ResourceAccount", "1")]));
    assert!(!holds(same.clone(), &[("aws:PrincipalAccount", "1"), ("aws:ResourceAccount", "2")]));
    assert!(!holds(same, &[("aws:PrincipalAccount", "1")]));
    // A version without variables takes the text as it is.
    let old = json!({"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": "*", "Condition": {"StringEquals": {"a": "${b}"}}}});
    let old = Policy::parse(&old.to_string()).unwrap();
    let of = |keys: &[(&str, &str)]| ask(&old, Principal::Anyone, "s3:GetObject", "x", keys);
    assert_eq!(of(&[("a", "${b}")]), Decision::Allow);
    assert_eq!(of(&[("a", "1"), ("b", "1")]), Decision::NoMatch);
}

#[test]
fn operators_that_iam_does_not_have_are_refused() {
    for name in ["StringMatches", "NullIfExists", "ForSomeValues:StringEquals", "IfExists", "é"] {
        let document = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {name: {"a": "b"}}}});
        match Policy::parse(&document.to_string()) {
            Err(PolicyError::Element { path, found, .. }) => {
                assert_eq!((path, found), (format!("Statement.Condition.{name}"), name.to_owned()));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}
