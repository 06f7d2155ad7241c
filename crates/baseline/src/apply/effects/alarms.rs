//! Alarms.

use serde_json::json;
use trailkeep_aws::api::services::cloudwatch;

use crate::apply::effect::{Effect, Kind, Read, Undo, contains, never};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 1] = [Effect {
    operation: &cloudwatch::PUT_METRIC_ALARM,
    subject: |input| format!("alarm {}", input.text("AlarmName").unwrap_or_default()),
    read: Read {
        operation: &cloudwatch::DESCRIBE_ALARMS,
        input: |call| Some(json!({"AlarmNames": [call.input["AlarmName"]]})),
        state: |_, output| output.items("MetricAlarms").first().cloned(),
        absent: &[],
        empty: &[],
    },
    holds: |call, state| state.is_some_and(|state| contains(state, call.input)),
    kind: Kind::Makes {
        delete: |call, _| {
            vec![Undo::new(&cloudwatch::DELETE_ALARMS, json!({"AlarmNames": [call.input["AlarmName"]]}))]
        },
        in_use: None,
        in_use_codes: &[],
        adopts: true,
    },
    refused: never,
    settles: &[],
}];
