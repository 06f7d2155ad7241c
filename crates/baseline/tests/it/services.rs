//! Applying to an estate that has one of most kinds of resource, none of which logs: afterwards they do,
//! a second plan is empty, and undo takes all of it back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trailkeep_aws::api::services::{ec2, iam};
use trailkeep_baseline::apply::{self, Fate, Outcome};
use trailkeep_baseline::{Inventory, Json, Status};
use trailkeep_testkit::moto;

use crate::apply::{Estate, HOME, PATIENCE, assessment, may_call};
use crate::estate::{self, Builder};

/// The checks of service logging, and of the services that look, that have to pass after apply.
const MENDED: [&str; 18] = [
    "alb-access-logging",
    "apigateway-rest-access-logging",
    "clb-access-logging",
    "cloudfront-logging",
    "config-global-types-once",
    "config-recorder-on",
    "eks-control-plane-logging",
    "guardduty-on",
    "network-firewall-logging",
    "opensearch-error-logging",
    "rds-log-exports",
    "redshift-audit-logging",
    "resolver-query-logging",
    "route53-query-logging",
    "s3-access-logging",
    "security-hub-on",
    "stepfunctions-logging",
    "waf-logging",
];

/// Kinds of which only the home Region has one.
async fn build(builder: &Builder, account: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": ["states.amazonaws.com", "eks.amazonaws.com"]}}]});
    let role = json!({"RoleName": "service", "AssumeRolePolicyDocument": trust.to_string()});
    builder.make(&iam::CREATE_ROLE, role).await;
    let constraint = json!({"LocationConstraint": HOME});
    let bucket = json!({"Bucket": format!("data-of-{account}"), "CreateBucketConfiguration": constraint});
    builder.make(&trailkeep_aws::api::services::s3::CREATE_BUCKET, bucket).await;
    balancers(builder).await;
    for (name, scope) in [("regional", "REGIONAL")] {
        let acl = json!({
            "Name": name, "Scope": scope, "DefaultAction": {"Allow": {}}, "Rules": [],
            "VisibilityConfig":
                {"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "m"},
        });
        builder.make(&estate::CREATE_WEB_ACL, acl).await;
    }
    rest_api(builder).await;
    builder.make(&estate::CREATE_DISTRIBUTION, json!({"Document": estate::DISTRIBUTION})).await;
    let zone = r#"<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>example.com</Name><CallerReference>one</CallerReference></CreateHostedZoneRequest>"#;
    builder.make(&estate::CREATE_HOSTED_ZONE, json!({"Document": zone})).await;
    let instance = json!({
        "DBInstanceIdentifier": "orders", "Engine": "postgres", "DBInstanceClass": "db.t3.micro",
        "AllocatedStorage": 20, "MasterUsername": "root", "MasterUserPassword": "Password1",
    });
    builder.make(&estate::CREATE_DB_INSTANCE, instance).await;
    compute(builder, account).await;
}

async fn balancers(builder: &Builder) {
    let listener = json!({"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80});
    let zones = [format!("{HOME}a")];
    let classic = json!({"LoadBalancerName": "classic", "Listeners": [listener], "AvailabilityZones": zones});
    builder.make(&estate::CREATE_CLASSIC_LOAD_BALANCER, classic).await;
    let subnets = builder.make(&ec2::DESCRIBE_SUBNETS, json!({})).await;
    let subnets: Vec<&Value> =
        subnets["Subnets"].as_array().unwrap().iter().take(2).map(|subnet| &subnet["SubnetId"]).collect();
    builder.make(&estate::CREATE_LOAD_BALANCER, json!({"Name": "web", "Subnets": subnets})).await;
}

/// A stage needs a deployment, and that a method.
async fn rest_api(builder: &Builder) {
    let api = builder.make(&estate::CREATE_REST_API, json!({"name": "rest"})).await;
    let about = |more: Value| {
        let mut input = json!({"restApiId": api["id"]});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let method = json!({"resourceId": api["rootResourceId"], "httpMethod": "GET"});
    let mut open = method.clone();
    open["authorizationType"] = json!("NONE");
    builder.make(&estate::PUT_METHOD, about(open)).await;
    let mut mock = method;
    mock["type"] = json!("MOCK");
    mock["integrationHttpMethod"] = json!("GET");
    builder.make(&estate::PUT_INTEGRATION, about(mock)).await;
    builder.make(&estate::CREATE_DEPLOYMENT, about(json!({"stageName": "live"}))).await;
}

async fn compute(builder: &Builder, account: &str) {
    let redshift = json!({
        "ClusterIdentifier": "warehouse", "NodeType": "ra3.xlplus",
        "MasterUsername": "admin", "MasterUserPassword": "Password1",
    });
    builder.make(&estate::CREATE_REDSHIFT_CLUSTER, redshift).await;
    builder.make(&estate::CREATE_DOMAIN, json!({"DomainName": "search"})).await;
    let role = format!("arn:aws:iam::{account}:role/service");
    let eks = json!({"name": "k8s", "roleArn": role, "resourcesVpcConfig": {"subnetIds": []}});
    builder.make(&estate::CREATE_EKS_CLUSTER, eks).await;
    let definition = r#"{"StartAt":"End","States":{"End":{"Type":"Succeed"}}}"#;
    let machine = json!({"name": "flow", "definition": definition, "roleArn": role});
    builder.make(&estate::CREATE_STATE_MACHINE, machine).await;
    let firewall = json!({
        "FirewallName": "wall", "VpcId": "vpc-1", "SubnetMappings": [{"SubnetId": "subnet-1"}],
        "FirewallPolicyArn": format!("arn:aws:network-firewall:{HOME}:{account}:firewall-policy/p"),
    });
    builder.make(&estate::CREATE_FIREWALL, firewall).await;
}

/// As RDS, EKS and Redshift do with the first entry of each log.
async fn first_entries(builder: &Builder) {
    for group in [
        "/aws/rds/instance/orders/postgresql",
        "/aws/eks/k8s/cluster",
        "/aws/redshift/cluster/warehouse/connectionlog",
    ] {
        builder.make(&estate::CREATE_LOG_GROUP, json!({"logGroupName": group})).await;
    }
}

/// The worst status of each check.
fn statuses(inventory: &Inventory) -> BTreeMap<String, Status> {
    let mut found = BTreeMap::new();
    for result in assessment(inventory).results {
        let status = found.entry(result.check_id).or_insert(result.status);
        if result.status == Status::Fail {
            *status = Status::Fail;
        }
    }
    found
}

fn mended(inventory: &Inventory, wanted: Status) {
    let all = statuses(inventory);
    let wrong: Vec<(&str, Option<&Status>)> =
        MENDED.iter().map(|id| (*id, all.get(*id))).filter(|(_, status)| *status != Some(&wanted)).collect();
    assert_eq!(wrong, [], "{}", told(inventory, &wrong));
}

fn told(inventory: &Inventory, wrong: &[(&str, Option<&Status>)]) -> String {
    let all = assessment(inventory).results.into_iter();
    let of = all.filter(|result| wrong.iter().any(|(id, _)| *id == result.check_id));
    of.map(|result| format!("\n{} {} {}", result.check_id, result.resource_arn, result.observed)).collect()
}

/// moto cannot take a VPC out of a query logging configuration, and so keeps the two, and what they need:
/// undoing these is tested on a scripted server. It logs the requests that undo makes to buckets, and a
/// bucket with logs in it is kept; with a key, what is encrypted with it is.
fn is_kept(subject: &str) -> bool {
    let kept = ["query logging of vpc-", "Resolver query logging", "bucket trailkeep-", "key ", "alias "];
    kept.iter().any(|start| subject.starts_with(start))
        || ["log group /aws/vendedlogs/trailkeep/resolver", "resource policy trailkeep-log-delivery"]
            .contains(&subject)
}

/// What of the inventory tells whether a resource logs, with its place.
fn settings(inventory: &Inventory) -> BTreeMap<String, Value> {
    let paths: [(&str, &str); 14] = [
        ("apigateway:GetAccount", "cloudwatchRoleArn"),
        ("apigateway:GetStages", "item"),
        ("cloudfront:GetDistributionConfig", "DistributionConfig.Logging"),
        ("config:DescribeConfigurationRecorders", "ConfigurationRecorders"),
        ("config:DescribeDeliveryChannels", "DeliveryChannels"),
        ("elb:DescribeLoadBalancerAttributes", "LoadBalancerAttributes.AccessLog"),
        ("elbv2:DescribeLoadBalancerAttributes", "Attributes"),
        ("guardduty:ListDetectors", "DetectorIds"),
        ("logs:DescribeDeliveries", "deliveries"),
        ("logs:DescribeDeliverySources", "deliverySources"),
        ("rds:DescribeDBInstances", "DBInstances"),
        ("route53:ListQueryLoggingConfigs", "QueryLoggingConfigs"),
        ("states:DescribeStateMachine", "loggingConfiguration.level"),
        ("network-firewall:DescribeLoggingConfiguration", "LoggingConfiguration.LogDestinationConfigs"),
    ];
    let mut found = BTreeMap::new();
    for (region, calls) in inventory.accounts.values().flat_map(|account| &account.answers) {
        for (call, path) in paths {
            for (resource, answer) in calls.get(call).into_iter().flatten() {
                let trailkeep_baseline::Answer::Output(output) = answer else { continue };
                let mut value = output.at(path).cloned().unwrap_or_default();
                for item in value.as_array_mut().into_iter().flatten() {
                    // Of a database only this; the rest has times in it.
                    if let Some(exports) = item.get("EnabledCloudwatchLogsExports").cloned() {
                        *item = exports;
                    }
                }
                if let Some(attributes) = value.as_array_mut().filter(|_| path == "Attributes") {
                    // AWS lists attributes that are off, moto once they were on.
                    attributes.retain(|pair| !matches!(pair.text("Value"), None | Some("false")));
                }
                let is_empty = value.as_array().is_some_and(Vec::is_empty) || value.as_str() == Some("");
                let value = if is_empty { Value::Null } else { value };
                found.insert(format!("{region} {call} {resource}"), value);
            }
        }
    }
    found
}

#[tokio::test]
async fn services_that_log_nothing_log_and_log_nothing_again() {
    let Some(server) = moto() else { return };
    let mut estate = Estate::new(&server.endpoint, "200000000021").await;
    estate.resolver = true;
    let folder = tempfile::tempdir().unwrap();
    let (_, clients) = estate.look().await;
    let builder = estate.builder(&clients);
    builder.queue("alerts").await;
    build(&builder, &estate.account).await;
    let (before, _) = estate.look().await;
    mended(&before, Status::Fail);

    let (run, results) = estate.apply(folder.path(), &()).await;
    crate::apply::all_done(&results);
    may_call(folder.path(), &run);
    first_entries(&builder).await;
    let (again, clients, after) = estate.plan().await;
    mended(&after, Status::Pass);
    assert_eq!(again.steps, [], "{}", again.text(true));

    let undone = Box::pin(apply::undo(folder.path(), &run, &clients, PATIENCE, &())).await.unwrap();
    let kept: BTreeSet<&str> = undone
        .iter()
        .filter(|thing| matches!(thing.fate, Fate::Kept { .. } | Fate::Failed { .. }))
        .map(|thing| thing.subject.as_str())
        .filter(|subject| !is_kept(subject))
        .collect();
    assert_eq!(kept, BTreeSet::new(), "{undone:#?}");
    let (restored, _) = estate.look().await;
    assert_eq!(settings(&restored), settings(&before));
    let again: Vec<&str> = MENDED.iter().copied().filter(|id| *id != "resolver-query-logging").collect();
    let all = statuses(&restored);
    let still: Vec<&str> = again.into_iter().filter(|id| all.get(*id) != Some(&Status::Fail)).collect();
    assert_eq!(still, [""; 0], "these log still");
    assert!(results.iter().all(|result| result.outcome == Outcome::Done));
}
