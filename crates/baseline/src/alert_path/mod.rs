//! Ways on which an event becomes an alert that reaches somebody, hop by hop.
//!
//! ```text
//!   API call ─► trail (logging, records it) ─┬─► log group ─► metric filter ─► alarm ─┬─► topic ─► subscription
//!                                            │      (pattern run)        (fires on one) └─► OpsItem, function, …
//!                                            └─► EventBridge rule ─► topic, queue, function, other bus, …
//!   finding (GuardDuty, Security Hub) ───────────►    (pattern run)
//!   API call ─► Trailkeep ─► notification
//! ```
//!
//! [`AlertPaths`] is every such way of an estate, as data: the hops, the first hop that is broken, and
//! what an event must be like to take it. [`AlertPaths::coverage`] runs events through them: patterns
//! are evaluated, not compared as text. An event is alerted when one path takes it and is whole to its
//! end. What could not be looked at makes the answer unknown, unless a path that could is whole.
//!
//! The paths are computed once for an inventory: [`crate::Inventory::alert_paths`].

mod actions;
mod alarm;
mod allows;
mod composite;
mod condition;
mod coverage;
mod event;
mod filters;
mod ordinary;
mod path;
mod paths;
mod rules;
mod target;
mod topic;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use coverage::{Coverage, Listener, Outcome};
pub use event::AwsEvent;
pub use path::{AlertPath, Broken, Hop, HopKind};
pub use paths::{AlertPaths, Spot};

pub(crate) use actions::composite_children;
pub(crate) use alarm::is_disabled;
pub(crate) use composite::Rule as CompositeRule;
pub(crate) use path::Trouble;
pub(crate) use paths::home_of_global_services;
pub(crate) use target::{Sender, judge as judge_target};
pub(crate) use topic::{
    confirmed as confirmed_subscriptions, is_gone as topic_is_gone, name_of as topic_name,
};
