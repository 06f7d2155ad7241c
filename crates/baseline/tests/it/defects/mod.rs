//! One defect at a time in an estate in which everything is as it should be, for every check there is.
//!
//! `tests/data/defects.json` is the table: a row says what is damaged, which check is about that, and
//! which others fail with it because they ask the same. Exactly these may fail.

mod document;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use document::Document;
use serde::Deserialize;
use serde_json::Value;
use trailkeep_aws::api;
use trailkeep_baseline::collect;
use trailkeep_baseline::{
    Answer, Assessment, CheckResult, Context, Control, Failure, Inventory, Settings, Status, Verdict, assess,
    checks,
};

/// A row of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// What is wrong with the estate.
    defect: String,
    /// The check that is about it.
    check: String,
    /// Checks that fail with it.
    #[serde(default)]
    also: Vec<String>,
    /// Checks that cannot tell any more: what is to be judged lies outside the inventory now.
    #[serde(default)]
    unknown: Vec<String>,
    /// How the document is changed.
    edit: Vec<Value>,
}

fn table() -> Vec<Row> {
    serde_json::from_value(document::read("defects.json")).expect("rows of the table")
}

fn judge(inventory: &Inventory) -> Assessment {
    assess(inventory, &Settings::default(), &[])
}

/// The ids of the checks that have a result of this status.
fn with(assessment: &Assessment, status: Status) -> BTreeSet<&str> {
    let found = assessment.results.iter().filter(|result| result.status == status);
    found.map(|result| result.check_id.as_str()).collect()
}

fn told(results: &[CheckResult], statuses: &[Status]) -> String {
    let mut text = String::new();
    for result in results.iter().filter(|result| statuses.contains(&result.status)) {
        let CheckResult { check_id, status, resource_arn, observed, .. } = result;
        writeln!(text, "  {} {check_id} {resource_arn}: {observed}", status.as_str()).unwrap();
    }
    text
}

#[test]
fn every_check_passes_in_a_compliant_estate() {
    let assessment = judge(&Document::compliant().inventory());
    let bad = told(&assessment.results, &[Status::Fail, Status::Unknown]);
    assert!(bad.is_empty(), "\n{bad}");
    let passed = with(&assessment, Status::Pass);
    let silent: Vec<&str> = checks::all().map(|check| check.id).filter(|id| !passed.contains(id)).collect();
    assert_eq!(silent, [""; 0], "these checks have nothing to judge in it");
}

