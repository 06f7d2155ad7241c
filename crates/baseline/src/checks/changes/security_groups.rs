//! Changes to security groups.
//!
//! What counts as a change: the calls that add, remove or rewrite rules, and those that make or delete a
//! group. `ModifySecurityGroupRules` rewrites rules in place and is missing from CIS filters before 5.0.
//! Descriptions change no traffic, and attaching a group to a VPC opens nothing by itself: whether those
//! are heard is told, and not judged.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-security-group-changes",
    "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = ModifySecurityGroupRules) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-security-group-changes",
    control: Control::Changes,
    title: "Changes to security groups raise an alert",
    severity: Severity::High,
    why: "A security group opened to the world is how most intrusions into EC2 begin; \
          whoever changes one must be seen at once, not at the next audit. \
          https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
    expected: "each of the 7 calls that change security groups, run through the account's own \
          metric filters and EventBridge rules, reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.10"],
        cis_3_0: &["4.10"],
        cis_5_0: &["4.10"],
        security_hub: &["CloudWatch.10"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

const GROUP: &str = "sg-04cfb7a4712d75b00";

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let open = json!({"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {},
        "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}, "ipv6Ranges": {}, "prefixListIds": {}}]});
    let inner = json!({"items": [{"ipProtocol": "-1", "groups": {}, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}]},
        "ipv6Ranges": {}, "prefixListIds": {}}]});
    let rules = |permissions: &serde_json::Value| json!({"groupId": GROUP, "ipPermissions": permissions});
    vec![
        scene.call("ec2", "AuthorizeSecurityGroupIngress", rules(&open)),
        scene.call_by_role("ec2", "AuthorizeSecurityGroupEgress", rules(&inner)),
        scene.call("ec2", "RevokeSecurityGroupIngress", rules(&inner)),
        scene.call_by_role("ec2", "RevokeSecurityGroupEgress", rules(&open)),
        scene.call("ec2", "ModifySecurityGroupRules", json!({"ModifySecurityGroupRulesRequest": {
            "GroupId": GROUP,
            "SecurityGroupRule": {"tag": 1, "SecurityGroupRuleId": "sgr-035a6016fe8ef01c5",
                "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"}}}})),
        scene.call("ec2", "CreateSecurityGroup",
            json!({"groupName": "web", "groupDescription": "web servers", "vpcId": "vpc-0a1b2c3d4e5f60718"})),
        scene.call("ec2", "DeleteSecurityGroup", json!({"groupId": GROUP})),
    ]
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let described = |name: &str| json!({format!("{name}Request"): {"GroupId": GROUP}});
    let ingress = "UpdateSecurityGroupRuleDescriptionsIngress";
    let egress = "UpdateSecurityGroupRuleDescriptionsEgress";
    vec![
        scene.call("ec2", ingress, described(ingress)),
        scene.call("ec2", egress, described(egress)),
        scene.call(
            "ec2",
            "AssociateSecurityGroupVpc",
            json!({"AssociateSecurityGroupVpcRequest": {"GroupId": GROUP, "VpcId": "vpc-0a1b2c3d4e5f60718"}}),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::drill::every_hop;
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, TOPIC, TRAIL, fails, passes, unknown};
    use crate::check::Status;

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }

    #[test]
    fn cis_before_5_0_forgets_modify_security_group_rules() {
        let mut sample = Sample::new();
        sample.add_alert("cis", "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = \
            AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = \
            RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }");
        fails(
            &sample,
            &CHECK,
            "1 of 7 calls would slip by: ModifySecurityGroupRules (metric filter cis picks 6 of 7)",
        );
    }

    #[test]
    fn other_spellings_of_the_same_meaning_pass() {
        let mut sample = Sample::new();
        sample.add_alert("a", r#"{ $.eventSource = "ec2.amazonaws.com" && $.readOnly IS FALSE && $.eventName = "*SecurityGroup*" }"#);
        passes(&sample, &CHECK, "all 7 calls raise an alert");
    }

    #[test]
    fn an_alarm_that_is_on_all_day_says_nothing() {
        let mut sample = Sample::new();
        sample.add_alert("all", r#"{ ($.errorCode = "AccessDenied*") || ($.eventName != "HeadBucket") }"#);
        fails(
            &sample,
            &CHECK,
            "metric filter all picks 7 of 7, but it picks nearly every event (DescribeInstances",
        );
    }

    #[test]
    fn two_filters_together_cover_what_neither_does_alone() {
        let mut sample = Sample::new();
        sample.add_alert(
            "rules",
            "{ $.eventName = *SecurityGroupIngress || $.eventName = *SecurityGroupEgress }",
        );
        fails(&sample, &CHECK, "3 of 7 calls would slip by");
        sample.add_alert(
            "groups",
            "{ $.eventName = CreateSecurityGroup || $.eventName = DeleteSecurityGroup || \
            $.eventName = ModifySecurityGroupRules }",
        );
        passes(&sample, &CHECK, "metric filter groups");
    }

    #[test]
    fn a_rule_is_heard_in_its_own_region_only() {
        let mut sample = Sample::new();
        let pattern = json!({"source": ["aws.ec2"], "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventName": [{"wildcard": "*SecurityGroup*"}]}});
        let arn = sample.add_rule(HOME, "sg", pattern, TOPIC);
        passes(&sample, &CHECK, "rule sg → topic alerts");
        let elsewhere = sample.run(&CHECK).into_iter().find(|verdict| verdict.region == "us-east-1").unwrap();
        assert_eq!(elsewhere.status, Status::Fail, "{}", elsewhere.observed);
        sample.edit(HOME, "events:ListRules", "")["Rules"][0]["State"] = json!("DISABLED");
        fails(&sample, &CHECK, "rule sg picks 7 of 7, but rule sg is disabled");
        sample.edit(HOME, "events:ListRules", "")["Rules"][0]["State"] = json!("ENABLED");
        sample.put(HOME, "events:ListTargetsByRule", &arn, json!({"Targets": []}));
        fails(&sample, &CHECK, "rule sg has no target");
        sample.deny(HOME, "events:ListTargetsByRule", &arn);
        unknown(&sample, &CHECK, "events:ListTargetsByRule");
    }

    #[test]
    fn a_rule_hears_nothing_where_no_trail_logs() {
        let mut sample = Sample::new();
        sample.add_rule(HOME, "sg", json!({"source": ["aws.ec2"]}), TOPIC);
        sample.put(HOME, "cloudtrail:GetTrailStatus", TRAIL, json!({"IsLogging": false}));
        fails(&sample, &CHECK, "rule sg picks 7 of 7, but trail main is not logging");
    }
}
