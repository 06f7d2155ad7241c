//! What the checks of Application and Network Load Balancers share.

use serde_json::{Value, json};

use super::destination::Target;
use super::logging::{Logging, resource};
use super::vended;
use crate::check::{Context, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// One kind of log of one kind of load balancer.
pub(super) struct Kind {
    /// `application` or `network`.
    pub(super) of: &'static str,
    /// The attributes begin with this: `access_logs` or `connection_logs`.
    pub(super) attribute: &'static str,
    /// The log type of a vended delivery.
    pub(super) vended: &'static str,
    /// How the log is called.
    pub(super) word: &'static str,
    /// What a reader should know.
    pub(super) note: Option<&'static str>,
}

/// Judges every load balancer of that kind.
pub(super) fn run(context: &Context<'_>, kind: &Kind) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("elbv2:DescribeLoadBalancers", "LoadBalancers")?;
        let balancers = listed.iter().filter(|balancer| balancer.text("Type") == Some(kind.of));
        Ok(balancers
            .filter_map(|balancer| balancer.text("LoadBalancerArn"))
            .map(|arn| judge(context, place, arn, kind))
            .collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, arn: &str, kind: &Kind) -> Verdict {
    resource(place, arn, |logging| {
        let attribute = kind.attribute;
        logging.fix(format!(
            "aws elbv2 modify-load-balancer-attributes --region {} --load-balancer-arn {arn} --attributes \
             Key={attribute}.s3.enabled,Value=true Key={attribute}.s3.bucket,Value=LOG_BUCKET",
            place.region
        ));
        if let Some(note) = kind.note {
            logging.note(note);
        }
        let attributes = place.list_for("elbv2:DescribeLoadBalancerAttributes", arn, "Attributes")?;
        let on = value(attributes, &format!("{attribute}.s3.enabled")) == Some("true");
        let bucket = value(attributes, &format!("{attribute}.s3.bucket"));
        logging.evidence(json!({"enabled": on, "bucket": bucket}));
        match (on, bucket) {
            (true, Some(bucket)) => to_bucket(context, place, bucket, kind.word, logging),
            _ if vended::judge(context, place, (arn, kind.vended), logging)? => {}
            _ => logging.fault(format!("{} are off", kind.word)),
        }
        Ok::<(), Unknown>(())
    })
}

/// Judges the bucket that logs are sent to.
pub(super) fn to_bucket(
    context: &Context<'_>,
    place: Place<'_>,
    bucket: &str,
    word: &str,
    logging: &mut Logging,
) {
    let target = Target::bucket(bucket);
    logging.on(format!("{word} go to {target}"));
    logging.destination(target.liveness(context, place));
}

fn value<'a>(attributes: &'a [Value], key: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.text("Key") == Some(key))?.text("Value")
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use crate::check::{Check, Status};

    const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/web/1";

    fn estate(of: &str, attribute: &str, enabled: &str, bucket: &str) -> Estate {
        let other = json!({"LoadBalancerArn": "arn:other", "Type": "gateway"});
        let listed = json!({"LoadBalancers": [{"LoadBalancerArn": ARN, "Type": of}, other]});
        let attributes = json!([
            {"Key": format!("{attribute}.s3.enabled"), "Value": enabled},
            {"Key": format!("{attribute}.s3.bucket"), "Value": bucket},
        ]);
        Estate::new()
            .with("elbv2:DescribeLoadBalancers", "", listed)
            .with("elbv2:DescribeLoadBalancerAttributes", ARN, json!({"Attributes": attributes}))
            .with("logs:DescribeDeliverySources", "", json!({"deliverySources": []}))
    }

    /// What holds for each of these checks.
    #[track_caller]
    pub(in super::super) fn suite(check: &Check, of: &str, attribute: &str, vended: &str, word: &str) {
        let on = estate(of, attribute, "true", "logs");
        expect(&on, check, Status::Pass, &format!("{word} go to bucket logs"));
        let off =
            expect(&estate(of, attribute, "false", ""), check, Status::Fail, &format!("{word} are off"));
        assert!(off.remediation.unwrap().contains(ARN));
        expect(&estate(of, attribute, "true", "gone"), check, Status::Fail, "bucket gone does not exist");

        let source = json!({"name": "s", "logType": vended, "resourceArns": [ARN]});
        let destination = format!("arn:aws:logs:{REGION}:{ACCOUNT}:delivery-destination:d");
        let configuration = json!({"destinationResourceArn": group_arn()});
        let listed = json!([{"arn": destination, "deliveryDestinationConfiguration": configuration}]);
        let deliveries = json!([{"deliverySourceName": "s", "deliveryDestinationArn": destination}]);
        let estate_v2 = estate(of, attribute, "false", "")
            .with("logs:DescribeDeliverySources", "", json!({"deliverySources": [source]}))
            .with("logs:DescribeDeliveries", "", json!({"deliveries": deliveries}))
            .with("logs:DescribeDeliveryDestinations", "", json!({"deliveryDestinations": listed}));
        expect(&estate_v2, check, Status::Pass, &format!("{vended} are delivered to log group app"));

        let refused = on.denied(
            "elbv2:DescribeLoadBalancerAttributes",
            ARN,
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
        );
        expect_denied(&refused, check, "elasticloadbalancing:DescribeLoadBalancerAttributes");
        expect_nothing(&estate("gateway", attribute, "false", ""), check);
    }
}
