//! `apply` against moto.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use trailkeep_testkit::{S3Server, moto};

use crate::support::trailkeep;

const ROLE: &str = "arn:aws:iam::210000000001:role/TrailkeepApply";

/// The command, with moto for AWS.
fn apply(data: &Path, server: &S3Server, arguments: &[&str]) -> Output {
    let mut command: Command = trailkeep(data);
    command
        .env("AWS_ENDPOINT_URL", &server.endpoint)
        .env("AWS_ACCESS_KEY_ID", server.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", server.secret_access_key)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE");
    command.arg("apply").args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn printed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

#[test]
fn planned_refused_done_once_and_taken_back() {
    let Some(server) = moto() else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let estate = ["--regions", "eu-west-1", "--role-arn", ROLE];
    let with = |more: &[&str]| apply(&data, server, &[&estate[..], more].concat());
    // Without the services: moto cannot take a VPC out of Resolver query logging again.
    let controls = ["--control", "1", "--control", "3", "--control", "4", "--control", "5", "--control", "6"];
    let planned = |more: &[&str]| with(&[&controls[..], more].concat());

    let output = planned(&["--dry-run"]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("Make the multi-Region trail trailkeep") && text.contains("left for you"),
        "{text}"
    );
    assert!(!data.join("apply").exists(), "a dry run leaves no journal");

    let output = planned(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("without a terminal"), "{}", said(&output));

    let notify = ["--notify", "https://example.com/hook"];
    let output = planned(&[&notify[..], &["--yes", "-o", "json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = printed(&output);
    let run = report["run"].as_str().unwrap().to_owned();
    let results = report["results"].as_array().unwrap();
    assert!(results.len() > 15 && results.iter().all(|result| result["outcome"] == "done"), "{report}");

    let output = planned(&[&notify[..], &["--yes", "-o", "json"]].concat());
    assert_eq!((output.status.code(), said(&output).contains("nothing is to be done")), (Some(0), true));

    let output = with(&["--undo", "-o", "json"]);
    assert_eq!(printed(&output)[0]["id"], run.as_str());
    let output = with(&["--undo", "20260101T000000Z-000000", "--yes"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("there is no run"), "{}", said(&output));
    let output = with(&["--undo", &run, "--yes", "-o", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    // moto logs the requests of undo itself into the access-log bucket, and a bucket with logs in it is kept.
    let undone = printed(&output);
    let kept = undone.as_array().unwrap().iter().filter(|thing| thing["fate"] == "kept");
    let kept: Vec<&str> = kept.map(|thing| thing["subject"].as_str().unwrap()).collect();
    assert!(kept.iter().all(|subject| subject.starts_with("bucket trailkeep-access-")), "{undone}");
    let output = planned(&["--dry-run", "-o", "json"]);
    let again = printed(&output)["steps"].as_array().unwrap().len();
    assert_eq!(again + kept.len(), results.len(), "as before");
}
