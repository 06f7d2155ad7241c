//! A path and its hops.

use serde::Serialize;

use super::AwsEvent;
use super::condition::Condition;
use crate::inventory::Unknown;

/// What a hop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "AWS's own words")]
pub enum HopKind {
    Trail,
    LogGroup,
    MetricFilter,
    Alarm,
    CompositeAlarm,
    Rule,
    EventBus,
    Topic,
    Subscription,
    Queue,
    Function,
    StateMachine,
    OpsItem,
    Incident,
    /// An action on machines: scaling, stopping, recovering. It tells nobody.
    Machine,
    /// Another target of a rule or an alarm.
    Target,
    Trailkeep,
}

impl HopKind {
    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trail => "trail",
            Self::LogGroup => "log group",
            Self::MetricFilter => "metric filter",
            Self::Alarm => "alarm",
            Self::CompositeAlarm => "composite alarm",
            Self::Rule => "rule",
            Self::EventBus => "event bus",
            Self::Topic => "topic",
            Self::Subscription => "subscription",
            Self::Queue => "queue",
            Self::Function => "function",
            Self::StateMachine => "state machine",
            Self::OpsItem => "OpsItem",
            Self::Incident => "incident",
            Self::Machine => "machine action",
            Self::Target => "target",
            Self::Trailkeep => "Trailkeep",
        }
    }
}

/// One hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hop {
    /// What it is.
    pub kind: HopKind,
    /// Its name, as people know it.
    pub name: String,
    /// Its ARN; empty where it has none (metric filters).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub arn: String,
}

impl Hop {
    pub(crate) fn new(kind: HopKind, name: impl Into<String>, arn: impl Into<String>) -> Self {
        Self { kind, name: name.into(), arn: arn.into() }
    }

    /// `alarm sg-changes`.
    #[must_use]
    pub fn label(&self) -> String {
        if self.name.is_empty() {
            self.kind.name().to_owned()
        } else {
            format!("{} {}", self.kind.name(), self.name)
        }
    }
}

/// Where a path is broken, or where it could not be followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Which of the hops.
    pub hop: usize,
    /// Why, in a clause: `alarm sg-changes has its actions disabled`.
    pub reason: String,
    /// It could not be looked at, which is not to say that it is broken.
    #[serde(skip)]
    pub unknown: Option<Unknown>,
}

/// One way from an event to somebody.
#[derive(Clone, Debug, Serialize)]
pub struct AlertPath {
    /// From the trail or the rule to who is told.
    pub hops: Vec<Hop>,
    /// The first hop that is broken or, where none is, the first that could not be looked at.
    pub broken: Option<Broken>,
    /// Ordinary events that take it too, where it takes most of them: its alarm is in ALARM all day
    /// long, and as actions run on a change of state only, it says nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broad: Vec<String>,
    /// What an event must be like to take it: all of these.
    #[serde(skip)]
    pub(crate) conditions: Vec<Condition>,
}

/// Why a hop does not hand on what reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It does not; why, in a clause.
    Dead(String),
    /// It could not be looked at.
    Unknown(Unknown),
}

/// A hop's state.
pub(crate) type Judged = Result<(), Trouble>;

impl From<Unknown> for Trouble {
    fn from(unknown: Unknown) -> Self {
        Self::Unknown(unknown)
    }
}

/// A hop that is dead for this reason.
pub(crate) fn dead<T>(reason: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Dead(reason.into()))
}

impl AlertPath {
    pub(crate) fn new() -> Self {
        Self { hops: Vec::new(), broken: None, broad: Vec::new(), conditions: Vec::new() }
    }

    /// The same path with one hop more.
    pub(crate) fn through(&self, hop: Hop, judged: Judged) -> Self {
        let mut longer = self.clone();
        longer.hops.push(hop);
        longer.judge(judged);
        longer
    }

    /// Takes the state of the last hop into account. What is known to be broken says more than what
    /// is not known.
    pub(crate) fn judge(&mut self, judged: Judged) {
        let Err(trouble) = judged else { return };
        let hop = self.hops.len().saturating_sub(1);
        let known_broken = self.broken.as_ref().is_some_and(|broken| broken.unknown.is_none());
        match trouble {
            Trouble::Dead(reason) if !known_broken => {
                self.broken = Some(Broken { hop, reason, unknown: None });
            }
            Trouble::Unknown(unknown) if self.broken.is_none() => {
                self.broken = Some(Broken { hop, reason: unknown.reason.clone(), unknown: Some(unknown) });
            }
            Trouble::Dead(_) | Trouble::Unknown(_) => {}
        }
    }

    pub(crate) fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Whole to its end.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.broken.is_none()
    }

    /// The event takes this path, as far as it is whole.
    #[must_use]
    pub fn takes(&self, event: &AwsEvent) -> bool {
        self.conditions.iter().all(|condition| condition.holds(event))
    }

    /// Notes whether it takes most of these, which are ordinary, to an alarm.
    pub(super) fn try_out(&mut self, ordinary: &[AwsEvent]) {
        let taken: Vec<String> =
            ordinary.iter().filter(|event| self.takes(event)).map(|event| event.label.clone()).collect();
        if taken.len() * 2 > ordinary.len() && self.hops.iter().any(|hop| hop.kind == HopKind::Alarm) {
            self.broad = taken;
        }
    }

    /// The hop that picks events: the metric filter, the rule or Trailkeep.
    #[must_use]
    pub fn listener(&self) -> Option<&Hop> {
        let picks =
            |hop: &&Hop| matches!(hop.kind, HopKind::MetricFilter | HopKind::Rule | HopKind::Trailkeep);
        self.hops.iter().find(picks)
    }

    /// `metric filter sg → alarm sg → topic alerts → subscription ops@example.com`.
    #[must_use]
    pub fn describe(&self) -> String {
        let before = |hop: &&Hop| matches!(hop.kind, HopKind::Trail | HopKind::LogGroup);
        let shown: Vec<String> = self.hops.iter().skip_while(before).map(Hop::label).collect();
        shown.join(" → ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(reason: &str) -> Unknown {
        Unknown { call: "sns:ListTopics".to_owned(), missing_action: None, reason: reason.to_owned() }
    }

    #[test]
    fn the_first_broken_hop_is_told_and_known_beats_unknown() {
        let hop = |kind| Hop::new(kind, "x", "");
        let path = AlertPath::new().through(hop(HopKind::Rule), Ok(()));
        let path = path.through(hop(HopKind::EventBus), Err(unknown("not asked").into()));
        assert!(path.broken.as_ref().unwrap().unknown.is_some());
        let path = path.through(hop(HopKind::Topic), dead("topic x does not exist"));
        let path = path.through(hop(HopKind::Subscription), dead("later"));
        let broken = path.broken.unwrap();
        assert_eq!((broken.hop, broken.reason.as_str(), broken.unknown), (2, "topic x does not exist", None));
    }

    #[test]
    fn a_path_is_described_from_the_hop_that_picks() {
        let path = AlertPath::new()
            .through(Hop::new(HopKind::Trail, "main", ""), Ok(()))
            .through(Hop::new(HopKind::LogGroup, "trail", ""), Ok(()))
            .through(Hop::new(HopKind::MetricFilter, "sg", ""), Ok(()))
            .through(Hop::new(HopKind::Alarm, "sg-changes", ""), Ok(()));
        assert_eq!(path.describe(), "metric filter sg → alarm sg-changes");
        assert_eq!(path.listener().map(Hop::label).as_deref(), Some("metric filter sg"));
    }
}
