//! Names for what patterns share, and the way from a message's values to patterns.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

use crate::filter_pattern::set::Plan;
use crate::filter_pattern::set::need::{Key, Need};
use crate::filter_pattern::term::{Slot, Term};
use crate::filter_pattern::terms::Needle;
use crate::filter_pattern::test::Test;

type Map<K, V> = HashMap<K, V, RandomState>;

/// Equal things of all patterns, each kept once and named by a number.
#[derive(Debug, Default)]
pub(crate) struct Interned {
    slots: Names<Slot>,
    terms: Names<(usize, Test)>,
    needles: Names<Needle>,
    /// How many values patterns ask of each slot.
    values: Vec<usize>,
}

impl Interned {
    pub(crate) fn term(&mut self, term: &Term) -> usize {
        let slot = self.slots.name(&term.slot);
        self.values.resize(self.slots.all.len(), 0);
        let known = self.terms.all.len();
        let id = self.terms.name(&(slot, term.test.clone()));
        if id == known && term.test.required_text().is_some() {
            self.values[slot] += 1;
        }
        id
    }

    pub(crate) fn needle(&mut self, needle: &Needle) -> usize {
        self.needles.name(needle)
    }

    /// A term: its slot and its test.
    pub(crate) fn get(&self, id: usize) -> (usize, &Test) {
        let (slot, test) = &self.terms.all[id];
        (*slot, test)
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots.all
    }

    pub(crate) fn needles(&self) -> &[Needle] {
        &self.needles.all
    }

    pub(crate) fn terms(&self) -> usize {
        self.terms.all.len()
    }

    pub(crate) fn values_asked_of(&self, slot: usize) -> usize {
        self.values.get(slot).copied().unwrap_or_default()
    }
}

#[derive(Debug)]
struct Names<T> {
    all: Vec<T>,
    places: Map<T, usize>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { all: Vec::new(), places: Map::default() }
    }
}

impl<T: Clone + Eq + Hash> Names<T> {
    fn name(&mut self, thing: &T) -> usize {
        if let Some(&place) = self.places.get(thing) {
            return place;
        }
        let place = self.all.len();
        self.all.push(thing.clone());
        self.places.insert(thing.clone(), place);
        place
    }
}

/// A pattern that a message may match.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) pattern: usize,
    /// Whether it does, without further questions.
    pub(crate) decided: bool,
}

/// The patterns that ask something of one slot.
#[derive(Debug, Default)]
pub(crate) struct BySlot {
    pub(crate) equals: Map<Box<str>, Vec<Candidate>>,
    pub(crate) present: Vec<Candidate>,
}

impl BySlot {
    fn is_empty(&self) -> bool {
        self.equals.is_empty() && self.present.is_empty()
    }
}

/// The way from what a message has to patterns.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) by_slot: Vec<BySlot>,
    /// The slots of JSON events, and of space-delimited ones, that lead to patterns.
    pub(crate) paths: Vec<usize>,
    pub(crate) words: Vec<usize>,
    pub(crate) by_needle: Map<usize, Vec<Candidate>>,
    /// Patterns that nothing leads to: asked of every message, of every JSON event.
    pub(crate) always: Vec<usize>,
    pub(crate) always_json: Vec<usize>,
    /// Whether there are patterns for JSON events.
    pub(crate) any_json: bool,
    is_path: Vec<bool>,
}

impl Index {
    pub(crate) fn new(slots: &[Slot]) -> Self {
        Self {
            by_slot: slots.iter().map(|_| BySlot::default()).collect(),
            paths: Vec::new(),
            words: Vec::new(),
            by_needle: Map::default(),
            always: Vec::new(),
            always_json: Vec::new(),
            any_json: false,
            is_path: slots.iter().map(|slot| matches!(slot, Slot::Path(_))).collect(),
        }
    }

    pub(crate) fn add(&mut self, pattern: usize, plan: &Plan, need: Option<Need>) {
        let is_json = matches!(plan, Plan::Json { .. });
        self.any_json |= is_json;
        let Some(need) = need else {
            let always = if is_json { &mut self.always_json } else { &mut self.always };
            always.push(pattern);
            return;
        };
        let candidate = Candidate { pattern, decided: need.decides };
        for key in need.keys {
            match key {
                Key::Needle(needle) => self.by_needle.entry(needle).or_default().push(candidate),
                Key::Equals(slot, text) => self.slot(slot).equals.entry(text).or_default().push(candidate),
                Key::Present(slot) => self.slot(slot).present.push(candidate),
            }
        }
    }

    fn slot(&mut self, slot: usize) -> &mut BySlot {
        if self.by_slot[slot].is_empty() {
            let leading = if self.is_path[slot] { &mut self.paths } else { &mut self.words };
            leading.push(slot);
        }
        &mut self.by_slot[slot]
    }
}
