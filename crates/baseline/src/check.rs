//! What a check is, and what it says.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::inventory::{Inventory, Place, Unknown};

/// One of the six controls.
/// <https://docs.aws.amazon.com/prescriptive-guidance/latest/aws-security-controls/logging-monitoring-controls.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Control {
    /// 1: a multi-Region trail.
    Trail,
    /// 2: service and application logs.
    Services,
    /// 3: one central place.
    Central,
    /// 4: the log bucket is closed and its files are whole.
    Bucket,
    /// 5: changes to security groups and network ACLs raise an alert.
    Changes,
    /// 6: alarms.
    Alarms,
}

impl Control {
    /// All six, in order.
    pub const ALL: [Self; 6] =
        [Self::Trail, Self::Services, Self::Central, Self::Bucket, Self::Changes, Self::Alarms];

    /// 1 to 6.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// What it asks for, in a line.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Trail => "A multi-Region CloudTrail trail records every Region",
            Self::Services => "Services and applications log",
            Self::Central => "Logs and findings meet in one central place",
            Self::Bucket => "The log bucket is closed and its files are whole",
            Self::Changes => "Security group and network ACL changes raise an alert",
            Self::Alarms => "Alarms reach people",
        }
    }
}

impl From<Control> for u8 {
    fn from(control: Control) -> Self {
        control.number()
    }
}

impl TryFrom<u8> for Control {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|control| control.number() == number);
        found.ok_or_else(|| format!("there is no control {number}; they are 1 to 6"))
    }
}

/// How bad a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the field's own words")]
pub enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// In lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a check says of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// As expected.
    Pass,
    /// Not as expected.
    Fail,
    /// It could not be looked at.
    Unknown,
    /// Not as expected, and somebody has accepted that until a day.
    Waived,
}

impl Status {
    /// In upper case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Unknown => "UNKNOWN",
            Self::Waived => "WAIVED",
        }
    }
}

/// The same check in other catalogues; empty where it has none there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Frameworks {
    /// CIS AWS Foundations, recommendations of version 1.4.
    pub cis_1_4: &'static [&'static str],
    /// Version 3.0.
    pub cis_3_0: &'static [&'static str],
    /// Version 5.0.
    pub cis_5_0: &'static [&'static str],
    /// AWS Foundational Security Best Practices: Security Hub control ids (`CloudTrail.1`).
    pub security_hub: &'static [&'static str],
    /// AWS Config managed rules (`multi-region-cloudtrail-enabled`).
    pub config_rules: &'static [&'static str],
    /// NIST SP 800-53 revision 5 (`AU-12`).
    pub nist_800_53: &'static [&'static str],
    /// PCI DSS 4 (`10.2.1`).
    pub pci_dss_4: &'static [&'static str],
}

impl Frameworks {
    /// None of them, to be filled in by `..Frameworks::NONE`.
    pub const NONE: Self = Self {
        cis_1_4: &[],
        cis_3_0: &[],
        cis_5_0: &[],
        security_hub: &[],
        config_rules: &[],
        nist_800_53: &[],
        pci_dss_4: &[],
    };
}

/// One testable part of a control: its description and its logic.
#[derive(Debug)]
pub struct Check {
    /// Kebab case, stable: `cloudtrail-multi-region`.
    pub id: &'static str,
    /// The control it is part of.
    pub control: Control,
    /// What holds when it passes, in a line: `A multi-Region trail is logging`.
    pub title: &'static str,
    /// How bad a failure is; a verdict may say otherwise.
    pub severity: Severity,
    /// Why it matters, in a sentence or two, with the AWS page.
    pub why: &'static str,
    /// What is expected of the resource.
    pub expected: &'static str,
    /// How to fix it by hand: the AWS CLI command or the console's way.
    pub remediation: &'static str,
    /// The API calls the fix makes, as IAM actions.
    pub fix_calls: &'static [&'static str],
    /// The same check elsewhere.
    pub frameworks: Frameworks,
    /// The logic: one verdict per resource.
    pub run: fn(&Context<'_>) -> Vec<Verdict>,
}

/// What checks may be told by their owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Log groups and log buckets must keep their logs for at least this many days.
    pub retention_days: i64,
    /// The account that holds the organisation's logs; found from the trail's bucket if not given.
    pub central_account: Option<String>,
    /// A delivery older than this many hours counts as none.
    pub delivery_hours: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { retention_days: 365, central_account: None, delivery_hours: 24 }
    }
}

/// What a check looks at.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The estate. "Now", for a check, is when the inventory was collected.
    pub inventory: &'a Inventory,
    /// What the owner wants.
    pub settings: &'a Settings,
}

