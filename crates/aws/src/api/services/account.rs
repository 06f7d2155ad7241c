//! AWS Account.

use crate::api::{GlobalEndpoint, Http, Operation, Pages, Protocol, Service};

/// AWS Account.
pub static SERVICE: Service = Service::new("account", "Account", Protocol::RestJson).global(&PLACES);

static PLACES: [GlobalEndpoint; 4] = [
    GlobalEndpoint::new("aws", "account.us-east-1.amazonaws.com", "us-east-1"),
    GlobalEndpoint::new("aws-cn", "account.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"),
    GlobalEndpoint::new("aws-us-gov", "account.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    GlobalEndpoint::new("aws-eusc", "account.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
];

/// [ListRegions](https://docs.aws.amazon.com/goto/WebAPI/account-2021-02-01/ListRegions).
pub static LIST_REGIONS: Operation = Operation::new(&SERVICE, "ListRegions", "account:ListRegions")
    .http(Http::new("POST", "/listRegions"))
    .pages(Pages::new("NextToken", "NextToken", &["Regions"]));
