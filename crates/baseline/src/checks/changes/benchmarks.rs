//! Whoever pasted a benchmark's own filter passes, and is told what it lacks.

use std::path::Path;

use serde_json::{Value, json};

use super::CHECKS;
use crate::alert_path::sample::{ACCOUNT, Sample};
use crate::check::{Check, Verdict};
use crate::inventory::GLOBAL;

/// The benchmarks' own text, where the folder of shared references is there.
fn benchmarks() -> Option<Value> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TRAILKEEP_SHARED").map_or(default, Into::into);
    let path = shared.join("reference/cis-monitoring-filters.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: no benchmarks' filters at {}; set TRAILKEEP_SHARED to run", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// The check of a recommendation; section 4 is section 5 from version 6.0 on.
fn check_of(recommendation: &str) -> &'static Check {
    let number = format!("4.{}", recommendation.split('.').nth(1).unwrap());
    let found = CHECKS.iter().find(|check| check.frameworks.cis_5_0 == [number.as_str()]);
    found.unwrap_or_else(|| panic!("no check is {number}"))
}

fn judged(check: &Check, pattern: &str) -> Verdict {
    let mut sample = Sample::new();
    sample.put(
        GLOBAL,
        "organizations:DescribeOrganization",
        "",
        json!({"Organization": {"MasterAccountId": ACCOUNT}}),
    );
    sample.add_alert("pasted", pattern);
    sample.verdict(check)
}

#[test]
fn filters_of_every_benchmark_are_judged_by_what_they_mean() {
    let Some(benchmarks) = benchmarks() else { return };
    let mut count = 0;
    for (version, recommendations) in benchmarks.as_object().unwrap() {
        for (number, recommendation) in recommendations.as_object().unwrap() {
            let check = check_of(number);
            for pattern in
                ["remediation", "audit"].into_iter().flat_map(|part| recommendation[part].as_array().unwrap())
            {
                let verdict = judged(check, pattern.as_str().unwrap());
                let old = version.starts_with(['1', '2', '3']);
                let (wanted, said) = match check.id {
                    "alert-security-group-changes" if old || version == "4.0" => {
                        ("FAIL", "1 of 7 calls would slip by: ModifySecurityGroupRules")
                    }
                    "alert-unauthorized-calls" if old => ("PASS", "picks nearly every event"),
                    _ => ("PASS", ""),
                };
                let observed = &verdict.observed;
                assert_eq!(verdict.status.as_str(), wanted, "{version} {number}: {observed}");
                assert!(observed.contains(said), "{version} {number}: {observed}");
                assert_eq!(
                    observed.contains("nearly every"),
                    said.contains("nearly every"),
                    "{version} {number}: {observed}"
                );
                count += 1;
            }
        }
    }
    assert!(count > 200, "{count} filters");
}
