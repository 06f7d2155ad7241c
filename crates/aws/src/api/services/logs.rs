//! Amazon CloudWatch Logs.

use crate::api::{Operation, Pages, Protocol, Service};

/// Amazon CloudWatch Logs.
pub static SERVICE: Service = Service::new(
    "logs",
    "CloudWatch Logs",
    Protocol::Json { target_prefix: "Logs_20140328", version: "1.1" },
);

/// [DescribeLogGroups](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeLogGroups).
pub static DESCRIBE_LOG_GROUPS: Operation = Operation::new(
    &SERVICE,
    "DescribeLogGroups",
    "logs:DescribeLogGroups",
)
.pages(Pages::new("nextToken", "nextToken", &["logGroups"]));

/// [DescribeLogStreams](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeLogStreams).
pub static DESCRIBE_LOG_STREAMS: Operation = Operation::new(
    &SERVICE,
    "DescribeLogStreams",
    "logs:DescribeLogStreams",
)
.pages(Pages::new("nextToken", "nextToken", &["logStreams"]));

/// [DescribeMetricFilters](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeMetricFilters).
pub static DESCRIBE_METRIC_FILTERS: Operation = Operation::new(
    &SERVICE,
    "DescribeMetricFilters",
    "logs:DescribeMetricFilters",
)
.pages(Pages::new("nextToken", "nextToken", &["metricFilters"]));

/// [DescribeResourcePolicies](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeResourcePolicies).
pub static DESCRIBE_RESOURCE_POLICIES: Operation = Operation::new(
    &SERVICE,
    "DescribeResourcePolicies",
    "logs:DescribeResourcePolicies",
)
.pages(Pages::new("nextToken", "nextToken", &["resourcePolicies"]));

/// [DescribeDestinations](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeDestinations).
pub static DESCRIBE_DESTINATIONS: Operation = Operation::new(
    &SERVICE,
    "DescribeDestinations",
    "logs:DescribeDestinations",
)
.pages(Pages::new("nextToken", "nextToken", &["destinations"]));

/// [DescribeDeliveries](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeDeliveries).
pub static DESCRIBE_DELIVERIES: Operation = Operation::new(
    &SERVICE,
    "DescribeDeliveries",
    "logs:DescribeDeliveries",
)
.pages(Pages::new("nextToken", "nextToken", &["deliveries"]));

/// [DescribeDeliverySources](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeDeliverySources).
pub static DESCRIBE_DELIVERY_SOURCES: Operation = Operation::new(
    &SERVICE,
    "DescribeDeliverySources",
    "logs:DescribeDeliverySources",
)
.pages(Pages::new("nextToken", "nextToken", &["deliverySources"]));

/// [DescribeDeliveryDestinations](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeDeliveryDestinations).
pub static DESCRIBE_DELIVERY_DESTINATIONS: Operation =
    Operation::new(&SERVICE, "DescribeDeliveryDestinations", "logs:DescribeDeliveryDestinations")
        .pages(Pages::new("nextToken", "nextToken", &["deliveryDestinations"]));

/// [DescribeAccountPolicies](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeAccountPolicies).
pub static DESCRIBE_ACCOUNT_POLICIES: Operation = Operation::new(
    &SERVICE,
    "DescribeAccountPolicies",
    "logs:DescribeAccountPolicies",
)
.pages(Pages::new("nextToken", "nextToken", &["accountPolicies"]));

/// [DescribeSubscriptionFilters](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DescribeSubscriptionFilters).
pub static DESCRIBE_SUBSCRIPTION_FILTERS: Operation =
    Operation::new(&SERVICE, "DescribeSubscriptionFilters", "logs:DescribeSubscriptionFilters")
        .pages(Pages::new("nextToken", "nextToken", &["subscriptionFilters"]));

/// [CreateLogGroup](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/CreateLogGroup).
pub static CREATE_LOG_GROUP: Operation = Operation::new(&SERVICE, "CreateLogGroup", "logs:CreateLogGroup");

/// [DeleteLogGroup](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DeleteLogGroup).
pub static DELETE_LOG_GROUP: Operation = Operation::new(&SERVICE, "DeleteLogGroup", "logs:DeleteLogGroup");

/// [PutRetentionPolicy](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/PutRetentionPolicy).
pub static PUT_RETENTION_POLICY: Operation =
    Operation::new(&SERVICE, "PutRetentionPolicy", "logs:PutRetentionPolicy");

/// [DeleteRetentionPolicy](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DeleteRetentionPolicy).
pub static DELETE_RETENTION_POLICY: Operation =
    Operation::new(&SERVICE, "DeleteRetentionPolicy", "logs:DeleteRetentionPolicy");

/// [PutMetricFilter](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/PutMetricFilter).
pub static PUT_METRIC_FILTER: Operation = Operation::new(&SERVICE, "PutMetricFilter", "logs:PutMetricFilter");

/// [DeleteMetricFilter](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DeleteMetricFilter).
pub static DELETE_METRIC_FILTER: Operation =
    Operation::new(&SERVICE, "DeleteMetricFilter", "logs:DeleteMetricFilter");

/// [PutResourcePolicy](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/PutResourcePolicy).
pub static PUT_RESOURCE_POLICY: Operation =
    Operation::new(&SERVICE, "PutResourcePolicy", "logs:PutResourcePolicy");

/// [DeleteResourcePolicy](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DeleteResourcePolicy).
pub static DELETE_RESOURCE_POLICY: Operation =
    Operation::new(&SERVICE, "DeleteResourcePolicy", "logs:DeleteResourcePolicy");

/// [AssociateKmsKey](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/AssociateKmsKey).
pub static ASSOCIATE_KMS_KEY: Operation = Operation::new(&SERVICE, "AssociateKmsKey", "logs:AssociateKmsKey");

/// [DisassociateKmsKey](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DisassociateKmsKey).
pub static DISASSOCIATE_KMS_KEY: Operation =
    Operation::new(&SERVICE, "DisassociateKmsKey", "logs:DisassociateKmsKey");

/// [TagResource](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/TagResource).
pub static TAG_RESOURCE: Operation = Operation::new(&SERVICE, "TagResource", "logs:TagResource");

/// [PutDeliverySource](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/PutDeliverySource).
pub static PUT_DELIVERY_SOURCE: Operation =
    Operation::new(&SERVICE, "PutDeliverySource", "logs:PutDeliverySource");

/// [DeleteDeliverySource](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DeleteDeliverySource).
pub static DELETE_DELIVERY_SOURCE: Operation =
    Operation::new(&SERVICE, "DeleteDeliverySource", "logs:DeleteDeliverySource");

/// [PutDeliveryDestination](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/PutDeliveryDestination).
pub static PUT_DELIVERY_DESTINATION: Operation =
    Operation::new(&SERVICE, "PutDeliveryDestination", "logs:PutDeliveryDestination");

/// [DeleteDeliveryDestination](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DeleteDeliveryDestination).
pub static DELETE_DELIVERY_DESTINATION: Operation =
    Operation::new(&SERVICE, "DeleteDeliveryDestination", "logs:DeleteDeliveryDestination");

/// [CreateDelivery](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/CreateDelivery).
pub static CREATE_DELIVERY: Operation = Operation::new(&SERVICE, "CreateDelivery", "logs:CreateDelivery");

/// [DeleteDelivery](https://docs.aws.amazon.com/goto/WebAPI/logs-2014-03-28/DeleteDelivery).
pub static DELETE_DELIVERY: Operation = Operation::new(&SERVICE, "DeleteDelivery", "logs:DeleteDelivery");
