//! What a trail records arrives: the latest delivery is recent and without error, to the bucket, of
//! digests, to the log group, to the topic.
//!
//! One shape, four destinations: `GetTrailStatus` has a time and an error for each.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html>

use chrono::TimeDelta;

use super::each_trail;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::estate::trails::Trail;
use crate::inventory::Unknown;
use crate::value::Json;

pub(super) const BUCKET: Check = Check {
    id: "trail-delivery",
    control: Control::Trail,
    title: "Log files arrive in the bucket",
    severity: Severity::High,
    why: "A trail logs on when its bucket refuses it or is gone; the events are lost after some days. \
          https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    expected: "no LatestDeliveryError, and a LatestDeliveryTime within the last day (delivery_hours)",
    remediation: "let CloudTrail write: aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json, with \
                  s3:GetBucketAcl on the bucket and s3:PutObject on its objects for cloudtrail.amazonaws.com",
    fix_calls: &["s3:PutBucketPolicy", "s3:CreateBucket", "kms:PutKeyPolicy"],
    frameworks: Frameworks {
        nist_800_53: &["AU-5", "AU-5(1)", "AU-12", "SI-4(20)"],
        pci_dss_4: &["10.2.1", "10.7.2"],
        ..Frameworks::NONE
    },
    run: |context| {
        let what = Destination {
            time: "LatestDeliveryTime",
            error: "LatestDeliveryError",
            name: |trail| trail.bucket().map(|bucket| format!("the bucket {bucket}")),
        };
        what.judge(context, BUCKET.remediation)
    },
};

pub(super) const DIGEST: Check = Check {
    id: "trail-digest-delivery",
    control: Control::Trail,
    title: "Digest files arrive in the bucket",
    severity: Severity::Medium,
    why: "Log files are proved whole by the hourly digest files alone: an hour without one cannot be proved later. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
    expected: "no LatestDigestDeliveryError, and a LatestDigestDeliveryTime within the last day (delivery_hours)",
    remediation: "let CloudTrail write under AWSLogs/ACCOUNT/CloudTrail-Digest/: aws s3api put-bucket-policy --bucket \
                  BUCKET --policy file://policy.json",
    fix_calls: &["s3:PutBucketPolicy", "kms:PutKeyPolicy"],
    frameworks: Frameworks {
        nist_800_53: &["AU-5", "AU-9", "SI-7(1)"],
        pci_dss_4: &["10.3.4", "10.7.2"],
        ..Frameworks::NONE
    },
    run: |context| {
        let what = Destination {
            time: "LatestDigestDeliveryTime",
            error: "LatestDigestDeliveryError",
            name: |trail| {
                let validated = trail.config.flag("LogFileValidationEnabled");
                validated.then(|| format!("the bucket {} (digests)", trail.bucket().unwrap_or("of no name")))
            },
        };
        what.judge(context, DIGEST.remediation)
    },
};

pub(super) const LOG_GROUP: Check = Check {
    id: "trail-log-group-delivery",
    control: Control::Trail,
    title: "Events arrive in the trail's log group",
    severity: Severity::Medium,
    why: "Metric filters and alarms see what reaches the log group and nothing else; a role that lost a \
          permission silences all of them. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html",
    expected: "no LatestCloudWatchLogsDeliveryError, and a LatestCloudWatchLogsDeliveryTime within the last day \
               (delivery_hours)",
    remediation: "let the trail's role write: aws iam put-role-policy --role-name ROLE --policy-name cloudtrail \
                  --policy-document file://policy.json, with logs:CreateLogStream and logs:PutLogEvents on the log group",
    fix_calls: &["iam:PutRolePolicy", "logs:CreateLogGroup", "cloudtrail:UpdateTrail"],
    frameworks: Frameworks {
        cis_1_4: &["3.4"],
        security_hub: &["CloudTrail.5"],
        config_rules: &["cloud-trail-cloud-watch-logs-enabled"],
        nist_800_53: &["AU-5", "AU-6(1)", "SI-4(5)"],
        pci_dss_4: &["10.7.2"],
        ..Frameworks::NONE
    },
    run: |context| {
        let what = Destination {
            time: "LatestCloudWatchLogsDeliveryTime",
            error: "LatestCloudWatchLogsDeliveryError",
            name: |trail| trail.log_group().map(|arn| format!("the log group {}", after_colons(arn))),
        };
        what.judge(context, LOG_GROUP.remediation)
    },
};

