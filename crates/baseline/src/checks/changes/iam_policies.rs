//! Changes to IAM policies. IAM's events are recorded in one Region, so there is one verdict an account.
//! Other ways to more rights (trust policies, boundaries, a default policy version) are told and not judged:
//! CIS does not name them.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-iam-policy-changes",
    "{($.eventName=DeleteGroupPolicy)||($.eventName=DeleteRolePolicy)||($.eventName=DeleteUserPolicy)||($.eventName=PutGroupPolicy)||($.eventName=PutRolePolicy)||($.eventName=PutUserPolicy)||($.eventName=CreatePolicy)||($.eventName=DeletePolicy)||($.eventName=CreatePolicyVersion)||($.eventName=DeletePolicyVersion)||($.eventName=AttachRolePolicy)||($.eventName=DetachRolePolicy)||($.eventName=AttachUserPolicy)||($.eventName=DetachUserPolicy)||($.eventName=AttachGroupPolicy)||($.eventName=DetachGroupPolicy)}"
);

const ALERT: Alert = Alert { scope: Scope::Home, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-iam-policy-changes",
    control: Control::Changes,
    title: "Changes to IAM policies raise an alert",
    severity: Severity::Medium,
    why: "Whoever can change policies can give themselves everything; each change must be \
          seen by somebody else. https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    expected: "each of the 16 calls that change IAM policies reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.4"],
        cis_3_0: &["4.4"],
        cis_5_0: &["4.4"],
        security_hub: &["CloudWatch.4"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1", "10.2.1.5"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let policy = json!({"policyArn": format!("arn:{}:iam::{}:policy/app", scene.partition, scene.account)});
    let names = [
        "DeleteGroupPolicy",
        "DeleteRolePolicy",
        "DeleteUserPolicy",
        "PutGroupPolicy",
        "PutRolePolicy",
        "PutUserPolicy",
        "CreatePolicy",
        "DeletePolicy",
        "CreatePolicyVersion",
        "DeletePolicyVersion",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "AttachUserPolicy",
        "DetachUserPolicy",
        "AttachGroupPolicy",
        "DetachGroupPolicy",
    ];
    names.into_iter().map(|name| scene.call("iam", name, policy.clone())).collect()
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let role = json!({"roleName": "app"});
    let names = [
        "UpdateAssumeRolePolicy",
        "SetDefaultPolicyVersion",
        "PutRolePermissionsBoundary",
        "DeleteRolePermissionsBoundary",
        "PutUserPermissionsBoundary",
        "DeleteUserPermissionsBoundary",
    ];
    names.into_iter().map(|name| scene.call("iam", name, role.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::drill::alerted;
    use super::super::drill::every_hop;
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, TOPIC, fails, passes};

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }

    #[test]
    fn only_the_region_that_records_iam_counts() {
        let verdicts = alerted(&CHECK).run(&CHECK);
        assert_eq!(verdicts.iter().map(|verdict| verdict.region.as_str()).collect::<Vec<_>>(), ["us-east-1"]);
        let mut sample = Sample::new();
        sample.add_rule(HOME, "iam", json!({"source": ["aws.iam"]}), TOPIC);
        fails(&sample, &CHECK, "nobody would hear of any of the 16 calls");
        sample.add_rule("us-east-1", "iam", json!({"source": ["aws.iam"]}), TOPIC);
        passes(&sample, &CHECK, "rule iam");
    }
}
