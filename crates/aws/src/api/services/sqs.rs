//! Amazon SQS.

use crate::api::{Operation, Protocol, Service};

/// Amazon SQS.
pub static SERVICE: Service =
    Service::new("sqs", "SQS", Protocol::Json { target_prefix: "AmazonSQS", version: "1.0" });

/// [GetQueueAttributes](https://docs.aws.amazon.com/goto/WebAPI/sqs-2012-11-05/GetQueueAttributes).
pub static GET_QUEUE_ATTRIBUTES: Operation =
    Operation::new(&SERVICE, "GetQueueAttributes", "sqs:GetQueueAttributes");

/// [GetQueueUrl](https://docs.aws.amazon.com/goto/WebAPI/sqs-2012-11-05/GetQueueUrl).
pub static GET_QUEUE_URL: Operation = Operation::new(&SERVICE, "GetQueueUrl", "sqs:GetQueueUrl");

/// [CreateQueue](https://docs.aws.amazon.com/goto/WebAPI/sqs-2012-11-05/CreateQueue).
pub static CREATE_QUEUE: Operation = Operation::new(&SERVICE, "CreateQueue", "sqs:CreateQueue");

/// [SetQueueAttributes](https://docs.aws.amazon.com/goto/WebAPI/sqs-2012-11-05/SetQueueAttributes).
pub static SET_QUEUE_ATTRIBUTES: Operation =
    Operation::new(&SERVICE, "SetQueueAttributes", "sqs:SetQueueAttributes");

/// [DeleteQueue](https://docs.aws.amazon.com/goto/WebAPI/sqs-2012-11-05/DeleteQueue).
pub static DELETE_QUEUE: Operation = Operation::new(&SERVICE, "DeleteQueue", "sqs:DeleteQueue");

/// [ReceiveMessage](https://docs.aws.amazon.com/goto/WebAPI/sqs-2012-11-05/ReceiveMessage).
pub static RECEIVE_MESSAGE: Operation = Operation::new(&SERVICE, "ReceiveMessage", "sqs:ReceiveMessage");

/// [DeleteMessageBatch](https://docs.aws.amazon.com/goto/WebAPI/sqs-2012-11-05/DeleteMessageBatch). At most
/// ten; those that could not be deleted are in `Failed`. It needs the permission of `DeleteMessage`.
pub static DELETE_MESSAGE_BATCH: Operation =
    Operation::new(&SERVICE, "DeleteMessageBatch", "sqs:DeleteMessage");

/// [SendMessage](https://docs.aws.amazon.com/goto/WebAPI/sqs-2012-11-05/SendMessage).
pub static SEND_MESSAGE: Operation = Operation::new(&SERVICE, "SendMessage", "sqs:SendMessage");