/// What a check says of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Pass, fail or unknown; waivers come later.
    pub status: Status,
    /// The account that the resource is in.
    pub account_id: String,
    /// Its Region, or `global`.
    pub region: String,
    /// Its ARN; the account's where it is about something that is not there.
    pub resource_arn: String,
    /// What was seen, in a sentence that begins with a lower-case letter.
    pub observed: String,
    /// Instead of the check's own.
    pub severity: Option<Severity>,
    /// Instead of the check's own text.
    pub expected: Option<String>,
    /// Instead of the check's own text.
    pub remediation: Option<String>,
    /// IAM actions for want of which it is unknown.
    pub missing_actions: Vec<String>,
    /// The API answers that it was judged by, small.
    pub evidence: Value,
}

impl Verdict {
    fn new(status: Status, place: Place<'_>, arn: impl Into<String>, observed: impl Into<String>) -> Self {
        Self {
            status,
            account_id: place.account_id().to_owned(),
            region: place.region.to_owned(),
            resource_arn: arn.into(),
            observed: observed.into(),
            severity: None,
            expected: None,
            remediation: None,
            missing_actions: Vec::new(),
            evidence: Value::Null,
        }
    }

    /// It is as expected.
    pub fn pass(place: Place<'_>, arn: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::new(Status::Pass, place, arn, observed)
    }

    /// It is not as expected.
    pub fn fail(place: Place<'_>, arn: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::new(Status::Fail, place, arn, observed)
    }

    /// Pass or fail.
    pub fn of(ok: bool, place: Place<'_>, arn: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::new(if ok { Status::Pass } else { Status::Fail }, place, arn, observed)
    }

    /// It could not be looked at.
    pub fn unknown(place: Place<'_>, arn: impl Into<String>, unknown: &Unknown) -> Self {
        let mut verdict = Self::new(Status::Unknown, place, arn, unknown.reason.clone());
        verdict.missing_actions.extend(unknown.missing_action.clone());
        verdict
    }

    /// With the answers it was judged by.
    #[must_use]
    pub fn evidence(mut self, evidence: Value) -> Self {
        self.evidence = evidence;
        self
    }

    /// With a severity of its own.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// With a Region of its own, for resources of global lists that live somewhere (buckets).
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// With a fix of its own.
    #[must_use]
    pub fn remediation(mut self, text: impl Into<String>) -> Self {
        self.remediation = Some(text.into());
        self
    }

    /// With an expectation of its own.
    #[must_use]
    pub fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = Some(text.into());
        self
    }
}

impl Context<'_> {
    /// Runs `judge` in every Region of every account. What it does not know becomes a verdict
    /// about that Region; an account that could not be entered is unknown as a whole.
    pub fn each_region(&self, judge: impl Fn(Place<'_>) -> Result<Vec<Verdict>, Unknown>) -> Vec<Verdict> {
        self.inventory
            .places()
            .flat_map(|place| or_unknown(place, &judge))
            .chain(self.not_entered())
            .collect()
    }

    /// Runs `judge` once for every account, at its global place.
    pub fn each_account(&self, judge: impl Fn(Place<'_>) -> Result<Vec<Verdict>, Unknown>) -> Vec<Verdict> {
        let entered = self.inventory.globals().filter(|place| place.account.failed.is_none());
        entered.flat_map(|place| or_unknown(place, &judge)).chain(self.not_entered()).collect()
    }

    fn not_entered(&self) -> impl Iterator<Item = Verdict> {
        self.inventory.globals().filter_map(|place| {
            let failure = place.account.failed.as_ref()?;
            let unknown = Unknown {
                call: "sts:AssumeRole".to_owned(),
                missing_action: failure.missing_action.clone(),
                reason: format!("the account could not be entered: {}: {}", failure.code, failure.message),
            };
            Some(Verdict::unknown(place, place.account_arn(), &unknown))
        })
    }
}

fn or_unknown(place: Place<'_>, judge: &impl Fn(Place<'_>) -> Result<Vec<Verdict>, Unknown>) -> Vec<Verdict> {
    judge(place).unwrap_or_else(|unknown| vec![Verdict::unknown(place, place.account_arn(), &unknown)])
}

/// One line of an assessment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in Check and Verdict")]
pub struct CheckResult {
    pub check_id: String,
    pub control: Control,
    pub title: String,
    pub status: Status,
    pub severity: Severity,
    pub account_id: String,
    pub region: String,
    pub resource_arn: String,
    pub observed: String,
    pub expected: String,
    pub remediation: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_actions: Vec<String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub evidence: Value,
    /// Who accepted it, why, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<crate::assess::Waiver>,
}