#[test]
fn each_defect_fails_exactly_its_checks() {
    let mut wrong = String::new();
    for row in table() {
        let mut document = Document::compliant();
        row.edit.iter().for_each(|change| document.edit(change));
        let assessment = judge(&document.inventory());
        let expected: BTreeSet<&str> =
            row.also.iter().map(String::as_str).chain([row.check.as_str()]).collect();
        let open: BTreeSet<&str> = row.unknown.iter().map(String::as_str).collect();
        let (failed, unknown) = (with(&assessment, Status::Fail), with(&assessment, Status::Unknown));
        if (&failed, &unknown) != (&expected, &open) {
            writeln!(wrong, "{} ({}): fails {failed:?}, expected {expected:?}", row.defect, row.check)
                .unwrap();
            wrong += &told(&assessment.results, &[Status::Fail, Status::Unknown]);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_check_has_a_defect() {
    let about: BTreeSet<String> = table().into_iter().map(|row| row.check).collect();
    let without: Vec<&str> = checks::all().map(|check| check.id).filter(|id| !about.contains(*id)).collect();
    assert_eq!(without, [""; 0], "these checks have no row in tests/data/defects.json");
    let strangers: Vec<&String> = about.iter().filter(|id| checks::find(id).is_none()).collect();
    assert_eq!(strangers, [""; 0], "there are no such checks");
}

/// The IAM action of a call (`elbv2:DescribeLoadBalancers`).
fn action(call: &str) -> &'static str {
    let found = api::CATALOGUE.iter().copied().flatten().find(|operation| operation.key() == call);
    found.unwrap_or_else(|| panic!("{call} is not in the catalogue")).action
}

fn refused(action: &str) -> Answer {
    Answer::Failed(Failure {
        code: "AccessDenied".to_owned(),
        message: format!("not authorized to perform {action}"),
        missing_action: Some(action.to_owned()),
    })
}

/// The same estate, but this call is refused everywhere.
fn without(mut inventory: Inventory, call: &str) -> Inventory {
    for account in inventory.accounts.values_mut() {
        for calls in account.answers.values_mut() {
            for answer in calls.get_mut(call).into_iter().flat_map(BTreeMap::values_mut) {
                *answer = refused(action(call));
            }
        }
    }
    inventory
}

fn calls(inventory: &Inventory) -> BTreeSet<String> {
    let places = inventory.accounts.values().flat_map(|account| account.answers.values());
    places.flat_map(|calls| calls.keys().cloned()).collect()
}

/// Answers that nothing hangs on in this estate: its logs do not go through streams or buses, and of
/// others there is a second opinion (a topic's attributes tell that it is there).
const NOTHING_HANGS_ON: [&str; 15] = [
    "cloudfront:ListRealtimeLogConfigs",
    "ec2:DescribeSubnets",
    "ecs:ListClusters",
    "events:ListEventBuses",
    "firehose:ListDeliveryStreams",
    "iam:ListAccountAliases",
    "kinesis:ListStreams",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "logs:DescribeResourcePolicies",
    "organizations:ListAccounts",
    "organizations:ListDelegatedAdministrators",
    "s3:GetBucketPolicyStatus",
    "securityhub:GetAdministratorAccount",
    "sns:ListTopics",
];

/// In an estate without a fault, a permission that is missing is no fault either: what hangs on it is
/// unknown, and names it.
#[test]
fn a_missing_permission_is_unknown_and_named() {
    let whole = Document::compliant().inventory();
    let (mut wrong, mut idle) = (String::new(), Vec::new());
    for call in calls(&whole) {
        let assessment = judge(&without(whole.clone(), &call));
        let failed = told(&assessment.results, &[Status::Fail]);
        if !failed.is_empty() {
            writeln!(wrong, "without {call}:\n{failed}").unwrap();
        }
        let mut unknown =
            assessment.results.iter().filter(|result| result.status == Status::Unknown).peekable();
        if unknown.peek().is_none() {
            idle.push(call.clone());
        }
        for result in unknown.filter(|result| result.missing_actions != [action(&call)]) {
            let CheckResult { check_id, missing_actions, observed, .. } = result;
            writeln!(wrong, "without {call}: {check_id} names {missing_actions:?}: {observed}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(idle, NOTHING_HANGS_ON);
}

#[test]
fn without_any_permission_nothing_is_known() {
    let mut inventory = Document::compliant().inventory();
    for call in calls(&inventory) {
        inventory = without(inventory, &call);
    }
    let assessment = judge(&inventory);
    let known = told(&assessment.results, &[Status::Pass, Status::Fail]);
    assert!(known.is_empty(), "\n{known}");
    let told: BTreeSet<Control> = assessment.results.iter().map(|result| result.control).collect();
    assert_eq!(told, BTreeSet::from(Control::ALL), "each control says that it is not known");
}

/// The same estate, as it is when one control alone is asked about.
fn only(mut inventory: Inventory, is_asked: impl Fn(&str) -> bool) -> Inventory {
    for account in inventory.accounts.values_mut() {
        for calls in account.answers.values_mut() {
            calls.retain(|call, _| is_asked(call));
        }
    }
    inventory
}

/// What the checks of one control say.
fn of(control: Control, inventory: &Inventory) -> Vec<Verdict> {
    let context = Context { inventory, settings: &Settings::default() };
    checks::all().filter(|check| check.control == control).flat_map(|check| (check.run)(&context)).collect()
}

/// The sound estate, and each defect.
fn estates() -> Vec<(String, Inventory)> {
    let mut all = vec![("none".to_owned(), Document::compliant().inventory())];
    for row in table() {
        let mut document = Document::compliant();
        row.edit.iter().for_each(|change| document.edit(change));
        all.push((row.defect, document.inventory()));
    }
    all
}

#[test]
fn one_control_is_judged_the_same_without_what_the_others_read() {
    for (defect, inventory) in estates() {
        for control in Control::ALL {
            let part = only(inventory.clone(), |call| collect::reads(control, call));
            assert_eq!(of(control, &part), of(control, &inventory), "{} with {defect}", control.number());
        }
    }
}

/// Services of which the sound estate has nothing that a control hangs on: a stream behind a rule, say.
const HELD_BY_NOTHING: [&[&str]; 6] = [
    // Of buckets only the list, to say that there is none to record.
    &["s3"],
    &["firehose", "kinesis", "s3control"],
    // What delivers to buckets of other accounts, and what rules may lead to.
    &[
        "bedrock",
        "cloudfront",
        "cloudwatch",
        "ec2",
        "elb",
        "elbv2",
        "firehose",
        "kafka",
        "kinesis",
        "kms",
        "network-firewall",
        "redshift",
        "route53resolver",
        "sqs",
        "states",
        "wafv2",
    ],
    // What delivers to buckets that nothing else delivers to.
    &[
        "bedrock",
        "cloudfront",
        "ec2",
        "elb",
        "elbv2",
        "kafka",
        "network-firewall",
        "redshift",
        "route53resolver",
        "wafv2",
    ],
    &["firehose", "kinesis", "kms", "lambda", "sqs", "states"],
    &["firehose", "kinesis", "kms", "lambda", "sqs", "states"],
];

#[test]
fn no_service_is_asked_about_in_vain() {
    let inventory = Document::compliant().inventory();
    let idle = Control::ALL.map(|control| -> Vec<&str> {
        let whole = of(control, &inventory);
        let is_idle = |service: &&&str| {
            let other = |call: &str| call.split(':').next() != Some(**service);
            of(control, &only(inventory.clone(), other)) == whole
        };
        collect::services_of(control).iter().filter(is_idle).copied().collect()
    });
    assert_eq!(idle, HELD_BY_NOTHING);
}
