//! Rules over events: Sigma in, findings out.
//!
//! ```text
//!   *.yml ─► document ─► rsigma-parser ─► RuleSet ─────────────┐
//!                                                              ▼
//!   RecordBatch ─► candidates (columns only) ─► rsigma-eval ─► Detections ─► findings
//!                        │                         ▲              └► signals ─► RuleSet::correlate ─► findings
//!                        └ most rows stop here     └ facts: typed facts about the change
//! ```
//!
//! In flow the decoded rows of one table ([`arrow::record_batch::RecordBatch`], the columns of
//! `trailkeep-formats`) and Sigma documents as text; out flow [`Finding`]s, and [`Signal`]s for the
//! rules that speak of many events. The crate is pure: no file system, no clock, no network.
//! Everything is deterministic: the same events and rules give the same findings, under the same ids.
//!
//! * [`RuleSet`] holds parsed rules; [`RuleSet::builtin`] is the pack that ships with Trailkeep.
//! * [`Detector`] runs them over batches and may be shared between threads.
//! * [`facts`] turns nested request parameters into plain fields (`trailkeep.sg.opens_to_world`)
//!   that rules can speak of, and into the change in words.
//! * [`event_pattern`] evaluates EventBridge event patterns.
//! * [`cases`] runs the test events that ship beside every rule.
//! * [`filter_pattern`] is the language of CloudWatch Logs metric filters, over the text of log events.

mod candidates;
pub mod cases;
mod columns;
mod compile;
mod correlation;
mod detector;
mod document;
mod error;
mod event;
pub mod event_pattern;
pub mod facts;
pub mod filter_pattern;
mod finding;
mod info;
mod json;
mod kleene;
mod logsource;
mod pack;
mod path;
pub mod pattern;
mod plan;
mod ruleset;
mod subject;
mod thin;
mod words;

pub use detector::Detector;
pub use error::RuleError;
pub use finding::{Detections, Evidence, Finding, Level, Signal};
pub use info::{RuleInfo, RuleKind};
pub use ruleset::RuleSet;
pub use subject::Glance;
