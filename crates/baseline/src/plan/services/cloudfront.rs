//! Standard logs (v2) of CloudFront distributions, by log delivery to the log bucket. The older way needs
//! access control lists on the bucket, which log buckets do not have.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html>

use serde_json::json;

use super::super::draft::{Draft, Scope, tag_map};
use crate::check::Control;
use crate::inventory::Place;
use crate::value::Json;

const CHECK: &str = "cloudfront-logging";

/// Deliveries of CloudFront are set up in this Region.
const HOME: &str = "us-east-1";

/// The delivery destination that stands for the log bucket.
const DESTINATION: &str = "trailkeep-log-bucket";

/// The distributions that log in no way, by ARN.
pub(super) fn find<'a>(draft: &mut Draft<'a>) -> Vec<&'a str> {
    let Some(home) = draft.inventory.place(&draft.site.account, HOME) else {
        draft.note(
            CHECK,
            "deliveries of CloudFront are set up in us-east-1, which is not part of the inventory",
        );
        return Vec::new();
    };
    let all = super::failing(draft, CHECK);
    all.values().flatten().filter(|failing| is_off(home, failing.place, failing.arn)).map(|f| f.arn).collect()
}

fn is_off(home: Place<'_>, global: Place<'_>, arn: &str) -> bool {
    let Ok(Some(output)) = global.get_for("cloudfront:GetDistributionConfig", super::last(arn)) else {
        return false;
    };
    let config = |path: &str| output.at(&format!("DistributionConfig.{path}"));
    let behaviours = config("DefaultCacheBehavior")
        .into_iter()
        .chain(output.items("DistributionConfig.CacheBehaviors.Items"));
    let is_real_time =
        behaviours.into_iter().any(|behaviour| behaviour.text("RealtimeLogConfigArn").is_some());
    let is_standard = output.flag("DistributionConfig.Logging.Enabled");
    let sources = home.list("logs:DescribeDeliverySources", "deliverySources");
    let is_delivered =
        sources.map(|all| all.iter().any(|source| source.texts("resourceArns").contains(&arn)));
    !is_real_time && !is_standard && is_delivered == Ok(false)
}

/// One step for all distributions.
pub(super) fn write(draft: &mut Draft<'_>) {
    let off = find(draft);
    let site = draft.site.clone();
    let made = draft.id(&site.region, "log-bucket");
    let there = super::super::bucket::exists(draft.global, &site.log_bucket()) == Some(true);
    if off.is_empty() || !(there || draft.has(&made)) {
        return;
    }
    let home = site.in_region(HOME);
    let destination = home.arn("logs", &format!("delivery-destination:{DESTINATION}"));
    let title = format!("Log the requests to {} of CloudFront", super::counted(off.len(), "distribution"));
    let mut step = draft.step(HOME, "cloudfront-logs", Control::Services, title);
    step.needs(made).call(
        "logs:PutDeliveryDestination",
        json!({
            "name": DESTINATION, "outputFormat": "json", "tags": tag_map(),
            "deliveryDestinationConfiguration": {"destinationResourceArn": site.bucket_arn(&site.log_bucket())},
        }),
    );
    for arn in off {
        let name = format!("trailkeep-{}", super::last(arn));
        step.resource(arn)
            .call(
                "logs:PutDeliverySource",
                json!({"name": name, "resourceArn": arn, "logType": "ACCESS_LOGS", "tags": tag_map()}),
            )
            .call(
                "logs:CreateDelivery",
                json!({
                    "deliverySourceName": name, "deliveryDestinationArn": destination, "tags": tag_map(),
                }),
            )
            .covers_in(&Scope::Resource(arn.to_owned()), &[CHECK]);
    }
    step.words(
        "deliveries, their sources and the destination are deleted; logs that were delivered stay",
        "no request is touched; the distribution is not deployed anew",
        "none for the delivery to S3; storage of the logs",
        "logs:DescribeDeliveries gives one for each distribution",
    );
    draft.add(step);
}
