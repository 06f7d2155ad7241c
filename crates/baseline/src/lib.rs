//! The six controls: an estate's inventory in, verdicts, plans and proofs out.
//!
//! ```text
//!   AWS (read-only calls) ─► collect ─► Inventory ─► checks (pure) ─► Assessment ─► report
//!                                          │                              │
//!                                          └────────► plan ◄──────────────┘
//!                                                      └─► apply ─► journal ─► undo
//! ```
//!
//! In flow the answers of AWS's own APIs, kept as AWS spells them in one JSON document
//! ([`Inventory`]); out flow one [`CheckResult`] per check and resource. A check is a pure function
//! over the inventory: no network, no clock, no disk. It runs the same on an inventory of a year ago.
//!
//! * [`inventory`]: the document, and how checks read it. What could not be asked is `UNKNOWN`,
//!   with the IAM action that was missing, never a pass or a fail.
//! * [`mod@collect`]: asks AWS, and gives the document.
//! * [`check`]: what a check is; [`checks`]: all of them, a file each, a folder per control.
//! * [`policy`]: what resource policies and ACLs effectively allow.
//! * [`estate`]: trails and log buckets by meaning, for the checks that share them.
//! * [`alert_path`]: the ways from an event to somebody, hop by hop; patterns are run, not compared.
//! * [`assess()`]: runs checks, applies waivers, draws the board of the six controls.
//! * [`desired`]: the baseline as it should be: names, policies, settings.
//! * [`mod@emit`]: the same as a CloudFormation template (pure).
//! * [`mod@plan`]: the steps from the inventory to the baseline (pure).
//! * [`mod@apply`]: does the steps, journals them, and takes them back.
//! * [`report`]: tells an assessment to people and programs, a file per format.

pub mod alert_path;
pub mod apply;
pub mod check;
pub mod checks;
pub mod collect;
pub mod desired;
pub mod emit;
pub mod estate;
pub mod inventory;
pub mod plan;
pub mod policy;
pub mod report;

mod assess;
mod regress;
#[cfg(test)]
mod testing;
mod value;
mod waivers;

pub use assess::{Assessment, Board, ControlState, Waiver, assess};
pub use check::{Check, CheckResult, Context, Control, Frameworks, Settings, Severity, Status, Verdict};
pub use inventory::{Account, Answer, Failure, Inventory, Place, Unknown};
pub use regress::regressions;
pub use report::Report;
pub use value::Json;
pub use waivers::{WaiverError, parse_waivers};
