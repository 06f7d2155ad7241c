//! The trail: made where there is none, put right where there is one.

use serde_json::{Map, Value, json};

use super::draft::{Draft, Scope, tags};
use super::key::Key;
use crate::check::Control;
use crate::desired::{Site, bucket};
use crate::estate::selectors::Selectors;
use crate::estate::trails::{Trail, Trails};
use crate::inventory::Place;
use crate::value::Json;

/// The trails of an account.
pub(super) struct Subject<'t, 'a> {
    /// Its own, the one to put right first.
    own: Vec<&'t Trail<'a>>,
    /// Another account's trail records it.
    is_covered: bool,
    /// Its trails could not be listed everywhere.
    is_unknown: bool,
}

impl<'t, 'a> Subject<'t, 'a> {
    pub(super) fn of(trails: &'t Trails<'a>, global: Place<'a>) -> Self {
        let id = global.account_id();
        let at_home =
            |trail: &&Trail<'_>| global.account.regions.iter().any(|region| region == trail.home_region);
        let mut own: Vec<_> = trails.iter().filter(|trail| trail.owner == id).filter(at_home).collect();
        let rank = |trail: &&Trail<'_>| {
            (trail.is_multi_region(), trail.is_logging() == Ok(true), trail.is_organization())
        };
        own.sort_by_key(|trail| std::cmp::Reverse(rank(trail)));
        let is_covered = trails.iter().any(|trail| {
            trail.owner != id && trail.is_multi_region() && trail.accounts().any(|account| account == id)
        });
        let unread = |(place, _): &(Place<'_>, _)| place.account_id() == id;
        Self { own, is_covered, is_unknown: trails.unread().iter().any(unread) }
    }

    /// The trail to put right.
    pub(super) fn trail(&self) -> Option<&'t Trail<'a>> {
        self.own.first().copied()
    }

    /// The ARN of the trail that is there, or of the one to be made.
    pub(super) fn trail_arn(&self, site: &Site) -> String {
        self.trail().map_or_else(|| site.trail_arn(), |trail| trail.arn.to_owned())
    }
}

/// What has to be made or be there.
pub(super) struct Wants {
    /// A trail is to be made.
    pub(super) trail: bool,
    /// The log group and its role are to be made.
    pub(super) log_group: bool,
    /// The log bucket is wanted.
    pub(super) log_bucket: bool,
    /// The key is wanted.
    pub(super) key: bool,
    /// Buckets whose access logs are to be kept.
    pub(super) access_logs_of: Vec<String>,
}

impl Wants {
    /// `deliveries` says that something is to be delivered to the log bucket.
    pub(super) fn of(draft: &Draft<'_>, subject: &Subject<'_, '_>, deliveries: bool) -> Self {
        let trail = subject.own.is_empty() && !subject.is_covered && !subject.is_unknown;
        let log_group = trail || subject.trail().is_some_and(|trail| trail.log_group().is_none());
        let log_bucket = trail || deliveries;
        let mut access_logs_of = Vec::new();
        if log_bucket {
            access_logs_of.push(draft.site.log_bucket());
        }
        let theirs = subject.trail().and_then(Trail::bucket).filter(|name| *name != draft.site.log_bucket());
        if let Some(name) = theirs {
            let arn = draft.site.bucket_arn(name);
            // S3 delivers access logs within a Region only.
            let mut here =
                draft.failures("log-bucket-access-logging").filter(|result| result.resource_arn == arn);
            let buckets = crate::estate::buckets::LogBuckets::of(draft.inventory);
            let near = buckets.get(name).and_then(|bucket| bucket.region()) == Some(&draft.site.region);
            if near && here.next().is_some() {
                access_logs_of.push(name.to_owned());
            }
        }
        Self { trail, log_group, log_bucket, key: log_bucket || log_group, access_logs_of }
    }
}

/// Makes the trail or puts it right.
pub(super) fn write(draft: &mut Draft<'_>, subject: &Subject<'_, '_>, wants: &Wants, key: Option<&Key>) {
    if let (true, Some(key)) = (wants.trail, key) {
        return create(draft, key);
    }
    if let Some(trail) = subject.trail() {
        put_right(draft, trail, wants);
    }
    for trail in subject.own.iter().skip(1) {
        validate(draft, trail);
    }
}

