//! One test per promise of the command line.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;

use crate::support::{json, ok, query, real_logs, run, simulate};

#[test]
fn the_real_logs_are_ingested_once_and_queried() {
    let Some(shared) = real_logs() else { return };
    let data = tempfile::tempdir().unwrap();
    let logs = shared.join("cloudtrail");
    let logs = logs.to_str().unwrap();
    let first = json(data.path(), &["ingest", logs, "-o", "json", "-q"]);
    assert_eq!((first["files"].as_u64(), first["events"].as_u64()), (Some(28), Some(1_233)));
    assert_eq!(first["tables"]["cloudtrail_logs"], 1_233);
    let second = json(data.path(), &["ingest", logs, "-o", "json", "-q"]);
    assert_eq!((second["events"].as_u64(), second["duplicates"].as_u64()), (Some(0), Some(1_233)));
    let again = json(data.path(), &["ingest", logs, "-o", "json", "-q", "--again"]);
    assert_eq!((again["events"].as_u64(), again["duplicates"].as_u64()), (Some(0), Some(1_233)));
    let counted =
        query(data.path(), "SELECT count(*) AS n, count(DISTINCT eventid) AS ids FROM cloudtrail_logs");
    assert_eq!((counted[0]["n"].as_u64(), counted[0]["ids"].as_u64()), (Some(1_233), Some(1_233)));
    let top = query(
        data.path(),
        "SELECT eventname, count(*) AS n FROM cloudtrail_logs GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5",
    );
    insta::assert_json_snapshot!(top);
    let found = ok(data.path(), &["search", "-q", "-o", "ndjson", "eventName:StopLogging"]);
    assert!(found.lines().count() > 0, "StopLogging is in the dataset");
    assert!(found.lines().all(|line| line.contains("StopLogging")));
}

