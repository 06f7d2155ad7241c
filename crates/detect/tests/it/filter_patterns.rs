//! Filter patterns: matching beside a slow, obvious twin; a set beside the loop over its patterns.

use proptest::prelude::*;
use serde_json::{Value, json};
use trailkeep_detect::filter_pattern::{FilterPattern, FilterSet};

/// A pattern as its twin reads it: evaluated by walking `serde_json`, with nothing shared, cached or
/// indexed.
#[derive(Clone, Debug)]
enum Twin {
    Term { path: Vec<Step>, test: Test },
    All(Vec<Twin>),
    Any(Vec<Twin>),
}

#[derive(Clone, Debug)]
enum Step {
    Member(&'static str),
    Element(usize),
    AnyElement,
    AnyMember,
}

#[derive(Clone, Debug)]
enum Test {
    Equal { not: bool, quoted: bool, value: String },
    Order { sign: &'static str, than: i64 },
    Null,
    Is(bool),
    NotExists,
}

impl Twin {
    fn write(&self) -> String {
        match self {
            Self::Term { path, test } => {
                let mut text = "$".to_owned();
                for step in path {
                    text += &match step {
                        Step::Member(name) if name.contains('.') => format!(".['{name}']"),
                        Step::Member(name) => format!(".{name}"),
                        Step::Element(index) => format!("[{index}]"),
                        Step::AnyElement => "[*]".to_owned(),
                        Step::AnyMember => ".*".to_owned(),
                    };
                }
                text + &match test {
                    Test::Equal { not, quoted, value } => {
                        let value = if *quoted { format!("\"{value}\"") } else { value.clone() };
                        format!(" {} {value}", if *not { "!=" } else { "=" })
                    }
                    Test::Order { sign, than } => format!("{sign}{than}"),
                    Test::Null => " IS NULL".to_owned(),
                    Test::Is(flag) => format!(" IS {}", flag.to_string().to_uppercase()),
                    Test::NotExists => " NOT EXISTS".to_owned(),
                }
            }
            Self::All(parts) => {
                format!("({})", parts.iter().map(Self::write).collect::<Vec<_>>().join(" && "))
            }
            Self::Any(parts) => format!("({})", parts.iter().map(Self::write).collect::<Vec<_>>().join("||")),
        }
    }

    fn holds(&self, event: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(event)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(event)),
            Self::Term { path, test } => {
                let values = values(event, path);
                match test {
                    Test::NotExists => values.is_empty(),
                    test => values.into_iter().any(|value| admits(test, value)),
                }
            }
        }
    }
}

fn values<'v>(event: &'v Value, path: &[Step]) -> Vec<&'v Value> {
    let mut found = vec![event];
    for step in path {
        found = found
            .into_iter()
            .flat_map(|value| -> Vec<&Value> {
                match step {
                    Step::Member(name) => value.as_object().and_then(|o| o.get(*name)).into_iter().collect(),
                    Step::Element(index) => {
                        value.as_array().and_then(|a| a.get(*index)).into_iter().collect()
                    }
                    Step::AnyElement => value.as_array().into_iter().flatten().collect(),
                    Step::AnyMember => value.as_object().into_iter().flat_map(|o| o.values()).collect(),
                }
            })
            .collect();
    }
    found
}

fn admits(test: &Test, value: &Value) -> bool {
    match test {
        Test::Null => value.is_null(),
        Test::Is(flag) => value.as_bool() == Some(*flag),
        Test::NotExists => false,
        Test::Order { sign, than } => value.as_f64().is_some_and(|number| match *sign {
            "<" => number < *than as f64,
            "<=" => number <= *than as f64,
            ">" => number > *than as f64,
            _ => number >= *than as f64,
        }),
        Test::Equal { not, quoted, value: wanted } => {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return false,
            };
            let numbers = (value.as_f64(), wanted.parse::<f64>().ok().filter(|_| !*quoted));
            let equal = match numbers {
                (Some(a), Some(b)) => a == b,
                _ => glob(wanted.as_bytes(), text.as_bytes()),
            };
            equal != *not
        }
    }
}

/// The textbook's recursion over `*`.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => glob(rest, text) || (!text.is_empty() && glob(pattern, &text[1..])),
        (Some((a, pattern)), Some((b, text))) => a == b && glob(pattern, text),
        _ => false,
    }
}

const NAMES: [&str; 4] = ["a", "b", "c.d", "e-f"];

fn scalars() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec!["", "x", "xy", "xyx", "12", "1*2", "yx"]).prop_map(|text| json!(text)),
        (-3i64..14).prop_map(|number| json!(number)),
        Just(json!(12.5)),
        Just(json!(12.0)),
        any::<bool>().prop_map(|flag| json!(flag)),
        Just(Value::Null),
    ]
}