/// What a trail of the baseline satisfies.
const CHECKS: &[&str] = &[
    "trail-multi-region",
    "trail-logging",
    "trail-region-coverage",
    "trail-global-events",
    "trail-management-events",
    "trail-excluded-sources",
    "trail-log-file-validation",
    "trail-log-group",
    "trail-kms-encryption",
    "trail-insights",
    "log-bucket-known",
];

fn create(draft: &mut Draft<'_>, key: &Key) {
    let site = draft.site.clone();
    let (name, region) = (site.trail(), site.region.as_str());
    let mut step = draft.step(region, "trail", Control::Trail, format!("Make the multi-Region trail {name}"));
    let selectors =
        json!([bucket::management_selector(), bucket::data_event_selector(&site, &site.log_bucket())]);
    step.resource(site.trail_arn())
        .needs(key.step.clone())
        .needs(draft.id(region, "log-bucket"))
        .needs(draft.id(crate::inventory::GLOBAL, &format!("role-{region}")))
        .needs(draft.id(region, "log-group"))
        .call(
            "cloudtrail:CreateTrail",
            json!({
                "Name": name, "S3BucketName": site.log_bucket(), "IsMultiRegionTrail": true,
                "IncludeGlobalServiceEvents": true, "EnableLogFileValidation": true, "KmsKeyId": key.arn,
                "CloudWatchLogsLogGroupArn": format!("{}:*", site.log_group_arn()),
                "CloudWatchLogsRoleArn": site.role_arn(), "TagsList": tags(),
            }),
        )
        .call("cloudtrail:PutEventSelectors", json!({"TrailName": name, "AdvancedEventSelectors": selectors}))
        .call("cloudtrail:StartLogging", json!({"Name": name}))
        .call("cloudtrail:PutInsightSelectors", json!({"TrailName": name, "InsightSelectors": insights()}))
        .covers(CHECKS)
        .words(
            "the trail is deleted; the files that it delivered stay",
            "records every Region from now on; nothing that exists changes",
            "the first copy of management events is free; 0.10 USD for 100,000 data events of the log bucket, 0.35 USD for 100,000 events that Insights looks at",
            "cloudtrail:GetTrailStatus says that it is logging",
        );
    draft.add(step);
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html>
fn insights() -> Value {
    json!([{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}])
}

fn put_right(draft: &mut Draft<'_>, trail: &Trail<'_>, wants: &Wants) {
    let site = draft.site.clone();
    let region = site.region.as_str();
    let title = format!("Put the trail {} right", trail.name);
    let mut step = draft.step(region, "trail", Control::Trail, title);
    let scope = Scope::Resource(trail.arn.to_owned());
    step.resource(trail.arn);
    let mut settings = Map::new();
    let mut set = |name: &str, value: Value| drop(settings.insert(name.to_owned(), value));
    if !trail.is_multi_region() {
        set("IsMultiRegionTrail", json!(true));
        step.covers(&["trail-multi-region", "trail-region-coverage"]);
    }
    if !trail.has_global_events() {
        set("IncludeGlobalServiceEvents", json!(true));
        step.covers(&["trail-global-events"]);
    }
    if !trail.config.flag("LogFileValidationEnabled") {
        set("EnableLogFileValidation", json!(true));
        step.covers_in(&scope, &["trail-log-file-validation"]);
    }
    if wants.log_group {
        set("CloudWatchLogsLogGroupArn", json!(format!("{}:*", site.log_group_arn())));
        set("CloudWatchLogsRoleArn", json!(site.role_arn()));
        step.covers_in(&scope, &["trail-log-group"]);
    }
    if !settings.is_empty() {
        settings.insert("Name".to_owned(), json!(trail.name));
        step.call("cloudtrail:UpdateTrail", Value::Object(settings));
    }
    if let Some((member, selectors)) = selectors(draft, trail) {
        step.call("cloudtrail:PutEventSelectors", json!({"TrailName": trail.name, member: selectors}));
        step.covers(&["trail-management-events", "trail-excluded-sources"]);
    }
    if trail.is_logging() == Ok(false) {
        step.call("cloudtrail:StartLogging", json!({"Name": trail.name}));
        step.covers(&[
            "trail-logging",
            "trail-region-coverage",
            "trail-global-events",
            "trail-management-events",
        ]);
    }
    let insights_known = trail.ask("cloudtrail:GetInsightSelectors");
    let has_both = insights_known
        .as_ref()
        .is_ok_and(|answer| answer.is_some_and(|output| output.items("InsightSelectors").len() >= 2));
    if insights_known.is_ok() && !has_both && draft.fails("trail-insights") {
        step.call(
            "cloudtrail:PutInsightSelectors",
            json!({"TrailName": trail.name, "InsightSelectors": insights()}),
        );
        step.covers(&["trail-insights"]);
    }
    step.needs(draft.id(crate::inventory::GLOBAL, &format!("role-{region}")))
        .needs(draft.id(region, "log-group"))
        .needs(draft.id(region, "trail-bucket"))
        .words(
            "the former settings are put back; a trail that did not log is stopped again",
            "the trail records more than before, never less",
            "a second copy of management events costs 2 USD for 100,000; 0.35 USD for 100,000 events that Insights looks at",
            "cloudtrail:DescribeTrails, GetTrailStatus and GetEventSelectors give what was set",
        );
    draft.add(step);
}

/// The selectors to set, where some are missing: all management events where the checks ask for them,
/// and the data events of the own log bucket. Basic selectors that somebody wrote are not turned into
/// advanced ones.
fn selectors(draft: &Draft<'_>, trail: &Trail<'_>) -> Option<(&'static str, Value)> {
    let output = trail.ask("cloudtrail:GetEventSelectors").ok()?;
    let basic = output.map_or(&[][..], |output| output.items("EventSelectors"));
    let mut advanced = output.map_or(&[][..], |output| output.items("AdvancedEventSelectors")).to_vec();
    let management = draft.fails("trail-management-events") || draft.fails("trail-excluded-sources");
    let mut changed = false;
    if management && trail.is_logging() == Ok(true) {
        let (option, value) = Selectors::of(output).with_all_management();
        if !option.contains("advanced") {
            return Some(("EventSelectors", value));
        }
        changed = Value::Array(advanced.clone()) != value;
        advanced = value.as_array().cloned()?;
    }
    let bucket = trail.bucket().filter(|name| *name == draft.site.log_bucket());
    if let Some(name) = bucket {
        let wanted = bucket::data_event_selector(&draft.site, name);
        let is_there = advanced.iter().any(|selector| selector.text("Name") == wanted.text("Name"));
        let plain = advanced.is_empty() && basic.iter().all(is_default);
        if plain {
            return Some(("AdvancedEventSelectors", json!([bucket::management_selector(), wanted])));
        }
        if !advanced.is_empty() && !is_there {
            advanced.push(wanted);
            changed = true;
        }
    }
    changed.then_some(("AdvancedEventSelectors", Value::Array(advanced)))
}

/// What CloudTrail gives a trail that never got a selector.
fn is_default(selector: &Value) -> bool {
    selector.text("ReadWriteType").is_none_or(|kind| kind == "All")
        && selector.flag("IncludeManagementEvents")
        && selector.items("DataResources").is_empty()
        && selector.items("ExcludeManagementEventSources").is_empty()
}

/// Digest files for a trail beside the first.
fn validate(draft: &mut Draft<'_>, trail: &Trail<'_>) {
    if trail.config.flag("LogFileValidationEnabled") {
        return;
    }
    let title = format!("Write digest files for the trail {}", trail.name);
    let mut step = draft.step(trail.home_region, &format!("validate-{}", trail.name), Control::Trail, title);
    step.resource(trail.arn)
        .call("cloudtrail:UpdateTrail", json!({"Name": trail.name, "EnableLogFileValidation": true}))
        .covers_in(&Scope::Resource(trail.arn.to_owned()), &["trail-log-file-validation"])
        .words(
            "it is turned off again",
            "a digest file an hour in the trail's bucket",
            "cents a month",
            "cloudtrail:DescribeTrails says LogFileValidationEnabled",
        );
    draft.add(step);
}
