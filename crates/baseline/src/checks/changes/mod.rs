//! Control 5: changes to security groups and network ACLs, and the rest of what the CIS benchmark wants
//! to be alerted of.
//!
//! Each check builds the API calls it is about as CloudTrail records them ([`events`]) and runs them
//! through the account's own metric filters and EventBridge rules ([`crate::alert_path`]). Text is never
//! compared: whatever spelling picks the calls is right, and the calls that slip by are named.

#[cfg(test)]
mod benchmarks;
mod bucket_policies;
pub(in crate::checks) mod cis;
mod cloudtrail;
mod config_recorder;
#[cfg(test)]
mod drill;
pub(in crate::checks) mod events;
mod gateways;
mod iam_policies;
mod kms_keys;
mod network_acls;
mod organizations;
mod root_use;
mod route_tables;
mod security_groups;
mod sign_in_failures;
mod sign_in_without_mfa;
#[cfg(test)]
mod texts;
mod unauthorized;
mod vpcs;

use crate::check::Check;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[
    &security_groups::CHECK,
    &network_acls::CHECK,
    &unauthorized::CHECK,
    &sign_in_without_mfa::CHECK,
    &root_use::CHECK,
    &iam_policies::CHECK,
    &cloudtrail::CHECK,
    &sign_in_failures::CHECK,
    &kms_keys::CHECK,
    &bucket_policies::CHECK,
    &config_recorder::CHECK,
    &gateways::CHECK,
    &route_tables::CHECK,
    &vpcs::CHECK,
    &organizations::CHECK,
];
