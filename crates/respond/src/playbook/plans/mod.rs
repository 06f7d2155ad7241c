//! The playbooks: a file each, a line each.

mod alarm_actions;
mod bucket_logging;
mod bucket_policy;
mod flow_logs;
mod kms_key;
mod load_balancer_logging;
mod network_acl;
mod network_acl_entries;
mod public_access_block;
mod rules;
mod security_group;
mod security_group_rules;
mod trail;
mod waf_logging;
mod widened;

use super::plan::Playbook;

pub(super) static ALL: [&Playbook; 16] = [
    &security_group_rules::PLAYBOOK,
    &security_group::PLAYBOOK,
    &network_acl_entries::PLAYBOOK,
    &network_acl::ASSOCIATIONS,
    &network_acl::PLAYBOOK,
    &trail::LOGGING,
    &trail::CHANGED,
    &trail::DELETED,
    &public_access_block::PLAYBOOK,
    &bucket_policy::PLAYBOOK,
    &bucket_logging::PLAYBOOK,
    &flow_logs::PLAYBOOK,
    &waf_logging::PLAYBOOK,
    &load_balancer_logging::PLAYBOOK,
    &alarm_actions::PLAYBOOK,
    &kms_key::PLAYBOOK,
];
