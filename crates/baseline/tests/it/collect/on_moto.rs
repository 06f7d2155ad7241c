//! Collecting from moto, which plays many accounts and Regions at once.

use std::collections::BTreeSet;
use std::time::Instant;

use trailkeep_baseline::collect::{Accounts, Purpose, Scope, iam_policy};
use trailkeep_baseline::{CheckResult, Control, Inventory, Json, Settings, assess};
use trailkeep_testkit::moto;

use super::{aws, collect, place, role, scope};
use crate::estate::Builder;

/// The Regions that are on in every account.
const DEFAULT_REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// What moto does not know. It answers with an error page (404 or 500) instead of AWS's errors, or
/// with something else (a bucket's listing for its policy's status); the inventory keeps such an
/// answer as what it is, a question that could not be asked.
const UNKNOWN_TO_MOTO: [&str; 9] = [
    "account:ListRegions",
    "cloudfront:ListRealtimeLogConfigs",
    "cloudtrail:ListEventDataStores",
    "config:DescribeDeliveryChannelStatus",
    "logs:DescribeAccountPolicies",
    "redshift-serverless:ListNamespaces",
    "s3:GetBucketPolicyStatus",
    "securityhub:ListFindingAggregators",
    "securityhub:ListOrganizationAdminAccounts",
];

/// Calls that failed, without their places.
fn failed(inventory: &Inventory, account: &str) -> BTreeSet<String> {
    let places = inventory.accounts[account].answers.values();
    let calls = places.flat_map(|calls| calls.iter());
    calls
        .filter(|(_, answers)| {
            answers.values().any(|answer| matches!(answer, trailkeep_baseline::Answer::Failed(_)))
        })
        .map(|(call, _)| call.clone())
        .collect()
}

#[tokio::test]
async fn an_empty_account_has_an_answer_to_everything() {
    let Some(server) = moto() else { return };
    let account = "100000000001";
    let (inventory, recorded) =
        collect(&aws(&server.endpoint).await, &scope(&[account], &["eu-west-1"])).await;
    let inventory = inventory.unwrap();
    assert!(recorded.in_order, "progress goes forward");
    assert_eq!(inventory.accounts[account].regions, ["eu-west-1"]);
    assert_eq!(inventory.accounts[account].left_out["us-east-1"], "not in scope");
    assert_eq!(inventory.notes, [""; 0]);
    let failed = failed(&inventory, account);
    let unexpected: Vec<&String> =
        failed.iter().filter(|call| !UNKNOWN_TO_MOTO.contains(&call.as_str())).collect();
    assert_eq!(unexpected, [""; 0]);
    let here = place(&inventory, account, "eu-west-1");
    for (call, list) in [
        ("cloudtrail:DescribeTrails", "trailList"),
        ("logs:DescribeMetricFilters", "metricFilters"),
        ("cloudwatch:DescribeAlarms", "MetricAlarms"),
        ("sns:ListTopics", "Topics"),
        ("elbv2:DescribeLoadBalancers", "LoadBalancers"),
        ("rds:DescribeDBInstances", "DBInstances"),
        ("guardduty:ListDetectors", "DetectorIds"),
    ] {
        assert_eq!(here.list(call, list).unwrap().len(), 0, "{call}");
    }
    assert_eq!(here.get("securityhub:DescribeHub"), Ok(None), "it is not on");
    assert_eq!(here.list("ec2:DescribeVpcs", "Vpcs").unwrap().len(), 1, "the default one");
    assert_eq!(here.global().list("s3:ListBuckets", "Buckets").unwrap().len(), 0);
    assert_eq!(here.global().get("organizations:ListAccounts"), Ok(None), "it is in no organisation");
}

/// Every list whose items are asked about, and how many of them the estate has.
const ASKED_ABOUT: [(&str, &str, usize); 36] = [
    ("global", "s3:GetBucketLocation", 1),
    ("global", "s3:GetPublicAccessBlock", 1),
    ("global", "s3:GetBucketPolicy", 1),
    ("global", "s3:GetBucketPolicyStatus", 1),
    ("global", "s3:GetBucketAcl", 1),
    ("global", "s3:GetBucketVersioning", 1),
    ("global", "s3:GetBucketEncryption", 1),
    ("global", "s3:GetObjectLockConfiguration", 1),
    ("global", "wafv2:GetLoggingConfiguration", 1),
    ("global", "cloudfront:GetDistributionConfig", 1),
    ("us-east-1", "cloudtrail:GetTrailStatus", 1),
    ("us-east-1", "cloudtrail:GetEventSelectors", 1),
    ("us-east-1", "cloudtrail:GetInsightSelectors", 1),
    ("us-east-1", "logs:DescribeSubscriptionFilters", 1),
    ("us-east-1", "sns:GetTopicAttributes", 1),
    ("us-east-1", "sns:ListSubscriptionsByTopic", 1),
    ("us-east-1", "events:ListRules", 2),
    ("us-east-1", "events:ListTargetsByRule", 2),
    ("us-east-1", "cloudwatch:GetMetricStatistics", 1),
    ("us-east-1", "sqs:GetQueueAttributes", 1),
    ("us-east-1", "lambda:GetPolicy", 1),
    ("us-east-1", "kms:DescribeKey", 1),
    ("us-east-1", "kms:GetKeyPolicy", 1),
    ("us-east-1", "kms:GetKeyRotationStatus", 1),
    ("us-east-1", "wafv2:GetLoggingConfiguration", 1),
    ("us-east-1", "apigateway:GetStages", 1),
    ("us-east-1", "apigatewayv2:GetStages", 1),
    ("us-east-1", "elbv2:DescribeLoadBalancerAttributes", 1),
    ("us-east-1", "elb:DescribeLoadBalancerAttributes", 1),
    ("us-east-1", "redshift:DescribeLoggingStatus", 1),
    ("us-east-1", "es:DescribeDomains", 1),
    ("us-east-1", "eks:DescribeCluster", 1),
    ("us-east-1", "ecs:DescribeTaskDefinition", 1),
    ("us-east-1", "states:DescribeStateMachine", 1),
    ("us-east-1", "network-firewall:DescribeLoggingConfiguration", 1),
    ("us-east-1", "guardduty:GetDetector", 1),
];

