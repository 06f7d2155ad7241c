//! All paths of an estate.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::AwsEvent;
use super::condition::{Condition, Form};
use super::coverage::Coverage;
use super::filters;
use super::ordinary;
use super::path::{AlertPath, Broken, Hop, HopKind, dead};
use super::rules;
use super::target::{self, Sender};
use crate::estate::selectors::{Management, management_of};
use crate::estate::trails::{Trail, Trails};
use crate::inventory::{Account, Inventory, Place, Unknown};
use crate::value::Json;

/// Every way from an event to somebody, by the account and Region that the event happens in.
#[derive(Debug, Default)]
pub struct AlertPaths {
    places: BTreeMap<(String, String), Heard>,
}

/// What hears of the events of one Region of an account.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Paths of what CloudTrail records.
    pub(super) recorded: Vec<Arc<AlertPath>>,
    /// Paths of what services send to EventBridge.
    pub(super) sent: Vec<Arc<AlertPath>>,
    /// What could not be looked at on the way of what CloudTrail records.
    pub(super) recorded_unknown: Vec<Unknown>,
    /// What could not be looked at on the way of what services send.
    pub(super) sent_unknown: Vec<Unknown>,
    /// Where the ways end that do not even begin: `trail main delivers to no log group`.
    pub(super) notes: Vec<String>,
    /// Where a metric filter would hear of them.
    spot: Option<Spot>,
}

/// Where a metric filter would hear of the events of a Region: what a fix needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The log group that a trail which is logging delivers to.
    pub log_group: String,
    /// Its Region.
    pub region: String,
    /// A topic there that takes alarms and has a confirmed subscription, if there is one.
    pub topic: Option<String>,
}

/// A trail, and the ways on from its log group.
struct FromTrail<'a> {
    trail: &'a Trail<'a>,
    logging: Result<bool, Unknown>,
    records: Result<Management, Unknown>,
    paths: Vec<Arc<AlertPath>>,
    unknown: Option<Unknown>,
    note: Option<String>,
    spot: Option<Spot>,
}

impl AlertPaths {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let trails = Trails::of(inventory);
        let from_trails: Vec<FromTrail<'_>> = trails.iter().map(FromTrail::of).collect();
        let mut places = BTreeMap::new();
        for account in inventory.accounts.values().filter(|account| account.failed.is_none()) {
            for region in regions(account) {
                let heard = heard(inventory, account, &region, &trails, &from_trails);
                places.insert((account.id.clone(), region), heard);
            }
        }
        Self { places }
    }

    /// Runs events of one account and Region through the paths. Those that take nearly everything to
    /// an alarm do not count ([`AlertPath::broad`]).
    #[must_use]
    pub fn coverage<'a>(&'a self, account: &str, region: &str, events: &[AwsEvent]) -> Coverage<'a> {
        self.run(account, region, events, false)
    }

    /// As [`AlertPaths::coverage`], but paths that take nearly everything count.
    #[must_use]
    pub fn lenient_coverage<'a>(&'a self, account: &str, region: &str, events: &[AwsEvent]) -> Coverage<'a> {
        self.run(account, region, events, true)
    }

    fn run<'a>(&'a self, account: &str, region: &str, events: &[AwsEvent], lenient: bool) -> Coverage<'a> {
        match self.places.get(&(account.to_owned(), region.to_owned())) {
            Some(heard) => Coverage::of(heard, events, lenient),
            None => Coverage::elsewhere(account, region, events),
        }
    }

    /// Where a metric filter would hear of the events of this account and Region.
    #[must_use]
    pub fn spot(&self, account: &str, region: &str) -> Option<&Spot> {
        self.places.get(&(account.to_owned(), region.to_owned()))?.spot.as_ref()
    }

    /// The paths of what CloudTrail records in this account and Region.
    pub fn recorded(&self, account: &str, region: &str) -> impl Iterator<Item = &AlertPath> {
        let heard = self.places.get(&(account.to_owned(), region.to_owned()));
        heard.into_iter().flat_map(|heard| heard.recorded.iter().map(AsRef::as_ref))
    }
}

/// The Regions of the account, and the one that records the events of IAM and Organizations.
fn regions(account: &Account) -> Vec<String> {
    let mut regions = account.regions.clone();
    let home = home_of_global_services(account);
    if !regions.iter().any(|region| region == home) {
        regions.push(home.to_owned());
    }
    regions
}

