//! Plans of small estates.

use serde_json::json;

use super::*;
use crate::check::{Control, Settings};
use crate::inventory::GLOBAL;
use crate::testing::{ACCOUNT, BUCKET, Estate, HOME, OTHER};
use crate::{Json, assess};

#[test]
fn who_is_told() {
    for (text, protocol, endpoint) in [
        ("email:ops@example.com", "email", "ops@example.com"),
        ("https://example.com/hook", "https", "https://example.com/hook"),
        ("https:https://example.com/hook", "https", "https://example.com/hook"),
        ("sqs:arn:aws:sqs:eu-west-1:111122223333:alerts", "sqs", "arn:aws:sqs:eu-west-1:111122223333:alerts"),
    ] {
        let notify: Notify = text.parse().unwrap();
        assert_eq!((notify.protocol.as_str(), notify.endpoint.as_str()), (protocol, endpoint));
    }
    for bad in
        ["", "ops@example.com", "email:ops", "email:@", "http://x.example", "https:", "sqs:queue", "sms:+1"]
    {
        assert!(bad.parse::<Notify>().unwrap_err().to_string().contains("looks like"), "{bad}");
    }
}

/// An account in which everything was asked and nothing was found.
pub(super) fn bare() -> Estate {
    let mut estate = Estate::empty();
    for region in [HOME, OTHER] {
        for (call, list) in [
            ("cloudtrail:DescribeTrails", "trailList"),
            ("kms:ListAliases", "Aliases"),
            ("logs:DescribeLogGroups", "logGroups"),
            ("logs:DescribeMetricFilters", "metricFilters"),
            ("cloudwatch:DescribeAlarms", "MetricAlarms"),
            ("sns:ListTopics", "Topics"),
            ("events:ListEventBuses", "EventBuses"),
            ("events:ListRules", "Rules"),
            ("ec2:DescribeFlowLogs", "FlowLogs"),
            ("ec2:DescribeSubnets", "Subnets"),
        ] {
            estate.answer(region, call, "", json!({list: []}));
        }
        let vpc = json!({"VpcId": format!("vpc-{region}"), "OwnerId": ACCOUNT});
        estate.answer(region, "ec2:DescribeVpcs", "", json!({"Vpcs": [vpc]}));
    }
    estate.answer(GLOBAL, "s3:ListBuckets", "", json!({"Buckets": []}));
    estate.absent(GLOBAL, "s3control:GetPublicAccessBlock", "", "NoSuchPublicAccessBlockConfiguration");
    estate.absent(GLOBAL, "organizations:DescribeOrganization", "", "AWSOrganizationsNotInUseException");
    estate
}

pub(super) fn settings() -> ApplySettings {
    let notify = vec!["email:ops@example.com".parse().unwrap()];
    ApplySettings { home_region: HOME.to_owned(), notify, ..ApplySettings::default() }
}

pub(super) fn planned(estate: &Estate, settings: &ApplySettings) -> Plan {
    plan(&estate.inventory, &assess(&estate.inventory, &Settings::default(), &[]), settings)
}

pub(super) fn operations(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().flat_map(|step| &step.calls).map(|call| call.operation.as_str()).collect()
}

#[test]
fn an_empty_account() {
    let mut plan = planned(&bare(), &settings());
    insta::assert_snapshot!(plan.text(false));
    // Each step comes after those that it needs, and each id is there once.
    for (index, step) in plan.steps.iter().enumerate() {
        let before: Vec<&str> = plan.steps[..index].iter().map(|step| step.id.as_str()).collect();
        assert!(step.needs.iter().all(|need| before.contains(&need.as_str())), "{}", step.id);
        assert!(!before.contains(&step.id.as_str()), "{}", step.id);
        let words = [&step.undo, &step.blast_radius, &step.cost_hint, &step.verify, &step.resource];
        assert!(words.iter().all(|words| !words.is_empty()), "{}", step.id);
    }
    plan.left.clear();
    plan.steps.truncate(3);
    insta::assert_snapshot!("with_inputs", plan.text(true));
}

