//! `trailkeep alarms`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use trailkeep_testkit::{S3Server, moto};

use crate::support::{json as document, ok, run, trailkeep};

/// A folder with an alarm (3 of 3 above 1, each minute) and datapoints.
fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let alarm = json!({
        "AlarmName": "denied", "Namespace": "CIS", "MetricName": "Denied", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:t"],
    });
    std::fs::write(folder.path().join("alarm.json"), alarm.to_string()).unwrap();
    std::fs::write(
        folder.path().join("points.csv"),
        "timestamp,value\n2026-11-25T06:00:00Z,0\n2026-11-25 06:01:00,5\n1795586520,5\n2026-11-25T06:03:00Z,0\n2026-11-25T06:04:00Z,0\n",
    )
    .unwrap();
    folder
}

fn path(folder: &tempfile::TempDir, name: &str) -> PathBuf {
    folder.path().join(name)
}

/// What a run printed.
fn shown(folder: &tempfile::TempDir, args: &[&str]) -> String {
    let data = tempfile::tempdir().unwrap();
    let full: Vec<String> =
        args.iter().map(|arg| arg.replace("DIR", folder.path().to_str().unwrap())).collect();
    let full: Vec<&str> = full.iter().map(String::as_str).collect();
    let output = run(data.path(), &full);
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace(folder.path().to_str().unwrap(), "DIR");
        text.lines().map(str::trim_end).fold(String::new(), |all, line| all + line + "\n")
    };
    assert!(!data.path().join("state.db").exists(), "a simulation keeps nothing");
    format!(
        "$ trailkeep {}\n{}--- stderr\n{}--- status {}\n",
        args.join(" "),
        text(&output.stdout),
        text(&output.stderr),
        output.status.code().unwrap()
    )
}

