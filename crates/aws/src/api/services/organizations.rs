//! Organizations.

use crate::api::{GlobalEndpoint, Hints, Operation, Pages, Protocol, Service};

/// Organizations.
pub static SERVICE: Service = Service::new(
    "organizations",
    "Organizations",
    Protocol::Json { target_prefix: "AWSOrganizationsV20161128", version: "1.1" },
)
.global(&PLACES);

static PLACES: [GlobalEndpoint; 8] = [
    GlobalEndpoint::new("aws", "organizations.us-east-1.amazonaws.com", "us-east-1"),
    GlobalEndpoint::new("aws-cn", "organizations.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"),
    GlobalEndpoint::new("aws-us-gov", "organizations.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    GlobalEndpoint::new("aws-iso", "organizations.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
    GlobalEndpoint::new("aws-iso-b", "organizations.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
    GlobalEndpoint::new("aws-iso-e", "organizations.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"),
    GlobalEndpoint::new("aws-iso-f", "organizations.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"),
    GlobalEndpoint::new("aws-eusc", "organizations.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
];

/// [DescribeOrganization](https://docs.aws.amazon.com/goto/WebAPI/organizations-2016-11-28/DescribeOrganization).
pub static DESCRIBE_ORGANIZATION: Operation =
    Operation::new(&SERVICE, "DescribeOrganization", "organizations:DescribeOrganization");

/// [ListAccounts](https://docs.aws.amazon.com/goto/WebAPI/organizations-2016-11-28/ListAccounts).
pub static LIST_ACCOUNTS: Operation = Operation::new(&SERVICE, "ListAccounts", "organizations:ListAccounts")
    .pages(Pages::new("NextToken", "NextToken", &["Accounts"]))
    .hints(Hints { times: &["JoinedTimestamp"], ..Hints::NONE });

/// [ListDelegatedAdministrators](https://docs.aws.amazon.com/goto/WebAPI/organizations-2016-11-28/ListDelegatedAdministrators).
pub static LIST_DELEGATED_ADMINISTRATORS: Operation =
    Operation::new(&SERVICE, "ListDelegatedAdministrators", "organizations:ListDelegatedAdministrators")
        .pages(Pages::new("NextToken", "NextToken", &["DelegatedAdministrators"]))
        .hints(Hints { times: &["DelegationEnabledDate", "JoinedTimestamp"], ..Hints::NONE });
