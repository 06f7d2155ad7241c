//! One value of a pattern against one of an event.

use std::net::IpAddr;

use ipnet::IpNet;

use super::value::{EventValue, Number, View};

/// What a value of the event is held against.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Null,
    Bool(bool),
    Number(Number),
    Text(TextTest),
    /// A number within bounds.
    Range(Range),
    /// An address within a network.
    Cidr(IpNet),
    /// Any value: `{"exists": true}`.
    Exists,
    /// Any value but a text that one of these takes.
    NoneOf(Vec<TextTest>),
    /// Any value but one of these numbers.
    NotNumber(Vec<Number>),
}

/// What a text is held against. The texts of the tests that ignore case are in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TextTest {
    Equals(String),
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    /// The pieces between the `*`s: the first begins the text, the last ends it.
    Wildcard(Vec<String>),
}

/// Bounds of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) low: Option<Bound>,
    pub(super) high: Option<Bound>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound {
    pub(super) value: Number,
    pub(super) included: bool,
}

impl Test {
    /// Whether a scalar of the event passes.
    pub(super) fn takes<V: EventValue>(&self, value: &View<'_, V>) -> bool {
        match (self, value) {
            (Test::Exists, _) | (Test::Null, View::Null) => true,
            (Test::Bool(wanted), View::Bool(found)) => wanted == found,
            (Test::Number(wanted), View::Number(found)) => wanted == found,
            (Test::Text(test), View::Text(text)) => test.takes(text),
            (Test::Range(range), View::Number(found)) => range.takes(*found),
            (Test::Cidr(network), View::Text(text)) => {
                text.parse::<IpAddr>().is_ok_and(|address| network.contains(&address))
            }
            (Test::NoneOf(tests), View::Text(text)) => !tests.iter().any(|test| test.takes(text)),
            (Test::NotNumber(numbers), View::Number(found)) => !numbers.contains(found),
            // What is of another type is other than what is named.
            (Test::NoneOf(_) | Test::NotNumber(_), _) => true,
            _ => false,
        }
    }
}

impl TextTest {
    fn takes(&self, text: &str) -> bool {
        match self {
            TextTest::Equals(wanted) => text == wanted,
            TextTest::EqualsIgnoreCase(wanted) => lower(text) == *wanted,
            TextTest::Prefix(wanted) => text.starts_with(wanted.as_str()),
            TextTest::PrefixIgnoreCase(wanted) => lower(text).starts_with(wanted.as_str()),
            TextTest::Suffix(wanted) => text.ends_with(wanted.as_str()),
            TextTest::SuffixIgnoreCase(wanted) => lower(text).ends_with(wanted.as_str()),
            TextTest::Wildcard(pieces) => takes_wildcard(pieces, text),
        }
    }
}

pub(super) fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// The pieces in order, each as early as it goes; the last has to end the text.
fn takes_wildcard(pieces: &[String], text: &str) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return false };
    let Some(mut text) = text.strip_prefix(first.as_str()) else { return false };
    let Some((last, middle)) = rest.split_last() else { return text.is_empty() };
    for piece in middle {
        match text.find(piece.as_str()) {
            Some(at) => text = &text[at + piece.len()..],
            None => return false,
        }
    }
    text.ends_with(last.as_str())
}

impl Range {
    fn takes(&self, number: Number) -> bool {
        let number = number.real();
        let above =
            |bound: Bound| number > bound.value.real() || bound.included && number == bound.value.real();
        let below =
            |bound: Bound| number < bound.value.real() || bound.included && number == bound.value.real();
        self.low.is_none_or(above) && self.high.is_none_or(below)
    }
}
