//! The role with which CloudTrail writes to the log group.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html>

use serde_json::{Value, json};

use super::Site;

/// The name of the role's one inline policy.
pub const POLICY_NAME: &str = "write-to-log-group";

/// CloudTrail may take the role on, for this account alone.
#[must_use]
pub fn trust(site: &Site) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": site.account}},
    }]})
}

/// It may write to the streams of the trail in this log group.
#[must_use]
pub fn policy(site: &Site) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": format!("{}:log-stream:*", site.log_group_arn()),
    }]})
}
