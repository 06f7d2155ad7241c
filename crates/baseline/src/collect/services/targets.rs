//! What rules, alarms and topics lead to: queues and functions, only those that are pointed at.

use trailkeep_aws::api::services::{lambda, sqs};

use crate::collect::ask::{Ask, Take};
use crate::collect::referenced;

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&lambda::LIST_FUNCTIONS),
    // No policy, or no function: nobody may call it.
    Ask::referenced(&lambda::GET_POLICY, referenced::functions)
        .input(&[("FunctionName", Take::Resource)])
        .absent(&["ResourceNotFoundException"]),
    Ask::referenced(&sqs::GET_QUEUE_ATTRIBUTES, referenced::queues)
        .input(&[("QueueUrl", Take::Resource), ("AttributeNames", Take::Texts(&["All"]))])
        .absent(&["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"]),
];
