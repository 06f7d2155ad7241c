//! Query logs of public hosted zones, to log groups in us-east-1.
//! <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html>

use serde_json::json;

use super::super::draft::{Draft, Scope};
use super::Groups;
use super::group;
use crate::check::Control;
use crate::desired::logs;
use crate::inventory::GLOBAL;
use crate::value::Json;

const CHECK: &str = "route53-query-logging";

/// The log groups are in this Region.
const HOME: &str = "us-east-1";

/// One step for all zones.
pub(super) fn write(draft: &mut Draft<'_>, groups: &Groups<'_>) {
    let failing = super::failing(draft, CHECK);
    let Ok(configs) = draft.global.list("route53:ListQueryLoggingConfigs", "QueryLoggingConfigs") else {
        return;
    };
    let off: Vec<&str> = failing
        .values()
        .flatten()
        .map(|zone| zone.arn)
        .filter(|arn| super::with(configs, "HostedZoneId", super::last(arn)).is_none())
        .collect();
    if off.is_empty() {
        return;
    }
    let Some(place) = draft.inventory.place(&draft.site.account, HOME) else {
        draft.note(CHECK, "query logs go to us-east-1, which is not part of the inventory");
        return;
    };
    let Some(policy) = group::policy(draft, place, &logs::route53(&draft.site.in_region(HOME))) else {
        return;
    };
    let mut ready = Vec::new();
    for arn in off {
        let name = format!("{}{}", logs::ROUTE53, group_name(draft, super::last(arn)));
        if let Some(group) = groups.ensure(draft, place, (&name, "a hosted zone")) {
            ready.push((arn, group));
        }
    }
    let title = format!("Log the queries to {}", super::counted(ready.len(), "public hosted zone"));
    let mut step = draft.step(GLOBAL, "route53-query-logs", Control::Services, title);
    step.needs(policy);
    for (arn, group) in ready {
        step.needs(group.step)
            .resource(arn)
            .call(
                "route53:CreateQueryLoggingConfig",
                json!({
                    "HostedZoneId": super::last(arn), "CloudWatchLogsLogGroupArn": format!("{}:*", group.arn),
                }),
            )
            .covers_in(&Scope::Resource(arn.to_owned()), &[CHECK]);
    }
    step.words(
        "the query logging configuration is deleted; logs that were written stay",
        "no answer is touched or slowed",
        super::VENDED_TO_LOGS,
        "route53:ListQueryLoggingConfigs gives one for each zone",
    );
    draft.add(step);
}

/// The zone's name, where a log group may have it.
fn group_name(draft: &Draft<'_>, id: &str) -> String {
    let zones = draft.global.list("route53:ListHostedZones", "HostedZones").unwrap_or_default();
    let is_it = |zone: &&serde_json::Value| {
        zone.text("Id").is_some_and(|text| text.trim_start_matches("/hostedzone/") == id)
    };
    let name = zones.iter().find(is_it).and_then(|zone| zone.text("Name")).unwrap_or(id);
    let name = name.trim_end_matches('.');
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-/#".contains(c);
    if !name.is_empty() && name.chars().all(fits) { name.to_owned() } else { id.to_owned() }
}
