//! Which of a bucket's object-level calls CloudTrail records.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>

use crate::estate::selectors::{Events, Selectors, Share};
use crate::estate::trails::Trails;
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// What is recorded of a bucket, and by which trails and event data stores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    /// Those that record all reads.
    pub(super) reads: Vec<String>,
    /// Those that record all writes.
    pub(super) writes: Vec<String>,
    /// Those that record some calls, of some objects or of some callers only.
    pub(super) partly: Vec<String>,
}

impl Coverage {
    /// All reads and all writes are recorded.
    pub(super) fn is_complete(&self) -> bool {
        !self.reads.is_empty() && !self.writes.is_empty()
    }

    fn add(&mut self, name: &str, selectors: &Selectors<'_>, arn_prefix: &str) {
        let share = |read_only| selectors.share(Events::Objects { arn_prefix, read_only });
        let (reads, writes) = (share(true), share(false));
        let named = |on: bool| on.then(|| name.to_owned());
        self.reads.extend(named(reads == Share::All));
        self.writes.extend(named(writes == Share::All));
        self.partly.extend(named(reads == Share::Part || writes == Share::Part));
    }
}

/// Asks every trail and event data store that sees the bucket's Region. `place` is a place of the
/// bucket's account.
///
/// # Errors
/// [`Unknown`] when something could not be asked, and what could be does not cover the bucket.
pub(super) fn of_bucket(
    trails: &Trails<'_>,
    place: Place<'_>,
    bucket: &str,
    region: &str,
) -> Result<Coverage, Unknown> {
    let (account, arn) = (place.account_id(), format!("arn:{}:s3:::{bucket}/", place.partition()));
    let mut coverage = Coverage::default();
    let mut unknown = place.inventory.place(account, region).and_then(|home| trails.unread_at(home).cloned());
    for trail in trails.covering(account, region) {
        match trail.is_logging().and_then(|logging| logging.then(|| trail.selectors()).transpose()) {
            Ok(Some(selectors)) => coverage.add(&format!("trail {}", trail.name), &selectors, &arn),
            Ok(None) => {}
            Err(error) => unknown = unknown.or(Some(error)),
        }
    }
    for here in place.account.regions.iter().filter_map(|name| place.inventory.place(account, name)) {
        if let Err(error) = stores(here, &arn, region, &mut coverage) {
            unknown = unknown.or(Some(error));
        }
    }
    match unknown {
        Some(unknown) if !coverage.is_complete() => Err(unknown),
        _ => Ok(coverage),
    }
}

fn stores(here: Place<'_>, arn: &str, region: &str, coverage: &mut Coverage) -> Result<(), Unknown> {
    for store in here.list("cloudtrail:ListEventDataStores", "EventDataStores")? {
        let Some(store_arn) = store.text("EventDataStoreArn") else { continue };
        let Some(detail) = here.get_for("cloudtrail:GetEventDataStore", store_arn)? else { continue };
        let sees = detail.flag("MultiRegionEnabled") || here.region == region;
        if sees && detail.text("Status") == Some("ENABLED") {
            let name = detail.text("Name").unwrap_or(store_arn);
            coverage.add(&format!("event data store {name}"), &Selectors::of(Some(detail)), arn);
        }
    }
    Ok(())
}
