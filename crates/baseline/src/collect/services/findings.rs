//! The services that gather findings and history: Security Hub, GuardDuty, Config.

use trailkeep_aws::api::services::{config, guardduty, securityhub};

use crate::collect::ask::{Ask, At, Each, Take};

const DETECTORS: Each = Each::of("guardduty:ListDetectors", "DetectorIds", "");

/// What Security Hub says where it is not on.
const NOT_ON: &[&str] = &["InvalidAccessException", "ResourceNotFoundException"];

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&securityhub::DESCRIBE_HUB).absent(NOT_ON),
    Ask::regional(&securityhub::GET_ADMINISTRATOR_ACCOUNT).absent(NOT_ON),
    Ask::regional(&securityhub::LIST_FINDING_AGGREGATORS).absent(NOT_ON),
    Ask::regional(&securityhub::LIST_ORGANIZATION_ADMIN_ACCOUNTS).of_management().absent(NOT_ON),
    Ask::regional(&guardduty::LIST_DETECTORS),
    Ask::each(&guardduty::GET_DETECTOR, At::Regions, DETECTORS).input(&[("DetectorId", Take::Resource)]),
    Ask::regional(&guardduty::LIST_ORGANIZATION_ADMIN_ACCOUNTS).of_management(),
    Ask::regional(&config::DESCRIBE_CONFIGURATION_RECORDERS),
    Ask::regional(&config::DESCRIBE_CONFIGURATION_RECORDER_STATUS),
    Ask::regional(&config::DESCRIBE_DELIVERY_CHANNELS),
    Ask::regional(&config::DESCRIBE_DELIVERY_CHANNEL_STATUS),
    Ask::regional(&config::DESCRIBE_CONFIGURATION_AGGREGATORS),
];
