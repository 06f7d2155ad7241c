//! `{ ($.eventName = "X") && ($.errorCode NOT EXISTS) }`: patterns for JSON events.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html>

use crate::filter_pattern::cursor::Cursor;
use crate::filter_pattern::event::Message;
use crate::filter_pattern::expr::{self, Expr};
use crate::filter_pattern::selector::Selector;
use crate::filter_pattern::term::{Slot, Term};
use crate::filter_pattern::test::{Op, Operand, Test};
use crate::pattern::PatternError;

/// What ends a value without quotes.
const STOPS: &[char] = &['(', ')', '{', '}'];

/// A pattern in braces.
#[derive(Clone, Debug)]
pub(crate) struct Json {
    pub(crate) terms: Vec<Term>,
    pub(crate) expr: Expr,
}

impl Json {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.expect("{", "'{'")?;
        let mut terms = Vec::new();
        let expr = expr::parse(cursor, &mut |cursor| {
            terms.push(term(cursor)?);
            Ok(terms.len() - 1)
        })?;
        cursor.expect("}", "&&, || or the closing brace (})")?;
        Ok(Self { terms, expr })
    }

    /// Whether the message is a JSON object of which the pattern holds.
    pub(crate) fn matches(&self, message: &Message<'_>) -> bool {
        message.json().is_some() && self.expr.holds(&mut |index| self.terms[index].holds(message))
    }
}

fn term(cursor: &mut Cursor<'_>) -> Result<Term, PatternError> {
    let start = cursor.at();
    let selector = Selector::parse(cursor)?;
    cursor.skip_space();
    let (test, capitals) = match Op::eat(cursor) {
        Some(op) => (Test::Compare(op, Operand::parse(cursor, op, STOPS)?), true),
        None => words(cursor)?,
    };
    let span = start..cursor.at();
    Ok(Term { slot: Slot::Path(selector), test, span, lower_case: !capitals })
}

/// `IS NULL`, `IS TRUE`, `IS FALSE` or `NOT EXISTS`, and whether all in capitals.
fn words(cursor: &mut Cursor<'_>) -> Result<(Test, bool), PatternError> {
    const UNSUPPORTED: &str = "CloudWatch Logs does not support";
    let start = cursor.clone();
    if let Some(is) = cursor.word("IS") {
        cursor.skip_space();
        let cases = [("NULL", Test::IsNull), ("TRUE", Test::Is(true)), ("FALSE", Test::Is(false))];
        for (word, test) in cases {
            if let Some(capitals) = cursor.word(word) {
                return Ok((test, is && capitals));
            }
        }
        if cursor.word("NOT").is_some() {
            return Err(start.error(format!(
                "IS NULL, IS TRUE or IS FALSE: {UNSUPPORTED} IS NOT (to ask that a field has a value, write = *)"
            )));
        }
        return Err(cursor.error("NULL, TRUE or FALSE"));
    }
    if let Some(not) = cursor.word("NOT") {
        cursor.skip_space();
        return match cursor.word("EXISTS") {
            Some(exists) => Ok((Test::NotExists, not && exists)),
            None => Err(cursor.error("EXISTS")),
        };
    }
    if cursor.word("EXISTS").is_some() {
        return Err(start.error(format!(
            "a comparison, IS or NOT EXISTS: {UNSUPPORTED} EXISTS (to ask that a field has a value, write = *)"
        )));
    }
    Err(cursor.error("=, !=, <, <=, >, >=, IS NULL, IS TRUE, IS FALSE or NOT EXISTS"))
}
