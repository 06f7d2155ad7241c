//! What can be wrong with a pattern: the error that filter patterns and event patterns share.

use std::fmt::Write as _;

/// How much of a pattern [`PatternError::caret`] shows on each side of the fault, in characters.
const SHOWN: usize = 60;

/// A pattern that cannot be used: where, what stands there, and what should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {position}: found {found}, expected {expected}")]
pub struct PatternError {
    /// The byte of the pattern's text at which the fault begins; its length where the text ends
    /// too early.
    pub position: usize,
    /// What stands there, in words or in quotes.
    pub found: String,
    /// What was expected, and where it helps, how to write it.
    pub expected: String,
}

impl PatternError {
    /// An error at a byte of the pattern.
    pub(crate) fn new(position: usize, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { position, found: found.into(), expected: expected.into() }
    }

    /// The part of the pattern around the fault on one line, and below it a caret that points at
    /// the fault: two lines for a terminal with a fixed-width font. Control characters are shown as
    /// spaces.
    pub fn caret(&self, pattern: &str) -> String {
        let at = floor_boundary(pattern, self.position);
        let (before, after) = pattern.split_at(at);
        let head: Vec<char> = before.chars().rev().take(SHOWN).collect();
        let cut_head = before.chars().count() > head.len();
        let tail: String = after.chars().take(SHOWN).collect();
        let mut line = String::from(if cut_head { "…" } else { "" });
        line.extend(head.iter().rev());
        let column = line.chars().count();
        line.push_str(&tail);
        if tail.len() < after.len() {
            line.push('…');
        }
        let mut shown: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        // A String takes whatever is written to it.
        write!(shown, "\n{}^", " ".repeat(column)).ok();
        shown
    }
}

/// The last character boundary at or before `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_says_where_and_what() {
        let error = PatternError::new(4, "'x'", "a comparison");
        assert_eq!(error.to_string(), "at byte 4: found 'x', expected a comparison");
        assert_eq!(error.caret("{ $.x }"), "{ $.x }\n    ^");
    }

    #[test]
    fn the_caret_stays_within_what_is_shown() {
        let long = format!("{}X{}", "é".repeat(200), "b".repeat(200));
        let caret = PatternError::new(400, "", "").caret(&long);
        let mut lines = caret.lines();
        let (text, mark) = (lines.next().unwrap(), lines.next().unwrap());
        assert!(text.chars().count() <= 2 * SHOWN + 2, "{text}");
        let column = mark.chars().position(|c| c == '^').unwrap();
        assert_eq!(text.chars().nth(column), Some('X'));
        assert_eq!(PatternError::new(9, "", "").caret("a\nb"), "a b\n   ^", "past the end");
        assert_eq!(PatternError::new(1, "", "").caret("é"), "é\n^", "inside a character");
    }
}
