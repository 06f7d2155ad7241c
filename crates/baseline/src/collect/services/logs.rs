//! CloudWatch Logs: groups, filters, and where logs are passed on to.

use trailkeep_aws::api::services::logs;

use crate::collect::ask::{Ask, Take};
use crate::collect::referenced;

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&logs::DESCRIBE_LOG_GROUPS),
    Ask::regional(&logs::DESCRIBE_METRIC_FILTERS),
    Ask::regional(&logs::DESCRIBE_RESOURCE_POLICIES),
    Ask::regional(&logs::DESCRIBE_DESTINATIONS),
    Ask::regional(&logs::DESCRIBE_DELIVERIES),
    Ask::regional(&logs::DESCRIBE_DELIVERY_SOURCES),
    Ask::regional(&logs::DESCRIBE_DELIVERY_DESTINATIONS),
    Ask::named(&logs::DESCRIBE_ACCOUNT_POLICIES, "SUBSCRIPTION_FILTER_POLICY")
        .input(&[("policyType", Take::Resource)]),
    Ask::referenced(&logs::DESCRIBE_SUBSCRIPTION_FILTERS, referenced::trail_log_groups)
        .input(&[("logGroupName", Take::Resource)])
        .absent(&["ResourceNotFoundException"]),
];
