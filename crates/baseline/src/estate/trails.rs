//! Every trail once, and what it covers.
//!
//! `DescribeTrails` shows a multi-Region trail in every Region of its account (the *shadow trails*),
//! and an organisation trail in every Region of every member too, under the ARN of the account that
//! made it. Whoever counts answers counts such a trail dozens of times; here it is one [`Trail`] with
//! the places that show it.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::selectors::Selectors;
use crate::inventory::{Inventory, Place, Unknown};
use crate::value::Json;

const DESCRIBE: &str = "cloudtrail:DescribeTrails";

/// The trails of an estate.
#[derive(Debug)]
pub struct Trails<'a> {
    trails: Vec<Trail<'a>>,
    unread: Vec<(Place<'a>, Unknown)>,
}

/// One trail.
#[derive(Debug)]
pub struct Trail<'a> {
    /// Its ARN: the account in it made the trail, the Region is its home.
    pub arn: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Where it is managed and where its status is kept.
    pub home_region: &'a str,
    /// The account that made it.
    pub owner: &'a str,
    /// Its description as `DescribeTrails` gives it.
    pub config: &'a Value,
    /// Where verdicts about it belong: its home in its owner's account; where that is not part of
    /// the inventory, a place that shows it.
    pub place: Place<'a>,
    /// Every place that shows it, by account and Region.
    seen: BTreeSet<(&'a str, &'a str)>,
    /// Places that could not say whether they show it.
    unread: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Trails<'a> {
    /// Gathers the trails of all accounts and Regions, ordered by ARN.
    #[must_use]
    pub fn of(inventory: &'a Inventory) -> Self {
        let mut found: BTreeMap<&str, Vec<(Place<'a>, &'a Value)>> = BTreeMap::new();
        let mut unread = Vec::new();
        for place in inventory.places().filter(|place| place.account.failed.is_none()) {
            match place.list(DESCRIBE, "trailList") {
                Ok(listed) => {
                    for config in listed {
                        if let Some(arn) = config.text("TrailARN") {
                            found.entry(arn).or_default().push((place, config));
                        }
                    }
                }
                Err(unknown) => unread.push((place, unknown)),
            }
        }
        let silent: BTreeSet<_> =
            unread.iter().map(|(place, _)| (place.account_id(), place.region)).collect();
        let trails = found.into_iter().filter_map(|(arn, shown)| Trail::new(inventory, arn, &shown, &silent));
        Self { trails: trails.collect(), unread }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Trail<'a>> {
        self.trails.iter()
    }

    /// The trail of this ARN.
    #[must_use]
    pub fn get(&self, arn: &str) -> Option<&Trail<'a>> {
        self.trails.iter().find(|trail| trail.arn == arn)
    }

    /// Places whose trails could not be listed, and why.
    #[must_use]
    pub fn unread(&self) -> &[(Place<'a>, Unknown)] {
        &self.unread
    }

    /// Why the trails of this place could not be listed, where that is so.
    #[must_use]
    pub fn unread_at(&self, place: Place<'_>) -> Option<&Unknown> {
        let here =
            |other: &Place<'_>| other.account_id() == place.account_id() && other.region == place.region;
        self.unread.iter().find(|(other, _)| here(other)).map(|(_, unknown)| unknown)
    }

    /// The trails that are set up to record this Region of this account, logging or not.
    pub fn covering(&self, account: &str, region: &str) -> impl Iterator<Item = &Trail<'a>> {
        self.trails.iter().filter(move |trail| trail.covers(account, region))
    }

    /// The trails that send the events of this account to the log group, given by ARN with or without
    /// the `:*` at its end.
    pub fn delivering_to_log_group(&self, log_group_arn: &str) -> impl Iterator<Item = &Trail<'a>> {
        self.trails.iter().filter(move |trail| trail.log_group() == Some(bare_log_group(log_group_arn)))
    }

    /// The trails that deliver to the bucket.
    pub fn delivering_to_bucket(&self, bucket: &str) -> impl Iterator<Item = &Trail<'a>> {
        self.trails.iter().filter(move |trail| trail.bucket() == Some(bucket))
    }
}

/// The ARN of a log group without the `:*` that CloudTrail and IAM write behind it.
#[must_use]
pub fn bare_log_group(arn: &str) -> &str {
    arn.strip_suffix(":*").unwrap_or(arn)
}

