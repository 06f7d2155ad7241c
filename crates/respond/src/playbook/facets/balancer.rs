//! Attributes of load balancers that say where they log to.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyLoadBalancerAttributes.html>

use serde_json::{Value, json};
use trailkeep_aws::api::services::{elb, elbv2};
use trailkeep_baseline::Json;

use crate::playbook::facet::{Call, Facet};
use crate::playbook::state::Parts;

/// Attributes of an application, network or gateway load balancer. The subject is its ARN; a part is an
/// attribute's key.
pub(in crate::playbook) static ATTRIBUTES: Facet = Facet {
    absent: &["LoadBalancerNotFound"],
    writes: &[&elbv2::MODIFY_LOAD_BALANCER_ATTRIBUTES],
    calls: |change| {
        let attribute = |(key, to): (&String, &Value)| {
            let from = change.from.get(key).unwrap_or(&Value::Null);
            (from != to).then(|| json!({"Key": key, "Value": to.as_str().unwrap_or_default()}))
        };
        let attributes: Vec<Value> = change.to.iter().filter_map(attribute).collect();
        if attributes.is_empty() {
            return Vec::new();
        }
        let input = json!({"LoadBalancerArn": change.subject, "Attributes": attributes});
        vec![Call::new(&elbv2::MODIFY_LOAD_BALANCER_ATTRIBUTES, input)]
    },
    ..Facet::reading(
        "load-balancer-attributes",
        &elbv2::DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        |arn| json!({"LoadBalancerArn": arn}),
        |arn, output| {
            let attributes = output.items("Attributes").iter();
            let parts = attributes.filter_map(|item| {
                let value = item.at("Value").map_or_else(String::new, |value| match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
                Some((item.text("Key")?.to_owned(), json!(value)))
            });
            vec![(arn.to_owned(), parts.collect::<Parts>())]
        },
    )
};

/// Access logging of a Classic Load Balancer. The subject is its name.
pub(in crate::playbook) static CLASSIC_ATTRIBUTES: Facet = Facet {
    absent: &["LoadBalancerNotFound"],
    writes: &[&elb::MODIFY_LOAD_BALANCER_ATTRIBUTES],
    calls: |change| {
        let Some(to) = change.to.get("AccessLog").filter(|to| change.from.get("AccessLog") != Some(to))
        else {
            return Vec::new();
        };
        let to = if to.is_null() { json!({"Enabled": false}) } else { to.clone() };
        let input = json!({"LoadBalancerName": change.subject, "LoadBalancerAttributes": {"AccessLog": to}});
        vec![Call::new(&elb::MODIFY_LOAD_BALANCER_ATTRIBUTES, input)]
    },
    ..Facet::reading(
        "classic-load-balancer-attributes",
        &elb::DESCRIBE_LOAD_BALANCER_ATTRIBUTES,
        |name| json!({"LoadBalancerName": name}),
        |name, output| {
            let log = output.at("LoadBalancerAttributes.AccessLog");
            let parts = log.map(|log| ("AccessLog".to_owned(), log.clone()));
            vec![(name.to_owned(), parts.into_iter().collect::<Parts>())]
        },
    )
};
