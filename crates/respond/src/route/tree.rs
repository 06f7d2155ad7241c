//! The tree of routes.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use trailkeep_detect::Level;
use trailkeep_state::Incident;

use super::{Digest, Inhibition, Label, Matcher, TimeWindow};

/// Who is told, and how, once a route is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Channels that are told.
    pub channels: Vec<String>,
    /// What the incidents of one message have in common.
    pub group_by: Vec<Label>,
    /// How long a new group waits for more, unless it is urgent.
    pub group_wait: TimeDelta,
    /// Time between two messages of a group, unless it is urgent.
    pub group_interval: TimeDelta,
    /// What nobody has taken is told again after this time.
    pub repeat: Option<TimeDelta>,
    /// What is below a level is gathered.
    pub digest: Option<Digest>,
    /// Messages are held outside of these hours; none: at all hours.
    pub active: Vec<TimeWindow>,
    /// Who is told when nobody takes it in time.
    pub escalate: Vec<Step>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            channels: Vec::new(),
            group_by: vec![Label::Rule, Label::Account],
            group_wait: TimeDelta::seconds(30),
            group_interval: TimeDelta::minutes(5),
            repeat: Some(TimeDelta::hours(4)),
            digest: None,
            active: Vec::new(),
            escalate: Vec::new(),
        }
    }
}

/// A step of escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// So long after the first message nobody has acknowledged the incident.
    pub after: TimeDelta,
    /// Who is told then.
    pub channels: Vec<String>,
}

/// A node of the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    /// Its name: in timelines, and as the name of its digest.
    pub name: String,
    /// Which incidents take it.
    pub matcher: Matcher,
    /// Whether its later siblings are looked at too.
    pub go_on: bool,
    /// Who is told; what the configuration leaves out is the parent's.
    pub policy: Policy,
    /// Routes below it. The first that matches is taken; without one, this is the end.
    pub children: Vec<Route>,
}

impl Route {
    /// Whether any way from here leads to a channel.
    fn tells(&self) -> bool {
        !self.policy.channels.is_empty() || self.children.iter().any(Self::tells)
    }

    /// The ends of the ways that an incident takes from here.
    pub(super) fn ends<'a>(&'a self, incident: &Incident, out: &mut Vec<&'a Self>) {
        let before = out.len();
        for child in &self.children {
            if child.matcher.matches(incident) {
                child.ends(incident, out);
                if !child.go_on {
                    break;
                }
            }
        }
        if out.len() == before {
            out.push(self);
        }
    }
}

/// How many messages a channel takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Messages.
    pub messages: usize,
    /// In this time.
    pub per: TimeDelta,
}

impl Default for Rate {
    /// Ten a minute.
    fn default() -> Self {
        Self { messages: 10, per: TimeDelta::minutes(1) }
    }
}

/// What planning knows of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelPolicy {
    /// True for those that keep records rather than tell people: each change of each incident, at
    /// once, whatever is silenced.
    pub stream: bool,
    /// Messages below the urgent level, and, apart from these, urgent ones.
    pub rate: Rate,
}

/// All that planning is told by the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    /// The root of the tree: every incident takes it.
    pub root: Route,
    /// The channels.
    pub channels: BTreeMap<String, ChannelPolicy>,
    /// What need not be said while something else is.
    pub inhibit: Vec<Inhibition>,
    /// Incidents of this level and above wait for nothing.
    pub urgent: Level,
    /// Time between two messages of an urgent group: the longest that an urgent incident waits.
    pub urgent_interval: TimeDelta,
}

impl Routing {
    /// Whether any incident is told to any channel.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.root.tells()
    }

    /// The channels of people that an incident's routes lead to.
    #[must_use]
    pub fn people(&self, incident: &Incident) -> Vec<&str> {
        let mut ends = Vec::new();
        self.root.ends(incident, &mut ends);
        let mut people: Vec<&str> = Vec::new();
        for name in ends.iter().flat_map(|end| &end.policy.channels) {
            let stream = self.channels.get(name).is_some_and(|channel| channel.stream);
            if !stream && !people.contains(&name.as_str()) {
                people.push(name);
            }
        }
        people
    }
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            root: Route { name: "root".to_owned(), ..Route::default() },
            channels: BTreeMap::new(),
            inhibit: Vec::new(),
            urgent: Level::High,
            urgent_interval: TimeDelta::seconds(30),
        }
    }
}
