//! [`Plan`], [`Step`], [`PlannedCall`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::Control;

/// What is to be done, in this order, and what is left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Each after all that it needs.
    pub steps: Vec<Step>,
    /// Failures that no step takes away.
    pub left: Vec<Left>,
}

/// One thing that is made or changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Unique in the plan: `111122223333/eu-west-1/log-bucket`.
    pub id: String,
    /// The control that it serves first.
    pub control: Control,
    /// What it does, in a line.
    pub title: String,
    /// In which account.
    pub account: String,
    /// In which Region.
    pub region: String,
    /// The ARN of what is made or changed.
    pub resource: String,
    /// The ids of the failing checks for which it is done.
    pub why: Vec<String>,
    /// The ids of the steps that come first, and that must stay while this one's work does.
    pub needs: Vec<String>,
    /// The calls, in order.
    pub calls: Vec<PlannedCall>,
    /// How it is taken back.
    pub undo: String,
    /// What it touches, and what may be felt.
    pub blast_radius: String,
    /// What it costs.
    pub cost_hint: String,
    /// How it is seen that it worked.
    pub verify: String,
}

/// One API call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedCall {
    /// `s3:PutBucketPolicy`, as in the inventory.
    pub operation: String,
    /// Where it is made.
    pub region: String,
    /// Its input, as the AWS CLI takes it.
    pub input: Value,
}

/// A failure that no step takes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in CheckResult")]
pub struct Left {
    pub check_id: String,
    pub account_id: String,
    pub region: String,
    pub resource_arn: String,
    /// Why there is no step.
    pub why: String,
    /// How it is done by hand.
    pub by_hand: String,
}

/// Stands in an input for what an earlier step's call gave: `${STEP:KeyMetadata.Arn}`.
#[must_use]
pub fn reference(step: &str, path: &str) -> String {
    format!("${{{step}:{path}}}")
}

impl Plan {
    /// Nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Only what serves these controls, and what that needs; failures of other controls are left out
    /// too. All of it when none is given.
    #[must_use]
    pub fn only(mut self, controls: &[Control]) -> Self {
        if controls.is_empty() {
            return self;
        }
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        // Needs come before those who need them: from the end, one pass finds all.
        for step in self.steps.iter().rev() {
            if controls.contains(&step.control) || wanted.contains(&step.id) {
                wanted.insert(step.id.clone());
                wanted.extend(step.needs.iter().cloned());
            }
        }
        self.steps.retain(|step| wanted.contains(&step.id));
        let control = |id: &str| crate::checks::all().find(|check| check.id == id).map(|check| check.control);
        self.left.retain(|left| control(&left.check_id).is_none_or(|control| controls.contains(&control)));
        self
    }
}
