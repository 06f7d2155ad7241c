//! Which services the checks of a control read, so that one control can be checked without asking for all
//! of the estate.
//!
//! The table is by service, not by call: a check that reads one more answer of a service needs no change
//! here. Tests assess each control on a sound estate and on every defect with the answers of these services
//! alone: the results have to be the same.

use crate::check::Control;

/// Answers that come with entering an account, whatever is checked.
const ALWAYS: [&str; 4] = ["account", "iam", "organizations", "sts"];

/// The services that the checks of a control read, as inventories spell them (`cloudtrail`).
#[must_use]
pub const fn services(control: Control) -> &'static [&'static str] {
    match control {
        Control::Trail => &["cloudtrail", "kms", "logs", "s3"],
        Control::Services => &[
            "apigateway",
            "apigatewayv2",
            "bedrock",
            "cloudfront",
            "cloudtrail",
            "ec2",
            "ecs",
            "eks",
            "elasticache",
            "elb",
            "elbv2",
            "es",
            "firehose",
            "kafka",
            "kinesis",
            "kms",
            "lambda",
            "logs",
            "network-firewall",
            "rds",
            "redshift",
            "redshift-serverless",
            "route53",
            "route53resolver",
            "s3",
            "s3control",
            "states",
            "wafv2",
        ],
        Control::Central => &[
            "bedrock",
            "cloudfront",
            "cloudtrail",
            "cloudwatch",
            "config",
            "ec2",
            "elb",
            "elbv2",
            "events",
            "firehose",
            "guardduty",
            "kafka",
            "kinesis",
            "kms",
            "lambda",
            "logs",
            "network-firewall",
            "redshift",
            "route53resolver",
            "s3",
            "securityhub",
            "sns",
            "sqs",
            "states",
            "wafv2",
        ],
        Control::Bucket => &[
            "bedrock",
            "cloudfront",
            "cloudtrail",
            "config",
            "ec2",
            "elb",
            "elbv2",
            "kafka",
            "kms",
            "logs",
            "network-firewall",
            "redshift",
            "route53resolver",
            "s3",
            "s3control",
            "wafv2",
        ],
        Control::Changes | Control::Alarms => &[
            "cloudtrail",
            "cloudwatch",
            "events",
            "firehose",
            "kinesis",
            "kms",
            "lambda",
            "logs",
            "sns",
            "sqs",
            "states",
        ],
    }
}

/// The checks of this control may read answers to this call (`s3:GetBucketPolicy`).
#[must_use]
pub fn reads(control: Control, call: &str) -> bool {
    let service = call.split(':').next().unwrap_or(call);
    services(control).iter().chain(&ALWAYS).any(|listed| *listed == service)
}
