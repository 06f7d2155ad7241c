//! Query logs of hosted zones and of the Resolver.

use serde_json::{Value, json};
use trailkeep_aws::api::services::{route53, route53resolver};

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, never};
use crate::value::Json;

pub(super) static EFFECTS: [Effect; 3] = [
    Effect {
        operation: &route53::CREATE_QUERY_LOGGING_CONFIG,
        subject: |input, _| format!("query logging of {}", input.text("HostedZoneId").unwrap_or_default()),
        read: Read {
            operation: &route53::LIST_QUERY_LOGGING_CONFIGS,
            input: |_| Some(json!({})),
            state: |call, output| {
                let mut all = output.items("QueryLoggingConfigs").iter();
                all.find(|one| one.text("HostedZoneId") == call.input.text("HostedZoneId")).cloned()
            },
            absent: &["NoSuchHostedZone"],
            empty: &[],
        },
        holds: |call, state| {
            // Route 53 takes the ARN of a log group with and without `:*`.
            let group = |value: &Value| {
                value.text("CloudWatchLogsLogGroupArn").map(|arn| arn.trim_end_matches(":*").to_owned())
            };
            state.is_some_and(|state| group(state) == group(call.input))
        },
        kind: Kind::Makes {
            delete: |_, state| {
                vec![Undo::new(&route53::DELETE_QUERY_LOGGING_CONFIG, json!({"Id": state["Id"]}))]
            },
            in_use: None,
            in_use_codes: &[],
            adopts: true,
        },
        refused: never,
        settles: &["InsufficientCloudWatchLogsResourcePolicy", "NoSuchCloudWatchLogsLogGroup"],
    },
    Effect {
        operation: &route53resolver::CREATE_RESOLVER_QUERY_LOG_CONFIG,
        subject: |input, _| format!("Resolver query logging {}", input.text("Name").unwrap_or_default()),
        read: Read {
            operation: &route53resolver::LIST_RESOLVER_QUERY_LOG_CONFIGS,
            input: |_| Some(json!({})),
            // As the call gives it, for those that come after it.
            state: |call, output| {
                let same = |config: &&Value| {
                    ["Name", "DestinationArn"].iter().all(|name| config.text(name) == call.input.text(name))
                        && config.text("Status") != Some("DELETING")
                };
                let found = output.items("ResolverQueryLogConfigs").iter().find(same)?;
                Some(json!({"ResolverQueryLogConfig": found}))
            },
            absent: &[],
            empty: &[],
        },
        holds: |_, state| {
            let status = state.and_then(|state| state.text("ResolverQueryLogConfig.Status"));
            matches!(status, Some("CREATED" | "CREATING"))
        },
        kind: Kind::Makes {
            delete: |_, state| {
                let id = state["ResolverQueryLogConfig"]["Id"].clone();
                let input = json!({"ResolverQueryLogConfigId": id});
                // The VPCs that were taken out just before may still be going.
                vec![
                    Undo::new(&route53resolver::DELETE_RESOLVER_QUERY_LOG_CONFIG, input)
                        .settling(&["InvalidRequestException"]),
                ]
            },
            in_use: None,
            in_use_codes: &["InvalidRequestException"],
            adopts: true,
        },
        refused: never,
        settles: &["AccessDeniedException"],
    },
    Effect {
        operation: &route53resolver::ASSOCIATE_RESOLVER_QUERY_LOG_CONFIG,
        subject: |input, _| format!("query logging of {}", input.text("ResourceId").unwrap_or_default()),
        read: Read {
            operation: &route53resolver::LIST_RESOLVER_QUERY_LOG_CONFIG_ASSOCIATIONS,
            input: |_| Some(json!({})),
            state: association,
            absent: &[],
            empty: &[],
        },
        holds: |_, state| {
            let status = state.and_then(|state| state.text("Status"));
            matches!(status, Some("ACTIVE" | "CREATING"))
        },
        kind: Kind::Makes {
            delete: |call, _| {
                let input = json!({
                    "ResolverQueryLogConfigId": call.input["ResolverQueryLogConfigId"],
                    "ResourceId": call.input["ResourceId"],
                });
                vec![Undo::new(&route53resolver::DISASSOCIATE_RESOLVER_QUERY_LOG_CONFIG, input)]
            },
            in_use: None,
            in_use_codes: &[],
            adopts: true,
        },
        refused: never,
        settles: &["ResourceNotFoundException", "ResourceUnavailableException"],
    },
];

fn association(call: &Call<'_>, output: &Value) -> Option<Value> {
    let same = |one: &&Value| {
        ["ResolverQueryLogConfigId", "ResourceId"].iter().all(|name| one.text(name) == call.input.text(name))
            && one.text("Status") != Some("DELETING")
    };
    output.items("ResolverQueryLogConfigAssociations").iter().find(same).cloned()
}
