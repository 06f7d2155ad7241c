//! The services that log by themselves: networks, balancers, databases, clusters, and the rest, of
//! which there is none.

use serde_json::{Value, json};

use super::book::Book;
use super::storage::ACCESS_LOGS;
use super::{Place, attacked, key, trail};
use crate::org::{EU_WEST_1, Kind, Org, SECURITY, US_EAST_1};

pub(super) fn fill(book: &mut Book, place: Place, org: &Org) {
    network(book, place, org);
    balancers(book, place, org);
    workloads(book, place);
    databases(book, place);
    absent(book, place);
}

fn network(book: &mut Book, place: Place, org: &Org) {
    let resource = |kind, pick| org.resource(place.account, place.region, kind, pick);
    let vpcs: Vec<&str> = (0..2).map(|pick| resource(Kind::Vpc, pick)).collect();
    let described: Vec<Value> = vpcs
        .iter()
        .map(|id| json!({"VpcId": id, "OwnerId": place.id(), "State": "available", "IsDefault": false, "CidrBlock": "10.16.0.0/16"}))
        .collect();
    book.put(place, "ec2:DescribeVpcs", json!({"Vpcs": described}));
    let subnets: Vec<Value> = vpcs
        .iter()
        .enumerate()
        .map(|(at, id)| {
            let subnet = resource(Kind::Subnet, at as u64);
            json!({"SubnetId": subnet, "VpcId": id, "OwnerId": place.id(), "State": "available", "SubnetArn": place.arn("ec2", &format!("subnet/{subnet}"))})
        })
        .collect();
    book.put(place, "ec2:DescribeSubnets", json!({"Subnets": subnets}));
    // The told fault: the attacker's DeleteFlowLogs.
    let watched: &[&str] = if book.attacked && attacked(place) { &[] } else { &vpcs };
    let flows: Vec<Value> = watched
        .iter()
        .enumerate()
        .map(|(at, id)| json!({
            "FlowLogId": resource(Kind::FlowLog, at as u64), "ResourceId": id, "TrafficType": "ALL", "FlowLogStatus": "ACTIVE", "DeliverLogsStatus": "SUCCESS",
            "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::meridian-flow-logs", "MaxAggregationInterval": 60,
        }))
        .collect();
    book.put(place, "ec2:DescribeFlowLogs", json!({"FlowLogs": flows}));
    let config = place.arn("route53resolver", "resolver-query-log-config/rqlc-1");
    book.put(place, "route53resolver:ListResolverQueryLogConfigs", json!({"ResolverQueryLogConfigs": [{
        "Id": "rqlc-1", "Arn": config, "Name": "all-queries", "Status": "CREATED", "DestinationArn": "arn:aws:s3:::meridian-flow-logs", "OwnerId": place.id(), "ShareStatus": "NOT_SHARED",
    }]}));
    let associations: Vec<Value> = vpcs
        .iter()
        .map(|id| json!({"Id": format!("rqlca-{id}"), "ResolverQueryLogConfigId": "rqlc-1", "ResourceId": id, "Status": "ACTIVE"}))
        .collect();
    book.put(
        place,
        "route53resolver:ListResolverQueryLogConfigAssociations",
        json!({"ResolverQueryLogConfigAssociations": associations}),
    );
}

fn balancers(book: &mut Book, place: Place, org: &Org) {
    if place.account == SECURITY || place.region > EU_WEST_1 {
        book.put(place, "elbv2:DescribeLoadBalancers", json!({"LoadBalancers": []}));
    } else {
        let path = org.resource(place.account, place.region, Kind::Balancer, 0);
        let name = path.split('/').nth(1).unwrap_or(path);
        let arn = place.arn("elasticloadbalancing", &format!("loadbalancer/{path}"));
        book.put(place, "elbv2:DescribeLoadBalancers", json!({"LoadBalancers": [{
            "LoadBalancerArn": arn, "LoadBalancerName": name, "Type": "application", "Scheme": "internet-facing", "State": {"Code": "active"},
        }]}));
        // The told fault.
        let on = !(trail::is_production(place) && place.region == US_EAST_1);
        let attribute = |key: &str, value: &str| json!({"Key": key, "Value": value});
        let said = |on: bool| if on { "true" } else { "false" };
        book.put_for(place, "elbv2:DescribeLoadBalancerAttributes", &arn, json!({"Attributes": [
            attribute("access_logs.s3.enabled", said(on)), attribute("access_logs.s3.bucket", if on { ACCESS_LOGS } else { "" }), attribute("access_logs.s3.prefix", if on { "alb" } else { "" }),
            attribute("connection_logs.s3.enabled", "true"), attribute("connection_logs.s3.bucket", ACCESS_LOGS), attribute("connection_logs.s3.prefix", "alb-connections"),
        ]}));
    }
    book.put(place, "elb:DescribeLoadBalancers", json!({"LoadBalancerDescriptions": []}));
}

