//! Control 1: a multi-Region trail.
//!
//! Two kinds of questions: about each trail (one verdict, at its home, wherever it is shown), and about
//! each account (which trails, its own or the organisation's, record it).

mod delivery;
mod event_data_store;
mod excluded_sources;
mod global_events;
mod insights;
mod kms_encryption;
mod kms_key;
mod log_file_validation;
mod log_group;
mod logging;
mod management_events;
mod multi_region;
mod organization;
mod region_coverage;
mod s3_data_events;

use serde_json::Value;

use crate::check::{Check, Context, Verdict};
use crate::estate::trails::{Trail, Trails};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[
    &multi_region::CHECK,
    &region_coverage::CHECK,
    &logging::CHECK,
    &global_events::CHECK,
    &management_events::CHECK,
    &excluded_sources::CHECK,
    &organization::CHECK,
    &delivery::BUCKET,
    &delivery::DIGEST,
    &delivery::LOG_GROUP,
    &delivery::NOTIFICATION,
    &log_file_validation::CHECK,
    &kms_encryption::CHECK,
    &kms_key::CHECK,
    &log_group::CHECK,
    &insights::CHECK,
    &s3_data_events::WRITE,
    &s3_data_events::READ,
    &event_data_store::INGESTING,
    &event_data_store::KEPT,
    &event_data_store::ENCRYPTED,
];

/// Judges every trail once, in the account that verdicts about it belong to; `None` where the check
/// does not concern it. An account none of whose Regions could list its trails is unknown as a whole.
fn each_trail(
    context: &Context<'_>,
    remediation: &str,
    judge: impl Fn(&Trail<'_>) -> Result<Option<Verdict>, Unknown>,
) -> Vec<Verdict> {
    let trails = Trails::of(context.inventory);
    context.each_account(|account| {
        if let Some(unknown) = nowhere_read(&trails, account) {
            return Err(unknown);
        }
        let own = trails.iter().filter(|trail| trail.place.account_id() == account.account_id());
        let judged = own.filter_map(|trail| match judge(trail) {
            Ok(verdict) => verdict.map(|verdict| concrete(verdict, remediation, trail)),
            Err(unknown) => Some(Verdict::unknown(trail.place, trail.arn, &unknown)),
        });
        Ok(judged.collect())
    })
}

/// The verdict with the check's own fix, its placeholders filled in, where it has none of its own.
fn concrete(verdict: Verdict, remediation: &str, trail: &Trail<'_>) -> Verdict {
    if verdict.remediation.is_some() {
        return verdict;
    }
    let mut text = remediation.replace("HOME_REGION", trail.home_region);
    for (option, value) in [
        ("--name ", Some(trail.arn)),
        ("--trail-name ", Some(trail.arn)),
        ("--bucket ", trail.bucket()),
        ("--topic-arn ", trail.config.text("SnsTopicARN")),
        ("--role-name ", trail.config.text("CloudWatchLogsRoleArn").and_then(|arn| arn.rsplit('/').next())),
        ("--key-id ", trail.config.text("KmsKeyId")),
    ] {
        for placeholder in ["NAME", "BUCKET", "TOPIC", "ROLE", "KEY"] {
            if let Some(value) = value {
                text = text.replace(&format!("{option}{placeholder}"), &format!("{option}{value}"));
            }
        }
    }
    verdict.remediation(text)
}

/// `aws cloudtrail put-event-selectors` with these selectors for the trail.
fn put_selectors(trail: &Trail<'_>, (option, selectors): (&str, Value)) -> String {
    let (region, arn) = (trail.home_region, trail.arn);
    format!("aws cloudtrail put-event-selectors --region {region} --trail-name {arn} {option} '{selectors}'")
}

/// Judges every account together with the trails of the estate.
fn each_account(
    context: &Context<'_>,
    judge: impl Fn(Place<'_>, &Trails<'_>) -> Result<Vec<Verdict>, Unknown>,
) -> Vec<Verdict> {
    let trails = Trails::of(context.inventory);
    context.each_account(|account| match nowhere_read(&trails, account) {
        Some(unknown) => Err(unknown),
        None => judge(account, &trails),
    })
}

/// Why no Region of the account could list its trails, where that is so.
fn nowhere_read(trails: &Trails<'_>, account: Place<'_>) -> Option<Unknown> {
    let unread = trails.unread().iter().filter(|(place, _)| place.account_id() == account.account_id());
    let reasons: Vec<&Unknown> = unread.map(|(_, unknown)| unknown).collect();
    (reasons.len() == account.account.regions.len()).then(|| reasons.first().copied().cloned()).flatten()
}

/// The trails that record this Region of this account and are logging. A trail whose state is not
/// known makes the answer unknown only where no other one is seen to log.
fn recording<'t, 'a>(
    trails: &'t Trails<'a>,
    account: &str,
    region: &str,
) -> Result<Vec<&'t Trail<'a>>, Unknown> {
    let mut logging = Vec::new();
    let mut unknown = None;
    for trail in trails.covering(account, region) {
        match trail.is_logging() {
            Ok(true) => logging.push(trail),
            Ok(false) => {}
            Err(reason) => unknown = Some(reason),
        }
    }
    match unknown {
        Some(reason) if logging.is_empty() => Err(reason),
        _ => Ok(logging),
    }
}

/// `main`, or `main of account 111111111111` where the account is not its maker.
fn called(trail: &Trail<'_>, account: Place<'_>) -> String {
    if trail.owner == account.account_id() {
        format!("trail {}", trail.name)
    } else {
        format!("organisation trail {} of account {}", trail.name, trail.owner)
    }
}

/// `a, b and c`; of a long list the first ones and how many more.
fn listed(names: &[impl AsRef<str>]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] if names.len() <= SHOWN => format!("{} and {last}", first.join(", ")),
        shown => format!("{} and {} more", shown[..SHOWN].join(", "), shown.len() - SHOWN),
    }
}
