//! Tells how it goes, and stops between two steps when told to.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trailkeep_baseline::apply::{Fate, Outcome, StepResult, Undone, Watcher};
use trailkeep_baseline::plan::Step;

use crate::output::{clean, note};
use crate::signals::drain_on_interrupt;

/// A step waits for AWS this long at the most.
const LIMIT: Duration = Duration::from_secs(300);

pub(super) struct Watch {
    quiet: bool,
    stop: CancellationToken,
}

impl Watch {
    pub(super) fn new(quiet: bool, saying: &'static str) -> Self {
        let stop = CancellationToken::new();
        drain_on_interrupt(stop.clone(), saying, LIMIT);
        Self { quiet, stop }
    }
}

impl Watcher for Watch {
    fn begins(&self, step: &Step) {
        if !self.quiet {
            note(&clean(&format!("  …    {} {} {}", step.account, step.region, step.title)));
        }
    }

    fn ended(&self, result: &StepResult) {
        let title = &result.title;
        let said = match &result.outcome {
            Outcome::Done if self.quiet => return,
            Outcome::AlreadyThere if self.quiet => return,
            Outcome::Done => format!("  done {title}"),
            Outcome::AlreadyThere => format!("  was there {title}"),
            Outcome::Failed { operation, reason } => format!("  FAILED {title}: {operation}: {reason}"),
            Outcome::Skipped { reason } => format!("  not done {title}: {reason}"),
        };
        note(&clean(&said));
    }

    fn undone(&self, undone: &Undone) {
        let subject = &undone.subject;
        let said = match &undone.fate {
            Fate::Deleted | Fate::Restored | Fate::NothingToDo if self.quiet => return,
            Fate::Deleted => format!("  deleted {subject}"),
            Fate::Restored => format!("  put back {subject}"),
            Fate::NothingToDo => format!("  nothing to do {subject}"),
            Fate::Kept { reason } => format!("  kept {subject}: {reason}"),
            Fate::Failed { reason } => format!("  FAILED {subject}: {reason}"),
        };
        note(&clean(&said));
    }

    fn should_stop(&self) -> bool {
        self.stop.is_cancelled()
    }
}
