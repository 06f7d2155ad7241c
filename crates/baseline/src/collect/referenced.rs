//! What answers point at: the log groups, keys, queues and functions that matter here, found in
//! what is already collected. An account has thousands of them; a few carry logs and alerts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ask::Reference;
use crate::inventory::{Answer, Inventory, Place};
use crate::value::Json;

/// Log groups that trails deliver to, by name.
pub(super) fn trail_log_groups(inventory: &Inventory) -> Vec<Reference> {
    let mut found = Vec::new();
    for (_, trail) in items(inventory, "cloudtrail:DescribeTrails", "trailList") {
        let group = trail.text("CloudWatchLogsLogGroupArn").and_then(Arn::parse);
        let Some(arn) = group.filter(|arn| arn.service == "logs") else { continue };
        if let Some(name) = arn.resource.strip_prefix("log-group:") {
            found.push(arn.reference(name.strip_suffix(":*").unwrap_or(name)));
        }
    }
    distinct(found)
}

/// Functions that rules, alarms, topics or subscription filters call, by name.
pub(super) fn functions(inventory: &Inventory) -> Vec<Reference> {
    let arns = pointed_at(inventory).into_iter().filter_map(Arn::parse);
    let functions = arns.filter(|arn| arn.service == "lambda").filter_map(|arn| {
        // A version or an alias may stand behind the name.
        let name = arn.resource.strip_prefix("function:")?.split(':').next()?;
        Some(arn.reference(name))
    });
    distinct(functions.collect())
}

/// Queues that rules or topics send to, by URL.
pub(super) fn queues(inventory: &Inventory) -> Vec<Reference> {
    let arns = pointed_at(inventory).into_iter().filter_map(Arn::parse);
    let queues = arns.filter(|arn| arn.service == "sqs");
    distinct(queues.map(|arn| arn.reference(&queue_url(&arn))).collect())
}

/// Keys that trails, event data stores, buckets, log groups, topics and queues are encrypted with,
/// by ARN.
pub(super) fn keys(inventory: &Inventory) -> Vec<Reference> {
    const NAMED: [(&str, &str, &str); 3] = [
        ("cloudtrail:DescribeTrails", "trailList", "KmsKeyId"),
        ("logs:DescribeLogGroups", "logGroups", "kmsKeyId"),
        ("events:ListRules", "Rules", "KmsKeyIdentifier"),
    ];
    const ANSWERED: [(&str, &str); 3] = [
        ("cloudtrail:GetEventDataStore", "KmsKeyId"),
        ("sns:GetTopicAttributes", "Attributes.KmsMasterKeyId"),
        ("sqs:GetQueueAttributes", "Attributes.KmsMasterKeyId"),
    ];
    let mut found = Vec::new();
    for (call, list, member) in NAMED {
        for (place, item) in items(inventory, call, list) {
            found.extend(item.text(member).and_then(|key| key_arn(place, key)));
        }
    }
    for (call, path) in ANSWERED {
        for (place, _, output) in outputs(inventory, call) {
            found.extend(output.text(path).and_then(|key| key_arn(place, key)));
        }
    }
    for (place, bucket, output) in outputs(inventory, "s3:GetBucketEncryption") {
        let region = bucket_region(place, bucket);
        let Some(home) = inventory.place(place.account_id(), &region) else { continue };
        for rule in output.items("ServerSideEncryptionConfiguration.Rules") {
            let applied = rule.at("ApplyServerSideEncryptionByDefault");
            let Some(applied) = applied.filter(|by| by.text("SSEAlgorithm") != Some("AES256")) else {
                continue;
            };
            found.extend(key_arn(home, applied.text("KMSMasterKeyID").unwrap_or("alias/aws/s3")));
        }
    }
    let arns = found.iter().filter_map(|arn| Arn::parse(arn));
    distinct(arns.map(|arn| arn.reference(arn.text)).collect())
}

/// The ARN of a key as AWS resolves what stands for it: an ARN, an id, an alias, an alias's ARN.
/// Aliases are looked up in the Region's answer to `kms:ListAliases`; `None` where that does not
/// know them.
#[must_use]
pub fn key_arn(place: Place<'_>, reference: &str) -> Option<String> {
    if let Some(arn) = Arn::parse(reference) {
        if arn.service != "kms" {
            return None;
        }
        if arn.resource.starts_with("key/") {
            return Some(reference.to_owned());
        }
        return key_arn(place.inventory.place(arn.account, arn.region)?, arn.resource);
    }
    if !reference.starts_with("alias/") {
        return Some(place.arn("kms", &format!("key/{reference}")));
    }
    let aliases = place.list("kms:ListAliases", "Aliases").unwrap_or_default();
    let alias = aliases.iter().find(|alias| alias.text("AliasName") == Some(reference))?;
    Some(place.arn("kms", &format!("key/{}", alias.text("TargetKeyId")?)))
}

