//! Changes to network ACLs: those that make, delete or rewrite an ACL or an entry, and the one that puts
//! another ACL in front of a subnet.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-network-acl-changes",
    "{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }"
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin: NONE, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-network-acl-changes",
    control: Control::Changes,
    title: "Changes to network ACLs raise an alert",
    severity: Severity::High,
    why: "A network ACL guards whole subnets; an entry changed there undoes security \
          groups for all of them. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    expected: "each of the 6 calls that change network ACLs, run through the account's own \
          metric filters and EventBridge rules, reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.11"],
        cis_3_0: &["4.11"],
        cis_5_0: &["4.11"],
        security_hub: &["CloudWatch.11"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

const ACL: &str = "acl-04cfb7a4712d75b00";

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let entry = json!({"networkAclId": ACL, "ruleNumber": 100, "egress": false, "ruleAction": "allow",
        "aclProtocol": "6", "cidrBlock": "0.0.0.0/0", "portRange": {"from": 22, "to": 22}, "icmpTypeCode": {}});
    scene.calls(
        "ec2",
        &[
            ("CreateNetworkAcl", json!({"vpcId": "vpc-0a1b2c3d4e5f60718"})),
            ("CreateNetworkAclEntry", entry.clone()),
            ("DeleteNetworkAcl", json!({"networkAclId": ACL})),
            ("DeleteNetworkAclEntry", json!({"networkAclId": ACL, "ruleNumber": 100, "egress": false})),
            ("ReplaceNetworkAclEntry", entry),
            (
                "ReplaceNetworkAclAssociation",
                json!({"associationId": "aclassoc-0a1b2c3d4e5f60718", "networkAclId": ACL}),
            ),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::super::drill::every_hop;
    use super::*;
    use crate::alert_path::sample::{Sample, fails};

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }

    #[test]
    fn the_calls_that_slip_by_are_named() {
        let mut sample = Sample::new();
        sample.add_alert("entries", "{ $.eventName = *NetworkAclEntry }");
        fails(
            &sample,
            &CHECK,
            "3 of 6 calls would slip by: CreateNetworkAcl, DeleteNetworkAcl, ReplaceNetworkAclAssociation",
        );
    }
}
