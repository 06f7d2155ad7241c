//! In which order composite alarms are evaluated, and which cannot be.

use std::collections::{BTreeMap, BTreeSet};

/// The order of evaluation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Each after the alarms that it speaks of.
    pub sequence: Vec<String>,
    /// Alarms in a circle, and those that depend on one: they are not evaluated, as in CloudWatch.
    pub stuck: Vec<String>,
}

/// Orders composite alarms, given as names with the names of those that each speaks of. What is no key is
/// a metric alarm, and comes before all of them. The same alarms always give the same order.
pub fn order(children: &BTreeMap<String, Vec<String>>) -> Order {
    let mut waits: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, its) in children {
        let its: BTreeSet<&str> =
            its.iter().map(String::as_str).filter(|child| children.contains_key(*child)).collect();
        waits.insert(name, its.len());
        its.iter().for_each(|child| parents.entry(child).or_default().push(name));
    }
    let mut ready: BTreeSet<&str> =
        waits.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    let mut order = Order::default();
    while let Some(name) = ready.pop_first() {
        waits.remove(name);
        order.sequence.push(name.to_owned());
        for parent in parents.get(name).into_iter().flatten() {
            if let Some(count) = waits.get_mut(parent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(parent);
                }
            }
        }
    }
    order.stuck = waits.into_keys().map(str::to_owned).collect();
    order
}
