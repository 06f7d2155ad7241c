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

/// [UpdateDomainConfig](https://docs.aws.amazon.com/goto/WebAPI/opensearch-2021-01-01/UpdateDomainConfig).
pub static UPDATE_DOMAIN_CONFIG: Operation =
    Operation::new(&SERVICE, "UpdateDomainConfig", "es:UpdateDomainConfig")
        .http(Http::new("POST", "/2021-01-01/opensearch/domain/{DomainName}/config"))
        .hints(Hints {
            times: &[
                "AnonymousAuthDisableDate",
                "EndTime",
                "LastUpdatedTime",
                "StartAt",
                "StartTime",
                "Status/CreationDate",
                "Status/UpdateDate",
            ],
            ..Hints::NONE
        });
