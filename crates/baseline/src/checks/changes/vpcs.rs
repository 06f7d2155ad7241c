//! Changes to VPCs and their peerings. Of the eleven calls that CIS names, the four of EC2-Classic's
//! ClassicLink cannot happen any more: it was retired in 2022. The other seven are judged.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-vpc-changes",
    "{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) || ($.eventName = AcceptVpcPeeringConnection) || ($.eventName = CreateVpcPeeringConnection) || ($.eventName = DeleteVpcPeeringConnection) || ($.eventName = RejectVpcPeeringConnection) }"
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-vpc-changes",
    control: Control::Changes,
    title: "Changes to VPCs raise an alert",
    severity: Severity::Medium,
    why: "A new VPC or peering is a network that no guard was set up for. \
          https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html",
    expected: "each of the 7 calls that make, change, join or delete VPCs reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.14"],
        cis_3_0: &["4.14"],
        cis_5_0: &["4.14"],
        security_hub: &["CloudWatch.14"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let peering = json!({"vpcPeeringConnectionId": "pcx-0a1b2c3d4e5f60718"});
    scene.calls(
        "ec2",
        &[
            ("CreateVpc", json!({"cidrBlock": "10.0.0.0/16", "instanceTenancy": "default"})),
            ("DeleteVpc", json!({"vpcId": "vpc-0a1b2c3d4e5f60718"})),
            (
                "ModifyVpcAttribute",
                json!({"vpcId": "vpc-0a1b2c3d4e5f60718", "enableDnsSupport": {"value": false}}),
            ),
            ("AcceptVpcPeeringConnection", peering.clone()),
            (
                "CreateVpcPeeringConnection",
                json!({"vpcId": "vpc-0a1b2c3d4e5f60718", "peerVpcId": "vpc-1a1b2c3d4e5f60718"}),
            ),
            ("DeleteVpcPeeringConnection", peering.clone()),
            ("RejectVpcPeeringConnection", peering),
        ],
    )
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let vpc = json!({"vpcId": "vpc-0a1b2c3d4e5f60718"});
    let names = [
        "AssociateVpcCidrBlock",
        "ModifyVpcPeeringConnectionOptions",
        "CreateVpcEndpoint",
        "CreateDefaultVpc",
    ];
    names.into_iter().map(|name| scene.call("ec2", name, vpc.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::drill::every_hop;
    use super::*;

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }
}
