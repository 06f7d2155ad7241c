//! Elastic Load Balancing: classic load balancers.
//! <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/>

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// Elastic Load Balancing.
pub static SERVICE: Service =
    Service::new("elb", "Elastic Load Balancing", Protocol::Query { version: "2012-06-01" })
        .signing("elasticloadbalancing")
        .prefix("elasticloadbalancing");

/// Classic load balancers of a Region.
pub static DESCRIBE_LOAD_BALANCERS: Operation =
    Operation::new(&SERVICE, "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers")
        .pages(Pages::new("Marker", "NextMarker", &["LoadBalancerDescriptions"]))
        .hints(Hints {
            lists: &[
                "AppCookieStickinessPolicies",
                "AvailabilityZones",
                "BackendServerDescriptions",
                "Instances",
                "LBCookieStickinessPolicies",
                "ListenerDescriptions",
                "LoadBalancerDescriptions",
                "OtherPolicies",
                "PolicyNames",
                "SecurityGroups",
                "Subnets",
            ],
            numbers: &[
                "CookieExpirationPeriod",
                "HealthyThreshold",
                "InstancePort",
                "Interval",
                "LoadBalancerPort",
                "Timeout",
                "UnhealthyThreshold",
            ],
            ..Hints::NONE
        });

/// Attributes of a load balancer, its access log among them.
pub static DESCRIBE_LOAD_BALANCER_ATTRIBUTES: Operation = Operation::new(
    &SERVICE,
    "DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
)
.hints(Hints {
    lists: &["AdditionalAttributes"],
    numbers: &["EmitInterval", "IdleTimeout", "Timeout"],
    ..Hints::NONE
});

/// [ModifyLoadBalancerAttributes](https://docs.aws.amazon.com/goto/WebAPI/elasticloadbalancing-2012-06-01/ModifyLoadBalancerAttributes).
pub static MODIFY_LOAD_BALANCER_ATTRIBUTES: Operation = Operation::new(
    &SERVICE,
    "ModifyLoadBalancerAttributes",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
)
.hints(Hints {
    lists: &["AdditionalAttributes"],
    numbers: &["EmitInterval", "IdleTimeout", "Timeout"],
    ..Hints::NONE
});
