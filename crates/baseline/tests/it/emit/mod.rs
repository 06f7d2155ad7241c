//! The CloudFormation template: cfn-lint accepts it, it deploys, and then the checks pass that it
//! names.

mod rest;
mod stack;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Command;

use serde_json::{Value, json};
use trailkeep_aws::api::services::cloudformation::{
    CREATE_STACK, DESCRIBE_STACK_EVENTS, DESCRIBE_STACK_RESOURCES, DESCRIBE_STACKS,
};
use trailkeep_baseline::collect::{Accounts, Scope};
use trailkeep_baseline::emit::{DataEvents, EmitSettings, ObjectLock, Template, cloudformation};
use trailkeep_baseline::policy::{Decision, Policy, Principal, Request};
use trailkeep_baseline::{
    Answer, Assessment, CheckResult, Control, Inventory, Json, Settings, Status, assess,
};
use trailkeep_testkit::{cfn_lint, moto};

use crate::collect::{aws, collect, role};
use crate::estate::Builder;
use rest::UNMODELLED;
use stack::Stack;

#[test]
fn cfn_lint_accepts_it() {
    let Some(cfn_lint) = cfn_lint() else { return };
    let everything = EmitSettings {
        home_region: "eu-central-1".to_owned(),
        notify_email: Some("ops@example.com".to_owned()),
        organization_id: Some("o-a1b2c3d4e5".to_owned()),
        central_bucket: Some("central-logs".to_owned()),
        object_lock: ObjectLock::Compliance,
        data_events: DataEvents::AllBuckets,
        ..EmitSettings::default()
    };
    for settings in [EmitSettings::default(), everything] {
        let template = cloudformation(&settings).unwrap();
        for (extension, text) in
            [("yaml", template.to_yaml().unwrap()), ("json", template.as_json().to_string())]
        {
            let mut file = tempfile::Builder::new().suffix(&format!(".{extension}")).tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let regions = ["us-east-1", "eu-central-1", "ap-southeast-2"];
            // Warnings count: whoever deploys it would see them.
            let run = Command::new(&cfn_lint)
                .args(["--non-zero-exit-code", "warning", "--template"])
                .arg(file.path())
                .arg("--regions")
                .args(regions)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&run.stdout);
            assert!(run.status.success(), "{extension}: {said}{}", String::from_utf8_lossy(&run.stderr));
        }
    }
}

const ACCOUNT: &str = "100000000031";

const PARAMETERS: [(&str, &str); 3] =
    [("NotifyEmail", "ops@example.com"), ("DataEvents", "AllBuckets"), ("ObjectLockMode", "GOVERNANCE")];

/// Deploys the template into a Region as a StackSet does, and makes what moto leaves out.
async fn deploy(builder: &Builder, template: &Template) {
    let parameters: Vec<_> = PARAMETERS
        .iter()
        .map(|(name, value)| json!({"ParameterKey": name, "ParameterValue": value}))
        .collect();
    let input = json!({
        "StackName": "trailkeep", "TemplateBody": template.to_yaml().unwrap(), "Parameters": parameters,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    });
    builder.make(&CREATE_STACK, input).await;
    let name = json!({"StackName": "trailkeep"});
    let stacks = builder.make(&DESCRIBE_STACKS, name.clone()).await;
    assert_eq!(stacks["Stacks"][0]["StackStatus"], "CREATE_COMPLETE");
    let events = builder.make(&DESCRIBE_STACK_EVENTS, name.clone()).await;
    assert!(!events.to_string().contains("FAILED"), "{events}");

    let answer = builder.make(&DESCRIBE_STACK_RESOURCES, name).await;
    let made: BTreeMap<String, String> = answer
        .items("StackResources")
        .iter()
        .filter_map(|resource| {
            let text = |member: &str| resource.text(member).map(str::to_owned);
            Some((text("LogicalResourceId")?, text("PhysicalResourceId")?))
        })
        .collect();
    let stack = Stack {
        template: template.as_json(),
        account: ACCOUNT,
        region: builder.region,
        parameters: PARAMETERS.into_iter().collect(),
        made,
    };
    let left_out: BTreeSet<&str> = stack
        .resources()
        .into_iter()
        .filter(|(id, _)| !stack.made.contains_key(*id))
        .map(|(_, kind)| kind)
        .collect();
    let unexpected: Vec<&&str> = left_out.iter().filter(|kind| !UNMODELLED.contains(kind)).collect();
    assert_eq!(unexpected, [&""; 0], "moto makes these, and did not");
    rest::make(builder, &stack).await;
}

/// The statuses of each check, by id.
fn statuses(assessment: &Assessment) -> BTreeMap<&str, Vec<&CheckResult>> {
    let mut found: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for result in &assessment.results {
        found.entry(&result.check_id).or_default().push(result);
    }
    found
}

/// Makes an inventory say that there is nothing of a kind in a Region.
fn forget(inventory: &mut Inventory, region: &str, call: &str, nothing: Value) {
    inventory.record(ACCOUNT, region, call, "", Answer::Output(nothing));
}

/// Alerts are raised on two ways: by metric filters and alarms, and by rules that hand events to the
/// queue. Each is enough by itself, in both Regions.
fn alone(inventory: &Inventory, what: &str, without_the_other: impl Fn(&mut Inventory, &str)) {
    let mut inventory = inventory.clone();
    for region in ["us-east-1", "eu-west-1"] {
        without_the_other(&mut inventory, region);
    }
    let assessment = assess(&inventory, &Settings::default(), &[]);
    let about =
        |result: &&CheckResult| result.control == Control::Changes || result.check_id == "alarm-trail-health";
    let results: Vec<&CheckResult> = assessment.results.iter().filter(about).collect();
    let regions: BTreeSet<&str> = results.iter().map(|result| result.region.as_str()).collect();
    assert!(regions.is_superset(&BTreeSet::from(["eu-west-1", "us-east-1"])), "{regions:?}");
    for result in results {
        assert_eq!(result.status, Status::Pass, "{what} alone: {} {}", result.check_id, result.observed);
    }
}

