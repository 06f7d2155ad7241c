//! Small helpers over parsed JSON, for shapes that AWS writes in more than one way.

use sonic_rs::{JsonContainerTrait, JsonValueTrait, Value};

/// Deepest nesting that is walked; what lies deeper is treated as absent.
pub(crate) const MAX_DEPTH: usize = 64;

/// Deepest nesting that is parsed. The parser recurses, so a hostile record could exhaust the stack.
const MAX_PARSED_DEPTH: usize = 128;

/// Parses a record. `None` where it is not JSON, or nested deeper than any AWS record is.
pub(crate) fn parse(text: &str) -> Option<Value> {
    // A text log line is told apart by its first byte, without starting a parser.
    if !matches!(text.trim_start().as_bytes().first(), Some(b'{' | b'[')) {
        return None;
    }
    if is_too_deep(text) {
        return None;
    }
    sonic_rs::from_str(text).ok()
}

fn is_too_deep(text: &str) -> bool {
    // Few brackets cannot nest deep: true of nearly every record, and counting is quick.
    if text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count() <= MAX_PARSED_DEPTH {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_PARSED_DEPTH {
            return true;
        }
    }
    false
}

/// The member of this name. AWS spells some members differently between APIs (`groupId`,
/// `GroupId`), so the exact name is tried first, then any spelling of case.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object
        .get(&name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// The value at the end of a path of members.
pub(crate) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| member(value, name))
}

/// The text at the end of a path; empty text counts as none.
pub(crate) fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(value, path)?.as_str().filter(|text| !text.is_empty())
}

/// A boolean, also where it is written as text.
pub(crate) fn boolean(value: &Value) -> Option<bool> {
    match value.as_str() {
        Some(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Some(_) => None,
        None => value.as_bool(),
    }
}

/// The boolean at the end of a path.
pub(crate) fn flag(value: &Value, path: &[&str]) -> Option<bool> {
    boolean(at(value, path)?)
}

/// A whole number, also where it is written as text.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// The elements of a list: `[…]`, EC2's `{"items":[…]}`, or a single element standing alone.
/// Nothing for null, for an empty object and for empty text.
pub(crate) fn items(value: &Value) -> Vec<&Value> {
    if let Some(array) = value.as_array() {
        return array.iter().collect();
    }
    if let Some(object) = value.as_object() {
        return match member(value, "items") {
            Some(inner) => items(inner),
            None if object.is_empty() => Vec::new(),
            None => vec![value],
        };
    }
    match value.as_str() {
        Some("") | None if value.is_null() || value.is_str() => Vec::new(),
        _ => vec![value],
    }
}

/// The elements of the list at the end of a path.
pub(crate) fn list<'a>(value: &'a Value, path: &[&str]) -> Vec<&'a Value> {
    at(value, path).map(items).unwrap_or_default()
}

/// The texts of the list at the end of a path.
pub(crate) fn texts<'a>(value: &'a Value, path: &[&str]) -> Vec<&'a str> {
    list(value, path).into_iter().filter_map(|item| item.as_str()).filter(|text| !text.is_empty()).collect()
}

/// The value as compact JSON, members in the order received. What lies deeper than
/// [`MAX_DEPTH`] is written as null.
pub(crate) fn compact(value: &Value) -> String {
    let mut out = String::new();
    write_compact(value, &mut out, MAX_DEPTH);
    out
}

fn write_compact(value: &Value, out: &mut String, depth: usize) {
    if depth == 0 {
        out.push_str("null");
    } else if let Some(object) = value.as_object() {
        out.push('{');
        for (index, (key, member)) in object.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            push_scalar(&key, out);
            out.push(':');
            write_compact(member, out, depth - 1);
        }
        out.push('}');
    } else if let Some(array) = value.as_array() {
        out.push('[');
        for (index, item) in array.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_compact(item, out, depth - 1);
        }
        out.push(']');
    } else {
        push_scalar(value, out);
    }
}

fn push_scalar<T: serde::Serialize>(value: &T, out: &mut String) {
    match serde_json::to_string(value) {
        Ok(text) => out.push_str(&text),
        Err(_) => out.push_str("null"),
    }
}

/// Calls `visit` with every text in the value, until it says to stop by returning `true`.
pub(crate) fn any_text(value: &Value, visit: &mut dyn FnMut(&str) -> bool) -> bool {
    any_text_within(value, visit, MAX_DEPTH)
}

fn any_text_within(value: &Value, visit: &mut dyn FnMut(&str) -> bool, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    if let Some(text) = value.as_str() {
        return visit(text);
    }
    if let Some(object) = value.as_object() {
        return object.iter().any(|(_, member)| any_text_within(member, visit, depth - 1));
    }
    value.as_array().is_some_and(|array| array.iter().any(|item| any_text_within(item, visit, depth - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_in_three_shapes() {
        let value =
            parse(r#"{"a":{"items":[1,2]},"b":[1],"c":{"x":1},"d":{},"e":"","f":null,"g":"x"}"#).unwrap();
        let count = |name: &str| list(&value, &[name]).len();
        assert_eq!(["a", "b", "c", "d", "e", "f", "g"].map(count), [2, 1, 1, 0, 0, 0, 1]);
    }

    #[test]
    fn members_are_found_in_any_case_but_exactly_first() {
        let value = parse(r#"{"GroupId":"b","groupId":"a"}"#).unwrap();
        assert_eq!(text(&value, &["groupId"]), Some("a"));
        assert_eq!(text(&value, &["groupid"]), Some("b"));
    }

    #[test]
    fn compact_text_keeps_order_and_escapes() {
        let source = r#"{"b":[1,2.5,"a\"\n"],"a":{"x":null,"y":true}}"#;
        assert_eq!(compact(&parse(source).unwrap()), source);
    }

    #[test]
    fn deep_nesting_is_refused() {
        let nested = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(200_000)).is_none());
        let value = parse(&nested(100)).unwrap();
        assert!(compact(&value).contains("null"), "cut at the walking limit");
    }

    #[test]
    fn brackets_in_texts_do_not_nest() {
        let text = format!(r#"{{"a":"{}\"","b":{{}}}}"#, "{[".repeat(500));
        assert!(parse(&text).is_some());
        let wide = format!(r#"{{"a":[{}]}}"#, vec!["{}"; 500].join(","));
        assert!(parse(&wide).is_some());
    }

    #[test]
    fn text_lines_are_not_json() {
        assert!(parse("2 123456789010 eni-1 10.0.0.1").is_none());
    }
}
