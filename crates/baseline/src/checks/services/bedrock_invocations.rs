//! Invocation logs of Bedrock.

use serde_json::json;

use super::destination::Target;
use super::logging::{listing, resource};
use super::nist;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "bedrock-invocation-logging",
    control: Control::Services,
    title: "Bedrock logs model invocations in every Region",
    severity: Severity::Medium,
    why: "Stolen keys are spent on models in Regions that nobody watches; only invocation logs show what was \
          asked and answered. \
          https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html",
    expected: "model invocation logging with text data to a live, closed log group or bucket",
    remediation: "aws bedrock put-model-invocation-logging-configuration --logging-config \
                  '{\"s3Config\":{\"bucketName\":\"LOG_BUCKET\"},\"textDataDeliveryEnabled\":true,…}'",
    fix_calls: &["bedrock:PutModelInvocationLoggingConfiguration", "iam:PassRole"],
    frameworks: Frameworks { nist_800_53: nist::AUDIT, pci_dss_4: &["10.2.1"], ..Frameworks::NONE },
    run,
};

const KINDS: [&str; 5] = ["text", "image", "embedding", "video", "audio"];

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        // Absent: the Region has no Bedrock.
        let output = place.get("bedrock:GetModelInvocationLoggingConfiguration")?;
        Ok(output.map(|output| judge(context, place, output)).into_iter().collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, output: &serde_json::Value) -> Verdict {
    resource(place, &place.account_arn(), |logging| {
        let config = json!({"s3Config": {"bucketName": "LOG_BUCKET"}, "textDataDeliveryEnabled": true,
            "imageDataDeliveryEnabled": true, "embeddingDataDeliveryEnabled": true,
            "videoDataDeliveryEnabled": true});
        logging.fix(format!(
            "aws bedrock put-model-invocation-logging-configuration --region {} --logging-config '{config}'",
            place.region
        ));
        let group = output.text("loggingConfig.cloudWatchConfig.logGroupName");
        let buckets = [
            output.text("loggingConfig.s3Config.bucketName"),
            output.text("loggingConfig.cloudWatchConfig.largeDataDeliveryS3Config.bucketName"),
        ];
        let group = group.map(|name| Target::log_group(place, name));
        let targets: Vec<Target> =
            group.into_iter().chain(buckets.into_iter().flatten().map(Target::bucket)).collect();
        if targets.is_empty() {
            logging.fault("model invocation logging is off");
            return Ok(());
        }
        for target in targets {
            logging.on(format!("invocations are logged to {target}"));
            logging.destination(target.liveness(context, place));
        }
        let off: Vec<&str> = KINDS
            .into_iter()
            .filter(|kind| {
                let path = format!("loggingConfig.{kind}DataDeliveryEnabled");
                output.at(&path).is_some() && !output.flag(&path)
            })
            .collect();
        if off.contains(&"text") {
            logging.fault(format!("data left out of the log: {}", listing(&off, 5)));
        } else if !off.is_empty() {
            logging.note(format!("data left out of the log: {}", listing(&off, 5)));
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    const CALL: &str = "bedrock:GetModelInvocationLoggingConfiguration";

    fn estate(output: Value) -> Estate {
        Estate::new().with(CALL, "", output)
    }

    #[test]
    fn configurations() {
        let to = |group: &str, text: bool| {
            estate(json!({"loggingConfig": {"cloudWatchConfig": {"logGroupName": group, "roleArn": "r"},
                "textDataDeliveryEnabled": text, "imageDataDeliveryEnabled": false}}))
        };
        expect(
            &to("app", true),
            &CHECK,
            Status::Pass,
            "logged to log group app (note: data left out of the log: image)",
        );
        expect(&to("app", false), &CHECK, Status::Fail, "data left out of the log: text and image");
        expect(&to("gone", true), &CHECK, Status::Fail, "log group gone does not exist");
        let bucket = estate(json!({"loggingConfig": {"s3Config": {"bucketName": "gone"}}}));
        expect(&bucket, &CHECK, Status::Fail, "bucket gone does not exist");
        let off = expect(&estate(json!({})), &CHECK, Status::Fail, "model invocation logging is off");
        assert_eq!(
            (off.region.as_str(), off.resource_arn.as_str()),
            (REGION, "arn:aws:iam::111111111111:root")
        );
    }

    #[test]
    fn unknown_and_nothing() {
        expect_denied(&Estate::new().denied(CALL, "", CALL), &CHECK, CALL);
        expect_nothing(&Estate::new().without(CALL, "", "UnsupportedRegion"), &CHECK);
    }
}