#[tokio::test]
async fn deployed_it_satisfies_the_checks_that_it_names() {
    let Some(server) = moto() else { return };
    let aws = aws(&server.endpoint).await;
    let client = aws.api().assume_role(role(ACCOUNT).as_str(), "deploy", None);
    let template = cloudformation(&EmitSettings::default()).unwrap();
    for region in ["us-east-1", "eu-west-1"] {
        let builder = Builder { client: client.clone(), region };
        deploy(&builder, &template).await;
        // Findings are routed where there are any.
        builder.guardduty().await;
    }
    let scope = Scope {
        accounts: Accounts::Roles(vec![role(ACCOUNT)]),
        regions: vec!["us-east-1".to_owned(), "eu-west-1".to_owned()],
        ..Scope::default()
    };
    let inventory = collect(&aws, &scope).await.0.unwrap();
    let assessment = assess(&inventory, &Settings::default(), &[]);
    let found = statuses(&assessment);

    let mut promised = template.checks();
    for choice in ["NotifyEmail", "DataEvents=AllBuckets", "ObjectLockMode=GOVERNANCE"] {
        promised.extend(template.checks_with(choice));
    }
    let mut broken = Vec::new();
    for id in &promised {
        let results = found.get(id).map(Vec::as_slice).unwrap_or_default();
        if results.is_empty() {
            broken.push(format!("{id}: says nothing"));
        }
        for result in results.iter().filter(|result| result.status != Status::Pass) {
            broken.push(format!(
                "{id}: {} {}: {}",
                result.status.as_str(),
                result.resource_arn,
                result.observed
            ));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));

    alone(&inventory, "the alarms", |inventory, region| {
        forget(inventory, region, "events:ListRules", json!({"Rules": []}));
    });
    alone(&inventory, "the rules", |inventory, region| {
        forget(inventory, region, "logs:DescribeMetricFilters", json!({"metricFilters": []}));
    });

    let left: BTreeSet<String> = assessment
        .results
        .iter()
        .filter(|result| result.status != Status::Pass)
        .map(|result| format!("{} {}", result.status.as_str(), result.check_id))
        .collect();
    insta::assert_snapshot!(left.into_iter().collect::<Vec<_>>().join("\n"));
}

/// The stack of an account with these parameters, before anything is made.
fn stack<'a>(template: &'a Template, parameters: &[(&'a str, &'a str)]) -> Stack<'a> {
    Stack {
        template: template.as_json(),
        account: ACCOUNT,
        region: "us-east-1",
        parameters: parameters.iter().copied().collect(),
        made: BTreeMap::from([("LogBucket".to_owned(), "logs".to_owned())]),
    }
}

#[test]
fn trails_of_the_organisation_deliver_to_the_central_account() {
    let template = cloudformation(&EmitSettings::default()).unwrap();
    let decide = |parameters: &[(&str, &str)], conditions: &[(&str, &str)]| {
        let stack = stack(&template, parameters);
        let policy = stack.properties("LogBucketPolicy")["PolicyDocument"].to_string();
        let mut conditions = conditions.to_vec();
        conditions.extend([("s3:x-amz-acl", "bucket-owner-full-control"), ("aws:SecureTransport", "true")]);
        Policy::parse(&policy).unwrap().decide(&Request {
            principal: Principal::Service("cloudtrail.amazonaws.com"),
            action: "s3:PutObject",
            resource: "arn:aws:s3:::logs/AWSLogs/222222222222/CloudTrail/us-east-1/2026/01/01/log.json.gz",
            conditions: &conditions,
        })
    };
    let theirs = [
        ("aws:SourceArn", "arn:aws:cloudtrail:us-east-1:222222222222:trail/trailkeep"),
        ("aws:SourceOrgID", "o-a1b2c3d4e5"),
    ];
    assert_eq!(decide(&[("OrganizationId", "o-a1b2c3d4e5")], &theirs), Decision::Allow);
    assert_eq!(decide(&[("OrganizationId", "o-z1y2x3w4v5")], &theirs), Decision::NoMatch);
    assert_eq!(decide(&[], &theirs), Decision::NoMatch);
}

#[test]
fn a_member_delivers_to_the_central_bucket_and_makes_none() {
    let template = cloudformation(&EmitSettings::default()).unwrap();
    let key = "arn:aws:kms:us-east-1:999999999999:key/1";
    let stack = stack(&template, &[("CentralBucket", "central-logs"), ("CentralKeyArn", key)]);
    let made: Vec<&str> = stack.resources().into_iter().map(|(id, _)| id).collect();
    for own in ["LogBucket", "LogBucketPolicy", "AccessLogBucket", "AccessLogBucketPolicy", "ForwardingRole"]
    {
        assert!(!made.contains(&own), "{own}");
    }
    let trail = stack.properties("Trail");
    assert_eq!(trail["S3BucketName"], "central-logs");
    assert_eq!(trail["KMSKeyId"], key);
    let objects = trail["AdvancedEventSelectors"][1]["FieldSelectors"].to_string();
    assert!(objects.contains("arn:aws:s3:::central-logs/"), "{objects}");
}

#[test]
fn other_regions_get_the_rule_alone() {
    let template = cloudformation(&EmitSettings::default()).unwrap();
    let stack = stack(&template, &[("HomeRegion", "eu-central-1")]);
    let made: Vec<&str> = stack.resources().into_iter().map(|(id, _)| id).collect();
    assert_eq!(made, ["Rule", "ForwardingRole"]);
}
