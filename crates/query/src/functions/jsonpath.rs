//! The JSONPath subset of Trino's `json_extract`: `$`, `.name`, `['name']`,
//! `["name"]`, `[0]`. A path names one place; wildcards are refused.

use sonic_rs::{JsonType, JsonValueTrait, LazyValue, PointerNode};

/// Longest path text accepted, in bytes.
const MAX_PATH: usize = 4096;

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonPath {
    steps: Vec<PointerNode>,
}

impl JsonPath {
    /// Parses a path; the error says at which byte it went wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let fail = |at: usize, what: &str| Err(format!("JSON path '{text}': {what} at byte {at}"));
        if text.len() > MAX_PATH {
            return Err(format!("JSON path of {} bytes is longer than {MAX_PATH}", text.len()));
        }
        let text_trimmed = text.trim();
        let bytes = text_trimmed.as_bytes();
        // Presto accepted bare names; `foo` means `$.foo`.
        let mut at = usize::from(bytes.first() == Some(&b'$'));
        let mut steps = Vec::new();
        if at == 0 && !bytes.is_empty() && bytes[0] != b'[' && bytes[0] != b'.' {
            let end = name_end(bytes, 0);
            steps.push(PointerNode::Key(text_trimmed[..end].to_string().into()));
            at = end;
        }
        while at < bytes.len() {
            match bytes[at] {
                b'.' => {
                    let start = at + 1;
                    let end = name_end(bytes, start);
                    if end == start {
                        return fail(start, "a name is missing");
                    }
                    if &text_trimmed[start..end] == "*" {
                        return fail(start, "wildcards are not supported");
                    }
                    steps.push(PointerNode::Key(text_trimmed[start..end].to_string().into()));
                    at = end;
                }
                b'[' => {
                    let (step, end) = bracket(text_trimmed, at + 1)?;
                    steps.push(step);
                    at = end;
                }
                _ => return fail(at, "expected '.' or '['"),
            }
        }
        Ok(Self { steps })
    }

    /// Finds the value at this path; `None` when it is absent or the text is
    /// not JSON up to there.
    pub(crate) fn find<'a>(&self, json: &'a str) -> Option<LazyValue<'a>> {
        sonic_rs::get_from_str(json, self.steps.iter()).ok()
    }
}

fn name_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|b| matches!(b, b'.' | b'[')).map_or(bytes.len(), |n| start + n)
}

fn bracket(text: &str, start: usize) -> Result<(PointerNode, usize), String> {
    let fail = |what: &str| format!("JSON path '{text}': {what} at byte {start}");
    let rest = &text[start..];
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
    if let Some(quote) = quote {
        let inner = &rest[1..];
        let close = inner.find(quote).ok_or_else(|| fail("an unclosed quote"))?;
        if inner.as_bytes().get(close + 1) != Some(&b']') {
            return Err(fail("expected ']' after the quoted name"));
        }
        let key = PointerNode::Key(inner[..close].to_string().into());
        return Ok((key, start + 1 + close + 2));
    }
    let close = rest.find(']').ok_or_else(|| fail("an unclosed '['"))?;
    let inside = rest[..close].trim();
    let step = match inside.parse::<usize>() {
        Ok(index) => PointerNode::Index(index),
        Err(_) if inside == "*" => return Err(fail("wildcards are not supported")),
        Err(_) if inside.is_empty() => return Err(fail("an empty '[]'")),
        // `[name]` without quotes is accepted by Athena.
        Err(_) => PointerNode::Key(inside.to_string().into()),
    };
    Ok((step, start + close + 1))
}

/// The scalar at a place, as `json_extract_scalar` gives it: text without
/// quotes, numbers and booleans as written; `None` for null, arrays, objects.
pub(crate) fn scalar(value: &LazyValue<'_>) -> Option<String> {
    match value.get_type() {
        JsonType::String => value.as_str().map(str::to_string),
        JsonType::Number | JsonType::Boolean => Some(value.as_raw_str().trim().to_string()),
        JsonType::Null | JsonType::Array | JsonType::Object => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str, path: &str) -> Option<String> {
        JsonPath::parse(path).unwrap().find(json).and_then(|v| scalar(&v))
    }

    #[test]
    fn finds_values_by_every_notation() {
        let json = r#"{"a":{"b.c":[10,{"d":"x\"y"}]},"t":true,"n":null}"#;
        assert_eq!(text(json, "$.a['b.c'][1].d").as_deref(), Some("x\"y"));
        assert_eq!(text(json, "$['a'][\"b.c\"][0]").as_deref(), Some("10"));
        assert_eq!(text(json, "$.t").as_deref(), Some("true"));
        assert_eq!(text(json, "t").as_deref(), Some("true"));
        assert_eq!(text(json, "$.n"), None);
        assert_eq!(text(json, "$.a"), None);
        assert_eq!(text(json, "$.missing.deep[3]"), None);
        assert_eq!(text("not json", "$.a"), None);
        assert_eq!(text("", "$.a"), None);
    }

    #[test]
    fn says_where_a_path_is_wrong() {
        for bad in ["$.", "$..a", "$[", "$['a", "$['a'x", "$[]", "$.*", "$[*]", "$a"] {
            assert!(JsonPath::parse(bad).is_err(), "{bad}");
        }
        assert!(JsonPath::parse(&"x".repeat(MAX_PATH + 1)).is_err());
    }
}
