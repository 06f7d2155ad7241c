//! Object-level events of every bucket are recorded: writes, and reads.

use super::{each_account, listed, put_selectors};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::estate::selectors::{Events, Selectors, Share};
use crate::estate::trails::{Trail, Trails};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const WRITE: Check = Check {
    id: "trail-s3-data-events-write",
    control: Control::Trail,
    title: "Writes to S3 objects are recorded",
    severity: Severity::Medium,
    why: "Management events tell that a bucket was made, not that its objects were overwritten or deleted; that \
          takes data events. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html",
    expected: "the logging trails record write data events of the objects of every bucket of the account",
    remediation: "aws cloudtrail put-event-selectors --region HOME_REGION --trail-name NAME --advanced-event-selectors \
                  '[{\"Name\":\"Management\",\"FieldSelectors\":[{\"Field\":\"eventCategory\",\"Equals\":[\"Management\"]}]},\
                  {\"Name\":\"S3\",\"FieldSelectors\":[{\"Field\":\"eventCategory\",\"Equals\":[\"Data\"]},\
                  {\"Field\":\"resources.type\",\"Equals\":[\"AWS::S3::Object\"]}]}]'",
    fix_calls: &["cloudtrail:PutEventSelectors"],
    frameworks: Frameworks {
        cis_1_4: &["3.10"],
        cis_3_0: &["3.8"],
        cis_5_0: &["3.8"],
        security_hub: &["S3.22"],
        config_rules: &["cloudtrail-all-write-s3-data-event-check", "cloudtrail-s3-dataevents-enabled"],
        nist_800_53: &["AU-2", "AU-3", "AU-12"],
        pci_dss_4: &["10.2.1"],
    },
    run: |context| judge(context, false),
};

pub(super) const READ: Check = Check {
    id: "trail-s3-data-events-read",
    control: Control::Trail,
    title: "Reads of S3 objects are recorded",
    severity: Severity::Medium,
    why: "Whether data was taken out, and which, is told by read data events alone. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html",
    expected: "the logging trails record read data events of the objects of every bucket of the account",
    remediation: WRITE.remediation,
    fix_calls: &["cloudtrail:PutEventSelectors"],
    frameworks: Frameworks {
        cis_1_4: &["3.11"],
        cis_3_0: &["3.9"],
        cis_5_0: &["3.9"],
        security_hub: &["S3.23"],
        config_rules: &["cloudtrail-all-read-s3-data-event-check", "cloudtrail-s3-dataevents-enabled"],
        nist_800_53: &["AU-2", "AU-3", "AU-12"],
        pci_dss_4: &["10.2.1", "10.2.1.1"],
    },
    run: |context| judge(context, true),
};

fn judge(context: &Context<'_>, read_only: bool) -> Vec<Verdict> {
    let kind = if read_only { "read" } else { "write" };
    each_account(context, |account, trails| {
        let everywhere = recorders(trails, account)?;
        let partition = account.partition();
        let share = |arn_prefix: &str| {
            let shares = everywhere
                .iter()
                .map(|(_, selectors)| selectors.share(Events::Objects { arn_prefix, read_only }));
            shares.max().unwrap_or(Share::None)
        };
        let arn = account.account_arn();
        if share(&format!("arn:{partition}:s3:::")) == Share::All {
            let observed = format!("{kind} events of the objects of every bucket are recorded");
            return Ok(vec![Verdict::pass(account, arn, observed)]);
        }
        let buckets = account.list("s3:ListBuckets", "Buckets")?;
        let names: Vec<&str> = buckets.iter().filter_map(|bucket| bucket.text("Name")).collect();
        let missing: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| share(&format!("arn:{partition}:s3:::{name}/")) != Share::All)
            .collect();
        Ok(vec![if missing.is_empty() {
            let observed = match names.len() {
                0 => "the account has no bucket".to_owned(),
                count => format!("{kind} events of the objects of each of the {count} buckets are recorded"),
            };
            Verdict::pass(account, arn, observed)
        } else {
            let observed = format!(
                "{kind} events of objects are not recorded, or not all of them, in {} of {} buckets: {}",
                missing.len(),
                names.len(),
                listed(&missing)
            );
            let verdict = Verdict::fail(account, arn, observed);
            match everywhere.first() {
                Some((trail, selectors)) => {
                    verdict.remediation(put_selectors(trail, selectors.with_all_objects(partition)))
                }
                None => verdict,
            }
        }])
    })
}

