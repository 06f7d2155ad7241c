//! Access logs of stages, and the role of the account.

use serde_json::{Value, json};
use trailkeep_aws::api::services::{apigateway, apigatewayv2};

use crate::apply::effect::{Effect, Kind, Read, Undo, contains, never};
use crate::value::Json;

const GONE: &[&str] = &["NotFoundException"];

/// API Gateway says so of a role or a log group that is not known everywhere yet.
const SETTLES: &[&str] = &["BadRequestException", "ConflictException"];

pub(super) static EFFECTS: [Effect; 3] = [
    Effect {
        operation: &apigateway::UPDATE_ACCOUNT,
        subject: |_, _| "log role of API Gateway".to_owned(),
        read: Read {
            operation: &apigateway::GET_ACCOUNT,
            input: |_| Some(json!({})),
            state: |_, output| Some(json!({"cloudwatchRoleArn": output.text("cloudwatchRoleArn")?})),
            absent: &[],
            empty: &[],
        },
        holds: |call, state| {
            let there = state.and_then(|state| state.text("cloudwatchRoleArn"));
            there.is_some() && there == patched(call.input, "/cloudwatchRoleArn")
        },
        kind: Kind::Sets {
            restore: |_, former| {
                let former = former.and_then(|former| former.text("cloudwatchRoleArn")).unwrap_or_default();
                let patch = json!([{"op": "replace", "path": "/cloudwatchRoleArn", "value": former}]);
                vec![Undo::new(&apigateway::UPDATE_ACCOUNT, json!({"patchOperations": patch}))]
            },
        },
        refused: never,
        settles: SETTLES,
    },
    Effect {
        operation: &apigateway::UPDATE_STAGE,
        subject: |input, _| {
            let text = |name: &str| input.text(name).unwrap_or_default();
            format!("stage {} of {}", text("stageName"), text("restApiId"))
        },
        read: Read {
            operation: &apigateway::GET_STAGE,
            input: |call| {
                Some(json!({"restApiId": call.input["restApiId"], "stageName": call.input["stageName"]}))
            },
            state: |_, output| output.at("accessLogSettings").filter(|settings| is_some(settings)).cloned(),
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| {
            ["destinationArn", "format"].iter().all(|member| {
                let there = state.and_then(|state| state.text(member));
                there.is_some() && there == patched(call.input, &format!("/accessLogSettings/{member}"))
            })
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let replace = |member: &str, value: &str| json!({"op": "replace", "path": format!("/accessLogSettings/{member}"), "value": value});
                let patch = match former {
                    Some(former) => ["destinationArn", "format"]
                        .iter()
                        .filter_map(|member| Some(replace(member, former.text(member)?)))
                        .collect::<Value>(),
                    None => json!([{"op": "remove", "path": "/accessLogSettings"}]),
                };
                let input = json!({
                    "restApiId": call.input["restApiId"], "stageName": call.input["stageName"],
                    "patchOperations": patch,
                });
                vec![Undo::new(&apigateway::UPDATE_STAGE, input)]
            },
        },
        refused: never,
        settles: SETTLES,
    },
    Effect {
        operation: &apigatewayv2::UPDATE_STAGE,
        subject: |input, _| {
            let text = |name: &str| input.text(name).unwrap_or_default();
            format!("stage {} of {}", text("StageName"), text("ApiId"))
        },
        read: Read {
            operation: &apigatewayv2::GET_STAGE,
            input: |call| Some(json!({"ApiId": call.input["ApiId"], "StageName": call.input["StageName"]})),
            state: |_, output| output.at("AccessLogSettings").filter(|settings| is_some(settings)).cloned(),
            absent: GONE,
            empty: &[],
        },
        holds: |call, state| state.is_some_and(|state| contains(state, &call.input["AccessLogSettings"])),
        kind: Kind::Sets {
            restore: |call, former| {
                let mut input = json!({"ApiId": call.input["ApiId"], "StageName": call.input["StageName"]});
                match former {
                    Some(former) => {
                        input["AccessLogSettings"] = former.clone();
                        vec![Undo::new(&apigatewayv2::UPDATE_STAGE, input)]
                    }
                    None => vec![Undo::new(&apigatewayv2::DELETE_ACCESS_LOG_SETTINGS, input)],
                }
            },
        },
        refused: never,
        settles: SETTLES,
    },
];

/// What a patch puts in this place.
fn patched<'a>(input: &'a Value, path: &str) -> Option<&'a str> {
    let patch = input.items("patchOperations").iter();
    patch.filter(|change| change.text("path") == Some(path)).find_map(|change| change.text("value"))
}

/// There is something in the settings.
fn is_some(settings: &Value) -> bool {
    settings.as_object().is_some_and(|members| members.values().any(|value| !value.is_null()))
}
