//! Small matters of names and texts.

use std::borrow::Cow;

use serde_json::Value;

pub(super) fn upper_first(name: &str) -> String {
    change_first(name, |first| first.to_ascii_uppercase())
}

pub(super) fn lower_first(name: &str) -> String {
    change_first(name, |first| first.to_ascii_lowercase())
}

fn change_first(name: &str, change: impl Fn(char) -> char) -> String {
    let mut characters = name.chars();
    characters.next().map(change).into_iter().chain(characters).collect()
}

/// A text, number or boolean as it travels in a form, a path or an element.
pub(super) fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        _ => None,
    }
}
