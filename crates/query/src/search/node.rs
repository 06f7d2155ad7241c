//! What a parsed search says.

use std::fmt;

/// A condition of a search.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// Text anywhere in the record.
    Text(Value),
    /// A field and what it is compared with; any of the values will do.
    Field {
        name: String,
        op: Op,
        values: Vec<Value>,
    },
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Is,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A value: its pieces, with wildcards between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) pieces: Vec<Piece>,
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// `*`
    Any,
    /// `?`
    One,
}

impl Value {
    /// The text of a value without wildcards.
    pub(crate) fn plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the value is `*`: anything, but something.
    pub(crate) fn is_any(&self) -> bool {
        !self.pieces.is_empty() && self.pieces.iter().all(|p| *p == Piece::Any)
    }

    /// Whether letters must match as written: only if some are upper case.
    pub(crate) fn is_exact(&self) -> bool {
        let letters = self.pieces.iter().filter_map(|p| match p {
            Piece::Text(t) => Some(t),
            _ => None,
        });
        let mut any_lower = false;
        for text in letters {
            if text.chars().any(char::is_uppercase) {
                return true;
            }
            any_lower |= text.chars().any(char::is_lowercase);
        }
        !any_lower
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => f.write_str(text)?,
                Piece::Any => f.write_str("*")?,
                Piece::One => f.write_str("?")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_exact_only_when_some_are_upper_case() {
        let value = |t: &str| Value { pieces: vec![Piece::Text(t.to_string())] };
        assert!(value("StopLogging").is_exact());
        assert!(value("203.0.113.7").is_exact());
        assert!(!value("alice").is_exact());
    }
}
