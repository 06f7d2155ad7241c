//! Network Firewall.

use trailkeep_aws::api::services::network_firewall;

use crate::collect::ask::{Ask, At, Each, Take};

const FIREWALLS: Each = Each::of("network-firewall:ListFirewalls", "Firewalls", "FirewallArn");

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&network_firewall::LIST_FIREWALLS),
    Ask::each(&network_firewall::DESCRIBE_LOGGING_CONFIGURATION, At::Regions, FIREWALLS)
        .input(&[("FirewallArn", Take::Resource)]),
];
