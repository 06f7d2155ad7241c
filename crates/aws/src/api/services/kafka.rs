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
