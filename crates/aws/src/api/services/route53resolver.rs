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

/// [CreateResolverQueryLogConfig](https://docs.aws.amazon.com/goto/WebAPI/route53resolver-2018-04-01/CreateResolverQueryLogConfig).
pub static CREATE_RESOLVER_QUERY_LOG_CONFIG: Operation =
    Operation::new(&SERVICE, "CreateResolverQueryLogConfig", "route53resolver:CreateResolverQueryLogConfig");

/// [DeleteResolverQueryLogConfig](https://docs.aws.amazon.com/goto/WebAPI/route53resolver-2018-04-01/DeleteResolverQueryLogConfig).
pub static DELETE_RESOLVER_QUERY_LOG_CONFIG: Operation =
    Operation::new(&SERVICE, "DeleteResolverQueryLogConfig", "route53resolver:DeleteResolverQueryLogConfig");

/// [AssociateResolverQueryLogConfig](https://docs.aws.amazon.com/goto/WebAPI/route53resolver-2018-04-01/AssociateResolverQueryLogConfig).
pub static ASSOCIATE_RESOLVER_QUERY_LOG_CONFIG: Operation = Operation::new(
    &SERVICE,
    "AssociateResolverQueryLogConfig",
    "route53resolver:AssociateResolverQueryLogConfig",
);

/// [DisassociateResolverQueryLogConfig](https://docs.aws.amazon.com/goto/WebAPI/route53resolver-2018-04-01/DisassociateResolverQueryLogConfig).
pub static DISASSOCIATE_RESOLVER_QUERY_LOG_CONFIG: Operation = Operation::new(
    &SERVICE,
    "DisassociateResolverQueryLogConfig",
    "route53resolver:DisassociateResolverQueryLogConfig",
);
