//! Load balancers of all kinds, and the attributes that say where they log to.

use trailkeep_aws::api::services::{elb, elbv2};

use crate::collect::ask::{Ask, At, Each, Take};

const BALANCERS: Each = Each::of("elbv2:DescribeLoadBalancers", "LoadBalancers", "LoadBalancerArn");
const CLASSIC: Each = Each::of("elb:DescribeLoadBalancers", "LoadBalancerDescriptions", "LoadBalancerName");

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&elbv2::DESCRIBE_LOAD_BALANCERS),
    Ask::each(&elbv2::DESCRIBE_LOAD_BALANCER_ATTRIBUTES, At::Regions, BALANCERS)
        .input(&[("LoadBalancerArn", Take::Resource)]),
    Ask::regional(&elb::DESCRIBE_LOAD_BALANCERS),
    Ask::each(&elb::DESCRIBE_LOAD_BALANCER_ATTRIBUTES, At::Regions, CLASSIC)
        .input(&[("LoadBalancerName", Take::Resource)]),
];
