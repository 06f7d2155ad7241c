//! Killed at any moment and run again, `ingest` has every event in the lake once, and the same
//! findings as a run that nobody disturbed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{ok, query, simulate, trailkeep};

/// How many kills must have struck a running ingestion.
const KILLS: u32 = 25;

#[test]
fn every_event_is_there_once_after_many_kills() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    let ids = simulate(&logs, 4_000);
    let undisturbed = folder.path().join("undisturbed");
    let began = Instant::now();
    ok(&undisturbed, &ingest(&logs));
    let whole = began.elapsed();
    let expected_findings = findings(&undisturbed);
    assert!(!expected_findings.is_empty(), "there is an attack in the logs");

    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let (mut kills, mut rounds) = (0, 0);
    while kills < KILLS {
        rounds += 1;
        assert!(rounds < 200, "{kills} kills in {rounds} rounds: the kills come too late");
        let data = folder.path().join(format!("round-{rounds}"));
        // Some kills in a row on one data folder, the later ones on what the earlier ones left.
        for _ in 0..4 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let span = u64::try_from(whole.as_millis()).unwrap();
            kills += u32::from(killed_after(&data, &logs, Duration::from_millis(random % span)));
        }
        ok(&data, &ingest(&logs));
        assert_eq!(events(&data), once(&ids), "round {rounds}, {kills} kills");
        assert_eq!(findings(&data), expected_findings, "round {rounds}, {kills} kills");
        std::fs::remove_dir_all(&data).unwrap();
    }
    eprintln!("{kills} kills of a running ingestion in {rounds} rounds, {} events each once", ids.len());
}

#[test]
fn two_ingestions_at_the_same_time_have_every_event_once() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    let ids = simulate(&logs, 4_000);
    let data = folder.path().join("data");
    let mut both: Vec<_> = (0..2).map(|_| trailkeep(&data).args(ingest(&logs)).spawn().unwrap()).collect();
    for child in &mut both {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(events(&data), once(&ids));
}

fn ingest(logs: &Path) -> [&str; 6] {
    ["ingest", logs.to_str().unwrap(), "-q", "--commit-rows", "300", "--workers=2"]
}

/// Whether the kill struck before the end.
fn killed_after(data: &Path, logs: &Path, delay: Duration) -> bool {
    let mut child = trailkeep(data).args(ingest(logs)).spawn().unwrap();
    #[allow(clippy::disallowed_methods)] // A blocking test, outside of any runtime.
    std::thread::sleep(delay);
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

/// How often each CloudTrail event is there.
fn events(data: &Path) -> BTreeMap<String, u64> {
    let rows = query(data, "SELECT event_uid, count(*) AS n FROM cloudtrail_logs GROUP BY event_uid");
    rows.iter().map(|r| (r["event_uid"].as_str().unwrap().to_owned(), r["n"].as_u64().unwrap())).collect()
}

fn once(ids: &BTreeSet<String>) -> BTreeMap<String, u64> {
    ids.iter().map(|id| (id.clone(), 1)).collect()
}

/// What was found: for a rule over one event its rows, by their ids; for a correlation of whom it was
/// found. A burst of which the first part was not in yet when the second was looked at is told with a
/// later start too, and which parts come first is up to the moment of the kill.
fn findings(data: &Path) -> BTreeSet<(String, String)> {
    let rules: Vec<Value> = serde_json::from_str(&ok(data, &["rules", "list", "-o", "json"])).unwrap();
    let correlations: BTreeSet<&str> = rules
        .iter()
        .filter(|rule| rule["kind"] == "correlation")
        .filter_map(|rule| rule["id"].as_str())
        .collect();
    assert!(!correlations.is_empty());
    let printed = ok(data, &["findings", "-o", "ndjson", "--limit", "100000"]);
    let rows = printed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let finding = &row["finding"];
        let rule = text(&finding["rule_id"]);
        let which = if correlations.contains(&*rule) { &finding["group_key"] } else { &row["id"] };
        (rule, text(which))
    })
    .collect()
}
