//! The attack: a story told in a fixed order, whatever the seed, with every event it makes.
//!
//! The steps stand in `entry` (how they get in) and `damage` (what they do then); `calls` has the
//! calls that only an attacker makes; `daily` tells rare events that are none.

mod calls;
mod daily;
mod damage;
mod entry;
mod teller;

use chrono::{DateTime, Utc};

use crate::calls::ReadyCall;
use crate::config::{Config, SimError};
use crate::org::Org;
use crate::world::ToldRecords;
use teller::Teller;

/// An attack on the organisation, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attack {
    /// What happened, in a sentence.
    pub summary: String,
    /// The steps, in order of time.
    pub steps: Vec<Step>,
    /// The addresses that the attacker used.
    pub addresses: Vec<String>,
    /// The access keys that the attacker used.
    pub access_keys: Vec<String>,
}

impl Attack {
    /// The ids of all CloudTrail events of the attack.
    pub fn event_ids(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| &step.event_ids).map(String::as_str)
    }
}

/// One step of the attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The time of its first event.
    pub time: DateTime<Utc>,
    /// The time of its last event.
    pub until: DateTime<Utc>,
    /// Who it looks like: a user, a session, or an address.
    pub actor: String,
    /// The account it happens in.
    pub account: &'static str,
    /// The Region it happens in.
    pub region: &'static str,
    /// What was done.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// The technique's id in MITRE ATT&CK.
    pub technique: &'static str,
    /// The technique's name.
    pub technique_name: &'static str,
    /// The `eventID`s of its CloudTrail events.
    pub event_ids: Vec<String>,
    /// How many lines it left in the other logs.
    pub other_lines: u32,
}

/// What the story comes to.
pub(crate) struct Story {
    pub(crate) attack: Attack,
    pub(crate) told: ToldRecords,
    pub(crate) flow_log_ends: Option<i64>,
}

/// Tells everything that is told: the attack if wanted, and what is rare but harmless.
pub(crate) fn tell(
    config: &Config,
    start: i64,
    org: &Org,
    registry: &[ReadyCall],
) -> Result<Story, SimError> {
    let mut teller = Teller::new(config, start, org, registry)?;
    daily::tell(&mut teller)?;
    if config.attack {
        let day = config.attack_day.unwrap_or(config.days - 1);
        teller.set_day(day);
        entry::tell(&mut teller)?;
        damage::tell(&mut teller)?;
        teller.attack.summary =
            "A leaked access key of a reporting job lets a stranger into production; a password \
             found in a parameter makes them administrator; they blind the logs, open the network, \
             take the customer exports and schedule the key that protects them for deletion."
                .to_owned();
    }
    Ok(teller.finish())
}
