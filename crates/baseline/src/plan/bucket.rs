//! The log bucket, the buckets for access logs and for load balancers, and the bucket of a trail that is
//! there already.

use serde_json::{Value, json};

use super::draft::{Draft, Scope, Writing, tags};
use super::key::Key;
use super::services::Needs;
use super::trail::{Subject, Wants};
use crate::check::Control;
use crate::desired::{Merge, bucket, elb, merge};
use crate::estate::buckets::LogBuckets;
use crate::inventory::Place;
use crate::value::Json;

/// What a bucket is to be like.
#[derive(Default)]
struct Wanted {
    ownership: bool,
    encryption: Option<Value>,
    lifecycle: bool,
    object_lock_days: Option<u32>,
    statements: Vec<Value>,
    /// The bucket that its access logs go to.
    logging: Option<String>,
}

/// A bucket, and what the account says of it; nothing where it is yet to be made.
struct Bucket<'a> {
    name: String,
    region: String,
    at: Option<Place<'a>>,
}

/// The account lists this bucket; `None` when it does not tell.
pub(super) fn exists(global: Place<'_>, name: &str) -> Option<bool> {
    let listed = global.list("s3:ListBuckets", "Buckets").ok()?;
    Some(listed.iter().any(|item| item.text("Name") == Some(name)))
}

/// The buckets for access logs: of log buckets in the home Region, and in each Region of the buckets that
/// are to log.
pub(super) fn access(draft: &mut Draft<'_>, wants: &Wants, needs: &Needs) {
    let home = draft.site.region.clone();
    access_of(draft, &home, &wants.access_logs_of, needs);
    let others = needs.buckets.keys().chain(needs.balancers.keys()).filter(|region| **region != home);
    for region in others.collect::<std::collections::BTreeSet<_>>() {
        access_of(draft, region, &[], needs);
    }
}

fn access_of(draft: &mut Draft<'_>, region: &str, of: &[String], needs: &Needs) {
    let site = draft.site.in_region(region);
    let name = site.access_bucket();
    let Some(there) = exists(draft.global, &name) else { return };
    let (all, balancers) = (needs.buckets.contains_key(region), needs.balancers.contains_key(region));
    if !there && of.is_empty() && !all && !balancers {
        return;
    }
    let mut of = of.to_vec();
    if of.is_empty() && site == draft.site {
        of.push(site.log_bucket());
    }
    if balancers {
        of.push(site.elb_bucket());
    }
    let mut statements = Vec::new();
    for of in &of {
        statements.extend(bucket::access_bucket_statements(&site, &name, of));
    }
    if all {
        statements.push(bucket::access_of_account(&site, &name));
        statements.push(bucket::tls_only(&site, &name));
    }
    statements.sort_by_key(|statement| statement.text("Effect") == Some("Deny"));
    let wanted = Wanted {
        ownership: true,
        encryption: Some(bucket::encryption_s3()),
        statements,
        ..Wanted::default()
    };
    let title = match there {
        false => format!("Make the bucket {name} for access logs"),
        true => format!("Complete the settings of the bucket {name}"),
    };
    let mut step = draft.step(&site.region, "access-bucket", Control::Bucket, title);
    step.resource(site.bucket_arn(&name)).words(
        "it is deleted if nothing is in it; settings of a bucket that was there are put back",
        "a new bucket, closed to the public; nothing that exists changes",
        "storage of access logs: cents a month",
        "each setting is read back",
    );
    let bucket = Bucket { name, region: site.region.clone(), at: there.then_some(draft.global) };
    complete(&mut step, &bucket, &wanted);
    draft.add(step);
}

/// The buckets that load balancers deliver to, one in each Region that has some to log.
pub(super) fn balancers(draft: &mut Draft<'_>, needs: &Needs) {
    for (region, balancers) in &needs.balancers {
        let site = draft.site.in_region(region);
        let name = site.elb_bucket();
        let Some(there) = exists(draft.global, &name) else { return };
        let wanted = Wanted {
            ownership: true,
            encryption: Some(bucket::encryption_s3()),
            lifecycle: true,
            object_lock_days: draft.settings.object_lock_days.filter(|_| !there),
            statements: elb::bucket_statements(&site, &name, balancers.has_classic()),
            logging: Some(site.access_bucket()),
        };
        let title = match there {
            false => format!("Make the bucket {name} for the logs of load balancers"),
            true => format!("Complete the settings of the bucket {name}"),
        };
        let mut step = draft.step(region, "elb-bucket", Control::Bucket, title);
        step.resource(site.bucket_arn(&name)).needs(draft.id(region, "access-bucket")).words(
            "it is deleted if nothing is in it; with a log file in it, it is kept as it is",
            "a new bucket, closed to the public and to plain HTTP; nothing that exists changes",
            "0.023 USD for a GB and month, 0.004 USD after 90 days",
            "each setting is read back",
        );
        let bucket = Bucket { name, region: region.clone(), at: there.then_some(draft.global) };
        complete(&mut step, &bucket, &wanted);
        draft.add(step);
    }
}

