//! Elastic Load Balancing: application, network and gateway load balancers.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/>

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// Elastic Load Balancing.
pub static SERVICE: Service =
    Service::new("elbv2", "Elastic Load Balancing v2", Protocol::Query { version: "2015-12-01" })
        .signing("elasticloadbalancing")
        .prefix("elasticloadbalancing");

/// Load balancers of a Region.
pub static DESCRIBE_LOAD_BALANCERS: Operation =
    Operation::new(&SERVICE, "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers")
        .pages(Pages::new("Marker", "NextMarker", &["LoadBalancers"]))
        .hints(Hints {
            lists: &[
                "AvailabilityZones",
                "LoadBalancerAddresses",
                "LoadBalancers",
                "SecurityGroups",
                "SourceNatIpv6Prefixes",
            ],
            ..Hints::NONE
        });

/// Attributes of a load balancer, access and connection logs among them.
pub static DESCRIBE_LOAD_BALANCER_ATTRIBUTES: Operation = Operation::new(
    &SERVICE,
    "DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
)
.hints(Hints { lists: &["Attributes"], ..Hints::NONE });

/// [ModifyLoadBalancerAttributes](https://docs.aws.amazon.com/goto/WebAPI/elasticloadbalancingv2-2015-12-01/ModifyLoadBalancerAttributes).
pub static MODIFY_LOAD_BALANCER_ATTRIBUTES: Operation = Operation::new(
    &SERVICE,
    "ModifyLoadBalancerAttributes",
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
)
.hints(Hints { lists: &["Attributes"], ..Hints::NONE });
