//! The logging of services: a module for each service, which switches on what is off.
//!
//! Logging that is on is left as it is, also where the check finds fault with it (a filter that drops too
//! much, a destination that is gone): what its owner set, its owner changes. Logs go to the bucket or log
//! group that the service can write to by itself, with a policy that lets in this account's resources
//! alone.

mod apigateway;
mod cloudfront;
mod config;
mod databases;
mod eks;
mod elb;
mod findings;
mod firewall;
mod group;
mod msk;
mod opensearch;
mod redshift;
mod resolver;
mod route53;
mod s3;
mod states;
mod waf;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use super::draft::Draft;
use super::key::Key;
use super::trail::{Subject, Wants};
use crate::inventory::Place;

use group::Groups;

/// What the services need that is made before them.
pub(super) struct Needs {
    /// Buckets whose requests are to be logged, by Region.
    pub(super) buckets: BTreeMap<String, Vec<String>>,
    /// Load balancers that are to log, by Region.
    pub(super) balancers: BTreeMap<String, elb::Balancers>,
    /// AWS Config is to deliver to the log bucket.
    pub(super) config: bool,
    /// CloudFront is to deliver to the log bucket.
    pub(super) cloudfront: bool,
}

impl Needs {
    pub(super) fn of(draft: &mut Draft<'_>, subject: &Subject<'_, '_>) -> Self {
        Self {
            buckets: s3::find(draft, subject),
            balancers: elb::find(draft),
            config: config::is_wanted(draft),
            cloudfront: !cloudfront::find(draft).is_empty(),
        }
    }

    /// Something is to be delivered to the log bucket.
    pub(super) fn log_bucket(&self) -> bool {
        self.config || self.cloudfront
    }
}

/// The steps of all services.
pub(super) fn write(draft: &mut Draft<'_>, needs: &Needs, wants: &Wants, key: Option<&Key>) {
    let groups = Groups::new(key);
    s3::write(draft, &needs.buckets, wants);
    elb::write(draft, &needs.balancers);
    waf::write(draft, &groups);
    apigateway::write(draft, &groups);
    cloudfront::write(draft);
    route53::write(draft, &groups);
    resolver::write(draft, &groups);
    databases::write(draft);
    eks::write(draft);
    redshift::write(draft);
    opensearch::write(draft, &groups);
    msk::write(draft, &groups);
    firewall::write(draft, &groups);
    states::write(draft, &groups);
    findings::security_hub(draft);
    findings::guardduty(draft);
    config::write(draft);
}

/// A resource of which a check says that it fails.
#[derive(Clone)]
struct Failing<'a> {
    /// Where the answers about it are.
    place: Place<'a>,
    arn: &'a str,
}

/// What fails a check, by the Region of the verdict, where the inventory knows the Region.
fn failing<'a>(draft: &Draft<'a>, check: &str) -> BTreeMap<&'a str, Vec<Failing<'a>>> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for result in draft.failures(check) {
        if let Some(place) = draft.inventory.place(&result.account_id, &result.region) {
            let arn = result.resource_arn.as_str();
            found.entry(result.region.as_str()).or_default().push(Failing { place, arn });
        }
    }
    found
}

/// `1 web ACL`, `3 web ACLs`.
fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// What stands behind the last `/` or `:` of an ARN.
fn last(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

/// The first item of a list whose member has this value.
fn with<'v>(items: &'v [Value], member: &str, value: &str) -> Option<&'v Value> {
    use crate::value::Json;

    items.iter().find(|item| item.text(member) == Some(value))
}

/// What a call costs that writes to CloudWatch Logs.
const TO_LOGS: &str = "0.50 USD for a GB that is written, 0.03 USD for a GB and month that is kept";

/// The same for vended logs, which cost less the more they are.
/// <https://aws.amazon.com/cloudwatch/pricing/>
const VENDED_TO_LOGS: &str =
    "0.50 USD for a GB that is written (less beyond 10 TB), 0.03 USD for a GB and month that is kept";