pub(super) const NOTIFICATION: Check = Check {
    id: "trail-notification-delivery",
    control: Control::Trail,
    title: "Notices of new log files arrive at the trail's topic",
    severity: Severity::Low,
    why: "Whoever waits for the topic's notices of new log files waits in vain when the topic refuses CloudTrail. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html",
    expected: "no LatestNotificationError",
    remediation: "aws sns add-permission does not know services; set the policy: aws sns set-topic-attributes \
                  --topic-arn TOPIC --attribute-name Policy --attribute-value file://policy.json, with sns:Publish for \
                  cloudtrail.amazonaws.com",
    fix_calls: &["sns:SetTopicAttributes"],
    frameworks: Frameworks { nist_800_53: &["AU-5"], pci_dss_4: &["10.7.2"], ..Frameworks::NONE },
    run: |context| {
        each_trail(context, NOTIFICATION.remediation, |trail| {
            let Some(topic) = trail.config.text("SnsTopicARN").or(trail.config.text("SnsTopicName")) else {
                return Ok(None);
            };
            let status = trail.status()?;
            let verdict = match status.text("LatestNotificationError") {
                _ if !status.flag("IsLogging") => return Ok(None),
                Some(error) => {
                    let observed = format!("the latest notice to {topic} failed: {error}");
                    Verdict::fail(trail.place, trail.arn, observed)
                }
                None => Verdict::pass(trail.place, trail.arn, format!("notices reach {topic}")),
            };
            Ok(Some(verdict.evidence(status.clone())))
        })
    },
};

/// Where a trail delivers, and the members of its status that tell how that went.
struct Destination {
    time: &'static str,
    error: &'static str,
    /// What it is called; none where this trail does not deliver there.
    name: fn(&Trail<'_>) -> Option<String>,
}

impl Destination {
    fn judge(&self, context: &Context<'_>, remediation: &str) -> Vec<Verdict> {
        each_trail(context, remediation, |trail| match (self.name)(trail) {
            Some(name) => self.judge_trail(context, trail, &name),
            None => Ok(None),
        })
    }

    fn judge_trail(
        &self,
        context: &Context<'_>,
        trail: &Trail<'_>,
        name: &str,
    ) -> Result<Option<Verdict>, Unknown> {
        let status = trail.status()?;
        if !status.flag("IsLogging") {
            // That is the business of trail-logging; nothing is due from a stopped trail.
            return Ok(None);
        }
        let now = context.inventory.collected_at;
        let limit = TimeDelta::hours(context.settings.delivery_hours);
        let latest = status.time(self.time);
        let young = status.time("StartLoggingTime").is_some_and(|started| now - started < limit);
        let (ok, observed) = match (status.text(self.error), latest) {
            (Some(error), Some(time)) => (
                false,
                format!(
                    "the latest delivery to {name} failed: {error}; the last that succeeded was {}",
                    age(now - time)
                ),
            ),
            (Some(error), None) => {
                (false, format!("delivery to {name} fails: {error}; none has ever succeeded"))
            }
            (None, Some(time)) if now - time <= limit => {
                (true, format!("delivered to {name} {}", age(now - time)))
            }
            (None, _) if young => (
                true,
                format!(
                    "logging began less than {} hours ago; nothing is due at {name} yet",
                    limit.num_hours()
                ),
            ),
            (None, Some(time)) => (
                false,
                format!(
                    "nothing was delivered to {name} since {} ({})",
                    time.format("%F %R UTC"),
                    age(now - time)
                ),
            ),
            (None, None) => (false, format!("nothing has ever been delivered to {name}")),
        };
        Ok(Some(Verdict::of(ok, trail.place, trail.arn, observed).evidence(status.clone())))
    }
}

fn age(age: TimeDelta) -> String {
    match (age.num_days(), age.num_hours(), age.num_minutes()) {
        (days @ 2.., _, _) => format!("{days} days ago"),
        (_, hours @ 2.., _) => format!("{hours} hours ago"),
        (_, _, minutes) => format!("{} minutes ago", minutes.max(0)),
    }
}

/// The name in the ARN of a log group.
fn after_colons(arn: &str) -> &str {
    arn.splitn(7, ':').nth(6).unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Estate, HOME, TRAIL};

