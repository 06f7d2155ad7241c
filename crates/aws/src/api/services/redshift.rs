//! Redshift. <https://docs.aws.amazon.com/redshift/latest/APIReference/>

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// Redshift.
pub static SERVICE: Service = Service::new("redshift", "Redshift", Protocol::Query { version: "2012-12-01" });

/// Clusters of a Region.
pub static DESCRIBE_CLUSTERS: Operation =
    Operation::new(&SERVICE, "DescribeClusters", "redshift:DescribeClusters")
        .pages(Pages::new("Marker", "Marker", &["Clusters"]))
        .hints(Hints {
            lists: &[
                "ClusterNodes",
                "ClusterParameterGroups",
                "ClusterParameterStatusList",
                "ClusterSecurityGroups",
                "Clusters",
                "DeferredMaintenanceWindows",
                "IamRoles",
                "NetworkInterfaces",
                "PendingActions",
                "Tags",
                "VpcEndpoints",
                "VpcSecurityGroups",
            ],
            numbers: &[
                "AutomatedSnapshotRetentionPeriod",
                "CurrentRateInMegaBytesPerSecond",
                "CurrentRestoreRateInMegaBytesPerSecond",
                "DataTransferredInMegaBytes",
                "ElapsedTimeInSeconds",
                "EstimatedTimeToCompletionInSeconds",
                "ManualSnapshotRetentionPeriod",
                "NumberOfNodes",
                "Port",
                "ProgressInMegaBytes",
                "RetentionPeriod",
                "SnapshotSizeInMegaBytes",
                "SourceReservedNodeCount",
                "TargetReservedNodeCount",
                "TotalDataInMegaBytes",
                "TotalStorageCapacityInMegaBytes",
            ],
            ..Hints::NONE
        });

/// Whether a cluster logs, where to, and when it last did.
pub static DESCRIBE_LOGGING_STATUS: Operation =
    Operation::new(&SERVICE, "DescribeLoggingStatus", "redshift:DescribeLoggingStatus")
        .hints(Hints { lists: &["LogExports"], ..Hints::NONE });

/// [EnableLogging](https://docs.aws.amazon.com/goto/WebAPI/redshift-2012-12-01/EnableLogging).
pub static ENABLE_LOGGING: Operation = Operation::new(&SERVICE, "EnableLogging", "redshift:EnableLogging")
    .hints(Hints {
        lists: &["LogExports", "S3Tables/S3Tables"],
        maps: &["LastIngestionTimes"],
        ..Hints::NONE
    });

/// [DisableLogging](https://docs.aws.amazon.com/goto/WebAPI/redshift-2012-12-01/DisableLogging).
pub static DISABLE_LOGGING: Operation = Operation::new(&SERVICE, "DisableLogging", "redshift:DisableLogging")
    .hints(Hints {
        lists: &["LogExports", "S3Tables/S3Tables"],
        maps: &["LastIngestionTimes"],
        ..Hints::NONE
    });
