//! Data Firehose. <https://docs.aws.amazon.com/firehose/latest/APIReference/>

use crate::api::{Operation, Protocol, Service};

/// Data Firehose.
pub static SERVICE: Service = Service::new(
    "firehose",
    "Firehose",
    Protocol::Json { target_prefix: "Firehose_20150804", version: "1.1" },
);

/// Streams of a Region; as many as the limit says, 10,000 at most.
pub static LIST_DELIVERY_STREAMS: Operation =
    Operation::new(&SERVICE, "ListDeliveryStreams", "firehose:ListDeliveryStreams");
