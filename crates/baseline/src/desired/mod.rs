//! The baseline as it should be: names, policies and settings of everything that `apply` makes and that
//! the CloudFormation template describes. Pure functions of [`Site`]; one module per kind of resource.
//!
//! Policies are JSON documents ([`serde_json::Value`]), with statements that carry a `Sid`: where a
//! policy exists already, [`merge`] adds what is missing and touches nothing else.

pub mod alerts;
pub mod bucket;
pub mod elb;
pub mod key;
pub mod logs;
mod merge;
pub mod messages;
pub mod role;

use serde::{Deserialize, Serialize};

pub(crate) use merge::flat;
pub use merge::{Merge, document, merge};

/// The tag on everything that is made, with the run that made it.
pub const TAG: &str = "trailkeep:run";

/// Where the baseline of one account lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The 12 digits.
    pub account: String,
    /// The home Region: trail, bucket, key, log group, alarms and topic are there.
    pub region: String,
}

impl Site {
    /// The ARN of a resource of the home Region: `arn("sns", "alerts")`.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account)
    }

    /// The ARN of a bucket, or of a key pattern in it.
    #[must_use]
    pub fn bucket_arn(&self, bucket: &str) -> String {
        format!("arn:{}:s3:::{bucket}", self.partition)
    }

    /// The trail's name.
    #[must_use]
    pub fn trail(&self) -> &'static str {
        "trailkeep"
    }

    /// The trail's ARN.
    #[must_use]
    pub fn trail_arn(&self) -> String {
        self.arn("cloudtrail", &format!("trail/{}", self.trail()))
    }

    /// The bucket that CloudTrail and VPC flow logs deliver to. Names of buckets are global: account and
    /// Region make it the same each time and nobody else's.
    #[must_use]
    pub fn log_bucket(&self) -> String {
        format!("trailkeep-logs-{}-{}", self.account, self.region)
    }

    /// The bucket that S3 delivers access logs to: those of the log bucket, and those of other buckets of
    /// the Region.
    #[must_use]
    pub fn access_bucket(&self) -> String {
        format!("trailkeep-access-{}-{}", self.account, self.region)
    }

    /// The bucket that load balancers of this Region deliver their access logs to.
    #[must_use]
    pub fn elb_bucket(&self) -> String {
        format!("trailkeep-elb-{}-{}", self.account, self.region)
    }

    /// The role with which API Gateway writes to log groups, in every Region.
    #[must_use]
    pub fn api_role(&self) -> &'static str {
        "trailkeep-apigateway"
    }

    /// The log group that the trail sends its events to.
    #[must_use]
    pub fn log_group(&self) -> &'static str {
        "/trailkeep/cloudtrail"
    }

    /// The log group's ARN, without the `:*` that CloudTrail wants behind it.
    #[must_use]
    pub fn log_group_arn(&self) -> String {
        self.arn("logs", &format!("log-group:{}", self.log_group()))
    }

    /// The role with which CloudTrail writes to the log group. Roles have no Region, so their names do.
    #[must_use]
    pub fn role(&self) -> String {
        format!("trailkeep-cloudtrail-{}", self.region)
    }

    /// The role's ARN.
    #[must_use]
    pub fn role_arn(&self) -> String {
        format!("arn:{}:iam::{}:role/{}", self.partition, self.account, self.role())
    }

    /// The alias of the key that logs, log group and topic are encrypted with.
    #[must_use]
    pub fn key_alias(&self) -> &'static str {
        "alias/trailkeep-logs"
    }

    /// The topic that alarms publish to.
    #[must_use]
    pub fn topic(&self) -> &'static str {
        "trailkeep-alerts"
    }

    /// The topic's ARN.
    #[must_use]
    pub fn topic_arn(&self) -> String {
        self.arn("sns", self.topic())
    }

    /// The rule that hands CloudTrail events to the queue as they happen, and the queue: the same name
    /// in every Region.
    #[must_use]
    pub fn live_events(&self) -> &'static str {
        "trailkeep-live-events"
    }

    /// The same account, another Region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }
}
