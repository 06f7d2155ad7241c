//! A Sigma field name as a way through a JSON record.
//!
//! The same rules as rsigma's own JSON event: a member with the whole name comes first, then the
//! name is cut at its dots; a step into an array goes into each of its elements; `name[0]` takes
//! one element, counted from the end where negative.

use std::borrow::Cow;

use rsigma_eval::EventValue;
use rsigma_parser::fieldpath::{first_unescaped, unescape_brackets};
use sonic_rs::{JsonContainerTrait, JsonType, JsonValueTrait, Value};

use crate::json;

/// A parsed field name.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    whole: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(i64),
}

impl Path {
    /// Parses a field name. Every text is one.
    pub(crate) fn new(name: &str) -> Self {
        let mut steps = Vec::new();
        if name.contains(['.', '[', '\\']) {
            name.split('.').for_each(|part| push_steps(part, &mut steps));
        }
        Self { whole: name.to_owned(), steps }
    }

    /// The value in `record`, or all values as an array where the way forks.
    pub(crate) fn get<'a>(&self, record: &'a Value, objects: Objects) -> Option<EventValue<'a>> {
        if let Some(value) = record.as_object().and_then(|object| object.get(&self.whole)) {
            return Some(to_event_value(value, objects));
        }
        if self.steps.is_empty() {
            return None;
        }
        let mut found = Vec::new();
        follow(record, &self.steps, objects, json::MAX_DEPTH, &mut found);
        match found.len() {
            0 | 1 => found.pop(),
            _ => Some(EventValue::Array(found)),
        }
    }
}

/// How an object at the end of a path appears to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Objects {
    /// As its JSON text, as in Athena's columns: `requestParameters|contains: '"Suspended"'`.
    AsText,
    /// As members, for rules that match the elements of arrays.
    AsMembers,
}

fn push_steps(part: &str, steps: &mut Vec<Step>) {
    if let Some(bracket) = first_unescaped(part, b'[')
        && let Some(indices) = parse_indices(&part[bracket..])
    {
        if bracket > 0 {
            steps.push(Step::Key(unescape_brackets(&part[..bracket]).into_owned()));
        }
        steps.extend(indices.into_iter().map(Step::Index));
    } else {
        steps.push(Step::Key(unescape_brackets(part).into_owned()));
    }
}

fn parse_indices(mut text: &str) -> Option<Vec<i64>> {
    let mut indices = Vec::new();
    while !text.is_empty() {
        let (index, rest) = text.strip_prefix('[')?.split_once(']')?;
        indices.push(index.parse().ok()?);
        text = rest;
    }
    Some(indices)
}

fn follow<'a>(
    value: &'a Value,
    steps: &[Step],
    objects: Objects,
    depth: usize,
    found: &mut Vec<EventValue<'a>>,
) {
    if depth == 0 {
        return;
    }
    let Some((step, rest)) = steps.split_first() else {
        found.push(to_event_value(value, objects));
        return;
    };
    match step {
        Step::Key(key) => {
            if let Some(object) = value.as_object() {
                if let Some(next) = object.get(key) {
                    follow(next, rest, objects, depth - 1, found);
                }
            } else if let Some(array) = value.as_array() {
                array.iter().for_each(|item| follow(item, steps, objects, depth - 1, found));
            }
        }
        Step::Index(index) => {
            if let Some(next) = value.as_array().and_then(|array| array.get(position(*index, array.len())?)) {
                follow(next, rest, objects, depth - 1, found);
            }
        }
    }
}

fn position(index: i64, len: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index).filter(|index| *index < len),
        Err(_) => len.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

/// A JSON value as rsigma sees values.
pub(crate) fn to_event_value(value: &Value, objects: Objects) -> EventValue<'_> {
    convert(value, objects, json::MAX_DEPTH)
}

fn convert(value: &Value, objects: Objects, depth: usize) -> EventValue<'_> {
    if depth == 0 {
        return EventValue::Null;
    }
    match value.get_type() {
        JsonType::Null => EventValue::Null,
        JsonType::Boolean => EventValue::Bool(value.is_true()),
        JsonType::String => EventValue::Str(Cow::Borrowed(value.as_str().unwrap_or_default())),
        JsonType::Number => match value.as_i64() {
            Some(number) => EventValue::Int(number),
            None => EventValue::Float(value.as_f64().unwrap_or(f64::NAN)),
        },
        JsonType::Array => {
            let items = value.as_array().into_iter().flat_map(|array| array.iter());
            EventValue::Array(items.map(|item| convert(item, objects, depth - 1)).collect())
        }
        JsonType::Object if objects == Objects::AsText => EventValue::Str(Cow::Owned(json::compact(value))),
        JsonType::Object => {
            let members = value.as_object().into_iter().flat_map(|object| object.iter());
            EventValue::Map(
                members
                    .map(|(key, member)| (Cow::Owned(key.to_owned()), convert(member, objects, depth - 1)))
                    .collect(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(record: &str, name: &str) -> Option<String> {
        let value = json::parse(record).unwrap();
        Path::new(name).get(&value, Objects::AsText).map(|found| found.to_json().to_string())
    }

    #[test]
    fn a_member_with_the_whole_name_wins() {
        assert_eq!(get(r#"{"a.b":1,"a":{"b":2}}"#, "a.b").as_deref(), Some("1"));
        assert_eq!(get(r#"{"a":{"b":2}}"#, "a.b").as_deref(), Some("2"));
    }

    #[test]
    fn arrays_fork_and_indices_choose() {
        let record = r#"{"a":[{"b":1},{"b":2},{"c":3}]}"#;
        assert_eq!(get(record, "a.b").as_deref(), Some("[1,2]"));
        assert_eq!(get(record, "a[0].b").as_deref(), Some("1"));
        assert_eq!(get(record, "a[-1].c").as_deref(), Some("3"));
        assert_eq!(get(record, "a[7].b"), None);
        assert_eq!(get(record, "a[-9].b"), None);
    }

    #[test]
    fn objects_appear_as_text() {
        assert_eq!(get(r#"{"a":{"b":"x"}}"#, "a").as_deref(), Some(r#""{\"b\":\"x\"}""#));
    }

    #[test]
    fn absent_and_null_differ() {
        assert_eq!(get(r#"{"a":null}"#, "a").as_deref(), Some("null"));
        assert_eq!(get(r#"{"a":null}"#, "b"), None);
    }
}
