//! CloudWatch Logs filter patterns: the language of metric filters, subscription filters, filter
//! log events and Live Tail.
//!
//! ```text
//!   pattern ─► terms       ERROR -"health check" ?WARN %5\d\d%
//!           ├► json        { ($.eventName = "X") && ($.errorCode NOT EXISTS) }     ─► lint ─► Warning
//!           └► delimited   [ip, ..., status = 4*, bytes > 1000]
//!                  │
//!   message ───────┴─► matches, extract          many patterns ─► FilterSet ─► which ones match
//! ```
//!
//! [`FilterPattern`] is one pattern; [`FilterSet`] runs hundreds over one stream for little more than
//! the cost of one. Meanings are those of the user guide; where it is silent, those that others saw
//! the service have.
//!
//! * All matching regards case.
//! * In JSON patterns a comparison, `!=` among them, holds only of a field that is there and is a
//!   string or a number. Booleans and null have `IS TRUE`, `IS FALSE` and `IS NULL`. A message that is
//!   not a JSON object matches no JSON pattern, `NOT EXISTS` neither.
//! * A bare number is compared with a number by value (`123.0` is `123`) and with a string as text;
//!   a value in quotes is compared as text with both.
//! * `*` stands for any characters in values, with and without quotes.
//! * A selector with a wildcard (`$.list[*]`) asks for any one value it leads to.
//!
//! What an account's filters say was accepted by AWS, so that reading is lenient where the service's
//! own grammar is not published: what the user guide wants otherwise is read as meant and is a
//! [`Warning`], not an error.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

mod cursor;
mod delimited;
mod event;
mod expr;
mod extract;
mod json;
mod lint;
mod number;
mod regex;
mod selector;
mod set;
mod term;
mod terms;
mod test;
mod wildcard;

use std::str::FromStr;

use cursor::Cursor;
use delimited::Delimited;
use event::Message;
use json::Json;
use terms::Terms;

use crate::pattern::PatternError;

pub use extract::{Extracted, ValueSelector};
pub use lint::{Warning, WarningKind};
pub use set::{FilterSet, Matcher};

/// The longest pattern that is read, in bytes. CloudWatch Logs stops at [`AWS_MAX_LENGTH`]
/// characters; patterns that are pasted from benchmarks and joined can be longer.
pub const MAX_LENGTH: usize = 4096;

/// The longest pattern that CloudWatch Logs takes, in characters.
pub const AWS_MAX_LENGTH: usize = 1024;

/// The most regular expressions in one pattern. CloudWatch Logs takes two.
const MAX_REGEXES: usize = 16;

/// One pattern.
#[derive(Clone, Debug)]
pub struct FilterPattern {
    source: Box<str>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Terms(Terms),
    Json(Json),
    Delimited(Delimited),
}

impl FilterPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// Says at which byte the text stops making sense, and what was expected there. Texts beyond
    /// [`MAX_LENGTH`] bytes, nesting beyond 64 parentheses and more than 16 regular expressions are
    /// refused.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_LENGTH {
            let expected = format!(
                "a pattern of at most {MAX_LENGTH} bytes (CloudWatch Logs takes {AWS_MAX_LENGTH} characters)"
            );
            return Err(PatternError::new(MAX_LENGTH, format!("{} bytes", text.len()), expected));
        }
        let mut cursor = Cursor::new(text);
        cursor.skip_space();
        let kind = match cursor.peek() {
            Some('{') => Kind::Json(Json::parse(&mut cursor)?),
            Some('[') => Kind::Delimited(Delimited::parse(&mut cursor)?),
            _ => Kind::Terms(Terms::parse(&mut cursor)?),
        };
        cursor.skip_space();
        if cursor.peek().is_some() {
            return Err(cursor.error("the end of the pattern"));
        }
        let pattern = Self { source: text.into(), kind };
        let regexes = pattern.regexes();
        if regexes > MAX_REGEXES {
            let expected = format!("at most {MAX_REGEXES} of them (CloudWatch Logs takes 2)");
            return Err(PatternError::new(0, format!("{regexes} regular expressions"), expected));
        }
        Ok(pattern)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether a log event with this message matches.
    pub fn matches(&self, message: &str) -> bool {
        self.matches_message(&Message::new(message))
    }

    /// Whether a log event matches whose message is this JSON value. What asks for text sees it as
    /// compact JSON.
    pub fn matches_json(&self, event: &sonic_rs::Value) -> bool {
        match &self.kind {
            Kind::Json(_) => self.matches_message(&Message::of_json(event)),
            _ => self.matches(&event.to_string()),
        }
    }

    fn matches_message(&self, message: &Message<'_>) -> bool {
        match &self.kind {
            Kind::Terms(terms) => terms.matches(message.text),
            Kind::Json(json) => json.matches(message),
            Kind::Delimited(delimited) => delimited.matches(message),
        }
    }

    /// What is likely not meant as it is written, or what CloudWatch Logs would not take.
    pub fn lint(&self) -> Vec<Warning> {
        lint::lint(self)
    }

    fn regexes(&self) -> usize {
        use terms::Needle;
        use test::{Form, Operand, Test};
        let in_terms = |terms: &[term::Term]| {
            let is_regex =
                |t: &&term::Term| matches!(&t.test, Test::Compare(_, Operand { form: Form::Regex(_), .. }));
            terms.iter().filter(is_regex).count()
        };
        match &self.kind {
            Kind::Terms(terms) => {
                let needles = terms.include.iter().chain(&terms.exclude).chain(terms.optional());
                needles.filter(|needle| matches!(needle, Needle::Regex(_))).count()
            }
            Kind::Json(json) => in_terms(&json.terms),
            Kind::Delimited(delimited) => in_terms(&delimited.terms),
        }
    }
}

impl FromStr for FilterPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
