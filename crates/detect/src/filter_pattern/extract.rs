//! Values taken from an event: a metric filter's value and its dimensions.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html>

use crate::filter_pattern::cursor::Cursor;
use crate::filter_pattern::event::Message;
use crate::filter_pattern::number::Number;
use crate::filter_pattern::selector::Selector;
use crate::filter_pattern::test::Scalar;
use crate::filter_pattern::{FilterPattern, Kind};
use crate::pattern::PatternError;

/// What a metric filter publishes: a number, `$.field` of a JSON event, or `$name` or `$3` of a
/// space-delimited one.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueSelector(Source);

#[derive(Clone, Debug, PartialEq)]
enum Source {
    Constant(Box<str>),
    Path(Selector),
    Named(Box<str>),
    Numbered(usize),
}

impl ValueSelector {
    /// Reads a metric value or a dimension's value.
    ///
    /// # Errors
    ///
    /// Says where the text is neither a number nor the name of a field. Selectors with wildcards
    /// name no one value and are refused.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut cursor = Cursor::new(text);
        cursor.skip_space();
        let start = cursor.clone();
        let source = match cursor.rest().strip_prefix('$') {
            None => {
                let number = cursor.rest().trim_end();
                if Number::parse(number).is_none() {
                    return Err(cursor.error("a number, $.field or $field"));
                }
                cursor.take(number.len());
                Source::Constant(number.into())
            }
            Some(rest) if rest.starts_with(['.', '[']) => {
                let selector = Selector::parse(&mut cursor)?;
                if selector.wildcards() > 0 {
                    return Err(start.error("the path of one field, without wildcards"));
                }
                Source::Path(selector)
            }
            Some(_) => {
                cursor.bump();
                let name = cursor.take_while(|c| !c.is_whitespace());
                match name.parse() {
                    Ok(number) => Source::Numbered(number),
                    Err(_) if name.is_empty() => return Err(cursor.error("a field's name or number")),
                    Err(_) => Source::Named(name.into()),
                }
            }
        };
        cursor.skip_space();
        if cursor.peek().is_some() {
            return Err(cursor.error("the end of the value"));
        }
        Ok(Self(source))
    }
}

/// A value taken from an event, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extracted(String);

impl Extracted {
    /// The value as it stands in the event; numbers of JSON events in their usual form.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The value as a number, if it is one: what a metric can count.
    pub fn number(&self) -> Option<f64> {
        Number::parse(self.0.trim()).map(Number::float)
    }
}

impl FilterPattern {
    /// The value that `selector` names in the message: what a metric filter with this pattern
    /// publishes when the message matches. `None` where the message has no such string or number, or
    /// where the selector is not of the pattern's kind.
    ///
    /// Whether the message matches is not asked again.
    pub fn extract(&self, message: &str, selector: &ValueSelector) -> Option<Extracted> {
        let message = Message::new(message);
        let text = match (&selector.0, &self.kind) {
            (Source::Constant(number), _) => number.to_string(),
            (Source::Path(path), Kind::Json(_)) => {
                Scalar::of(path.find(message.json()?)?).text()?.into_owned()
            }
            (Source::Named(name), Kind::Delimited(pattern)) => {
                pattern.named(message.words(), name)?.to_owned()
            }
            (Source::Numbered(number), Kind::Delimited(pattern)) => {
                pattern.numbered(message.words(), *number)?.to_owned()
            }
            _ => return None,
        };
        Some(Extracted(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extract(pattern: &str, message: &str, selector: &str) -> Option<String> {
        let selector = ValueSelector::parse(selector).unwrap();
        let found = FilterPattern::parse(pattern).unwrap().extract(message, &selector);
        found.map(|value| value.text().to_owned())
    }

    #[test]
    fn fields_of_json_events() {
        let event = r#"{"latency":12.5,"n":3,"text":"50","flag":true,"list":[1],"a.b":{"c":["x"]}}"#;
        let of = |selector: &str| extract("{ $.latency = * }", event, selector);
        assert_eq!(of("$.latency").as_deref(), Some("12.5"));
        assert_eq!(of("$.n").as_deref(), Some("3"));
        assert_eq!(of("$.text").as_deref(), Some("50"));
        assert_eq!(of("$.['a.b'].c[0]").as_deref(), Some("x"));
        assert_eq!(of("1").as_deref(), Some("1"), "a constant");
        for nothing in ["$.flag", "$.list", "$.absent", "$name", "$1"] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn fields_of_space_delimited_events() {
        let line = r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
        let of = |selector: &str| extract("[..., request=*.html*, status_code=4*,]", line, selector);
        assert_eq!(of("$status_code").as_deref(), Some("404"));
        assert_eq!(of("$request").as_deref(), Some("GET /index.html HTTP/1.0"));
        assert_eq!(of("$7").as_deref(), Some("1534"));
        assert_eq!(of("$1").as_deref(), Some("127.0.0.1"));
        assert_eq!(of("$8"), None);
        assert_eq!(of("$0"), None);
        assert_eq!(of("$other"), None);
        assert_eq!(of("$.status_code"), None);
        assert_eq!(extract("[w1, w2]", "ERROR a b c", "$w2").as_deref(), Some("a b c"));
        assert_eq!(extract("[w1, w2]", "ERROR a b c", "$2").as_deref(), Some("a b c"));
    }

    #[test]
    fn numbers_are_told_from_text() {
        let number = |text: &str| Extracted(text.to_owned()).number();
        assert_eq!((number("12.5"), number("1e3"), number(" 7 ")), (Some(12.5), Some(1000.0), Some(7.0)));
        assert_eq!((number("-"), number("12ms")), (None, None));
    }

    #[test]
    fn selectors_that_name_nothing_are_refused() {
        for bad in ["", "$", "latency", "$.a[*]", "$.", "$.a b", "12x"] {
            assert!(ValueSelector::parse(bad).is_err(), "{bad}");
        }
    }
}
