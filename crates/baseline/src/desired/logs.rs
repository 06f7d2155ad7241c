//! The log groups that services write to, and the resource policies of CloudWatch Logs that let them.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html>

use serde_json::{Value, json};

use super::Site;

/// Vended logs go to groups below this, so that one statement lets in all deliveries: the policies of a
/// Region are few and short.
pub const VENDED: &str = "/aws/vendedlogs/trailkeep/";

/// WAF logs to groups with this beginning only.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html>
pub const WAF: &str = "aws-waf-logs-trailkeep";

/// Query logs of hosted zones go to groups below this.
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html>
pub const ROUTE53: &str = "/aws/route53/";

/// Logs of OpenSearch domains go to groups below this.
pub const OPENSEARCH: &str = "/aws/OpenSearchService/domains/trailkeep/";

/// A resource policy of CloudWatch Logs.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourcePolicy {
    /// Its name, one a Region.
    pub name: &'static str,
    /// Its one statement.
    pub statement: Value,
}

/// Log deliveries of this account may write to the groups of the baseline: WAF, Resolver, Step Functions,
/// Network Firewall, HTTP APIs, MSK.
#[must_use]
pub fn deliveries(site: &Site) -> ResourcePolicy {
    let groups = [
        site.arn("logs", &format!("log-group:{VENDED}*")),
        site.arn("logs", &format!("log-group:{WAF}:log-stream:*")),
    ];
    ResourcePolicy {
        name: "trailkeep-log-delivery",
        statement: json!({
            "Sid": "TrailkeepLogDelivery", "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": groups,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": site.account},
                "ArnLike": {"aws:SourceArn": site.arn("logs", "*")},
            },
        }),
    }
}

/// Hosted zones may write their queries. Their log groups are in us-east-1.
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html>
#[must_use]
pub fn route53(site: &Site) -> ResourcePolicy {
    ResourcePolicy {
        name: "trailkeep-route53",
        statement: json!({
            "Sid": "TrailkeepQueryLogs", "Effect": "Allow",
            "Principal": {"Service": "route53.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": site.arn("logs", &format!("log-group:{ROUTE53}*")),
            "Condition": {
                "StringEquals": {"aws:SourceAccount": site.account},
                "ArnLike": {"aws:SourceArn": format!("arn:{}:route53:::hostedzone/*", site.partition)},
            },
        }),
    }
}

/// OpenSearch domains may write.
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html>
#[must_use]
pub fn opensearch(site: &Site) -> ResourcePolicy {
    ResourcePolicy {
        name: "trailkeep-opensearch",
        statement: json!({
            "Sid": "TrailkeepOpenSearch", "Effect": "Allow",
            "Principal": {"Service": "es.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
            "Resource": site.arn("logs", &format!("log-group:{OPENSEARCH}*")),
            "Condition": {
                "StringEquals": {"aws:SourceAccount": site.account},
                "ArnLike": {"aws:SourceArn": site.arn("es", "domain/*")},
            },
        }),
    }
}

/// API Gateway may take the role on.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>
#[must_use]
pub fn api_trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }]})
}

/// What API Gateway needs of CloudWatch Logs: what the managed policy
/// `AmazonAPIGatewayPushToCloudWatchLogs` has.
#[must_use]
pub fn api_policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": [
            "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
            "logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents",
        ],
        "Resource": "*",
    }]})
}

/// What the role of a state machine needs to log.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>
#[must_use]
pub fn state_machine_policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": [
            "logs:CreateLogDelivery", "logs:CreateLogStream", "logs:GetLogDelivery", "logs:UpdateLogDelivery",
            "logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:PutLogEvents", "logs:PutResourcePolicy",
            "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
        ],
        "Resource": "*",
    }]})
}
