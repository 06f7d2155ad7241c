use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::AlarmState::{self, Alarm, InsufficientData, Ok as Fine};
use crate::definition::ActionsSuppressor;

fn rule(text: &str) -> AlarmRule {
    AlarmRule::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Alarms a, b in ALARM, c, d in OK, e in INSUFFICIENT_DATA; others are not there.
fn state_of(name: &str) -> Option<AlarmState> {
    match name {
        "a" | "b" => Some(Alarm),
        "c" | "d" => Some(Fine),
        "e" => Some(InsufficientData),
        _ => None,
    }
}

#[test]
fn rules_hold_as_documented() {
    for (text, holds) in [
        ("ALARM(a)", true),
        ("ALARM(\"a\")", true),
        ("OK(a)", false),
        ("INSUFFICIENT_DATA(e)", true),
        ("TRUE", true),
        ("FALSE", false),
        ("NOT FALSE", true),
        ("ALARM(a) AND OK(c)", true),
        ("ALARM(a) AND NOT OK(c)", false),
        ("ALARM(c) OR ALARM(a) AND FALSE", false),
        ("(ALARM(c) OR ALARM(a)) AND TRUE", true),
        ("NOT ALARM(c) AND ALARM(a)", true),
        ("NOT (ALARM(c) AND ALARM(a))", true),
        ("NOT NOT ALARM(a)", true),
        ("ALARM(a)AND(OK(c))", true),
        (" ALARM ( a ) \n AND\tOK( \"c\" ) ", true),
        ("ALARM(unknown)", false),
        ("NOT ALARM(unknown)", true),
        ("AT_LEAST(2, ALARM, (a, b, c))", true),
        ("AT_LEAST(3, ALARM, (a, b, c))", false),
        ("AT_LEAST(50%, OK, (a, b, c, d))", true),
        ("AT_LEAST(51%, OK, (a, b, c, d))", false),
        ("AT_LEAST(\"50%\", OK, (a, b, c, d))", true),
        ("AT_LEAST(60%, NOT OK, (\"a\", \"b\", \"e\", \"c\", \"d\"))", true),
        ("AT_LEAST(1, NOT OK, (unknown))", false),
        ("(((ALARM(a))))", true),
    ] {
        assert_eq!(rule(text).holds(state_of), holds, "{text}");
    }
}

#[test]
fn names_may_be_arns_and_have_signs() {
    let arn = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a b/c";
    for text in [format!("ALARM({arn})"), format!("ALARM(\"{arn}\")")] {
        assert_eq!(rule(&text).children(), [arn]);
    }
    assert_eq!(rule(r#"ALARM("a (b), \"c\" \\ AND d")"#).children(), [r#"a (b), "c" \ AND d"#]);
    assert_eq!(rule("OK(x) OR ALARM(\"x\") OR OK(y)").children(), ["x", "y"], "each once");
}

#[test]
fn errors_say_where() {
    let error = |text: &str| {
        let error = AlarmRule::parse(text).unwrap_err();
        format!("{error}\n{}", error.caret(text))
    };
    insta::assert_snapshot!(
        [
            "",
            "ALARM",
            "ALARM()",
            "ALARM(\"a)",
            "ALARM(a) ALARM(b)",
            "ALARM(a) AND",
            "ALARM(a) and OK(b)",
            "(ALARM(a)",
            "AT_LEAST(0, ALARM, (a))",
            "AT_LEAST(3, ALARM, (a, b))",
            "AT_LEAST(101%, ALARM, (a))",
            "AT_LEAST(1, ALRM, (a))",
            "AT_LEAST(1, ALARM, a)",
        ]
        .map(error)
        .join("\n\n")
    );
}

#[test]
fn limits_of_the_api_hold() {
    let many = |count: usize| (0..count).map(|n| format!("ALARM(a{n})")).collect::<Vec<_>>().join(" OR ");
    assert_eq!(rule(&many(100)).children().len(), 100);
    assert!(AlarmRule::parse(&many(101)).unwrap_err().to_string().contains("at most 100 alarms"));
    let long = |count: usize| vec!["TRUE"; count].join(" AND ");
    assert!(rule(&long(250)).holds(|_| None));
    assert!(AlarmRule::parse(&long(251)).unwrap_err().to_string().contains("more than 500 elements"));
    let deep = format!("{}TRUE{}", "(".repeat(5000), ")".repeat(5000));
    assert!(AlarmRule::parse(&deep).unwrap_err().to_string().contains("at most 64"));
}

#[test]
fn circles_stop_what_is_in_them_and_what_depends_on_them() {
    let graph = |edges: &[(&str, &[&str])]| -> Order {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        order(
            &edges
                .iter()
                .map(|(name, children)| ((*name).to_owned(), own(children)))
                .collect::<BTreeMap<_, _>>(),
        )
    };
    let straight = graph(&[("a", &["b", "metric"]), ("b", &["c", "c"]), ("c", &[])]);
    assert_eq!(straight, Order { sequence: vec!["c".into(), "b".into(), "a".into()], stuck: vec![] });
    let circle =
        graph(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"]), ("d", &["e"]), ("e", &[]), ("f", &["f"])]);
    assert_eq!(circle.sequence, ["e", "d"]);
    assert_eq!(circle.stuck, ["a", "b", "c", "f"]);
}

fn minute(t: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + t * 60, 0).unwrap()
}

/// Plays a story: per unit of time, whether the composite alarm changed, and whether the suppressor is in
/// ALARM. Gives the times at which actions ran, and what suppressed at each time. Periods are those of the
/// guide's examples: wait 2 units, extension 3.
fn play(changes: &[i64], suppressing: impl Fn(i64) -> bool) -> (Vec<i64>, Vec<Option<SuppressedBy>>) {
    let by = ActionsSuppressor { alarm: "s".into(), wait_period: 120, extension_period: 180 };
    let (mut hold, mut ran, mut phases) = (Hold::default(), Vec::new(), Vec::new());
    for t in 0..12 {
        let (next, effect) = step(hold, minute(t), changes.contains(&t), suppressing(t), &by);
        hold = next;
        phases.push(hold.suppressed_by());
        if effect == Effect::Run {
            ran.push(t);
        }
    }
    (ran, phases)
}

#[test]
fn example_1_actions_run_after_the_wait_period() {
    let (ran, phases) = play(&[2], |_| false);
    assert_eq!(ran, [4]);
    assert_eq!(phases[2..5], [Some(SuppressedBy::WaitPeriod), Some(SuppressedBy::WaitPeriod), None]);
}

#[test]
fn example_2_the_suppressor_takes_over_from_the_wait_period() {
    let (ran, phases) = play(&[2], |t| t >= 3);
    assert_eq!(ran, [0i64; 0]);
    assert_eq!(phases[2..4], [Some(SuppressedBy::WaitPeriod), Some(SuppressedBy::Alarm)]);
}

#[test]
fn example_3_a_change_while_waiting_starts_a_new_wait_period() {
    let (ran, _) = play(&[2, 3], |_| false);
    assert_eq!(ran, [5]);
}

#[test]
fn example_4_a_suppressor_that_is_in_alarm_holds_at_once() {
    let (ran, phases) = play(&[2], |_| true);
    assert_eq!(ran, [0i64; 0]);
    assert_eq!(phases[2], Some(SuppressedBy::Alarm));
}

#[test]
fn example_5_actions_run_after_the_extension_period() {
    let (ran, phases) = play(&[2], |t| (3..6).contains(&t));
    assert_eq!(ran, [9]);
    assert_eq!(
        phases[5..10],
        [
            Some(SuppressedBy::Alarm),
            Some(SuppressedBy::ExtensionPeriod),
            Some(SuppressedBy::ExtensionPeriod),
            Some(SuppressedBy::ExtensionPeriod),
            None
        ]
    );
}

#[test]
fn example_6_a_change_in_the_extension_period_starts_a_wait_period() {
    let (ran, phases) = play(&[2, 7], |t| (3..6).contains(&t));
    assert_eq!(ran, [9]);
    assert_eq!(
        phases[6..9],
        [Some(SuppressedBy::ExtensionPeriod), Some(SuppressedBy::WaitPeriod), Some(SuppressedBy::WaitPeriod)]
    );
}

#[test]
fn nothing_runs_that_was_not_held() {
    let (ran, _) = play(&[], |t| (3..6).contains(&t));
    assert_eq!(ran, [0i64; 0], "the alarm had run its actions before");
}

#[test]
fn periods_of_zero_hold_nothing() {
    let by = ActionsSuppressor { alarm: "s".into(), wait_period: 0, extension_period: 0 };
    assert_eq!(step(Hold::default(), minute(0), true, false, &by), (Hold::default(), Effect::Run));
    let held = Hold { phase: Phase::Alarm, pending: true };
    assert_eq!(step(held, minute(0), false, false, &by), (Hold::default(), Effect::Run));
}

#[test]
fn reasons_are_those_of_cloudwatch() {
    let children = |name: &str| {
        let since = crate::time::parse_time("2023-08-04T12:54:46.138Z").unwrap();
        state_of(name).map(|state| Child {
            reference: format!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:{name}"),
            state,
            since,
        })
    };
    let rule = rule("ALARM(a) OR ALARM(c)");
    let (state, reason, data) = evaluate(&rule, "main", Trigger::Child, children);
    assert_eq!(state, Alarm);
    assert_eq!(
        reason,
        "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a transitioned to ALARM at Friday 04 August, 2023 12:54:46 UTC"
    );
    assert_eq!(
        data.to_string(),
        r#"{"triggeringAlarms":[{"arn":"arn:aws:cloudwatch:us-east-1:111122223333:alarm:a","state":{"value":"ALARM","timestamp":"2023-08-04T12:54:46.138+0000"}}]}"#
    );
    let (_, reason, _) = evaluate(&rule, "main", Trigger::Updated, children);
    assert_eq!(reason, "main was updated and its new alarm rule evaluates to ALARM");
    let (state, reason, _) = evaluate(&self::rule("FALSE"), "main", Trigger::Created, children);
    assert_eq!((state, reason.as_str()), (Fine, "main was created and its alarm rule evaluates to OK"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"[A-Z_()",%0-9 \\é-]{0,80}"#) {
        if let Err(error) = AlarmRule::parse(&text) {
            error.caret(&text);
        }
    }

    #[test]
    fn words_of_rules_are_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "ALARM", "OK", "(", ")", "AND", "OR", "NOT", "TRUE", "AT_LEAST", ",", "\"a\"", "b", "2", "50%",
    ]), 0..30)) {
        let text = words.join(" ");
        if let Ok(rule) = AlarmRule::parse(&text) {
            prop_assert!(rule.children().len() <= 30);
            rule.holds(state_of);
        }
    }
}
