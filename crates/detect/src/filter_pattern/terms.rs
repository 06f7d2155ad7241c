//! `ERROR -"health check" %5\d\d%`: patterns for events of any form.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-unstructured-log-events.html>

use crate::filter_pattern::cursor::Cursor;
use crate::filter_pattern::regex::Regex;
use crate::pattern::PatternError;

/// Something to be found in a message, with regard to case, inside words too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Needle {
    Text(Box<str>),
    Regex(Regex),
}

impl Needle {
    pub(crate) fn is_in(&self, message: &str) -> bool {
        match self {
            // The user guide gives " " as the pattern that matches everything.
            Self::Text(text) => text.trim().is_empty() || message.contains(&**text),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

/// A pattern without brackets or braces. Empty, it matches everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// All of these must be in the message.
    pub(crate) include: Vec<Needle>,
    /// None of these.
    pub(crate) exclude: Vec<Needle>,
    /// One of these at least; but they mean nothing beside other terms.
    optional: Vec<Needle>,
    /// Where the first optional term stands.
    pub(crate) optional_at: Option<usize>,
    /// Where terms stand that CloudWatch Logs wants in quotes.
    pub(crate) unquoted: Vec<usize>,
}

impl Terms {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let mut terms = Self::default();
        loop {
            cursor.skip_space();
            let at = cursor.at();
            match cursor.peek() {
                None => return Ok(terms),
                Some('?') => {
                    cursor.bump();
                    terms.optional_at.get_or_insert(at);
                    let needle = terms.needle(cursor)?;
                    terms.optional.push(needle);
                }
                Some('-') => {
                    cursor.bump();
                    let needle = terms.needle(cursor)?;
                    terms.exclude.push(needle);
                }
                Some(_) => {
                    let needle = terms.needle(cursor)?;
                    terms.include.push(needle);
                }
            }
        }
    }

    /// The optional terms, where they count.
    pub(crate) fn optional(&self) -> &[Needle] {
        if self.optional_is_ignored() { &[] } else { &self.optional }
    }

    /// "If you combine `?` with other filter patterns, all question mark terms will be ignored."
    pub(crate) fn optional_is_ignored(&self) -> bool {
        !self.include.is_empty() || !self.exclude.is_empty()
    }

    pub(crate) fn matches(&self, message: &str) -> bool {
        let optional = self.optional();
        self.include.iter().all(|needle| needle.is_in(message))
            && !self.exclude.iter().any(|needle| needle.is_in(message))
            && (optional.is_empty() || optional.iter().any(|needle| needle.is_in(message)))
    }

    fn needle(&mut self, cursor: &mut Cursor<'_>) -> Result<Needle, PatternError> {
        // The user guide has `"ERROR" - "Exiting"`, with a space behind the sign.
        cursor.skip_space();
        match cursor.peek() {
            Some('"') => Ok(Needle::Text(cursor.quoted()?.into())),
            Some('%') => {
                cursor.bump();
                let at = cursor.at();
                let source = cursor.until('%', "the closing percent sign (%)")?;
                Ok(Needle::Regex(Regex::parse(source, at)?))
            }
            _ => {
                let at = cursor.at();
                let word = cursor.take_while(|c| !c.is_whitespace() && c != '"');
                if word.is_empty() {
                    return Err(cursor.error("a term behind the sign"));
                }
                if cursor.peek() == Some('"') {
                    return Err(cursor.error("a space, or quotes around the whole term"));
                }
                if !word.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    self.unquoted.push(at);
                }
                Ok(Needle::Text(word.into()))
            }
        }
    }
}
