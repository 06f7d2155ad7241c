//! GuardDuty. <https://docs.aws.amazon.com/guardduty/latest/APIReference/>

use crate::api::{Hints, Http, Operation, Pages, Protocol, Service};

/// GuardDuty.
pub static SERVICE: Service = Service::new("guardduty", "GuardDuty", Protocol::RestJson).lower_camel();

/// Detectors of a Region: one where the service was ever on.
pub static LIST_DETECTORS: Operation = Operation::new(&SERVICE, "ListDetectors", "guardduty:ListDetectors")
    .http(Http::new("GET", "/detector").query(&[("MaxResults", "maxResults"), ("NextToken", "nextToken")]))
    .pages(Pages::new("NextToken", "NextToken", &["DetectorIds"]));

/// Whether a detector is on, and what it looks at.
pub static GET_DETECTOR: Operation = Operation::new(&SERVICE, "GetDetector", "guardduty:GetDetector")
    .http(Http::new("GET", "/detector/{DetectorId}"))
    .hints(Hints {
        maps: &["tags"],
        times: &["updatedAt"],
        renames: &[("dnsLogs", "DNSLogs")],
        ..Hints::NONE
    });

/// The account that the organisation has delegated the service to.
pub static LIST_ORGANIZATION_ADMIN_ACCOUNTS: Operation =
    Operation::new(&SERVICE, "ListOrganizationAdminAccounts", "guardduty:ListOrganizationAdminAccounts")
        .http(Http::new("GET", "/admin").query(&[("MaxResults", "maxResults"), ("NextToken", "nextToken")]))
        .pages(Pages::new("NextToken", "NextToken", &["AdminAccounts"]));
