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
    let config = data.path().join("trailkeep.toml");
    std::fs::write(&config, "[check]\nretention_days = 400\n").unwrap();
    let arguments = "apply --emit cloudformation -o json --home-region eu-central-1 --notify \
                     email:ops@example.com --organization-id o-a1b2c3d4e5 --central-bucket central-logs \
                     --object-lock governance --data-events all-buckets";
    let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
    arguments.extend(["--config", config.to_str().unwrap()]);
    let template = json(data.path(), &arguments);
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
        ("--home-region", "Frankfurt", "\"Frankfurt\" is no Region; it looks like eu-central-1"),
        ("--organization-id", "acme", "\"acme\" is no id of an organisation; it looks like o-a1b2c3d4e5"),
        ("--notify", "https://example.com/hook", "a template tells one e-mail address"),
        ("--object-lock-days", "30", "cannot be used with"),
        ("--profile", "prod", "cannot be used with"),
        ("-o", "csv", "a template is YAML, or JSON with -o json"),
    ] {
        let output = run(data.path(), &["apply", "--emit", "cloudformation", option, value]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
        assert!(output.stdout.is_empty(), "no template beside the error");
    }
}

#[test]
fn options_of_a_template_need_one() {
    let data = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        (["apply", "--data-events", "all-buckets"].as_slice(), "--emit <FORMAT>"),
        (&["apply", "--dry-run", "--data-events", "all-buckets"], "cannot be used with"),
    ] {
        let output = run(data.path(), arguments);
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(said), "{stderr}");
    }
}
