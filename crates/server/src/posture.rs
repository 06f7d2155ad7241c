//! Keeping an assessment of the six controls, and finding what got worse since the one before.
//!
//! Findings go first, the assessment last: killed in between, the next assessment is compared with
//! the same one again, and makes the same findings, under the same ids.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use trailkeep_baseline::report::About;
use trailkeep_baseline::{Assessment, CheckResult, Severity, regressions};
use trailkeep_detect::{Evidence, Finding, Level};
use trailkeep_state::{
    AssessmentId, ControlCounts, NewAssessment, PostureFilter, PostureRow, Route, State, StateError,
    StoredAssessment,
};
use uuid::Uuid;

/// The "table" that findings about the controls point into.
pub const TABLE: &str = "posture";

/// What stands before a check's id, where findings say who found it.
const BY: &str = "The check ";

/// The check that a finding about the controls says it comes from.
pub(crate) fn check_of(actor: &str) -> Option<&str> {
    actor.strip_prefix(BY)
}

/// The rule that found what got worse.
const RULE: &str = "trailkeep-control-regressed";

/// What keeping an assessment did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The assessment's number.
    pub id: AssessmentId,
    /// Results that passed in the assessment before, and fail now: findings.
    pub regressed: usize,
}

/// Keeps an assessment, and makes a finding of each result that got worse since the one before of the
/// same accounts. `origin` says what assessed: `check`, `serve`, `demo`.
///
/// # Errors
/// When the state cannot be read or written.
pub async fn keep(
    state: &State,
    assessment: &Assessment,
    about: &About,
    origin: &str,
    routes: &[Route],
    now: DateTime<Utc>,
) -> Result<Kept, StateError> {
    let accounts: Vec<String> = about.accounts.iter().map(|scope| scope.account_id.clone()).collect();
    let assessments = state.assessments();
    let previous = assessments.previous(&accounts, assessment.assessed_at).await?;
    let mut findings = Vec::new();
    if let Some(previous) = previous.filter(|previous| previous.results > 0) {
        let before = read(state, &previous).await?;
        findings = regressions(&before, assessment)
            .into_iter()
            .map(|(id, result)| finding(id, result, assessment.assessed_at, before.assessed_at))
            .collect();
    }
    state.findings().upsert(&findings, routes, now).await?;
    let new = NewAssessment {
        assessed_at: assessment.assessed_at,
        origin: origin.to_owned(),
        accounts,
        board: board(assessment),
        about: serde_json::to_string(about).unwrap_or_default(),
        results: assessment.with_ids().map(|(id, result)| row(id, result)).collect(),
    };
    let id = assessments.save(&new, now).await?;
    Ok(Kept { id, regressed: findings.len() })
}

/// The results of a stored assessment. What an older or newer program wrote in another shape is left
/// out.
async fn read(state: &State, stored: &StoredAssessment) -> Result<Assessment, StateError> {
    let rows = state.assessments().results(stored.id, &PostureFilter::default(), 0, usize::MAX).await?;
    let results = rows.iter().filter_map(|row| serde_json::from_str(&row.body).ok()).collect();
    Ok(Assessment { assessed_at: stored.assessed_at, results })
}

fn board(assessment: &Assessment) -> Vec<ControlCounts> {
    let worst = |control| {
        let failing = assessment
            .results
            .iter()
            .filter(|result| result.control == control && result.status == trailkeep_baseline::Status::Fail);
        failing.map(|result| result.severity).max().map(|severity| severity.as_str().to_owned())
    };
    assessment
        .board()
        .iter()
        .map(|state| ControlCounts {
            control: state.control.number(),
            status: state.status.as_str().to_owned(),
            worst: worst(state.control),
            pass: state.pass as u64,
            fail: state.fail as u64,
            unknown: state.unknown as u64,
            waived: state.waived as u64,
        })
        .collect()
}

fn row(id: Uuid, result: &CheckResult) -> PostureRow {
    PostureRow {
        id: id.to_string(),
        control: result.control.number(),
        check_id: result.check_id.clone(),
        title: result.title.clone(),
        status: result.status.as_str().to_owned(),
        severity: result.severity.as_str().to_owned(),
        account_id: result.account_id.clone(),
        region: result.region.clone(),
        resource_arn: result.resource_arn.clone(),
        // Texts, numbers and JSON: there is nothing that JSON could not hold.
        body: serde_json::to_string(result).unwrap_or_default(),
    }
}

/// A severity in the words of findings.
pub(crate) fn level(severity: Severity) -> Level {
    match severity {
        Severity::Informational => Level::Informational,
        Severity::Low => Level::Low,
        Severity::Medium => Level::Medium,
        Severity::High => Level::High,
        Severity::Critical => Level::Critical,
    }
}

fn finding(id: Uuid, result: &CheckResult, at: DateTime<Utc>, before: DateTime<Utc>) -> Finding {
    let uid = id.to_string();
    let mut summary = format!("no longer finds “{}”: {}", result.title, result.observed);
    if result.region != trailkeep_baseline::inventory::GLOBAL {
        let _ = write!(summary, " ({})", result.region);
    }
    let check = trailkeep_baseline::checks::find(&result.check_id);
    let why = check.map_or("", |check| check.why);
    Finding {
        id: format!("{:x}", Uuid::new_v5(&id, at.to_rfc3339().as_bytes()).as_u128()),
        rule_id: RULE.to_owned(),
        rule_title: format!("Control {} regressed", result.control.number()),
        level: level(result.severity),
        time: at,
        table: TABLE.to_owned(),
        event_uid: uid.clone(),
        account_id: Some(result.account_id.clone()),
        region: Some(result.region.clone()),
        actor: Some(format!("{BY}{}", result.check_id)),
        access_key_id: None,
        source_ip: None,
        user_agent: None,
        action: "ControlRegressed".to_owned(),
        resources: vec![result.resource_arn.clone()],
        summary,
        description: format!(
            "It passed on {} and fails now. {why} Expected: {}. To fix it: {}",
            before.format("%Y-%m-%d %H:%M UTC"),
            result.expected,
            result.remediation
        ),
        tags: vec!["attack.t1562.008".to_owned()],
        false_positives: vec!["The change was intended; a waiver with an owner and an end says so.".to_owned()],
        references: vec![
            "https://docs.aws.amazon.com/prescriptive-guidance/latest/aws-security-controls/logging-monitoring-controls.html".to_owned(),
        ],
        evidence: vec![Evidence { event_uid: uid.clone(), time: at, table: TABLE.to_owned() }],
        group_key: format!("{TABLE}:{uid}"),
    }
}
