//! One term of a structured pattern: a field and a test on it.

use std::ops::Range;

use crate::filter_pattern::event::{Message, Words};
use crate::filter_pattern::selector::Selector;
use crate::filter_pattern::test::{Scalar, Test};

/// Where a term finds its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Slot {
    /// A field of a JSON event.
    Path(Selector),
    /// A field of a space-delimited event, counted from the first.
    Front(usize),
    /// The same, counted from the last.
    Back(usize),
    /// That field and all that follow it, as one text.
    Rest(usize),
}

impl Slot {
    /// The field of a space-delimited event.
    pub(crate) fn word<'m>(&self, words: &Words<'m>) -> Option<&'m str> {
        match self {
            Self::Path(_) => None,
            Self::Front(index) => words.get(*index),
            Self::Back(index) => words.get(words.len().checked_sub(index + 1)?),
            Self::Rest(index) => words.rest(*index),
        }
    }
}

/// A field and a test on it.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) slot: Slot,
    pub(crate) test: Test,
    /// Which bytes of the pattern it was read from.
    pub(crate) span: Range<usize>,
    /// Whether its words, such as IS NULL, stood in small letters.
    pub(crate) lower_case: bool,
}

impl Term {
    /// Whether the term holds of the message. A comparison holds of no field that is absent, null,
    /// a boolean, an object or an array: `!=` neither.
    pub(crate) fn holds(&self, message: &Message<'_>) -> bool {
        let Slot::Path(selector) = &self.slot else {
            return self.slot.word(message.words()).is_some_and(|word| self.test.admits(Scalar::Word(word)));
        };
        let Some(root) = message.json() else { return false };
        match &self.test {
            Test::NotExists => !selector.any(root, &mut |_| true),
            test => selector.any(root, &mut |value| test.admits(Scalar::of(value))),
        }
    }
}
