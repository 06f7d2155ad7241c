//! [`Inventory`]: what AWS answered about an estate, in one JSON document.
//!
//! Every answer is kept as the API gave it (member names as the AWS CLI prints them), under the
//! account and Region it was asked in, the call's name (`cloudtrail:DescribeTrails`) and, for calls
//! about one resource, that resource. Answers of global services (S3, IAM, CloudFront, Route 53,
//! Organizations, WAF for CloudFront) are kept under the Region [`GLOBAL`].
//!
//! ```json
//! {"schema": 1, "collected_at": "…", "accounts": {"111111111111": {"id": "111111111111",
//!   "regions": ["eu-west-1"], "answers": {"eu-west-1": {"cloudtrail:GetTrailStatus": {
//!     "arn:aws:cloudtrail:…:trail/main": {"output": {"IsLogging": true}}}}}}}}
//! ```

mod derived;
mod read;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use derived::Derived;
pub use read::{Place, Unknown};

/// The Region under which answers of global services are kept.
pub const GLOBAL: &str = "global";

/// The document's version. Older ones stay readable; newer ones are refused.
pub const SCHEMA: u32 = 1;

/// What AWS answered about an estate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inventory {
    /// [`SCHEMA`] when it was written.
    pub schema: u32,
    /// When the collection began.
    pub collected_at: DateTime<Utc>,
    /// Accounts by id.
    pub accounts: BTreeMap<String, Account>,
    /// Accounts of the organisation that were not looked at, and why (`suspended`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, String>,
    /// What its reader should know, in sentences: where there was more than was asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What Trailkeep itself watches, as `serve` knows it; absent when it only checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailkeep: Option<Watch>,
    /// What was computed from it.
    #[serde(skip)]
    pub(crate) derived: Derived,
}

/// Trailkeep's own part in the estate: a change that reaches it raises an alert there too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watch {
    /// Accounts whose CloudTrail events reach Trailkeep as they happen.
    pub accounts: Vec<String>,
    /// Somebody is notified of findings (a webhook or another channel is configured).
    pub notifies: bool,
}

/// One account's answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// The 12 digits.
    pub id: String,
    /// Its name in the organisation, or its alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The Regions that are on and were looked at.
    pub regions: Vec<String>,
    /// Regions that were not looked at, and why (`not opted in`, `not in scope`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, String>,
    /// The account as a whole could not be entered (its role could not be assumed, say).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failure>,
    /// Region → call → resource (empty for calls about the whole Region) → answer.
    #[serde(default)]
    pub answers: BTreeMap<String, BTreeMap<String, BTreeMap<String, Answer>>>,
}

/// What came back from one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The output, all pages joined.
    Output(Value),
    /// The service says that there is no such configuration (`NoSuchBucketPolicy`, …): its code.
    Absent(String),
    /// The question could not be asked.
    Failed(Failure),
}

/// Why a question could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// AWS's error code, or `Unreachable`, `Throttled`.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// The IAM action that the call needs, where it was refused for want of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_action: Option<String>,
}

impl Inventory {
    /// An inventory without accounts.
    #[must_use]
    pub fn new(collected_at: DateTime<Utc>) -> Self {
        Self {
            schema: SCHEMA,
            collected_at,
            accounts: BTreeMap::new(),
            left_out: BTreeMap::new(),
            notes: Vec::new(),
            trailkeep: None,
            derived: Derived::default(),
        }
    }

    /// Reads a saved document.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it: not JSON, not an inventory, or of a newer version.
    pub fn from_json(text: &[u8]) -> Result<Self, String> {
        let inventory: Self = serde_json::from_slice(text).map_err(|error| {
            format!("not an inventory that `trailkeep check --save-inventory` wrote: {error}")
        })?;
        if inventory.schema > SCHEMA {
            return Err(format!(
                "the inventory is of version {}, this trailkeep reads up to {SCHEMA}; use a newer trailkeep",
                inventory.schema
            ));
        }
        Ok(inventory)
    }

    /// Keeps an answer. `resource` is empty for calls about the whole Region.
    pub fn record(&mut self, account: &str, region: &str, call: &str, resource: &str, answer: Answer) {
        self.derived = Derived::default();
        let account = self
            .accounts
            .entry(account.to_owned())
            .or_insert_with(|| Account { id: account.to_owned(), ..Account::default() });
        let calls = account.answers.entry(region.to_owned()).or_default();
        calls.entry(call.to_owned()).or_default().insert(resource.to_owned(), answer);
    }
}
