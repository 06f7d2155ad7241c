//! Whether alarms act. The subject is the names of alarms, a line each; a part is an alarm's name.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html>

use serde_json::{Value, json};
use trailkeep_aws::api::services::cloudwatch;
use trailkeep_baseline::Json;

use crate::playbook::facet::{Call, Facet};
use crate::playbook::state::Parts;

/// Actions of alarms.
pub(in crate::playbook) static ACTIONS: Facet = Facet {
    list: Some(|| json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]})),
    writes: &[&cloudwatch::ENABLE_ALARM_ACTIONS, &cloudwatch::DISABLE_ALARM_ACTIONS],
    calls: |change| {
        let mut calls = Vec::new();
        for (on, operation) in
            [(true, &cloudwatch::ENABLE_ALARM_ACTIONS), (false, &cloudwatch::DISABLE_ALARM_ACTIONS)]
        {
            let names = change.to.iter().filter(|(name, to)| {
                **to == json!({"ActionsEnabled": on}) && change.from.get(*name) != Some(to)
            });
            let names: Vec<&String> = names.map(|(name, _)| name).collect();
            if !names.is_empty() {
                calls.push(Call::new(operation, json!({"AlarmNames": names})));
            }
        }
        calls
    },
    ..Facet::reading(
        "alarm-actions",
        &cloudwatch::DESCRIBE_ALARMS,
        |names| {
            let names: Vec<&str> = names.lines().collect();
            // Composite alarms are left out unless they are asked for.
            json!({"AlarmNames": names, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]})
        },
        |asked, output| {
            let alarms = output.items("MetricAlarms").iter().chain(output.items("CompositeAlarms"));
            let state = |alarm: &Value| {
                let state = json!({"ActionsEnabled": alarm.flag("ActionsEnabled")});
                Some((alarm.text("AlarmName")?.to_owned(), state))
            };
            let states = alarms.filter_map(state);
            // Kept by alarm, read together.
            if asked.is_empty() {
                let single =
                    |(name, state): (String, Value)| (name.clone(), [(name, state)].into_iter().collect());
                return states.map(single).collect();
            }
            vec![(asked.to_owned(), states.collect::<Parts>())]
        },
    )
};
