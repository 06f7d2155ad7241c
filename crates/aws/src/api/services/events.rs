//! Amazon EventBridge.

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// Amazon EventBridge.
pub static SERVICE: Service =
    Service::new("events", "EventBridge", Protocol::Json { target_prefix: "AWSEvents", version: "1.1" });

/// [ListEventBuses](https://docs.aws.amazon.com/goto/WebAPI/eventbridge-2015-10-07/ListEventBuses).
pub static LIST_EVENT_BUSES: Operation = Operation::new(&SERVICE, "ListEventBuses", "events:ListEventBuses")
    .pages(Pages::new("NextToken", "NextToken", &["EventBuses"]))
    .hints(Hints { times: &["CreationTime", "LastModifiedTime"], ..Hints::NONE });

/// [ListRules](https://docs.aws.amazon.com/goto/WebAPI/eventbridge-2015-10-07/ListRules).
pub static LIST_RULES: Operation = Operation::new(&SERVICE, "ListRules", "events:ListRules")
    .pages(Pages::new("NextToken", "NextToken", &["Rules"]));

/// [ListTargetsByRule](https://docs.aws.amazon.com/goto/WebAPI/eventbridge-2015-10-07/ListTargetsByRule).
pub static LIST_TARGETS_BY_RULE: Operation = Operation::new(
    &SERVICE,
    "ListTargetsByRule",
    "events:ListTargetsByRule",
)
.pages(Pages::new("NextToken", "NextToken", &["Targets"]));

/// [PutRule](https://docs.aws.amazon.com/goto/WebAPI/eventbridge-2015-10-07/PutRule).
pub static PUT_RULE: Operation = Operation::new(&SERVICE, "PutRule", "events:PutRule");

/// [PutTargets](https://docs.aws.amazon.com/goto/WebAPI/eventbridge-2015-10-07/PutTargets).
pub static PUT_TARGETS: Operation = Operation::new(&SERVICE, "PutTargets", "events:PutTargets");

/// [RemoveTargets](https://docs.aws.amazon.com/goto/WebAPI/eventbridge-2015-10-07/RemoveTargets).
pub static REMOVE_TARGETS: Operation = Operation::new(&SERVICE, "RemoveTargets", "events:RemoveTargets");

/// [DeleteRule](https://docs.aws.amazon.com/goto/WebAPI/eventbridge-2015-10-07/DeleteRule).
pub static DELETE_RULE: Operation = Operation::new(&SERVICE, "DeleteRule", "events:DeleteRule");

/// [EnableRule](https://docs.aws.amazon.com/goto/WebAPI/eventbridge-2015-10-07/EnableRule).
pub static ENABLE_RULE: Operation = Operation::new(&SERVICE, "EnableRule", "events:EnableRule");

/// [DisableRule](https://docs.aws.amazon.com/goto/WebAPI/eventbridge-2015-10-07/DisableRule).
pub static DISABLE_RULE: Operation = Operation::new(&SERVICE, "DisableRule", "events:DisableRule");
