//! EKS. <https://docs.aws.amazon.com/eks/latest/APIReference/>

use crate::api::{Hints, Http, Operation, Pages, Protocol, Service};

/// EKS.
pub static SERVICE: Service = Service::new("eks", "EKS", Protocol::RestJson);

/// Clusters of a Region.
pub static LIST_CLUSTERS: Operation = Operation::new(&SERVICE, "ListClusters", "eks:ListClusters")
    .http(Http::new("GET", "/clusters").query(&[
        ("maxResults", "maxResults"),
        ("nextToken", "nextToken"),
        ("include", "include"),
    ]))
    .pages(Pages::new("nextToken", "nextToken", &["clusters"]));

/// How a cluster is set up, the logs of its control plane among it.
pub static DESCRIBE_CLUSTER: Operation = Operation::new(&SERVICE, "DescribeCluster", "eks:DescribeCluster")
    .http(Http::new("GET", "/clusters/{name}"))
    .hints(Hints { times: &["activationExpiry", "createdAt"], ..Hints::NONE });
