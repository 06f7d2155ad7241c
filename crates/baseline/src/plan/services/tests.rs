//! What is planned for kinds of resource that moto does not have, and what is left alone.

use serde_json::{Value, json};

use super::super::tests::{bare, operations, planned, settings};
use super::super::{Plan, PlannedCall, Step};
use crate::inventory::GLOBAL;
use crate::testing::{ACCOUNT, Estate, HOME, OTHER};

const ACL: &str = "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/site/1";
const EDGE: &str = "arn:aws:wafv2:us-east-1:111111111111:global/webacl/edge/2";

/// Nothing of these kinds is anywhere, and CloudWatch Logs tells what it has.
fn empty() -> Estate {
    let mut estate = bare();
    for region in [HOME, OTHER] {
        estate.answer(region, "logs:DescribeResourcePolicies", "", json!({"resourcePolicies": []}));
        estate.answer(region, "wafv2:ListWebACLs", "", json!({"WebACLs": []}));
        estate.answer(region, "logs:DescribeDeliverySources", "", json!({"deliverySources": []}));
    }
    estate.answer(GLOBAL, "wafv2:ListWebACLs", "", json!({"WebACLs": []}));
    estate
}

fn with_acls() -> Estate {
    let mut estate = empty();
    estate.answer(HOME, "wafv2:ListWebACLs", "", json!({"WebACLs": [{"ARN": ACL}]}));
    estate.absent(HOME, "wafv2:GetLoggingConfiguration", ACL, "WAFNonexistentItemException");
    estate.answer(GLOBAL, "wafv2:ListWebACLs", "", json!({"WebACLs": [{"ARN": EDGE}]}));
    estate.absent(GLOBAL, "wafv2:GetLoggingConfiguration", EDGE, "WAFNonexistentItemException");
    estate
}

fn step<'a>(plan: &'a Plan, name: &str) -> &'a Step {
    let end = format!("/{name}");
    let found = plan.steps.iter().find(|step| step.id.ends_with(&end));
    found.unwrap_or_else(|| panic!("no step {name}: {}", plan.text(false)))
}

fn inputs<'a>(step: &'a Step, operation: &str) -> Vec<&'a Value> {
    let of = |call: &&PlannedCall| call.operation == operation;
    step.calls.iter().filter(of).map(|call| &call.input).collect()
}

fn leaves(plan: &Plan, check: &str) -> bool {
    plan.left.iter().any(|left| left.check_id == check)
}

#[track_caller]
fn all_have_effects(plan: &Plan) {
    for call in operations(plan) {
        assert!(crate::apply::makes(call), "{call}");
    }
    for step in &plan.steps {
        let words = [&step.undo, &step.blast_radius, &step.cost_hint, &step.verify, &step.resource];
        assert!(words.iter().all(|words| !words.is_empty()), "{}", step.id);
    }
}

#[test]
fn web_acls_of_cloudfront_log_to_us_east_1() {
    let plan = planned(&with_acls(), &settings());
    for (name, region, acl) in [("waf-logs", HOME, ACL), ("waf-logs-cloudfront", OTHER, EDGE)] {
        let step = step(&plan, name);
        assert_eq!(step.region, region);
        let group = format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:aws-waf-logs-trailkeep");
        let configuration = json!({"ResourceArn": acl, "LogDestinationConfigs": [group]});
        assert_eq!(
            inputs(step, "wafv2:PutLoggingConfiguration"),
            [&json!({"LoggingConfiguration": configuration})]
        );
        let needs = |what: &str| step.needs.iter().any(|need| *need == format!("{ACCOUNT}/{region}/{what}"));
        assert!(needs("log-group-aws-waf-logs-trailkeep") && needs("trailkeep-log-delivery"), "{step:?}");
    }
    // The log group of another Region is encrypted with a key of that Region.
    let group = plan.steps.iter().find(|step| step.region == OTHER && step.id.contains("log-group-aws-waf"));
    assert_eq!(
        group.unwrap().calls[0].input["kmsKeyId"],
        format!("${{{ACCOUNT}/{OTHER}/key:KeyMetadata.Arn}}")
    );
    all_have_effects(&plan);
}

#[test]
fn what_is_not_known_or_has_no_room_gets_no_logs() {
    let mut unknown = with_acls();
    unknown.denied(HOME, "logs:DescribeLogGroups", "", "logs:DescribeLogGroups");
    let mut full = with_acls();
    let policies: Vec<Value> =
        (0..10).map(|n| json!({"policyName": format!("p{n}"), "policyDocument": "{}"})).collect();
    full.answer(HOME, "logs:DescribeResourcePolicies", "", json!({"resourcePolicies": policies}));
    let mut refused = with_acls();
    refused.denied(HOME, "wafv2:GetLoggingConfiguration", ACL, "wafv2:GetLoggingConfiguration");
    for estate in [unknown, full, refused] {
        let plan = planned(&estate, &settings());
        assert!(!plan.steps.iter().any(|step| step.id.ends_with("/waf-logs")), "{}", plan.text(false));
    }
}

