//! SQS, SNS, EventBridge, Step Functions, Kinesis.

use super::{Call, Sort, Suite, service};

pub(super) const SUITES: &[Suite] = &[
    Suite { service: service("sqs", "1.11"), calls: SQS },
    Suite { service: service("sns", "1.10"), calls: SNS },
    Suite { service: service("events", "1.10"), calls: EVENTS },
    Suite { service: service("states", "1.08"), calls: STATES },
    Suite { service: service("kinesis", "1.09"), calls: KINESIS },
];

const QUEUE: &str =
    r#"{"accountId":"<account>","type":"AWS::SQS::Queue","ARN":"arn:aws:sqs:<region>:<account>:<queue>"}"#;

const SQS: &[Call] = &[
    Call::read("GetQueueAttributes", r#"{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>","attributeNames":["ApproximateNumberOfMessages","ApproximateNumberOfMessagesNotVisible"]}"#),
    Call::read("ListQueues", r#"{"queueNamePrefix":"<alias>-","maxResults":1000}"#),
    Call::new(Sort::DataRead, "ReceiveMessage", r#"{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>","maxNumberOfMessages":10,"waitTimeSeconds":20,"visibilityTimeout":<any 30|60|120>}"#)
        .resources(QUEUE),
    Call::new(Sort::DataWrite, "SendMessage", r#"{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>","messageBody":"HIDDEN_DUE_TO_SECURITY_REASONS","messageAttributes":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#)
        .answer(r#"{"mD5OfMessageBody":"<hex 32>","messageId":"<uuid>"}"#)
        .resources(QUEUE),
];

const SNS: &[Call] = &[
    Call::read("ListTopics", "null"),
    Call::read("GetTopicAttributes", r#"{"topicArn":"arn:aws:sns:<region>:<account>:<topic>"}"#),
    Call::read("ListSubscriptionsByTopic", r#"{"topicArn":"arn:aws:sns:<region>:<account>:<topic>"}"#),
    Call::write(
        "Subscribe",
        r#"{"topicArn":"arn:aws:sns:<region>:<account>:<topic>","protocol":"sqs","endpoint":"arn:aws:sqs:<region>:<account>:<queue>","returnSubscriptionArn":true}"#,
        r#"{"subscriptionArn":"arn:aws:sns:<region>:<account>:<topic>:<uuid>"}"#,
    ),
];

const EVENTS: &[Call] = &[
    Call::read("ListRules", r#"{"eventBusName":"default","limit":100,"namePrefix":"<alias>-"}"#),
    Call::read("DescribeRule", r#"{"name":"<rule>","eventBusName":"default"}"#),
    Call::read("ListTargetsByRule", r#"{"rule":"<rule>","eventBusName":"default"}"#),
    Call::write(
        "PutRule",
        r#"{"name":"<rule>","scheduleExpression":"<any rate(5 minutes)|cron(0 2 * * ? *)|cron(30 1 * * ? *)>","state":"ENABLED","eventBusName":"default"}"#,
        r#"{"ruleArn":"arn:aws:events:<region>:<account>:rule/<rule>"}"#,
    ),
];

const STATES: &[Call] = &[
    Call::write(
        "StartExecution",
        r#"{"stateMachineArn":"arn:aws:states:<region>:<account>:stateMachine:<sfn>","name":"<sameuuid>","input":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#,
        r#"{"startDate":"<american>","executionArn":"arn:aws:states:<region>:<account>:execution:<sfn>:<sameuuid>"}"#,
    ),
    Call::read(
        "DescribeExecution",
        r#"{"executionArn":"arn:aws:states:<region>:<account>:execution:<sfn>:<uuid>"}"#,
    ),
];

const KINESIS: &[Call] = &[
    Call::read("DescribeStreamSummary", r#"{"streamName":"<stream>"}"#),
    Call::read("GetShardIterator", r#"{"streamARN":"arn:aws:kinesis:<region>:<account>:stream/<stream>","shardId":"shardId-00000000000<int 0 7>","shardIteratorType":"<any LATEST|AFTER_SEQUENCE_NUMBER>","startingSequenceNumber":"4966<int 100000000 999999999><int 100000000 999999999>"}"#)
        .fails(10, "ThrottlingException", "Rate exceeded for stream <stream> under account <account>."),
];