/// The log bucket.
pub(super) fn logs(
    draft: &mut Draft<'_>,
    subject: &Subject<'_, '_>,
    wants: &Wants,
    (needs, key): (&Needs, Option<&Key>),
) {
    let site = draft.site.clone();
    let name = site.log_bucket();
    let Some(there) = exists(draft.global, &name) else { return };
    let (true, Some(key)) = (there || wants.log_bucket, key) else { return };
    let mut statements = bucket::delivery_statements(&site, &name);
    if wants.trail || subject.trail().is_some_and(|trail| trail.bucket() == Some(&name)) {
        statements = bucket::log_bucket_statements(&site, &name, &[subject.trail_arn(&site)]);
    } else {
        statements.push(bucket::tls_only(&site, &name));
    }
    if needs.config {
        statements.extend(bucket::config_statements(&site, &name));
        statements.sort_by_key(|statement| statement.text("Effect") == Some("Deny"));
    }
    let object_lock_days = draft.settings.object_lock_days.filter(|_| !there);
    let wanted = Wanted {
        ownership: true,
        encryption: key.is_ready.then(|| bucket::encryption_kms(&key.arn)),
        lifecycle: true,
        object_lock_days,
        statements,
        logging: Some(site.access_bucket()),
    };
    let title = match there {
        false => format!("Make the log bucket {name}"),
        true => format!("Complete the settings of the log bucket {name}"),
    };
    let mut step = draft.step(&site.region, "log-bucket", Control::Bucket, title);
    let lock = match object_lock_days {
        Some(days) => format!("; each log file is locked for {days} days, and paid for so long"),
        None => String::new(),
    };
    step.resource(site.bucket_arn(&name))
        .needs(draft.id(&site.region, "access-bucket"))
        .needs(key.step.clone())
        .covers_in(&Scope::Resource(site.bucket_arn(&name)), OWN_CHECKS)
        .words(
            "it is deleted if nothing is in it; with a log file in it, it is kept as it is",
            "a new bucket, closed to the public and to plain HTTP; nothing that exists changes",
            &format!("0.023 USD for a GB and month, 0.004 USD after 90 days{lock}"),
            "each setting is read back",
        );
    let bucket = Bucket { name, region: site.region.clone(), at: there.then_some(draft.global) };
    complete(&mut step, &bucket, &wanted);
    draft.add(step);
}

/// What the settings of the own log bucket satisfy.
const OWN_CHECKS: &[&str] = &[
    "log-bucket-public-access-block",
    "log-bucket-ownership",
    "log-bucket-versioning",
    "log-bucket-encryption",
    "log-bucket-tls",
    "log-bucket-trail-delivery",
    "log-bucket-access-logging",
];

/// The bucket of a trail that is there already: what closes it further and keeps nobody out who has
/// business there.
pub(super) fn of_trail(draft: &mut Draft<'_>, subject: &Subject<'_, '_>) {
    let site = draft.site.clone();
    let Some(trail) = subject.trail() else { return };
    let Some(name) = trail.bucket().filter(|name| *name != site.log_bucket()) else { return };
    let buckets = LogBuckets::of(draft.inventory);
    let Some(found) = buckets.get(name) else { return };
    let (Some(owner), Some(region)) = (found.owner, found.region()) else { return };
    if owner.account_id() != site.account {
        return;
    }
    let arn = site.bucket_arn(name);
    let fails = |check: &str| draft.failures(check).any(|result| result.resource_arn == arn);
    let mut wanted = Wanted::default();
    if fails("log-bucket-trail-delivery") {
        wanted.statements.extend(bucket::trail_statements(&site, name, &[trail.arn.to_owned()]));
    }
    if fails("log-bucket-tls") {
        wanted.statements.push(bucket::tls_only(&site, name));
    }
    let access_logs = fails("log-bucket-access-logging") && region == site.region;
    wanted.logging = access_logs.then(|| site.access_bucket());
    let mut step = draft.step(
        region,
        "trail-bucket",
        Control::Bucket,
        format!("Close the bucket {name} of the trail {}", trail.name),
    );
    step.resource(arn.clone())
        .needs(draft.id(&site.region, "access-bucket"))
        .covers_in(
            &Scope::Resource(arn.clone()),
            &["log-bucket-public-access-block", "log-bucket-versioning", "log-bucket-tls", "log-bucket-trail-delivery"],
        )
        .words(
            "the former policy and settings are put back",
            "statements are added to the bucket's policy, none is taken out; who reads the logs without TLS or as the public no longer can",
            "earlier versions of files are kept and paid for",
            "each setting is read back",
        );
    if access_logs {
        step.covers_in(&Scope::Resource(arn), &["log-bucket-access-logging"]);
    }
    let bucket = Bucket { name: name.to_owned(), region: region.to_owned(), at: Some(owner) };
    complete(&mut step, &bucket, &wanted);
    draft.add(step);
}

