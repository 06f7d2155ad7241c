//! Logs of load balancers.

use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::{elb, elbv2};

use crate::apply::effect::{Effect, Kind, Read, Undo, contains, never};
use crate::value::Json;

/// The bucket's policy may not be known everywhere yet.
const SETTLES: &[&str] = &["InvalidConfigurationRequest", "S3BucketNotFound"];

pub(super) static EFFECTS: [Effect; 2] = [
    Effect {
        operation: &elbv2::MODIFY_LOAD_BALANCER_ATTRIBUTES,
        subject: |input, _| {
            let names: Vec<&str> =
                input.items("Attributes").iter().filter_map(|pair| pair.text("Key")).collect();
            format!("{} of {}", names.join(", "), input.text("LoadBalancerArn").unwrap_or_default())
        },
        read: Read {
            operation: &elbv2::DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
            input: |call| Some(json!({"LoadBalancerArn": call.input["LoadBalancerArn"]})),
            // Those that the call sets, and no others.
            state: |call, output| {
                let mut state = Map::new();
                for key in call.input.items("Attributes").iter().filter_map(|pair| pair.text("Key")) {
                    let mut pairs = output.items("Attributes").iter();
                    let value = pairs.find(|pair| pair.text("Key") == Some(key));
                    let none = if key.ends_with(".enabled") { "false" } else { "" };
                    let value = value.and_then(|pair| pair.text("Value")).unwrap_or(none);
                    state.insert(key.to_owned(), json!(value));
                }
                Some(Value::Object(state))
            },
            absent: &["LoadBalancerNotFound"],
            empty: &[],
        },
        holds: |call, state| {
            let pairs = call.input.items("Attributes");
            state.is_some_and(|state| {
                pairs.iter().all(|pair| pair.text("Key").is_some_and(|key| state[key] == pair["Value"]))
            })
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let Some(former) = former.and_then(Value::as_object) else { return Vec::new() };
                let pairs: Vec<Value> =
                    former.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
                let input = json!({"LoadBalancerArn": call.input["LoadBalancerArn"], "Attributes": pairs});
                vec![Undo::new(&elbv2::MODIFY_LOAD_BALANCER_ATTRIBUTES, input)]
            },
        },
        refused: never,
        settles: SETTLES,
    },
    Effect {
        operation: &elb::MODIFY_LOAD_BALANCER_ATTRIBUTES,
        subject: |input, _| format!("access log of {}", input.text("LoadBalancerName").unwrap_or_default()),
        read: Read {
            operation: &elb::DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
            input: |call| Some(json!({"LoadBalancerName": call.input["LoadBalancerName"]})),
            state: |_, output| output.at("LoadBalancerAttributes.AccessLog").cloned(),
            absent: &["LoadBalancerNotFound"],
            empty: &[],
        },
        holds: |call, state| {
            state.is_some_and(|state| contains(state, &call.input["LoadBalancerAttributes"]["AccessLog"]))
        },
        kind: Kind::Sets {
            restore: |call, former| {
                let off = json!({"Enabled": false});
                let log = former.filter(|former| former.flag("Enabled")).unwrap_or(&off);
                let input = json!({
                    "LoadBalancerName": call.input["LoadBalancerName"],
                    "LoadBalancerAttributes": {"AccessLog": log},
                });
                vec![Undo::new(&elb::MODIFY_LOAD_BALANCER_ATTRIBUTES, input)]
            },
        },
        refused: never,
        settles: SETTLES,
    },
];