#[test]
fn detect_finds_the_attack_in_the_real_logs() {
    let Some(shared) = real_logs() else { return };
    let data = tempfile::tempdir().unwrap();
    let (logs, rules) = (shared.join("cloudtrail"), shared.join("sigma/rules/cloud/aws"));
    let output = run(data.path(), &["detect", "-q", "-o", "ndjson", logs.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "something was found");
    assert_eq!(count_rules(&output.stdout).get("CloudTrail trail deleted").copied().unwrap_or(0), 1);
    assert!(!data.path().join("lake").exists(), "detect needs no lake");
    let args = [
        "detect",
        "-q",
        "-o",
        "ndjson",
        "--no-builtin",
        "--rules",
        rules.to_str().unwrap(),
        logs.to_str().unwrap(),
    ];
    let theirs = run(data.path(), &args);
    insta::assert_json_snapshot!(count_rules(&theirs.stdout));
    let none = run(
        data.path(),
        &["detect", "-q", "--fail-on", "critical", "--min-level", "critical", logs.to_str().unwrap()],
    );
    assert_eq!(none.status.code(), Some(0));
}

fn count_rules(ndjson: &[u8]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in std::str::from_utf8(ndjson).unwrap().lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        for field in ["rule_id", "rule_title", "level", "event_uid", "time"] {
            assert!(finding[field].is_string(), "{field} in {line}");
        }
        *counts.entry(finding["rule_title"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn a_mixed_folder_is_sorted_into_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let (data, logs) = (folder.path().join("data"), folder.path().join("logs"));
    let ids = simulate(&logs, 2_000);
    std::fs::write(logs.join("notes.txt"), "no log\n").unwrap();
    std::fs::write(logs.join("broken.json"), r#"{"Records":[{"eventVersion":"1.08","eventTime":7}]}"#)
        .unwrap();
    let report = json(&data, &["ingest", logs.to_str().unwrap(), "-o", "json", "-q"]);
    assert_eq!(report["tables"]["cloudtrail_logs"].as_u64(), Some(ids.len() as u64));
    assert_eq!(report["quarantined"], 1);
    assert_eq!(report["skipped"]["not a known log format"], 1);
    for table in
        ["s3_access_logs", "vpc_flow_logs", "cloudfront_standard_logs", "waf_logs", "api_gateway_access_logs"]
    {
        let told = report["tables"][table].as_u64().unwrap_or(0);
        assert!(told > 0, "{table} in {report}");
        let counted = query(&data, &format!("SELECT count(*) AS n FROM {table}"));
        assert_eq!(counted[0]["n"].as_u64(), Some(told), "{table}");
    }
    let bad = query(&data, "SELECT reason, detail, offset, source_uri FROM quarantine");
    assert_eq!(bad[0]["reason"], "wrong_type");
    assert!(bad[0]["source_uri"].as_str().unwrap().ends_with("broken.json"));
    let told: Vec<Value> =
        ok(&data, &["findings", "-o", "ndjson"]).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let found = query(
        &data,
        "SELECT finding_id, level, rule_title FROM findings WHERE event_time > TIMESTAMP '2000-01-01' ORDER BY level",
    );
    assert!(found.len() >= told.len() && !told.is_empty(), "{} of {}", found.len(), told.len());
    let all = query(&data, "SELECT count(*) AS n FROM events WHERE table_name = 'cloudtrail_logs'");
    assert_eq!(all[0]["n"].as_u64(), Some(ids.len() as u64));
}

#[test]
fn maintain_makes_few_files_of_many() {
    let folder = tempfile::tempdir().unwrap();
    let (data, logs) = (folder.path().join("data"), folder.path().join("logs"));
    let ids = simulate(&logs, 2_000);
    ok(&data, &["ingest", logs.to_str().unwrap(), "-q", "--commit-rows", "200"]);
    let done = json(&data, &["maintain", "-q", "-o", "json", "--table", "cloudtrail_logs"]);
    let (before, after) =
        (done[0]["files_before"].as_u64().unwrap(), done[0]["files_after"].as_u64().unwrap());
    assert!(before > 4 && after < before, "{before} files, then {after}");
    let counted = query(&data, "SELECT count(*) AS n, count(DISTINCT event_uid) AS ids FROM cloudtrail_logs");
    assert_eq!(
        (counted[0]["n"].as_u64(), counted[0]["ids"].as_u64()),
        (Some(ids.len() as u64), Some(ids.len() as u64))
    );
    let dry = json(&data, &["maintain", "-q", "-o", "json", "--dry-run", "--retention", "cloudtrail_logs=1"]);
    let row = dry.as_array().unwrap().iter().find(|r| r["table"] == "cloudtrail_logs").unwrap();
    assert!(row["rows_dropped"].as_u64() > Some(0));
    assert_eq!(
        query(&data, "SELECT count(*) AS n FROM cloudtrail_logs")[0]["n"].as_u64(),
        Some(ids.len() as u64)
    );
}

#[test]
fn errors_say_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    let cases: [(&[&str], i32, &str); 5] = [
        (&["ingest", "/nowhere/at/all"], 1, "/nowhere/at/all"),
        (&["query", "SELECT evntname FROM cloudtrail_logs"], 1, "eventname"),
        (&["query", "SELECT 1 FROM cloudtrail_log"], 1, "cloudtrail_logs"),
        (&["query", "DROP TABLE cloudtrail_logs"], 1, "not allowed"),
        (&["ingest"], 2, "PATH_OR_URL"),
    ];
    for (args, status, says) in cases {
        let output = run(data.path(), args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {stderr}");
        assert!(stderr.contains(says), "{args:?}: {stderr}");
    }
}

#[test]
fn hostile_logs_do_not_reach_the_terminal_raw() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("x.json"));
    let mut file = std::fs::File::create(&log).unwrap();
    write!(file, r#"{{"eventVersion":"1.08","userIdentity":{{"type":"Root","arn":"arn:\u001b]0;owned\u0007","accountId":"111122223333"}},"eventTime":"2024-03-01T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"\u001b[2JBoo","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","eventID":"e-1"}}"#).unwrap();
    ok(&data, &["ingest", log.to_str().unwrap(), "-q"]);
    for args in [
        &["search", "203.0.113.7"][..],
        &["query", "SELECT eventname, useridentity FROM cloudtrail_logs"],
        &["findings"],
    ] {
        let output = run(&data, args);
        assert!(output.status.success(), "{args:?}");
        assert!(!output.stdout.contains(&0x1b), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_demo_finds_the_attack() {
    let data = tempfile::tempdir().unwrap();
    let printed = ok(data.path(), &["demo", "--no-serve", "-q", "--events", "5000"]);
    let last = printed.lines().rev().find(|l| l.contains("of the attack's")).expect("the last line");
    assert!(!last.starts_with("0 of"), "{printed}");
    let again = run(data.path(), &["demo", "--no-serve", "-q", "--events", "5000"]);
    assert!(again.status.success(), "it makes its folder anew");
    std::fs::create_dir_all(data.path().join("other/demo")).unwrap();
    let refused = run(&data.path().join("other"), &["demo", "--no-serve", "-q", "--events", "5000"]);
    assert!(!refused.status.success(), "a folder that it did not make stays as it is");
}

#[test]
fn the_built_in_rules_pass_their_tests() {
    let data = tempfile::tempdir().unwrap();
    let printed = ok(data.path(), &["rules", "test", "-q"]);
    assert!(printed.contains(" 0 failed, 0 rule files without any"), "{printed}");
    let rules = json(data.path(), &["rules", "list", "-o", "json"]);
    assert!(rules.as_array().unwrap().len() >= 100);
}
