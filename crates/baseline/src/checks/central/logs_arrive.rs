//! The logs of every account arrive in one place.
//!
//! The central account is the one that the settings name. Without that it is the owner of the bucket
//! that an organisation trail delivers to, or else of the bucket that most accounts deliver to; where no
//! account of the inventory owns that bucket, the bucket itself is the place. An account's logs arrive
//! when a multi-Region trail that is logging delivers its events there, or when Trailkeep gets them.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Role, role};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::estate::buckets::LogBuckets;
use crate::estate::trails::{Trail, Trails};
use crate::inventory::{Inventory, Place, Unknown};

pub(super) const CHECK: Check = Check {
    id: "central-logs-arrive",
    control: Control::Central,
    title: "The logs of every account arrive in the central account",
    severity: Severity::High,
    why: "Logs that stay in the account they are about are deleted with it, or by whoever took it over; only together \
          do they show what an intruder did across accounts. \
          https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/log-archive.html",
    expected: "a multi-Region trail that is logging delivers the account's events to the central account's bucket, or \
               they reach Trailkeep",
    remediation: "aws cloudtrail create-trail --name organization --s3-bucket-name CENTRAL_BUCKET --is-multi-region-trail \
                  --is-organization-trail --enable-log-file-validation && aws cloudtrail start-logging --name \
                  organization   # in the management account; or update-trail --name TRAIL --s3-bucket-name \
                  CENTRAL_BUCKET for the account's own trail",
    fix_calls: &["cloudtrail:CreateTrail", "cloudtrail:UpdateTrail", "cloudtrail:StartLogging"],
    frameworks: Frameworks {
        nist_800_53: &["AU-4(1)", "AU-6(3)", "AU-6(4)", "AU-9(2)"],
        pci_dss_4: &["10.3.3"],
        ..Frameworks::NONE
    },
    run,
};

/// Where logs meet: an account, or a bucket that no account of the inventory owns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Central {
    Account(String),
    Bucket(String),
}

impl Central {
    fn words(&self) -> String {
        match self {
            Self::Account(id) => format!("account {id}"),
            Self::Bucket(name) => format!("bucket {name} of an account outside the inventory"),
        }
    }
}

/// Where one trail delivers.
struct Delivery<'a> {
    trail: &'a Trail<'a>,
    bucket: &'a str,
    place: Central,
}

fn run(context: &Context<'_>) -> Vec<Verdict> {
    let inventory = context.inventory;
    let trails = Trails::of(inventory);
    let buckets = LogBuckets::of(inventory);
    let central = match &context.settings.central_account {
        Some(account) => Some(Central::Account(account.clone())),
        None => found(inventory, &trails, &buckets),
    };
    context.each_account(|place| Ok(vec![judge(place, &trails, &buckets, central.as_ref())?]))
}

/// The trails that record the whole account and log, and the first reason why that is not known of
/// another.
fn deliveries<'a>(
    account: &str,
    trails: &'a Trails<'a>,
    buckets: &LogBuckets<'_>,
) -> (Vec<Delivery<'a>>, Option<Unknown>) {
    let mut unknown = None;
    let mut found = Vec::new();
    let own = |trail: &&Trail<'_>| trail.is_multi_region() && trail.accounts().any(|id| id == account);
    for trail in trails.iter().filter(own) {
        let (true, Some(bucket)) = (
            trail.is_logging().unwrap_or_else(|reason| {
                unknown = Some(reason);
                false
            }),
            trail.bucket(),
        ) else {
            continue;
        };
        let owner = buckets.get(bucket).and_then(|bucket| bucket.owner);
        let place = match owner {
            Some(owner) => Central::Account(owner.account_id().to_owned()),
            None => Central::Bucket(bucket.to_owned()),
        };
        found.push(Delivery { trail, bucket, place });
    }
    (found, unknown)
}

