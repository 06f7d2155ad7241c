//! RDS: Aurora, DocumentDB and Neptune answer here too.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/>

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// RDS.
pub static SERVICE: Service = Service::new("rds", "RDS", Protocol::Query { version: "2014-10-31" });

/// Database instances of a Region.
pub static DESCRIBE_DB_INSTANCES: Operation =
    Operation::new(&SERVICE, "DescribeDBInstances", "rds:DescribeDBInstances")
        .pages(Pages::new("Marker", "Marker", &["DBInstances"]))
        .hints(Hints {
            lists: &[
                "AdditionalStorageVolumes",
                "AssociatedRoles",
                "DBInstanceAutomatedBackupsReplications",
                "DBInstances",
                "DBParameterGroups",
                "DBSecurityGroups",
                "DnsIps",
                "DomainMemberships",
                "EnabledCloudwatchLogsExports",
                "LogTypesToDisable",
                "LogTypesToEnable",
                "OptionGroupMemberships",
                "ProcessorFeatures",
                "ReadReplicaDBClusterIdentifiers",
                "ReadReplicaDBInstanceIdentifiers",
                "StatusInfos",
                "Subnets",
                "SupportedNetworkTypes",
                "TagList",
                "VpcSecurityGroups",
            ],
            numbers: &[
                "AllocatedStorage",
                "BackupRetentionPeriod",
                "DbInstancePort",
                "IOPS",
                "Iops",
                "MaxAllocatedStorage",
                "MonitoringInterval",
                "PerformanceInsightsRetentionPeriod",
                "Port",
                "PromotionTier",
                "StorageThroughput",
            ],
            ..Hints::NONE
        });

/// Database clusters of a Region; `Engine` tells Aurora, `docdb` and `neptune` apart.
pub static DESCRIBE_DB_CLUSTERS: Operation =
    Operation::new(&SERVICE, "DescribeDBClusters", "rds:DescribeDBClusters")
        .pages(Pages::new("Marker", "Marker", &["DBClusters"]))
        .hints(Hints {
            lists: &[
                "AssociatedRoles",
                "AvailabilityZones",
                "CustomEndpoints",
                "DBClusterMembers",
                "DBClusterOptionGroupMemberships",
                "DBClusters",
                "DnsIps",
                "DomainMemberships",
                "EnabledCloudwatchLogsExports",
                "LogTypesToDisable",
                "LogTypesToEnable",
                "ReadReplicaIdentifiers",
                "StatusInfos",
                "TagList",
                "VpcSecurityGroups",
            ],
            numbers: &[
                "AllocatedStorage",
                "BacktrackConsumedChangeRecords",
                "BacktrackWindow",
                "BackupRetentionPeriod",
                "Capacity",
                "Iops",
                "MaxCapacity",
                "MinCapacity",
                "MinRequiredACU",
                "MonitoringInterval",
                "PerformanceInsightsRetentionPeriod",
                "Port",
                "PromotionTier",
                "SecondsBeforeTimeout",
                "SecondsUntilAutoPause",
                "StorageThroughput",
            ],
            ..Hints::NONE
        });

/// [ModifyDBInstance](https://docs.aws.amazon.com/goto/WebAPI/rds-2014-10-31/ModifyDBInstance).
pub static MODIFY_DB_INSTANCE: Operation =
    Operation::new(&SERVICE, "ModifyDBInstance", "rds:ModifyDBInstance").hints(Hints {
        lists: &[
            "AdditionalStorageVolumes",
            "AssociatedRoles",
            "DBInstanceAutomatedBackupsReplications",
            "DBParameterGroups",
            "DBSecurityGroups",
            "DnsIps",
            "DomainMemberships",
            "EnabledCloudwatchLogsExports",
            "LogTypesToDisable",
            "LogTypesToEnable",
            "OptionGroupMemberships",
            "ProcessorFeatures",
            "ReadReplicaDBClusterIdentifiers",
            "ReadReplicaDBInstanceIdentifiers",
            "StatusInfos",
            "Subnets",
            "SupportedNetworkTypes",
            "TagList",
            "VpcSecurityGroups",
        ],
        numbers: &[
            "AllocatedStorage",
            "BackupRetentionPeriod",
            "DbInstancePort",
            "IOPS",
            "Iops",
            "MaxAllocatedStorage",
            "MonitoringInterval",
            "PerformanceInsightsRetentionPeriod",
            "Port",
            "PromotionTier",
            "StorageOperationPercentProgress",
            "StorageThroughput",
        ],
        items: &[
            ("DBSecurityGroups", "DBSecurityGroupName"),
            ("ProcessorFeatures", "ProcessorFeature"),
            ("TagSpecifications", "item"),
            ("Tags", "Tag"),
            ("VpcSecurityGroupIds", "VpcSecurityGroupId"),
        ],
        ..Hints::NONE
    });

/// [ModifyDBCluster](https://docs.aws.amazon.com/goto/WebAPI/rds-2014-10-31/ModifyDBCluster).
pub static MODIFY_DB_CLUSTER: Operation = Operation::new(&SERVICE, "ModifyDBCluster", "rds:ModifyDBCluster")
    .hints(Hints {
        lists: &[
            "AssociatedRoles",
            "AvailabilityZones",
            "CustomEndpoints",
            "DBClusterMembers",
            "DBClusterOptionGroupMemberships",
            "DnsIps",
            "DomainMemberships",
            "EnabledCloudwatchLogsExports",
            "LogTypesToDisable",
            "LogTypesToEnable",
            "ReadReplicaIdentifiers",
            "StatusInfos",
            "TagList",
            "VpcSecurityGroups",
        ],
        numbers: &[
            "AllocatedStorage",
            "BacktrackConsumedChangeRecords",
            "BacktrackWindow",
            "BackupRetentionPeriod",
            "Capacity",
            "Iops",
            "MaxCapacity",
            "MinCapacity",
            "MinRequiredACU",
            "MonitoringInterval",
            "PerformanceInsightsRetentionPeriod",
            "Port",
            "PromotionTier",
            "SecondsBeforeTimeout",
            "SecondsUntilAutoPause",
            "StorageThroughput",
        ],
        items: &[("VpcSecurityGroupIds", "VpcSecurityGroupId")],
        ..Hints::NONE
    });