#[test]
fn every_call_of_a_plan_has_an_effect() {
    let settings = ApplySettings { live_events: true, object_lock_days: Some(30), ..settings() };
    for call in operations(&planned(&bare(), &settings)) {
        assert!(crate::apply::makes(call), "{call}");
    }
}

#[test]
fn a_sound_estate_needs_no_trail_and_no_bucket() {
    let plan = planned(&Estate::compliant(), &settings());
    let made: Vec<&str> = operations(&plan).into_iter().filter(|name| name.contains("Create")).collect();
    assert_eq!(made, [""; 0], "{}", plan.text(false));
}

#[test]
fn what_is_not_known_is_not_acted_upon() {
    let mut estate = bare();
    estate.denied(HOME, "cloudtrail:DescribeTrails", "", "cloudtrail:DescribeTrails");
    estate.denied(GLOBAL, "s3control:GetPublicAccessBlock", "", "s3:GetAccountPublicAccessBlock");
    let plan = planned(&estate, &settings());
    let operations = operations(&plan);
    for call in ["cloudtrail:CreateTrail", "s3control:PutPublicAccessBlock"] {
        assert!(!operations.contains(&call), "{call}");
    }
    estate.denied(GLOBAL, "s3:ListBuckets", "", "s3:ListAllMyBuckets");
    assert!(!planned(&estate, &settings()).text(false).contains("s3:CreateBucket"));
}

#[test]
fn a_stopped_trail_is_started_and_widened() {
    let mut estate = Estate::compliant();
    estate.trail(|trail| {
        trail["IsMultiRegionTrail"] = json!(false);
        trail["LogFileValidationEnabled"] = json!(false);
    });
    estate.answer(HOME, "cloudtrail:GetTrailStatus", crate::testing::TRAIL, json!({"IsLogging": false}));
    let plan = planned(&estate, &settings());
    let step = plan.steps.iter().find(|step| step.id.ends_with("/trail")).unwrap();
    assert_eq!(step.calls[0].operation, "cloudtrail:UpdateTrail");
    assert_eq!(
        step.calls[0].input,
        json!({"Name": "main", "IsMultiRegionTrail": true, "EnableLogFileValidation": true})
    );
    assert!(step.calls.iter().any(|call| call.operation == "cloudtrail:StartLogging"));
    assert!(step.why.contains(&"trail-logging".to_owned()), "{:?}", step.why);
}

#[test]
fn the_policy_of_an_existing_bucket_is_added_to() {
    let mut estate = Estate::compliant();
    let own = json!({"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{BUCKET}/*")});
    let policy = json!({"Version": "2012-10-17", "Statement": [own]});
    estate.answer(GLOBAL, "s3:GetBucketPolicy", BUCKET, json!({"Policy": policy.to_string()}));
    let plan = planned(&estate, &settings());
    let step = plan.steps.iter().find(|step| step.id.ends_with("/trail-bucket")).unwrap();
    let call = step.calls.iter().find(|call| call.operation == "s3:PutBucketPolicy").unwrap();
    let merged: serde_json::Value = serde_json::from_str(call.input.text("Policy").unwrap()).unwrap();
    assert_eq!(merged["Statement"][0], own);
    assert_eq!(merged["Statement"].as_array().unwrap().len(), 4, "two for the trail, one against plain HTTP");
}

#[test]
fn one_control_brings_what_it_needs() {
    let whole = planned(&bare(), &settings());
    let part = whole.clone().only(&[Control::Trail]);
    let ids: Vec<&str> = part.steps.iter().map(|step| step.id.rsplit('/').next().unwrap()).collect();
    let role = format!("role-{HOME}");
    assert_eq!(ids, ["key", "access-bucket", "log-bucket", &role, "log-group", "trail"]);
    assert_eq!(whole.clone().only(&[]), whole);
}
