//! CloudTrail.

use crate::api::{Hints, Operation, Pages, Protocol, Service};

/// CloudTrail.
pub static SERVICE: Service = Service::new(
    "cloudtrail",
    "CloudTrail",
    Protocol::Json {
        target_prefix: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
        version: "1.1",
    },
);

/// [DescribeTrails](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/DescribeTrails).
pub static DESCRIBE_TRAILS: Operation =
    Operation::new(&SERVICE, "DescribeTrails", "cloudtrail:DescribeTrails");

/// [GetTrailStatus](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/GetTrailStatus).
pub static GET_TRAIL_STATUS: Operation =
    Operation::new(&SERVICE, "GetTrailStatus", "cloudtrail:GetTrailStatus").hints(Hints {
        times: &[
            "LatestCloudWatchLogsDeliveryTime",
            "LatestDeliveryTime",
            "LatestDigestDeliveryTime",
            "LatestNotificationTime",
            "StartLoggingTime",
            "StopLoggingTime",
        ],
        ..Hints::NONE
    });

/// [GetEventSelectors](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/GetEventSelectors).
pub static GET_EVENT_SELECTORS: Operation =
    Operation::new(&SERVICE, "GetEventSelectors", "cloudtrail:GetEventSelectors");

/// [GetInsightSelectors](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/GetInsightSelectors).
pub static GET_INSIGHT_SELECTORS: Operation =
    Operation::new(&SERVICE, "GetInsightSelectors", "cloudtrail:GetInsightSelectors");

/// [ListEventDataStores](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/ListEventDataStores).
pub static LIST_EVENT_DATA_STORES: Operation =
    Operation::new(&SERVICE, "ListEventDataStores", "cloudtrail:ListEventDataStores")
        .pages(Pages::new("NextToken", "NextToken", &["EventDataStores"]))
        .hints(Hints { times: &["CreatedTimestamp", "UpdatedTimestamp"], ..Hints::NONE });

/// [GetEventDataStore](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/GetEventDataStore).
pub static GET_EVENT_DATA_STORE: Operation =
    Operation::new(&SERVICE, "GetEventDataStore", "cloudtrail:GetEventDataStore")
        .hints(Hints { times: &["CreatedTimestamp", "UpdatedTimestamp"], ..Hints::NONE });

/// [ListTags](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/ListTags).
pub static LIST_TAGS: Operation = Operation::new(&SERVICE, "ListTags", "cloudtrail:ListTags")
    .pages(Pages::new("NextToken", "NextToken", &["ResourceTagList"]));

/// [CreateTrail](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/CreateTrail).
pub static CREATE_TRAIL: Operation = Operation::new(&SERVICE, "CreateTrail", "cloudtrail:CreateTrail");

/// [UpdateTrail](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/UpdateTrail).
pub static UPDATE_TRAIL: Operation = Operation::new(&SERVICE, "UpdateTrail", "cloudtrail:UpdateTrail");

/// [StartLogging](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/StartLogging).
pub static START_LOGGING: Operation = Operation::new(&SERVICE, "StartLogging", "cloudtrail:StartLogging");

/// [StopLogging](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/StopLogging).
pub static STOP_LOGGING: Operation = Operation::new(&SERVICE, "StopLogging", "cloudtrail:StopLogging");

/// [PutEventSelectors](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/PutEventSelectors).
pub static PUT_EVENT_SELECTORS: Operation =
    Operation::new(&SERVICE, "PutEventSelectors", "cloudtrail:PutEventSelectors");

/// [PutInsightSelectors](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/PutInsightSelectors).
pub static PUT_INSIGHT_SELECTORS: Operation =
    Operation::new(&SERVICE, "PutInsightSelectors", "cloudtrail:PutInsightSelectors");

/// [AddTags](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/AddTags).
pub static ADD_TAGS: Operation = Operation::new(&SERVICE, "AddTags", "cloudtrail:AddTags");

/// [DeleteTrail](https://docs.aws.amazon.com/goto/WebAPI/cloudtrail-2013-11-01/DeleteTrail).
pub static DELETE_TRAIL: Operation = Operation::new(&SERVICE, "DeleteTrail", "cloudtrail:DeleteTrail");
