//! Where web ACLs log to. The subject is the web ACL's ARN.
//! <https://docs.aws.amazon.com/waf/latest/APIReference/API_PutLoggingConfiguration.html>

use serde_json::{Value, json};
use trailkeep_aws::api::services::wafv2;

use crate::playbook::facet::{Call, Facet, one};

const PART: &str = "LoggingConfiguration";

/// A web ACL's logging.
pub(in crate::playbook) static LOGGING: Facet = Facet {
    absent: &["WAFNonexistentItemException"],
    writes: &[&wafv2::PUT_LOGGING_CONFIGURATION, &wafv2::DELETE_LOGGING_CONFIGURATION],
    calls: |change| match change.to.get(PART) {
        Some(to) if change.from.get(PART).unwrap_or(&Value::Null) == to => Vec::new(),
        Some(Value::Null) => {
            vec![Call::new(&wafv2::DELETE_LOGGING_CONFIGURATION, json!({"ResourceArn": change.subject}))]
        }
        Some(to) => vec![Call::new(&wafv2::PUT_LOGGING_CONFIGURATION, json!({PART: to}))],
        None => Vec::new(),
    },
    // To Firehose by a linked role, to CloudWatch Logs and S3 by log deliveries and their policies.
    // https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html
    along: &[
        "iam:CreateServiceLinkedRole",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:PutResourcePolicy",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
    ],
    ..Facet::reading(
        "waf-logging",
        &wafv2::GET_LOGGING_CONFIGURATION,
        |arn| json!({"ResourceArn": arn}),
        |arn, output| one(arn, PART, &configuration(&output[PART])),
    )
};

/// Firewall Manager's mark is in answers, and not taken in requests.
fn configuration(read: &Value) -> Value {
    let mut read = read.clone();
    if let Some(members) = read.as_object_mut() {
        members.shift_remove("ManagedByFirewallManager");
    }
    read
}
