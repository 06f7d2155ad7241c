//! `trailkeep apply --emit cloudformation`.

use serde_json::Value;

use crate::support::{json, ok, run};

#[test]
fn the_template_goes_to_standard_output_and_how_to_use_it_beside_it() {
    let data = tempfile::tempdir().unwrap();
    let output = run(data.path(), &["apply", "--emit", "cloudformation"]);
    assert!(output.status.success());
    let (template, said) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(template.starts_with("AWSTemplateFormatVersion: '2010-09-09'\n"), "{template}");
    assert!(template.contains("\n  Trail:\n    Type: AWS::CloudTrail::Trail\n"), "{template}");
    assert!(said.contains("aws cloudformation deploy"), "{said}");
    assert!(!data.path().join("lake").exists() && !data.path().join("state").exists(), "nothing is kept");
    assert_eq!(ok(data.path(), &["apply", "--emit", "cloudformation", "-q"]), template);
}

#[test]
fn options_become_defaults_of_parameters() {
    let data = tempfile::tempdir().unwrap();
    let arguments = "apply --emit cloudformation -o json --home-region eu-central-1 --retention-days 400 \
                     --notify-email ops@example.com --organization-id o-a1b2c3d4e5 --central-bucket central-logs \
                     --object-lock governance --data-events all-buckets";
    let template = json(data.path(), &arguments.split_whitespace().collect::<Vec<_>>());
    let default = |name: &str| template["Parameters"][name]["Default"].clone();
    for (name, value) in [
        ("HomeRegion", Value::from("eu-central-1")),
        ("RetentionDays", Value::from(400)),
        ("NotifyEmail", Value::from("ops@example.com")),
        ("OrganizationId", Value::from("o-a1b2c3d4e5")),
        ("CentralBucket", Value::from("central-logs")),
        ("ObjectLockMode", Value::from("GOVERNANCE")),
        ("DataEvents", Value::from("AllBuckets")),
    ] {
        assert_eq!(default(name), value, "{name}");
    }
}

#[test]
fn wrong_settings_are_wrong_usage() {
    let data = tempfile::tempdir().unwrap();
    for (option, value, said) in [
        ("--notify-email", "ops", "\"ops\" is no e-mail address; it looks like security@example.com"),
        ("--home-region", "Frankfurt", "\"Frankfurt\" is no Region; it looks like eu-central-1"),
        ("--retention-days", "9999", "logs cannot be kept for 9999 days"),
        ("-o", "csv", "a template is YAML, or JSON with -o json"),
    ] {
        let output = run(data.path(), &["apply", "--emit", "cloudformation", option, value]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
        assert!(output.stdout.is_empty(), "no template beside the error");
    }
}
