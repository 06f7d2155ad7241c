//! Trails, flow logs, logs of web ACLs and load balancers, and alarms.

use std::sync::Mutex;

use serde_json::{Value, json};
use trailkeep_aws::api::services::{cloudtrail, cloudwatch, ec2, elb, elbv2, s3, wafv2};
use trailkeep_baseline::Json;
use trailkeep_state::ResponseStatus;
use trailkeep_testkit::{Reply, ScriptedServer};

use super::rig::only_here::{
    CREATE_CLASSIC, CREATE_LOAD_BALANCER, CREATE_SUBNET, CREATE_VPC, CREATE_WEB_ACL,
};
use super::rig::{REGION, Rig, auto, plain_client};

async fn bucket(rig: &Rig, name: &str) -> String {
    let bucket = format!("{name}-{}", rig.account);
    let place = json!({"LocationConstraint": REGION});
    rig.make(&s3::CREATE_BUCKET, json!({"Bucket": bucket, "CreateBucketConfiguration": place})).await;
    bucket
}

async fn trail(rig: &Rig) -> String {
    let bucket = bucket(rig, "trail").await;
    let trail = json!({"Name": "main", "S3BucketName": bucket, "IsMultiRegionTrail": true, "EnableLogFileValidation": true});
    rig.make(&cloudtrail::CREATE_TRAIL, trail).await;
    rig.make(&cloudtrail::START_LOGGING, json!({"Name": "main"})).await;
    format!("arn:aws:cloudtrail:{REGION}:{}:trail/main", rig.account)
}

#[tokio::test]
async fn a_trail_that_is_stopped_is_started() {
    let Some(rig) = Rig::new("300000000021", vec![auto()]).await else { return };
    let arn = trail(&rig).await;
    let looks = [(&cloudtrail::DESCRIBE_TRAILS, json!({}))];
    let status = async |rig: &Rig| {
        rig.make(&cloudtrail::GET_TRAIL_STATUS, json!({"Name": "main"})).await.flag("IsLogging")
    };
    let before = rig.look(&looks).await;
    rig.make(&cloudtrail::STOP_LOGGING, json!({"Name": "main"})).await;
    assert!(!status(&rig).await);
    let event = rig.event("cloudtrail", "StopLogging", json!({"name": arn}), json!(null));
    let done = rig.handle(&event).await;
    rig.told(&done, ResponseStatus::Done).await;
    assert!(status(&rig).await);
    assert_eq!(rig.look(&looks).await, before);
    let undone = rig.playbooks.undo(done.id, &trailkeep_state::Actor::local("alice")).await.unwrap();
    rig.told(&undone, ResponseStatus::Undone).await;
    assert!(!status(&rig).await);
}

