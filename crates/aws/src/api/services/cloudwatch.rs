//! CloudWatch.

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// CloudWatch.
pub static SERVICE: Service =
    Service::new("cloudwatch", "CloudWatch", Protocol::Query { version: "2010-08-01" })
        .signing("monitoring")
        .prefix("monitoring");

/// [DescribeAlarms](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/DescribeAlarms).
pub static DESCRIBE_ALARMS: Operation =
    Operation::new(&SERVICE, "DescribeAlarms", "cloudwatch:DescribeAlarms")
        .pages(Pages::new("NextToken", "NextToken", &["MetricAlarms", "CompositeAlarms", "LogAlarms"]))
        .hints(Hints {
            lists: &[
                "AlarmActions",
                "CompositeAlarms",
                "Dimensions",
                "ExcludedTagKeys",
                "IncludedTagKeys",
                "InsufficientDataActions",
                "LogAlarms",
                "LogGroupIdentifiers",
                "MetricAlarms",
                "Metrics",
                "OKActions",
                "Tags",
            ],
            numbers: &[
                "ActionLogLineCount",
                "ActionsSuppressorExtensionPeriod",
                "ActionsSuppressorWaitPeriod",
                "DatapointsToAlarm",
                "EndTimeOffset",
                "EvaluationInterval",
                "EvaluationPeriods",
                "PendingPeriod",
                "Period",
                "QueryResultsToAlarm",
                "QueryResultsToEvaluate",
                "RecoveryPeriod",
                "StartTimeOffset",
                "Threshold",
                "WarmUpPeriodDurationInMinutes",
            ],
            ..Hints::NONE
        });

/// [GetMetricStatistics](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/GetMetricStatistics).
pub static GET_METRIC_STATISTICS: Operation =
    Operation::new(&SERVICE, "GetMetricStatistics", "cloudwatch:GetMetricStatistics").hints(Hints {
        lists: &["Datapoints"],
        numbers: &["Average", "Maximum", "Minimum", "SampleCount", "Sum"],
        ..Hints::NONE
    });

/// [GetMetricData](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/GetMetricData). The datapoints
/// of one query may be spread over pages: all pages together have its `Id` more than once, and the last of
/// these has the status that holds.
pub static GET_METRIC_DATA: Operation = Operation::new(&SERVICE, "GetMetricData", "cloudwatch:GetMetricData")
    .pages(Pages::new("NextToken", "NextToken", &["MetricDataResults", "Messages"]))
    .hints(Hints {
        lists: &["MetricDataResults", "Messages", "Timestamps", "Values"],
        numbers: &["Values/member"],
        ..Hints::NONE
    });

/// [PutMetricData](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/PutMetricData).
pub static PUT_METRIC_DATA: Operation = Operation::new(&SERVICE, "PutMetricData", "cloudwatch:PutMetricData");

/// [PutMetricAlarm](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/PutMetricAlarm).
pub static PUT_METRIC_ALARM: Operation =
    Operation::new(&SERVICE, "PutMetricAlarm", "cloudwatch:PutMetricAlarm");

/// [DeleteAlarms](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/DeleteAlarms).
pub static DELETE_ALARMS: Operation = Operation::new(&SERVICE, "DeleteAlarms", "cloudwatch:DeleteAlarms");

/// [EnableAlarmActions](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/EnableAlarmActions).
pub static ENABLE_ALARM_ACTIONS: Operation =
    Operation::new(&SERVICE, "EnableAlarmActions", "cloudwatch:EnableAlarmActions");

/// [DisableAlarmActions](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/DisableAlarmActions).
pub static DISABLE_ALARM_ACTIONS: Operation =
    Operation::new(&SERVICE, "DisableAlarmActions", "cloudwatch:DisableAlarmActions");

/// [SetAlarmState](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/SetAlarmState).
pub static SET_ALARM_STATE: Operation = Operation::new(&SERVICE, "SetAlarmState", "cloudwatch:SetAlarmState");
