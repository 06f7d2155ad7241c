//! Access logs of Application Load Balancers.

use super::{elb, nist};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "alb-access-logging",
    control: Control::Services,
    title: "Every Application Load Balancer logs access",
    severity: Severity::Medium,
    why: "The servers behind a load balancer see its address; only its own log has the client's, and the \
          requests it refused. \
          https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
    expected: "access logs into a live, closed bucket (or a vended log delivery)",
    remediation: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes \
                  Key=access_logs.s3.enabled,Value=true Key=access_logs.s3.bucket,Value=LOG_BUCKET",
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

const KIND: elb::Kind = elb::Kind {
    of: "application",
    attribute: "access_logs",
    vended: "ALB_ACCESS_LOGS",
    word: "access logs",
    note: None,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    elb::run(context, &KIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_logs() {
        elb::tests::suite(&CHECK, "application", "access_logs", "ALB_ACCESS_LOGS", "access logs");
    }
}
