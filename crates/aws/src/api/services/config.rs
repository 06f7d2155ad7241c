//! AWS Config. <https://docs.aws.amazon.com/config/latest/APIReference/>

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// AWS Config.
pub static SERVICE: Service = Service::new(
    "config",
    "Config Service",
    Protocol::Json { target_prefix: "StarlingDoveService", version: "1.1" },
);

/// What is recorded in a Region.
pub static DESCRIBE_CONFIGURATION_RECORDERS: Operation =
    Operation::new(&SERVICE, "DescribeConfigurationRecorders", "config:DescribeConfigurationRecorders");

/// Whether the recorder is on, and how it does.
pub static DESCRIBE_CONFIGURATION_RECORDER_STATUS: Operation = Operation::new(
    &SERVICE,
    "DescribeConfigurationRecorderStatus",
    "config:DescribeConfigurationRecorderStatus",
)
.hints(Hints { times: &["lastStartTime", "lastStatusChangeTime", "lastStopTime"], ..Hints::NONE });

/// Where configuration history is delivered.
pub static DESCRIBE_DELIVERY_CHANNELS: Operation =
    Operation::new(&SERVICE, "DescribeDeliveryChannels", "config:DescribeDeliveryChannels");

/// Whether deliveries arrive, and when one last did.
pub static DESCRIBE_DELIVERY_CHANNEL_STATUS: Operation =
    Operation::new(&SERVICE, "DescribeDeliveryChannelStatus", "config:DescribeDeliveryChannelStatus").hints(
        Hints {
            times: &["lastAttemptTime", "lastStatusChangeTime", "lastSuccessfulTime", "nextDeliveryTime"],
            ..Hints::NONE
        },
    );

/// Aggregators of a Region, over accounts and Regions.
pub static DESCRIBE_CONFIGURATION_AGGREGATORS: Operation =
    Operation::new(&SERVICE, "DescribeConfigurationAggregators", "config:DescribeConfigurationAggregators")
        .pages(Pages::new("NextToken", "NextToken", &["ConfigurationAggregators"]))
        .hints(Hints { times: &["CreationTime", "LastUpdatedTime"], ..Hints::NONE });

/// [PutConfigurationRecorder](https://docs.aws.amazon.com/goto/WebAPI/config-2014-11-12/PutConfigurationRecorder).
pub static PUT_CONFIGURATION_RECORDER: Operation =
    Operation::new(&SERVICE, "PutConfigurationRecorder", "config:PutConfigurationRecorder");

/// [DeleteConfigurationRecorder](https://docs.aws.amazon.com/goto/WebAPI/config-2014-11-12/DeleteConfigurationRecorder).
pub static DELETE_CONFIGURATION_RECORDER: Operation =
    Operation::new(&SERVICE, "DeleteConfigurationRecorder", "config:DeleteConfigurationRecorder");

/// [StartConfigurationRecorder](https://docs.aws.amazon.com/goto/WebAPI/config-2014-11-12/StartConfigurationRecorder).
pub static START_CONFIGURATION_RECORDER: Operation =
    Operation::new(&SERVICE, "StartConfigurationRecorder", "config:StartConfigurationRecorder");

/// [StopConfigurationRecorder](https://docs.aws.amazon.com/goto/WebAPI/config-2014-11-12/StopConfigurationRecorder).
pub static STOP_CONFIGURATION_RECORDER: Operation =
    Operation::new(&SERVICE, "StopConfigurationRecorder", "config:StopConfigurationRecorder");

/// [PutDeliveryChannel](https://docs.aws.amazon.com/goto/WebAPI/config-2014-11-12/PutDeliveryChannel).
pub static PUT_DELIVERY_CHANNEL: Operation =
    Operation::new(&SERVICE, "PutDeliveryChannel", "config:PutDeliveryChannel");

/// [DeleteDeliveryChannel](https://docs.aws.amazon.com/goto/WebAPI/config-2014-11-12/DeleteDeliveryChannel).
pub static DELETE_DELIVERY_CHANNEL: Operation =
    Operation::new(&SERVICE, "DeleteDeliveryChannel", "config:DeleteDeliveryChannel");
