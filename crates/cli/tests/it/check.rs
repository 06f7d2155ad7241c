//! `check` against moto, and what it keeps.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use trailkeep_testkit::{S3Server, moto};

use crate::support::{ok, run, trailkeep};

/// The command, with moto for AWS.
fn on_moto(data: &Path, server: &S3Server) -> Command {
    let mut command = trailkeep(data);
    command
        .env("AWS_ENDPOINT_URL", &server.endpoint)
        .env("AWS_ACCESS_KEY_ID", server.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", server.secret_access_key)
        .env("AWS_REGION", server.region)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE");
    command
}

/// 0 or 3: done, whatever was found.
fn is_done(output: &Output) -> bool {
    matches!(output.status.code(), Some(0 | 3))
}

#[test]
fn what_is_collected_is_kept_and_assessed_again_without_aws() {
    let Some(server) = moto() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("inventory.json"));
    let kept = file.to_str().unwrap();
    let role = "arn:aws:iam::200000000001:role/TrailkeepCheck";
    let arguments = ["check", "-o", "json", "--regions", "eu-west-1,us-east-1", "--role-arn", role];
    let output = on_moto(&data, server).args(arguments).args(["--save-inventory", kept]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(is_done(&output), "{said}");
    assert!(said.contains("asked 1 account about 2 Regions"), "{said}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let inventory: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let account = &inventory["accounts"]["200000000001"];
    assert_eq!(account["regions"], serde_json::json!(["eu-west-1", "us-east-1"]));
    assert!(account["answers"]["eu-west-1"]["cloudtrail:DescribeTrails"][""]["output"].is_object());

    let again = run(&data, &["check", "-o", "json", "--from-inventory", kept]);
    assert!(is_done(&again), "{}", String::from_utf8_lossy(&again.stderr));
    let results = |output: &Output| serde_json::from_slice::<Value>(&output.stdout).unwrap();
    assert_eq!(results(&again), results(&output), "the same answers, the same verdicts");
}

#[test]
fn wrong_options_are_told_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.json");
    std::fs::write(&file, "{}").unwrap();
    let file = file.to_str().unwrap();
    for (arguments, status, words) in [
        (&["check", "--role-arn", "TrailkeepCheck"][..], 2, "arn:aws:iam::111122223333:role/"),
        (&["check", "--control", "7"], 2, "they are 1 to 6"),
        (&["check", "--fail-on", "bad"], 2, "informational, low, medium, high or critical"),
        (&["check", "--from-inventory", file, "--regions", "eu-west-1"], 2, "cannot be used with"),
        (&["check", "--from-inventory", file], 1, "not an inventory that"),
        (&["check", "--from-inventory", "/nowhere/at/all"], 1, "/nowhere/at/all"),
        (&["check", "--save-inventory", "/nowhere/at/all"], 1, "/nowhere/at is no folder"),
    ] {
        let output = run(folder.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn the_policy_is_a_document_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let policy: Value = serde_json::from_str(&ok(folder.path(), &["iam-policy", "check"])).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    let actions: Vec<&str> =
        policy["Statement"][0]["Action"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(actions.contains(&"cloudtrail:GetTrailStatus") && actions.is_sorted(), "{actions:?}");
    let writes = ["Put", "Create", "Update", "Delete", "Start", "Stop"];
    let changes = |action: &&&str| writes.iter().any(|verb| action.contains(&format!(":{verb}")));
    assert_eq!(actions.iter().find(changes), None);
}

#[test]
fn the_policy_of_alarms_is_about_the_given_queues_and_roles() {
    let folder = tempfile::tempdir().unwrap();
    let queue = "arn:aws:sqs:eu-west-1:111122223333:alarms";
    let args = ["iam-policy", "alarms", "--queue", queue, "--org-role", "TrailkeepAlarms"];
    let policy: Value = serde_json::from_str(&ok(folder.path(), &args)).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let resource = |action: &str| {
        let of =
            |statement: &&Value| statement["Action"].as_array().unwrap().iter().any(|known| known == action);
        &statements.iter().find(of).unwrap()["Resource"]
    };
    assert_eq!(resource("cloudwatch:GetMetricData"), "*");
    assert_eq!(resource("sqs:DeleteMessage")[0], queue);
    assert_eq!(resource("sts:AssumeRole"), "arn:*:iam::*:role/TrailkeepAlarms");
    for wrong in [&["check", "--queue", queue][..], &["alarms", "--queue", "alarms"]] {
        let args: Vec<&str> = ["iam-policy"].into_iter().chain(wrong.iter().copied()).collect();
        assert_eq!(run(folder.path(), &args).status.code(), Some(2), "{wrong:?}");
    }
}
