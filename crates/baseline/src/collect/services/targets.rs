//! What logs, rules, alarms and topics lead to: streams, which need only exist, and queues and functions,
//! only those that are pointed at.

use trailkeep_aws::api::services::{firehose, kinesis, lambda, sqs};

use crate::collect::ask::{Ask, Take};
use crate::collect::referenced;

pub(super) static ASKS: &[Ask] = &[
    Ask::regional(&firehose::LIST_DELIVERY_STREAMS).input(&[("Limit", Take::Number(10_000))]),
    Ask::regional(&kinesis::LIST_STREAMS).input(&[("Limit", Take::Number(1_000))]),
    Ask::regional(&lambda::LIST_FUNCTIONS),
    // No policy, or no function: nobody may call it.
    Ask::referenced(&lambda::GET_POLICY, referenced::functions)
        .input(&[("FunctionName", Take::Resource)])
        .absent(&["ResourceNotFoundException"]),
    Ask::referenced(&sqs::GET_QUEUE_ATTRIBUTES, referenced::queues)
        .input(&[("QueueUrl", Take::Resource), ("AttributeNames", Take::Texts(&["All"]))])
        .absent(&["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"]),
];
