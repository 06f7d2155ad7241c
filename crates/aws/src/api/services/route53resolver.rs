//! Route 53 Resolver.
//! <https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53_Resolver.html>

use crate::api::{Operation, Pages, Protocol, Service};

/// Route 53 Resolver.
pub static SERVICE: Service = Service::new(
    "route53resolver",
    "Route53Resolver",
    Protocol::Json { target_prefix: "Route53Resolver", version: "1.1" },
);

/// Query logging configurations of a Region.
pub static LIST_RESOLVER_QUERY_LOG_CONFIGS: Operation =
    Operation::new(&SERVICE, "ListResolverQueryLogConfigs", "route53resolver:ListResolverQueryLogConfigs")
        .pages(Pages::new("NextToken", "NextToken", &["ResolverQueryLogConfigs"]));

/// Which VPCs use which configuration.
pub static LIST_RESOLVER_QUERY_LOG_CONFIG_ASSOCIATIONS: Operation = Operation::new(
    &SERVICE,
    "ListResolverQueryLogConfigAssociations",
    "route53resolver:ListResolverQueryLogConfigAssociations",
)
.pages(Pages::new("NextToken", "NextToken", &["ResolverQueryLogConfigAssociations"]));
