//! Connection logs of Application Load Balancers.

use super::{elb, nist};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "alb-connection-logging",
    control: Control::Services,
    title: "Every Application Load Balancer logs connections",
    severity: Severity::Low,
    why: "TLS handshakes that fail and client certificates that are refused never become a request, so \
          access logs lack them. \
          https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html",
    expected: "connection logs into a live, closed bucket (or a vended log delivery)",
    remediation: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes \
                  Key=connection_logs.s3.enabled,Value=true Key=connection_logs.s3.bucket,Value=LOG_BUCKET",
    fix_calls: &["elasticloadbalancing:ModifyLoadBalancerAttributes", "s3:PutBucketPolicy"],
    frameworks: Frameworks { nist_800_53: nist::TRAFFIC, ..Frameworks::NONE },
    run,
};

const KIND: elb::Kind = elb::Kind {
    of: "application",
    attribute: "connection_logs",
    vended: "ALB_CONNECTION_LOGS",
    word: "connection logs",
    note: None,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    elb::run(context, &KIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_logs() {
        elb::tests::suite(&CHECK, "application", "connection_logs", "ALB_CONNECTION_LOGS", "connection logs");
    }
}
