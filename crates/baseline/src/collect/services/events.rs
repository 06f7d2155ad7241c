//! EventBridge: buses, their rules, the rules' targets.

use trailkeep_aws::api::services::{cloudwatch, events};

use crate::collect::ask::{Ask, At, Each, Seen, Take};
use crate::value::Json;

/// The default bus's rules are asked for without its name, so that they are known even where buses
/// may not be listed.
const OTHER_BUSES: Each = Each::of("events:ListEventBuses", "EventBuses", "Name").only(is_not_default);
const RULES: Each = Each::of("events:ListRules", "Rules", "Arn");

/// The metric knows rules by name, those of the default bus.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html>
const WATCHED: Each = Each::of("events:ListRules", "Rules", "Name")
    .prefix("AWS/Events/FailedInvocations/")
    .only(is_on_at_the_default_bus);

fn is_not_default(seen: &Seen<'_>) -> bool {
    seen.item.text("Name") != Some("default")
}

fn is_on_at_the_default_bus(seen: &Seen<'_>) -> bool {
    let is_on = seen.item.text("State").is_some_and(|state| state.starts_with("ENABLED"));
    is_on && seen.item.text("EventBusName").is_none_or(|bus| bus == "default")
}

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&events::LIST_EVENT_BUSES),
    Ask::regional(&events::LIST_RULES),
    Ask::each(&events::LIST_RULES, At::Regions, OTHER_BUSES).input(&[("EventBusName", Take::Resource)]),
    Ask::each(&events::LIST_TARGETS_BY_RULE, At::Regions, RULES)
        .input(&[("Rule", Take::Member("Name")), ("EventBusName", Take::Member("EventBusName"))]),
    Ask::each(&cloudwatch::GET_METRIC_STATISTICS, At::Regions, WATCHED).input(&[
        ("Namespace", Take::Text("AWS/Events")),
        ("MetricName", Take::Text("FailedInvocations")),
        ("Dimensions", Take::Dimension("RuleName", "Name")),
        ("StartTime", Take::HoursAgo(24)),
        ("EndTime", Take::HoursAgo(0)),
        ("Period", Take::Number(86_400)),
        ("Statistics", Take::Texts(&["Sum"])),
    ]),
];
