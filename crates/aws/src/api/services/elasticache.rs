//! ElastiCache. <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/>

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// ElastiCache.
pub static SERVICE: Service =
    Service::new("elasticache", "ElastiCache", Protocol::Query { version: "2015-02-02" });

/// Cache clusters of a Region.
pub static DESCRIBE_CACHE_CLUSTERS: Operation =
    Operation::new(&SERVICE, "DescribeCacheClusters", "elasticache:DescribeCacheClusters")
        .pages(Pages::new("Marker", "Marker", &["CacheClusters"]))
        .hints(Hints {
            lists: &[
                "CacheClusters",
                "CacheNodeIdsToReboot",
                "CacheNodeIdsToRemove",
                "CacheNodes",
                "CacheSecurityGroups",
                "LogDeliveryConfigurations",
                "PendingLogDeliveryConfiguration",
                "SecurityGroups",
            ],
            numbers: &[
                "NumCacheNodes",
                "Port",
                "ScaleIntervalMinutes",
                "ScalePercentage",
                "SnapshotRetentionLimit",
            ],
            renames: &[("PendingLogDeliveryConfiguration", "LogDeliveryConfigurations")],
            ..Hints::NONE
        });

/// Replication groups of a Region, with the logs they deliver.
pub static DESCRIBE_REPLICATION_GROUPS: Operation =
    Operation::new(&SERVICE, "DescribeReplicationGroups", "elasticache:DescribeReplicationGroups")
        .pages(Pages::new("Marker", "Marker", &["ReplicationGroups"]))
        .hints(Hints {
            lists: &[
                "LogDeliveryConfigurations",
                "MemberClusters",
                "MemberClustersOutpostArns",
                "NodeGroupMembers",
                "NodeGroups",
                "PendingLogDeliveryConfiguration",
                "ReplicationGroups",
                "UserGroupIds",
                "UserGroupIdsToAdd",
                "UserGroupIdsToRemove",
            ],
            numbers: &["Port", "ProgressPercentage", "SnapshotRetentionLimit"],
            renames: &[("PendingLogDeliveryConfiguration", "LogDeliveryConfigurations")],
            ..Hints::NONE
        });
