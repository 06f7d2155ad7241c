//! What the checks say of estates that were built with API calls, on moto.

mod build;
mod gate;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Value, json};
use trailkeep_aws::api::Operation;
use trailkeep_aws::api::services::{cloudtrail, cloudwatch, events, kms, logs, s3, s3control, sns};
use trailkeep_baseline::{Assessment, Inventory, Json, Settings, Status, assess, checks};
use trailkeep_testkit::moto;

use crate::collect::{aws, collect, role, scope};
use crate::estate::Builder;
use build::{Estate, HOME};

/// The Regions that the estates are in.
const REGIONS: [&str; 2] = [HOME, "us-east-1"];

async fn look(endpoint: &str, accounts: &[&str], regions: &[&str]) -> Assessment {
    let inventory = collect(&aws(endpoint).await, &scope(accounts, regions)).await.0.expect("an inventory");
    assess(&inventory, &Settings::default(), &[])
}

fn ids(assessment: &Assessment, status: Status) -> BTreeSet<String> {
    let of_status = assessment.results.iter().filter(|result| result.status == status);
    of_status.map(|result| result.check_id.clone()).collect()
}

/// How every check stands, a line each, with how many of which status; none where it says nothing.
fn summary(assessment: &Assessment) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for result in &assessment.results {
        *counts.entry((result.check_id.as_str(), result.status.as_str())).or_default() += 1;
    }
    let mut text = String::new();
    for check in checks::all() {
        let of_check = counts.iter().filter(|((id, _), _)| *id == check.id);
        let said: Vec<String> = of_check.map(|((_, status), count)| format!("{status} {count}")).collect();
        let said = if said.is_empty() { "nothing to judge".to_owned() } else { said.join(", ") };
        writeln!(text, "{} {}: {said}", check.control.number(), check.id).unwrap();
    }
    text
}

fn told(assessment: &Assessment, status: Status) -> String {
    let mut text = String::new();
    for result in assessment.results.iter().filter(|result| result.status == status) {
        writeln!(text, "  {} {} {}", result.check_id, result.resource_arn, result.observed).unwrap();
    }
    text
}

#[tokio::test]
async fn an_empty_account() {
    let Some(server) = moto() else { return };
    let assessment = look(&server.endpoint, &["100000000101"], &REGIONS).await;
    insta::assert_snapshot!(summary(&assessment));
}

/// What moto does not know, and the checks that hang on it.
const NOT_ON_MOTO: [(&str, &str); 3] = [
    ("cloudtrail:ListEventDataStores", "event-data-store-ingesting"),
    ("config:DescribeDeliveryChannelStatus", "config-delivery-channel"),
    ("redshift-serverless:ListNamespaces", "redshift-serverless-audit-logging"),
];

pub(crate) async fn compliant(endpoint: &str, account: &str) -> (Builder, Estate) {
    let client = aws(endpoint).await.api().assume_role(role(account).as_str(), "build", None);
    let home = Builder { client, region: HOME };
    let estate = build::compliant(&home, account).await;
    (home, estate)
}

#[tokio::test]
async fn a_compliant_account() {
    let Some(server) = moto() else { return };
    compliant(&server.endpoint, "100000000102").await;
    let assessment = look(&server.endpoint, &["100000000102"], &REGIONS).await;
    assert_eq!(told(&assessment, Status::Fail), "");
    let excused: BTreeSet<&str> = NOT_ON_MOTO.iter().map(|(_, check)| *check).collect();
    let unknown = ids(&assessment, Status::Unknown);
    let unknown: BTreeSet<&str> = unknown.iter().map(String::as_str).collect();
    assert_eq!(unknown, excused, "{}", told(&assessment, Status::Unknown));
    insta::assert_snapshot!(summary(&assessment));
}

/// One change through the API, and the checks that fail after it.
struct Defect {
    what: &'static str,
    operation: &'static Operation,
    input: fn(&Estate) -> Value,
    fails: fn() -> BTreeSet<&'static str>,
}

