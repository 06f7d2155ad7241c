//! Kinesis Data Streams. <https://docs.aws.amazon.com/kinesis/latest/APIReference/>

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// Kinesis Data Streams.
pub static SERVICE: Service =
    Service::new("kinesis", "Kinesis", Protocol::Json { target_prefix: "Kinesis_20131202", version: "1.1" });

/// Streams of a Region.
pub static LIST_STREAMS: Operation = Operation::new(&SERVICE, "ListStreams", "kinesis:ListStreams")
    .pages(Pages::new("NextToken", "NextToken", &["StreamNames", "StreamSummaries"]).more("HasMoreStreams"))
    .hints(Hints { times: &["StreamCreationTimestamp"], ..Hints::NONE });
