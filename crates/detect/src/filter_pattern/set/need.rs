//! What must be so for an expression to hold.

use crate::filter_pattern::expr::Expr;
use crate::filter_pattern::set::index::Interned;
use crate::filter_pattern::test::Test;

/// One thing a message can have that the index can look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The needle is in the message.
    Needle(usize),
    /// The field has exactly this text.
    Equals(usize, Box<str>),
    /// The field is there.
    Present(usize),
}

/// Of these keys at least one must be had.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    pub(crate) keys: Vec<Key>,
    /// Whether one of them is also enough.
    pub(crate) decides: bool,
    /// How few messages are expected to have one: the more values patterns ask of a field, the
    /// fewer messages have any single one.
    pub(crate) rarity: usize,
}

impl Need {
    /// The need of an expression; `None` where it may hold of a message that has nothing.
    pub(crate) fn of(expr: &Expr, interned: &Interned) -> Option<Self> {
        match expr {
            Expr::Term(id) => Self::of_term(*id, interned),
            Expr::Any { parts, .. } => {
                let mut whole = Self { keys: Vec::new(), decides: true, rarity: usize::MAX };
                for part in parts {
                    let need = Self::of(part, interned)?;
                    whole.keys.extend(need.keys);
                    whole.decides &= need.decides;
                    whole.rarity = whole.rarity.min(need.rarity);
                }
                Some(whole)
            }
            Expr::All { parts, .. } => {
                let needs = parts.iter().filter_map(|part| Self::of(part, interned));
                let rarest = needs.max_by_key(|need| need.rarity)?;
                Some(Self { decides: false, ..rarest })
            }
        }
    }

    fn of_term(id: usize, interned: &Interned) -> Option<Self> {
        let (slot, test) = interned.get(id);
        if *test == Test::NotExists {
            return None;
        }
        Some(match test.required_text() {
            Some(text) => Self {
                keys: vec![Key::Equals(slot, text.into())],
                decides: true,
                rarity: 1 + interned.values_asked_of(slot),
            },
            None => Self { keys: vec![Key::Present(slot)], decides: false, rarity: 0 },
        })
    }
}
