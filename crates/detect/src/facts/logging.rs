//! Logs that services write, switched off by one setting among many.
//! Source: API references of Elastic Load Balancing, CloudFront, API Gateway and EKS.

use sonic_rs::Value;

use super::{Facts, Family, event_name, request};
use crate::{json, words};

pub(super) static FAMILY: Family = Family {
    prefix: "logging",
    sources: &[
        "elasticloadbalancing.amazonaws.com",
        "cloudfront.amazonaws.com",
        "apigateway.amazonaws.com",
        "eks.amazonaws.com",
    ],
    events: &[
        "ModifyLoadBalancerAttributes",
        "UpdateDistribution",
        "UpdateStage",
        "DeleteAccessLogSettings",
        "UpdateClusterConfig",
    ],
    facts: &[
        ("logging.disabled", "the change leaves the resource without its logs"),
        ("logging.resource", "the load balancer, distribution, stage or cluster"),
    ],
    derive,
};

fn derive(record: &Value, facts: &mut Facts) {
    let name = event_name(record);
    let asked = request(record);
    let members = ["loadBalancerArn", "loadBalancerName", "id", "restApiId", "apiId", "name"];
    let resource = members.iter().find_map(|member| json::text(asked, &[member]));
    let disabled = match name {
        "ModifyLoadBalancerAttributes" => load_balancer(asked),
        "UpdateDistribution" => {
            json::flag(asked, &["distributionConfig", "logging", "enabled"]) == Some(false)
        }
        "UpdateStage" => stage(asked),
        "DeleteAccessLogSettings" => true,
        _ => cluster(asked),
    };
    facts.flag("logging.disabled", disabled);
    facts.text("logging.resource", resource);
    let target = resource.map(str::to_owned);
    facts.summary = Some(if disabled {
        format!("switched off the logs of {}", target.as_deref().unwrap_or("a resource"))
    } else {
        words::in_words(name, target.as_ref())
    });
}

fn load_balancer(asked: &Value) -> bool {
    let by_key = json::list(asked, &["attributes"]).into_iter().any(|attribute| {
        let key = json::text(attribute, &["key"]).unwrap_or_default();
        matches!(key, "access_logs.s3.enabled" | "connection_logs.s3.enabled")
            && json::flag(attribute, &["value"]) == Some(false)
    });
    by_key || json::flag(asked, &["loadBalancerAttributes", "accessLog", "enabled"]) == Some(false)
}

fn stage(asked: &Value) -> bool {
    json::list(asked, &["patchOperations"]).into_iter().any(|patch| {
        let path = json::text(patch, &["path"]).unwrap_or_default();
        let removes = json::text(patch, &["op"]).is_some_and(|op| op.eq_ignore_ascii_case("remove"));
        let off = json::text(patch, &["value"]).is_some_and(|value| value.eq_ignore_ascii_case("OFF"));
        (path.starts_with("/accessLogSettings") && removes) || (path.ends_with("/logging/loglevel") && off)
    })
}

fn cluster(asked: &Value) -> bool {
    let setups = json::list(asked, &["logging", "clusterLogging"]);
    setups.into_iter().any(|setup| json::flag(setup, &["enabled"]) == Some(false))
}

#[cfg(test)]
mod tests {
    use super::super::{Fact, derive};
    use super::*;

    fn disabled(source: &str, name: &str, request: &str) -> bool {
        let record = format!(
            r#"{{"eventSource":"{source}.amazonaws.com","eventName":"{name}","requestParameters":{request}}}"#
        );
        derive(&json::parse(&record).unwrap()).get("logging.disabled") == Some(&Fact::Bool(true))
    }

    #[test]
    fn each_service_in_its_own_shape() {
        let elb = "elasticloadbalancing";
        let attributes = |value: &str| {
            format!(
                r#"{{"loadBalancerArn":"a","attributes":[{{"key":"idle_timeout.timeout_seconds","value":"60"}},{{"key":"access_logs.s3.enabled","value":"{value}"}}]}}"#
            )
        };
        assert!(disabled(elb, "ModifyLoadBalancerAttributes", &attributes("false")));
        assert!(!disabled(elb, "ModifyLoadBalancerAttributes", &attributes("true")));
        assert!(disabled(
            elb,
            "ModifyLoadBalancerAttributes",
            r#"{"loadBalancerAttributes":{"accessLog":{"enabled":false}}}"#
        ));
        assert!(disabled(
            "cloudfront",
            "UpdateDistribution",
            r#"{"id":"E1","distributionConfig":{"logging":{"enabled":false}}}"#
        ));
        assert!(disabled(
            "apigateway",
            "UpdateStage",
            r#"{"patchOperations":[{"op":"remove","path":"/accessLogSettings/destinationArn"}]}"#
        ));
        assert!(!disabled(
            "apigateway",
            "UpdateStage",
            r#"{"patchOperations":[{"op":"replace","path":"/description"}]}"#
        ));
        assert!(disabled(
            "eks",
            "UpdateClusterConfig",
            r#"{"name":"c","logging":{"clusterLogging":[{"types":["audit"],"enabled":false}]}}"#
        ));
    }
}