#[tokio::test]
async fn an_account_with_one_of_everything() {
    let Some(server) = moto() else { return };
    let account = "100000000002";
    let aws = aws(&server.endpoint).await;
    let client = aws.api().assume_role(role(account).as_str(), "build", None);
    let builder = Builder { client, region: "us-east-1" };
    builder.organization(&[]).await;
    builder.one_of_everything(account).await;
    let (inventory, recorded) = collect(&aws, &scope(&[account], &["us-east-1", "eu-west-1"])).await;
    let inventory = inventory.unwrap();

    for (region, call, count) in ASKED_ABOUT {
        let asked: Vec<_> = place(&inventory, account, region).each(call).collect();
        assert_eq!(asked.len(), count, "{call} in {region}: {asked:?}");
        for (resource, answer) in asked {
            assert!(answer.is_ok() || UNKNOWN_TO_MOTO.contains(&call), "{call} about {resource}: {answer:?}");
        }
    }
    let failed = failed(&inventory, account);
    let unexpected: Vec<&String> =
        failed.iter().filter(|call| !UNKNOWN_TO_MOTO.contains(&call.as_str())).collect();
    assert_eq!(unexpected, [""; 0]);
    let elsewhere = place(&inventory, account, "eu-west-1");
    assert_eq!(elsewhere.list("cloudtrail:DescribeTrails", "trailList").unwrap().len(), 1, "a shadow");
    assert_eq!(elsewhere.each("cloudtrail:GetTrailStatus").count(), 0, "asked at home only");
    values(&inventory, account);
    actions(&recorded.actions);
}

/// Answers are those of the estate, under the names that the AWS CLI prints.
fn values(inventory: &Inventory, account: &str) {
    let here = place(inventory, account, "us-east-1");
    let first = |call: &str| here.each(call).next().unwrap().1.unwrap().unwrap();
    assert!(first("cloudtrail:GetTrailStatus").flag("IsLogging"));
    assert_eq!(first("sns:ListSubscriptionsByTopic").items("Subscriptions")[0].text("Protocol"), Some("sqs"));
    assert_eq!(first("eks:DescribeCluster").text("cluster.name"), Some("k8s"));
    assert_eq!(first("es:DescribeDomains").items("DomainStatusList").len(), 1);
    let task = first("ecs:DescribeTaskDefinition");
    assert_eq!(task.int("taskDefinition.revision"), Some(2), "the latest alone");
    assert_eq!(here.list("ecs:DescribeClusters", "clusters").unwrap().len(), 1);
    assert_eq!(first("guardduty:GetDetector").text("Status"), Some("ENABLED"));
    assert_eq!(first("apigatewayv2:GetStages").items("Items")[0].text("StageName"), Some("$default"));
    let queue = format!("https://sqs.us-east-1.amazonaws.com/{account}/alerts");
    let attributes = here.get_for("sqs:GetQueueAttributes", &queue).unwrap().unwrap();
    assert!(attributes.text("Attributes.QueueArn").unwrap().ends_with(":alerts"));
    assert_eq!(here.get_for("lambda:GetPolicy", "respond"), Ok(None), "there is no such function");
    assert_eq!(
        here.list_for("events:ListRules", "own", "Rules").unwrap()[0].text("Name"),
        Some("to-function")
    );
    assert_eq!(here.list("events:ListRules", "Rules").unwrap()[0].text("Name"), Some("to-queue"));
    let balancer = first("elbv2:DescribeLoadBalancerAttributes");
    assert!(
        balancer.items("Attributes").iter().any(|item| item.text("Key") == Some("access_logs.s3.bucket"))
    );
    let acl = first("wafv2:GetLoggingConfiguration");
    assert_eq!(acl.items("LoggingConfiguration.LogDestinationConfigs").len(), 1);
    let distribution =
        here.global().each("cloudfront:GetDistributionConfig").next().unwrap().1.unwrap().unwrap();
    assert!(distribution.at("DistributionConfig.Logging").is_some(), "{distribution}");
}

