//! Reading the two small languages, of alarm rules and of metric math: characters, places, errors.

use trailkeep_detect::pattern::PatternError;

/// A place in a text.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) fn rest(&self) -> &'t str {
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
        self.take_while(char::is_whitespace);
    }

    pub(crate) fn take_while(&mut self, is: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !is(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Takes `sign`, and the space before it, if it comes next.
    pub(crate) fn eat(&mut self, sign: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// Takes a word, and the space before it, if exactly that word comes next.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let found = self.word() == word;
        if found {
            self.at += word.len();
        }
        found
    }

    /// The word that comes next: letters, digits, and underscores.
    pub(crate) fn word(&self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    }

    pub(crate) fn expect(&mut self, sign: &str, expected: &str) -> Result<(), PatternError> {
        if self.eat(sign) { Ok(()) } else { Err(self.error(expected)) }
    }

    /// What comes next is not what was expected.
    pub(crate) fn error(&self, expected: impl Into<String>) -> PatternError {
        let mut here = self.clone();
        here.skip_space();
        let found = match (here.word(), here.peek()) {
            (_, None) => "the end".to_owned(),
            ("", Some(c)) => format!("'{}'", c.escape_debug()),
            (word, _) => format!("'{}'", word.get(..64).unwrap_or(word)),
        };
        PatternError { position: here.at, found, expected: expected.into() }
    }
}

/// An error about a text as a whole.
pub(crate) fn too_much(found: String, expected: String) -> PatternError {
    PatternError { position: 0, found, expected }
}
