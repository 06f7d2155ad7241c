//! States of resources, in parts, and how they are compared.

use serde_json::{Map, Value};

/// Parts of a resource's configuration, by name. What is not there, or null, does not exist.
pub type Parts = Map<String, Value>;

/// What is wanted is there: every member that `wanted` has, `there` has the same. AWS adds members, gives
/// numbers as text in XML and lists in any order; an empty text or list is as good as none.
pub(super) fn fits(there: &Value, wanted: &Value) -> bool {
    match (there, wanted) {
        (there, wanted) if is_empty(wanted) => is_empty(there),
        (Value::Object(there), Value::Object(wanted)) => {
            wanted.iter().all(|(name, value)| fits(there.get(name).unwrap_or(&Value::Null), value))
        }
        (Value::Array(there), Value::Array(wanted)) => {
            there.len() == wanted.len()
                && wanted.iter().all(|wanted| there.iter().any(|there| fits(there, wanted)))
        }
        (there, wanted) => there == wanted || scalar(there).is_some_and(|text| Some(text) == scalar(wanted)),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        // An object whose members are all empty says nothing.
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => number.as_f64().map(|number| number.to_string()),
        _ => None,
    }
}

/// Two JSON documents in text (policies) say the same; also what is no JSON, if it is the same text.
pub(super) fn same_document(one: &str, other: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok().map(flat);
    match (parse(one), parse(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// One text and a list with that text say the same in a policy; lists there have no order.
pub(super) fn flat(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(name, value)| (name, flat(value))).collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(mut items) if items.len() == 1 => flat(items.remove(0)),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(flat).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        other => other,
    }
}

/// `under` with the members of `over` laid over it, at any depth.
pub(super) fn overlaid(under: &Value, over: &Value) -> Value {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            let mut members = under.clone();
            for (name, value) in over {
                let below = members.get(name).cloned().unwrap_or_default();
                members.insert(name.clone(), overlaid(&below, value));
            }
            Value::Object(members)
        }
        (under, Value::Null) => under.clone(),
        (_, over) => over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_asked_for_is_there() {
        let there = json!({"A": "true", "N": "7", "L": [{"x": 2, "y": 3}, {"x": 1}], "More": 1, "D": "text"});
        for wanted in [json!({"A": true, "N": 7, "L": [{"x": 1}, {"x": 2}]}), json!({"A": true, "Tags": []})]
        {
            assert!(fits(&there, &wanted), "{wanted}");
        }
        for wanted in [
            json!({"A": false}),
            json!({"L": [{"x": 1}]}),
            json!({"D": ""}),
            json!({"Other": 1}),
            json!({}),
            json!(null),
        ] {
            assert!(!fits(&there, &wanted), "{wanted}");
        }
        assert!(fits(&Value::Null, &json!({"x": {}})) && fits(&json!(""), &Value::Null));
    }

    #[test]
    fn documents_are_compared_by_what_they_say() {
        assert!(same_document("{\"a\": [1], \"b\": [2, 3]}", "{\"b\":[3,2],\"a\":1}"));
        assert!(!same_document("{\"a\": 1}", "{\"a\": 2}"));
        assert!(same_document("no json", "no json") && !same_document("no json", "{}"));
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0..100i64).prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec(("[a-c]", inner), 0..3)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn everything_fits_itself_and_its_text(value in values()) {
            prop_assert!(fits(&value, &value));
            prop_assert!(same_document(&value.to_string(), &flat(value.clone()).to_string()));
        }

        #[test]
        fn what_is_laid_over_is_there(under in values(), over in values()) {
            prop_assert_eq!(overlaid(&overlaid(&under, &over), &over), overlaid(&under, &over));
            prop_assert_eq!(overlaid(&under, &Value::Null), under);
        }
    }
}
