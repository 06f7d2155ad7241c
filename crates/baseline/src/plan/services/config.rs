//! AWS Config: a recorder and a delivery channel in each Region, with the role that AWS makes for it.
//! <https://docs.aws.amazon.com/config/latest/developerguide/gs-cli-subscribe.html>

use serde_json::json;

use super::super::draft::{Draft, Scope};
use crate::check::Control;
use crate::inventory::{GLOBAL, Place};
use crate::value::Json;

const RECORDER: &str = "config-recorder-on";
const CHANNEL: &str = "config-delivery-channel";
const GLOBAL_TYPES: &str = "config-global-types-once";

/// What AWS calls the first of each.
const NAME: &str = "default";

/// A Region has no delivery channel, and AWS Config is to deliver to the log bucket.
pub(super) fn is_wanted(draft: &Draft<'_>) -> bool {
    super::failing(draft, CHANNEL).values().flatten().any(|failing| has_no(failing.place, CHANNELS))
        || super::failing(draft, RECORDER)
            .values()
            .flatten()
            .any(|failing| has_no(failing.place, RECORDERS) && has_no(failing.place, CHANNELS))
}

const RECORDERS: (&str, &str) = ("config:DescribeConfigurationRecorders", "ConfigurationRecorders");
const CHANNELS: (&str, &str) = ("config:DescribeDeliveryChannels", "DeliveryChannels");

/// The Region says that there is none; those that services run for themselves do not count.
fn has_no(place: Place<'_>, (call, list): (&str, &str)) -> bool {
    place
        .list(call, list)
        .is_ok_and(|all| !all.iter().any(|item| item.text("recordingScope") != Some("INTERNAL")))
}

/// The role, and a step for each Region. What is there is left as it is, but started where it stands still.
pub(super) fn write(draft: &mut Draft<'_>) {
    let site = draft.site.clone();
    let bucket = site.log_bucket();
    let made = draft.id(&site.region, "log-bucket");
    let has_bucket = draft.has(&made) || super::super::bucket::exists(draft.global, &bucket) == Some(true);
    // One Region records what has no Region, and no second one.
    let records_iam = Some(&site.region).filter(|_| !is_recorded_somewhere(draft)).cloned();
    for region in draft.global.account.regions.clone() {
        let Some(place) = draft.inventory.place(&site.account, &region) else { continue };
        let fails = |check: &str| draft.failures(check).any(|result| result.region == region);
        if !fails(RECORDER) && !fails(CHANNEL) {
            continue;
        }
        let (no_recorder, no_channel) = (has_no(place, RECORDERS), has_no(place, CHANNELS));
        let recorders = place.list(RECORDERS.0, RECORDERS.1).unwrap_or_default();
        let own = recorders.iter().find(|one| one.text("recordingScope") != Some("INTERNAL"));
        let stopped = own.and_then(|one| one.text("name")).filter(|name| {
            let path = "ConfigurationRecordersStatus";
            let status = place.list("config:DescribeConfigurationRecorderStatus", path).unwrap_or_default();
            super::with(status, "name", name).is_some_and(|status| !status.flag("recording"))
        });
        if (no_channel && !has_bucket) || (own.is_none() && !no_recorder) {
            continue;
        }
        let role = draft.id(GLOBAL, "role-config");
        if no_recorder {
            service_role(draft);
        }
        let mut step =
            draft.step(&region, "config", Control::Central, "Record the configuration of resources");
        step.needs(role).needs(made.clone());
        if no_recorder {
            let arn = role_arn(draft);
            let group = json!({
                "allSupported": true, "includeGlobalResourceTypes": records_iam.as_ref() == Some(&region),
            });
            let recorder = json!({"name": NAME, "roleARN": arn, "recordingGroup": group});
            step.call("config:PutConfigurationRecorder", json!({"ConfigurationRecorder": recorder}));
        }
        if no_channel {
            let channel = json!({"name": NAME, "s3BucketName": bucket});
            step.call("config:PutDeliveryChannel", json!({"DeliveryChannel": channel}));
            step.covers_in(&Scope::Region(region.clone()), &[CHANNEL]);
        }
        if no_recorder || stopped.is_some() {
            let name = stopped.unwrap_or(NAME);
            step.call("config:StartConfigurationRecorder", json!({"ConfigurationRecorderName": name}));
            step.covers_in(&Scope::Region(region.clone()), &[RECORDER]);
        }
        if no_recorder && records_iam.as_ref() == Some(&region) {
            step.covers(&[GLOBAL_TYPES]);
        }
        step.resource(site.in_region(&region).arn("config", &format!("configuration-recorder/{NAME}"))).words(
            "the recorder is stopped; it and the channel are deleted if they were made; what was delivered stays",
            "none; it reads the configuration of resources and touches none",
            "0.003 USD for each change of a resource's configuration that is recorded",
            "config:DescribeConfigurationRecorderStatus says recording",
        );
        draft.add(step);
    }
}

/// A recorder of some Region takes in IAM.
fn is_recorded_somewhere(draft: &Draft<'_>) -> bool {
    let regions = draft.global.account.regions.iter();
    let mut places = regions.filter_map(|region| draft.inventory.place(&draft.site.account, region));
    places.any(|place| {
        let recorders = place.list(RECORDERS.0, RECORDERS.1).unwrap_or_default();
        recorders.iter().any(|recorder| {
            recorder.flag("recordingGroup.includeGlobalResourceTypes")
                || recorder.texts("recordingGroup.resourceTypes").contains(&"AWS::IAM::User")
        })
    })
}

fn role_arn(draft: &Draft<'_>) -> String {
    format!(
        "arn:{}:iam::{}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        draft.site.partition, draft.site.account
    )
}

/// The service-linked role, which is there already where AWS Config was ever set up in the console.
/// <https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html>
fn service_role(draft: &mut Draft<'_>) {
    if draft.has(&draft.id(GLOBAL, "role-config")) {
        return;
    }
    let title = "Make the role with which AWS Config reads";
    let mut step = draft.step(GLOBAL, "role-config", Control::Central, title);
    step.resource(role_arn(draft))
        .call("iam:CreateServiceLinkedRole", json!({"AWSServiceName": "config.amazonaws.com"}))
        .words(
            "the role is deleted if nothing uses it, and if it was not there before",
            "a new role that AWS Config alone can take on, with the rights that AWS has given it",
            "none",
            "iam:GetRole gives it",
        );
    draft.add(step);
}
