//! AWS Systems Manager.

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// AWS Systems Manager.
pub static SERVICE: Service =
    Service::new("ssm", "SSM", Protocol::Json { target_prefix: "AmazonSSM", version: "1.1" });

/// [CreateOpsItem](https://docs.aws.amazon.com/goto/WebAPI/ssm-2014-11-06/CreateOpsItem).
pub static CREATE_OPS_ITEM: Operation = Operation::new(&SERVICE, "CreateOpsItem", "ssm:CreateOpsItem");

/// [UpdateOpsItem](https://docs.aws.amazon.com/goto/WebAPI/ssm-2014-11-06/UpdateOpsItem).
pub static UPDATE_OPS_ITEM: Operation = Operation::new(&SERVICE, "UpdateOpsItem", "ssm:UpdateOpsItem");

/// [DescribeOpsItems](https://docs.aws.amazon.com/goto/WebAPI/ssm-2014-11-06/DescribeOpsItems).
pub static DESCRIBE_OPS_ITEMS: Operation =
    Operation::new(&SERVICE, "DescribeOpsItems", "ssm:DescribeOpsItems")
        .pages(Pages::new("NextToken", "NextToken", &["OpsItemSummaries"]))
        .hints(Hints {
            times: &[
                "ActualEndTime",
                "ActualStartTime",
                "CreatedTime",
                "LastModifiedTime",
                "PlannedEndTime",
                "PlannedStartTime",
            ],
            ..Hints::NONE
        });
