//! Each account's trail delivers to a bucket, and that bucket is there and known.

use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::buckets::{LogBucket, LogBuckets, Source};
use crate::estate::trails::Trails;
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-known",
    control: Control::Bucket,
    title: "Log buckets exist and belong to a known account",
    severity: Severity::High,
    why: "Logs that go to a bucket which was deleted are lost, and anyone may make a bucket of that name and be \
          sent the logs; a bucket of an account that nobody looks at is not known to be closed. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketBestPractices.html",
    expected: "every account's trail delivers to a bucket, and an account of the inventory owns it",
    remediation: "aws cloudtrail update-trail --region HOME_REGION --name NAME --s3-bucket-name BUCKET; where the bucket \
                  is another account's, let trailkeep check that account too",
    fix_calls: &["s3:CreateBucket", "s3:PutBucketPolicy", "cloudtrail:UpdateTrail"],
    frameworks: Frameworks {
        cis_1_4: &["3.3"],
        security_hub: &["CloudTrail.3"],
        nist_800_53: &["AU-4", "AU-9", "AU-9(2)"],
        pci_dss_4: &["10.3.2", "10.3.3"],
        ..Frameworks::NONE
    },
    run: |context| {
        let (trails, buckets) = (Trails::of(context.inventory), LogBuckets::of(context.inventory));
        context.each_account(|account| {
            let id = account.account_id();
            let mine = |bucket: &&LogBucket<'_>| {
                let at = bucket.owner.or(bucket.uses.first().map(|user| user.place));
                at.is_some_and(|place| place.account_id() == id)
            };
            let mut verdicts: Vec<Verdict> =
                buckets.iter().filter(mine).map(|bucket| judge(account, bucket)).collect();
            let delivers = trails
                .iter()
                .any(|trail| trail.bucket().is_some() && trail.accounts().any(|seen| seen == id));
            if !delivers {
                let silent = trails.unread().iter().find(|(place, _)| place.account_id() == id);
                let arn = account.account_arn();
                verdicts.push(match silent {
                    Some((_, unknown)) => Verdict::unknown(account, arn, unknown),
                    None => {
                        Verdict::fail(account, arn, "no trail that records this account delivers to a bucket")
                    }
                });
            }
            Ok(verdicts)
        })
    },
};

fn judge(account: Place<'_>, bucket: &LogBucket<'_>) -> Verdict {
    let (name, arn, holds) = (bucket.name, bucket.arn(), bucket.holds());
    if let Some(owner) = bucket.owner {
        let observed = format!("the bucket {name} ({holds}) belongs to account {}", owner.account_id());
        let verdict = Verdict::pass(owner, arn, observed);
        return match bucket.region() {
            Some(region) => verdict.region(region),
            None => verdict,
        };
    }
    let from = bucket.uses.first().map_or("", |user| &user.from);
    if is_gone(account, bucket) {
        let observed = format!("the bucket {name} ({holds}) does not exist; {from} delivers to it");
        return Verdict::fail(account, arn, observed);
    }
    let silent = account.inventory.globals().find_map(|place| place.list("s3:ListBuckets", "Buckets").err());
    let unknown = silent.unwrap_or_else(|| Unknown {
        call: "s3:ListBuckets".to_owned(),
        missing_action: None,
        reason: format!(
            "the bucket {name} ({holds}) that {from} delivers to belongs to no account of the inventory: \
             collect its account too"
        ),
    });
    Verdict::unknown(account, arn, &unknown)
        .remediation(format!("let trailkeep check the account that owns the bucket {name} too"))
}

/// S3 or CloudTrail says that there is no such bucket.
fn is_gone(account: Place<'_>, bucket: &LogBucket<'_>) -> bool {
    let no_such_bucket = |text: &str| text.starts_with("NoSuchBucket");
    let asked = match account.get_for("s3:GetBucketLocation", bucket.name) {
        Ok(Some(_)) => false,
        // Every bucket has a location: no answer is no bucket.
        Ok(None) => true,
        Err(unknown) => no_such_bucket(&unknown.reason),
    };
    // S3 wants the target of access logs in the account of the bucket itself.
    let unowned_target = bucket.uses.iter().any(|user| {
        user.source == Source::S3Access
            && user.place.list("s3:ListBuckets", "Buckets").is_ok_and(|list| !list.is_empty())
    });
    let trails = Trails::of(account.inventory);
    let told = bucket.uses.iter().filter(|user| user.source == Source::Trail).any(|user| {
        let status = trails.get(&user.from).and_then(|trail| trail.status().ok());
        status.and_then(|status| status.text("LatestDeliveryError")).is_some_and(no_such_bucket)
    });
    asked || told || unowned_target
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::check::Status;
    use crate::testing::{ACCESS_BUCKET, ACCOUNT, BUCKET, Estate, OTHER};

    fn unlisted() -> Estate {
        let mut estate = Estate::compliant();
        estate.answer("global", "s3:ListBuckets", "", json!({"Buckets": [{"Name": ACCESS_BUCKET}]}));
        estate
            .account()
            .answers
            .get_mut("global")
            .unwrap()
            .get_mut("s3:GetBucketLocation")
            .unwrap()
            .remove(BUCKET);
        estate
    }

    #[test]
    fn owned() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        assert_eq!(estate.run(&CHECK).len(), 2);
        estate.join_member();
        estate.passes(&CHECK);
    }

    #[test]
    fn of_another_account() {
        let verdict = unlisted().only(&CHECK, Status::Unknown);
        assert!(verdict.observed.contains("belongs to no account of the inventory"), "{}", verdict.observed);
        assert_eq!(
            (verdict.account_id.as_str(), verdict.resource_arn.as_str()),
            (ACCOUNT, "arn:aws:s3:::trail-logs")
        );
    }

    #[test]
    fn gone() {
        let mut estate = unlisted();
        estate.absent("global", "s3:GetBucketLocation", BUCKET, "NoSuchBucket");
        estate.fails(&CHECK, &["the bucket trail-logs (CloudTrail) does not exist", "trail/main"]);
        let mut estate = unlisted();
        estate.status(|status| status["LatestDeliveryError"] = json!("NoSuchBucket"));
        estate.fails(&CHECK, &["does not exist"]);
    }

    #[test]
    fn a_target_of_access_logs_that_the_account_does_not_have() {
        let mut estate = Estate::compliant();
        let status = json!({"LoggingEnabled": {"TargetBucket": "deleted"}});
        estate.answer("global", "s3:GetBucketLogging", BUCKET, status);
        estate.fails(
            &CHECK,
            &["the bucket deleted (S3 server access logs) does not exist; arn:aws:s3:::trail-logs"],
        );
    }

    #[test]
    fn no_trail_and_so_no_bucket() {
        let mut estate = Estate::compliant();
        estate.no_trail();
        estate.fails(&CHECK, &["no trail that records this account"]);
        estate.denied(OTHER, "cloudtrail:DescribeTrails", "", "cloudtrail:DescribeTrails");
        estate.unknown(&CHECK, "cloudtrail:DescribeTrails");
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", "s3:ListBuckets", "", "s3:ListAllMyBuckets");
        let verdicts = estate.run(&CHECK);
        assert!(
            verdicts.iter().all(|verdict| verdict.status == Status::Pass
                || verdict.missing_actions == ["s3:ListAllMyBuckets"])
        );
        assert!(verdicts.iter().any(|verdict| verdict.status == Status::Unknown));
    }
}
