//! `[ip, user, ..., status = 4*, bytes > 1000]`: patterns for space-delimited events.
//!
//! The fields stand for the event's fields in order. `...` stands for any number of them; without
//! it, the last field takes all that is left of the line, which is why `[w1=ERROR, w2]` matches lines
//! of any length.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-space-delimited-log-events.html>

use crate::filter_pattern::cursor::Cursor;
use crate::filter_pattern::event::{Message, Words};
use crate::filter_pattern::expr::{self, Expr};
use crate::filter_pattern::term::{Slot, Term};
use crate::filter_pattern::test::{Op, Operand, Test};
use crate::pattern::PatternError;

/// What ends a value without quotes.
const STOPS: &[char] = &[',', ']'];

/// A pattern in brackets.
#[derive(Clone, Debug)]
pub(crate) struct Delimited {
    pub(crate) terms: Vec<Term>,
    /// `None` where no field has a condition.
    pub(crate) expr: Option<Expr>,
    layout: Layout,
}

/// The fields' names, empty where a field has none.
#[derive(Clone, Debug, Default)]
struct Layout {
    front: Vec<Box<str>>,
    /// The fields behind the ellipsis, if there is one.
    back: Option<Vec<Box<str>>>,
}

impl Layout {
    /// How many fields an event must have.
    fn least(&self) -> usize {
        self.front.len() + self.back.as_ref().map_or(0, Vec::len)
    }

    fn slot(&self, name: &str) -> Option<Slot> {
        if let Some(index) = self.front.iter().position(|n| **n == *name) {
            let takes_rest = self.back.is_none() && index + 1 == self.front.len();
            return Some(if takes_rest { Slot::Rest(index) } else { Slot::Front(index) });
        }
        let back = self.back.as_ref()?;
        back.iter().rev().position(|n| **n == *name).map(Slot::Back)
    }
}

/// A term whose field may only be declared further on.
struct Unplaced {
    name: Box<str>,
    at: usize,
    term: Term,
}

impl Delimited {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.expect("[", "'['")?;
        let mut reading = Reading::default();
        cursor.skip_space();
        if !cursor.eat("]") {
            loop {
                reading.field(cursor)?;
                cursor.skip_space();
                if cursor.eat("]") {
                    break;
                }
                if !cursor.eat(",") {
                    return Err(cursor.error("a comma, &&, || or the closing bracket (])"));
                }
            }
        }
        reading.finish()
    }

    /// How many fields an event must have to match.
    pub(crate) fn least(&self) -> usize {
        self.layout.least()
    }

    pub(crate) fn matches(&self, message: &Message<'_>) -> bool {
        message.words().len() >= self.least()
            && self.expr.as_ref().is_none_or(|expr| expr.holds(&mut |index| self.terms[index].holds(message)))
    }

    /// The value of the field of this name.
    pub(crate) fn named<'m>(&self, words: &Words<'m>, name: &str) -> Option<&'m str> {
        (words.len() >= self.least()).then(|| self.layout.slot(name)?.word(words)).flatten()
    }

    /// The value of a field by its number in the event, counted from 1.
    pub(crate) fn numbered<'m>(&self, words: &Words<'m>, number: usize) -> Option<&'m str> {
        let index = number.checked_sub(1)?;
        let takes_rest = self.layout.back.is_none() && number == self.layout.front.len();
        if takes_rest { words.rest(index) } else { words.get(index) }
    }
}

#[derive(Default)]
struct Reading {
    layout: Layout,
    terms: Vec<Unplaced>,
    conditions: Vec<Expr>,
}

impl Reading {
    fn field(&mut self, cursor: &mut Cursor<'_>) -> Result<(), PatternError> {
        cursor.skip_space();
        let start = cursor.clone();
        if cursor.eat("...") || cursor.eat("…") {
            if self.layout.back.is_some() {
                return Err(start.error("one ellipsis (...) at most"));
            }
            self.layout.back = Some(Vec::new());
            return Ok(());
        }
        let name = cursor.clone().take_while(is_name);
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(start.error("a field's name, which does not begin with a digit"));
        }
        if !name.is_empty() && self.layout.slot(name).is_some() {
            return Err(start.error(format!("another name: there is a field '{name}' already")));
        }
        let after = cursor.rest()[name.len()..].trim_start();
        let side = self.layout.back.as_mut().unwrap_or(&mut self.layout.front);
        side.push(name.into());
        if after.starts_with(['=', '!', '<', '>']) {
            let condition = expr::parse(cursor, &mut |cursor| {
                self.terms.push(term(cursor)?);
                Ok(self.terms.len() - 1)
            })?;
            self.conditions.push(condition);
        } else {
            cursor.take(name.len());
            if name.is_empty() && !after.starts_with([',', ']']) {
                return Err(cursor.error("a field's name, ... or a comma"));
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Delimited, PatternError> {
        let mut terms = Vec::with_capacity(self.terms.len());
        for Unplaced { name, at, mut term } in self.terms {
            let known = self.layout.slot(&name).filter(|_| !name.is_empty());
            let unknown =
                || PatternError::new(at, format!("'{name}'"), "the name of one of the pattern's fields");
            term.slot = known.ok_or_else(unknown)?;
            terms.push(term);
        }
        let expr = (!self.conditions.is_empty()).then(|| Expr::all(self.conditions));
        Ok(Delimited { terms, expr, layout: self.layout })
    }
}

fn term(cursor: &mut Cursor<'_>) -> Result<Unplaced, PatternError> {
    cursor.skip_space();
    let at = cursor.at();
    let name = cursor.take_while(is_name);
    if name.is_empty() {
        return Err(cursor.error("the field's name before its condition"));
    }
    cursor.skip_space();
    let Some(op) = Op::eat(cursor) else { return Err(cursor.error("=, !=, <, <=, > or >=")) };
    let test = Test::Compare(op, Operand::parse(cursor, op, STOPS)?);
    let term = Term { slot: Slot::Front(0), test, span: at..cursor.at(), lower_case: false };
    Ok(Unplaced { name: name.into(), at, term })
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | ':' | '@' | '#')
}
