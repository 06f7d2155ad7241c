//! What incidents are made of.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trailkeep_detect::{Evidence, Finding, Level};
use trailkeep_state::IncidentKind;

use super::{clip, hash};

const TITLE: usize = 300;
const SUMMARY: usize = 4_000;
const EVIDENCE: usize = 10;

/// Something that a person may have to know of: a finding, an alarm's transition, a control that
/// fails. One that says that all is well again has `clears`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Deterministic: the finding's id, or a hash of what it is. A second one is not counted.
    pub id: String,
    /// What it comes from.
    pub kind: IncidentKind,
    /// True when the cause is gone: the alarm is OK, the check passes.
    pub clears: bool,
    /// The rule, the alarm or the check.
    pub rule_id: String,
    /// Its title.
    pub rule_title: String,
    /// What signals have in common to be one incident: the resource, or who did it.
    pub entity: String,
    /// How much it matters.
    pub level: Level,
    /// The account it happened in.
    pub account_id: Option<String>,
    /// The Region it happened in.
    pub region: Option<String>,
    /// The resource.
    pub resource: Option<String>,
    /// Whose the resource is, by its tag.
    pub owner: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// One line.
    pub title: String,
    /// The change in words.
    pub summary: String,
    /// The events it rests on.
    pub evidence: Vec<Evidence>,
}

/// An alarm went from one state to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmTransition {
    /// Its name.
    pub alarm_name: String,
    /// Its ARN, or whatever else names it alone.
    pub alarm_arn: String,
    /// State before: `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub old_state: String,
    /// State now.
    pub new_state: String,
    /// Why, in words.
    pub reason: String,
    /// When.
    pub time: DateTime<Utc>,
    /// The account it is in.
    pub account_id: Option<String>,
    /// The Region it is in.
    pub region: Option<String>,
    /// How much it matters. Default: high.
    pub level: Option<Level>,
    /// Whose it is, by its tag.
    pub owner: Option<String>,
}

/// A check of the six controls passed before and fails now, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlRegression {
    /// The check.
    pub check_id: String,
    /// Its title.
    pub title: String,
    /// True when it fails now; false when it passes again.
    pub failing: bool,
    /// How much it matters.
    pub level: Level,
    /// The resource.
    pub resource_arn: String,
    /// The account.
    pub account_id: Option<String>,
    /// The Region.
    pub region: Option<String>,
    /// Whose the resource is, by its tag.
    pub owner: Option<String>,
    /// What was seen, and what was expected.
    pub observed: String,
    /// When it was assessed.
    pub time: DateTime<Utc>,
}

impl Signal {
    /// The signal of a finding. `owner` is the tag of its first resource, where it is known.
    #[must_use]
    pub fn of_finding(finding: &Finding, owner: Option<String>) -> Self {
        let resource = finding.resources.first().cloned();
        let entity = resource
            .clone()
            .or_else(|| finding.actor.clone())
            .or_else(|| finding.source_ip.clone())
            .unwrap_or_else(|| finding.group_key.clone());
        let summary = if finding.summary.is_empty() { &finding.description } else { &finding.summary };
        let mut evidence = finding.evidence.clone();
        if evidence.is_empty() {
            evidence.push(Evidence {
                event_uid: finding.event_uid.clone(),
                time: finding.time,
                table: finding.table.clone(),
            });
        }
        evidence.truncate(EVIDENCE);
        Self {
            id: finding.id.clone(),
            kind: IncidentKind::Finding,
            clears: false,
            rule_id: finding.rule_id.clone(),
            rule_title: clip(&finding.rule_title, TITLE),
            entity,
            level: finding.level,
            account_id: finding.account_id.clone(),
            region: finding.region.clone(),
            resource,
            owner,
            actor: finding.actor.clone(),
            time: finding.time,
            title: clip(&finding.rule_title, TITLE),
            summary: clip(summary, SUMMARY),
            evidence,
        }
    }

    /// The signal of a transition into ALARM, or, clearing, into OK. `None` for those into
    /// INSUFFICIENT_DATA: nothing is known then, neither good nor bad.
    #[must_use]
    pub fn of_alarm(transition: &AlarmTransition) -> Option<Self> {
        let clears = match transition.new_state.as_str() {
            "ALARM" => false,
            "OK" => true,
            _ => return None,
        };
        let time = transition.time.to_rfc3339();
        let id = hash(&["alarm", &transition.alarm_arn, &transition.new_state, &time]);
        let title = format!("{} is in {}", transition.alarm_name, transition.new_state);
        Some(Self {
            kind: IncidentKind::Alarm,
            clears,
            rule_id: transition.alarm_name.clone(),
            rule_title: clip(&transition.alarm_name, TITLE),
            entity: transition.alarm_arn.clone(),
            level: transition.level.unwrap_or(Level::High),
            account_id: transition.account_id.clone(),
            region: transition.region.clone(),
            resource: Some(transition.alarm_arn.clone()),
            owner: transition.owner.clone(),
            actor: None,
            time: transition.time,
            title: clip(&title, TITLE),
            summary: clip(
                &format!("{} → {}: {}", transition.old_state, transition.new_state, transition.reason),
                SUMMARY,
            ),
            evidence: vec![Evidence {
                event_uid: id.clone(),
                time: transition.time,
                table: "alarm_history".to_owned(),
            }],
            id,
        })
    }

    /// The signal of a check that fails, or, clearing, passes again.
    #[must_use]
    pub fn of_control(regression: &ControlRegression) -> Self {
        let (time, state) = (regression.time.to_rfc3339(), if regression.failing { "FAIL" } else { "PASS" });
        let id = hash(&["control", &regression.check_id, &regression.resource_arn, state, &time]);
        Self {
            kind: IncidentKind::Control,
            clears: !regression.failing,
            rule_id: regression.check_id.clone(),
            rule_title: clip(&regression.title, TITLE),
            entity: regression.resource_arn.clone(),
            level: regression.level,
            account_id: regression.account_id.clone(),
            region: regression.region.clone(),
            resource: Some(regression.resource_arn.clone()),
            owner: regression.owner.clone(),
            actor: None,
            time: regression.time,
            title: clip(&regression.title, TITLE),
            summary: clip(&regression.observed, SUMMARY),
            evidence: vec![Evidence {
                event_uid: id.clone(),
                time: regression.time,
                table: "posture".to_owned(),
            }],
            id,
        }
    }

    /// What it shares with the other signals of its incident.
    #[must_use]
    pub fn key(&self) -> String {
        // The account stands in it, as the same name may be in many.
        let account = self.account_id.as_deref().unwrap_or_default();
        hash(&[self.kind.as_str(), &self.rule_id, account, &self.entity])
    }
}
