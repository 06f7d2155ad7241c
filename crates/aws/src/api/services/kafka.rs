//! MSK. <https://docs.aws.amazon.com/msk/2.0/APIReference/>

use crate::api::{Hints, Http, Operation, Pages, Protocol, Service};

/// MSK.
pub static SERVICE: Service = Service::new("kafka", "Kafka", Protocol::RestJson).lower_camel();

/// Clusters of a Region, provisioned and serverless, with their broker logs.
pub static LIST_CLUSTERS_V2: Operation = Operation::new(&SERVICE, "ListClustersV2", "kafka:ListClustersV2")
    .http(Http::new("GET", "/api/v2/clusters").query(&[
        ("ClusterNameFilter", "clusterNameFilter"),
        ("ClusterTypeFilter", "clusterTypeFilter"),
        ("MaxResults", "maxResults"),
        ("NextToken", "nextToken"),
    ]))
    .pages(Pages::new("NextToken", "NextToken", &["ClusterInfoList"]))
    .hints(Hints { maps: &["tags"], ..Hints::NONE });

/// [UpdateMonitoring](https://docs.aws.amazon.com/goto/WebAPI/kafka-2018-11-14/UpdateMonitoring).
pub static UPDATE_MONITORING: Operation =
    Operation::new(&SERVICE, "UpdateMonitoring", "kafka:UpdateMonitoring")
        .http(Http::new("PUT", "/v1/clusters/{ClusterArn}/monitoring"));

/// [DescribeClusterV2](https://docs.aws.amazon.com/goto/WebAPI/kafka-2018-11-14/DescribeClusterV2).
pub static DESCRIBE_CLUSTER_V2: Operation =
    Operation::new(&SERVICE, "DescribeClusterV2", "kafka:DescribeClusterV2")
        .http(Http::new("GET", "/api/v2/clusters/{ClusterArn}"))
        .hints(Hints { maps: &["tags"], ..Hints::NONE });