#[test]
fn what_a_simulation_shows() {
    let folder = files();
    std::fs::write(path(&folder, "bad.csv"), "timestamp,value\n2026-11-25T06:00:00Z,many\n").unwrap();
    std::fs::write(path(&folder, "bad.json"), r#"{"AlarmName":"a","Period":45}"#).unwrap();
    let base = ["alarms", "simulate", "--alarm", "DIR/alarm.json", "--datapoints", "DIR/points.csv"];
    let with = |more: &[&str]| shown(&folder, &[&base[..], more].concat());
    insta::assert_snapshot!(
        [
            with(&[]),
            with(&["-o", "json"]),
            with(&["-o", "csv"]),
            with(&["-o", "ndjson", "--state", "ALARM", "--at", "2026-11-25T06:03:00Z"]),
            with(&["-o", "json", "--state", "OK", "--at", "2026-11-25T06:12:00Z"]),
            with(&["--state", "FINE"]),
            with(&["--at", "noon"]),
            shown(
                &folder,
                &["alarms", "simulate", "--alarm", "DIR/alarm.json", "--datapoints", "DIR/bad.csv"]
            ),
            shown(
                &folder,
                &["alarms", "simulate", "--alarm", "DIR/bad.json", "--datapoints", "DIR/points.csv"]
            ),
            shown(
                &folder,
                &["alarms", "simulate", "--alarm", "DIR/none.json", "--datapoints", "DIR/points.csv"]
            ),
        ]
        .join("\n")
    );
}

#[test]
fn files_are_imported_listed_and_shown() {
    let folder = files();
    let data = tempfile::tempdir().unwrap();
    let described = json!({
        "MetricAlarms": [
            { "AlarmName": "cpu", "AlarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu",
              "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Statistic": "Average", "Period": 300,
              "EvaluationPeriods": 1, "Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold",
              "StateValue": "ALARM", "StateReason": "Threshold Crossed", "StateUpdatedTimestamp": "2026-11-25T06:00:00Z" },
            { "AlarmName": "of another kind", "EvaluationCriteria": {} },
        ],
        "CompositeAlarms": [{ "AlarmName": "both", "AlarmRule": "ALARM(cpu) AND ALARM(denied)" }],
    });
    std::fs::write(path(&folder, "described.json"), described.to_string()).unwrap();
    let filters = json!({ "metricFilters": [{
        "filterName": "f", "filterPattern": "{ $.errorCode = \"AccessDenied\" }", "logGroupName": "trail",
        "metricTransformations": [{ "metricName": "Denied", "metricNamespace": "CIS", "metricValue": "1" }],
    }] });
    std::fs::write(path(&folder, "filters.json"), filters.to_string()).unwrap();
    let (alarm, described) = (path(&folder, "alarm.json"), path(&folder, "described.json"));
    let filters = path(&folder, "filters.json");
    let mut import = vec!["alarms", "import", "-o", "json"];
    for file in [&alarm, &described, &filters] {
        import.extend(["--file", file.to_str().unwrap()]);
    }
    let imported = document(data.path(), &import);
    assert_eq!(
        (&imported["alarms"], &imported["metric_filters"], &imported["changed"]),
        (&json!(3), &json!(1), &json!(4))
    );
    assert!(imported["skipped"][0].as_str().unwrap().starts_with("alarm 'of another kind': "), "{imported}");
    assert_eq!(document(data.path(), &import)["changed"], json!(0), "again changes nothing");

    let listed = document(data.path(), &["alarms", "list", "-o", "json"]);
    let names: Vec<&str> =
        listed.as_array().unwrap().iter().map(|alarm| alarm["AlarmName"].as_str().unwrap()).collect();
    assert_eq!(names, ["cpu", "both", "denied"], "those in ALARM first");
    assert_eq!(
        document(data.path(), &["alarms", "list", "--state", "ALARM", "-o", "json"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert!(ok(data.path(), &["alarms", "list"]).contains("Unchecked: Initial alarm creation"));
    let cpu = document(data.path(), &["alarms", "show", "cpu", "-o", "json"]);
    assert_eq!(
        (&cpu["StateValue"], &cpu["Threshold"], &cpu["Origin"]),
        (&json!("ALARM"), &json!(80.0), &json!("import"))
    );
    assert!(ok(data.path(), &["alarms", "show", "cpu"]).contains("AlarmName"));
    assert_eq!(document(data.path(), &["alarms", "history", "-o", "json"]), json!([]));
    let output = run(data.path(), &["alarms", "show", "nobody"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no alarm 'nobody'"));
}

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

#[tokio::test]
async fn an_account_is_imported_and_what_it_drops_goes() {
    use trailkeep_aws::api::services::{cloudwatch, logs};
    use trailkeep_aws::{Aws, AwsOptions, Credentials};

    let Some(server) = moto() else { return };
    let folder = tempfile::tempdir().unwrap();
    // An account and a Region of their own: moto is shared.
    let (role, region) = ("arn:aws:iam::200000000077:role/TrailkeepCheck", "eu-north-1");
    let options = AwsOptions {
        endpoint_url: Some(server.endpoint.clone()),
        region: Some(region.to_owned()),
        credentials: Some(Credentials::new(
            server.access_key_id,
            server.secret_access_key,
            None,
            None,
            "test",
        )),
        ..AwsOptions::default()
    };
    let client = Aws::load(options).await.unwrap().api().assume_role(role, "test", None);
    let alarm = |name: &str| {
        json!({
            "AlarmName": name, "Namespace": "CIS", "MetricName": "Denied", "Statistic": "Sum", "Period": 300,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching", "Dimensions": [{ "Name": "a", "Value": "b" }],
        })
    };
    for name in ["one", "two"] {
        client.call(&cloudwatch::PUT_METRIC_ALARM, region, &alarm(name)).await.unwrap();
    }
    client.call(&logs::CREATE_LOG_GROUP, region, &json!({ "logGroupName": "trail" })).await.unwrap();
    let filter = json!({
        "logGroupName": "trail", "filterName": "denied", "filterPattern": "{ $.errorCode = \"AccessDenied\" }",
        "metricTransformations": [{ "metricName": "Denied", "metricNamespace": "CIS", "metricValue": "1" }],
    });
    client.call(&logs::PUT_METRIC_FILTER, region, &filter).await.unwrap();

    let data = folder.path().join("data");
    let import = || -> Value {
        let arguments = ["alarms", "import", "-o", "json", "--role-arn", role, "--regions", region];
        let output = on_moto(&data, server).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let imported = import();
    assert_eq!(
        imported,
        json!({ "alarms": 2, "metric_filters": 1, "changed": 3, "removed": 0, "skipped": [], "failed": [] })
    );
    let one = document(&data, &["alarms", "show", "one", "-o", "json"]);
    assert_eq!((&one["Period"], &one["TreatMissingData"]), (&json!(300), &json!("notBreaching")));
    assert!(one["AlarmArn"].as_str().unwrap().contains(":200000000077:alarm:one"), "{one}");
    client.call(&cloudwatch::DELETE_ALARMS, region, &json!({ "AlarmNames": ["one"] })).await.unwrap();
    assert_eq!(import()["removed"], json!(1));
    assert_eq!(document(&data, &["alarms", "list", "-o", "json"]).as_array().unwrap().len(), 1);
}
