//! Security Hub. <https://docs.aws.amazon.com/securityhub/1.0/APIReference/>

use crate::api::{Answer, Http, Operation, Pages, Protocol, Service};

/// Security Hub.
pub static SERVICE: Service = Service::new("securityhub", "SecurityHub", Protocol::RestJson);

/// Whether the service is on in a Region.
pub static DESCRIBE_HUB: Operation = Operation::new(&SERVICE, "DescribeHub", "securityhub:DescribeHub")
    .http(Http::new("GET", "/accounts").query(&[("HubArn", "HubArn")]));

/// The account that sees this one's findings.
pub static GET_ADMINISTRATOR_ACCOUNT: Operation =
    Operation::new(&SERVICE, "GetAdministratorAccount", "securityhub:GetAdministratorAccount")
        .http(Http::new("GET", "/administrator"));

/// The Region that findings of the others are gathered in.
pub static LIST_FINDING_AGGREGATORS: Operation =
    Operation::new(&SERVICE, "ListFindingAggregators", "securityhub:ListFindingAggregators")
        .http(
            Http::new("GET", "/findingAggregator/list")
                .query(&[("NextToken", "NextToken"), ("MaxResults", "MaxResults")]),
        )
        .pages(Pages::new("NextToken", "NextToken", &["FindingAggregators"]));

/// The account that the organisation has delegated the service to.
pub static LIST_ORGANIZATION_ADMIN_ACCOUNTS: Operation =
    Operation::new(&SERVICE, "ListOrganizationAdminAccounts", "securityhub:ListOrganizationAdminAccounts")
        .http(Http::new("GET", "/organization/admin").query(&[
            ("MaxResults", "MaxResults"),
            ("NextToken", "NextToken"),
            ("Feature", "Feature"),
        ]))
        .pages(Pages::new("NextToken", "NextToken", &["AdminAccounts"]));

/// [EnableSecurityHub](https://docs.aws.amazon.com/goto/WebAPI/securityhub-2018-10-26/EnableSecurityHub).
pub static ENABLE_SECURITY_HUB: Operation =
    Operation::new(&SERVICE, "EnableSecurityHub", "securityhub:EnableSecurityHub")
        .http(Http::new("POST", "/accounts").answer(Answer::Nothing));

/// [DisableSecurityHub](https://docs.aws.amazon.com/goto/WebAPI/securityhub-2018-10-26/DisableSecurityHub).
pub static DISABLE_SECURITY_HUB: Operation =
    Operation::new(&SERVICE, "DisableSecurityHub", "securityhub:DisableSecurityHub")
        .http(Http::new("DELETE", "/accounts").answer(Answer::Nothing));

/// [BatchImportFindings](https://docs.aws.amazon.com/goto/WebAPI/securityhub-2018-10-26/BatchImportFindings).
pub static BATCH_IMPORT_FINDINGS: Operation =
    Operation::new(&SERVICE, "BatchImportFindings", "securityhub:BatchImportFindings")
        .http(Http::new("POST", "/findings/import"));

/// [GetFindings](https://docs.aws.amazon.com/goto/WebAPI/securityhub-2018-10-26/GetFindings).
pub static GET_FINDINGS: Operation = Operation::new(&SERVICE, "GetFindings", "securityhub:GetFindings")
    .http(Http::new("POST", "/findings"))
    .pages(Pages::new("NextToken", "NextToken", &["Findings"]));