    const ALL: [(&Check, &str, &str); 3] = [
        (&BUCKET, "LatestDelivery", "the bucket trail-logs"),
        (&DIGEST, "LatestDigestDelivery", "the bucket trail-logs (digests)"),
        (&LOG_GROUP, "LatestCloudWatchLogsDelivery", "the log group cloudtrail"),
    ];

    #[test]
    fn recent_and_without_error() {
        let estate = Estate::compliant();
        for (check, _, name) in ALL {
            estate.passes(check);
            assert_eq!(estate.run(check)[0].observed, format!("delivered to {name} 5 minutes ago"));
        }
    }

    #[test]
    fn an_error() {
        for (check, member, name) in ALL {
            let mut estate = Estate::compliant();
            estate.status(|status| status[format!("{member}Error")] = json!("AccessDenied"));
            estate.fails(check, &[name, "failed: AccessDenied", "5 minutes ago"]);
            estate.status(|status| status[format!("{member}Time")] = Value::Null);
            estate.fails(check, &[name, "none has ever succeeded"]);
        }
    }

    #[test]
    fn too_long_ago_or_never() {
        for (check, member, name) in ALL {
            let mut estate = Estate::compliant();
            estate.status(|status| status[format!("{member}Time")] = json!("2026-11-22T10:00:00Z"));
            estate.fails(check, &[name, "since 2026-11-22 10:00 UTC (3 days ago)"]);
            estate.status(|status| status[format!("{member}Time")] = Value::Null);
            estate.fails(check, &["nothing has ever been delivered"]);
        }
    }

    #[test]
    fn a_new_trail_has_a_day() {
        for (check, member, _) in ALL {
            let mut estate = Estate::compliant();
            estate.status(|status| {
                status[format!("{member}Time")] = Value::Null;
                status["StartLoggingTime"] = json!("2026-11-25T08:00:00Z");
            });
            estate.passes(check);
            assert!(estate.run(check)[0].observed.contains("less than 24 hours ago"));
        }
    }

    #[test]
    fn not_asked_of_trails_that_do_not_deliver_there() {
        let mut estate = Estate::compliant();
        estate.trail(|trail| {
            trail["LogFileValidationEnabled"] = json!(false);
            trail["CloudWatchLogsLogGroupArn"] = Value::Null;
        });
        estate.silent(&DIGEST);
        estate.silent(&LOG_GROUP);
        estate.silent(&NOTIFICATION);
        estate.status(|status| status["IsLogging"] = json!(false));
        estate.silent(&BUCKET);
    }

    #[test]
    fn notices() {
        let mut estate = Estate::compliant();
        estate.trail(|trail| trail["SnsTopicARN"] = json!("arn:aws:sns:eu-west-1:111111111111:trail"));
        estate.passes(&NOTIFICATION);
        estate.status(|status| status["LatestNotificationError"] = json!("AuthorizationError"));
        estate.fails(&NOTIFICATION, &["arn:aws:sns:eu-west-1:111111111111:trail", "AuthorizationError"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "cloudtrail:GetTrailStatus", TRAIL, "cloudtrail:GetTrailStatus");
        for (check, _, _) in ALL {
            estate.unknown(check, "cloudtrail:GetTrailStatus");
        }
    }
}
