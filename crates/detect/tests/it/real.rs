//! Real logs: what the pack says about an account in which attacks were simulated.

use std::collections::BTreeMap;
use std::sync::Arc;

use trailkeep_detect::{Detector, Finding, RuleSet};

use crate::support::{decode, real_records, sigma_files};

fn findings(set: RuleSet) -> Option<Vec<Finding>> {
    let batch = decode(&real_records()?);
    let detector = Detector::new(Arc::new(set));
    let detections = detector.detect(&batch, "cloudtrail_logs");
    let mut findings = detections.findings;
    for rule in detector.rules().rules() {
        findings.extend(detector.rules().correlate(&rule.id, &detections.signals));
    }
    Some(findings)
}

fn counts(findings: &[Finding]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(format!("{:<13} {}", finding.level, finding.rule_title)).or_default() += 1;
    }
    counts.iter().map(|(what, count)| format!("{count:>4} {what}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_the_pack_finds() {
    let Some(findings) = findings(RuleSet::builtin().unwrap()) else { return };
    insta::assert_snapshot!(counts(&findings));
}

#[test]
fn what_sigmahq_finds() {
    let Some(files) = sigma_files() else { return };
    let Some(findings) = findings(RuleSet::load(files).0) else { return };
    insta::assert_snapshot!(counts(&findings));
}

#[test]
fn how_findings_read() {
    let Some(findings) = findings(RuleSet::builtin().unwrap()) else { return };
    let mut lines: Vec<String> = findings
        .iter()
        .filter(|finding| finding.level >= trailkeep_detect::Level::Medium)
        .map(|finding| {
            format!("{} {:<6} {}", finding.time.format("%H:%M:%S"), finding.level, finding.summary)
        })
        .collect();
    lines.sort();
    lines.dedup();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_finding_in_full() {
    let Some(findings) = findings(RuleSet::builtin().unwrap()) else { return };
    let finding = findings.iter().find(|finding| {
        finding.rule_title.contains("lifecycle") || finding.rule_title.starts_with("Lifecycle")
    });
    insta::assert_json_snapshot!(
        finding.or_else(|| findings.iter().find(|f| f.action == "PutBucketLifecycle"))
    );
}

#[test]
fn the_same_events_give_the_same_findings_however_they_are_batched() {
    let Some(records) = real_records() else { return };
    let detector = Detector::new(Arc::new(RuleSet::builtin().unwrap()));
    let whole = detector.detect(&decode(&records), "cloudtrail_logs");
    let mut parts = Vec::new();
    for part in records.chunks(100) {
        parts.extend(detector.detect(&decode(part), "cloudtrail_logs").findings);
    }
    assert_eq!(whole.findings, parts);
}
