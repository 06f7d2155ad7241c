//! AWS WAF. <https://docs.aws.amazon.com/waf/latest/APIReference/>

use crate::api::{Operation, Pages, Protocol, Service};

/// AWS WAF.
pub static SERVICE: Service =
    Service::new("wafv2", "WAFV2", Protocol::Json { target_prefix: "AWSWAF_20190729", version: "1.1" });

/// Web ACLs of a Region, or of CloudFront when the scope says so.
pub static LIST_WEB_ACLS: Operation = Operation::new(&SERVICE, "ListWebACLs", "wafv2:ListWebACLs")
    .pages(Pages::new("NextMarker", "NextMarker", &["WebACLs"]));

/// Where a web ACL logs to, what it redacts and what it drops.
pub static GET_LOGGING_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "GetLoggingConfiguration", "wafv2:GetLoggingConfiguration");

/// [PutLoggingConfiguration](https://docs.aws.amazon.com/goto/WebAPI/wafv2-2019-07-29/PutLoggingConfiguration).
pub static PUT_LOGGING_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "PutLoggingConfiguration", "wafv2:PutLoggingConfiguration");

/// [DeleteLoggingConfiguration](https://docs.aws.amazon.com/goto/WebAPI/wafv2-2019-07-29/DeleteLoggingConfiguration).
pub static DELETE_LOGGING_CONFIGURATION: Operation =
    Operation::new(&SERVICE, "DeleteLoggingConfiguration", "wafv2:DeleteLoggingConfiguration");
