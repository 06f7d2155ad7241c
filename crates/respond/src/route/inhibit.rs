//! Inhibition: what need not be said while something else is.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use trailkeep_state::Incident;

use super::{Label, Matcher};

/// While an unresolved incident matches `source`, those that match `target` and agree with it in
/// all `equal` properties are not told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inhibition {
    /// What is said.
    pub source: Matcher,
    /// What need not be said then.
    pub target: Matcher,
    /// What both must have in common. A property that one of them lacks is in common with nothing.
    #[serde(default)]
    pub equal: Vec<Label>,
}

/// The values that sources have, per inhibition.
#[derive(Debug)]
pub(super) struct Inhibited<'a> {
    rules: Vec<(&'a Inhibition, Sources<'a>)>,
}

#[derive(Debug, Default)]
struct Sources<'a> {
    all: HashSet<Vec<&'a str>>,
    /// Those that are not targets themselves: two incidents must not silence each other.
    pure: HashSet<Vec<&'a str>>,
}

impl<'a> Inhibited<'a> {
    pub(super) fn new(inhibitions: &'a [Inhibition], incidents: &'a [Incident]) -> Self {
        let rules = inhibitions.iter().map(|inhibition| {
            let mut sources = Sources::default();
            for incident in incidents {
                if incident.is_unresolved()
                    && inhibition.source.matches(incident)
                    && let Some(values) = values(&inhibition.equal, incident)
                {
                    if !inhibition.target.matches(incident) {
                        sources.pure.insert(values.clone());
                    }
                    sources.all.insert(values);
                }
            }
            (inhibition, sources)
        });
        Self { rules: rules.collect() }
    }

    /// The place, in the configuration, of what holds an incident.
    pub(super) fn holds(&self, incident: &Incident) -> Option<usize> {
        self.rules.iter().position(|(inhibition, sources)| {
            if !inhibition.target.matches(incident) {
                return false;
            }
            // One that is source as well as target is held by those only that are source alone:
            // not by itself, and not by its like.
            let sources = if inhibition.source.matches(incident) { &sources.pure } else { &sources.all };
            values(&inhibition.equal, incident).is_some_and(|values| sources.contains(&values))
        })
    }
}

fn values<'a>(labels: &[Label], incident: &'a Incident) -> Option<Vec<&'a str>> {
    labels.iter().map(|label| label.of(incident)).collect()
}
