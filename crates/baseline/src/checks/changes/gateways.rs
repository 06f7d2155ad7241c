//! Changes to internet and customer gateways: the six calls that CIS names. Other ways out of a VPC are told
//! and not judged.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-gateway-changes",
    "{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }"
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-gateway-changes",
    control: Control::Changes,
    title: "Changes to network gateways raise an alert",
    severity: Severity::Medium,
    why: "A gateway is a way out of a VPC, and in. \
          https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
    expected: "each of the 6 calls that make, attach, detach or delete a gateway reaches \
          somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.12"],
        cis_3_0: &["4.12"],
        cis_5_0: &["4.12"],
        security_hub: &["CloudWatch.12"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let internet = json!({"internetGatewayId": "igw-0085514f9c3e68f60", "vpcId": "vpc-0a1b2c3d4e5f60718"});
    let customer = json!({"customerGatewayId": "cgw-0085514f9c3e68f60"});
    scene.calls(
        "ec2",
        &[
            (
                "CreateCustomerGateway",
                json!({"type": "ipsec.1", "bgpAsn": 65000, "ipAddress": "203.0.113.7"}),
            ),
            ("DeleteCustomerGateway", customer),
            ("AttachInternetGateway", internet.clone()),
            ("CreateInternetGateway", json!({})),
            ("DeleteInternetGateway", json!({"internetGatewayId": "igw-0085514f9c3e68f60"})),
            ("DetachInternetGateway", internet),
        ],
    )
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let names = [
        "CreateNatGateway",
        "CreateEgressOnlyInternetGateway",
        "CreateVpnGateway",
        "AttachVpnGateway",
        "CreateTransitGateway",
        "CreateVpnConnection",
    ];
    names.into_iter().map(|name| scene.call("ec2", name, json!({"vpcId": "vpc-0a1b2c3d4e5f60718"}))).collect()
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
