//! Terms joined by `&&` and `||`.

use crate::filter_pattern::cursor::Cursor;
use crate::pattern::PatternError;

/// How deep parentheses may nest. Reading recurses, so hostile text could exhaust the stack.
pub(crate) const MAX_NESTING: usize = 64;

/// A tree over the pattern's terms, which are named by their index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expr {
    Term(usize),
    All {
        parts: Vec<Expr>,
        /// Whether parentheses say so, or precedence alone.
        grouped: bool,
    },
    Any {
        parts: Vec<Expr>,
        /// As above.
        grouped: bool,
    },
}

impl Expr {
    /// Whether the tree holds, given which terms do. Asks for no more terms than it needs.
    pub(crate) fn holds(&self, term: &mut dyn FnMut(usize) -> bool) -> bool {
        match self {
            Self::Term(index) => term(*index),
            Self::All { parts, .. } => parts.iter().all(|part| part.holds(term)),
            Self::Any { parts, .. } => parts.iter().any(|part| part.holds(term)),
        }
    }

    /// The same tree with its terms named otherwise.
    pub(crate) fn renamed(&self, name: &mut dyn FnMut(usize) -> usize) -> Self {
        match self {
            Self::Term(index) => Self::Term(name(*index)),
            Self::All { parts, grouped } => {
                Self::All { parts: parts.iter().map(|p| p.renamed(name)).collect(), grouped: *grouped }
            }
            Self::Any { parts, grouped } => {
                Self::Any { parts: parts.iter().map(|p| p.renamed(name)).collect(), grouped: *grouped }
            }
        }
    }

    /// All of these.
    pub(crate) fn all(mut parts: Vec<Self>) -> Self {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Self::All { parts, grouped: false }
            }
        }
    }

    fn any(mut parts: Vec<Self>) -> Self {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Self::Any { parts, grouped: false }
            }
        }
    }

    fn in_parentheses(self) -> Self {
        match self {
            Self::Term(index) => Self::Term(index),
            Self::All { parts, .. } => Self::All { parts, grouped: true },
            Self::Any { parts, .. } => Self::Any { parts, grouped: true },
        }
    }
}

/// Reads an expression; `term` reads one term and gives its index. Parentheses bind before `&&`,
/// and that before `||`.
pub(crate) fn parse<'p>(
    cursor: &mut Cursor<'p>,
    term: &mut dyn FnMut(&mut Cursor<'p>) -> Result<usize, PatternError>,
) -> Result<Expr, PatternError> {
    any(cursor, term, 0)
}

fn any<'p>(
    cursor: &mut Cursor<'p>,
    term: &mut dyn FnMut(&mut Cursor<'p>) -> Result<usize, PatternError>,
    depth: usize,
) -> Result<Expr, PatternError> {
    let mut parts = vec![all(cursor, term, depth)?];
    while joined(cursor, "||") {
        parts.push(all(cursor, term, depth)?);
    }
    Ok(Expr::any(parts))
}

fn all<'p>(
    cursor: &mut Cursor<'p>,
    term: &mut dyn FnMut(&mut Cursor<'p>) -> Result<usize, PatternError>,
    depth: usize,
) -> Result<Expr, PatternError> {
    let mut parts = vec![operand(cursor, term, depth)?];
    while joined(cursor, "&&") {
        parts.push(operand(cursor, term, depth)?);
    }
    Ok(Expr::all(parts))
}

fn joined(cursor: &mut Cursor<'_>, by: &str) -> bool {
    cursor.skip_space();
    cursor.eat(by)
}

fn operand<'p>(
    cursor: &mut Cursor<'p>,
    term: &mut dyn FnMut(&mut Cursor<'p>) -> Result<usize, PatternError>,
    depth: usize,
) -> Result<Expr, PatternError> {
    cursor.skip_space();
    if cursor.peek() != Some('(') {
        return term(cursor).map(Expr::Term);
    }
    if depth == MAX_NESTING {
        return Err(cursor.error(format!("at most {MAX_NESTING} parentheses within each other")));
    }
    cursor.bump();
    let inner = any(cursor, term, depth + 1)?;
    cursor.expect(")", "&&, || or a closing parenthesis")?;
    Ok(inner.in_parentheses())
}
