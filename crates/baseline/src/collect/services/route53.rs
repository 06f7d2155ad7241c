//! Route 53: hosted zones, and the Resolver's query logs.

use trailkeep_aws::api::services::{route53, route53resolver};

use crate::collect::ask::Ask;

pub(super) static ASKS: &[Ask] = &[
    Ask::global(&route53::LIST_HOSTED_ZONES),
    Ask::global(&route53::LIST_QUERY_LOGGING_CONFIGS),
    Ask::regional(&route53resolver::LIST_RESOLVER_QUERY_LOG_CONFIGS),
    Ask::regional(&route53resolver::LIST_RESOLVER_QUERY_LOG_CONFIG_ASSOCIATIONS),
];