/// The place that an organisation trail delivers to, or that most accounts do.
fn found(inventory: &Inventory, trails: &Trails<'_>, buckets: &LogBuckets<'_>) -> Option<Central> {
    let mut accounts: BTreeMap<Central, (bool, usize)> = BTreeMap::new();
    for account in inventory.accounts.keys() {
        for delivery in deliveries(account, trails, buckets).0 {
            let counted = accounts.entry(delivery.place).or_default();
            counted.0 |= delivery.trail.is_organization();
            counted.1 += 1;
        }
    }
    accounts.into_iter().max_by_key(|(_, counted)| *counted).map(|(central, _)| central)
}

fn judge(
    place: Place<'_>,
    trails: &Trails<'_>,
    buckets: &LogBuckets<'_>,
    central: Option<&Central>,
) -> Result<Verdict, Unknown> {
    let (id, arn) = (place.account_id(), place.account_arn());
    let watched =
        place.inventory.trailkeep.as_ref().is_some_and(|watch| watch.accounts.iter().any(|a| a == id));
    if watched {
        return Ok(Verdict::pass(place, arn, "the account's events reach Trailkeep"));
    }
    let (found, unknown) = deliveries(id, trails, buckets);
    let evidence = json!(found
        .iter()
        .map(|delivery| json!({"trail": delivery.trail.arn, "bucket": delivery.bucket, "in": delivery.place.words()}))
        .collect::<Vec<_>>());
    let Some(central) = central else {
        let unread = trails.unread().iter().find(|(other, _)| other.account_id() == id);
        return match unknown.or(unread.map(|(_, unknown)| unknown.clone())) {
            Some(unknown) => Err(unknown),
            None => Ok(Verdict::fail(
                place,
                arn,
                "no multi-Region trail that is logging delivers the account's events",
            )),
        };
    };
    if let Some(delivery) = found.iter().find(|delivery| delivery.place == *central) {
        let observed = format!(
            "trail {} delivers to bucket {} in {}",
            delivery.trail.name,
            delivery.bucket,
            central.words()
        );
        let alone = place.inventory.accounts.len() == 1 && *central == Central::Account(id.to_owned());
        if alone && role(place) == Ok(Role::Member) {
            let observed = format!(
                "the account belongs to an organisation, but trail {} keeps its logs in the account itself",
                delivery.trail.name
            );
            return Ok(Verdict::fail(place, arn, observed).evidence(evidence));
        }
        return Ok(Verdict::pass(place, arn, observed).evidence(evidence));
    }
    // A bucket without a known owner may be the central account's, if that is not looked at.
    let unseen = |account: &str| !place.inventory.accounts.contains_key(account);
    if let (Central::Account(account), Some(delivery)) =
        (central, found.iter().find(|delivery| matches!(delivery.place, Central::Bucket(_))))
        && unseen(account)
    {
        return Err(Unknown {
            call: "s3:ListBuckets".to_owned(),
            missing_action: None,
            reason: format!(
                "trail {} delivers to bucket {}; whether account {account} owns it is not known, as that is not part \
                 of the inventory",
                delivery.trail.name, delivery.bucket
            ),
        });
    }
    if let Some(unknown) = unknown {
        return Err(unknown);
    }
    let unread = trails.unread().iter().find(|(other, _)| other.account_id() == id);
    match (found.first(), unread) {
        (Some(delivery), _) => Ok(Verdict::fail(
            place,
            arn,
            format!(
                "trail {} delivers to bucket {} in {}, not in {}",
                delivery.trail.name,
                delivery.bucket,
                delivery.place.words(),
                central.words()
            ),
        )
        .evidence(evidence)),
        (None, Some((_, unknown))) => Err(unknown.clone()),
        (None, None) => {
            let observed = format!(
                "no multi-Region trail that is logging delivers the account's events to {}",
                central.words()
            );
            Ok(Verdict::fail(place, arn, observed))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{ACCOUNT, HOME, OTHER, Sample, TRAIL, fails, passes, unknown};
    use crate::check::{Settings, Status};
    use crate::inventory::{GLOBAL, Watch};

    const ARCHIVE: &str = "333333333333";

    fn member_trail(sample: &mut Sample, bucket: &str) {
        let arn = "arn:aws:cloudtrail:eu-west-1:222222222222:trail/own";
        let trail = json!({"Name": "own", "TrailARN": arn, "HomeRegion": HOME, "S3BucketName": bucket,
            "IsMultiRegionTrail": true});
        sample.put_in(OTHER, HOME, "cloudtrail:DescribeTrails", "", json!({"trailList": [trail]}));
        sample.put_in(OTHER, HOME, "cloudtrail:GetTrailStatus", arn, json!({"IsLogging": true}));
    }

    fn of(sample: &Sample, account: &str) -> (Status, String) {
        let found = sample.run(&CHECK).into_iter().find(|verdict| verdict.account_id == account).unwrap();
        (found.status, found.observed)
    }

    #[test]
    fn the_organisation_trail_says_which_place_is_central() {
        let mut sample = Sample::new();
        sample.add_account(OTHER);
        sample.add_account(ARCHIVE);
        sample.put_in(ARCHIVE, GLOBAL, "s3:ListBuckets", "", json!({"Buckets": [{"Name": "logs"}]}));
        let trails = sample.edit(HOME, "cloudtrail:DescribeTrails", "");
        trails["trailList"][0]["IsOrganizationTrail"] = json!(true);
        let trails = trails.clone();
        for account in [OTHER, ARCHIVE] {
            sample.put_in(account, HOME, "cloudtrail:DescribeTrails", "", trails.clone());
        }
        for account in [ACCOUNT, OTHER, ARCHIVE] {
            let (status, observed) = of(&sample, account);
            assert_eq!(
                (status, observed.as_str()),
                (Status::Pass, "trail main delivers to bucket logs in account 333333333333")
            );
        }
        // One account has a trail of its own instead.
        sample.put_in(OTHER, GLOBAL, "s3:ListBuckets", "", json!({"Buckets": [{"Name": "own-logs"}]}));
        member_trail(&mut sample, "own-logs");
        let (status, observed) = of(&sample, OTHER);
        assert_eq!(status, Status::Fail);
        assert_eq!(
            observed,
            "trail own delivers to bucket own-logs in account 222222222222, not in account 333333333333"
        );
    }

    #[test]
    fn a_bucket_outside_the_inventory_can_be_the_place() {
        let mut sample = Sample::new();
        sample.add_account(OTHER);
        member_trail(&mut sample, "logs");
        assert_eq!(of(&sample, OTHER).0, Status::Pass);
        member_trail(&mut sample, "elsewhere");
        assert!(sample.run(&CHECK).iter().any(|verdict| verdict.status == Status::Fail));
        let settings = Settings { central_account: Some(ARCHIVE.to_owned()), ..Settings::default() };
        let verdicts = (CHECK.run)(&Context { inventory: &sample.inventory, settings: &settings });
        assert!(verdicts.iter().all(|verdict| verdict.status == Status::Unknown), "{verdicts:?}");
    }

    #[test]
    fn a_lone_account_is_its_own_place_unless_it_is_a_member() {
        let mut sample = Sample::new();
        sample.put(GLOBAL, "s3:ListBuckets", "", json!({"Buckets": [{"Name": "logs"}]}));
        sample.absent(GLOBAL, "organizations:DescribeOrganization", "");
        passes(&sample, &CHECK, "trail main delivers to bucket logs in account 111111111111");
        sample.put(
            GLOBAL,
            "organizations:DescribeOrganization",
            "",
            json!({"Organization": {"MasterAccountId": OTHER}}),
        );
        fails(&sample, &CHECK, "keeps its logs in the account itself");
        sample.put(HOME, "cloudtrail:GetTrailStatus", TRAIL, json!({"IsLogging": false}));
        fails(&sample, &CHECK, "no multi-Region trail that is logging");
        sample.inventory.trailkeep = Some(Watch { accounts: vec![ACCOUNT.to_owned()], notifies: false });
        passes(&sample, &CHECK, "reach Trailkeep");
        sample.inventory.trailkeep = None;
        sample.deny(HOME, "cloudtrail:GetTrailStatus", TRAIL);
        unknown(&sample, &CHECK, "cloudtrail:GetTrailStatus");
    }
}
