//! Control 6: alarms that reach people.

mod actions_enabled;
mod composite;
mod insufficient_data;
mod live_action;
mod topics;
mod trail_health;

use serde_json::Value;

use crate::check::Check;
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[
    &actions_enabled::CHECK,
    &live_action::CHECK,
    &insufficient_data::CHECK,
    &composite::CHECK,
    &topics::CHECK,
    &trail_health::CHECK,
];

const DESCRIBE: &str = "cloudwatch:DescribeAlarms";

/// All alarms of the Region, metric alarms first.
fn alarms<'a>(place: Place<'a>) -> Result<Vec<&'a Value>, Unknown> {
    let Some(output) = place.get(DESCRIBE)? else { return Ok(Vec::new()) };
    Ok(output.items("MetricAlarms").iter().chain(output.items("CompositeAlarms")).collect())
}

fn name(alarm: &Value) -> &str {
    alarm.text("AlarmName").unwrap_or_default()
}

/// The alarm's ARN; made from its name where the answer lacks it.
fn arn(place: Place<'_>, alarm: &Value) -> String {
    let made = || place.arn("cloudwatch", &format!("alarm:{}", name(alarm)));
    alarm.text("AlarmArn").map_or_else(made, str::to_owned)
}