#[tokio::test]
async fn a_trail_that_is_changed_is_set_back() {
    let Some(rig) = Rig::new("300000000022", vec![auto()]).await else { return };
    let arn = trail(&rig).await;
    let looks = [
        (&cloudtrail::DESCRIBE_TRAILS, json!({})),
        (&cloudtrail::GET_EVENT_SELECTORS, json!({"TrailName": "main"})),
    ];
    // moto keeps advanced selectors beside the others; CloudTrail has one kind at a time.
    let selectors = json!([{"ReadWriteType": "All", "IncludeManagementEvents": true,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::data/"]}]}]);
    let put = json!({"TrailName": "main", "EventSelectors": selectors});
    rig.make(&cloudtrail::PUT_EVENT_SELECTORS, put).await;
    let seen = [
        (&cloudtrail::DESCRIBE_TRAILS, String::new(), json!({})),
        (&cloudtrail::GET_EVENT_SELECTORS, arn.clone(), json!({"TrailName": "main"})),
    ];
    let change = async |rig: &Rig| {
        let wanted = json!({"Name": "main", "IsMultiRegionTrail": false, "EnableLogFileValidation": false});
        let now = rig.make(&cloudtrail::UPDATE_TRAIL, wanted).await;
        let response = json!({"name": "main", "s3BucketName": now["S3BucketName"], "trailARN": arn,
            "includeGlobalServiceEvents": now["IncludeGlobalServiceEvents"], "isMultiRegionTrail": now["IsMultiRegionTrail"],
            "logFileValidationEnabled": now["LogFileValidationEnabled"], "isOrganizationTrail": now["IsOrganizationTrail"]});
        let request = json!({"name": "main", "isMultiRegionTrail": false, "enableLogFileValidation": false});
        rig.event("cloudtrail", "UpdateTrail", request, response)
    };
    rig.plays(&looks[..1], &seen, change).await;
    let change = async |rig: &Rig| {
        let blind =
            json!([{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": false, "DataResources": []}]);
        rig.make(&cloudtrail::PUT_EVENT_SELECTORS, json!({"TrailName": "main", "EventSelectors": blind}))
            .await;
        let blind = json!([{"readWriteType": "ReadOnly", "includeManagementEvents": false, "dataResources": [],
            "excludeManagementEventSources": []}]);
        let request = json!({"trailName": "main", "eventSelectors": blind});
        rig.event(
            "cloudtrail",
            "PutEventSelectors",
            request,
            json!({"trailARN": arn, "eventSelectors": blind}),
        )
    };
    rig.advance(60);
    rig.plays(&looks[1..], &[], change).await;
}

#[tokio::test]
async fn a_trail_that_is_deleted_is_described() {
    let Some(rig) = Rig::new("300000000023", vec![auto()]).await else { return };
    let arn = trail(&rig).await;
    rig.learn(&[(&cloudtrail::DESCRIBE_TRAILS, String::new(), json!({}))]).await;
    rig.make(&cloudtrail::DELETE_TRAIL, json!({"Name": "main"})).await;
    let event = rig.event("cloudtrail", "DeleteTrail", json!({"name": arn}), json!(null));
    let told = rig.handle(&event).await;
    rig.told(&told, ResponseStatus::Observed).await;
    let calls = told.plan["remedy"]["calls"].as_array().unwrap();
    // The description is good for making it again.
    for call in calls {
        let operation = trailkeep_aws::api::find(call.text("operation").unwrap()).unwrap();
        rig.make(operation, call["input"].clone()).await;
    }
    assert!(rig.make(&cloudtrail::GET_TRAIL_STATUS, json!({"Name": "main"})).await.flag("IsLogging"));
}

#[tokio::test]
async fn flow_logs_are_made_again() {
    let Some(rig) = Rig::new("300000000024", vec![auto()]).await else { return };
    let bucket = bucket(&rig, "flow").await;
    let vpc = rig.make(&CREATE_VPC, json!({"CidrBlock": "10.0.0.0/16"})).await;
    let vpc = vpc.text("Vpc.VpcId").unwrap();
    let log = json!({"ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "REJECT", "LogDestinationType": "s3",
        "LogDestination": format!("arn:aws:s3:::{bucket}"), "MaxAggregationInterval": 60,
        "LogFormat": "${version} ${srcaddr} ${dstaddr}",
        "TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "team", "Value": "net"}]}]});
    let made = rig.make(&ec2::CREATE_FLOW_LOGS, log).await;
    let id = made.texts("FlowLogIds")[0].to_owned();
    let looks = [(&ec2::DESCRIBE_FLOW_LOGS, json!({}))];
    let seen = [(&ec2::DESCRIBE_FLOW_LOGS, String::new(), json!({}))];
    let change = async |rig: &Rig| {
        rig.make(&ec2::DELETE_FLOW_LOGS, json!({"FlowLogIds": [id]})).await;
        let request = json!({"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": id}}});
        rig.event(
            "ec2",
            "DeleteFlowLogs",
            request,
            json!({"DeleteFlowLogsResponse": {"requestId": "r", "unsuccessful": ""}}),
        )
    };
    rig.plays(&looks, &seen, change).await;
}

#[tokio::test]
async fn logs_of_a_web_acl() {
    let Some(rig) = Rig::new("300000000025", vec![auto()]).await else { return };
    let visible =
        json!({"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "m"});
    let acl = json!({"Name": "main", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visible, "Rules": []});
    let acl = rig.make(&CREATE_WEB_ACL, acl).await;
    let arn = acl.text("Summary.ARN").unwrap();
    let configuration = json!({"ResourceArn": arn, "LogDestinationConfigs": [format!("arn:aws:firehose:{REGION}:{}:deliverystream/aws-waf-logs-main", rig.account)],
        "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}]});
    rig.make(&wafv2::PUT_LOGGING_CONFIGURATION, json!({"LoggingConfiguration": configuration})).await;
    let input = json!({"ResourceArn": arn});
    let change = async |rig: &Rig| {
        rig.make(&wafv2::DELETE_LOGGING_CONFIGURATION, input.clone()).await;
        rig.event("wafv2", "DeleteLoggingConfiguration", json!({"resourceArn": arn}), json!(null))
    };
    let looks = [(&wafv2::GET_LOGGING_CONFIGURATION, input.clone())];
    rig.plays(&looks, &[(&wafv2::GET_LOGGING_CONFIGURATION, arn.to_owned(), input.clone())], change).await;
}

#[tokio::test]
async fn logs_of_load_balancers() {
    let Some(rig) = Rig::new("300000000026", vec![auto()]).await else { return };
    let bucket = bucket(&rig, "lb").await;
    let vpc = rig.make(&CREATE_VPC, json!({"CidrBlock": "10.0.0.0/16"})).await;
    let mut subnets = Vec::new();
    for (zone, block) in [("a", "10.0.1.0/24"), ("b", "10.0.2.0/24")] {
        let subnet = json!({"VpcId": vpc["Vpc"]["VpcId"], "CidrBlock": block, "AvailabilityZone": format!("{REGION}{zone}")});
        subnets.push(rig.make(&CREATE_SUBNET, subnet).await["Subnet"]["SubnetId"].clone());
    }
    let balancer = rig.make(&CREATE_LOAD_BALANCER, json!({"Name": "web", "Subnets": subnets})).await;
    let arn = balancer.items("LoadBalancers")[0].text("LoadBalancerArn").unwrap().to_owned();
    let input = json!({"LoadBalancerArn": arn});
    let set = |key: &str, value: &str| json!({"Key": format!("access_logs.s3.{key}"), "Value": value});
    let on = json!([set("enabled", "true"), set("bucket", &bucket), set("prefix", "web")]);
    rig.make(&elbv2::MODIFY_LOAD_BALANCER_ATTRIBUTES, json!({"LoadBalancerArn": arn, "Attributes": on}))
        .await;
    let change = async |rig: &Rig| {
        let off = json!([set("enabled", "false")]);
        rig.make(&elbv2::MODIFY_LOAD_BALANCER_ATTRIBUTES, json!({"LoadBalancerArn": arn, "Attributes": off}))
            .await;
        let asked = json!([{"key": "access_logs.s3.enabled", "value": "false"}]);
        rig.event(
            "elasticloadbalancing",
            "ModifyLoadBalancerAttributes",
            json!({"loadBalancerArn": arn, "attributes": asked}),
            json!({}),
        )
    };
    let looks = [(&elbv2::DESCRIBE_LOAD_BALANCER_ATTRIBUTES, input.clone())];
    let seen = [(&elbv2::DESCRIBE_LOAD_BALANCER_ATTRIBUTES, arn.clone(), input)];
    rig.plays(&looks, &seen, change).await;

    let listener = json!([{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}]);
    rig.make(&CREATE_CLASSIC, json!({"LoadBalancerName": "old", "Listeners": listener, "AvailabilityZones": [format!("{REGION}a")]})).await;
    let input = json!({"LoadBalancerName": "old"});
    let log = |log: Value| json!({"LoadBalancerName": "old", "LoadBalancerAttributes": {"AccessLog": log}});
    let on = json!({"Enabled": true, "S3BucketName": bucket, "EmitInterval": 5, "S3BucketPrefix": "old"});
    rig.make(&elb::MODIFY_LOAD_BALANCER_ATTRIBUTES, log(on)).await;
    let change = async |rig: &Rig| {
        rig.make(&elb::MODIFY_LOAD_BALANCER_ATTRIBUTES, log(json!({"Enabled": false}))).await;
        let request =
            json!({"loadBalancerName": "old", "loadBalancerAttributes": {"accessLog": {"enabled": false}}});
        rig.event(
            "elasticloadbalancing",
            "ModifyLoadBalancerAttributes",
            request,
            json!({"loadBalancerName": "old"}),
        )
    };
    // moto adds an attribute at each call.
    let looks = [(&elb::DESCRIBE_LOAD_BALANCER_ATTRIBUTES, input.clone())];
    let access_log = async |rig: &Rig| {
        rig.make(&elb::DESCRIBE_LOAD_BALANCER_ATTRIBUTES, looks[0].1.clone()).await["LoadBalancerAttributes"]
            ["AccessLog"]
            .clone()
    };
    let before = access_log(&rig).await;
    rig.learn(&[(&elb::DESCRIBE_LOAD_BALANCER_ATTRIBUTES, "old".to_owned(), input)]).await;
    let event = change(&rig).await;
    let changed = access_log(&rig).await;
    let done = rig.handle(&event).await;
    rig.told(&done, ResponseStatus::Done).await;
    assert_eq!(access_log(&rig).await, before);
    let undone = rig.playbooks.undo(done.id, &trailkeep_state::Actor::local("alice")).await.unwrap();
    rig.told(&undone, ResponseStatus::Undone).await;
    assert_eq!(access_log(&rig).await, changed);
}

/// moto knows no actions of alarms: a server that keeps them, and answers as CloudWatch does.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
fn cloudwatch_with(alarms: [(&'static str, bool); 3]) -> ScriptedServer {
    let alarms = Mutex::new(alarms);
    ScriptedServer::answering(move |request| {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let mut alarms = alarms.lock().unwrap();
        let is_named = |name: &str| {
            !body.contains("AlarmNames") || body.split('&').any(|pair| pair.ends_with(&format!("={name}")))
        };
        for (name, on) in alarms.iter_mut().filter(|(name, _)| is_named(name)) {
            assert!(!name.is_empty());
            if body.contains("Action=EnableAlarmActions") {
                *on = true;
            } else if body.contains("Action=DisableAlarmActions") {
                *on = false;
            }
        }
        let action = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_default();
        let member = |(name, on): &(&str, bool)| {
            format!("<member><AlarmName>{name}</AlarmName><ActionsEnabled>{on}</ActionsEnabled></member>")
        };
        let listed: String = alarms.iter().filter(|(name, _)| is_named(name)).map(member).collect();
        let result = match action {
            "DescribeAlarms" => format!(
                "<DescribeAlarmsResult><CompositeAlarms/><MetricAlarms>{listed}</MetricAlarms></DescribeAlarmsResult>"
            ),
            _ => String::new(),
        };
        let body = format!(
            "<{action}Response xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">{result}<ResponseMetadata>\
             <RequestId>r</RequestId></ResponseMetadata></{action}Response>"
        );
        Reply::new(200, body).header("content-type", "text/xml")
    })
}

#[tokio::test]
async fn alarms_act_again() {
    let server = cloudwatch_with([("root-use", true), ("trail-stopped", true), ("silent", false)]);
    let rig = Rig::over(plain_client(&server.url()).await, "300000000027", vec![auto()]).await;
    let names = json!(["root-use", "trail-stopped", "silent"]);
    let looks = [(&cloudwatch::DESCRIBE_ALARMS, json!({}))];
    let seen = [(&cloudwatch::DESCRIBE_ALARMS, String::new(), json!({}))];
    let change = async |rig: &Rig| {
        rig.make(&cloudwatch::DISABLE_ALARM_ACTIONS, json!({"AlarmNames": names})).await;
        rig.event("monitoring", "DisableAlarmActions", json!({"alarmNames": names}), json!(null))
    };
    rig.plays(&looks, &seen, change).await;
}
