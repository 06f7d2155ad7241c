//! The registry of facets: a file per service.

pub(super) mod alarm;
pub(super) mod balancer;
pub(super) mod bucket;
pub(super) mod flow_logs;
pub(super) mod kms;
pub(super) mod network_acl;
pub(super) mod security_group;
pub(super) mod trail;
pub(super) mod waf;

use super::facet::Facet;

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Facet> {
    static FACETS: [&Facet; 19] = [
        &security_group::RULES,
        &security_group::GROUP,
        &network_acl::ENTRIES,
        &network_acl::ASSOCIATION,
        &network_acl::SUBNET,
        &trail::LOGGING,
        &trail::SETTINGS,
        &trail::SELECTORS,
        &bucket::PUBLIC_ACCESS,
        &bucket::ACCOUNT_PUBLIC_ACCESS,
        &bucket::POLICY,
        &bucket::LOGGING,
        &flow_logs::LOG,
        &flow_logs::LOGS,
        &waf::LOGGING,
        &balancer::ATTRIBUTES,
        &balancer::CLASSIC_ATTRIBUTES,
        &alarm::ACTIONS,
        &kms::KEY,
    ];
    FACETS.into_iter()
}

/// The facet of a name.
pub(super) fn find(name: &str) -> Option<&'static Facet> {
    all().find(|facet| facet.name == name)
}