/// The Region of a bucket as `s3:GetBucketLocation` tells it, or `s3:ListBuckets`.
#[must_use]
pub fn bucket_region(place: Place<'_>, bucket: &str) -> String {
    let located = place.get_for("s3:GetBucketLocation", bucket).ok().flatten();
    let constraint = located.map(|output| output.text("LocationConstraint"));
    let listed = || {
        let buckets = place.list("s3:ListBuckets", "Buckets").unwrap_or_default();
        buckets.iter().find(|item| item.text("Name") == Some(bucket))?.text("BucketRegion")
    };
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    match constraint {
        Some(None) => "us-east-1",
        Some(Some("EU")) => "eu-west-1",
        Some(Some(region)) => region,
        None => listed().unwrap_or("us-east-1"),
    }
    .to_owned()
}

/// The URL of the queue with this ARN, which is the queue's key in the inventory.
fn queue_url(arn: &Arn<'_>) -> String {
    let suffix = if arn.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://sqs.{}.{suffix}/{}/{}", arn.region, arn.account, arn.resource)
}

/// ARNs that rules, alarms, topics and subscription filters lead to.
fn pointed_at(inventory: &Inventory) -> Vec<&str> {
    let mut found = Vec::new();
    for (_, target) in items(inventory, "events:ListTargetsByRule", "Targets") {
        found.extend(target.text("Arn"));
        found.extend(target.text("DeadLetterConfig.Arn"));
    }
    for list in ["MetricAlarms", "CompositeAlarms"] {
        for (_, alarm) in items(inventory, "cloudwatch:DescribeAlarms", list) {
            for actions in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
                found.extend(alarm.texts(actions));
            }
        }
    }
    for (_, subscription) in items(inventory, "sns:ListSubscriptionsByTopic", "Subscriptions") {
        found.extend(subscription.text("Endpoint"));
    }
    for (_, filter) in items(inventory, "logs:DescribeSubscriptionFilters", "subscriptionFilters") {
        found.extend(filter.text("destinationArn"));
    }
    found
}

/// All items of a list in all answers to a call.
fn items<'a>(inventory: &'a Inventory, call: &str, list: &str) -> Vec<(Place<'a>, &'a Value)> {
    outputs(inventory, call)
        .into_iter()
        .flat_map(|(place, _, output)| output.items(list).iter().map(move |item| (place, item)))
        .collect()
}

/// All outputs of a call, by place and resource.
fn outputs<'a>(inventory: &'a Inventory, call: &str) -> Vec<(Place<'a>, &'a str, &'a Value)> {
    let mut found = Vec::new();
    for account in inventory.accounts.values() {
        for (region, calls) in &account.answers {
            for (resource, answer) in calls.get(call).into_iter().flatten() {
                if let Answer::Output(output) = answer {
                    found.push((Place { inventory, account, region }, resource.as_str(), output));
                }
            }
        }
    }
    found
}

fn distinct(found: Vec<Reference>) -> Vec<Reference> {
    let by_name = |r: Reference| ((r.account.clone(), r.region.clone(), r.resource.clone()), r);
    found.into_iter().map(by_name).collect::<BTreeMap<_, _>>().into_values().collect()
}

