//! Log files are written once: Object Lock with a default retention.

use super::{access_logs_known, default_retention, each_bucket};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::buckets::Source;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-object-lock",
    control: Control::Bucket,
    title: "Object Lock protects the log files",
    severity: Severity::Medium,
    why: "Under Object Lock nobody, in COMPLIANCE mode not even the root user, deletes or overwrites a log file before \
          its time. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    expected: "Object Lock is enabled with a default retention",
    remediation: "aws s3api put-object-lock-configuration --bucket BUCKET --object-lock-configuration \
                  'ObjectLockEnabled=Enabled,Rule={DefaultRetention={Mode=GOVERNANCE,Days=365}}'",
    fix_calls: &["s3:PutBucketObjectLockConfiguration"],
    frameworks: Frameworks {
        security_hub: &["S3.15"],
        config_rules: &["s3-bucket-default-lock-enabled"],
        nist_800_53: &["AU-9", "CP-6(2)"],
        pci_dss_4: &["10.3.2", "10.5.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            // S3 does not deliver server access logs to buckets with a default retention.
            if bucket.serves(Source::S3Access) {
                return Ok(None);
            }
            let output = bucket.ask("s3:GetObjectLockConfiguration")?;
            let state = output.and_then(|output| output.text("ObjectLockConfiguration.ObjectLockEnabled"));
            let retention = default_retention(bucket)?;
            let name = bucket.name;
            let observed = match (state, retention) {
                (Some("Enabled"), Some((days, mode))) => {
                    format!("each log file of the bucket {name} is locked for {days} days ({mode})")
                }
                (Some("Enabled"), None) => format!(
                    "Object Lock is on for the bucket {name}, but without a default retention it locks nothing"
                ),
                _ => format!("Object Lock is off for the bucket {name}"),
            };
            let ok = state == Some("Enabled") && retention.is_some();
            if !ok {
                access_logs_known(owner)?;
            }
            let fix = format!(
                "aws s3api put-object-lock-configuration --bucket {name} --object-lock-configuration \
                 'ObjectLockEnabled=Enabled,Rule={{DefaultRetention={{Mode=GOVERNANCE,Days={}}}}}'",
                context.settings.retention_days
            );
            let severity = if bucket.serves(Source::Trail) { CHECK.severity } else { Severity::Low };
            Ok(Some(Verdict::of(ok, owner, bucket.arn(), observed).severity(severity).remediation(fix)))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{BUCKET, Estate};

    const CALL: &str = "s3:GetObjectLockConfiguration";

    #[test]
    fn on_empty_and_off() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        assert_eq!(estate.run(&CHECK).len(), 1, "the bucket for access logs cannot have it");
        let years = json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": "1"}}}});
        estate.answer("global", CALL, BUCKET, years);
        estate.passes(&CHECK);
        estate.answer(
            "global",
            CALL,
            BUCKET,
            json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}),
        );
        estate.fails(&CHECK, &["without a default retention"]);
        estate.absent("global", CALL, BUCKET, "ObjectLockConfigurationNotFoundError");
        let verdict = estate.fails(&CHECK, &["Object Lock is off for the bucket trail-logs"]);
        assert!(verdict.remediation.unwrap().contains("Mode=GOVERNANCE,Days=365"));
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", CALL, BUCKET, "s3:GetBucketObjectLockConfiguration");
        estate.unknown(&CHECK, "s3:GetBucketObjectLockConfiguration");
    }
}
