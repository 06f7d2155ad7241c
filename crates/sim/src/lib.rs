//! A deterministic simulator of an AWS organisation and the logs it writes.
//!
//! In flows a [`Config`]: a seed, a first day, a number of days and of events. Out flow log
//! files as AWS lays them out in a bucket: CloudTrail for three accounts in four Regions, and
//! smaller amounts of VPC flow, S3 server access, CloudFront, WAF and API Gateway access logs.
//! One day of it contains an [`Attack`] that is told in order, so that a demo can print it and a
//! test can look for every event of it.
//!
//! The same configuration gives the same bytes, on any machine and in any order of rendering:
//! each file draws from its own random stream, so [`FileSpec::render`] is pure and two threads
//! may share one [`Plan`]. Nothing here knows a disk, a clock or a network.
//!
//! ```
//! use trailkeep_sim::{Config, Simulator};
//!
//! let sim = Simulator::new(Config { events: 2_000, companion_lines: 800, ..Config::default() })?;
//! let events: u64 = sim.files().filter(|f| f.table == "cloudtrail_logs").map(|f| u64::from(f.events)).sum();
//! assert_eq!(events, 2_000);
//! for step in &sim.attack().steps {
//!     assert!(step.technique.starts_with('T'));
//! }
//! # Ok::<(), trailkeep_sim::SimError>(())
//! ```
//!
//! Besides the logs, [`Simulator::estate`] says what AWS would answer about the organisation, as an
//! inventory for `trailkeep check`, with told faults.
//!
//! The parts, in the order in which a record passes through them: `rhythm` says how busy each
//! kind of work is, `plan` shares the events out over files, `routine` says which calls belong
//! together, `org` knows who and what exists, `identity` turns a caller into a `userIdentity`,
//! `calls` holds a template per API call, `record` writes the event, `render` the file.

mod attack;
mod calls;
mod cast;
mod companion;
mod config;
mod dice;
mod estate;
#[cfg(test)]
mod golden;
mod identity;
mod org;
mod plan;
mod record;
mod render;
mod rhythm;
mod routine;
mod template;
mod text;
mod world;

pub use attack::{Attack, Step};
pub use config::{Config, SimError};
pub use estate::{Estate, Fault};
pub use plan::{FileSpec, Plan};
pub use render::{Records, SimFile};
pub use world::{AccountInfo, Simulator};