/// The Region that records the events of services without Regions: IAM, Organizations, sign-ins of
/// the root user.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html>
pub(crate) fn home_of_global_services(account: &Account) -> &'static str {
    match account.regions.first().map_or("", String::as_str) {
        region if region.starts_with("cn-") => "cn-north-1",
        region if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

fn heard(
    inventory: &Inventory,
    account: &Account,
    region: &str,
    trails: &Trails<'_>,
    from_trails: &[FromTrail<'_>],
) -> Heard {
    let mut heard = Heard::default();
    let place = inventory.place(&account.id, region);
    let covering = |trail: &Trail<'_>| {
        trail.covers(&account.id, region)
            // A Region that was not looked at shows nothing, but is covered all the same.
            || (place.is_none() && trail.is_multi_region() && trail.accounts().any(|id| id == account.id))
    };
    let covering: Vec<&FromTrail<'_>> = from_trails.iter().filter(|from| covering(from.trail)).collect();
    let unread = place.and_then(|place| trails.unread_at(place));
    heard.recorded_unknown.extend(unread.cloned());
    for from in &covering {
        heard.recorded.extend(from.paths.iter().cloned());
        heard.recorded_unknown.extend(from.unknown.clone());
        heard.notes.extend(from.note.clone());
        heard.notes.extend(from.left_out());
        heard.spot = heard.spot.take().or_else(|| from.spot.clone());
    }
    let found = match place {
        Some(place) => rules::of_bus(&AlertPath::new(), place, ""),
        None => Err(Unknown {
            call: "events:ListRules".to_owned(),
            missing_action: None,
            reason: format!("the EventBridge rules of {region} are not part of the inventory"),
        }),
    };
    match found {
        Ok(paths) => {
            let trail = trail_hop(&covering, region, unread);
            heard.recorded.extend(paths.iter().map(|path| Arc::new(behind(&trail, path))));
            heard.sent.extend(paths.into_iter().map(Arc::new));
        }
        Err(unknown) => {
            heard.sent_unknown.push(unknown.clone());
            heard.recorded_unknown.push(unknown);
        }
    }
    if covering.is_empty() && unread.is_none() {
        heard.notes.push(format!("no trail records {region}"));
    }
    if let Some(path) = trailkeep(inventory, &account.id) {
        heard.recorded.push(Arc::clone(&path));
        heard.sent.push(path);
    }
    // The shortest way is the one that is told.
    heard.recorded.sort_by_key(|path| path.hops.len());
    heard.sent.sort_by_key(|path| path.hops.len());
    heard
}

/// EventBridge gets what CloudTrail records, and only where a trail logs it.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>
fn trail_hop(covering: &[&FromTrail<'_>], region: &str, unread: Option<&Unknown>) -> AlertPath {
    let logging: Vec<&&FromTrail<'_>> = covering.iter().filter(|from| from.logging == Ok(true)).collect();
    let hop = |from: &FromTrail<'_>| Hop::new(HopKind::Trail, from.trail.name, from.trail.arn);
    if let Some(first) = logging.first() {
        let records: Vec<Management> = logging.iter().filter_map(|from| from.records.clone().ok()).collect();
        let unknown = logging.iter().find_map(|from| from.records.clone().err());
        let path = AlertPath::new();
        return match unknown {
            Some(unknown) if records.is_empty() => path.through(hop(first), Err(unknown.into())),
            _ => path.through(hop(first), Ok(())).when(Condition::Recorded(records.into())),
        };
    }
    let unknown = covering.iter().find_map(|from| from.logging.clone().err()).or(unread.cloned());
    let first = covering.first().map_or_else(|| Hop::new(HopKind::Trail, "", ""), |from| hop(from));
    let judged = match (unknown, covering.first()) {
        (Some(unknown), _) => Err(unknown.into()),
        (None, Some(from)) => dead(format!("trail {} is not logging", from.trail.name)),
        (None, None) => {
            dead(format!("no trail records {region}, and EventBridge gets API calls only where one does"))
        }
    };
    AlertPath::new().through(first, judged)
}

/// The path with another's hops before its own.
fn behind(first: &AlertPath, path: &AlertPath) -> AlertPath {
    let mut whole = first.clone();
    let offset = whole.hops.len();
    whole.hops.extend(path.hops.iter().cloned());
    whole.conditions.extend(path.conditions.iter().cloned());
    let known = |broken: &Option<Broken>| broken.as_ref().is_some_and(|broken| broken.unknown.is_none());
    if let Some(broken) = &path.broken
        && (whole.broken.is_none() || (!known(&whole.broken) && known(&path.broken)))
    {
        whole.broken = Some(Broken { hop: broken.hop + offset, ..broken.clone() });
    }
    whole
}

fn trailkeep(inventory: &Inventory, account: &str) -> Option<Arc<AlertPath>> {
    let watch = inventory.trailkeep.as_ref()?;
    if !watch.accounts.iter().any(|id| id == account) {
        return None;
    }
    let judged = if watch.notifies {
        Ok(())
    } else {
        dead("Trailkeep has no channel through which it notifies anybody")
    };
    Some(Arc::new(AlertPath::new().through(Hop::new(HopKind::Trailkeep, "", ""), judged)))
}

impl<'a> FromTrail<'a> {
    fn of(trail: &'a Trail<'a>) -> Self {
        let logging = trail.is_logging();
        let records = trail.selectors().map(|selectors| management_of(&[selectors]));
        let mut from =
            Self { trail, logging, records, paths: Vec::new(), unknown: None, note: None, spot: None };
        match from.log_group_paths() {
            Ok(paths) => from.paths = paths.into_iter().map(Arc::new).collect(),
            Err(unknown) => from.unknown = Some(unknown),
        }
        from
    }

    /// What the trail does not record, where it leaves out something.
    fn left_out(&self) -> Option<String> {
        let name = self.trail.name;
        let records = self.records.as_ref().ok()?;
        if !records.write {
            return Some(format!("trail {name} does not record write events"));
        }
        let excluded: Vec<&str> = records.excluded.iter().map(String::as_str).collect();
        (!excluded.is_empty())
            .then(|| format!("trail {name} leaves out events of {}", excluded.join(" and ")))
    }

    fn log_group_paths(&mut self) -> Result<Vec<AlertPath>, Unknown> {
        let trail = self.trail;
        let inventory = trail.place.inventory;
        let Some(arn) = trail.log_group() else {
            // A member of an organisation is not told where its trail delivers.
            if trail.place.account_id() != trail.owner {
                return Err(outside(&format!("where trail {} delivers", trail.name), trail.owner));
            }
            self.note = Some(format!("trail {} delivers to no log group", trail.name));
            return Ok(Vec::new());
        };
        let name = arn.splitn(7, ':').nth(6).unwrap_or(arn);
        let Some(place) = inventory.place_of(arn) else {
            let account = arn.split(':').nth(4).unwrap_or("");
            return Err(outside(&format!("what watches log group {name} of trail {}", trail.name), account));
        };
        if self.logging == Ok(true) {
            let topic = live_topic(place).map(str::to_owned);
            self.spot = Some(Spot { log_group: name.to_owned(), region: place.region.to_owned(), topic });
        }
        let path = self.to_log_group(place, arn, name);
        let mut paths = filters::from_log_group(&path, place, name, Form::Record)?;
        let ordinary = ordinary::events(trail.owner, trail.home_region);
        paths.iter_mut().for_each(|path| path.try_out(&ordinary));
        if paths.is_empty() {
            self.note = Some(format!("log group {name} of trail {} has no metric filter", trail.name));
        }
        Ok(paths)
    }

    /// The trail logs, it records the event, and what it records arrives in the log group.
    fn to_log_group(&self, place: Place<'_>, arn: &str, name: &str) -> AlertPath {
        let trail = self.trail;
        let judged = match &self.logging {
            Ok(true) => Ok(()),
            Ok(false) => dead(format!("trail {} is not logging", trail.name)),
            Err(unknown) => Err(unknown.clone().into()),
        };
        let mut path = AlertPath::new().through(Hop::new(HopKind::Trail, trail.name, trail.arn), judged);
        match &self.records {
            Ok(records) => path = path.when(Condition::Recorded([records.clone()].into())),
            Err(unknown) => path.judge(Err(unknown.clone().into())),
        }
        let hop = Hop::new(HopKind::LogGroup, name, arn);
        let groups = place.list("logs:DescribeLogGroups", "logGroups");
        let gone =
            groups.is_ok_and(|groups| !groups.iter().any(|group| group.text("logGroupName") == Some(name)));
        let status = trail.status().ok();
        let failing = status.and_then(|status| status.text("LatestCloudWatchLogsDeliveryError"));
        let judged = match failing {
            _ if gone => dead(format!("log group {name} of trail {} does not exist", trail.name)),
            Some(error) => dead(format!("trail {} fails to deliver to its log group ({error})", trail.name)),
            None => Ok(()),
        };
        path.through(hop, judged)
    }
}

/// A topic of the Region that takes alarms and has a confirmed subscription.
fn live_topic(place: Place<'_>) -> Option<&str> {
    let sender = Sender::alarm(place, &place.arn("cloudwatch", "alarm:trailkeep"));
    let topics = place.list("sns:ListTopics", "Topics").ok()?;
    let mut arns = topics.iter().filter_map(|topic| topic.text("TopicArn"));
    arns.find(|arn| target::judge(place.inventory, arn, &sender).trouble().is_none())
}

fn outside(what: &str, account: &str) -> Unknown {
    Unknown {
        call: "cloudtrail:DescribeTrails".to_owned(),
        missing_action: None,
        reason: format!("{what} is known in account {account} only, which is not part of the inventory"),
    }
}
