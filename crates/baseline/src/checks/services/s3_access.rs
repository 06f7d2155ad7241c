//! Requests to S3 buckets.

use std::collections::BTreeMap;

use serde_json::json;

use super::data_events::{self, Coverage};
use super::destination::Target;
use super::logging::{Logging, listing, resource};
use super::{nist, vended};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::estate::trails::Trails;
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "s3-access-logging",
    control: Control::Services,
    title: "Requests to every S3 bucket are logged",
    severity: Severity::Medium,
    why: "Management events do not tell who read or deleted an object. Server access logs or CloudTrail \
          data events do. https://docs.aws.amazon.com/AmazonS3/latest/userguide/logging-with-S3.html",
    expected: "server access logging into a live, closed bucket of the same account, or CloudTrail data \
               events for all reads and writes of the bucket; a bucket that receives access logs may do \
               without",
    remediation: "aws s3api put-bucket-logging --bucket BUCKET --bucket-logging-status \
                  '{\"LoggingEnabled\":{\"TargetBucket\":\"LOG_BUCKET\",\"TargetPrefix\":\"BUCKET/\"}}'",
    fix_calls: &["s3:PutBucketLogging"],
    frameworks: Frameworks {
        security_hub: &["S3.9"],
        config_rules: &["s3-bucket-logging-enabled"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.2.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    let trails = Trails::of(context.inventory);
    context.each_account(|place| {
        let buckets = place.list("s3:ListBuckets", "Buckets")?;
        let names: Vec<&str> = buckets.iter().filter_map(|bucket| bucket.text("Name")).collect();
        let account = Buckets { trails: &trails, receivers: receivers(place, &names), names };
        Ok(account.names.iter().map(|name| judge(context, place, name, &account)).collect())
    })
}

/// The buckets of one account, and what records them.
struct Buckets<'a> {
    trails: &'a Trails<'a>,
    names: Vec<&'a str>,
    /// Those that receive access logs, and whose.
    receivers: BTreeMap<&'a str, Vec<&'a str>>,
}

fn receivers<'a>(place: Place<'a>, names: &[&'a str]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut receivers = BTreeMap::<_, Vec<_>>::new();
    for name in names {
        let answer = place.get_for("s3:GetBucketLogging", name).ok().flatten();
        match answer.and_then(|output| output.text("LoggingEnabled.TargetBucket")) {
            Some(target) if target != *name => receivers.entry(target).or_default().push(*name),
            _ => {}
        }
    }
    receivers
}

fn judge(context: &Context<'_>, place: Place<'_>, name: &str, account: &Buckets<'_>) -> Verdict {
    let arn = format!("arn:{}:s3:::{name}", place.partition());
    let region = place.get_for("s3:GetBucketLocation", name).map(|output| {
        match output.and_then(|output| output.text("LocationConstraint")) {
            // The two oldest Regions answer in their own way.
            None => "us-east-1",
            Some("EU") => "eu-west-1",
            Some(name) => name,
        }
    });
    let verdict = resource(place, &arn, |logging| {
        logging.fix(format!(
            "aws s3api put-bucket-logging --bucket {name} --bucket-logging-status \
             '{{\"LoggingEnabled\":{{\"TargetBucket\":\"LOG_BUCKET\",\"TargetPrefix\":\"{name}/\"}}}}'"
        ));
        let output = place.get_for("s3:GetBucketLogging", name)?;
        if let Some(target) = output.and_then(|output| output.text("LoggingEnabled.TargetBucket")) {
            logging.evidence(json!({"TargetBucket": target}));
            server_access(context, place, target, &account.names, logging);
            return Ok(());
        }
        let region = region.clone()?;
        let vended = match place.inventory.place(place.account_id(), region) {
            Some(home) => vended::judge(context, home, (&arn, "S3_SERVER_ACCESS_LOGS"), logging),
            None => Err(Unknown {
                call: "logs:DescribeDeliverySources".to_owned(),
                missing_action: None,
                reason: format!("{region}, where the bucket is, is not part of the inventory"),
            }),
        };
        if vended == Ok(true) || otherwise(place, name, region, account, logging) {
            return Ok(());
        }
        vended?;
        off(&data_events::of_bucket(account.trails, place, name, region)?, logging);
        Ok(())
    });
    match region {
        Ok(region) => verdict.region(region),
        Err(_) => verdict,
    }
}

