//! ECS. <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/>

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// ECS.
pub static SERVICE: Service = Service::new(
    "ecs",
    "ECS",
    Protocol::Json { target_prefix: "AmazonEC2ContainerServiceV20141113", version: "1.1" },
);

/// Task definitions of a Region, every revision.
pub static LIST_TASK_DEFINITIONS: Operation = Operation::new(
    &SERVICE,
    "ListTaskDefinitions",
    "ecs:ListTaskDefinitions",
)
.pages(Pages::new("nextToken", "nextToken", &["taskDefinitionArns"]));

/// What a task definition is made of, its containers' log drivers among it.
pub static DESCRIBE_TASK_DEFINITION: Operation =
    Operation::new(&SERVICE, "DescribeTaskDefinition", "ecs:DescribeTaskDefinition")
        .hints(Hints { times: &["deleteRequestedAt", "deregisteredAt", "registeredAt"], ..Hints::NONE });

/// Clusters of a Region.
pub static LIST_CLUSTERS: Operation = Operation::new(&SERVICE, "ListClusters", "ecs:ListClusters")
    .pages(Pages::new("nextToken", "nextToken", &["clusterArns"]));

/// How clusters are set up; at most 100 at a time.
pub static DESCRIBE_CLUSTERS: Operation =
    Operation::new(&SERVICE, "DescribeClusters", "ecs:DescribeClusters");
