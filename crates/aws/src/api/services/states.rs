//! Step Functions. <https://docs.aws.amazon.com/step-functions/latest/apireference/>

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// Step Functions.
pub static SERVICE: Service =
    Service::new("states", "SFN", Protocol::Json { target_prefix: "AWSStepFunctions", version: "1.0" });

/// State machines of a Region.
pub static LIST_STATE_MACHINES: Operation =
    Operation::new(&SERVICE, "ListStateMachines", "states:ListStateMachines")
        .pages(Pages::new("nextToken", "nextToken", &["stateMachines"]))
        .hints(Hints { times: &["creationDate"], ..Hints::NONE });

/// How a state machine is set up, its logging among it.
pub static DESCRIBE_STATE_MACHINE: Operation =
    Operation::new(&SERVICE, "DescribeStateMachine", "states:DescribeStateMachine")
        .hints(Hints { times: &["creationDate"], ..Hints::NONE });

/// [UpdateStateMachine](https://docs.aws.amazon.com/goto/WebAPI/states-2016-11-23/UpdateStateMachine).
pub static UPDATE_STATE_MACHINE: Operation =
    Operation::new(&SERVICE, "UpdateStateMachine", "states:UpdateStateMachine")
        .hints(Hints { times: &["updateDate"], ..Hints::NONE });
