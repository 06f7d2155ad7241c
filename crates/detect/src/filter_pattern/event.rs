//! A log event's message, read as the pattern's kind wants it: once, when first asked.

use std::cell::OnceCell;

use sonic_rs::{JsonValueTrait, Value};

use crate::json;

/// One message.
#[derive(Debug)]
pub(crate) struct Message<'m> {
    pub(crate) text: &'m str,
    /// The message, where it came parsed.
    given: Option<&'m Value>,
    json: OnceCell<Option<Value>>,
    words: OnceCell<Words<'m>>,
}

impl<'m> Message<'m> {
    pub(crate) fn new(text: &'m str) -> Self {
        Self { text, given: None, json: OnceCell::new(), words: OnceCell::new() }
    }

    /// A message that is parsed already, for patterns that ask for nothing else.
    pub(crate) fn of_json(value: &'m Value) -> Self {
        Self { given: Some(value), ..Self::new("") }
    }

    /// The message as a JSON object; `None` where it is none.
    pub(crate) fn json(&self) -> Option<&Value> {
        let value = match self.given {
            Some(value) => Some(value),
            None => self.json.get_or_init(|| json::parse(self.text)).as_ref(),
        };
        value.filter(|value| value.is_object())
    }

    /// The message cut into fields.
    pub(crate) fn words(&self) -> &Words<'m> {
        self.words.get_or_init(|| Words::cut(self.text))
    }
}

/// The fields of a space-delimited event. What stands between brackets or double quotes is one
/// field, without them.
#[derive(Debug, Default)]
pub(crate) struct Words<'m> {
    text: &'m str,
    /// Each word, and the byte at which it begins, its opening mark included.
    words: Vec<(usize, &'m str)>,
}

impl<'m> Words<'m> {
    pub(crate) fn cut(text: &'m str) -> Self {
        let mut cutter = Cutter { text, at: 0, no_more: [false; 2] };
        let words = std::iter::from_fn(|| cutter.next()).collect();
        Self { text: text.trim_end(), words }
    }

    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// The word at an index.
    pub(crate) fn get(&self, index: usize) -> Option<&'m str> {
        self.words.get(index).map(|(_, word)| *word)
    }

    /// The word at an index and all that follows it; the bare word where it is the last.
    pub(crate) fn rest(&self, index: usize) -> Option<&'m str> {
        if index + 1 == self.words.len() {
            return self.get(index);
        }
        self.words.get(index).map(|(start, _)| &self.text[*start..])
    }
}

struct Cutter<'m> {
    text: &'m str,
    at: usize,
    /// Whether the rest holds no closing quote, no closing bracket: searched for once only, or a
    /// line of opening brackets would take quadratic time.
    no_more: [bool; 2],
}

impl<'m> Cutter<'m> {
    fn next(&mut self) -> Option<(usize, &'m str)> {
        let rest = &self.text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let rest = &self.text[start..];
        let first = rest.chars().next()?;
        if matches!(first, '"' | '[')
            && let Some(length) = self.enclosed(first, &rest[1..])
        {
            self.at = start + length + 2;
            return Some((start, &rest[1..=length]));
        }
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.at = start + length;
        Some((start, &rest[..length]))
    }

    /// How long the field is whose opening mark was just read, if it is ever closed.
    fn enclosed(&mut self, opening: char, rest: &str) -> Option<usize> {
        let kind = usize::from(opening == '[');
        if self.no_more[kind] {
            return None;
        }
        let found = if opening == '[' { rest.find(']') } else { closing_quote(rest) };
        self.no_more[kind] = found.is_none();
        found
    }
}

/// Where the quote is that no backslash stands before: servers write quotes inside of fields so.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        Words::cut(text).words.iter().map(|(_, word)| *word).collect()
    }

    #[test]
    fn brackets_and_quotes_hold_one_field_together() {
        let line = r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /a.html HTTP/1.0" 404 1534"#;
        let expected =
            ["127.0.0.1", "-", "frank", "10/Oct/2000:13:25:15 -0700", "GET /a.html HTTP/1.0", "404", "1534"];
        assert_eq!(words(line), expected);
        assert_eq!(words(r#"a "say \"hi\" now" b"#), ["a", r#"say \"hi\" now"#, "b"]);
        assert_eq!(words("  a\tb \n"), ["a", "b"]);
        assert_eq!(words(r#""" [] x"#), ["", "", "x"]);
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn what_is_never_closed_is_an_ordinary_word() {
        assert_eq!(words("[a b"), ["[a", "b"]);
        assert_eq!(words(r#""a b"#), ["\"a", "b"]);
        assert_eq!(words("x[1] y"), ["x[1]", "y"]);
        let hostile = "[ ".repeat(200_000);
        assert_eq!(words(&hostile).len(), 200_000);
    }

    #[test]
    fn the_rest_is_the_text_as_it_stands() {
        let cut = Words::cut(r#"ERROR "a b" [c] d  "#);
        assert_eq!((cut.rest(1), cut.rest(3), cut.rest(4)), (Some(r#""a b" [c] d"#), Some("d"), None));
        assert_eq!((cut.get(1), cut.len()), (Some("a b"), 4));
        assert_eq!(Words::cut(r#"x "a b""#).rest(1), Some("a b"));
    }
}
