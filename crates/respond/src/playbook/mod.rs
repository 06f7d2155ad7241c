//! Playbooks: a change that should not be is put back, by itself or when a person says so.
//!
//! ```text
//!   CloudTrail record ─► Event ─► Playbook::plan (pure) ─► Repair ─► decide (pure) ─► observe · wait · run
//!                                    ▲                                                        │
//!                      prior: last state seen, per resource                                   ▼
//!                      (inventories, reads, events) ◄── read ─► journal ─► call ─► journal ─► read back
//! ```
//!
//! A [`Repair`] names the parts of a resource that the event changed, what the event made of them, and what
//! they were. The calls follow from the two states (`facet`), so that the same code puts a change back,
//! makes it again (undo), and goes on where a process was killed.

mod config;
mod engine;
mod event;
mod facet;
mod facets;
mod guard;
mod plan;
mod plans;
mod policy;
mod prior;
mod run;
mod state;
#[cfg(test)]
mod tests;
mod world;

pub use config::{ChangeWindow, ConfigProblem, Mode, PlaybookRule, Span, check};
pub use engine::{Accounts, Playbooks, RespondError, Timing, repair_of};
pub use event::Event;
pub use facet::Context;
pub use guard::{Decision, History, decide};
pub use plan::{PlannedCall, Playbook, Priors, Remedy, Repair, playbook, playbook_for, playbooks};
pub use policy::respond_policy;
pub use prior::Memory;
pub use state::Parts;
