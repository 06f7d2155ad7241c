//! A place in a pattern's text, and the errors that name it.

use crate::pattern::PatternError;

/// How many characters of what was found an error quotes.
const QUOTED: usize = 24;

/// Reads a pattern from left to right.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'p> {
    text: &'p str,
    at: usize,
}

impl<'p> Cursor<'p> {
    pub(crate) fn new(text: &'p str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte the cursor stands at.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// What is still to be read.
    pub(crate) fn rest(&self) -> &'p str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(crate) fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes `token` if it comes next.
    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let eaten = self.rest().starts_with(token);
        if eaten {
            self.at += token.len();
        }
        eaten
    }

    /// Takes `token`, after any space, or says that it was expected.
    pub(crate) fn expect(&mut self, token: &str, expected: &str) -> Result<(), PatternError> {
        self.skip_space();
        if self.eat(token) { Ok(()) } else { Err(self.error(expected)) }
    }

    /// Takes characters as long as they are wanted.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'p str {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Takes this many bytes, which must end on a character's boundary.
    pub(crate) fn take(&mut self, length: usize) -> &'p str {
        let taken = &self.rest()[..length];
        self.at += length;
        taken
    }

    /// Takes a word if it comes next, in capitals or not, and no letter follows it. Tells
    /// whether it was in capitals.
    pub(crate) fn word(&mut self, word: &str) -> Option<bool> {
        let rest = self.rest();
        let here = rest.get(..word.len()).filter(|here| here.eq_ignore_ascii_case(word))?;
        if rest[word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return None;
        }
        self.at += word.len();
        Some(here == word)
    }

    /// Between two marks, the text in the middle: for what stands in quotes or percent signs,
    /// taken as it is. The cursor stands behind the opening mark.
    pub(crate) fn until(&mut self, mark: char, expected: &str) -> Result<&'p str, PatternError> {
        let rest = self.rest();
        match rest.find(mark) {
            Some(end) => {
                self.at += end + mark.len_utf8();
                Ok(&rest[..end])
            }
            None => Err(PatternError::new(self.text.len(), "the end of the pattern", expected)),
        }
    }

    /// A text in double quotes, the cursor standing at the opening one. `\"` and `\\` stand for the
    /// character itself; any other backslash is a backslash.
    pub(crate) fn quoted(&mut self) -> Result<String, PatternError> {
        self.bump();
        let mut text = String::new();
        while let Some(next) = self.bump() {
            match next {
                '"' => return Ok(text),
                '\\' if matches!(self.peek(), Some('"' | '\\')) => text.extend(self.bump()),
                other => text.push(other),
            }
        }
        Err(self.error("the closing double quote (\")"))
    }

    /// The error of finding what stands here instead of what was expected.
    pub(crate) fn error(&self, expected: impl Into<String>) -> PatternError {
        PatternError::new(self.at, self.found(), expected)
    }

    fn found(&self) -> String {
        let mut chars = self.rest().chars();
        let Some(first) = chars.next() else { return "the end of the pattern".to_owned() };
        let mut quoted = String::from(first);
        if first.is_alphanumeric() || first == '$' {
            let more = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
            quoted.extend(chars.take_while(more).take(QUOTED));
        }
        format!("'{}'", quoted.escape_debug())
    }
}
