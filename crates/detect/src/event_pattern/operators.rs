//! Each operator, with events that match and events that do not.

use serde_json::{Value, json};

use super::EventPattern;

/// Holds `{"detail": {"x": [operator]}}` against `{"detail": {"x": value}}`, parsed by either library.
fn takes(operator: Value, value: Value) -> bool {
    let pattern = json!({"detail": {"x": [operator]}}).to_string();
    matches(&pattern, &json!({"detail": {"x": value}}))
}

fn matches(pattern: &str, event: &Value) -> bool {
    let pattern = EventPattern::parse(pattern).unwrap_or_else(|error| panic!("{error}"));
    let sonic: sonic_rs::Value = sonic_rs::from_str(&event.to_string()).unwrap();
    assert_eq!(pattern.matches(event), pattern.matches_sonic(&sonic), "{event}");
    pattern.matches(event)
}

#[track_caller]
fn check(operator: Value, matching: &[Value], not: &[Value]) {
    for value in matching {
        assert!(takes(operator.clone(), value.clone()), "{operator} should match {value}");
    }
    for value in not {
        assert!(!takes(operator.clone(), value.clone()), "{operator} should not match {value}");
    }
}

#[test]
fn exact_values_keep_their_type() {
    check(json!("5"), &[json!("5"), json!(["4", "5"])], &[json!(5), json!("5 "), json!(null), json!({})]);
    check(json!("Abc"), &[json!("Abc")], &[json!("abc")]);
    check(json!(5), &[json!(5), json!(5.0), json!([1, 5])], &[json!("5"), json!(5.5), json!(true)]);
    check(json!(123456789012u64), &[json!(123456789012u64)], &[json!(123456789013u64)]);
    check(json!(3e2), &[json!(300)], &[json!(301)]);
    check(json!(true), &[json!(true)], &[json!(false), json!("true"), json!(1)]);
    check(json!({"exactly": "a"}), &[json!("a")], &[json!("ab")]);
}

