//! Security Hub, GuardDuty and Config: on everywhere, and led by the log archive, but for one Region.

use serde_json::json;

use super::Place;
use super::book::Book;
use crate::org::{ACCOUNTS, DEVELOPMENT, REGIONS, SECURITY, US_EAST_1};

/// Where GuardDuty was never switched on.
const FORGOTTEN: usize = 3;

pub(super) fn fill(book: &mut Book, place: Place) {
    let master = ACCOUNTS[SECURITY].id;
    book.put(place, "securityhub:DescribeHub", json!({"HubArn": place.arn("securityhub", "hub/default"), "SubscribedAt": "2024-01-09T10:00:00Z", "AutoEnableControls": true, "ControlFindingGenerator": "SECURITY_CONTROL"}));
    let administrator = if place.account == SECURITY {
        json!({})
    } else {
        json!({"Administrator": {"AccountId": master, "MemberStatus": "Enabled"}})
    };
    book.put(place, "securityhub:GetAdministratorAccount", administrator);
    if place.account == SECURITY {
        book.put(
            place,
            "securityhub:ListOrganizationAdminAccounts",
            json!({"AdminAccounts": [{"AccountId": master, "Status": "ENABLED"}]}),
        );
        book.put(
            place,
            "guardduty:ListOrganizationAdminAccounts",
            json!({"AdminAccounts": [{"AdminAccountId": master, "AdminStatus": "ENABLED"}]}),
        );
        let aggregators = if place.region == US_EAST_1 {
            json!([{"FindingAggregatorArn": place.arn("securityhub", "finding-aggregator/main")}])
        } else {
            json!([])
        };
        book.put(place, "securityhub:ListFindingAggregators", json!({"FindingAggregators": aggregators}));
    } else {
        book.put(place, "securityhub:ListFindingAggregators", json!({"FindingAggregators": []}));
    }
    guardduty(book, place);
    config(book, place);
}

fn guardduty(book: &mut Book, place: Place) {
    if place.is(DEVELOPMENT, FORGOTTEN) {
        book.put(place, "guardduty:ListDetectors", json!({"DetectorIds": []}));
        return;
    }
    let id =
        format!("{:032x}", 0x0d37_u32 + u32::from(place.alias().as_bytes()[0]) * 16 + place.region as u32);
    book.put(place, "guardduty:ListDetectors", json!({"DetectorIds": [id]}));
    book.put_for(place, "guardduty:GetDetector", &id, json!({"Status": "ENABLED", "FindingPublishingFrequency": "FIFTEEN_MINUTES", "CreatedAt": "2024-01-09T10:00:00Z"}));
}

fn config(book: &mut Book, place: Place) {
    // The told hole: the role that asks may not see Config here.
    if place.is(DEVELOPMENT, US_EAST_1) {
        book.denied(
            place,
            "config:DescribeConfigurationRecorderStatus",
            "config:DescribeConfigurationRecorderStatus",
        );
    } else {
        book.put(place, "config:DescribeConfigurationRecorderStatus", json!({"ConfigurationRecordersStatus": [{
            "name": "default", "recording": true, "lastStatus": "SUCCESS", "lastStartTime": "2024-01-09T10:00:00Z",
        }]}));
    }
    book.put(place, "config:DescribeConfigurationRecorders", json!({"ConfigurationRecorders": [{
        "name": "default", "arn": place.arn("config", "configuration-recorder/default/a1b2c3"), "roleARN": place.global_arn("iam", "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"),
        "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": place.region == US_EAST_1, "resourceTypes": []},
    }]}));
    book.put(
        place,
        "config:DescribeDeliveryChannels",
        json!({"DeliveryChannels": [{"name": "default", "s3BucketName": "meridian-config-snapshots"}]}),
    );
    let delivered = json!({"lastStatus": "SUCCESS", "lastSuccessfulTime": book.ago(200)});
    book.put(place, "config:DescribeDeliveryChannelStatus", json!({"DeliveryChannelsStatus": [{
        "name": "default", "configHistoryDeliveryInfo": delivered, "configSnapshotDeliveryInfo": delivered, "configStreamDeliveryInfo": delivered,
    }]}));
    let aggregators = if place.is(SECURITY, US_EAST_1) {
        json!([{"ConfigurationAggregatorName": "organization", "ConfigurationAggregatorArn": place.arn("config", "config-aggregator/main"),
            "OrganizationAggregationSource": {"RoleArn": place.global_arn("iam", "role/config-aggregator"), "AllAwsRegions": true, "AwsRegions": REGIONS}}])
    } else {
        json!([])
    };
    book.put(
        place,
        "config:DescribeConfigurationAggregators",
        json!({"ConfigurationAggregators": aggregators}),
    );
}
