//! Redshift Serverless. <https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/>

use crate::api::{Operation, Pages, Protocol, Service};

/// Redshift Serverless.
pub static SERVICE: Service = Service::new(
    "redshift-serverless",
    "Redshift Serverless",
    Protocol::Json { target_prefix: "RedshiftServerless", version: "1.1" },
);

/// Namespaces of a Region, with the logs they export.
pub static LIST_NAMESPACES: Operation = Operation::new(
    &SERVICE,
    "ListNamespaces",
    "redshift-serverless:ListNamespaces",
)
.pages(Pages::new("nextToken", "nextToken", &["namespaces"]));
