//! AWS Config has somewhere to deliver to.

use serde_json::json;

use super::config_recorder::recorders;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

const LIST: &str = "config:DescribeDeliveryChannels";
const STATUS: &str = "config:DescribeDeliveryChannelStatus";

pub(super) const CHECK: Check = Check {
    id: "config-delivery-channel",
    control: Control::Central,
    title: "AWS Config delivers what it records",
    severity: Severity::Medium,
    why: "A recorder without a delivery channel cannot be started, and one whose bucket refuses it keeps no history. \
          https://docs.aws.amazon.com/config/latest/developerguide/manage-delivery-channel.html",
    expected: "a delivery channel to a bucket, whose last delivery did not fail",
    remediation: "aws configservice put-delivery-channel --region REGION --delivery-channel \
                  name=default,s3BucketName=CENTRAL_BUCKET,configSnapshotDeliveryProperties={deliveryFrequency=TwentyFour_Hours}",
    fix_calls: &["config:PutDeliveryChannel"],
    frameworks: Frameworks {
        cis_1_4: &["3.5"],
        cis_3_0: &["3.3"],
        cis_5_0: &["3.3"],
        security_hub: &["Config.1"],
        nist_800_53: &["AU-5", "CM-8"],
        pci_dss_4: &["10.3.3"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| {
        context.each_region(|place| {
            // Without a recorder there is nothing to deliver; that is told elsewhere.
            if recorders(place)?.is_empty() { Ok(Vec::new()) } else { Ok(vec![judge(place)?]) }
        })
    },
};

fn judge(place: Place<'_>) -> Result<Verdict, Unknown> {
    let arn = place.account_arn();
    let channels = place.list(LIST, "DeliveryChannels")?;
    let Some(channel) = channels.first() else {
        return Ok(Verdict::fail(place, arn, "AWS Config has no delivery channel"));
    };
    let (name, bucket) =
        (channel.text("name").unwrap_or("default"), channel.text("s3BucketName").unwrap_or("none"));
    let evidence = json!({"s3BucketName": bucket, "snsTopicARN": channel.at("snsTopicARN")});
    let status = place.list(STATUS, "DeliveryChannelsStatus")?.iter();
    let status = status.filter(|status| status.text("name") == Some(name));
    let failing = status
        .flat_map(|status| {
            ["configHistoryDeliveryInfo", "configSnapshotDeliveryInfo"].map(|part| status.at(part))
        })
        .flatten()
        .find(|part| part.text("lastStatus").is_some_and(|status| status.eq_ignore_ascii_case("failure")));
    let verdict = match failing {
        Some(part) => {
            let error =
                part.text("lastErrorCode").or(part.text("lastErrorMessage")).unwrap_or("no reason given");
            Verdict::fail(
                place,
                arn,
                format!("delivery channel {name} fails to deliver to bucket {bucket} ({error})"),
            )
        }
        None => Verdict::pass(place, arn, format!("delivery channel {name} delivers to bucket {bucket}")),
    };
    Ok(verdict.evidence(evidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, fails, passes, unknown};

    #[test]
    fn a_channel_that_delivers() {
        let mut sample = Sample::new();
        let recorder = json!({"ConfigurationRecorders": [{"name": "default"}]});
        sample.put(HOME, "config:DescribeConfigurationRecorders", "", recorder);
        sample.put(
            HOME,
            LIST,
            "",
            json!({"DeliveryChannels": [{"name": "default", "s3BucketName": "config"}]}),
        );
        sample.deny(HOME, STATUS, "");
        unknown(&sample, &CHECK, STATUS);
        sample.put(HOME, STATUS, "", json!({"DeliveryChannelsStatus": [{"name": "default"}]}));
        passes(&sample, &CHECK, "delivery channel default delivers to bucket config");
        let info = json!({"lastStatus": "FAILURE", "lastErrorCode": "AccessDenied"});
        let status =
            json!({"DeliveryChannelsStatus": [{"name": "default", "configHistoryDeliveryInfo": info}]});
        sample.put(HOME, STATUS, "", status);
        fails(&sample, &CHECK, "fails to deliver to bucket config (AccessDenied)");
        sample.put(HOME, LIST, "", json!({"DeliveryChannels": []}));
        fails(&sample, &CHECK, "AWS Config has no delivery channel");
        sample.deny(HOME, LIST, "");
        unknown(&sample, &CHECK, LIST);
        sample.put(HOME, "config:DescribeConfigurationRecorders", "", json!({"ConfigurationRecorders": []}));
        assert!(sample.run(&CHECK).iter().all(|verdict| verdict.region != HOME), "nothing to deliver");
    }
}
