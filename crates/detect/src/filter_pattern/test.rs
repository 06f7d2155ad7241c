//! One test on one value: the right-hand side of a term.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use sonic_rs::{JsonValueTrait, Value};

use crate::filter_pattern::cursor::Cursor;
use crate::filter_pattern::number::Number;
use crate::filter_pattern::regex::Regex;
use crate::filter_pattern::wildcard::Wildcard;
use crate::pattern::PatternError;

/// A value of an event, as tests see it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scalar<'v> {
    /// A string of a JSON event: never a number, whatever it holds.
    Text(&'v str),
    /// A field of a space-delimited event: a number if it reads as one.
    Word(&'v str),
    Number(&'v Value),
    Bool(bool),
    Null,
    /// An object or an array. No comparison holds of it.
    Container,
}

impl<'v> Scalar<'v> {
    pub(crate) fn of(value: &'v Value) -> Self {
        if let Some(text) = value.as_str() {
            Self::Text(text)
        } else if value.is_number() {
            Self::Number(value)
        } else if let Some(flag) = value.as_bool() {
            Self::Bool(flag)
        } else if value.is_null() {
            Self::Null
        } else {
            Self::Container
        }
    }

    /// The value as text; nothing for what is no string or number, which no comparison holds of.
    pub(crate) fn text(self) -> Option<Cow<'v, str>> {
        match self {
            Self::Text(text) | Self::Word(text) => Some(Cow::Borrowed(text)),
            Self::Number(value) => sonic_rs::to_string(value).ok().map(Cow::Owned),
            Self::Bool(_) | Self::Null | Self::Container => None,
        }
    }

    fn number(self) -> Option<Number> {
        match self {
            Self::Word(text) => Number::parse(text),
            Self::Number(value) => Number::of(value),
            _ => None,
        }
    }
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    /// Takes an operator if one comes next.
    pub(crate) fn eat(cursor: &mut Cursor<'_>) -> Option<Self> {
        const OPS: [(&str, Op); 6] =
            [("!=", Op::Ne), ("<=", Op::Le), (">=", Op::Ge), ("=", Op::Eq), ("<", Op::Lt), (">", Op::Gt)];
        OPS.into_iter().find_map(|(sign, op)| cursor.eat(sign).then_some(op))
    }

    fn is_ordering(self) -> bool {
        !matches!(self, Self::Eq | Self::Ne)
    }

    fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Ne => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
        }
    }
}

/// What a value is compared with.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    /// As written, without quotes or percent signs.
    pub(crate) text: Box<str>,
    /// Whether it stood in double quotes: then it is never a number.
    pub(crate) quoted: bool,
    pub(crate) form: Form,
}

#[derive(Clone, Debug)]
pub(crate) enum Form {
    Exact,
    Number(Number),
    Wildcard(Wildcard),
    Regex(Regex),
}

impl PartialEq for Operand {
    fn eq(&self, other: &Self) -> bool {
        let is_regex = |operand: &Self| matches!(operand.form, Form::Regex(_));
        // The rest follows from these.
        (&self.text, self.quoted, is_regex(self)) == (&other.text, other.quoted, is_regex(other))
    }
}

impl Eq for Operand {}

impl Hash for Operand {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.text, self.quoted).hash(state);
    }
}

impl Operand {
    /// Reads a value: in quotes, between percent signs, or bare up to one of `stops` or a joint.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, op: Op, stops: &[char]) -> Result<Self, PatternError> {
        cursor.skip_space();
        let start = cursor.clone();
        let operand = match cursor.peek() {
            Some('"') => {
                let text = cursor.quoted()?;
                let form = Wildcard::parse(&text).map_or(Form::Exact, Form::Wildcard);
                Self { text: text.into(), quoted: true, form }
            }
            Some('%') => {
                cursor.bump();
                let at = cursor.at();
                let text = cursor.until('%', "the closing percent sign (%)")?;
                let form = Form::Regex(Regex::parse(text, at)?);
                Self { text: text.into(), quoted: false, form }
            }
            _ => Self::bare(cursor, stops)?,
        };
        if op.is_ordering() && !matches!(operand.form, Form::Number(_)) {
            return Err(start.error("a number, without quotes, after <, <=, > or >="));
        }
        Ok(operand)
    }

    fn bare(cursor: &mut Cursor<'_>, stops: &[char]) -> Result<Self, PatternError> {
        let rest = cursor.rest();
        if rest.starts_with('=') {
            return Err(cursor.error("a value: equality is written with one ="));
        }
        let joint = ["&&", "||"].iter().filter_map(|joint| rest.find(joint)).min().unwrap_or(rest.len());
        let end = rest.find(|c| stops.contains(&c)).unwrap_or(rest.len()).min(joint);
        let text = rest[..end].trim_end();
        if text.is_empty() {
            return Err(cursor.error("a value: a word, a number, \"text\" or %regular expression%"));
        }
        if let Some(quote) = text.find('"') {
            cursor.take(quote);
            return Err(
                cursor.error("&&, || or the end of the term (a value with quotes is written \"a\\\"b\")")
            );
        }
        cursor.take(text.len());
        let form = match Number::parse(text) {
            Some(number) => Form::Number(number),
            None => Wildcard::parse(text).map_or(Form::Exact, Form::Wildcard),
        };
        Ok(Self { text: text.into(), quoted: false, form })
    }

    fn equals(&self, scalar: Scalar<'_>) -> Option<bool> {
        if let (Form::Number(wanted), Some(number)) = (&self.form, scalar.number()) {
            return Some(wanted.compare(number) == Some(Ordering::Equal));
        }
        let text = scalar.text()?;
        Some(match &self.form {
            Form::Exact | Form::Number(_) => *text == *self.text,
            Form::Wildcard(wildcard) => wildcard.matches(&text),
            Form::Regex(regex) => regex.is_match(&text),
        })
    }
}

/// A test on the value or values of a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    Compare(Op, Operand),
    IsNull,
    Is(bool),
    NotExists,
}

impl Test {
    /// Whether the test holds of one value that is there.
    pub(crate) fn admits(&self, scalar: Scalar<'_>) -> bool {
        match self {
            Self::Compare(Op::Eq, operand) => operand.equals(scalar) == Some(true),
            Self::Compare(Op::Ne, operand) => operand.equals(scalar) == Some(false),
            Self::Compare(op, operand) => match (&operand.form, scalar.number()) {
                (Form::Number(limit), Some(number)) => number.compare(*limit).is_some_and(|o| op.admits(o)),
                _ => false,
            },
            Self::IsNull => matches!(scalar, Scalar::Null),
            Self::Is(wanted) => matches!(scalar, Scalar::Bool(flag) if flag == *wanted),
            Self::NotExists => false,
        }
    }

    /// The text that a value must have for the test to hold, where exactly one will do.
    pub(crate) fn required_text(&self) -> Option<&str> {
        match self {
            Self::Compare(Op::Eq, Operand { text, form: Form::Exact, .. }) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_not_equal(&self) -> bool {
        matches!(self, Self::Compare(Op::Ne, _))
    }
}
