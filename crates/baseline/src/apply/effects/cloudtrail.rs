//! Trails.

use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::cloudtrail;

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, contains, never, whole};
use crate::value::Json;

const GONE: &[&str] = &["TrailNotFoundException"];

/// What CloudTrail says until bucket policy, role and key are known everywhere.
const SETTLES: &[&str] = &[
    "InsufficientS3BucketPolicyException",
    "InvalidCloudWatchLogsRoleArnException",
    "InvalidCloudWatchLogsLogGroupArnException",
    "InsufficientEncryptionPolicyException",
    "S3BucketDoesNotExistException",
    "KmsKeyNotFoundException",
    "KmsException",
];

/// The trail of the call, as `DescribeTrails` gives it.
const TRAIL: Read = Read {
    operation: &cloudtrail::DESCRIBE_TRAILS,
    input: |call| Some(json!({"trailNameList": [call.input["Name"]], "includeShadowTrails": false})),
    state: |_, output| output.items("trailList").first().cloned(),
    absent: GONE,
    empty: &[],
};

pub(super) static EFFECTS: [Effect; 5] = [
    Effect {
        operation: &cloudtrail::CREATE_TRAIL,
        subject,
        read: TRAIL,
        holds: |call, state| state.is_some_and(|state| is_set(call, state)),
        kind: Kind::Makes {
            delete: |call, _| vec![Undo::new(&cloudtrail::DELETE_TRAIL, json!({"Name": call.input["Name"]}))],
            in_use: None,
            in_use_codes: &[],
            adopts: false,
        },
        refused: never,
        settles: SETTLES,
    },
    Effect {
        operation: &cloudtrail::UPDATE_TRAIL,
        subject,
        read: TRAIL,
        holds: |call, state| state.is_some_and(|state| is_set(call, state)),
        kind: Kind::Sets { restore: restore_trail },
        refused: never,
        settles: SETTLES,
    },
    Effect {
        operation: &cloudtrail::START_LOGGING,
        subject,
        read: Read {
            operation: &cloudtrail::GET_TRAIL_STATUS,
            input: |call| Some(json!({"Name": call.input["Name"]})),
            state: |_, output| output.flag("IsLogging").then(|| json!({"IsLogging": true})),
            absent: GONE,
            empty: &[],
        },
        holds: |_, state| state.is_some(),
        kind: Kind::Sets {
            restore: |call, former| match former {
                Some(_) => Vec::new(),
                None => vec![Undo::new(&cloudtrail::STOP_LOGGING, json!({"Name": call.input["Name"]}))],
            },
        },
        refused: never,
        settles: SETTLES,
    },
    Effect {
        operation: &cloudtrail::PUT_EVENT_SELECTORS,
        subject,
        read: Read {
            operation: &cloudtrail::GET_EVENT_SELECTORS,
            input: about,
            state: whole,
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| {
            let Some(state) = state else { return false };
            ["AdvancedEventSelectors", "EventSelectors"].into_iter().all(|member| {
                let wanted = call.input.items(member);
                wanted.is_empty()
                    || (state.items(member).len() == wanted.len()
                        && contains(&state[member], &call.input[member]))
            })
        },
        kind: Kind::Sets { restore: restore_selectors },
        refused: never,
        settles: &[],
    },
    Effect {
        operation: &cloudtrail::PUT_INSIGHT_SELECTORS,
        subject,
        read: Read {
            operation: &cloudtrail::GET_INSIGHT_SELECTORS,
            input: about,
            state: whole,
            absent: &["InsightNotEnabledException", "TrailNotFoundException"],
            empty: &[],
        },
        holds: |call, state| {
            state.is_some_and(|state| contains(&state["InsightSelectors"], &call.input["InsightSelectors"]))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let selectors = former.map_or(&[][..], |former| former.items("InsightSelectors"));
                let input = json!({"TrailName": call.input["TrailName"], "InsightSelectors": selectors});
                vec![Undo::new(&cloudtrail::PUT_INSIGHT_SELECTORS, input)]
            },
        },
        refused: never,
        settles: &[],
    },
];

fn subject(input: &Value) -> String {
    let name = input.text("Name").or(input.text("TrailName")).unwrap_or_default();
    format!("trail {}", name.rsplit('/').next().unwrap_or(name))
}

#[allow(clippy::unnecessary_wraps, reason = "as Read has it")]
fn about(call: &Call<'_>) -> Option<Value> {
    Some(json!({"TrailName": call.input["TrailName"]}))
}

/// Members of `CreateTrail` and `UpdateTrail`, and what `DescribeTrails` calls them.
const MEMBERS: [(&str, &str); 7] = [
    ("S3BucketName", "S3BucketName"),
    ("IsMultiRegionTrail", "IsMultiRegionTrail"),
    ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    ("EnableLogFileValidation", "LogFileValidationEnabled"),
    ("KmsKeyId", "KmsKeyId"),
    ("CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn"),
    ("CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn"),
];

fn is_set(call: &Call<'_>, state: &Value) -> bool {
    MEMBERS.iter().all(|(set, given)| {
        let Some(wanted) = call.input.at(set) else { return true };
        state.at(given).is_some_and(|there| contains(there, wanted))
    })
}

/// What was set is set to what it was; empty text takes a setting away.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html>
fn restore_trail(call: &Call<'_>, former: Option<&Value>) -> Vec<Undo> {
    let Some(former) = former else { return Vec::new() };
    let mut input = Map::new();
    for (set, given) in MEMBERS {
        let Some(wanted) = call.input.at(set) else { continue };
        let none = if wanted.is_boolean() { json!(false) } else { json!("") };
        input.insert(set.to_owned(), former.at(given).cloned().unwrap_or(none));
    }
    input.insert("Name".to_owned(), call.input["Name"].clone());
    vec![Undo::new(&cloudtrail::UPDATE_TRAIL, Value::Object(input))]
}

fn restore_selectors(call: &Call<'_>, former: Option<&Value>) -> Vec<Undo> {
    let Some(former) = former else { return Vec::new() };
    let member = match former.items("AdvancedEventSelectors") {
        [] => "EventSelectors",
        _ => "AdvancedEventSelectors",
    };
    let mut selectors = former.items(member).to_vec();
    if selectors.is_empty() {
        // What CloudTrail gives a trail that never got a selector.
        selectors.push(json!({"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": []}));
    }
    let input = json!({"TrailName": call.input["TrailName"], member: selectors});
    vec![Undo::new(&cloudtrail::PUT_EVENT_SELECTORS, input)]
}