fn workloads(book: &mut Book, place: Place) {
    if place.account == SECURITY {
        book.put(place, "ecs:ListTaskDefinitions", json!({"taskDefinitionArns": []}));
        book.put(place, "apigatewayv2:GetApis", json!({"Items": []}));
        return;
    }
    let arn = place.arn("ecs", "task-definition/orders-api:212");
    let group = format!("/ecs/{}-orders-api", place.alias());
    book.put(place, "ecs:ListTaskDefinitions", json!({"taskDefinitionArns": [arn]}));
    book.put_for(place, "ecs:DescribeTaskDefinition", &arn, json!({"taskDefinition": {
        "taskDefinitionArn": arn, "family": "orders-api", "revision": 212, "status": "ACTIVE",
        "containerDefinitions": [{"name": "app", "image": "orders-api", "essential": true, "logConfiguration": {"logDriver": "awslogs", "options": {
            "awslogs-group": group, "awslogs-region": place.name(), "awslogs-stream-prefix": "app",
        }}}],
    }}));
    let api = format!("{}public0", place.alias());
    let format = r#"{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","route":"$context.routeKey","status":"$context.status","time":"$context.requestTime"}"#;
    book.put(
        place,
        "apigatewayv2:GetApis",
        json!({"Items": [{"ApiId": api, "Name": "public", "ProtocolType": "HTTP"}]}),
    );
    book.put_for(place, "apigatewayv2:GetStages", &api, json!({"Items": [{
        "StageName": "$default", "AutoDeploy": true, "AccessLogSettings": {"DestinationArn": place.arn("logs", &format!("log-group:/aws/apigateway/{}-public", place.alias())), "Format": format},
    }]}));
}

fn databases(book: &mut Book, place: Place) {
    book.put(place, "rds:DescribeDBInstances", json!({"DBInstances": []}));
    if place.account == SECURITY || place.region > EU_WEST_1 {
        book.put(place, "rds:DescribeDBClusters", json!({"DBClusters": []}));
        return;
    }
    let name = format!("{}-orders", place.alias());
    book.put(place, "rds:DescribeDBClusters", json!({"DBClusters": [{
        "DBClusterIdentifier": name, "DBClusterArn": place.arn("rds", &format!("cluster:{name}")), "Engine": "aurora-postgresql", "EngineVersion": "16.6", "EngineMode": "provisioned",
        "Status": "available", "EnabledCloudwatchLogsExports": ["postgresql"], "KmsKeyId": key(place), "StorageEncrypted": true,
    }]}));
}

/// Services that the organisation does not use: asked, and empty.
fn absent(book: &mut Book, place: Place) {
    for (call, list) in [
        ("apigateway:GetRestApis", "items"),
        ("ecs:ListClusters", "clusterArns"),
        ("eks:ListClusters", "clusters"),
        ("elasticache:DescribeCacheClusters", "CacheClusters"),
        ("elasticache:DescribeReplicationGroups", "ReplicationGroups"),
        ("es:ListDomainNames", "DomainNames"),
        ("firehose:ListDeliveryStreams", "DeliveryStreamNames"),
        ("kafka:ListClustersV2", "ClusterInfoList"),
        ("network-firewall:ListFirewalls", "Firewalls"),
        ("redshift:DescribeClusters", "Clusters"),
        ("redshift-serverless:ListNamespaces", "namespaces"),
        ("states:ListStateMachines", "stateMachines"),
        ("wafv2:ListWebACLs", "WebACLs"),
    ] {
        book.put(place, call, json!({list: []}));
    }
    let streams = if place.account == SECURITY { json!(["central-logs"]) } else { json!([]) };
    book.put(place, "kinesis:ListStreams", json!({"StreamNames": streams}));
    let group = format!("/ecs/{}-orders-api", place.alias());
    book.put(place, "bedrock:GetModelInvocationLoggingConfiguration", json!({"loggingConfig": {
        "cloudWatchConfig": {"logGroupName": group, "roleArn": place.global_arn("iam", "role/bedrock-logs")}, "textDataDeliveryEnabled": true,
    }}));
}