fn server_access(context: &Context<'_>, place: Place<'_>, target: &str, all: &[&str], logging: &mut Logging) {
    logging.on(format!("requests are logged to bucket {target}"));
    if all.contains(&target) {
        logging.destination(Target::bucket(target).liveness(context, place));
    } else {
        logging.fault(format!(
            "requests are to be logged to bucket {target}, which this account does not have; S3 delivers \
             only within an account"
        ));
    }
}

/// Without access logs there may be data events, or a good reason.
fn otherwise(
    place: Place<'_>,
    name: &str,
    region: &str,
    account: &Buckets<'_>,
    logging: &mut Logging,
) -> bool {
    if let Ok(coverage) = data_events::of_bucket(account.trails, place, name, region)
        && coverage.is_complete()
    {
        logging.on(format!(
            "data events: reads are recorded by {}, writes by {}",
            listing(&coverage.reads, 3),
            listing(&coverage.writes, 3)
        ));
        return true;
    }
    match account.receivers.get(name) {
        Some(sources) => logging.on(format!(
            "it receives the access logs of {}, and logging it too would make logs of logs",
            listing(sources, 3)
        )),
        None => return false,
    }
    true
}

fn off(coverage: &Coverage, logging: &mut Logging) {
    logging.fault("server access logging is off");
    match (coverage.reads.first(), coverage.writes.first(), coverage.partly.first()) {
        (Some(trail), None, _) => logging.fault(format!("{trail} records its reads, but nothing its writes")),
        (None, Some(trail), _) => logging.fault(format!("{trail} records its writes, but nothing its reads")),
        (_, _, Some(trail)) => logging.fault(format!("{trail} records only some of its data events")),
        _ => logging.fault("no trail records its data events"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    /// The bucket `data` is to be judged; `logs` is logged to itself and passes.
    fn estate(data: Value) -> Estate {
        Estate::new()
            .global("s3:ListBuckets", "", json!({"Buckets": [{"Name": "data"}, {"Name": "logs"}]}))
            .global("s3:GetBucketLocation", "data", json!({"LocationConstraint": REGION}))
            .global("s3:GetBucketLocation", "logs", json!({"LocationConstraint": REGION}))
            .global("s3:GetBucketLogging", "data", data)
            .global("s3:GetBucketLogging", "logs", json!({"LoggingEnabled": {"TargetBucket": "logs"}}))
            .with("logs:DescribeDeliverySources", "", json!({"deliverySources": []}))
            .with("cloudtrail:DescribeTrails", "", json!({"trailList": []}))
            .with("cloudtrail:ListEventDataStores", "", json!({"EventDataStores": []}))
    }

    fn trail(kind: &str, logging: bool) -> Estate {
        let arn = format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main");
        let trail =
            json!({"TrailARN": arn, "Name": "main", "HomeRegion": REGION, "IsMultiRegionTrail": true});
        let resources = json!([{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]);
        let selectors = json!([{"ReadWriteType": kind, "DataResources": resources}]);
        estate(json!({}))
            .with("cloudtrail:DescribeTrails", "", json!({"trailList": [trail]}))
            .with("cloudtrail:GetTrailStatus", &arn, json!({"IsLogging": logging}))
            .with("cloudtrail:GetEventSelectors", &arn, json!({"EventSelectors": selectors}))
    }

    #[track_caller]
    fn of_data(estate: &Estate, status: Status, saying: &str) {
        let verdicts = estate.run(&CHECK);
        let verdict = verdicts.iter().find(|v| v.resource_arn == "arn:aws:s3:::data").unwrap();
        assert_eq!(verdict.status, status, "{}", verdict.observed);
        assert!(verdict.observed.contains(saying), "{}", verdict.observed);
        assert_eq!(verdict.region, REGION);
    }

    #[test]
    fn server_access_logging() {
        let to =
            |target: &str| estate(json!({"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "x"}}));
        of_data(&to("logs"), Status::Pass, "logged to bucket logs");
        of_data(&to("gone"), Status::Fail, "which this account does not have");
        let public = to("logs").global("s3:GetBucketPolicy", "logs", public_policy());
        of_data(&public, Status::Fail, "open to the public");
        of_data(&estate(json!({})), Status::Fail, "server access logging is off; no trail records");
    }

    #[test]
    fn data_events_instead() {
        of_data(&trail("All", true), Status::Pass, "recorded by trail main");
        let saying = "trail main records its writes, but nothing its reads";
        of_data(&trail("WriteOnly", true), Status::Fail, saying);
        of_data(
            &trail("ReadOnly", true),
            Status::Fail,
            "trail main records its reads, but nothing its writes",
        );
        of_data(&trail("All", false), Status::Fail, "no trail records its data events");
    }

    #[test]
    fn an_event_data_store_instead() {
        let store = |status: &str, prefix: &str| {
            let fields = json!([{"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "StartsWith": [prefix]}]);
            let detail = json!({"Name": "lake", "Status": status, "MultiRegionEnabled": true,
                "AdvancedEventSelectors": [{"FieldSelectors": fields}]});
            estate(json!({}))
                .with(
                    "cloudtrail:ListEventDataStores",
                    "",
                    json!({"EventDataStores": [{"EventDataStoreArn": "arn:e"}]}),
                )
                .with("cloudtrail:GetEventDataStore", "arn:e", detail)
        };
        let whole = "arn:aws:s3:::data/";
        of_data(&store("ENABLED", whole), Status::Pass, "writes by event data store lake");
        of_data(&store("STOPPED_INGESTION", whole), Status::Fail, "no trail records its data events");
        let part = store("ENABLED", "arn:aws:s3:::data/in/");
        of_data(&part, Status::Fail, "event data store lake records only some of its data events");
        let refused = store("ENABLED", whole).denied(
            "cloudtrail:ListEventDataStores",
            "",
            "cloudtrail:ListEventDataStores",
        );
        of_data(&refused, Status::Unknown, "cloudtrail:ListEventDataStores");
    }

    #[test]
    fn vended_access_logs_instead() {
        let source =
            json!({"name": "s", "logType": "S3_SERVER_ACCESS_LOGS", "resourceArns": ["arn:aws:s3:::data"]});
        let destination = json!({"arn": "arn:aws:logs:eu-west-1:111111111111:delivery-destination:d",
            "deliveryDestinationConfiguration": {"destinationResourceArn": group_arn()}});
        let delivery = json!({"deliverySourceName": "s", "deliveryDestinationArn": destination["arn"]});
        let estate = estate(json!({}))
            .with("logs:DescribeDeliverySources", "", json!({"deliverySources": [source]}))
            .with("logs:DescribeDeliveries", "", json!({"deliveries": [delivery]}))
            .with("logs:DescribeDeliveryDestinations", "", json!({"deliveryDestinations": [destination]}));
        of_data(&estate, Status::Pass, "S3_SERVER_ACCESS_LOGS are delivered to log group app");
        let emptied = estate.with("logs:DescribeLogGroups", "", json!({"logGroups": []}));
        of_data(&emptied, Status::Fail, "log group app does not exist");
    }

    #[test]
    fn the_bucket_that_receives_access_logs_may_do_without() {
        let estate = estate(json!({"LoggingEnabled": {"TargetBucket": "logs"}})).global(
            "s3:GetBucketLogging",
            "logs",
            json!({}),
        );
        let verdicts = estate.run(&CHECK);
        assert!(verdicts.iter().all(|verdict| verdict.status == Status::Pass), "{verdicts:#?}");
    }

    #[test]
    fn what_cannot_be_asked_is_unknown() {
        let refused = estate(json!({})).denied_globally("s3:GetBucketLogging", "data", "s3:GetBucketLogging");
        of_data(&refused, Status::Unknown, "s3:GetBucketLogging");
        let no_trails =
            estate(json!({})).denied("cloudtrail:DescribeTrails", "", "cloudtrail:DescribeTrails");
        of_data(&no_trails, Status::Unknown, "cloudtrail:DescribeTrails");
        let no_sources =
            estate(json!({})).denied("logs:DescribeDeliverySources", "", "logs:DescribeDeliverySources");
        of_data(&no_sources, Status::Unknown, "logs:DescribeDeliverySources");
        let denied = Estate::new().denied_globally("s3:ListBuckets", "", "s3:ListAllMyBuckets");
        expect_denied(&denied, &CHECK, "s3:ListAllMyBuckets");
        expect_nothing(&Estate::new().global("s3:ListBuckets", "", json!({"Buckets": []})), &CHECK);
    }
}
