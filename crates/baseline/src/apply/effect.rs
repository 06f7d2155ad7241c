//! [`Effect`]: what a call changes, how that is read, and how it is taken back.
//!
//! Every call that a step can make has one. The same reading tells before the call what was there, after
//! it whether it worked, and at undo whether it is still as we made it.

use serde_json::Value;
use trailkeep_aws::api::Operation;

use crate::desired::flat;

/// What a call changes.
pub(super) struct Effect {
    /// The call.
    pub(super) operation: &'static Operation,
    /// What it is about, from input and output; the same for all calls about one resource:
    /// `bucket NAME`.
    pub(super) subject: fn(&Value, Option<&Value>) -> String,
    /// How the state is read that it changes.
    pub(super) read: Read,
    /// The state is as the call makes it. `None`: there is none.
    pub(super) holds: fn(&Call<'_>, Option<&Value>) -> bool,
    pub(super) kind: Kind,
    /// What an output that AWS calls a success says of failures in it.
    pub(super) refused: fn(&Value) -> Option<String>,
    /// Error codes that go away by themselves, as what was made just before is not known everywhere yet.
    pub(super) settles: &'static [&'static str],
}

/// A call as it was or will be made.
pub(super) struct Call<'a> {
    /// Its input, references filled in.
    pub(super) input: &'a Value,
    /// Its output, once it was made.
    pub(super) output: Option<&'a Value>,
    /// The run that makes it.
    pub(super) run: &'a str,
}

/// How a state is read.
#[derive(Clone, Copy)]
pub(super) struct Read {
    pub(super) operation: &'static Operation,
    /// The input; `None` where it cannot be asked about yet (a key that has no id).
    pub(super) input: fn(&Call<'_>) -> Option<Value>,
    /// The state in the output; `None` where it is not there.
    pub(super) state: fn(&Call<'_>, &Value) -> Option<Value>,
    /// Error codes that say that there is none.
    pub(super) absent: &'static [&'static str],
    /// Error codes that say that it is there, with nothing in it.
    pub(super) empty: &'static [&'static str],
}

/// A call that takes something back.
pub(super) struct Undo {
    pub(super) operation: &'static Operation,
    pub(super) input: Value,
    /// Error codes that go away by themselves, as what was taken back just before is still going.
    pub(super) settles: &'static [&'static str],
}

/// What kind of change it is.
pub(super) enum Kind {
    /// Makes something.
    Makes {
        /// The calls that delete it, in order. They get the state that was read.
        delete: fn(&Call<'_>, &Value) -> Vec<Undo>,
        /// Something is in it that would be lost.
        in_use: Option<Read>,
        /// Error codes of the deletion that say that something is in it.
        in_use_codes: &'static [&'static str],
        /// One that is there already, and is as we would make it, is as good.
        adopts: bool,
    },
    /// Changes a setting.
    Sets {
        /// The calls that put the former state back.
        restore: fn(&Call<'_>, Option<&Value>) -> Vec<Undo>,
    },
}

impl Undo {
    pub(super) fn new(operation: &'static Operation, input: Value) -> Self {
        Self { operation, input, settles: &[] }
    }

    /// Tried again while AWS answers with one of these codes.
    pub(super) fn settling(mut self, codes: &'static [&'static str]) -> Self {
        self.settles = codes;
        self
    }
}

/// All of an output is the state.
pub(super) fn whole(_: &Call<'_>, output: &Value) -> Option<Value> {
    Some(output.clone())
}

/// Outputs have no failures in them.
pub(super) fn never(_: &Value) -> Option<String> {
    None
}

/// What was asked for is in what is there: every member that `wanted` has, `there` has the same. AWS adds
/// defaults, gives numbers as text in XML, and lists in any order.
pub(super) fn contains(there: &Value, wanted: &Value) -> bool {
    match (there, wanted) {
        (Value::Object(there), Value::Object(wanted)) => wanted.iter().all(|(name, value)| {
            value.is_null() || there.get(name).is_some_and(|there| contains(there, value))
        }),
        (Value::Array(there), Value::Array(wanted)) => {
            wanted.iter().all(|wanted| there.iter().any(|there| contains(there, wanted)))
        }
        (there, wanted) => there == wanted || scalar(there).is_some_and(|text| Some(text) == scalar(wanted)),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => number.as_f64().map(|number| number.to_string()),
        _ => None,
    }
    .map(|text| text.strip_suffix(".0").map_or(text.clone(), str::to_owned))
}

/// Two documents (policies, patterns) given as text say the same.
pub(super) fn same_document(there: Option<&str>, wanted: Option<&str>) -> bool {
    let parse = |text: Option<&str>| text.and_then(|text| serde_json::from_str(text).ok()).map(flat);
    match (parse(there), parse(wanted)) {
        (Some(there), Some(wanted)) => there == wanted,
        _ => there == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_asked_for_is_in_what_is_there() {
        let there = json!({"A": "true", "N": "1.0", "L": [{"x": 2, "y": 3}, {"x": 1}], "More": 1});
        assert!(contains(&there, &json!({"A": true, "N": 1, "L": [{"x": 1}], "Gone": null})));
        for wanted in [json!({"A": false}), json!({"L": [{"x": 3}]}), json!({"Other": 1}), json!({"A": {}})] {
            assert!(!contains(&there, &wanted), "{wanted}");
        }
    }

    #[test]
    fn documents_are_compared_by_what_they_say() {
        assert!(same_document(Some("{\"a\": [1]}"), Some("{\"a\":1}")));
        assert!(!same_document(Some("{\"a\": 1}"), None));
    }
}
