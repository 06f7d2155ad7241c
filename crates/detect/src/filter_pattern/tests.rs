//! The user guide's examples, and what the service was seen to do.

use super::*;

fn pattern(text: &str) -> FilterPattern {
    FilterPattern::parse(text).unwrap_or_else(|error| panic!("{error}\n{}", error.caret(text)))
}

/// Asks one pattern, also as part of a set and, for JSON, of the parsed value.
fn matches(text: &str, message: &str) -> bool {
    let pattern = pattern(text);
    let answer = pattern.matches(message);
    let beside = [pattern.clone(), FilterPattern::parse("x -x").unwrap()];
    let expected: &[usize] = if answer { &[0] } else { &[] };
    assert_eq!(FilterSet::new(&beside).matches(message), expected, "{text} in a set, on {message}");
    if let (Kind::Json(_), Some(value)) = (&pattern.kind, crate::json::parse(message)) {
        assert_eq!(pattern.matches_json(&value), answer, "{text} on the value of {message}");
    }
    answer
}

fn check(cases: &[(&str, &str, bool)]) {
    for (text, message, expected) in cases {
        assert_eq!(matches(text, message), *expected, "{text} on {message}");
    }
}

#[test]
fn terms() {
    check(&[
        ("ERROR", "[ERROR 400] BAD REQUEST", true),
        ("ERROR", "Exiting with ERRORCODE: -1", true),
        ("ERROR", "an error", false),
        ("Exception", "Caught IllegalArgumentException", true),
        ("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true),
        ("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", false),
        ("?ERROR ?WARN", "WARN message", true),
        ("?ERROR ?WARN", "INFO message", false),
        ("\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR", true),
        ("\"INTERNAL SERVER ERROR\"", "INTERNAL ERROR ON SERVER", false),
        (r#""say \"hi\" \\ \n""#, r#"x say "hi" \ \n"#, true),
        ("ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST", true),
        ("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false),
        ("\"ERROR\" - \"Exiting\"", "Exiting with ERRORCODE: -1", false),
        ("-ERROR", "fine", true),
        ("-ERROR", "ERROR", false),
        ("ERROR -%4\\d\\d%", "ERROR 404", false),
        ("%AUTHORIZED%", "UNAUTHORIZED REQUEST", true),
        ("%^starting|^shutting down%", "shutting down", true),
        ("ERROR %5\\d\\d%", "ERROR 503", true),
        ("ERROR %5\\d\\d%", "ERROR 403", false),
        ("\" \"", "nospace", true),
        ("", "anything", true),
        ("  ", "", true),
        ("naïve", "a naïve term", true),
    ]);
}

#[test]
fn optional_terms_mean_nothing_beside_others() {
    check(&[
        ("?ERROR ?ARGUMENTS REQUEST", "[INFO] REQUEST FAILED", true),
        ("?ERROR ?ARGUMENTS REQUEST", "[ERROR] MISSING ARGUMENTS", false),
        ("?ERROR -WARN", "INFO", true),
    ]);
}

const EVENT: &str = r#"{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111",
    "arrayKey":["value","another value"],"objectList":[{"name":"a","id":1},{"name":"b","id":2}],
    "SomeObject":null,"ThisFlag":true,"cluster.name":"c","user":{"id":1,"email":"John.Stiles@example.com"},
    "users":[{"id":2,"email":"John.Doe@example.com"},{"id":3,"email":"Jane.Doe@example.com"}],
    "actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6],[7,8,9]],"number":[1000]}"#;

#[test]
fn json_examples_of_the_user_guide() {
    let cases = [
        (r#"{ $.eventType = "UpdateTrail" }"#, true),
        (r"{ $.sourceIPAddress != 123.123.* }", true),
        (r"{ $.sourceIPAddress != 111.111.* }", false),
        (r#"{ $.arrayKey[0] = "value" }"#, true),
        (r"{ $.eventType = %Trail% }", true),
        (r"{ $.arrayKey[*] = %val.{2}% }", true),
        (r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }", true),
        (r#"{ $.['cluster.name'] = "c" }"#, true),
        (r#"{ $.["cluster.name"] = "c" }"#, true),
        (r"{ $.objectList[1].id = 2 }", true),
        (r"{ $.objectList[*].id = 2 }", true),
        (r"{ $.objectList[*].id = 3 }", false),
        (r"{ $.SomeObject IS NULL }", true),
        (r"{ $.SomeOtherObject IS NULL }", false),
        (r"{ $.SomeOtherObject NOT EXISTS }", true),
        (r"{ $.SomeObject NOT EXISTS }", false),
        (r"{ $.ThisFlag IS TRUE }", true),
        (r"{ $.ThisFlag IS FALSE }", false),
        (r"{ $.number[0] = 1e+3 }", true),
        (r"{ $.number[0] != 1e-3 }", true),
        (r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#, true),
        (r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#, false),
        (
            r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = no }"#,
            true,
        ),
        (
            r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = no }"#,
            false,
        ),
        // "Both will fail to match where users is an array."
        ("{ $.users = 1 }", false),
        ("{ $.users != 1 }", false),
        ("{ $.ThisFlag != 1 }", false),
        ("{ $.ThisFlag = true }", false),
        ("{ $.SomeObject = * }", false),
        ("{ $.absent != x }", false),
    ];
    for (text, expected) in cases {
        assert_eq!(matches(text, EVENT), expected, "{text}");
    }
}

#[test]
fn numbers_compare_by_value_and_text_as_text() {
    let event = r#"{"int":123,"float":12.34,"whole":12.0,"text":"123","empty":"","id":"012345678901"}"#;
    let cases = [
        ("{ $.int = 123.0 }", true),
        ("{ $.int = \"123\" }", true),
        ("{ $.int != \"123.0\" }", true),
        ("{ $.whole = 12 }", true),
        ("{ $.whole != \"12\" }", true),
        ("{ $.int = 12* }", true),
        ("{ $.int = \"*23\" }", true),
        ("{ $.float = \"12.*\" }", true),
        ("{ $.float = *.34 }", true),
        ("{ $.float != 43.2* }", true),
        ("{ $.int = * }", true),
        ("{ $.empty = \"*\" }", true),
        ("{ $.text = 123 }", true),
        ("{ $.text != 111 }", true),
        ("{ $.text > 100 }", false),
        ("{ $.text <= 200 }", false),
        ("{ $.id = 012345678901 }", true),
        ("{ $.int >= 123 }", true),
        ("{ $.int > +122.5 }", true),
        ("{ $.int < 10e1 }", false),
        ("{ $.float <= 1.234e1 }", true),
        ("{ $.int = %^1.3$% }", true),
        ("{ $.text != %^1% }", false),
    ];
    for (text, expected) in cases {
        assert_eq!(matches(text, event), expected, "{text}");
    }
}

#[test]
fn values_without_quotes_end_at_joints_and_parentheses() {
    let event =
        r#"{"a":"kms.amazonaws.com","b":"Failed authentication","c":"arn:aws:iam::1:user/x","d":"x=1"}"#;
    let cases = [
        ("{$.a=kms.amazonaws.com}", true),
        ("{($.a=kms.amazonaws.com)&&($.b=Failed authentication)}", true),
        ("{ $.b = Failed authentication && $.a = kms* }", true),
        ("{ $.c = arn:aws:iam::*:user/* || $.a = no }", true),
        ("{ $.d = x=1 }", true),
        ("{ (((($.a = kms*)))) }", true),
    ];
    for (text, expected) in cases {
        assert_eq!(matches(text, event), expected, "{text}");
    }
}

#[test]
fn what_is_no_json_object_matches_no_json_pattern() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    for message in ["", "text", "[1]", "1", "{\"a\":", "2024 {\"a\":1}", &deep] {
        assert!(!matches("{ $.a NOT EXISTS }", message), "{message}");
        assert!(!matches("{ $.a = 1 || $.b != 2 }", message), "{message}");
    }
    assert!(matches("{ $.a NOT EXISTS }", "  {} \n"));
}

const LINE: &str = r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;

#[test]
fn space_delimited_examples_of_the_user_guide() {
    check(&[
        (
            r"[ip=%127\.0\.0\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
            LINE,
            true,
        ),
        ("[..., request =*.html*, status_code = 4*, bytes]", LINE, true),
        ("[..., request=*.html*, status_code=4*,]", LINE, true),
        (
            "[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]",
            LINE,
            true,
        ),
        ("[..., status_code = 403 || status_code = 410, bytes]", LINE, false),
        ("[..., bytes > 1000 && bytes < 2000]", LINE, true),
        ("[..., bytes > 1534]", LINE, false),
        ("[..., bytes = 1534.0]", LINE, true),
        ("[..., status = \"4*\", bytes]", LINE, true),
        ("[ip, user, ..., status_code = 404, bytes]", LINE, true),
        ("[ip = 127.*, ...]", LINE, true),
        ("[ip, , name = frank, …]", LINE, true),
        ("[w1=ERROR, w2]", "ERROR 09/25/2014 12:00:02 Failed to process request", true),
        ("[w1=ERROR, w2]", "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200", false),
        ("[w1=ERROR || w1=WARNING, w2]", "WARNING 09/25/2014 12:00:02 Invalid user request", true),
        ("[w1!=ERROR && w1!=WARNING, w2]", "INFO 09/25/2014 12:00:00 GET", true),
        ("[w1!=ERROR && w1!=WARNING, w2]", "WARNING 09/25/2014 12:00:02", false),
        (
            "[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]",
            "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310",
            false,
        ),
    ]);
}

#[test]
fn how_many_fields_an_event_must_have() {
    check(&[
        ("[a, b, c]", "1 2", false),
        ("[a, b, c]", "1 2 3", true),
        ("[a, b, c]", "1 2 3 4", true),
        ("[a, b, c = \"3 4\"]", "1 2 3 4", true),
        ("[w1=ERROR]", "ERROR and more", false),
        ("[a, ..., b]", "1", false),
        ("[a, ..., b = 2]", "1 2", true),
        ("[]", "", true),
        ("[...]", "x", true),
        ("[a]", "", false),
        ("[a, b = 1]", "x y z", false),
    ]);
}

#[test]
fn bad_patterns_say_where_and_what_was_expected() {
    let cases = [
        ("{ $.a = }", 8, "a value"),
        ("{ $.a }", 6, "NOT EXISTS"),
        ("{ $.a = 1", 9, "closing brace"),
        ("{ $.a = 1 } trailing", 12, "end of the pattern"),
        ("{ a = 1 }", 2, "$.eventName"),
        ("{ \"source\": [\"aws.ec2\"] }", 2, "$.eventName"),
        ("{ $.a == 1 }", 7, "one ="),
        ("{ $.a = 1 && }", 13, "a field"),
        ("{ ($.a = 1 }", 11, "closing parenthesis"),
        ("{ $.a IS MAYBE }", 9, "NULL, TRUE or FALSE"),
        ("{ $.a IS NOT NULL }", 6, "= *"),
        ("{ $.a EXISTS }", 6, "= *"),
        ("{ $.a NOT NULL }", 10, "EXISTS"),
        ("{ $.a = \"open }", 15, "double quote"),
        ("{ $.a = %open }", 15, "percent"),
        ("{ $.a = %(x)% }", 9, "without groups"),
        ("{ $.a > x }", 8, "a number"),
        ("{ $.a >= \"1\" }", 9, "a number"),
        ("{ $.a = foo(bar) }", 11, "&&, ||"),
        ("{ $.a = b\"c }", 9, "quotes"),
        ("{}", 1, "a field"),
        ("[a, ..., b, ..., c]", 12, "one ellipsis"),
        ("[a, a]", 4, "another name"),
        ("[a = ]", 5, "a value"),
        ("[a, b", 5, "a comma"),
        ("[a, b] x", 7, "end of the pattern"),
        ("[a = 1 ||]", 9, "name"),
        ("[1a]", 1, "digit"),
        ("[a = 1 || b = 2]", 10, "one of the pattern's fields"),
        ("[= 1]", 1, "name before"),
        ("[\"x\"]", 1, "name"),
        ("\"open", 5, "double quote"),
        ("%open", 5, "percent"),
        ("ERROR -", 7, "a term"),
        ("a\"b\"", 1, "quotes around"),
    ];
    for (text, position, says) in cases {
        let Err(error) = FilterPattern::parse(text) else { panic!("{text} was read") };
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.expected.contains(says), "{text}: {error}");
    }
}

#[test]
fn hostile_patterns_are_bounded() {
    let too_long = "x".repeat(MAX_LENGTH + 1);
    assert_eq!(FilterPattern::parse(&too_long).unwrap_err().position, MAX_LENGTH);
    let nested = |n: usize| format!("{{ {}$.a = 1{} }}", "(".repeat(n), ")".repeat(n));
    assert!(FilterPattern::parse(&nested(64)).is_ok());
    assert!(FilterPattern::parse(&nested(65)).unwrap_err().expected.contains("64"));
    let regexes = |n: usize| vec!["%a{9}%"; n].join(" ");
    assert!(FilterPattern::parse(&regexes(16)).is_ok());
    assert!(FilterPattern::parse(&regexes(17)).is_err());
    let stars = format!("{{ $.a = {}b }}", "a*".repeat(1000));
    assert!(!matches(&stars, &format!("{{\"a\":\"{}\"}}", "a".repeat(20_000))));
}

fn lint(text: &str) -> Vec<(WarningKind, usize, Option<String>)> {
    pattern(text).lint().into_iter().map(|w| (w.kind, w.position, w.suggestion)).collect()
}

#[test]
fn alternatives_of_not_equal_are_told_as_meant() {
    let cis = "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") || \
               ($.sourceIPAddress!=\"delivery.logs.amazonaws.com\") || ($.eventName!=\"HeadBucket\") }";
    let meant = "{ (($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\")) && \
                 ($.sourceIPAddress!=\"delivery.logs.amazonaws.com\") && ($.eventName!=\"HeadBucket\") }";
    let warnings = lint(cis);
    assert_eq!(warnings.len(), 1);
    assert_eq!((warnings[0].0, &warnings[0].1), (WarningKind::AnyNotEqual, &cis.find("$.source").unwrap()));
    assert_eq!(warnings[0].2.as_deref(), Some(meant));
    assert!(lint(meant).is_empty());
    let event = r#"{"eventName":"ListBuckets","sourceIPAddress":"203.0.113.7"}"#;
    assert!(matches(cis, event), "as it is written it matches any call");
    assert!(!matches(meant, event));
    assert!(matches(meant, &event.replace('}', r#","errorCode":"AccessDenied"}"#)));
    let words = lint("[w1!=ERROR || w1!=WARNING, w2]");
    assert_eq!(words[0].2.as_deref(), Some("(w1!=ERROR) && (w1!=WARNING)"));
    assert!(lint("{ $.a != x || $.a NOT EXISTS }").is_empty());
}

#[test]
fn precedence_is_told_where_no_parentheses_do() {
    let warnings = lint("{ ($.a = 1) || ($.b = 2) && ($.c != 3) && ($.d != 4) }");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0].0, WarningKind::Precedence);
    assert_eq!(warnings[0].2.as_deref(), Some("{ ($.a = 1) || (($.b = 2) && ($.c != 3) && ($.d != 4)) }"));
    assert!(lint("{ ($.a = 1) || (($.b = 2) && ($.c != 3)) }").is_empty());
    assert!(lint("{ $.a = 1 && $.b = 2 && ($.c = 3 || $.d = 4) }").is_empty());
}

#[test]
fn spellings_and_quotas() {
    use WarningKind::{OptionalIgnored, Quota, Spelling, TextForKeyword, Unquoted};
    let long = format!("{{ $.a = {} }}", "x".repeat(1100));
    let cases = [
        ("{ $.b = Failed authentication }", Unquoted, Some("\"Failed authentication\"")),
        ("{ $.flag = true }", TextForKeyword, Some("IS TRUE")),
        ("{ $.flag != null }", TextForKeyword, None),
        ("{ $.a not exists }", Spelling, None),
        ("{ $.a = 'x' }", Spelling, Some("\"x\"")),
        ("[w1=!ERROR, w2]", Spelling, Some("!= ERROR")),
        ("?ERROR WARN", OptionalIgnored, None),
        ("user@example.com", Unquoted, Some("\"user@example.com\"")),
        (&long, Quota, None),
        ("{ $.a = %x% || $.b = %y% || $.c = %z% }", Quota, None),
        ("{ $.a[*].b[*] = 1 }", Quota, None),
        ("{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.d[*] = 1 }", Quota, None),
    ];
    for (text, kind, suggestion) in cases {
        let found = lint(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!((found[0].0, found[0].2.as_deref()), (kind, suggestion), "{text}");
    }
    for clean in ["ERROR -\"a b\" %x%", "?a ?b", "{ $.a = \"true\" }", LINTED, "[ip, ..., bytes > 1]", ""] {
        assert_eq!(lint(clean), [], "{clean}");
    }
    let shown = pattern("{ $.flag = true }").lint()[0].to_string();
    assert_eq!(
        shown,
        "at byte 2: this compares with the text \"true\", and not with JSON's true; write IS TRUE"
    );
}

const LINTED: &str =
    "{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }";
