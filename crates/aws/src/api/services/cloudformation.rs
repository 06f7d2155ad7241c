//! AWS CloudFormation.

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// AWS CloudFormation.
pub static SERVICE: Service =
    Service::new("cloudformation", "CloudFormation", Protocol::Query { version: "2010-05-15" });

/// [CreateStack](https://docs.aws.amazon.com/goto/WebAPI/cloudformation-2010-05-15/CreateStack).
pub static CREATE_STACK: Operation = Operation::new(&SERVICE, "CreateStack", "cloudformation:CreateStack");

/// [DescribeStacks](https://docs.aws.amazon.com/goto/WebAPI/cloudformation-2010-05-15/DescribeStacks).
pub static DESCRIBE_STACKS: Operation =
    Operation::new(&SERVICE, "DescribeStacks", "cloudformation:DescribeStacks")
        .pages(Pages::new("NextToken", "NextToken", &["Stacks"]))
        .hints(Hints {
            lists: &[
                "Capabilities",
                "LastOperations",
                "NotificationARNs",
                "Outputs",
                "Parameters",
                "RollbackTriggers",
                "Stacks",
                "Tags",
            ],
            numbers: &["MonitoringTimeInMinutes", "TimeoutInMinutes"],
            ..Hints::NONE
        });

/// [DescribeStackEvents](https://docs.aws.amazon.com/goto/WebAPI/cloudformation-2010-05-15/DescribeStackEvents).
pub static DESCRIBE_STACK_EVENTS: Operation =
    Operation::new(&SERVICE, "DescribeStackEvents", "cloudformation:DescribeStackEvents")
        .pages(Pages::new("NextToken", "NextToken", &["StackEvents"]))
        .hints(Hints { lists: &["StackEvents"], ..Hints::NONE });

/// [DescribeStackResources](https://docs.aws.amazon.com/goto/WebAPI/cloudformation-2010-05-15/DescribeStackResources).
pub static DESCRIBE_STACK_RESOURCES: Operation =
    Operation::new(&SERVICE, "DescribeStackResources", "cloudformation:DescribeStackResources")
        .hints(Hints { lists: &["StackResources"], ..Hints::NONE });