/// All alerts but those of calls that are recorded in us-east-1 alone, which is not looked at here.
fn with_alerts(others: &[&'static str]) -> BTreeSet<&'static str> {
    let elsewhere = ["alert-iam-policy-changes", "alert-organizations-changes"];
    build::alerts().filter(|id| !elsewhere.contains(id)).chain(others.iter().copied()).collect()
}

const DEFECTS: [Defect; 9] = [
    Defect {
        what: "the trail is stopped",
        operation: &cloudtrail::STOP_LOGGING,
        input: |_| json!({"Name": "main"}),
        fails: || {
            with_alerts(&[
                "alarm-trail-health",
                "central-logs-arrive",
                "log-bucket-access-logging",
                "trail-global-events",
                "trail-insights",
                "trail-logging",
                "trail-management-events",
                "trail-multi-region",
                "trail-region-coverage",
                "trail-s3-data-events-read",
                "trail-s3-data-events-write",
            ])
        },
    },
    Defect {
        what: "the bucket's Block Public Access is gone",
        operation: &s3::DELETE_PUBLIC_ACCESS_BLOCK,
        input: |estate| json!({"Bucket": estate.bucket}),
        fails: || BTreeSet::from(["log-bucket-public-access-block"]),
    },
    Defect {
        what: "the account's Block Public Access is gone",
        operation: &s3control::DELETE_PUBLIC_ACCESS_BLOCK,
        input: |estate| json!({"AccountId": estate.account}),
        fails: || BTreeSet::from(["log-bucket-account-public-access-block"]),
    },
    Defect {
        what: "the bucket's policy is gone",
        operation: &s3::DELETE_BUCKET_POLICY,
        input: |estate| json!({"Bucket": estate.bucket}),
        fails: || BTreeSet::from(["log-bucket-tls", "log-bucket-trail-delivery"]),
    },
    Defect {
        what: "the key is about to be deleted",
        operation: &kms::SCHEDULE_KEY_DELETION,
        // moto takes the id alone.
        input: |estate| json!({"KeyId": estate.key.rsplit('/').next(), "PendingWindowInDays": 7}),
        fails: || BTreeSet::from(["log-bucket-key", "log-group-encryption", "trail-kms-key"]),
    },
    Defect {
        what: "a log group forgets after a month",
        operation: &logs::PUT_RETENTION_POLICY,
        input: |_| json!({"logGroupName": "flow", "retentionInDays": 30}),
        fails: || BTreeSet::from(["log-group-retention"]),
    },
    Defect {
        what: "a metric filter is gone",
        operation: &logs::DELETE_METRIC_FILTER,
        input: |_| json!({"logGroupName": "trail", "filterName": "alert-security-group-changes"}),
        fails: || BTreeSet::from(["alert-security-group-changes"]),
    },
    Defect {
        what: "an alarm is gone",
        operation: &cloudwatch::DELETE_ALARMS,
        input: |_| json!({"AlarmNames": ["alert-network-acl-changes"]}),
        fails: || BTreeSet::from(["alert-network-acl-changes"]),
    },
    Defect {
        what: "the topic lets nobody publish",
        operation: &sns::SET_TOPIC_ATTRIBUTES,
        input: |estate| {
            let statement = json!({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sns:Publish",
                "Resource": estate.topic});
            let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
            json!({"TopicArn": estate.topic, "AttributeName": "Policy", "AttributeValue": policy.to_string()})
        },
        fails: || with_alerts(&["alarm-action-live", "alarm-trail-health", "rule-targets-alive"]),
    },
];

#[tokio::test]
async fn one_defect_at_a_time() {
    let Some(server) = moto() else { return };
    let mut wrong = String::new();
    for (index, defect) in DEFECTS.iter().enumerate() {
        let account = format!("1000000002{index:02}");
        let (home, estate) = compliant(&server.endpoint, &account).await;
        home.make(defect.operation, (defect.input)(&estate)).await;
        let assessment = look(&server.endpoint, &[&account], &[HOME]).await;
        let failed = ids(&assessment, Status::Fail);
        let failed: BTreeSet<&str> = failed.iter().map(String::as_str).collect();
        if failed != (defect.fails)() {
            let expected = (defect.fails)();
            writeln!(wrong, "{}: {failed:?}, expected {expected:?}", defect.what).unwrap();
            wrong += &told(&assessment, Status::Fail);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test]
async fn a_rule_that_is_switched_off_tells_nobody() {
    let Some(server) = moto() else { return };
    let account = "100000000103";
    let (home, _) = compliant(&server.endpoint, account).await;
    home.make(&events::DISABLE_RULE, json!({"Name": "findings"})).await;
    home.make(&build::STOP_CONFIGURATION_RECORDER, json!({"ConfigurationRecorderName": "default"})).await;
    let assessment = look(&server.endpoint, &[account], &REGIONS).await;
    let failed = ids(&assessment, Status::Fail);
    assert!(failed.contains("config-recorder-on"), "{failed:?}");
    // Security Hub might aggregate findings elsewhere, which moto cannot tell.
    assert!(ids(&assessment, Status::Unknown).contains("findings-routed"));
}

/// What is to be said of two accounts in 17 Regions, of which the first is compliant in two Regions and
/// the second empty.
pub(crate) fn of_seventeen_regions(inventory: &Inventory, [whole, empty]: [&str; 2]) {
    let assessment = assess(inventory, &Settings::default(), &[]);
    let of = |account: &str, check: &str, status: Status| {
        let results = assessment.results.iter();
        let of_check = results.filter(|result| result.account_id == account && result.check_id == check);
        of_check.filter(|result| result.status == status).count()
    };
    for (check, passed) in [
        ("guardduty-on", 2),
        ("security-hub-on", 2),
        ("config-recorder-on", 2),
        ("vpc-flow-logs", 2),
        // One trail of all Regions covers them all, and one alarm hears of all.
        ("trail-region-coverage", 17),
        ("alert-security-group-changes", 17),
    ] {
        let counts = [Status::Pass, Status::Fail].map(|status| of(whole, check, status));
        assert_eq!(counts, [passed, 17 - passed], "{check}");
        assert_eq!(of(empty, check, Status::Fail), 17, "{check}");
    }
}

#[tokio::test]
async fn what_is_denied_is_unknown_and_names_the_action() {
    let Some(server) = moto() else { return };
    let account = "100000000106";
    compliant(&server.endpoint, account).await;
    let gate = gate::refusing(
        &server.endpoint,
        &["GetTrailStatus", "DescribeMetricFilters", "DescribeKey"],
        (400, "AccessDeniedException"),
    );
    let assessment = look(&gate.url(), &[account], &REGIONS).await;
    assert_eq!(told(&assessment, Status::Fail), "", "what is not known is no fault");
    let of = |check: &str| {
        let results = assessment.results.iter().filter(move |result| result.check_id == check);
        results.map(|result| (result.status, result.missing_actions.clone())).collect::<Vec<_>>()
    };
    for (check, action) in [
        ("trail-logging", "cloudtrail:GetTrailStatus"),
        ("trail-multi-region", "cloudtrail:GetTrailStatus"),
        ("trail-kms-key", "kms:DescribeKey"),
        ("log-group-encryption", "kms:DescribeKey"),
    ] {
        let found = of(check);
        let all = found.iter().all(|(status, missing)| *status == Status::Unknown && *missing == [action]);
        assert!(!found.is_empty() && all, "{check}: {found:?}");
    }
    let alerts = of("alert-security-group-changes");
    assert!(alerts.iter().all(|(status, _)| *status == Status::Unknown), "{alerts:?}");
}

#[tokio::test]
async fn throttling_without_end_is_unknown_for_lack_of_an_answer() {
    let Some(server) = moto() else { return };
    let account = "100000000107";
    compliant(&server.endpoint, account).await;
    let gate =
        gate::refusing(&server.endpoint, &["DescribeAlarms", "GetTrailStatus"], (400, "ThrottlingException"));
    let assessment = look(&gate.url(), &[account], &[HOME]).await;
    assert_eq!(told(&assessment, Status::Fail), "");
    let trail =
        assessment.results.iter().find(|result| result.check_id == "trail-logging").expect("a result");
    assert_eq!(trail.status, Status::Unknown, "{trail:?}");
    assert!(trail.missing_actions.is_empty(), "no permission is missing: {trail:?}");
    assert!(trail.observed.contains("Throttled"), "{}", trail.observed);
    let evidence = json!(assessment.results);
    assert!(evidence.items("").len() > 50, "the rest is judged all the same");
}
