//! OpenSearch Service: OpenSearch and Elasticsearch domains.
//! <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/>

use crate::api::{Hints, Http, Operation, Protocol, Service};

/// OpenSearch Service.
pub static SERVICE: Service = Service::new("es", "OpenSearch", Protocol::RestJson);

/// Domains of a Region.
pub static LIST_DOMAIN_NAMES: Operation = Operation::new(&SERVICE, "ListDomainNames", "es:ListDomainNames")
    .http(Http::new("GET", "/2021-01-01/domain").query(&[("EngineType", "engineType")]));

/// How domains are set up, the logs they publish among it.
pub static DESCRIBE_DOMAINS: Operation = Operation::new(&SERVICE, "DescribeDomains", "es:DescribeDomains")
    .http(Http::new("POST", "/2021-01-01/opensearch/domain-info"))
    .hints(Hints {
        times: &[
            "AnonymousAuthDisableDate",
            "AutomatedUpdateDate",
            "EndTime",
            "LastUpdatedTime",
            "StartTime",
        ],
        ..Hints::NONE
    });
