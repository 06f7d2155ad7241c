//! Control 4: the log bucket.
//!
//! Every bucket that something in scope delivers logs to is judged once, in the account that owns it. A
//! bucket that no account of the inventory owns is the business of `log-bucket-known` alone.

mod access_logging;
mod account_public_access_block;
mod acl;
mod cross_account;
mod encryption;
mod key;
mod known;
mod lifecycle;
mod mfa_delete;
mod not_principal;
mod object_lock;
mod ownership;
mod policy_public;
mod public_access_block;
mod replication;
mod service_source;
mod tls;
mod trail_delivery;
mod versioning;

use crate::check::{Check, Context, Verdict};
use crate::estate::buckets::{LogBucket, LogBuckets};
use crate::inventory::{Place, Unknown};
use crate::policy::Policy;
use crate::value::Json;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[
    &known::CHECK,
    &account_public_access_block::CHECK,
    &public_access_block::CHECK,
    &policy_public::CHECK,
    &not_principal::CHECK,
    &acl::CHECK,
    &cross_account::CHECK,
    &service_source::CHECK,
    &trail_delivery::CHECK,
    &tls::CHECK,
    &ownership::CHECK,
    &versioning::CHECK,
    &mfa_delete::CHECK,
    &object_lock::CHECK,
    &lifecycle::CHECK,
    &encryption::CHECK,
    &key::CHECK,
    &access_logging::CHECK,
    &replication::CHECK,
];

/// Judges every log bucket, in the account that owns it; `None` where the check does not concern it.
fn each_bucket(
    context: &Context<'_>,
    remediation: &str,
    judge: impl Fn(Place<'_>, &LogBucket<'_>) -> Result<Option<Verdict>, Unknown>,
) -> Vec<Verdict> {
    let buckets = LogBuckets::of(context.inventory);
    context.each_account(|account| {
        let own = |bucket: &&LogBucket<'_>| {
            bucket.owner.is_some_and(|owner| owner.account_id() == account.account_id())
        };
        let judged = buckets.iter().filter(own).filter_map(|bucket| {
            let verdict = match judge(account, bucket) {
                Ok(verdict) => concrete(verdict?, remediation, account, bucket),
                Err(unknown) => Verdict::unknown(account, bucket.arn(), &unknown),
            };
            Some(match bucket.region() {
                Some(region) => verdict.region(region),
                None => verdict,
            })
        });
        Ok(judged.collect())
    })
}

/// The verdict with the check's own fix, its placeholders filled in, where it has none of its own.
fn concrete(verdict: Verdict, remediation: &str, owner: Place<'_>, bucket: &LogBucket<'_>) -> Verdict {
    if verdict.remediation.is_some() {
        return verdict;
    }
    let text = remediation.replace("BUCKET", bucket.name).replace("ACCOUNT", owner.account_id());
    verdict.remediation(text.replace("arn:aws:s3", &format!("arn:{}:s3", owner.partition())))
}

/// Which buckets receive server access logs is known only if every bucket of the account tells where
/// its own go; some checks excuse such buckets.
fn access_logs_known(owner: Place<'_>) -> Result<(), Unknown> {
    owner.each("s3:GetBucketLogging").try_for_each(|(_, answer)| answer.map(drop))
}

/// The bucket's policy; none where it has none.
fn policy(bucket: &LogBucket<'_>) -> Result<Option<Policy>, Unknown> {
    let call = "s3:GetBucketPolicy";
    let Some(text) = bucket.ask(call)?.and_then(|output| output.text("Policy")) else { return Ok(None) };
    Policy::parse(text).map(Some).map_err(|error| Unknown {
        call: call.to_owned(),
        missing_action: None,
        reason: format!("the policy of the bucket {} cannot be read: {error}", bucket.name),
    })
}

/// The settings of Block Public Access, as `GetPublicAccessBlock` names them.
const BLOCKS: [&str; 4] =
    ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

/// The settings that are on, of the account or of the bucket.
fn blocks_on(output: Option<&serde_json::Value>) -> Vec<&'static str> {
    let on = |name: &&str| {
        output.is_some_and(|output| output.flag(&format!("PublicAccessBlockConfiguration.{name}")))
    };
    BLOCKS.into_iter().filter(on).collect()
}

/// The settings that are off, in the order AWS lists them.
fn blocks_off(on: &[&str]) -> Vec<&'static str> {
    BLOCKS.into_iter().filter(|name| !on.contains(name)).collect()
}

/// Whether a setting is in force for the bucket: on for its account or for itself. What cannot be
/// asked does not count as on.
fn in_force(owner: Place<'_>, bucket: &LogBucket<'_>, setting: &str) -> bool {
    let account = owner.get("s3control:GetPublicAccessBlock").unwrap_or_default();
    let own = bucket.ask("s3:GetPublicAccessBlock").unwrap_or_default();
    blocks_on(account).contains(&setting) || blocks_on(own).contains(&setting)
}

/// A statement, by `Sid` or by its place.
fn statement_name(sid: Option<&str>, index: usize) -> String {
    sid.map_or_else(|| format!("statement {}", index + 1), |sid| format!("statement {sid}"))
}

/// Days of the default retention of Object Lock, and its mode; none without one.
fn default_retention<'a>(bucket: &LogBucket<'a>) -> Result<Option<(i64, &'a str)>, Unknown> {
    let Some(output) = bucket.ask("s3:GetObjectLockConfiguration")? else { return Ok(None) };
    let Some(rule) = output.at("ObjectLockConfiguration.Rule.DefaultRetention") else { return Ok(None) };
    let days = rule.int("Days").or(rule.int("Years").map(|years| years * 365)).unwrap_or(0);
    Ok((days > 0).then(|| (days, rule.text("Mode").unwrap_or("GOVERNANCE"))))
}
