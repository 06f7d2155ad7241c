//! One Region records the kinds of resources that have no Region, and only one.

use serde_json::{Value, json};

use super::config_recorder::{GLOBAL_TYPES, recorders, status};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "config-global-types-once",
    control: Control::Central,
    title: "AWS Config records IAM in one Region",
    severity: Severity::Low,
    why: "IAM has no Region: where no recorder includes it, its history is missing; where several do, each change is \
          recorded and paid for several times. \
          https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html",
    expected: "exactly one recorder of the account records users, groups, roles and policies of IAM",
    remediation: "aws configservice put-configuration-recorder --region HOME_REGION --configuration-recorder \
                  name=default,roleARN=ROLE_ARN --recording-group allSupported=true,includeGlobalResourceTypes=true   # \
                  and includeGlobalResourceTypes=false in every other Region",
    fix_calls: &["config:PutConfigurationRecorder", "iam:PassRole"],
    frameworks: Frameworks {
        cis_1_4: &["3.5"],
        cis_3_0: &["3.3"],
        cis_5_0: &["3.3"],
        security_hub: &["Config.1"],
        nist_800_53: &["CM-8"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| context.each_account(|place| Ok(vec![judge(place)?])),
};

fn judge(account: Place<'_>) -> Result<Verdict, Unknown> {
    let mut including = Vec::new();
    let mut unknown = None;
    for region in &account.account.regions {
        match includes(Place { region, ..account }) {
            Ok(true) => including.push(region.as_str()),
            Ok(false) => {}
            Err(reason) => unknown = Some(reason),
        }
    }
    let arn = account.account_arn();
    let verdict = match (including.as_slice(), unknown) {
        ([_, _, ..], _) => Verdict::fail(
            account,
            arn,
            format!("{} Regions record IAM: {}", including.len(), including.join(", ")),
        ),
        (_, Some(unknown)) => return Err(unknown),
        ([region], None) => Verdict::pass(account, arn, format!("{region} records IAM")),
        ([], None) => {
            Verdict::fail(account, arn, "no Region records users, groups, roles and policies of IAM")
                .severity(Severity::Medium)
        }
    };
    Ok(verdict.evidence(json!({"regions": including})))
}

/// A recorder of the Region that is recording records IAM.
fn includes(place: Place<'_>) -> Result<bool, Unknown> {
    for recorder in recorders(place)? {
        if records_iam(recorder) && status(place, recorder)?.is_some_and(|status| status.flag("recording")) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn records_iam(recorder: &Value) -> bool {
    let kinds = |path: &str| recorder.texts(path).iter().filter(|kind| GLOBAL_TYPES.contains(kind)).count();
    match recorder.text("recordingGroup.recordingStrategy.useOnly") {
        Some("EXCLUSION_BY_RESOURCE_TYPES") => {
            kinds("recordingGroup.exclusionByResourceTypes.resourceTypes") == 0
        }
        Some("INCLUSION_BY_RESOURCE_TYPES") => kinds("recordingGroup.resourceTypes") == GLOBAL_TYPES.len(),
        _ if recorder.flag("recordingGroup.allSupported") => {
            recorder.flag("recordingGroup.includeGlobalResourceTypes")
        }
        _ => kinds("recordingGroup.resourceTypes") == GLOBAL_TYPES.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, fails, passes, unknown};

    fn with(regions: [bool; 2]) -> Sample {
        let mut sample = Sample::new();
        for (region, includes) in [HOME, "us-east-1"].into_iter().zip(regions) {
            let group = json!({"allSupported": true, "includeGlobalResourceTypes": includes});
            let recorder = json!({"name": "default", "recordingGroup": group});
            sample.put(
                region,
                "config:DescribeConfigurationRecorders",
                "",
                json!({"ConfigurationRecorders": [recorder]}),
            );
            let status = json!({"ConfigurationRecordersStatus": [{"name": "default", "recording": true}]});
            sample.put(region, "config:DescribeConfigurationRecorderStatus", "", status);
        }
        sample
    }

    #[test]
    fn once_is_right() {
        passes(&with([true, false]), &CHECK, "eu-west-1 records IAM");
        fails(&with([false, false]), &CHECK, "no Region records");
        fails(&with([true, true]), &CHECK, "2 Regions record IAM: eu-west-1, us-east-1");
        let mut stopped = with([true, false]);
        let status = json!({"ConfigurationRecordersStatus": [{"name": "default", "recording": false}]});
        stopped.put(HOME, "config:DescribeConfigurationRecorderStatus", "", status);
        fails(&stopped, &CHECK, "no Region records");
        let mut denied = with([true, false]);
        denied.deny("us-east-1", "config:DescribeConfigurationRecorders", "");
        unknown(&denied, &CHECK, "config:DescribeConfigurationRecorders");
    }
}
