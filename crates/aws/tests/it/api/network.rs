//! Networks and their flow logs, on moto.

use serde_json::json;
use trailkeep_aws::api::services::{ec2, s3};

use super::{fails, ok, on_moto, pick};

#[tokio::test]
async fn flow_logs() {
    let Some((client, _)) = on_moto().await else { return };
    let regions = ok(&client, &ec2::DESCRIBE_REGIONS, json!({})).await;
    assert_eq!(pick(&regions["Regions"], "RegionName", "eu-west-1")["OptInStatus"], "opt-in-not-required");
    let vpcs =
        ok(&client, &ec2::DESCRIBE_VPCS, json!({"Filters": [{"Name": "is-default", "Values": ["true"]}]}))
            .await;
    let vpc = &vpcs["Vpcs"][0];
    assert_eq!((&vpc["IsDefault"], &vpc["State"]), (&json!(true), &json!("available")));
    assert!(vpc["CidrBlockAssociationSet"][0]["CidrBlock"].is_string(), "{vpc:#}");
    let subnets = ok(
        &client,
        &ec2::DESCRIBE_SUBNETS,
        json!({"Filters": [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]}),
    )
    .await;
    let subnet = &subnets["Subnets"][0];
    assert_eq!(subnet["VpcId"], vpc["VpcId"]);
    assert!(
        subnet["AvailableIpAddressCount"].is_u64() && subnet["Tags"].is_array() | subnet["Tags"].is_null(),
        "{subnet:#}"
    );

    assert_eq!(ok(&client, &ec2::DESCRIBE_FLOW_LOGS, json!({})).await["FlowLogs"], json!([]));
    ok(&client, &s3::CREATE_BUCKET, json!({"Bucket": "api-flow-logs"})).await;
    let input = json!({
        "ResourceIds": [vpc["VpcId"]], "ResourceType": "VPC", "TrafficType": "ALL",
        "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::api-flow-logs", "MaxAggregationInterval": 60,
        "TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "trailkeep", "Value": "true"}]}],
    });
    let made = ok(&client, &ec2::CREATE_FLOW_LOGS, input).await;
    assert_eq!(made["Unsuccessful"], json!([]));
    let id = made["FlowLogIds"][0].clone();
    let read = ok(&client, &ec2::DESCRIBE_FLOW_LOGS, json!({"FlowLogIds": [id]})).await;
    let flow = &read["FlowLogs"][0];
    assert_eq!((&flow["ResourceId"], &flow["TrafficType"]), (&vpc["VpcId"], &json!("ALL")));
    assert_eq!(flow["Tags"], json!([{"Key": "trailkeep", "Value": "true"}]));
    assert_eq!((&flow["LogDestinationType"], &flow["MaxAggregationInterval"]), (&json!("s3"), &json!(60)));
    ok(&client, &ec2::DELETE_FLOW_LOGS, json!({"FlowLogIds": [id]})).await;
    let gone = fails(&client, &ec2::DELETE_FLOW_LOGS, json!({"FlowLogIds": ["fl-00000000000000000"]})).await;
    assert_eq!(gone.code(), "InvalidFlowLogId.NotFound");
}