/// An ARN in its parts.
#[derive(Clone, Copy, Debug)]
struct Arn<'a> {
    text: &'a str,
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts.as_slice() else { return None };
        Some(Self { text, partition, service, region, account, resource })
    }

    fn reference(&self, resource: &str) -> Reference {
        Reference {
            account: self.account.to_owned(),
            region: self.region.to_owned(),
            resource: resource.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::inventory::GLOBAL;

    const OWN: &str = "111122223333";
    const OTHER: &str = "444455556666";
    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k-1";

    fn inventory(answers: &[(&str, &str, &str, Value)]) -> Inventory {
        let mut inventory = Inventory::new(DateTime::UNIX_EPOCH);
        for (region, call, resource, output) in answers {
            inventory.record(OWN, region, call, resource, Answer::Output(output.clone()));
        }
        for account in inventory.accounts.values_mut() {
            account.regions = vec!["eu-west-1".to_owned(), "us-east-1".to_owned()];
        }
        inventory
    }

    fn names(found: &[Reference]) -> Vec<String> {
        found.iter().map(|r| format!("{} {} {}", r.account, r.region, r.resource)).collect()
    }

    #[test]
    fn log_groups_of_trails() {
        let trails = json!({"trailList": [
            {"CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:trail/a:*"},
            {"CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:trail/a:*"},
            {"CloudWatchLogsLogGroupArn": "nonsense"},
            {"Name": "without"},
        ]});
        let inventory = inventory(&[
            ("eu-west-1", "cloudtrail:DescribeTrails", "", trails.clone()),
            ("us-east-1", "cloudtrail:DescribeTrails", "", trails),
        ]);
        assert_eq!(names(&trail_log_groups(&inventory)), ["111122223333 eu-west-1 trail/a"]);
    }

    #[test]
    fn targets_of_rules_alarms_and_topics() {
        let inventory = inventory(&[
            (
                "eu-west-1",
                "events:ListTargetsByRule",
                "arn:aws:events:eu-west-1:111122223333:rule/r",
                json!({"Targets": [
                    {"Arn": "arn:aws:sqs:eu-west-1:111122223333:q",
                     "DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:111122223333:dead"}},
                    {"Arn": "arn:aws:lambda:eu-west-1:111122223333:function:f:live"},
                    {"Arn": "arn:aws:sns:eu-west-1:111122223333:t"},
                ]}),
            ),
            (
                "us-east-1",
                "cloudwatch:DescribeAlarms",
                "",
                json!({"MetricAlarms": [{"AlarmActions": ["arn:aws:lambda:us-east-1:111122223333:function:g"]}]}),
            ),
            (
                "us-east-1",
                "sns:ListSubscriptionsByTopic",
                "arn:aws:sns:us-east-1:111122223333:t",
                json!({"Subscriptions": [
                    {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:444455556666:theirs"},
                    {"Protocol": "email", "Endpoint": "a@example.com"},
                ]}),
            ),
        ]);
        assert_eq!(
            names(&functions(&inventory)),
            [format!("{OWN} eu-west-1 f"), format!("{OWN} us-east-1 g")]
        );
        assert_eq!(
            names(&queues(&inventory)),
            [
                format!("{OWN} eu-west-1 https://sqs.eu-west-1.amazonaws.com/{OWN}/dead"),
                format!("{OWN} eu-west-1 https://sqs.eu-west-1.amazonaws.com/{OWN}/q"),
                format!("{OTHER} us-east-1 https://sqs.us-east-1.amazonaws.com/{OTHER}/theirs"),
            ]
        );
    }

    #[test]
    fn functions_that_subscription_filters_send_to() {
        let filters = json!({"subscriptionFilters": [
            {"destinationArn": "arn:aws:lambda:eu-west-1:111122223333:function:ship:live"},
            {"destinationArn": "arn:aws:kinesis:eu-west-1:111122223333:stream/s"},
            {"destinationArn": "arn:aws:logs:eu-west-1:444455556666:destination:central"},
        ]});
        let inventory = inventory(&[("eu-west-1", "logs:DescribeSubscriptionFilters", "trail/a", filters)]);
        assert_eq!(names(&functions(&inventory)), [format!("{OWN} eu-west-1 ship")]);
        assert!(queues(&inventory).is_empty());
    }

    #[test]
    fn keys_however_they_are_named() {
        let aliases = json!({"Aliases": [
            {"AliasName": "alias/logs", "TargetKeyId": "k-2"},
            {"AliasName": "alias/aws/s3", "TargetKeyId": "k-3"},
            {"AliasName": "alias/unused"},
        ]});
        let encrypted = |by: Value| json!({"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": by}]}});
        let inventory = inventory(&[
            ("eu-west-1", "cloudtrail:DescribeTrails", "", json!({"trailList": [{"KmsKeyId": KEY}, {}]})),
            ("eu-west-1", "kms:ListAliases", "", aliases),
            (
                "eu-west-1",
                "sns:GetTopicAttributes",
                "t",
                json!({"Attributes": {"KmsMasterKeyId": "alias/logs"}}),
            ),
            (
                "eu-west-1",
                "sns:GetTopicAttributes",
                "u",
                json!({"Attributes": {"KmsMasterKeyId": "alias/none"}}),
            ),
            ("us-east-1", "logs:DescribeLogGroups", "", json!({"logGroups": [{"kmsKeyId": KEY}]})),
            (GLOBAL, "s3:GetBucketLocation", "a", json!({"LocationConstraint": "EU"})),
            (GLOBAL, "s3:GetBucketLocation", "b", json!({})),
            (GLOBAL, "s3:GetBucketEncryption", "a", encrypted(json!({"SSEAlgorithm": "aws:kms"}))),
            (
                GLOBAL,
                "s3:GetBucketEncryption",
                "b",
                encrypted(json!({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k-4"})),
            ),
            (GLOBAL, "s3:GetBucketEncryption", "c", encrypted(json!({"SSEAlgorithm": "AES256"}))),
        ]);
        let found = names(&keys(&inventory));
        let key = |region: &str, id: &str| format!("{OWN} {region} arn:aws:kms:{region}:{OWN}:key/{id}");
        assert_eq!(
            found,
            [
                key("eu-west-1", "k-1"),
                key("eu-west-1", "k-2"),
                key("eu-west-1", "k-3"),
                key("us-east-1", "k-4")
            ]
        );
    }

    #[test]
    fn aliases_of_accounts_that_are_not_known_stay_unresolved() {
        let inventory = inventory(&[("eu-west-1", "kms:ListAliases", "", json!({"Aliases": []}))]);
        let place = inventory.place(OWN, "eu-west-1").unwrap();
        assert_eq!(key_arn(place, &format!("arn:aws:kms:eu-west-1:{OTHER}:alias/x")), None);
        assert_eq!(key_arn(place, "arn:aws:iam::111122223333:role/x"), None);
        let theirs = format!("arn:aws:kms:eu-west-1:{OTHER}:key/k");
        assert_eq!(key_arn(place, &theirs), Some(theirs.clone()));
    }
}