/// What was called is what the printed policy allows: nothing is missing, nothing is there in vain.
fn actions(called: &BTreeSet<&'static str>) {
    let policy = iam_policy(Purpose::Check);
    let allowed: BTreeSet<&str> =
        policy["Statement"][0]["Action"].as_array().unwrap().iter().filter_map(|a| a.as_str()).collect();
    let mut needed = called.clone();
    assert!(needed.remove("sts:GetCallerIdentity"), "it needs no permission");
    // moto has no event data stores, so that none is asked about.
    assert!(needed.insert("cloudtrail:GetEventDataStore"));
    assert_eq!(needed, allowed);
}

#[tokio::test]
async fn two_accounts_in_seventeen_regions() {
    let Some(server) = moto() else { return };
    let accounts = ["100000000003", "100000000004"];
    let aws = aws(&server.endpoint).await;
    crate::assessed::compliant(&server.endpoint, accounts[0]).await;
    let began = Instant::now();
    let (inventory, recorded) = collect(&aws, &scope(&accounts, &DEFAULT_REGIONS)).await;
    let inventory = inventory.unwrap();
    eprintln!("2 accounts in 17 Regions: {} calls in {:.1} s", recorded.calls, began.elapsed().as_secs_f64());
    for account in accounts {
        assert_eq!(inventory.accounts[account].regions, DEFAULT_REGIONS);
        for region in DEFAULT_REGIONS {
            let here = place(&inventory, account, region);
            let vpcs = here.list("ec2:DescribeVpcs", "Vpcs").unwrap();
            assert_eq!(vpcs[0].text("OwnerId"), Some(account), "{region}");
            let groups = here.list("logs:DescribeLogGroups", "logGroups").unwrap().len();
            assert_eq!(groups, if account == accounts[0] && region == "eu-west-1" { 3 } else { 0 });
        }
    }
    let saved = serde_json::to_vec(&inventory).unwrap();
    let again = Inventory::from_json(&saved).unwrap();
    assert_eq!(serde_json::to_vec(&again).unwrap(), saved, "it is read as it was written");
    crate::assessed::of_seventeen_regions(&again, accounts);
}

#[tokio::test]
async fn an_organisation_through_its_members_roles() {
    let Some(server) = moto() else { return };
    let management = "100000000005";
    let outside = aws(&server.endpoint).await;
    let client = outside.api().assume_role(role(management).as_str(), "build", None);
    let builder = Builder { client, region: "us-east-1" };
    let ids = builder.organization(&["prod", "closed"]).await;
    builder.close(&ids[1]).await;

    let inside = super::as_account(&outside, management).await;
    let accounts = Accounts::Organization { role: "security/TrailkeepCheck".to_owned() };
    let scope = Scope { accounts, regions: vec!["eu-west-1".to_owned()], ..Scope::default() };
    let inventory = collect(&inside, &scope).await.0.unwrap();
    let entered: BTreeSet<&str> = inventory.accounts.keys().map(String::as_str).collect();
    assert_eq!(entered, BTreeSet::from([management, ids[0].as_str()]));
    assert_eq!(inventory.accounts[&ids[0]].name.as_deref(), Some("prod"));
    assert!(inventory.accounts.values().all(|account| account.failed.is_none()));
    assert!(inventory.left_out.contains_key(&ids[1]), "{:?}", inventory.left_out);
    let global = place(&inventory, management, "global");
    assert_eq!(global.list("organizations:ListAccounts", "Accounts").unwrap().len(), 3);
    assert_eq!(place(&inventory, &ids[0], "global").get("organizations:ListAccounts"), Ok(None));
}

/// The results of one control, without what moves from one collection to the next ("2 minutes ago").
fn of(control: Control, inventory: &Inventory) -> Vec<[String; 5]> {
    let all = assess(inventory, &Settings::default(), &[]).results;
    let ours = all.into_iter().filter(|result| result.control == control);
    let row = |result: CheckResult| {
        let CheckResult { check_id, account_id, region, resource_arn, status, .. } = result;
        [check_id, account_id, region, resource_arn, status.as_str().to_owned()]
    };
    ours.map(row).collect()
}

#[tokio::test]
async fn one_control_is_collected_with_fewer_calls_and_judged_the_same() {
    let Some(server) = moto() else { return };
    let account = "100000000007";
    let aws = aws(&server.endpoint).await;
    let client = aws.api().assume_role(role(account).as_str(), "build", None);
    Builder { client, region: "us-east-1" }.one_of_everything(account).await;
    let scope = scope(&[account], &["us-east-1", "eu-west-1"]);
    let (whole, all) = collect(&aws, &scope).await;
    let whole = whole.unwrap();
    for control in Control::ALL {
        let (part, some) = collect(&aws, &Scope { controls: vec![control], ..scope.clone() }).await;
        let part = part.unwrap();
        assert!(
            some.calls < all.calls,
            "control {}: {} calls of {}",
            control.number(),
            some.calls,
            all.calls
        );
        assert_eq!(of(control, &part), of(control, &whole), "control {}", control.number());
        assert!(part.notes[0].contains(&format!("control {} read", control.number())), "{:?}", part.notes);
    }
}
