//! Access logs of Classic Load Balancers.

use super::logging::resource;
use super::{elb, nist};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "clb-access-logging",
    control: Control::Services,
    title: "Every Classic Load Balancer logs access",
    severity: Severity::Medium,
    why: "The servers behind a load balancer see its address; only its own log has the client's. \
          https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html",
    expected: "access logs into a live, closed bucket",
    remediation: "aws elb modify-load-balancer-attributes --load-balancer-name NAME \
                  --load-balancer-attributes \
                  '{\"AccessLog\":{\"Enabled\":true,\"S3BucketName\":\"LOG_BUCKET\",\"EmitInterval\":5}}'",
    fix_calls: &["elasticloadbalancing:ModifyLoadBalancerAttributes", "s3:PutBucketPolicy"],
    frameworks: Frameworks {
        security_hub: &["ELB.5"],
        config_rules: &["elb-logging-enabled"],
        nist_800_53: nist::TRAFFIC,
        pci_dss_4: &["10.2.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("elb:DescribeLoadBalancers", "LoadBalancerDescriptions")?;
        let names = listed.iter().filter_map(|balancer| balancer.text("LoadBalancerName"));
        Ok(names.map(|name| judge(context, place, name)).collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, name: &str) -> Verdict {
    let arn = place.arn("elasticloadbalancing", &format!("loadbalancer/{name}"));
    resource(place, &arn, |logging| {
        logging.fix(format!(
            "aws elb modify-load-balancer-attributes --region {} --load-balancer-name {name} \
             --load-balancer-attributes \
             '{{\"AccessLog\":{{\"Enabled\":true,\"S3BucketName\":\"LOG_BUCKET\",\"EmitInterval\":5}}}}'",
            place.region
        ));
        let output = place.get_for("elb:DescribeLoadBalancerAttributes", name)?;
        let log = output.and_then(|output| output.at("LoadBalancerAttributes.AccessLog"));
        match log.filter(|log| log.flag("Enabled")).and_then(|log| log.text("S3BucketName")) {
            Some(bucket) => elb::to_bucket(context, place, bucket, "access logs", logging),
            None => logging.fault("access logs are off"),
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(log: Value) -> Estate {
        Estate::new()
            .with(
                "elb:DescribeLoadBalancers",
                "",
                json!({"LoadBalancerDescriptions": [{"LoadBalancerName": "old"}]}),
            )
            .with(
                "elb:DescribeLoadBalancerAttributes",
                "old",
                json!({"LoadBalancerAttributes": {"AccessLog": log}}),
            )
    }

    #[test]
    fn access_logs() {
        let on =
            |bucket: &str| estate(json!({"Enabled": "true", "S3BucketName": bucket, "EmitInterval": "5"}));
        expect(&on("logs"), &CHECK, Status::Pass, "access logs go to bucket logs");
        expect(&on("gone"), &CHECK, Status::Fail, "bucket gone does not exist");
        let off = expect(&estate(json!({"Enabled": "false"})), &CHECK, Status::Fail, "access logs are off");
        assert_eq!(off.resource_arn, "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/old");
    }

    #[test]
    fn unknown_and_nothing() {
        let none = json!({"LoadBalancerDescriptions": []});
        expect_nothing(&Estate::new().with("elb:DescribeLoadBalancers", "", none), &CHECK);
        let action = "elasticloadbalancing:DescribeLoadBalancerAttributes";
        expect_denied(
            &estate(json!({})).denied("elb:DescribeLoadBalancerAttributes", "old", action),
            &CHECK,
            action,
        );
    }
}
