//! EventBridge: buses, their rules, the rules' targets.

use trailkeep_aws::api::services::events;

use crate::collect::ask::{Ask, At, Each, Seen, Take};
use crate::value::Json;

/// The default bus's rules are asked for without its name, so that they are known even where buses
/// may not be listed.
const OTHER_BUSES: Each = Each::of("events:ListEventBuses", "EventBuses", "Name").only(is_not_default);
const RULES: Each = Each::of("events:ListRules", "Rules", "Arn");

fn is_not_default(seen: &Seen<'_>) -> bool {
    seen.item.text("Name") != Some("default")
}

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&events::LIST_EVENT_BUSES),
    Ask::regional(&events::LIST_RULES),
    Ask::each(&events::LIST_RULES, At::Regions, OTHER_BUSES).input(&[("EventBusName", Take::Resource)]),
    Ask::each(&events::LIST_TARGETS_BY_RULE, At::Regions, RULES)
        .input(&[("Rule", Take::Member("Name")), ("EventBusName", Take::Member("EventBusName"))]),
];
