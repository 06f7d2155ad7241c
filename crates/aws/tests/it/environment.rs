//! Settings come from where every AWS tool takes them. Variables belong to a process, so each case
//! runs this test binary again with an environment of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use trailkeep_aws::{Aws, AwsOptions, ListRequest};

/// Says what was found; run by the other tests only.
#[tokio::test]
#[ignore = "run by the other tests, each with an environment of its own"]
async fn child() {
    let aws = match Aws::load(AwsOptions::default()).await {
        Ok(aws) => aws,
        Err(error) => return println!("said error={error}"),
    };
    println!("said region={} endpoint={}", aws.region(), aws.s3_endpoint().unwrap_or("none"));
    if aws.s3_endpoint().is_some() {
        match aws.storage_options("logs").await {
            Ok(options) => println!("said key={}", options["aws_access_key_id"]),
            Err(error) => println!("said error={error}"),
        }
    } else {
        let error = aws.bucket("logs").unwrap().list_page(&ListRequest::default()).await.unwrap_err();
        println!("said error={error}");
    }
}

/// What [`child`] says in an environment of these variables and files alone.
fn in_environment(variables: &[(&str, &str)], home: &Path) -> Vec<String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "environment::child", "--nocapture"])
        .env_clear()
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| Some(line.split_once("said ")?.1.to_owned())).collect()
}

fn home(config: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".aws")).unwrap();
    fs::write(home.path().join(".aws/config"), config).unwrap();
    home
}

#[test]
fn nothing_at_all_says_what_to_set() {
    let said = in_environment(&[], home("").path());
    assert_eq!(said[0], "region=us-east-1 endpoint=none");
    assert!(said[1].contains("no AWS credentials found for s3://logs; set AWS_PROFILE"), "{said:?}");
}

#[test]
fn variables_are_heeded() {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKIAVARIABLE"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
    ];
    let said = in_environment(&variables, home("").path());
    assert_eq!(said, ["region=eu-north-1 endpoint=http://127.0.0.1:1", "key=AKIAVARIABLE"]);
    let specific = [variables.as_slice(), &[("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:2")]].concat();
    assert_eq!(
        in_environment(&specific, home("").path())[0],
        "region=eu-north-1 endpoint=http://127.0.0.1:2"
    );
    let remote = [variables.as_slice(), &[("AWS_ENDPOINT_URL", "http://minio.example:9000")]].concat();
    let said = in_environment(&remote, home("").path());
    assert!(said[0].contains("allow it with AWS_ALLOW_HTTP=true"), "{said:?}");
    let allowed = [remote.as_slice(), &[("AWS_ALLOW_HTTP", "true")]].concat();
    assert_eq!(in_environment(&allowed, home("").path())[1], "key=AKIAVARIABLE");
}

#[test]
fn profiles_are_heeded() {
    let home = home(
        "[default]\nregion = eu-west-1\n\
         [profile logs]\nregion = ap-south-1\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = hunter2\n\
         services = local\n\
         [services local]\ns3 =\n  endpoint_url = http://127.0.0.1:3\n",
    );
    assert_eq!(in_environment(&[], home.path())[0], "region=eu-west-1 endpoint=none");
    let said = in_environment(&[("AWS_PROFILE", "logs")], home.path());
    assert_eq!(said, ["region=ap-south-1 endpoint=http://127.0.0.1:3", "key=AKIAPROFILE"]);
}

#[test]
fn a_broken_profile_is_told_by_name() {
    let home = home(
        "[profile logs]\nsource_profile = nowhere\nrole_arn = arn:aws:iam::111122223333:role/x\n\
         [profile process]\ncredential_process = /bin/false\n",
    );
    for (profile, words) in [
        ("logs", "profile logs does not exist, is incomplete, or builds on one that is"),
        ("typo", "aws configure list --profile typo"),
        ("process", "could not be obtained"),
    ] {
        let said = in_environment(&[("AWS_PROFILE", profile)], home.path());
        assert!(said[1].contains(words), "{said:?}");
    }
}
