//! Many patterns over one stream.
//!
//! ```text
//!   message ─┬─► one pass for the words of all text patterns (Aho-Corasick) ─┐
//!            ├─► JSON, parsed once ─► each field, found once ────────────────┼─► candidates ─► matches
//!            └─► cut into words once ────────────────────────────────────────┘    each term evaluated once
//! ```
//!
//! For most patterns something is known without which they cannot match: a field has one of some
//! values (`$.eventName` is one of six names), a field is there, a word occurs. An index leads from what
//! a message has to the patterns that it may match; the others cost nothing. What no index can rule
//! out is evaluated on every message: exclusions alone, `NOT EXISTS` alone, regular expressions alone
//! (of which CloudWatch Logs takes five a log group).

mod index;
mod matcher;
mod need;

use aho_corasick::AhoCorasick;

use crate::filter_pattern::expr::Expr;
use crate::filter_pattern::terms::{Needle, Terms};
use crate::filter_pattern::{FilterPattern, Kind};
use index::{Index, Interned};
use need::{Key, Need};

pub use matcher::Matcher;

/// Patterns that are asked together. Which of them match is told by their place in the order they
/// were given in.
#[derive(Debug)]
pub struct FilterSet {
    plans: Vec<Plan>,
    interned: Interned,
    index: Index,
    /// Finds all plain needles; `None` where there are none. What it calls a pattern is the place
    /// in `plain`.
    words: Option<AhoCorasick>,
    /// The needles that `words` finds.
    plain: Vec<usize>,
}

/// A pattern, its needles or terms named as the set names them.
#[derive(Debug)]
enum Plan {
    Text { include: Vec<usize>, exclude: Vec<usize>, optional: Vec<usize> },
    Json { expr: Expr },
    Words { expr: Option<Expr>, least: usize },
}

impl FilterSet {
    /// Makes a set of patterns.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p FilterPattern>) -> Self {
        let mut interned = Interned::default();
        let plans: Vec<Plan> = patterns.into_iter().map(|pattern| Plan::of(pattern, &mut interned)).collect();
        let is_plain = |id: &usize| matches!(interned.needles()[*id], Needle::Text(_));
        let plain: Vec<usize> = (0..interned.needles().len()).filter(is_plain).collect();
        let texts = plain.iter().filter_map(|&id| match &interned.needles()[id] {
            Needle::Text(text) => Some(&**text),
            Needle::Regex(_) => None,
        });
        // Fails only for more text than the automaton can number; each needle is then looked for
        // by itself.
        let words = if plain.is_empty() { None } else { AhoCorasick::new(texts).ok() };
        let mut index = Index::new(interned.slots());
        for (pattern, plan) in plans.iter().enumerate() {
            index.add(pattern, plan, plan.need(&interned, words.is_some()));
        }
        Self { plans, interned, index, words, plain }
    }

    /// How many patterns the set holds.
    pub fn len(&self) -> usize {
        self.plans.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Which patterns match a log event with this message, in ascending order.
    pub fn matches(&self, message: &str) -> Vec<usize> {
        self.matcher().matches(message).to_vec()
    }

    /// Something that matches one message after the other, keeping its memory.
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher::new(self)
    }
}

impl Plan {
    fn of(pattern: &FilterPattern, interned: &mut Interned) -> Self {
        match &pattern.kind {
            Kind::Terms(terms) => Self::of_terms(terms, interned),
            Kind::Json(json) => {
                let mut name = |index: usize| interned.term(&json.terms[index]);
                Self::Json { expr: json.expr.renamed(&mut name) }
            }
            Kind::Delimited(pattern) => {
                let mut name = |index: usize| interned.term(&pattern.terms[index]);
                let expr = pattern.expr.as_ref().map(|expr| expr.renamed(&mut name));
                Self::Words { expr, least: pattern.least() }
            }
        }
    }

    fn of_terms(terms: &Terms, interned: &mut Interned) -> Self {
        let is_blank = |needle: &&Needle| matches!(needle, Needle::Text(text) if text.trim().is_empty());
        let mut named = |needles: &[Needle]| -> Vec<usize> {
            needles.iter().filter(|n| !is_blank(n)).map(|needle| interned.needle(needle)).collect()
        };
        let include = named(&terms.include);
        // A blank needle is in every message.
        let optional =
            if terms.optional().iter().any(|n| is_blank(&n)) { Vec::new() } else { named(terms.optional()) };
        let exclude = terms.exclude.iter().map(|needle| interned.needle(needle)).collect();
        Self::Text { include, exclude, optional }
    }

    /// What must be so for the pattern to match; `None` where nothing is known.
    fn need(&self, interned: &Interned, finds_words: bool) -> Option<Need> {
        match self {
            Self::Json { expr } | Self::Words { expr: Some(expr), .. } => {
                let mut need = Need::of(expr, interned)?;
                // Whether there are enough words is still to be asked.
                need.decides &= matches!(self, Self::Json { .. });
                Some(need)
            }
            Self::Words { expr: None, .. } => None,
            Self::Text { .. } if !finds_words => None,
            Self::Text { include, exclude, optional } => {
                let length = |id: &usize| match &interned.needles()[*id] {
                    Needle::Text(text) => text.len(),
                    Needle::Regex(_) => 0,
                };
                if let Some(longest) = include.iter().copied().max_by_key(length).filter(|id| length(id) > 0)
                {
                    let decides = include.len() == 1 && exclude.is_empty();
                    return Some(Need { keys: vec![Key::Needle(longest)], decides, rarity: 0 });
                }
                let all_plain = !optional.is_empty() && optional.iter().all(|id| length(id) > 0);
                let keys = || optional.iter().map(|&id| Key::Needle(id)).collect();
                all_plain.then(|| Need { keys: keys(), decides: true, rarity: 0 })
            }
        }
    }
}
