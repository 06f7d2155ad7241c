//! Server access logs of buckets, each to the bucket for access logs of its own Region.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>

use std::collections::BTreeMap;

use serde_json::json;

use super::super::draft::{Draft, Scope};
use super::super::trail::{Subject, Wants};
use crate::check::Control;
use crate::desired::bucket;
use crate::value::Json;

/// The buckets that log no requests, by Region. Those of the baseline are set up where they are made, and
/// what receives access logs never logs its own.
pub(super) fn find(draft: &mut Draft<'_>, subject: &Subject<'_, '_>) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    let mut broken = false;
    for (region, all) in super::failing(draft, "s3-access-logging") {
        let site = draft.site.in_region(region);
        let own = [site.access_bucket(), site.elb_bucket(), draft.site.log_bucket()];
        for failing in all {
            let name = super::last(failing.arn);
            if own.iter().any(|own| own == name) || !draft.global.account.regions.iter().any(|r| r == region)
            {
                continue;
            }
            match draft.global.get_for("s3:GetBucketLogging", name) {
                Ok(answer)
                    if answer.and_then(|answer| answer.text("LoggingEnabled.TargetBucket")).is_none() =>
                {
                    found.entry(region.to_owned()).or_default().push(name.to_owned());
                }
                Ok(_) => broken = true,
                Err(_) => {}
            }
        }
    }
    if broken {
        draft.note(
            "s3-access-logging",
            "the bucket names a target for its access logs, which its owner must set right or take away",
        );
    }
    // The trail's bucket may be set up with the trail.
    if let Some(name) = subject.trail().and_then(|trail| trail.bucket())
        && draft.failures("log-bucket-access-logging").any(|result| super::last(&result.resource_arn) == name)
        && let Some(here) = found.get_mut(&draft.site.region)
    {
        here.retain(|bucket| bucket != name);
    }
    found.retain(|_, buckets| !buckets.is_empty());
    found
}

/// One step a Region.
pub(super) fn write(draft: &mut Draft<'_>, buckets: &BTreeMap<String, Vec<String>>, wants: &Wants) {
    for (region, buckets) in buckets {
        let site = draft.site.in_region(region);
        let target = site.access_bucket();
        let made = draft.id(region, "access-bucket");
        if !draft.has(&made) && super::super::bucket::exists(draft.global, &target) != Some(true) {
            continue;
        }
        let title = format!("Log the requests to {}", super::counted(buckets.len(), "bucket"));
        let mut step = draft.step(region, "s3-access-logs", Control::Services, title);
        step.needs(made);
        for name in buckets.iter().filter(|name| !wants.access_logs_of.contains(name)) {
            let arn = site.bucket_arn(name);
            let enabled = json!({"TargetBucket": target, "TargetPrefix": bucket::access_prefix(name)});
            step.resource(arn.clone())
                .call(
                    "s3:PutBucketLogging",
                    json!({"Bucket": name, "BucketLoggingStatus": {"LoggingEnabled": enabled}}),
                )
                .covers_in(&Scope::Resource(arn), &["s3-access-logging"]);
        }
        step.words(
            "server access logging is switched off again; logs that were delivered stay",
            "no request is touched or slowed",
            "none for the delivery; storage of the logs",
            "s3:GetBucketLogging names the target",
        );
        draft.add(step);
    }
}
