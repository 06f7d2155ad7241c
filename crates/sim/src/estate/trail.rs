//! CloudTrail: the organisation's trail, and production's own for data events.

use serde_json::{Value, json};

use super::book::Book;
use super::{Place, attacked, key};
use crate::org::{EU_WEST_1, PRODUCTION, SECURITY, US_EAST_1};

/// The bucket of the organisation's trail.
pub(super) const BUCKET: &str = "meridian-org-trail-logs";
/// The log group that the organisation's trail delivers to.
pub(super) const LOG_GROUP: &str = "aws-cloudtrail-logs-org";

const HOME: Place = Place { account: SECURITY, region: US_EAST_1 };

/// The organisation's trail.
pub(super) fn arn() -> String {
    HOME.arn("cloudtrail", "trail/org-trail")
}

/// Every trail of the organisation.
pub(super) fn all() -> [String; 2] {
    [arn(), own_arn(Place { account: PRODUCTION, region: EU_WEST_1 })]
}

/// Production's own trail.
fn own_arn(place: Place) -> String {
    place.arn("cloudtrail", "trail/prod-data-events")
}

pub(super) fn fill(book: &mut Book, place: Place) {
    let mut trails = vec![organization()];
    if place.region == US_EAST_1 {
        status(book, place, &arn(), true);
        book.put_for(place, "cloudtrail:GetEventSelectors", &arn(), json!({"TrailARN": arn(), "AdvancedEventSelectors": [
            {"Name": "Management events", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
            {"Name": "Objects of the log buckets", "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            ]},
        ]}));
        book.put_for(
            place,
            "cloudtrail:GetInsightSelectors",
            &arn(),
            json!({"TrailARN": arn(), "InsightSelectors": [
                {"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"},
            ]}),
        );
    }
    if attacked(place) {
        trails.push(own(place));
        status(book, place, &own_arn(place), false);
        book.put_for(place, "cloudtrail:GetEventSelectors", &own_arn(place), json!({"TrailARN": own_arn(place), "EventSelectors": [{
            "ReadWriteType": "All", "IncludeManagementEvents": true, "ExcludeManagementEventSources": [],
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}, {"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}],
        }]}));
        book.put_for(
            place,
            "cloudtrail:GetInsightSelectors",
            &own_arn(place),
            json!({"TrailARN": own_arn(place), "InsightSelectors": [
                {"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"},
            ]}),
        );
    }
    book.put(place, "cloudtrail:DescribeTrails", json!({"trailList": trails}));
    book.put(place, "cloudtrail:ListEventDataStores", json!({"EventDataStores": []}));
}

fn organization() -> Value {
    json!({
        "Name": "org-trail", "TrailARN": arn(), "HomeRegion": HOME.name(), "S3BucketName": BUCKET,
        "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true, "IsOrganizationTrail": true,
        "LogFileValidationEnabled": true, "KmsKeyId": key(HOME),
        "CloudWatchLogsLogGroupArn": HOME.arn("logs", &format!("log-group:{LOG_GROUP}:*")),
        "CloudWatchLogsRoleArn": HOME.global_arn("iam", "role/org-trail-to-logs"),
        "HasCustomEventSelectors": true, "HasInsightSelectors": true,
    })
}

fn own(place: Place) -> Value {
    json!({
        "Name": "prod-data-events", "TrailARN": own_arn(place), "HomeRegion": place.name(), "S3BucketName": BUCKET,
        "S3KeyPrefix": "prod", "IncludeGlobalServiceEvents": false, "IsMultiRegionTrail": false, "IsOrganizationTrail": false,
        "LogFileValidationEnabled": false, "KmsKeyId": key(HOME),
        "HasCustomEventSelectors": true, "HasInsightSelectors": true,
    })
}

fn status(book: &mut Book, place: Place, trail: &str, whole: bool) {
    let mut status = json!({
        "IsLogging": true,
        "StartLoggingTime": book.ago(500_000),
        "LatestDeliveryTime": book.ago(4),
    });
    if whole {
        status["LatestDigestDeliveryTime"] = book.ago(31).into();
        status["LatestCloudWatchLogsDeliveryTime"] = book.ago(2).into();
    }
    book.put_for(place, "cloudtrail:GetTrailStatus", trail, status);
}

/// Whose key the trail's is.
pub(super) fn is_home(place: Place) -> bool {
    place.is(SECURITY, US_EAST_1)
}

/// The account that the story is about.
pub(super) fn is_production(place: Place) -> bool {
    place.account == PRODUCTION
}