#[test]
fn logging_that_is_on_is_left_as_it_is() {
    let mut estate = with_acls();
    let filter = json!({"DefaultBehavior": "DROP", "Filters": []});
    let configuration =
        json!({"LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-gone"], "LoggingFilter": filter});
    estate.answer(HOME, "wafv2:GetLoggingConfiguration", ACL, json!({"LoggingConfiguration": configuration}));
    let balancer = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/web/1";
    estate.answer(
        HOME,
        "elbv2:DescribeLoadBalancers",
        "",
        json!({"LoadBalancers": [{"LoadBalancerArn": balancer, "Type": "application"}]}),
    );
    let attributes = json!([
        {"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "gone"},
        {"Key": "connection_logs.s3.enabled", "Value": "false"},
    ]);
    estate.answer(HOME, "elbv2:DescribeLoadBalancerAttributes", balancer, json!({"Attributes": attributes}));
    let machine = format!("arn:aws:states:{HOME}:{ACCOUNT}:stateMachine:flow");
    estate.answer(
        HOME,
        "states:ListStateMachines",
        "",
        json!({"stateMachines": [{"stateMachineArn": machine}]}),
    );
    let role = format!("arn:aws:iam::{ACCOUNT}:role/service-role/flow");
    let logging = json!({"level": "FATAL", "includeExecutionData": false});
    estate.answer(
        HOME,
        "states:DescribeStateMachine",
        &machine,
        json!({"roleArn": role, "loggingConfiguration": logging}),
    );
    let plan = planned(&estate, &settings());
    assert!(!plan.steps.iter().any(|step| step.id.ends_with("/waf-logs") || step.id.contains("/states-")));
    // Of the load balancer, what is off is switched on, and what is on is left.
    let step = step(&plan, "elb-logs");
    let changes = inputs(step, "elbv2:ModifyLoadBalancerAttributes");
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["Attributes"][0]["Key"], "connection_logs.s3.enabled");
    for check in ["waf-logging", "alb-access-logging", "stepfunctions-logging"] {
        assert!(leaves(&plan, check), "{check}");
    }
    all_have_effects(&plan);
}

#[test]
fn http_apis_log_without_a_role_and_websockets_with_one() {
    let of = |kind: &str, account: Value| {
        let mut estate = empty();
        estate.answer(HOME, "apigateway:GetRestApis", "", json!({"items": []}));
        estate.answer(HOME, "apigateway:GetAccount", "", account);
        let apis = json!({"Items": [{"ApiId": "a1", "ProtocolType": kind}]});
        estate.answer(HOME, "apigatewayv2:GetApis", "", apis);
        let stages = json!({"Items": [{"StageName": "$default"}]});
        estate.answer(HOME, "apigatewayv2:GetStages", "a1", stages);
        planned(&estate, &settings())
    };
    let http = of("HTTP", json!({}));
    let input = inputs(step(&http, "apigateway-v2-logs"), "apigatewayv2:UpdateStage")[0];
    assert_eq!((&input["ApiId"], &input["StageName"]), (&json!("a1"), &json!("$default")));
    let group = &input["AccessLogSettings"]["DestinationArn"];
    assert_eq!(
        *group,
        format!("arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/aws/vendedlogs/trailkeep/apigateway")
    );
    assert!(!operations(&http).contains(&"apigateway:UpdateAccount"));
    all_have_effects(&http);

    let sockets = of("WEBSOCKET", json!({}));
    let role = format!("arn:aws:iam::{ACCOUNT}:role/trailkeep-apigateway");
    let account = inputs(step(&sockets, "apigateway-account"), "apigateway:UpdateAccount")[0];
    assert_eq!(account["patchOperations"][0]["value"], role);
    let needs = &step(&sockets, "apigateway-v2-logs").needs;
    assert!(needs.contains(&format!("{ACCOUNT}/{HOME}/apigateway-account")), "{needs:?}");
    all_have_effects(&sockets);
    // A role that is there is left as it is.
    let theirs = of("WEBSOCKET", json!({"cloudwatchRoleArn": "arn:aws:iam::111111111111:role/own"}));
    assert!(!operations(&theirs).contains(&"apigateway:UpdateAccount"));
    assert!(operations(&theirs).contains(&"apigatewayv2:UpdateStage"));
}

