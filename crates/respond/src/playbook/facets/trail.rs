//! Trails. A subject is the trail's name: events have it, or an ARN that ends with it.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html>

use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::cloudtrail;
use trailkeep_baseline::Json;

use crate::playbook::facet::{Call, Change, Context, Facet, Reading, pairs};
use crate::playbook::state::Parts;

const GONE: &[&str] = &["TrailNotFoundException"];

static TAGS: Reading = Reading {
    operation: &cloudtrail::LIST_TAGS,
    input: |place| {
        let (partition, region, account) = (place.partition, place.region, place.account);
        json!({"ResourceIdList": [format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{}", place.subject)]})
    },
    absent: GONE,
    context: |output| {
        let tags = output.items("ResourceTagList").first()?.items("TagsList");
        Some(Context { vpc: None, tags: pairs(tags) })
    },
};

/// Whether a trail records.
pub(in crate::playbook) static LOGGING: Facet = Facet {
    absent: GONE,
    writes: &[&cloudtrail::START_LOGGING, &cloudtrail::STOP_LOGGING],
    calls: |change| {
        let is_on = |parts: &Parts| parts.get("IsLogging") == Some(&json!(true));
        let operation = match (is_on(change.from), is_on(change.to)) {
            (false, true) => &cloudtrail::START_LOGGING,
            (true, false) => &cloudtrail::STOP_LOGGING,
            _ => return Vec::new(),
        };
        vec![Call::new(operation, json!({"Name": change.subject}))]
    },
    context: Some(&TAGS),
    ..Facet::reading(
        "trail-logging",
        &cloudtrail::GET_TRAIL_STATUS,
        |name| json!({"Name": name}),
        |asked, output| {
            let parts = [("IsLogging".to_owned(), json!(output.flag("IsLogging")))];
            vec![(trail_name(asked).to_owned(), parts.into_iter().collect())]
        },
    )
};

/// Members of `UpdateTrail`, and what `DescribeTrails` calls them.
const MEMBERS: [(&str, &str); 10] = [
    ("S3BucketName", "S3BucketName"),
    ("S3KeyPrefix", "S3KeyPrefix"),
    ("SnsTopicName", "SnsTopicARN"),
    ("IncludeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    ("IsMultiRegionTrail", "IsMultiRegionTrail"),
    ("EnableLogFileValidation", "LogFileValidationEnabled"),
    ("CloudWatchLogsLogGroupArn", "CloudWatchLogsLogGroupArn"),
    ("CloudWatchLogsRoleArn", "CloudWatchLogsRoleArn"),
    ("KmsKeyId", "KmsKeyId"),
    ("IsOrganizationTrail", "IsOrganizationTrail"),
];

/// A trail's settings, a part each, under `DescribeTrails`'s names.
pub(in crate::playbook) static SETTINGS: Facet = Facet {
    list: Some(|| json!({"includeShadowTrails": false})),
    absent: GONE,
    writes: &[&cloudtrail::UPDATE_TRAIL],
    calls: |change| {
        let mut input = Map::new();
        for (set, given) in MEMBERS {
            let (Some(to), from) = (change.to.get(given), change.from.get(given)) else { continue };
            if from.unwrap_or(&Value::Null) != to {
                // An empty text takes a setting away.
                input.insert(set.to_owned(), if to.is_null() { json!("") } else { to.clone() });
            }
        }
        if input.is_empty() {
            return Vec::new();
        }
        input.insert("Name".to_owned(), json!(change.subject));
        vec![Call::new(&cloudtrail::UPDATE_TRAIL, Value::Object(input))]
    },
    along: &["iam:PassRole"],
    context: Some(&TAGS),
    ..Facet::reading(
        "trail-settings",
        &cloudtrail::DESCRIBE_TRAILS,
        |name| json!({"trailNameList": [name], "includeShadowTrails": false}),
        |_, output| {
            let trails = output.items("trailList").iter();
            trails.filter_map(|trail| Some((trail.text("Name")?.to_owned(), settings(trail)))).collect()
        },
    )
};

/// Settings of a trail, as `DescribeTrails` and, with API names, responses of `UpdateTrail` give them.
pub(in crate::playbook) fn settings(trail: &Value) -> Parts {
    let member = |(_, given): &(&str, &str)| Some(((*given).to_owned(), trail.at(given)?.clone()));
    MEMBERS.iter().filter_map(member).collect()
}

/// What a trail records: `EventSelectors` or `AdvancedEventSelectors`.
pub(in crate::playbook) static SELECTORS: Facet = Facet {
    absent: GONE,
    writes: &[&cloudtrail::PUT_EVENT_SELECTORS],
    calls: selector_calls,
    context: Some(&TAGS),
    ..Facet::reading(
        "trail-selectors",
        &cloudtrail::GET_EVENT_SELECTORS,
        |name| json!({"TrailName": name}),
        |asked, output| vec![(trail_name(asked).to_owned(), selectors(output))],
    )
};

/// The selectors of a trail, of the one kind it has.
pub(in crate::playbook) fn selectors(output: &Value) -> Parts {
    let mut parts = Parts::new();
    for member in ["AdvancedEventSelectors", "EventSelectors"] {
        if parts.is_empty() && !output.items(member).is_empty() {
            parts.insert(member.to_owned(), output[member].clone());
        }
    }
    parts
}

/// Setting one kind takes the other away.
fn selector_calls(change: &Change<'_>) -> Vec<Call> {
    let wanted = ["AdvancedEventSelectors", "EventSelectors"]
        .into_iter()
        .find_map(|member| Some((member, change.to.get(member).filter(|value| !value.is_null())?)));
    let Some((member, selectors)) = wanted else { return Vec::new() };
    if change.from.get(member) == Some(selectors) {
        return Vec::new();
    }
    let input = json!({"TrailName": change.subject, member: selectors});
    vec![Call::new(&cloudtrail::PUT_EVENT_SELECTORS, input)]
}

/// The name in a name or an ARN.
pub(in crate::playbook) fn trail_name(trail: &str) -> &str {
    trail.rsplit('/').next().unwrap_or(trail)
}
