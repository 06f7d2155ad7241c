//! Changes to route tables: the seven calls that CIS names. `AssociateRouteTable`, which it forgets, is told,
//! and the fix includes it.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-route-table-changes",
    "{ ($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable) || ($.eventName = AssociateRouteTable)) }"
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-route-table-changes",
    control: Control::Changes,
    title: "Changes to route tables raise an alert",
    severity: Severity::Medium,
    why: "A route decides whether traffic leaves through the firewall or around it. \
          https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html",
    expected: "each of the 7 calls that change routes and route tables reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.13"],
        cis_3_0: &["4.13"],
        cis_5_0: &["4.13"],
        security_hub: &["CloudWatch.13"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let table = "rtb-01a1e48796093c514";
    let route = json!({"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-0085514f9c3e68f60"});
    scene.calls(
        "ec2",
        &[
            ("CreateRoute", route.clone()),
            ("CreateRouteTable", json!({"vpcId": "vpc-0a1b2c3d4e5f60718"})),
            ("ReplaceRoute", route),
            (
                "ReplaceRouteTableAssociation",
                json!({"associationId": "rtbassoc-0a1b2c3d", "routeTableId": table}),
            ),
            ("DeleteRouteTable", json!({"routeTableId": table})),
            ("DeleteRoute", json!({"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0"})),
            ("DisassociateRouteTable", json!({"associationId": "rtbassoc-0a1b2c3d"})),
        ],
    )
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let subnet = json!({"routeTableId": "rtb-01a1e48796093c514", "subnetId": "subnet-0a1b2c3d4e5f60718"});
    vec![scene.call("ec2", "AssociateRouteTable", subnet)]
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