fn events() -> impl Strategy<Value = Value> {
    let nested = scalars().prop_recursive(3, 24, 4, |inner| {
        let object = prop::collection::btree_map(prop::sample::select(&NAMES[..]), inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(Value::from),
            object.prop_map(|members| members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    });
    prop::collection::btree_map(prop::sample::select(&NAMES[..]), nested, 0..4)
        .prop_map(|members| members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

fn twins() -> impl Strategy<Value = Twin> {
    let member = || prop::sample::select(&NAMES[..]).prop_map(Step::Member);
    let step = prop_oneof![
        4 => member(),
        1 => (0usize..3).prop_map(Step::Element),
        1 => Just(Step::AnyElement),
        1 => Just(Step::AnyMember),
    ];
    let path = (member(), prop::collection::vec(step, 0..3)).prop_map(|(first, mut more)| {
        more.insert(0, first);
        more
    });
    let values = ["x", "xy", "12", "12.0", "12.5", "x*", "*x", "*", "x*x", "1*", "1.2e1", "*y*", "no"];
    let equal = (any::<bool>(), any::<bool>(), prop::sample::select(values.to_vec()))
        .prop_map(|(not, quoted, value)| Test::Equal { not, quoted, value: value.to_owned() });
    let order = (prop::sample::select(vec!["<", "<=", ">", ">="]), -3i64..14)
        .prop_map(|(sign, than)| Test::Order { sign, than });
    let test = prop_oneof![
        6 => equal,
        1 => order,
        1 => Just(Test::Null),
        1 => any::<bool>().prop_map(Test::Is),
        1 => Just(Test::NotExists),
    ];
    let term = (path, test).prop_map(|(path, test)| Twin::Term { path, test });
    term.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Twin::All),
            prop::collection::vec(inner, 1..4).prop_map(Twin::Any),
        ]
    })
}

/// Patterns of the other kinds, of few words, so that they match often.
fn other_patterns() -> impl Strategy<Value = String> {
    let word = || prop::sample::select(vec!["x", "xy", "yx", "\"x y\"", "%x.%", "12", "\" \"", "%^x|2$%"]);
    let sign = prop::sample::select(vec!["", "", "-", "?"]);
    let terms = prop::collection::vec((sign, word()), 0..4).prop_map(|terms| {
        terms.iter().map(|(sign, word)| format!("{sign}{word}")).collect::<Vec<_>>().join(" ")
    });
    let op = prop::sample::select(vec!["=x", "!=x", "=x*", " = \"x y\"", "=12", ">3", "=%y%", "", ""]);
    let fields = (prop::collection::vec(op, 0..4), prop::option::of(0usize..4)).prop_map(|(ops, dots)| {
        let mut fields: Vec<String> = ops.iter().enumerate().map(|(i, op)| format!("w{i}{op}")).collect();
        if let Some(at) = dots {
            fields.insert(at.min(fields.len()), "...".to_owned());
        }
        format!("[{}]", fields.join(", "))
    });
    prop_oneof![terms, fields]
}

fn messages() -> impl Strategy<Value = String> {
    let word =
        prop::sample::select(vec!["x", "y", "xy", "yx", "12", "5", "\"x y\"", "[12]", "\"", "[x", " "]);
    let line = prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "));
    prop_oneof![line, events().prop_map(|event| event.to_string())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn json_patterns_match_as_their_twin_does(twin in twins(), events in prop::collection::vec(events(), 1..6)) {
        let text = format!("{{{}}}", twin.write());
        let pattern = FilterPattern::parse(&text).unwrap();
        for event in events {
            prop_assert_eq!(pattern.matches(&event.to_string()), twin.holds(&event), "{} on {}", text, event);
        }
    }

    #[test]
    fn a_set_matches_as_the_loop_does(
        json in prop::collection::vec(twins(), 0..8),
        other in prop::collection::vec(other_patterns(), 0..8),
        messages in prop::collection::vec(messages(), 1..8),
    ) {
        let texts = json.iter().map(|twin| format!("{{{}}}", twin.write())).chain(other);
        let patterns: Vec<FilterPattern> = texts.map(|text| FilterPattern::parse(&text).unwrap()).collect();
        let set = FilterSet::new(&patterns);
        let mut matcher = set.matcher();
        for message in &messages {
            let one_by_one: Vec<usize> = (0..patterns.len()).filter(|&i| patterns[i].matches(message)).collect();
            prop_assert_eq!(matcher.matches(message), &one_by_one[..], "{:?} on {}", patterns, message);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,40}|[{\\[(]?[ $.a*=!<>&|%\"'\\[\\](){}0-9-]{0,40}[}\\])]?") {
        match FilterPattern::parse(&text) {
            Ok(pattern) => {
                pattern.lint().iter().for_each(|warning| assert!(warning.position <= text.len()));
                let alone = FilterSet::new([&pattern]);
                for message in ["", "a", &text, r#"{"a":[1,{"a":"a"}]}"#] {
                    prop_assert_eq!(!alone.matches(message).is_empty(), pattern.matches(message));
                }
            }
            Err(error) => {
                prop_assert!(error.position <= text.len() && text.is_char_boundary(error.position), "{}", error);
                prop_assert_eq!(error.caret(&text).lines().count(), 2);
            }
        }
    }
}
