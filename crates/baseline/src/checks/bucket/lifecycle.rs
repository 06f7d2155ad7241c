//! No lifecycle rule deletes log files before their time.

use serde_json::Value;

use super::{default_retention, each_bucket};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::estate::buckets::{LogBucket, Source};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-lifecycle",
    control: Control::Bucket,
    title: "No lifecycle rule deletes logs too early",
    severity: Severity::Medium,
    why: "A lifecycle rule deletes quietly, every day. A year of logs is what investigations and PCI DSS ask for, and a \
          short rule is a quiet way to lose evidence. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html",
    expected: "no enabled rule that takes in log files expires them, or their earlier versions, within the configured \
               days (365)",
    remediation: "raise the days: aws s3api put-bucket-lifecycle-configuration --bucket BUCKET --lifecycle-configuration \
                  file://lifecycle.json",
    fix_calls: &["s3:PutLifecycleConfiguration"],
    frameworks: Frameworks { nist_800_53: &["AU-11", "SI-12"], pci_dss_4: &["10.5.1"], ..Frameworks::NONE },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let output = bucket.ask("s3:GetBucketLifecycleConfiguration")?;
            let rules = output.map_or(&[][..], |output| output.items("Rules"));
            let enabled = |rule: &&Value| rule.text("Status") == Some("Enabled");
            // Lifecycle leaves locked versions alone.
            let locked = default_retention(bucket).ok().flatten().map_or(0, |(days, _)| days);
            let (mut early, mut noncurrent) = (Vec::new(), Vec::new());
            for rule in rules.iter().filter(enabled).filter(|rule| concerns_logs(rule, bucket)) {
                early.extend(expiry(context, rule));
                if locked < context.settings.retention_days {
                    noncurrent.extend(noncurrent_expiry(context, rule));
                }
            }
            let all: Vec<String> = early.iter().chain(&noncurrent).cloned().collect();
            Ok(Some(if all.is_empty() {
                let observed =
                    format!("no lifecycle rule of the bucket {} deletes logs too early", bucket.name);
                Verdict::pass(owner, bucket.arn(), observed)
            } else {
                let severity = if early.is_empty() { Severity::Low } else { CHECK.severity };
                let rules = Value::Array(rules.to_vec());
                Verdict::fail(owner, bucket.arn(), all.join("; ")).severity(severity).evidence(rules)
            }))
        })
    },
};

/// The rule's filter takes in log files. Rules for tagged objects do not: services write log files
/// without tags.
fn concerns_logs(rule: &Value, bucket: &LogBucket<'_>) -> bool {
    let tagged = rule.at("Filter.Tag").is_some() || !rule.items("Filter.And.Tags").is_empty();
    let prefix =
        rule.text("Filter.Prefix").or(rule.text("Filter.And.Prefix")).or(rule.text("Prefix")).unwrap_or("");
    let overlaps = |logs: &str| logs.starts_with(prefix) || prefix.starts_with(logs);
    !tagged && bucket.uses.iter().any(|user| overlaps(&log_prefix(user.source, user.prefix)))
}

/// Under which prefix log files are.
fn log_prefix(source: Source, prefix: Option<&str>) -> String {
    let prefix = prefix.unwrap_or("");
    match source {
        Source::Trail | Source::Config | Source::FlowLog | Source::LoadBalancer => {
            let slash = if prefix.is_empty() || prefix.ends_with('/') { "" } else { "/" };
            format!("{prefix}{slash}AWSLogs/")
        }
        _ => prefix.to_owned(),
    }
}

fn expiry(context: &Context<'_>, rule: &Value) -> Option<String> {
    let (wanted, name) = (context.settings.retention_days, rule_name(rule));
    if let Some(days) = rule.int("Expiration.Days").filter(|days| *days < wanted) {
        return Some(format!("{name} expires log files after {days} days, {wanted} are wanted"));
    }
    let date = rule.time("Expiration.Date")?;
    let soon = (date - context.inventory.collected_at).num_days() < wanted;
    soon.then(|| format!("{name} expires every log file on {}", date.format("%F")))
}

fn noncurrent_expiry(context: &Context<'_>, rule: &Value) -> Option<String> {
    let wanted = context.settings.retention_days;
    let days = rule.int("NoncurrentVersionExpiration.NoncurrentDays").filter(|days| *days < wanted)?;
    let name = rule_name(rule);
    Some(format!(
        "{name} deletes log files that were deleted or overwritten for good after {days} days, {wanted} are wanted"
    ))
}

fn rule_name(rule: &Value) -> String {
    rule.text("ID").map_or_else(|| "a rule without ID".to_owned(), |id| format!("rule {id}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{BUCKET, Estate};

    const CALL: &str = "s3:GetBucketLifecycleConfiguration";

    fn with(rule: Value) -> Estate {
        let mut estate = Estate::compliant();
        estate.answer("global", CALL, BUCKET, json!({"Rules": [rule]}));
        estate
    }

    fn expires(days: i64) -> Value {
        json!({"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": days}})
    }

    #[test]
    fn none_or_late_enough() {
        Estate::compliant().passes(&CHECK);
        with(expires(365)).passes(&CHECK);
        with(json!({"ID": "cold", "Status": "Enabled", "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]})).passes(&CHECK);
    }

    #[test]
    fn too_early() {
        with(expires(90)).fails(&CHECK, &["rule old expires log files after 90 days, 365 are wanted"]);
        let mut estate = with(expires(365));
        estate.settings.retention_days = 400;
        estate.fails(&CHECK, &["after 365 days, 400 are wanted"]);
        let date = json!({"ID": "once", "Status": "Enabled", "Expiration": {"Date": "2026-12-24T00:00:00Z"}});
        with(date).fails(&CHECK, &["rule once expires every log file on 2026-12-24"]);
    }

    #[test]
    fn only_rules_that_take_in_log_files() {
        let change = |member: &str, value: Value| {
            let mut rule = expires(7);
            rule[member] = value;
            rule
        };
        with(change("Status", json!("Disabled"))).passes(&CHECK);
        with(change("Filter", json!({"Prefix": "tmp/"}))).passes(&CHECK);
        with(change("Filter", json!({"Tag": {"Key": "temporary", "Value": "yes"}}))).passes(&CHECK);
        for filter in [
            json!({"Prefix": "AWSLogs/111111111111/CloudTrail/"}),
            json!({"And": {"Prefix": "AWS", "ObjectSizeGreaterThan": 0}}),
            json!({}),
        ] {
            with(change("Filter", filter)).fails(&CHECK, &["after 7 days"]);
        }
        let legacy = json!({"Prefix": "AWSLogs", "Status": "Enabled", "Expiration": {"Days": 7}});
        with(legacy).fails(&CHECK, &["a rule without ID"]);
    }

    #[test]
    fn earlier_versions() {
        let rule =
            json!({"ID": "tidy", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 1}});
        let mut estate = with(rule);
        estate.passes(&CHECK);
        estate.absent(
            "global",
            "s3:GetObjectLockConfiguration",
            BUCKET,
            "ObjectLockConfigurationNotFoundError",
        );
        let verdict = estate.fails(
            &CHECK,
            &["rule tidy deletes log files that were deleted or overwritten for good after 1 days"],
        );
        assert_eq!(verdict.severity, Some(Severity::Low));
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", CALL, BUCKET, "s3:GetLifecycleConfiguration");
        estate.unknown(&CHECK, "s3:GetLifecycleConfiguration");
    }
}