impl<'a> Trail<'a> {
    fn new(
        inventory: &'a Inventory,
        arn: &'a str,
        shown: &[(Place<'a>, &'a Value)],
        unread: &BTreeSet<(&'a str, &'a str)>,
    ) -> Option<Self> {
        let mut parts = arn.splitn(6, ':').skip(3);
        let (arn_region, owner, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let (first, config) = *shown.first()?;
        let home_region = config.text("HomeRegion").unwrap_or(arn_region);
        let at_home = shown.iter().find(|(place, _)| place.region == home_region);
        // The owner's own answer knows most: members are not told everything.
        let own = shown.iter().find(|(place, _)| place.account_id() == owner);
        let place = inventory.place(owner, home_region).or(at_home.map(|(place, _)| *place)).unwrap_or(first);
        Some(Self {
            arn,
            name: config.text("Name").unwrap_or_else(|| resource.trim_start_matches("trail/")),
            home_region,
            owner,
            config: own.or(at_home).map_or(config, |(_, config)| config),
            place,
            seen: shown.iter().map(|(place, _)| (place.account_id(), place.region)).collect(),
            unread: unread.clone(),
        })
    }

    /// It records every Region of its accounts.
    #[must_use]
    pub fn is_multi_region(&self) -> bool {
        self.config.flag("IsMultiRegionTrail")
    }

    /// It records every account of the organisation.
    #[must_use]
    pub fn is_organization(&self) -> bool {
        self.config.flag("IsOrganizationTrail")
    }

    /// It records the events of services that have no Region (IAM, STS, CloudFront).
    #[must_use]
    pub fn has_global_events(&self) -> bool {
        self.config.flag("IncludeGlobalServiceEvents")
    }

    /// The name of the bucket it delivers to.
    #[must_use]
    pub fn bucket(&self) -> Option<&'a str> {
        self.config.text("S3BucketName")
    }

