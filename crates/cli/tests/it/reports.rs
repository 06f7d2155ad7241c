//! `trailkeep check` on a kept inventory: formats, statuses, waivers, what is kept.

use std::path::{Path, PathBuf};

use serde_json::Value;
use trailkeep_sim::{Config, Simulator};

use crate::support::{json, query, run};

/// The simulated estate's inventory, in a file.
fn inventory(folder: &Path) -> PathBuf {
    let config = Config { events: 2_000, companion_lines: 800, ..Config::default() };
    let file = folder.join("inventory.json");
    let document = Simulator::new(config).unwrap().estate().inventory;
    std::fs::write(&file, serde_json::to_vec(&document).unwrap()).unwrap();
    file
}

fn check(data: &Path, file: &Path, more: &[&str]) -> std::process::Output {
    let mut args = vec!["check", "-q", "--from-inventory", file.to_str().unwrap()];
    args.extend(more);
    run(data, &args)
}

#[test]
fn every_format_tells_the_same_results() {
    let data = tempfile::tempdir().unwrap();
    let file = inventory(data.path());
    let text = |format: &str| {
        let output = check(data.path(), &file, &["-o", format]);
        assert!([Some(0), Some(3)].contains(&output.status.code()), "{format}: {:?}", output.status);
        String::from_utf8(output.stdout).unwrap()
    };
    let document: Value = serde_json::from_str(&text("json")).unwrap();
    let results = document["results"].as_array().unwrap().len();
    assert_eq!(document["accounts"].as_array().unwrap().len(), 3);
    assert_eq!(document["board"].as_array().unwrap().len(), 6);
    assert_eq!(text("ndjson").lines().count(), results);
    assert!(text("csv").starts_with("check_id,control,status,severity,"));
    assert!(text("table").contains("The six controls"));
    assert!(text("html").starts_with("<!DOCTYPE html>"));
    assert_eq!(text("junit").matches("<testcase ").count(), results);
    for format in ["asff", "ocsf"] {
        let findings: Value = serde_json::from_str(&text(format)).unwrap();
        assert_eq!(findings.as_array().unwrap().len(), results, "{format}");
    }
}

#[test]
fn one_control_is_told_alone_and_not_kept() {
    let data = tempfile::tempdir().unwrap();
    let file = inventory(data.path());
    let output = check(data.path(), &file, &["-o", "json", "--control", "4"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["results"].as_array().unwrap().iter().all(|result| result["control"] == 4));
    assert_eq!(document["board"].as_array().unwrap().len(), 1);
    assert!(!data.path().join("state.db").exists(), "a part is no assessment of the estate");
    check(data.path(), &file, &["-o", "json", "--no-save"]);
    assert!(!data.path().join("state.db").exists());
    let whole = check(data.path(), &file, &["-o", "json"]);
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    let kept = query(data.path(), "SELECT status, count(*) AS n FROM posture GROUP BY 1 ORDER BY 1");
    let told =
        |status: &str| whole["results"].as_array().unwrap().iter().filter(|r| r["status"] == status).count();
    assert!(kept.iter().all(|row| row["n"] == told(row["status"].as_str().unwrap())), "{kept:?}");
    assert_eq!(
        kept.iter().filter_map(|row| row["n"].as_u64()).sum::<u64>(),
        whole["results"].as_array().unwrap().len() as u64
    );
    assert!(data.path().join("state.db").exists());
    let findings = json(data.path(), &["findings", "-o", "json", "-q"]);
    assert_eq!(findings.as_array().map(Vec::len), Some(0), "a first look finds nothing worse");
}

#[test]
fn the_status_says_whether_something_fails() {
    let data = tempfile::tempdir().unwrap();
    let file = inventory(data.path());
    let output = check(data.path(), &file, &["-o", "ndjson", "--no-save"]);
    let worst = String::from_utf8(output.stdout).unwrap().lines().any(|line| {
        let result: Value = serde_json::from_str(line).unwrap();
        result["status"] == "FAIL"
    });
    assert_eq!(output.status.code(), Some(if worst { 3 } else { 0 }));
}

#[test]
fn mistakes_are_told_before_anything_is_done() {
    let data = tempfile::tempdir().unwrap();
    let file = inventory(data.path());
    let waivers = data.path().join("waivers.toml");
    std::fs::write(&waivers, "[[waiver]]\ncheck = \"*\"\nresource = \"arn:x\"\nowner = \"\"\nreason = \"r\"\nexpires = 2027-01-01\n").unwrap();
    let output = check(data.path(), &file, &["--waivers", waivers.to_str().unwrap()]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("waivers.toml:4: `owner` is empty"), "{stderr}");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    for format in ["html", "junit", "asff", "ocsf"] {
        let output = run(data.path(), &["findings", "-o", format]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(&format!("{format} is for `check` only")), "{stderr}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    }
    let output = check(data.path(), &file, &["-o", "parquet"]);
    assert!(String::from_utf8(output.stderr).unwrap().contains("parquet is for `query` only"));
    assert!(!data.path().join("state.db").exists());
}
