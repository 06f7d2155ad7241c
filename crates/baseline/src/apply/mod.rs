//! Doing what a plan says, and taking it back.
//!
//! ```text
//!   for each step:  for each call:  read ─► journal what was there ─► call ─► journal what came ─► read
//!                                   (fsync)                           (fsync)        back: does it hold?
//!   undo:  the journal from its end:  still as we made it? ─► delete or put back ─► journal
//! ```
//!
//! What was there before is on disk before a call is made: a run that is killed at any moment can be
//! taken back. Undo touches what the journal says that the run did, and of that only what is still as the
//! run left it. What holds logs by now is kept, and all that it needs (its key, say) with it.

mod effect;
mod effects;
mod journal;
mod policy;
mod run;
mod undo;
mod world;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use trailkeep_aws::api::Client;

pub use journal::{Journal, JournalError, RunId, RunSummary, runs};
pub use policy::iam_policy;
pub use run::apply;
pub use undo::undo;
pub use world::Patience;

use crate::plan::Step;

/// How each account is asked.
pub type Clients = HashMap<String, Client>;

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Done, and seen to be so.
    Done,
    /// All of it was there already.
    AlreadyThere,
    /// It failed; what was done of it is in the journal.
    Failed {
        /// The call that failed.
        operation: String,
        /// Why.
        reason: String,
    },
    /// Not begun, as a step that it needs failed, or as somebody said to stop.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// A step, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepResult {
    /// The step's id.
    pub step: String,
    /// Its title.
    pub title: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What undo did with one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The step that had made or changed it.
    pub step: String,
    /// What it is: `bucket trailkeep-logs-…`.
    pub subject: String,
    /// What was done.
    #[serde(flatten)]
    pub fate: Fate,
}

/// What became of something at undo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It is deleted.
    Deleted,
    /// It is what it was before.
    Restored,
    /// It was gone, or what it was before, already.
    NothingToDo,
    /// It was left as it is.
    Kept {
        /// Why.
        reason: String,
    },
    /// It could not be taken back.
    Failed {
        /// Why.
        reason: String,
    },
}

/// Is told how it goes.
pub trait Watcher: Sync {
    /// A step begins.
    fn begins(&self, _step: &Step) {}
    /// A step has ended.
    fn ended(&self, _result: &StepResult) {}
    /// Something was taken back, or kept.
    fn undone(&self, _undone: &Undone) {}
    /// Nothing more is to be begun.
    fn should_stop(&self) -> bool {
        false
    }
}

/// Watches nothing.
impl Watcher for () {}