    /// The ARN of the log group it delivers to, without `:*` at its end.
    #[must_use]
    pub fn log_group(&self) -> Option<&'a str> {
        self.config.text("CloudWatchLogsLogGroupArn").map(bare_log_group)
    }

    /// The accounts that show it.
    pub fn accounts(&self) -> impl Iterator<Item = &'a str> {
        let accounts: BTreeSet<_> = self.seen.iter().map(|(account, _)| *account).collect();
        accounts.into_iter()
    }

    /// It is set up to record this Region of this account. Where the Region could not be asked, a
    /// multi-Region trail that another Region of the account shows counts: that is what it means.
    #[must_use]
    pub fn covers(&self, account: &str, region: &str) -> bool {
        self.seen.contains(&(account, region))
            || (self.is_multi_region()
                && self.unread.contains(&(account, region))
                && self.seen.iter().any(|(seen, _)| *seen == account))
    }

    /// It is set up to record whatever the other trail records.
    #[must_use]
    pub fn covers_all_of(&self, other: &Trail<'_>) -> bool {
        other.seen.iter().all(|(account, region)| self.covers(account, region))
    }

    /// The answer to a question about the trail, asked in its home Region: by its owner, or else by
    /// any account that shows it.
    ///
    /// # Errors
    /// [`Unknown`] when nobody could ask, or the home Region is not part of the inventory.
    pub fn ask(&self, call: &str) -> Result<Option<&'a Value>, Unknown> {
        let inventory = self.place.inventory;
        let members = self.accounts().filter(|account| *account != self.owner);
        let mut reason = None;
        for account in [self.owner].into_iter().chain(members) {
            let Some(place) = inventory.place(account, self.home_region) else { continue };
            match place.get_for(call, self.arn) {
                Ok(answer) => return Ok(answer),
                Err(unknown) => reason = reason.or(Some(unknown)),
            }
        }
        Err(reason.unwrap_or_else(|| Unknown {
            call: call.to_owned(),
            missing_action: None,
            reason: format!(
                "the trail's home Region {} of account {} is not part of the inventory, and only there \
                 its state is told",
                self.home_region, self.owner
            ),
        }))
    }

    /// What `GetTrailStatus` says.
    ///
    /// # Errors
    /// [`Unknown`] as [`Trail::ask`].
    pub fn status(&self) -> Result<&'a Value, Unknown> {
        let call = "cloudtrail:GetTrailStatus";
        self.ask(call)?.ok_or_else(|| Unknown {
            call: call.to_owned(),
            missing_action: None,
            reason: format!("GetTrailStatus does not know the trail {}", self.name),
        })
    }

    /// It is logging now, whatever its configuration says.
    ///
    /// # Errors
    /// [`Unknown`] as [`Trail::ask`].
    pub fn is_logging(&self) -> Result<bool, Unknown> {
        Ok(self.status()?.flag("IsLogging"))
    }

    /// What its event selectors let through.
    ///
    /// # Errors
    /// [`Unknown`] as [`Trail::ask`].
    pub fn selectors(&self) -> Result<Selectors<'a>, Unknown> {
        Ok(Selectors::of(self.ask("cloudtrail:GetEventSelectors")?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{ACCOUNT, Estate, HOME, LOG_GROUP, MEMBER, OTHER, TRAIL};

    #[test]
    fn a_multi_region_trail_is_one_trail() {
        let estate = Estate::compliant();
        let trails = Trails::of(&estate.inventory);
        assert_eq!(trails.iter().count(), 1);
        let trail = trails.get(TRAIL).unwrap();
        assert_eq!(
            (trail.name, trail.owner, trail.home_region, trail.place.region),
            ("main", ACCOUNT, HOME, HOME)
        );
        assert!(trail.covers(ACCOUNT, OTHER) && !trail.covers(MEMBER, HOME));
        assert_eq!(trail.is_logging(), Ok(true));
        assert_eq!(trails.delivering_to_log_group(LOG_GROUP).count(), 1);
        assert_eq!(trails.delivering_to_log_group(&format!("{LOG_GROUP}:*")).count(), 1);
        assert_eq!(trails.delivering_to_bucket("trail-logs").count(), 1);
    }

    #[test]
    fn a_member_sees_the_organisation_trail_and_its_owner_answers_for_it() {
        let mut estate = Estate::compliant();
        estate.join_member();
        let trails = Trails::of(&estate.inventory);
        assert_eq!(trails.iter().count(), 1, "once for both accounts");
        let trail = trails.get(TRAIL).unwrap();
        assert_eq!(trail.accounts().collect::<Vec<_>>(), [ACCOUNT, MEMBER]);
        assert!(trail.covers(MEMBER, OTHER));
        assert_eq!(trail.is_logging(), Ok(true));
        // The same, seen by the member alone: it may ask for the status, in the home Region.
        estate.inventory.accounts.remove(ACCOUNT);
        assert!(Trails::of(&estate.inventory).get(TRAIL).unwrap().is_logging().is_err());
        let status = json!({"IsLogging": true});
        estate.inventory.record(
            MEMBER,
            HOME,
            "cloudtrail:GetTrailStatus",
            TRAIL,
            crate::Answer::Output(status),
        );
        let trails = Trails::of(&estate.inventory);
        let trail = trails.get(TRAIL).unwrap();
        assert_eq!((trail.owner, trail.place.account_id(), trail.is_logging()), (ACCOUNT, MEMBER, Ok(true)));
    }

    #[test]
    fn a_home_region_out_of_scope_leaves_the_state_unknown() {
        let mut estate = Estate::compliant();
        estate.account().regions.retain(|region| region != HOME);
        estate.account().answers.remove(HOME);
        let trails = Trails::of(&estate.inventory);
        let trail = trails.get(TRAIL).unwrap();
        assert!(trail.covers(ACCOUNT, OTHER));
        let reason = trail.is_logging().unwrap_err().reason;
        assert!(reason.contains("home Region eu-west-1"), "{reason}");
    }

    #[test]
    fn a_region_that_could_not_be_asked_is_covered_by_what_spans_regions() {
        let mut estate = Estate::compliant();
        estate.denied(OTHER, DESCRIBE, "", "cloudtrail:DescribeTrails");
        let trails = Trails::of(&estate.inventory);
        assert_eq!(trails.unread().len(), 1);
        assert_eq!(trails.covering(ACCOUNT, OTHER).count(), 1);
        estate.trail(|trail| trail["IsMultiRegionTrail"] = json!(false));
        assert_eq!(Trails::of(&estate.inventory).covering(ACCOUNT, OTHER).count(), 0);
    }
}
