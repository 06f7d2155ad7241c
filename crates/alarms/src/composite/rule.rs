//! `AlarmRule`: what it is made of, and whether it is true.

use std::fmt;

use trailkeep_detect::pattern::PatternError;

use crate::AlarmState;
use crate::composite::parse;

/// The most alarms that a rule speaks of.
pub(crate) const MOST_CHILDREN: usize = 100;
/// The most elements of a rule: alarms, `TRUE` and `FALSE`, and operators.
pub(crate) const MOST_ELEMENTS: usize = 500;

/// Where a rule stops making sense, and what was expected there.
pub type RuleError = PatternError;

/// A rule over the states of other alarms.
///
/// `ALARM(…)`, `OK(…)` and `INSUFFICIENT_DATA(…)` of an alarm's name or ARN, with or without double quotes;
/// `TRUE`, `FALSE`; `NOT`, `AND`, `OR` (in falling strength) and parentheses; and
/// `AT_LEAST(2, ALARM, (a, b, c))`, where the number may be a share (`50%`) and the state may be `NOT ALARM`.
/// At most 100 alarms and 500 elements.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmRule {
    source: Box<str>,
    pub(crate) children: Vec<String>,
    pub(crate) root: Node,
}

/// Children are named by their place in the rule's list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Constant(bool),
    Is { state: AlarmState, child: usize },
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    AtLeast { need: Need, state: AlarmState, negated: bool, children: Vec<usize> },
}

/// How many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Need {
    Count(u32),
    Percent(u32),
}

impl AlarmRule {
    /// Reads a rule.
    ///
    /// # Errors
    ///
    /// Says at which byte it stops making sense, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let (children, root) = parse::parse(text)?;
        Ok(Self { source: text.into(), children, root })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The alarms it speaks of, by name or ARN as written, each once.
    pub fn children(&self) -> &[String] {
        &self.children
    }

    /// Whether it holds. An alarm whose state is `None`, as there is no such alarm, is in no state.
    pub fn holds(&self, mut state_of: impl FnMut(&str) -> Option<AlarmState>) -> bool {
        let states: Vec<Option<AlarmState>> = self.children.iter().map(|child| state_of(child)).collect();
        self.root.holds(&states)
    }
}

impl Node {
    fn holds(&self, states: &[Option<AlarmState>]) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Is { state, child } => states[*child] == Some(*state),
            Self::Not(node) => !node.holds(states),
            Self::All(nodes) => nodes.iter().all(|node| node.holds(states)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(states)),
            Self::AtLeast { need, state, negated, children } => {
                let is = |child: &&usize| states[**child].is_some_and(|found| (found == *state) != *negated);
                let found = children.iter().filter(is).count();
                match need {
                    Need::Count(count) => found >= *count as usize,
                    Need::Percent(percent) => found * 100 >= *percent as usize * children.len(),
                }
            }
        }
    }
}

impl fmt::Display for AlarmRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.source)
    }
}