/// The selectors of the logging trails that record every Region of the account. A trail of one Region
/// sees the objects of that Region's buckets alone, and buckets come and go.
fn recorders<'t, 'a>(
    trails: &'t Trails<'a>,
    account: Place<'_>,
) -> Result<Vec<(&'t Trail<'a>, Selectors<'a>)>, Unknown> {
    let (mut found, mut unknown) = (Vec::new(), None);
    let (id, regions) = (account.account_id(), &account.account.regions);
    for trail in trails.iter().filter(|trail| regions.iter().all(|region| trail.covers(id, region))) {
        match trail.is_logging().and_then(|logging| logging.then(|| trail.selectors()).transpose()) {
            Ok(selectors) => found.extend(selectors.map(|selectors| (trail, selectors))),
            Err(reason) => unknown = Some(reason),
        }
    }
    match unknown {
        Some(reason) if found.is_empty() => Err(reason),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Estate, HOME, OTHER, TRAIL};

    fn with(read_write: &str, values: Value) -> Estate {
        let mut estate = Estate::compliant();
        estate.selectors(&json!([{"ReadWriteType": read_write, "IncludeManagementEvents": true,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": values}]}]));
        estate
    }

    #[test]
    fn every_bucket() {
        for check in [&WRITE, &READ] {
            Estate::compliant().passes(check);
            with("All", json!(["arn:aws:s3"])).passes(check);
            with("All", json!(["arn:aws:s3:::trail-logs/", "arn:aws:s3:::access-logs/"])).passes(check);
        }
    }

    #[test]
    fn the_bucket_that_is_missing_is_named() {
        for (check, kind) in [(&WRITE, "write"), (&READ, "read")] {
            let estate = with("All", json!(["arn:aws:s3:::trail-logs/"]));
            estate.fails(check, &[kind, "in 1 of 2 buckets: access-logs"]);
            with("All", json!(["arn:aws:s3:::trail-logs/AWSLogs/"])).fails(check, &["in 2 of 2 buckets"]);
        }
    }

    #[test]
    fn one_half_only() {
        let estate = with("WriteOnly", json!(["arn:aws:s3"]));
        estate.passes(&WRITE);
        estate.fails(&READ, &["read events of objects are not recorded"]);
        let estate = with("ReadOnly", json!(["arn:aws:s3"]));
        estate.passes(&READ);
        estate.fails(&WRITE, &["write events of objects are not recorded"]);
    }

    #[test]
    fn a_trail_that_is_stopped_or_of_one_region_does_not_count() {
        let mut estate = Estate::compliant();
        estate.status(|status| status["IsLogging"] = json!(false));
        estate.fails(&WRITE, &["in 2 of 2 buckets"]);
        let mut estate = Estate::compliant();
        estate.answer(OTHER, "cloudtrail:DescribeTrails", "", json!({"trailList": []}));
        estate.fails(&WRITE, &["in 2 of 2 buckets"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "cloudtrail:GetEventSelectors", TRAIL, "cloudtrail:GetEventSelectors");
        estate.unknown(&READ, "cloudtrail:GetEventSelectors");
        let mut estate = with("WriteOnly", json!([]));
        estate.denied("global", "s3:ListBuckets", "", "s3:ListAllMyBuckets");
        estate.unknown(&WRITE, "s3:ListAllMyBuckets");
    }
}
