//! CloudFront distributions and their logs.

use trailkeep_aws::api::services::cloudfront;

use crate::collect::ask::{Ask, At, Each, Take};

const DISTRIBUTIONS: Each = Each::of("cloudfront:ListDistributions", "DistributionList.Items", "Id");

pub(super) static ASKS: &[Ask] = &[
    Ask::global(&cloudfront::LIST_DISTRIBUTIONS),
    Ask::each(&cloudfront::GET_DISTRIBUTION_CONFIG, At::Global, DISTRIBUTIONS)
        .input(&[("Id", Take::Resource)]),
    Ask::global(&cloudfront::LIST_REALTIME_LOG_CONFIGS),
];
