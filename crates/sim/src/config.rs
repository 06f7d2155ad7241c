//! What to simulate, and why it may be refused.

use chrono::NaiveDate;
use thiserror::Error;

/// What to simulate. `Config::default()` is one working day of 200,000 events with the attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Everything random is drawn from this: equal configurations give equal bytes.
    pub seed: u64,
    /// The first day, in UTC. Weekdays and weekends differ.
    pub start: NaiveDate,
    /// How many days, 1 to 3,660.
    pub days: u32,
    /// How many CloudTrail events over all days, exactly, those of the attack among them.
    pub events: u64,
    /// How many lines the other five logs have together, exactly; 0 leaves them out.
    pub companion_lines: u64,
    /// Whether the attack takes place.
    pub attack: bool,
    /// The day of the attack, counted from 0; `None` is the last day.
    pub attack_day: Option<u32>,
    /// The gzip level, 1 (fast) to 9.
    pub compression: u32,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            seed: 7_676,
            // A Tuesday: office hours, nightly jobs and releases all take place.
            start: NaiveDate::from_ymd_opt(2026, 3, 17).unwrap_or_default(),
            days: 1,
            events: 200_000,
            companion_lines: 20_000,
            attack: true,
            attack_day: None,
            compression: 2,
        }
    }
}

/// Why a simulation cannot be made.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimError {
    /// `days` is 0 or beyond what the key layout and the counters allow.
    #[error("{0} days cannot be simulated; ask for 1 to 3660")]
    Days(u32),
    /// `start` lies outside the years that every log format can write.
    #[error("a simulation cannot start on {0}; ask for a day between 1971-01-01 and 9900-01-01")]
    Start(NaiveDate),
    /// Fewer CloudTrail events than the attack itself makes.
    #[error(
        "{asked} events are too few for the attack, which alone makes {needed}; ask for at least {needed}, or switch the attack off"
    )]
    TooFewEvents {
        /// What was asked for.
        asked: u64,
        /// What the attack and the other told events need.
        needed: u64,
    },
    /// Fewer companion lines than the attack itself leaves.
    #[error(
        "{asked} companion lines are too few for the attack, which alone leaves {needed}; ask for at least {needed}, or for 0 to leave those logs out"
    )]
    TooFewLines {
        /// What was asked for.
        asked: u64,
        /// What the attack leaves.
        needed: u64,
    },
    /// The day of the attack is not simulated.
    #[error("the attack is set on day {day}, but only {days} are simulated (counted from 0)")]
    AttackDay {
        /// The day asked for.
        day: u32,
        /// How many there are.
        days: u32,
    },
    /// The gzip level does not exist.
    #[error("gzip level {0} does not exist; use 1 to 9")]
    Compression(u32),
    /// A call template has a placeholder that does not exist: a fault in this crate.
    #[error("template placeholder <{0}> is not known; see template.rs for those that are")]
    Placeholder(String),
    /// A routine names a call that no service module has: a fault in this crate.
    #[error("call {0} is not in the registry; see calls/mod.rs")]
    UnknownCall(String),
}
