//! GuardDuty. <https://docs.aws.amazon.com/guardduty/latest/APIReference/>

use crate::api::{Answer, Hints, Http, Operation, Pages, Protocol, Service};

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

/// [CreateDetector](https://docs.aws.amazon.com/goto/WebAPI/guardduty-2017-11-28/CreateDetector).
pub static CREATE_DETECTOR: Operation =
    Operation::new(&SERVICE, "CreateDetector", "guardduty:CreateDetector")
        .http(Http::new("POST", "/detector"))
        .hints(Hints { maps: &["tags"], ..Hints::NONE });

/// [UpdateDetector](https://docs.aws.amazon.com/goto/WebAPI/guardduty-2017-11-28/UpdateDetector).
pub static UPDATE_DETECTOR: Operation =
    Operation::new(&SERVICE, "UpdateDetector", "guardduty:UpdateDetector")
        .http(Http::new("POST", "/detector/{DetectorId}").answer(Answer::Nothing));

/// [DeleteDetector](https://docs.aws.amazon.com/goto/WebAPI/guardduty-2017-11-28/DeleteDetector).
pub static DELETE_DETECTOR: Operation =
    Operation::new(&SERVICE, "DeleteDetector", "guardduty:DeleteDetector")
        .http(Http::new("DELETE", "/detector/{DetectorId}").answer(Answer::Nothing));
