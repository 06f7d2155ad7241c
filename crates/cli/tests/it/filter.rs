//! `trailkeep filter`.

use std::path::Path;

use crate::support::{ok, real_logs, run};

/// A folder with CloudTrail records and a VPC flow log.
fn logs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let call = |id: u32, name: &str, source: &str, more: &str| {
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333"}},"eventTime":"2024-03-01T10:00:0{id}Z","eventSource":"{source}","eventName":"{name}","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","eventID":"e-{id}","recipientAccountId":"111122223333"{more}}}"#
        )
    };
    let records = [
        call(3, "StopLogging", "cloudtrail.amazonaws.com", ""),
        call(1, "DescribeInstances", "ec2.amazonaws.com", r#","errorCode":"Client.UnauthorizedOperation""#),
        call(2, "DeleteTrail", "cloudtrail.amazonaws.com", r#","errorCode":"AccessDenied""#),
    ];
    std::fs::write(folder.path().join("trail.json"), format!("{{\"Records\":[{}]}}", records.join(",")))
        .unwrap();
    std::fs::write(
        folder.path().join("flow.log"),
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n\
         2 111122223333 eni-1 10.0.0.1 10.0.0.2 443 49152 6 20 4249 1709287200 1709287260 ACCEPT OK\n\
         2 111122223333 eni-1 203.0.113.9 10.0.0.2 50000 22 6 1 40 1709287200 1709287260 REJECT OK\n",
    )
    .unwrap();
    folder
}

/// What a run printed, with the folder's name taken out.
fn shown(folder: &Path, args: &[&str]) -> String {
    let data = tempfile::tempdir().unwrap();
    let mut all = vec!["filter"];
    all.extend_from_slice(args);
    all.push(folder.to_str().unwrap());
    let output = run(data.path(), &all);
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace(folder.to_str().unwrap(), "LOGS");
        // How wide a table is depends on the folder's name.
        let line = |line: &str| match line.chars().all(|c| matches!(c, '─' | '═')) {
            true => line.chars().take(20).collect(),
            false => line.trim_end().to_owned(),
        };
        text.lines().map(line).fold(String::new(), |all, line| all + &line + "\n")
    };
    assert!(!data.path().join("lake").exists(), "it needs no lake");
    format!(
        "$ trailkeep filter {}\n{}--- stderr\n{}--- status {}\n",
        args.iter().map(|arg| format!("'{arg}'")).collect::<Vec<_>>().join(" "),
        text(&output.stdout),
        text(&output.stderr),
        output.status.code().unwrap()
    )
}

#[test]
fn what_people_see() {
    let folder = logs();
    let unauthorised = r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }"#;
    let cis = "{ ($.errorCode = AccessDenied*) || ($.sourceIPAddress!=delivery.logs.amazonaws.com) || ($.eventName!=HeadBucket) }";
    let runs: [&[&str]; 9] = [
        &[unauthorised],
        &["[..., srcport, dstport = 22, protocol, packets, bytes, start, end, action = REJECT, status]"],
        &["-o", "ndjson", "{ $.eventName = StopLogging }"],
        &["-o", "csv", "-q", "REJECT -ACCEPT"],
        &["-o", "json", "{ $.eventName = Nothing }"],
        &["--raw", "--limit", "1", "-ACCEPT -errorCode -REJECT"],
        &[cis],
        &["{ $.errorCode EXISTS }"],
        &["{ $.eventName = \"StopLogging }"],
    ];
    let all: Vec<String> = runs.iter().map(|args| shown(folder.path(), args)).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_json_object_is_an_event_pattern_of_eventbridge() {
    let folder = logs();
    let data = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let pattern = r#" { "source": ["aws.cloudtrail"], "detail-type": [{"prefix": "AWS API Call"}],
                       "detail": {"eventName": [{"wildcard": "*Logging"}], "errorCode": [{"exists": false}]} }"#;
    let lines = ok(data.path(), &["filter", "-q", "-o", "ndjson", pattern, path]);
    let found: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found.len(), 1, "{lines}");
    assert_eq!(found[0]["record"]["eventName"], "StopLogging");
    let wrong = run(data.path(), &["filter", r#"{"detail": {"eventName": [{"prefx": "Stop"}]}}"#, path]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(said.contains("detail.eventName[0]") && said.contains('^') && said.contains("prefix"), "{said}");
}

#[test]
fn json_is_one_document_and_ndjson_a_record_a_line() {
    let folder = logs();
    let data = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let json = ok(data.path(), &["filter", "-q", "-o", "json", "111122223333", path]);
    let all: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(all.len(), 5);
    let lines = ok(data.path(), &["filter", "-q", "-o", "ndjson", "111122223333", path]);
    let mut lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    lines.retain(|line| line["table"] == "cloudtrail_logs");
    assert!(lines.iter().all(|line| line["record"]["eventID"].is_string()), "{lines:?}");
    let two = ok(data.path(), &["filter", "-q", "--raw", "--limit", "2", "", path]);
    assert_eq!(two.lines().count(), 2);
}

#[test]
fn the_real_logs_are_filtered_as_detection_sees_them() {
    let Some(shared) = real_logs() else { return };
    let data = tempfile::tempdir().unwrap();
    let logs = shared.join("cloudtrail");
    let pattern = "{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) }";
    let found = ok(data.path(), &["filter", "-q", "-o", "ndjson", pattern, logs.to_str().unwrap()]);
    assert!(found.lines().count() > 0, "StopLogging is in the dataset");
    for line in found.lines() {
        let found: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(["StopLogging", "DeleteTrail"].contains(&found["record"]["eventName"].as_str().unwrap()));
        assert_eq!(found["action"], found["record"]["eventName"]);
    }
    let everything = ok(data.path(), &["filter", "-q", "--raw", "", logs.to_str().unwrap()]);
    assert_eq!(everything.lines().count(), 1_233);
}