/// The calls that make the bucket what it is to be. Of one that is there, only what is missing; what is
/// not known is left alone.
fn complete(step: &mut Writing, bucket: &Bucket<'_>, wanted: &Wanted) {
    let name = bucket.name.as_str();
    if bucket.at.is_none() {
        create(step, bucket, wanted);
    }
    let missing = |call: &str, holds: &dyn Fn(Option<&Value>) -> bool| match bucket.at {
        None => true,
        Some(place) => place.get_for(call, name).is_ok_and(|answer| !holds(answer)),
    };
    let all = bucket::public_access_block();
    let blocked = |answer: Option<&Value>| {
        let on = |member: &String| {
            answer.is_some_and(|answer| answer.flag(&format!("PublicAccessBlockConfiguration.{member}")))
        };
        all.as_object().is_some_and(|members| members.keys().all(on))
    };
    if missing("s3:GetPublicAccessBlock", &blocked) {
        step.call("s3:PutPublicAccessBlock", json!({"Bucket": name, "PublicAccessBlockConfiguration": all}));
    }
    let first = |answer: Option<&Value>, path: &str, member: &str| {
        let rule = answer.and_then(|answer| answer.items(path).first());
        rule.and_then(|rule| rule.text(member)).map(str::to_owned)
    };
    let enforced = |answer: Option<&Value>| {
        first(answer, "OwnershipControls.Rules", "ObjectOwnership").as_deref() == Some("BucketOwnerEnforced")
    };
    if wanted.ownership && missing("s3:GetBucketOwnershipControls", &enforced) {
        step.call(
            "s3:PutBucketOwnershipControls",
            json!({"Bucket": name, "OwnershipControls": bucket::ownership()}),
        );
    }
    let versioned =
        |answer: Option<&Value>| answer.and_then(|answer| answer.text("Status")) == Some("Enabled");
    if missing("s3:GetBucketVersioning", &versioned) {
        let input = json!({"Bucket": name, "VersioningConfiguration": {"Status": "Enabled"}});
        step.call("s3:PutBucketVersioning", input);
    }
    if let Some(encryption) = &wanted.encryption {
        let algorithm = encryption
            .at("Rules")
            .and_then(|rules| rules[0].text("ApplyServerSideEncryptionByDefault.SSEAlgorithm"));
        let encrypted = |answer: Option<&Value>| {
            let path = "ServerSideEncryptionConfiguration.Rules";
            let now = first(answer, path, "ApplyServerSideEncryptionByDefault.SSEAlgorithm");
            now.as_deref() == algorithm || now.is_some_and(|now| now.starts_with("aws:kms"))
        };
        if missing("s3:GetBucketEncryption", &encrypted) {
            let input = json!({"Bucket": name, "ServerSideEncryptionConfiguration": encryption});
            step.call("s3:PutBucketEncryption", input);
        }
    }
    policy(step, bucket, &wanted.statements);
    if wanted.lifecycle && missing("s3:GetBucketLifecycleConfiguration", &|answer| answer.is_some()) {
        let input = json!({"Bucket": name, "LifecycleConfiguration": bucket::lifecycle()});
        step.call("s3:PutBucketLifecycleConfiguration", input);
    }
    if let Some(days) = wanted.object_lock_days {
        let input = json!({"Bucket": name, "ObjectLockConfiguration": bucket::object_lock(days)});
        step.call("s3:PutObjectLockConfiguration", input);
    }
    if let Some(target) = &wanted.logging {
        let logged = |answer: Option<&Value>| {
            answer.is_some_and(|answer| answer.text("LoggingEnabled.TargetBucket").is_some())
        };
        if missing("s3:GetBucketLogging", &logged) {
            let enabled = json!({"TargetBucket": target, "TargetPrefix": bucket::access_prefix(name)});
            step.call(
                "s3:PutBucketLogging",
                json!({"Bucket": name, "BucketLoggingStatus": {"LoggingEnabled": enabled}}),
            );
        }
    }
}

fn create(step: &mut Writing, bucket: &Bucket<'_>, wanted: &Wanted) {
    let mut input = json!({"Bucket": bucket.name});
    // us-east-1 is where a bucket is made that names no place.
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    if bucket.region != "us-east-1" {
        input["CreateBucketConfiguration"] = json!({"LocationConstraint": bucket.region});
    }
    if wanted.object_lock_days.is_some() {
        input["ObjectLockEnabledForBucket"] = json!(true);
    }
    step.call("s3:CreateBucket", input);
    step.call("s3:PutBucketTagging", json!({"Bucket": bucket.name, "Tagging": {"TagSet": tags()}}));
}

fn policy(step: &mut Writing, bucket: &Bucket<'_>, statements: &[Value]) {
    if statements.is_empty() {
        return;
    }
    let text = match bucket.at.map(|place| place.get_for("s3:GetBucketPolicy", &bucket.name)) {
        None | Some(Ok(None)) => None,
        Some(Ok(Some(output))) => output.text("Policy"),
        Some(Err(_)) => return,
    };
    if let Merge::New(policy) = merge(text, statements) {
        step.call("s3:PutBucketPolicy", json!({"Bucket": bucket.name, "Policy": policy}));
    }
}
