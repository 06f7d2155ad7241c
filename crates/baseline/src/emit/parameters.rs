//! What whoever deploys the template is asked, and told.

use serde_json::{Value, json};

use super::intrinsics::{equals, not};
use super::settings::{
    BUCKET, DataEvents, EMAIL, EmitSettings, ORGANIZATION, ObjectLock, PERIODS, REGION, Shape,
};
use super::{EmitError, trail};

/// This is the Region of what is made once per account.
pub(super) const IS_HOME: &str = "IsHome";
/// This is another Region.
pub(super) const IS_AWAY: &str = "IsAway";
/// The log bucket is made here.
pub(super) const MAKES_BUCKET: &str = "MakesBucket";
/// Other accounts' trails deliver here, or this one's trail is the whole organisation's.
pub(super) const HAS_ORGANIZATION: &str = "HasOrganization";
/// The trail is the whole organisation's.
pub(super) const IS_ORGANIZATION_TRAIL: &str = "IsOrganizationTrail";
/// The trail uses the central account's key.
pub(super) const HAS_CENTRAL_KEY: &str = "HasCentralKey";
/// Somebody is to be told.
pub(super) const HAS_EMAIL: &str = "HasEmail";
/// Log files are locked.
pub(super) const LOCKS_OBJECTS: &str = "LocksObjects";
/// Reads and writes of every bucket's objects are recorded.
pub(super) const RECORDS_ALL_BUCKETS: &str = "RecordsAllBuckets";

fn text(shape: &Shape, default: &str, description: &str) -> Value {
    json!({
        "Type": "String",
        "Default": default,
        "AllowedPattern": shape.pattern,
        "ConstraintDescription": format!("must look like {}", shape.example),
        "Description": description,
    })
}

fn choice(default: &str, values: &[&str], description: &str) -> Value {
    json!({"Type": "String", "Default": default, "AllowedValues": values, "Description": description})
}

/// The parameters; what was set becomes their default.
pub(super) fn parameters(settings: &EmitSettings) -> Result<Value, EmitError> {
    let email = EMAIL.default(settings.notify_email.as_deref())?;
    let organization = ORGANIZATION.default(settings.organization_id.as_deref())?;
    let bucket = BUCKET.default(settings.central_bucket.as_deref())?;
    let region = REGION.default(Some(&settings.home_region))?;
    let period = settings.period()?;
    let periods: Vec<i64> = PERIODS.into_iter().filter(|days| *days >= period.min(365)).collect();
    let locks = ObjectLock::ALL.map(ObjectLock::as_str);
    let events = DataEvents::ALL.map(DataEvents::as_str);
    Ok(json!({
        "HomeRegion": text(&REGION, region,
            "The Region of the trail, its bucket, key and alarms. Other Regions hand their events to it."),
        "RetentionDays": {
            "Type": "Number", "Default": period, "AllowedValues": periods,
            "Description": "Days that the log group keeps events and Object Lock keeps log files. The bucket deletes none.",
        },
        "NotifyEmail": text(&EMAIL, email,
            "Who is told of alarms; AWS sends a mail that has to be confirmed. Empty: nobody."),
        "ObjectLockMode": choice(settings.object_lock.as_str(), &locks,
            "How log files are protected from deletion for RetentionDays. GOVERNANCE can be lifted by who has the \
             right to, COMPLIANCE by nobody."),
        "DataEvents": choice(settings.data_events.as_str(), &events,
            "Of which objects the trail records reads and writes. AWS charges for each such event."),
        "OrganizationId": text(&ORGANIZATION, organization,
            "Lets the trails of all accounts of this organisation deliver to the log bucket made here. Empty: only \
             this account's."),
        "OrganizationTrail": choice("false", &["true", "false"],
            "Makes the trail record every account of the organisation: in its management account, or in a delegated \
             administrator's."),
        "CentralBucket": text(&BUCKET, bucket,
            "The log bucket of a central account to deliver to. Empty: a log bucket is made here."),
        "CentralKeyArn": {
            "Type": "String", "Default": "", "AllowedPattern": "^$|^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$",
            "Description": "The key of the central account that log files in CentralBucket are encrypted with. \
                            Empty: the key made here.",
        },
    }))
}

/// How consoles group and call the parameters.
pub(super) fn interface() -> Value {
    let group =
        |label: &str, parameters: &[&str]| json!({"Label": {"default": label}, "Parameters": parameters});
    let labels = [
        ("HomeRegion", "Home Region"),
        ("RetentionDays", "Days to keep logs"),
        ("NotifyEmail", "E-mail address for alarms"),
        ("ObjectLockMode", "Object Lock"),
        ("DataEvents", "Data events of S3"),
        ("OrganizationId", "Organisation"),
        ("OrganizationTrail", "Trail of the organisation"),
        ("CentralBucket", "Central log bucket"),
        ("CentralKeyArn", "Key of the central log bucket"),
    ];
    let labels: serde_json::Map<String, Value> =
        labels.into_iter().map(|(name, label)| (name.to_owned(), json!({"default": label}))).collect();
    json!({"AWS::CloudFormation::Interface": {
        "ParameterGroups": [
            group("This account", &["HomeRegion", "RetentionDays", "NotifyEmail", "ObjectLockMode", "DataEvents"]),
            group(
                "Organisation",
                &["OrganizationId", "OrganizationTrail", "CentralBucket", "CentralKeyArn"],
            ),
        ],
        "ParameterLabels": labels,
    }})
}

pub(super) fn conditions() -> Value {
    let is_set = |parameter: &str| not(equals(&format!("${{{parameter}}}"), ""));
    let home = equals("${AWS::Region}", "${HomeRegion}");
    json!({
        IS_HOME: home,
        IS_AWAY: not(json!({"Condition": IS_HOME})),
        MAKES_BUCKET: {"Fn::And": [{"Condition": IS_HOME}, equals("${CentralBucket}", "")]},
        HAS_ORGANIZATION: is_set("OrganizationId"),
        IS_ORGANIZATION_TRAIL: equals("${OrganizationTrail}", "true"),
        HAS_CENTRAL_KEY: is_set("CentralKeyArn"),
        HAS_EMAIL: is_set("NotifyEmail"),
        LOCKS_OBJECTS: not(equals("${ObjectLockMode}", ObjectLock::None.as_str())),
        RECORDS_ALL_BUCKETS: equals("${DataEvents}", DataEvents::AllBuckets.as_str()),
    })
}

pub(super) fn outputs() -> Value {
    let output = |condition: &str, description: &str, value: &str| json!({"Condition": condition, "Description": description, "Value": value});
    json!({
        "TrailArn": output(IS_HOME, "The trail.", &trail::arn()),
        "LogBucketName": output(MAKES_BUCKET, "The log bucket: CentralBucket of other accounts.", "${LogBucket}"),
        "KeyArn": output(IS_HOME, "The key of the logs: CentralKeyArn of other accounts.", "${Key.Arn}"),
        "LogGroupName": output(IS_HOME, "The log group that metric filters watch.", "${LogGroup}"),
        "TopicArn": output(IS_HOME, "The topic that alarms send to.", "${Topic}"),
        "QueueUrl": output(IS_HOME, "The queue that Trailkeep reads events from.", "${Queue}"),
        "QueueArn": output(IS_HOME, "The queue's ARN.", "${Queue.Arn}"),
    })
}
