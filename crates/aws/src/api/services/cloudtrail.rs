//! CloudTrail. <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/>

use crate::api::{Operation, Protocol, Service};

/// CloudTrail.
pub static SERVICE: Service = Service::new(
    "cloudtrail",
    "CloudTrail",
    Protocol::Json { target_prefix: "CloudTrail_20131101", version: "1.1" },
);

/// The trails of a Region.
pub static DESCRIBE_TRAILS: Operation =
    Operation::new(&SERVICE, "DescribeTrails", "cloudtrail:DescribeTrails");
