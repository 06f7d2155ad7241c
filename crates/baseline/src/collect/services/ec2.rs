//! Networks and their flow logs.

use trailkeep_aws::api::services::ec2;

use crate::collect::ask::Ask;

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&ec2::DESCRIBE_VPCS),
    Ask::regional(&ec2::DESCRIBE_SUBNETS),
    Ask::regional(&ec2::DESCRIBE_FLOW_LOGS),
];