#[test]
fn clusters_and_domains() {
    let mut estate = empty();
    let msk = format!("arn:aws:kafka:{HOME}:{ACCOUNT}:cluster/events/1-2");
    let kafka = json!({"ClusterInfoList": [
        {"ClusterArn": msk, "ClusterName": "events", "ClusterType": "PROVISIONED", "CurrentVersion": "K1",
         "State": "ACTIVE", "Provisioned": {}},
    ]});
    estate.answer(HOME, "kafka:ListClustersV2", "", kafka);
    let cluster = |id: &str, engine: &str| {
        json!({"DBClusterIdentifier": id, "Engine": engine, "Status": "available",
            "DBClusterArn": format!("arn:aws:rds:{HOME}:{ACCOUNT}:cluster:{id}")})
    };
    let mut stopped = cluster("stopped", "aurora-postgresql");
    stopped["Status"] = json!("stopped");
    let clusters = json!([cluster("docs", "docdb"), cluster("graph", "neptune"), stopped]);
    estate.answer(HOME, "rds:DescribeDBClusters", "", json!({"DBClusters": clusters}));
    estate.answer(HOME, "es:ListDomainNames", "", json!({"DomainNames": [{"DomainName": "search"}]}));
    let status = json!({"DomainName": "search", "AdvancedSecurityOptions": {"Enabled": true}});
    estate.answer(HOME, "es:DescribeDomains", "search", json!({"DomainStatusList": [status]}));
    let plan = planned(&estate, &settings());

    let brokers = inputs(step(&plan, "msk-events"), "kafka:UpdateMonitoring")[0];
    assert_eq!(brokers["CurrentVersion"], "K1");
    assert_eq!(
        brokers["LoggingInfo"]["BrokerLogs"]["CloudWatchLogs"],
        json!({"Enabled": true, "LogGroup": "/aws/vendedlogs/trailkeep/msk"})
    );
    let exports = |name: &str| {
        let input = inputs(step(&plan, &format!("exports-dbcluster-{name}")), "rds:ModifyDBCluster")[0];
        input["CloudwatchLogsExportConfiguration"]["EnableLogTypes"].clone()
    };
    assert_eq!((exports("docs"), exports("graph")), (json!(["audit", "profiler"]), json!(["audit"])));
    assert!(!plan.steps.iter().any(|step| step.id.contains("stopped")), "it takes no change");
    assert!(leaves(&plan, "rds-cluster-log-exports"));
    assert!(!leaves(&plan, "docdb-profiler-logging"), "one call exports both");

    let options =
        &inputs(step(&plan, "opensearch-search"), "es:UpdateDomainConfig")[0]["LogPublishingOptions"];
    assert!(options["AUDIT_LOGS"]["Enabled"] == true && options["ES_APPLICATION_LOGS"]["Enabled"] == true);
    all_have_effects(&plan);

    // Without fine-grained access control there are no audit logs to publish.
    let status = json!({"DomainName": "search"});
    estate.answer(HOME, "es:DescribeDomains", "search", json!({"DomainStatusList": [status]}));
    let plan = planned(&estate, &settings());
    let options =
        &inputs(step(&plan, "opensearch-search"), "es:UpdateDomainConfig")[0]["LogPublishingOptions"];
    assert!(options.get("AUDIT_LOGS").is_none(), "{options}");
    assert!(leaves(&plan, "opensearch-audit-logging"));
}

#[test]
fn a_recorder_that_stands_still_is_started_and_iam_is_recorded_once() {
    let mut estate = empty();
    for region in [HOME, OTHER] {
        estate.answer(region, "config:DescribeDeliveryChannels", "", json!({"DeliveryChannels": []}));
        estate.answer(
            region,
            "config:DescribeConfigurationRecorders",
            "",
            json!({"ConfigurationRecorders": []}),
        );
    }
    let group = json!({"allSupported": true, "includeGlobalResourceTypes": true});
    let recorder = json!({"name": "theirs", "recordingGroup": group});
    estate.answer(
        OTHER,
        "config:DescribeConfigurationRecorders",
        "",
        json!({"ConfigurationRecorders": [recorder]}),
    );
    let channel = json!({"name": "theirs", "s3BucketName": "b"});
    estate.answer(OTHER, "config:DescribeDeliveryChannels", "", json!({"DeliveryChannels": [channel]}));
    let status = json!({"ConfigurationRecordersStatus": [{"name": "theirs", "recording": false}]});
    estate.answer(OTHER, "config:DescribeConfigurationRecorderStatus", "", status);
    let plan = planned(&estate, &settings());
    let of = |region: &str| {
        let id = format!("{ACCOUNT}/{region}/config");
        plan.steps.iter().find(|step| step.id == id).unwrap()
    };
    let home: Vec<&str> = of(HOME).calls.iter().map(|call| call.operation.as_str()).collect();
    assert_eq!(
        home,
        ["config:PutConfigurationRecorder", "config:PutDeliveryChannel", "config:StartConfigurationRecorder"]
    );
    let made = &of(HOME).calls[0].input["ConfigurationRecorder"];
    assert_eq!(made["recordingGroup"]["includeGlobalResourceTypes"], false, "the other Region does");
    let other: Vec<&Value> = of(OTHER).calls.iter().map(|call| &call.input).collect();
    assert_eq!(other, [&json!({"ConfigurationRecorderName": "theirs"})]);
    // AWS Config may write to the log bucket.
    let policy = inputs(step(&plan, "log-bucket"), "s3:PutBucketPolicy")[0]["Policy"].to_string();
    assert!(policy.contains("config.amazonaws.com"), "{policy}");
    all_have_effects(&plan);
}
