//! Which rules a row can match at all, from its key alone.
//!
//! Rows with equal keys have equal candidates, and a day of logs has a few thousand keys, so the
//! candidates of a key are worked out once ([`crate::kleene`]) and looked up from then on. Most
//! keys have none, and their rows cost one hash and one comparison.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::{FixedState, RandomState};

use crate::RuleSet;
use crate::event::BatchView;
use crate::facts;
use crate::kleene::{self, Verdict};
use crate::plan::{Field, Plan};

/// Keys remembered at most. Keys come from the logs, so a hostile log could bring ever new ones;
/// at the limit all are forgotten, which costs time and nothing else.
const MAX_KEYS: usize = 1 << 15;

/// The rules a key lets through, as positions in the rule set.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdicts {
    /// Matched, whatever the rest of the row says.
    pub(crate) yes: Box<[usize]>,
    /// To be evaluated.
    pub(crate) maybe: Box<[usize]>,
}

impl Verdicts {
    pub(crate) fn is_empty(&self) -> bool {
        self.yes.is_empty() && self.maybe.is_empty()
    }
}

/// A key's parts, in the order of the plan's keys. The outer `None` is a column that the batch
/// does not have.
type Key = Box<[Option<Option<Box<str>>>]>;

/// Key hash → the keys with that hash, and their verdicts.
type Known = HashMap<u64, Vec<(Key, Arc<Verdicts>)>, RandomState>;

/// The memory of keys. Shared between threads.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    known: RwLock<Known>,
}

impl Candidates {
    fn get(&self, hash: u64, view: &BatchView<'_>, row: usize) -> Option<Arc<Verdicts>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let entries = known.get(&hash)?;
        entries.iter().find(|(key, _)| is_key_of(key, view, row)).map(|(_, verdicts)| verdicts.clone())
    }

    fn put(&self, hash: u64, key: Key, verdicts: Arc<Verdicts>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KEYS {
            known.clear();
        }
        known.entry(hash).or_default().push((key, verdicts));
    }
}

/// The candidates of one batch's rows.
pub(crate) struct BatchCandidates<'b> {
    set: &'b RuleSet,
    view: &'b BatchView<'b>,
    hasher: FixedState,
    /// Key hash → a row that has this key, and its verdicts. Rows in one batch repeat a few
    /// hundred keys, so the shared memory and its lock are rarely asked.
    seen: HashMap<u64, Vec<(usize, Arc<Verdicts>)>, RandomState>,
}

impl<'b> BatchCandidates<'b> {
    pub(crate) fn new(set: &'b RuleSet, view: &'b BatchView<'b>) -> Self {
        Self { set, view, hasher: FixedState::default(), seen: HashMap::default() }
    }

    /// The row's candidates.
    pub(crate) fn of(&mut self, row: usize) -> &Arc<Verdicts> {
        let hash = self.hash(row);
        let view = self.view;
        let entries = self.seen.entry(hash).or_default();
        let position = match entries.iter().position(|(other, _)| same_key(view, *other, row)) {
            Some(position) => position,
            None => {
                entries.push((row, lookup(self.set, view, hash, row)));
                entries.len() - 1
            }
        };
        &entries[position].1
    }

    #[inline]
    fn hash(&self, row: usize) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for &key in &self.view.plan.keys {
            match part(self.view, key, row) {
                Some(Some(text)) => {
                    hasher.write(text.as_bytes());
                    hasher.write_u8(0xff);
                }
                Some(None) => hasher.write_u8(0xfe),
                None => {}
            }
        }
        hasher.finish()
    }
}

fn lookup(set: &RuleSet, view: &BatchView<'_>, hash: u64, row: usize) -> Arc<Verdicts> {
    let shared = &view.plan.candidates;
    shared.get(hash, view, row).unwrap_or_else(|| {
        let verdicts = Arc::new(work_out(set, view, row));
        shared.put(hash, key_of(view, row), verdicts.clone());
        verdicts
    })
}

/// The part of a row's key: outer `None` where the batch lacks the column or has it in another
/// type than text (then nothing is known of it), inner for null.
#[inline]
fn part<'b>(view: &BatchView<'b>, key: usize, row: usize) -> Option<Option<&'b str>> {
    view.columns[key].as_ref().filter(|column| column.is_text()).map(|column| column.text(row))
}

fn same_key(view: &BatchView<'_>, a: usize, b: usize) -> bool {
    a == b || view.plan.keys.iter().all(|&key| part(view, key, a) == part(view, key, b))
}

fn key_of(view: &BatchView<'_>, row: usize) -> Key {
    view.plan.keys.iter().map(|&key| part(view, key, row).map(|part| part.map(Into::into))).collect()
}

fn is_key_of(key: &Key, view: &BatchView<'_>, row: usize) -> bool {
    let parts = view.plan.keys.iter().map(|&key| part(view, key, row));
    key.iter().map(|part| part.as_ref().map(|part| part.as_deref())).eq(parts)
}

fn work_out(set: &RuleSet, view: &BatchView<'_>, row: usize) -> Verdicts {
    let plan = view.plan;
    let column_text = |name: &str| {
        let position = plan.keys.iter().copied().find(|&key| plan.columns[key] == name)?;
        part(view, position, row)
    };
    let families = match (column_text("eventsource"), column_text("eventname")) {
        (Some(source), Some(name)) => Some(facts::families(source.unwrap_or(""), name.unwrap_or(""))),
        _ => None,
    };
    let known = |field: &str| known_of(plan, view, row, families.as_deref(), field);
    let (mut yes, mut maybe) = (Vec::new(), Vec::new());
    for &index in &plan.rules {
        match kleene::evaluate(&set.compiled(index).rule, &known) {
            Verdict::Yes => yes.push(index),
            Verdict::Maybe => maybe.push(index),
            Verdict::No => {}
        }
    }
    Verdicts { yes: yes.into(), maybe: maybe.into() }
}

fn known_of<'b>(
    plan: &Plan,
    view: &BatchView<'b>,
    row: usize,
    families: Option<&[&'static facts::Family]>,
    field: &str,
) -> kleene::Known<'b> {
    match plan.field(field) {
        Some(Field::Fact(fact)) => match families {
            Some(families) if !facts::may_have(families, fact) => kleene::Known::Absent,
            _ => kleene::Known::Unknown,
        },
        Some(Field::Value { column: Some(column), .. }) if plan.keys.contains(column) => {
            match part(view, *column, row) {
                Some(Some(text)) => kleene::Known::Text(text),
                Some(None) => kleene::Known::Nothing,
                None => kleene::Known::Unknown,
            }
        }
        _ => kleene::Known::Unknown,
    }
}
