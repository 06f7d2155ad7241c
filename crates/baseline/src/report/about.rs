//! What a report tells besides the results: scope, collection, waivers.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::assess::{Assessment, Waiver};
use crate::check::{Control, Settings};
use crate::inventory::{Answer, Failure, Inventory};

/// How an assessment came to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct About {
    /// The version of the program that assessed.
    pub version: String,
    /// What checks were told.
    pub settings: Settings,
    /// The controls that were assessed.
    pub controls: Vec<Control>,
    /// The accounts, by id.
    pub accounts: Vec<Scope>,
    /// Every waiver there was, those that no longer hold among them.
    pub waivers: Vec<WaiverState>,
}

/// What was asked of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The 12 digits.
    pub account_id: String,
    /// Its name, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The Regions that were looked at.
    pub regions: Vec<String>,
    /// Regions that were not, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, String>,
    /// Why the account could not be entered at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failure>,
    /// Questions that the APIs answered.
    pub answered: u64,
    /// Questions that they refused, or that failed.
    pub refused: u64,
}

/// A waiver, and how it stands on the day of the assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverState {
    /// As it was written.
    #[serde(flatten)]
    pub waiver: Waiver,
    /// Its last day is over: it holds no more.
    pub expired: bool,
    /// The failures it holds for.
    pub covers: u64,
}

impl About {
    /// Describes an assessment of all controls.
    #[must_use]
    pub fn new(
        version: &str,
        inventory: &Inventory,
        settings: &Settings,
        waivers: &[Waiver],
        assessment: &Assessment,
    ) -> Self {
        let today = assessment.assessed_at.date_naive();
        Self {
            version: version.to_owned(),
            settings: settings.clone(),
            controls: Control::ALL.to_vec(),
            accounts: inventory.accounts.values().map(scope).collect(),
            waivers: waivers.iter().map(|waiver| WaiverState::new(waiver, assessment, today)).collect(),
        }
    }

    /// The Regions of all accounts, each once.
    #[must_use]
    pub fn regions(&self) -> Vec<&str> {
        let mut regions: Vec<&str> =
            self.accounts.iter().flat_map(|scope| &scope.regions).map(String::as_str).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }
}

fn scope(account: &crate::inventory::Account) -> Scope {
    let answers = || account.answers.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values);
    let refused = answers().filter(|answer| matches!(answer, Answer::Failed(_))).count();
    Scope {
        account_id: account.id.clone(),
        name: account.name.clone(),
        regions: account.regions.clone(),
        left_out: account.left_out.clone(),
        failed: account.failed.clone(),
        answered: (answers().count() - refused) as u64,
        refused: refused as u64,
    }
}

impl WaiverState {
    fn new(waiver: &Waiver, assessment: &Assessment, today: NaiveDate) -> Self {
        let held = assessment.results.iter().filter(|result| result.waiver.as_ref() == Some(waiver));
        Self { waiver: waiver.clone(), expired: today > waiver.expires, covers: held.count() as u64 }
    }
}
