//! AWS Config records every supported kind of resource.
//!
//! Recorders that a service runs for itself (`recordingScope` `INTERNAL`) are not the account's. Kinds
//! without a Region (IAM) may be left out anywhere: whether one Region records them is a check of its
//! own.
//! <https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html>

use serde_json::{Value, json};

use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

const LIST: &str = "config:DescribeConfigurationRecorders";
const STATUS: &str = "config:DescribeConfigurationRecorderStatus";

/// The kinds that exist once an account.
pub(super) const GLOBAL_TYPES: [&str; 4] =
    ["AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy"];

pub(super) const CHECK: Check = Check {
    id: "config-recorder-on",
    control: Control::Central,
    title: "AWS Config records all supported resources",
    severity: Severity::Medium,
    why: "Without the history that Config keeps nobody can say what a resource looked like before a change; Security \
          Hub's checks stand on it. \
          https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html",
    expected: "a recorder that is recording, without error, all supported kinds of resources",
    remediation: "aws configservice put-configuration-recorder --region REGION --configuration-recorder \
                  name=default,roleARN=arn:aws:iam::ACCOUNT:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig \
                  --recording-group allSupported=true,includeGlobalResourceTypes=false && aws configservice \
                  start-configuration-recorder --region REGION --configuration-recorder-name default   # a delivery \
                  channel must be there first; includeGlobalResourceTypes=true in one Region only",
    fix_calls: &["config:PutConfigurationRecorder", "config:StartConfigurationRecorder", "iam:PassRole"],
    frameworks: Frameworks {
        cis_1_4: &["3.5"],
        cis_3_0: &["3.3"],
        cis_5_0: &["3.3"],
        security_hub: &["Config.1"],
        nist_800_53: &["CM-3", "CM-6(1)", "CM-8", "CM-8(2)"],
        pci_dss_4: &["11.5.2"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| context.each_region(|place| Ok(vec![judge(place)?])),
};

/// The account's own recorders of the Region.
pub(super) fn recorders<'a>(place: Place<'a>) -> Result<Vec<&'a Value>, Unknown> {
    let all = place.list(LIST, "ConfigurationRecorders")?;
    Ok(all.iter().filter(|recorder| recorder.text("recordingScope") != Some("INTERNAL")).collect())
}

/// The recorder's status, where it is recording.
pub(super) fn status<'a>(place: Place<'a>, recorder: &Value) -> Result<Option<&'a Value>, Unknown> {
    let all = place.list(STATUS, "ConfigurationRecordersStatus")?;
    Ok(all.iter().find(|status| status.text("name") == recorder.text("name")))
}

fn judge(place: Place<'_>) -> Result<Verdict, Unknown> {
    let arn = place.account_arn();
    let recorders = recorders(place)?;
    let Some(recorder) = recorders.first() else {
        return Ok(Verdict::fail(place, arn, "AWS Config has no recorder"));
    };
    let name = recorder.text("name").unwrap_or("default");
    let arn = recorder.text("arn").map_or(arn, str::to_owned);
    let status = status(place, recorder)?;
    let evidence = json!({"recordingGroup": recorder.at("recordingGroup"), "status": status});
    let recording = status.is_some_and(|status| status.flag("recording"));
    let failing =
        status.filter(|status| status.text("lastStatus").is_some_and(|s| s.eq_ignore_ascii_case("failure")));
    let verdict = if !recording {
        Verdict::fail(place, arn, format!("recorder {name} is stopped"))
    } else if let Some(status) = failing {
        let error =
            status.text("lastErrorCode").or(status.text("lastErrorMessage")).unwrap_or("no reason given");
        Verdict::fail(place, arn, format!("recorder {name} fails to deliver ({error})"))
    } else {
        match left_out(recorder) {
            None => Verdict::pass(place, arn, format!("recorder {name} records all supported resources")),
            Some(what) => Verdict::fail(place, arn, format!("recorder {name} {what}")),
        }
    };
    Ok(verdict.evidence(evidence))
}

/// What the recorder does not record, kinds without a Region aside.
fn left_out(recorder: &Value) -> Option<String> {
    let group = recorder.at("recordingGroup")?;
    match group.text("recordingStrategy.useOnly") {
        Some("EXCLUSION_BY_RESOURCE_TYPES") => {
            let excluded = group.texts("exclusionByResourceTypes.resourceTypes");
            let excluded: Vec<&str> =
                excluded.into_iter().filter(|kind| !GLOBAL_TYPES.contains(kind)).collect();
            let shown = excluded.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            (!excluded.is_empty())
                .then(|| format!("leaves out {} kinds of resources ({shown})", excluded.len()))
        }
        _ if group.flag("allSupported") => None,
        _ => Some(format!("records {} kinds of resources only", group.texts("resourceTypes").len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, fails, passes, unknown};

    fn recorded(group: &Value, status: &Value) -> Sample {
        let mut sample = Sample::new();
        let internal = json!({"name": "AWSConfigurationRecorderForX", "recordingScope": "INTERNAL"});
        let recorder = json!({"name": "default", "recordingGroup": group});
        sample.put(HOME, LIST, "", json!({"ConfigurationRecorders": [internal, recorder]}));
        let mut status = status.clone();
        status["name"] = json!("default");
        sample.put(HOME, STATUS, "", json!({"ConfigurationRecordersStatus": [status]}));
        sample
    }

    #[test]
    fn all_kinds_are_recorded() {
        let on = json!({"recording": true, "lastStatus": "SUCCESS"});
        let all = json!({"allSupported": true, "includeGlobalResourceTypes": false});
        passes(&recorded(&all, &on), &CHECK, "recorder default records all supported resources");
        let without = |kinds: Value| {
            json!({"allSupported": false, "exclusionByResourceTypes": {"resourceTypes": kinds},
            "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}})
        };
        passes(&recorded(&without(json!(["AWS::IAM::Role"])), &on), &CHECK, "all supported");
        let some = without(json!(["AWS::EC2::SecurityGroup", "AWS::IAM::Role"]));
        fails(&recorded(&some, &on), &CHECK, "leaves out 1 kinds of resources (AWS::EC2::SecurityGroup)");
        let few = json!({"allSupported": false, "resourceTypes": ["AWS::S3::Bucket"]});
        fails(&recorded(&few, &on), &CHECK, "records 1 kinds of resources only");
        fails(&recorded(&all, &json!({"recording": false})), &CHECK, "recorder default is stopped");
        let failing = json!({"recording": true, "lastStatus": "Failure", "lastErrorCode": "NoSuchBucket"});
        fails(&recorded(&all, &failing), &CHECK, "fails to deliver (NoSuchBucket)");
    }

    #[test]
    fn none_and_unknown() {
        let mut sample = Sample::new();
        sample.put(HOME, LIST, "", json!({"ConfigurationRecorders": []}));
        fails(&sample, &CHECK, "AWS Config has no recorder");
        sample.deny(HOME, LIST, "");
        unknown(&sample, &CHECK, LIST);
    }
}
