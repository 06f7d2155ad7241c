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

/// [UpdateClusterConfig](https://docs.aws.amazon.com/goto/WebAPI/eks-2017-11-01/UpdateClusterConfig).
pub static UPDATE_CLUSTER_CONFIG: Operation =
    Operation::new(&SERVICE, "UpdateClusterConfig", "eks:UpdateClusterConfig")
        .http(Http::new("POST", "/clusters/{name}/update-config"))
        .hints(Hints { times: &["createdAt"], ..Hints::NONE });
