//! CloudFront distributions.

use serde_json::Value;

use super::destination::Target;
use super::logging::{Logging, resource};
use super::{nist, vended};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "cloudfront-logging",
    control: Control::Services,
    title: "Every CloudFront distribution logs requests",
    severity: Severity::Medium,
    why: "What CloudFront answers from its caches reaches no other log. \
          https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html",
    expected: "standard logging (legacy or v2), or real-time logs of all requests on every cache \
               behaviour, with a live, closed destination",
    remediation: "aws logs put-delivery-source --region us-east-1 --name NAME --log-type ACCESS_LOGS \
                  --resource-arn DISTRIBUTION_ARN; aws logs put-delivery-destination …; aws logs \
                  create-delivery …",
    fix_calls: &[
        "logs:PutDeliverySource",
        "logs:PutDeliveryDestination",
        "logs:CreateDelivery",
        "cloudfront:AllowVendedLogDeliveryForResource",
    ],
    frameworks: Frameworks {
        security_hub: &["CloudFront.5"],
        config_rules: &["cloudfront-accesslogs-enabled"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.4.2"],
        ..Frameworks::NONE
    },
    run,
};

/// CloudFront's vended logs are set up in this Region.
const HOME: &str = "us-east-1";

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_account(|place| {
        let listed = place.list("cloudfront:ListDistributions", "DistributionList.Items")?;
        Ok(listed.iter().filter_map(|item| judge(context, place, item)).collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, item: &Value) -> Option<Verdict> {
    let id = item.text("Id")?;
    let arn = item
        .text("ARN")
        .map_or_else(|| place.arn("cloudfront", &format!("distribution/{id}")), str::to_owned);
    Some(resource(place, &arn, |logging| {
        logging.fix(format!(
            "aws logs put-delivery-source --region {HOME} --name {id} --log-type ACCESS_LOGS --resource-arn \
             {arn} && aws logs put-delivery-destination --region {HOME} --name {id} \
             --delivery-destination-configuration destinationResourceArn=BUCKET_OR_LOG_GROUP_ARN && aws logs \
             create-delivery --region {HOME} --delivery-source-name {id} --delivery-destination-arn \
             DELIVERY_DESTINATION_ARN"
        ));
        let output = place.get_for("cloudfront:GetDistributionConfig", id)?;
        let config = output.and_then(|output| output.at("DistributionConfig")).unwrap_or(&Value::Null);
        if standard(context, place, config, logging) {
            return Ok(());
        }
        // Each way of logging that could not be asked about leaves the answer open.
        let v2 = match place.inventory.place(place.account_id(), HOME) {
            Some(home) => vended::judge(context, home, (&arn, "ACCESS_LOGS"), logging),
            None => Err(Unknown {
                call: "logs:DescribeDeliverySources".to_owned(),
                missing_action: None,
                reason: format!("{HOME}, where standard logging v2 is set up, is not part of the inventory"),
            }),
        };
        if v2 == Ok(true) || real_time(context, place, config, logging)? {
            return Ok(());
        }
        v2?;
        if !logging.is_faulty() {
            logging.fault("neither standard nor real-time logging is on");
        }
        Ok(())
    }))
}

/// Standard logging as part of the distribution.
fn standard(context: &Context<'_>, place: Place<'_>, config: &Value, logging: &mut Logging) -> bool {
    let Some(domain) = config.text("Logging.Bucket").filter(|_| config.flag("Logging.Enabled")) else {
        return false;
    };
    // `logs.s3.amazonaws.com` or `logs.s3.eu-west-1.amazonaws.com`; bucket names may hold dots.
    let name = domain.rfind(".s3.").or_else(|| domain.rfind(".s3-")).map_or(domain, |at| &domain[..at]);
    let target = Target::bucket(name);
    logging.on(format!("standard logging to {target}"));
    logging.destination(target.liveness(context, place));
    true
}

/// Real-time logs are attached to cache behaviours, and may be a sample.
fn real_time(
    context: &Context<'_>,
    place: Place<'_>,
    config: &Value,
    logging: &mut Logging,
) -> Result<bool, Unknown> {
    let behaviours: Vec<Option<&str>> = config
        .at("DefaultCacheBehavior")
        .into_iter()
        .chain(config.items("CacheBehaviors.Items"))
        .map(|behaviour| behaviour.text("RealtimeLogConfigArn"))
        .collect();
    let mut arns: Vec<&str> = behaviours.iter().flatten().copied().collect();
    if arns.is_empty() {
        return Ok(false);
    }
    let without = behaviours.len() - arns.len();
    if without > 0 {
        logging.fault(format!(
            "real-time logging is off for {without} of {} cache behaviours",
            behaviours.len()
        ));
    }
    arns.sort_unstable();
    arns.dedup();
    let listed = place.list("cloudfront:ListRealtimeLogConfigs", "RealtimeLogConfigs.Items")?;
    for arn in arns {
        let Some(found) = listed.iter().find(|config| config.text("ARN") == Some(arn)) else {
            logging.fault(format!("the real-time log configuration {arn} does not exist"));
            continue;
        };
        if let Some(rate) = found.int("SamplingRate").filter(|rate| *rate < 100) {
            logging.fault(format!("real-time logs are a sample of {rate} % of the requests"));
        }
        for end in found.items("EndPoints") {
            if let Some(target) = end.text("KinesisStreamConfig.StreamARN").and_then(Target::parse) {
                logging.on(format!("real-time logs to {target}"));
                logging.destination(target.liveness(context, place));
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    const ARN: &str = "arn:aws:cloudfront::111111111111:distribution/E1";
    const RT: &str = "arn:aws:cloudfront::111111111111:realtime-log-config/rt";

    fn estate(config: Value) -> Estate {
        Estate::new()
            .global(
                "cloudfront:ListDistributions",
                "",
                json!({"DistributionList": {"Items": [{"Id": "E1", "ARN": ARN}]}}),
            )
            .global("cloudfront:GetDistributionConfig", "E1", json!({"DistributionConfig": config}))
            .global("cloudfront:ListRealtimeLogConfigs", "", json!({"RealtimeLogConfigs": {"Items": []}}))
            .within("us-east-1", "logs:DescribeDeliverySources", "", json!({"deliverySources": []}))
    }

    #[test]
    fn standard_logging() {
        let on = |bucket: &str| estate(json!({"Logging": {"Enabled": true, "Bucket": bucket}}));
        expect(&on("logs.s3.amazonaws.com"), &CHECK, Status::Pass, "standard logging to bucket logs");
        expect(&on("logs.s3.eu-west-1.amazonaws.com"), &CHECK, Status::Pass, "bucket logs");
        expect(&on("gone.s3.amazonaws.com"), &CHECK, Status::Fail, "bucket gone does not exist");
        let off = estate(json!({"Logging": {"Enabled": false, "Bucket": ""}}));
        let verdict = expect(&off, &CHECK, Status::Fail, "neither standard nor real-time");
        assert!(verdict.remediation.unwrap().contains(ARN));
    }

    #[test]
    fn standard_logging_v2() {
        let destination = "arn:aws:logs:us-east-1:111111111111:delivery-destination:d";
        let of = |bucket: &str| {
            let source = json!({"name": "s", "logType": "ACCESS_LOGS", "resourceArns": [ARN]});
            let configuration = json!({"destinationResourceArn": format!("arn:aws:s3:::{bucket}")});
            let listed = json!([{"arn": destination, "deliveryDestinationConfiguration": configuration}]);
            let deliveries = json!([{"deliverySourceName": "s", "deliveryDestinationArn": destination}]);
            estate(json!({}))
                .within("us-east-1", "logs:DescribeDeliverySources", "", json!({"deliverySources": [source]}))
                .within("us-east-1", "logs:DescribeDeliveries", "", json!({"deliveries": deliveries}))
                .within(
                    "us-east-1",
                    "logs:DescribeDeliveryDestinations",
                    "",
                    json!({"deliveryDestinations": listed}),
                )
        };
        expect(&of("logs/edge"), &CHECK, Status::Pass, "ACCESS_LOGS are delivered to bucket logs");
        expect(&of("gone"), &CHECK, Status::Fail, "bucket gone does not exist");
        let undelivered =
            of("logs").within("us-east-1", "logs:DescribeDeliveries", "", json!({"deliveries": []}));
        expect(&undelivered, &CHECK, Status::Fail, "neither standard nor real-time");
    }

    #[test]
    fn real_time_logs() {
        let of = |rate: u8, behaviours: Value| {
            let stream = format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/stream");
            let ends = json!([{"StreamType": "Kinesis", "KinesisStreamConfig": {"StreamARN": stream}}]);
            let configs = json!([{"ARN": RT, "SamplingRate": rate, "EndPoints": ends}]);
            let others = json!({"Items": behaviours});
            estate(json!({"DefaultCacheBehavior": {"RealtimeLogConfigArn": RT}, "CacheBehaviors": others}))
                .global(
                    "cloudfront:ListRealtimeLogConfigs",
                    "",
                    json!({"RealtimeLogConfigs": {"Items": configs}}),
                )
        };
        expect(&of(100, json!([])), &CHECK, Status::Pass, "real-time logs to data stream stream");
        expect(&of(10, json!([])), &CHECK, Status::Fail, "a sample of 10 %");
        expect(
            &of(100, json!([{"PathPattern": "/api/*"}])),
            &CHECK,
            Status::Fail,
            "off for 1 of 2 cache behaviours",
        );
        let gone = of(100, json!([])).global(
            "cloudfront:ListRealtimeLogConfigs",
            "",
            json!({"RealtimeLogConfigs": {"Items": []}}),
        );
        expect(&gone, &CHECK, Status::Fail, "does not exist");
    }

    #[test]
    fn unknown_and_nothing() {
        let none = json!({"DistributionList": {"Quantity": 0}});
        expect_nothing(&Estate::new().global("cloudfront:ListDistributions", "", none), &CHECK);
        let refused = estate(json!({})).denied_globally(
            "cloudfront:GetDistributionConfig",
            "E1",
            "cloudfront:GetDistributionConfig",
        );
        expect_denied(&refused, &CHECK, "cloudfront:GetDistributionConfig");
        let elsewhere = Estate::new()
            .global(
                "cloudfront:ListDistributions",
                "",
                json!({"DistributionList": {"Items": [{"Id": "E1", "ARN": ARN}]}}),
            )
            .global("cloudfront:GetDistributionConfig", "E1", json!({"DistributionConfig": {}}));
        expect(&elsewhere, &CHECK, Status::Unknown, "us-east-1, where standard logging v2 is set up");
    }
}
