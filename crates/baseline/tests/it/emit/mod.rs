//! The CloudFormation template: cfn-lint accepts it, it deploys, and then the checks pass that it
//! names.

mod rest;
mod stack;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Command;

use serde_json::json;
use trailkeep_aws::api::services::cloudformation::{
    CREATE_STACK, DESCRIBE_STACK_EVENTS, DESCRIBE_STACK_RESOURCES, DESCRIBE_STACKS,
};
use trailkeep_baseline::collect::{Accounts, Scope};
use trailkeep_baseline::emit::{DataEvents, EmitSettings, ObjectLock, Template, cloudformation};
use trailkeep_baseline::{Assessment, Json, Settings, Status, assess};
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
fn statuses(assessment: &Assessment) -> BTreeMap<&str, Vec<&trailkeep_baseline::CheckResult>> {
    let mut found: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for result in &assessment.results {
        found.entry(&result.check_id).or_default().push(result);
    }
    found
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

    let left: BTreeSet<String> = assessment
        .results
        .iter()
        .filter(|result| result.status != Status::Pass)
        .map(|result| format!("{} {}", result.status.as_str(), result.check_id))
        .collect();
    insta::assert_snapshot!(left.into_iter().collect::<Vec<_>>().join("\n"));
}