#[test]
fn null_empty_and_absent_are_three_things() {
    check(json!(null), &[json!(null), json!([null])], &[json!(""), json!(0), json!([]), json!({})]);
    check(json!(""), &[json!("")], &[json!(null), json!(" "), json!([])]);
    let empty = json!({"detail": {}});
    assert!(!matches(r#"{"detail": {"x": [null]}}"#, &empty));
    assert!(!matches(r#"{"detail": {"x": [""]}}"#, &empty));
    assert!(matches(r#"{"detail": {"x": [{"exists": false}]}}"#, &empty));
}

#[test]
fn prefix_and_suffix() {
    check(
        json!({"prefix": "us-"}),
        &[json!("us-east-1"), json!("us-")],
        &[json!("eu-us-"), json!("US-"), json!(1)],
    );
    check(json!({"suffix": ".png"}), &[json!("a.png"), json!([".png"])], &[json!("a.PNG"), json!(".png.")]);
    let prefix = json!({"prefix": {"equals-ignore-case": "eventB"}});
    check(prefix, &[json!("EventBridge"), json!("EVENTB")], &[json!("event"), json!(null)]);
    let suffix = json!({"suffix": {"equals-ignore-case": "tBridge"}});
    check(suffix, &[json!("EVENTBRIDGE"), json!("tbridge")], &[json!("bridge"), json!("tbridge.")]);
    check(
        json!({"equals-ignore-case": "ALICE"}),
        &[json!("alice"), json!("Alice")],
        &[json!("alic"), json!(7)],
    );
}

#[test]
fn wildcard() {
    check(
        json!({"wildcard": "dir/*.png"}),
        &[json!("dir/a.png"), json!("dir/.png"), json!("dir/b/c.png")],
        &[json!("dir/a.jpg"), json!("xdir/a.png"), json!("dir/a.png "), json!("dir.png")],
    );
    check(json!({"wildcard": "*a*b*"}), &[json!("ab"), json!("xaybz")], &[json!("ba"), json!("a")]);
    check(json!({"wildcard": "aba*ba"}), &[json!("ababa"), json!("abaxba")], &[json!("aba")]);
    check(json!({"wildcard": r"a\*b\\c"}), &[json!(r"a*b\c")], &[json!(r"axb\c"), json!(r"a*bc")]);
    check(json!({"wildcard": "plain"}), &[json!("plain")], &[json!("plain2"), json!("")]);
    check(json!({"wildcard": "*"}), &[json!(""), json!("x")], &[json!(1), json!(null)]);
}

#[test]
fn numeric() {
    let range = json!({"numeric": [">", 0, "<=", 5]});
    check(range, &[json!(5), json!(0.1), json!([9, 1])], &[json!(0), json!(5.1), json!("3"), json!(null)]);
    check(json!({"numeric": ["<", 10]}), &[json!(9.9), json!(-1)], &[json!(10), json!([])]);
    check(json!({"numeric": ["=", 3.018e2]}), &[json!(301.8)], &[json!(301.9), json!("301.8")]);
    check(json!({"numeric": [">=", 1]}), &[json!(1)], &[json!(0)]);
}

#[test]
fn exists_looks_at_leaves_only() {
    let there = json!({"exists": true});
    check(there, &[json!(1), json!(null), json!(""), json!([0])], &[json!({"y": 1}), json!([]), json!([{}])]);
    let absent = json!({"exists": false});
    check(absent, &[json!({"y": 1}), json!([]), json!([{"y": 1}])], &[json!(null), json!(""), json!([1])]);
    // Also where the way there is missing.
    assert!(matches(r#"{"a": {"b": {"c": [{"exists": false}]}}}"#, &json!({"a": 3})));
    assert!(!matches(r#"{"a": {"b": [{"exists": true}]}}"#, &json!({})));
}

#[test]
fn absence_may_be_one_of_several_values() {
    let pattern = r#"{"detail": {"errorCode": [{"exists": false}, "AccessDenied"]}}"#;
    assert!(matches(pattern, &json!({"detail": {"eventName": "x"}})));
    assert!(matches(pattern, &json!({"detail": {"errorCode": "AccessDenied"}})));
    assert!(!matches(pattern, &json!({"detail": {"errorCode": "Other"}})));
}

#[test]
fn cidr() {
    check(
        json!({"cidr": "10.0.0.0/24"}),
        &[json!("10.0.0.0"), json!("10.0.0.255")],
        &[json!("10.0.1.0"), json!("x"), json!("10.0.0.1/32"), json!(10), json!("::a")],
    );
    check(
        json!({"cidr": "2001:db8::/32"}),
        &[json!("2001:db8::1")],
        &[json!("2001:db9::1"), json!("10.0.0.1")],
    );
}

#[test]
fn anything_but_values() {
    let text = json!({"anything-but": "a"});
    check(
        text,
        &[json!("b"), json!(1), json!(null), json!(["a", "b"]), json!("")],
        &[json!("a"), json!({}), json!([])],
    );
    check(json!({"anything-but": ["a", "b"]}), &[json!("c"), json!("A")], &[json!("a"), json!(["a", "b"])]);
    check(json!({"anything-but": 5}), &[json!(6), json!("5")], &[json!(5), json!(5.0)]);
    check(json!({"anything-but": [100, 200]}), &[json!(300)], &[json!(100), json!(200)]);
    // A field that is not there is not anything.
    assert!(!matches(r#"{"x": [{"anything-but": "a"}]}"#, &json!({"y": "b"})));
}

#[test]
fn anything_but_operators() {
    check(json!({"anything-but": {"prefix": "us-"}}), &[json!("eu-1"), json!(5)], &[json!("us-1")]);
    check(
        json!({"anything-but": {"prefix": ["us-", "eu-"]}}),
        &[json!("ap-1")],
        &[json!("eu-1"), json!("us-1")],
    );
    check(json!({"anything-but": {"suffix": ".png"}}), &[json!("a.jpg")], &[json!("a.png")]);
    check(json!({"anything-but": {"suffix": [".png", ".jpg"]}}), &[json!("a.gif")], &[json!("a.jpg")]);
    let word = json!({"anything-but": {"equals-ignore-case": "init"}});
    check(word, &[json!("run")], &[json!("INIT"), json!("init")]);
    let words = json!({"anything-but": {"equals-ignore-case": ["init", "Stop"]}});
    check(words, &[json!("run")], &[json!("STOP"), json!("Init")]);
    check(json!({"anything-but": {"wildcard": "*/lib/*"}}), &[json!("/src/a")], &[json!("/lib/a")]);
    let two = json!({"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}});
    check(two, &[json!("/src/a")], &[json!("/lib/a"), json!("/bin/b")]);
}

#[test]
fn several_values_are_alternatives() {
    let pattern = r#"{"detail": {"x": ["a", {"prefix": "b"}, 3]}}"#;
    for (value, expected) in [(json!("a"), true), (json!("bc"), true), (json!(3), true), (json!("c"), false)]
    {
        assert_eq!(matches(pattern, &json!({"detail": {"x": value}})), expected);
    }
}

#[track_caller]
fn refuses(pattern: &str, at: &str, path: &str, expected: &str) {
    let error = EventPattern::parse(pattern).expect_err(pattern);
    assert_eq!(error.path, path, "{error}");
    assert!(pattern[error.position..].starts_with(at), "{error}: {}", &pattern[error.position..]);
    assert!(error.expected.contains(expected), "{error}");
}

#[test]
fn errors_say_where_and_what() {
    refuses(r#"{"source": "aws.ec2"}"#, "\"aws.ec2\"", "source", "a list of values");
    refuses(r#"{"a": []}"#, "[]", "a", "at least one value");
    refuses(r#"{"a": {}}"#, "{}", "a", "at least one field");
    refuses("{}", "{}", "", "at least one field");
    refuses("[1]", "[1]", "", "an object of fields");
    refuses(r#"{"a": [["b"]]}"#, "[\"b\"]]", "a[0]", "a text");
    refuses(r#"{"a": ["x", {"prefx": "b"}]}"#, "\"b\"", "a[1].prefx", "prefix");
    refuses(r#"{"a": [{"prefix": 1}]}"#, "1", "a[0].prefix", "a text");
    refuses(r#"{"a": [{"prefix": "b", "suffix": "c"}]}"#, "{\"prefix\"", "a[0]", "one operator");
    refuses(r#"{"a": [{}]}"#, "{}]", "a[0]", "one operator");
    refuses(r#"{"a": [{"exists": "true"}]}"#, "\"true\"", "a[0].exists", "true or false");
    refuses(r#"{"a": [{"cidr": "10.0.0.0/33"}]}"#, "\"10", "a[0].cidr", "network");
    refuses(r#"{"a": [{"wildcard": "a**b"}]}"#, "\"a**b\"", "a[0].wildcard", "no two *");
    refuses(r#"{"a": [{"wildcard": "a\\b"}]}"#, "\"a", "a[0].wildcard", "after a backslash");
    refuses(r#"{"a": [{"anything-but": [1, "b"]}]}"#, "[1", "a[0].anything-but", "list of numbers");
    refuses(r#"{"a": [{"anything-but": null}]}"#, "null", "a[0].anything-but", "a text");
    refuses(r#"{"a": [{"anything-but": []}]}"#, "[]", "a[0].anything-but", "a text");
    refuses(r#"{"a": [{"anything-but": {"prefix": ""}}]}"#, "\"\"", "a[0].anything-but.prefix", "not empty");
    refuses(r#"{"a": [{"anything-but": {"cidr": "x"}}]}"#, "\"x\"", "a[0].anything-but.cidr", "wildcard");
}

#[test]
fn errors_of_numeric_ranges() {
    let path = "a[0].numeric";
    refuses(r#"{"a": [{"numeric": 1}]}"#, "1", path, "a list");
    refuses(r#"{"a": [{"numeric": [">", 5, "<", 1]}]}"#, "[\">\"", path, "below the upper");
    refuses(r#"{"a": [{"numeric": ["<", 5, ">", 1]}]}"#, "[\"<\"", path, "first >");
    refuses(r#"{"a": [{"numeric": [">"]}]}"#, "[\">\"", path, "a list");
    refuses(r#"{"a": [{"numeric": [">", "5"]}]}"#, "\"5\"", "a[0].numeric[1]", "a number");
    refuses(r#"{"a": [{"numeric": ["~", 5]}]}"#, "\"~\"", "a[0].numeric[0]", "one of =");
}

#[test]
fn errors_of_json_and_size() {
    let error = EventPattern::parse("{\"a\":\n [1,, 2]}").unwrap_err();
    assert_eq!((error.position, error.expected.as_str()), (10, "JSON"), "{error}");
    let long = format!(r#"{{"a": ["{}"]}}"#, "x".repeat(EventPattern::MAX_BYTES));
    assert!(EventPattern::parse(&long).unwrap_err().expected.contains("at most"));
    let deep = format!("{}{}", r#"{"a":"#.repeat(1000), "}".repeat(1000));
    assert!(EventPattern::parse(&deep).is_err());
}
