//! One message through the set.

use sonic_rs::Value;

use crate::filter_pattern::event::Message;
use crate::filter_pattern::set::index::{BySlot, Candidate};
use crate::filter_pattern::set::{FilterSet, Plan};
use crate::filter_pattern::term::Slot;
use crate::filter_pattern::test::{Scalar, Test};

/// Matches one message after the other against a [`FilterSet`].
#[derive(Debug)]
pub struct Matcher<'s> {
    set: &'s FilterSet,
    /// Which message this is; marks of earlier ones count for nothing.
    turn: u32,
    /// The turn in which each pattern became a candidate.
    considered: Vec<u32>,
    candidates: Vec<usize>,
    /// The turn in which each needle was found.
    found: Vec<u32>,
    /// The turn in which each term was evaluated, and what came out.
    truth: Vec<(u32, bool)>,
    matched: Vec<usize>,
}

impl<'s> Matcher<'s> {
    pub(crate) fn new(set: &'s FilterSet) -> Self {
        Self {
            set,
            turn: 0,
            considered: vec![0; set.plans.len()],
            candidates: Vec::new(),
            found: vec![0; set.interned.needles().len()],
            truth: vec![(0, false); set.interned.terms()],
            matched: Vec::new(),
        }
    }

    /// Which patterns match a log event with this message, in ascending order.
    pub fn matches(&mut self, message: &str) -> &[usize] {
        let message = Message::new(message);
        let mut event = Event::new(self.set, &message);
        self.begin();
        self.by_needles(&message);
        self.by_fields(&mut event);
        self.evaluate(&mut event);
        self.matched.sort_unstable();
        &self.matched
    }

    fn begin(&mut self) {
        self.matched.clear();
        self.candidates.clear();
        self.turn = self.turn.wrapping_add(1);
        if self.turn == 0 {
            // Marks of four billion messages ago would count again.
            self.considered.fill(0);
            self.found.fill(0);
            self.truth.fill((0, false));
            self.turn = 1;
        }
    }

    fn consider(&mut self, candidate: Candidate) {
        let seen = &mut self.considered[candidate.pattern];
        if *seen == self.turn {
            return;
        }
        *seen = self.turn;
        let to = if candidate.decided { &mut self.matched } else { &mut self.candidates };
        to.push(candidate.pattern);
    }

    fn by_needles(&mut self, message: &Message<'_>) {
        let set = self.set;
        if let Some(words) = &set.words {
            for hit in words.find_overlapping_iter(message.text) {
                let needle = set.plain[hit.pattern().as_usize()];
                if self.found[needle] == self.turn {
                    continue;
                }
                self.found[needle] = self.turn;
                for &candidate in set.index.by_needle.get(&needle).into_iter().flatten() {
                    self.consider(candidate);
                }
            }
        }
        self.candidates.extend(&set.index.always);
    }

    fn by_fields<'e>(&mut self, event: &mut Event<'_, 'e>) {
        let set = self.set;
        if set.index.any_json && event.message.json().is_some() {
            set.index.paths.iter().for_each(|&slot| self.by_slot(event, slot));
            self.candidates.extend(&set.index.always_json);
        }
        set.index.words.iter().for_each(|&slot| self.by_slot(event, slot));
    }

    fn by_slot(&mut self, event: &mut Event<'_, '_>, slot: usize) {
        let leading: &BySlot = &self.set.index.by_slot[slot];
        let mut present = false;
        event.any(slot, &mut |scalar| {
            present = true;
            if !leading.equals.is_empty()
                && let Some(text) = scalar.text()
            {
                let candidates = leading.equals.get(&*text).into_iter().flatten();
                candidates.for_each(|&candidate| self.consider(candidate));
            }
            false
        });
        if present {
            leading.present.iter().for_each(|&candidate| self.consider(candidate));
        }
    }

    fn evaluate(&mut self, event: &mut Event<'_, '_>) {
        let set = self.set;
        let candidates = std::mem::take(&mut self.candidates);
        for &pattern in &candidates {
            let holds = match &set.plans[pattern] {
                Plan::Text { include, exclude, optional } => {
                    let mut is_in = |id: &usize| self.is_in(*id, event.message.text);
                    include.iter().all(&mut is_in)
                        && !exclude.iter().any(&mut is_in)
                        && (optional.is_empty() || optional.iter().any(is_in))
                }
                Plan::Json { expr } => expr.holds(&mut |id| self.term(id, event)),
                Plan::Words { expr, least } => {
                    event.message.words().len() >= *least
                        && expr.as_ref().is_none_or(|expr| expr.holds(&mut |id| self.term(id, event)))
                }
            };
            if holds {
                self.matched.push(pattern);
            }
        }
        self.candidates = candidates;
    }

    fn is_in(&self, needle: usize, text: &str) -> bool {
        match (&self.set.interned.needles()[needle], &self.set.words) {
            (super::Needle::Text(text), Some(_)) if !text.trim().is_empty() => {
                self.found[needle] == self.turn
            }
            (needle, _) => needle.is_in(text),
        }
    }

    fn term(&mut self, id: usize, event: &mut Event<'_, '_>) -> bool {
        let (turn, known) = self.truth[id];
        if turn == self.turn {
            return known;
        }
        let (slot, test) = self.set.interned.get(id);
        let holds = match test {
            Test::NotExists => !event.any(slot, &mut |_| true),
            test => event.any(slot, &mut |scalar| test.admits(scalar)),
        };
        self.truth[id] = (self.turn, holds);
        holds
    }
}

/// A message and the fields of it that were looked up so far.
struct Event<'s, 'e> {
    set: &'s FilterSet,
    message: &'e Message<'e>,
    fields: Vec<Field<'e>>,
}

/// What a slot was found to hold.
#[derive(Clone)]
enum Field<'e> {
    Unknown,
    Absent,
    One(&'e Value),
    Many(Vec<&'e Value>),
    Word(&'e str),
}

impl<'s, 'e> Event<'s, 'e> {
    fn new(set: &'s FilterSet, message: &'e Message<'e>) -> Self {
        Self { set, message, fields: vec![Field::Unknown; set.interned.slots().len()] }
    }

    /// Calls `visit` with each value of the slot until it returns true; whether it did.
    fn any(&mut self, slot: usize, visit: &mut dyn FnMut(Scalar<'e>) -> bool) -> bool {
        if matches!(self.fields[slot], Field::Unknown) {
            self.fields[slot] = self.look_up(slot);
        }
        match &self.fields[slot] {
            Field::Unknown | Field::Absent => false,
            Field::One(value) => visit(Scalar::of(value)),
            Field::Many(values) => values.iter().any(|value| visit(Scalar::of(value))),
            Field::Word(word) => visit(Scalar::Word(word)),
        }
    }

    fn look_up(&self, slot: usize) -> Field<'e> {
        let slot = &self.set.interned.slots()[slot];
        let Slot::Path(selector) = slot else {
            return slot.word(self.message.words()).map_or(Field::Absent, Field::Word);
        };
        let Some(root) = self.message.json() else { return Field::Absent };
        if selector.wildcards() == 0 {
            return selector.find(root).map_or(Field::Absent, Field::One);
        }
        let mut values = Vec::new();
        selector.any(root, &mut |value| {
            values.push(value);
            false
        });
        if values.is_empty() { Field::Absent } else { Field::Many(values) }
    }
}
