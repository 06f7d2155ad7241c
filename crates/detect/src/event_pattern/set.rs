//! Many patterns against one stream of events.

use std::collections::HashMap;
use std::sync::Arc;

use super::EventPattern;
use super::branch::{Branch, Leaf};
use super::value::{EventValue, View};

/// Fields by whose exact values patterns are told apart, the most telling first. Nearly every
/// pattern names one of them.
const KEYS: &[&[&str]] = &[&["detail", "eventName"], &["source"], &["detail-type"]];

/// Many patterns, of which an event is held only against those that its name, source or type does not
/// rule out.
#[derive(Clone, Debug, Default)]
pub struct EventPatternSet {
    /// How many patterns there are.
    len: usize,
    /// All branches, in the order of their patterns.
    branches: Vec<Entry>,
    /// For each key the branches that ask for one of its values.
    by_key: Vec<HashMap<String, Vec<usize>, foldhash::fast::FixedState>>,
    /// Branches that ask for no exact value of any key.
    others: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// The place of the branch's pattern.
    pattern: usize,
    branch: Branch,
    /// What the event's name has to pass. It is looked up once for all patterns, and rules most of
    /// those out that ask for it by prefix or wildcard.
    name: Option<Arc<Leaf>>,
}

impl EventPatternSet {
    /// A set of these patterns, which are then known by their place.
    pub fn new(patterns: impl IntoIterator<Item = EventPattern>) -> EventPatternSet {
        let mut set = EventPatternSet { by_key: vec![HashMap::default(); KEYS.len()], ..Self::default() };
        for pattern in patterns {
            for branch in pattern.branches {
                set.add(branch);
            }
            set.len += 1;
        }
        set
    }

    fn add(&mut self, branch: Branch) {
        let place = self.branches.len();
        let key = KEYS.iter().enumerate().find_map(|(key, path)| Some((key, branch.exact_texts(path)?)));
        match key {
            Some((key, texts)) => {
                for text in texts {
                    self.by_key[key].entry(text.to_owned()).or_default().push(place);
                }
            }
            None => self.others.push(place),
        }
        let name = branch.text_leaf(KEYS[0]).cloned();
        self.branches.push(Entry { pattern: self.len, branch, name });
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The places of the patterns that match, in order.
    pub fn matches(&self, event: &serde_json::Value) -> Vec<usize> {
        self.matching(event)
    }

    /// The same for an event that was parsed by `sonic_rs`.
    pub fn matches_sonic(&self, event: &sonic_rs::Value) -> Vec<usize> {
        self.matching(event)
    }

    fn matching<V: EventValue>(&self, event: &V) -> Vec<usize> {
        let mut candidates = self.others.clone();
        let mut names = Vec::new();
        collect_texts(event, KEYS[0], 0, &mut names);
        for (key, places) in self.by_key.iter().enumerate().filter(|(_, places)| !places.is_empty()) {
            let mut texts = Vec::new();
            if key > 0 {
                collect_texts(event, KEYS[key], 0, &mut texts);
            }
            let texts = if key == 0 { &names } else { &texts };
            candidates.extend(texts.iter().filter_map(|text| places.get(*text)).flatten());
        }
        candidates.sort_unstable();
        candidates.dedup();
        let mut found: Vec<usize> = Vec::new();
        for place in candidates {
            let Entry { pattern, branch, name } = &self.branches[place];
            let may = name.as_ref().is_none_or(|leaf| names.iter().any(|name| leaf.takes_text(name)));
            if may && found.last() != Some(pattern) && branch.matches(event) {
                found.push(*pattern);
            }
        }
        found
    }
}

/// Deepest nesting that is looked into; deeper than a pattern's matching does.
const MAX_DEPTH: usize = 512;

/// Every text at the end of a path, through whatever arrays.
fn collect_texts<'a, V: EventValue>(value: &'a V, path: &[&str], depth: usize, found: &mut Vec<&'a str>) {
    match (value.view(), path.split_first()) {
        (View::List(list), _) if depth < MAX_DEPTH => {
            for value in list {
                collect_texts(value, path, depth + 1, found);
            }
        }
        (View::Text(text), None) => found.push(text),
        (View::Object, Some((name, rest))) => {
            if let Some(value) = value.member(name) {
                collect_texts(value, rest, depth, found);
            }
        }
        _ => {}
    }
}
