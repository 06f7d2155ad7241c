//! Alarms, metric and composite.

use trailkeep_aws::api::services::cloudwatch;

use crate::collect::ask::{Ask, Take};

pub(super) static ASKS: &[Ask] = &[
    // Composite alarms are left out unless they are named.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    Ask::regional(&cloudwatch::DESCRIBE_ALARMS)
        .input(&[("AlarmTypes", Take::Texts(&["MetricAlarm", "CompositeAlarm"]))]),
];
