//! Access logs of Network Load Balancers.

use super::{elb, nist};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "nlb-access-logging",
    control: Control::Services,
    title: "Every Network Load Balancer logs TLS requests",
    severity: Severity::Low,
    why: "Access logs of a Network Load Balancer tell who made which TLS connection; what its other \
          listeners pass is in the flow logs of the VPC. \
          https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html",
    expected: "access logs into a live, closed bucket (or a vended log delivery)",
    remediation: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes \
                  Key=access_logs.s3.enabled,Value=true Key=access_logs.s3.bucket,Value=LOG_BUCKET",
    fix_calls: &["elasticloadbalancing:ModifyLoadBalancerAttributes", "s3:PutBucketPolicy"],
    frameworks: Frameworks { nist_800_53: nist::TRAFFIC, pci_dss_4: &["10.2.1"], ..Frameworks::NONE },
    run,
};

const KIND: elb::Kind = elb::Kind {
    of: "network",
    attribute: "access_logs",
    vended: "NLB_ACCESS_LOGS",
    word: "access logs",
    note: Some("a Network Load Balancer logs only what its TLS listeners receive"),
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    elb::run(context, &KIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_logs() {
        elb::tests::suite(&CHECK, "network", "access_logs", "NLB_ACCESS_LOGS", "access logs");
    }
}
