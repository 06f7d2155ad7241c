//! The alerts: a metric filter on the trail's log group and an alarm for each check of control 5.
//!
//! The patterns are those that the checks tell to make by hand; the detect engine proves in the tests of
//! the plan that each of them catches every call that its check asks for.

use serde_json::{Value, json};

use super::Site;

/// A metric filter and its alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The check that it satisfies.
    pub check: &'static str,
    /// The name of filter, metric and alarm.
    pub name: &'static str,
    /// What it is about, after "raises an alert: ".
    pub about: &'static str,
    /// The filter pattern.
    pub pattern: &'static str,
}

/// The namespace of the metrics.
pub const NAMESPACE: &str = "Trailkeep";

/// All of them, in the order of the checks.
#[rustfmt::skip]
pub const ALERTS: &[Alert] = &[
    Alert {
        check: "alert-security-group-changes",
        name: "trailkeep-security-group-changes",
        about: "changes to security groups",
        pattern: "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = ModifySecurityGroupRules) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }",
    },
    Alert {
        check: "alert-network-acl-changes",
        name: "trailkeep-network-acl-changes",
        about: "changes to network ACLs",
        pattern: "{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }",
    },
    Alert {
        check: "alert-unauthorized-calls",
        name: "trailkeep-unauthorized-calls",
        about: "refused API calls",
        pattern: r#"{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && ($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket") }"#,
    },
    Alert {
        check: "alert-console-sign-in-without-mfa",
        name: "trailkeep-sign-in-without-mfa",
        about: "console sign-ins without MFA",
        pattern: r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#,
    },
    Alert {
        check: "alert-root-use",
        name: "trailkeep-root-use",
        about: "use of the root user",
        pattern: r#"{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }"#,
    },
    Alert {
        check: "alert-iam-policy-changes",
        name: "trailkeep-iam-policy-changes",
        about: "changes to IAM policies",
        pattern: "{($.eventName=DeleteGroupPolicy)||($.eventName=DeleteRolePolicy)||($.eventName=DeleteUserPolicy)||($.eventName=PutGroupPolicy)||($.eventName=PutRolePolicy)||($.eventName=PutUserPolicy)||($.eventName=CreatePolicy)||($.eventName=DeletePolicy)||($.eventName=CreatePolicyVersion)||($.eventName=DeletePolicyVersion)||($.eventName=AttachRolePolicy)||($.eventName=DetachRolePolicy)||($.eventName=AttachUserPolicy)||($.eventName=DetachUserPolicy)||($.eventName=AttachGroupPolicy)||($.eventName=DetachGroupPolicy)}",
    },
    Alert {
        check: "alert-cloudtrail-changes",
        name: "trailkeep-cloudtrail-changes",
        about: "changes to trails",
        pattern: "{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) || ($.eventName = PutEventSelectors)) }",
    },
    Alert {
        check: "alert-console-sign-in-failures",
        name: "trailkeep-sign-in-failures",
        about: "failed console sign-ins",
        pattern: r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#,
    },
    Alert {
        check: "alert-kms-key-loss",
        name: "trailkeep-kms-key-loss",
        about: "disabled or deleted KMS keys",
        pattern: "{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }",
    },
    Alert {
        check: "alert-bucket-policy-changes",
        name: "trailkeep-bucket-policy-changes",
        about: "changes to bucket policies",
        pattern: "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication) || ($.eventName = PutBucketPublicAccessBlock) || ($.eventName = DeleteBucketPublicAccessBlock)) }",
    },
    Alert {
        check: "alert-config-changes",
        name: "trailkeep-config-changes",
        about: "changes to AWS Config",
        pattern: "{ ($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder) || ($.eventName = DeleteConfigurationRecorder) || ($.eventName = DeleteDeliveryChannel) || ($.eventName = PutDeliveryChannel) || ($.eventName = PutConfigurationRecorder)) }",
    },
    Alert {
        check: "alert-gateway-changes",
        name: "trailkeep-gateway-changes",
        about: "changes to gateways",
        pattern: "{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }",
    },
    Alert {
        check: "alert-route-table-changes",
        name: "trailkeep-route-table-changes",
        about: "changes to route tables",
        pattern: "{ ($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable) || ($.eventName = AssociateRouteTable)) }",
    },
    Alert {
        check: "alert-vpc-changes",
        name: "trailkeep-vpc-changes",
        about: "changes to VPCs",
        pattern: "{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) || ($.eventName = AcceptVpcPeeringConnection) || ($.eventName = CreateVpcPeeringConnection) || ($.eventName = DeleteVpcPeeringConnection) || ($.eventName = RejectVpcPeeringConnection) }",
    },
    Alert {
        check: "alert-organizations-changes",
        name: "trailkeep-organizations-changes",
        about: "changes to the organisation",
        pattern: "{ ($.eventSource = organizations.amazonaws.com) && (($.eventName=AcceptHandshake)||($.eventName=AttachPolicy)||($.eventName=CreateAccount)||($.eventName=CreateOrganizationalUnit)||($.eventName=CreatePolicy)||($.eventName=DeclineHandshake)||($.eventName=DeleteOrganization)||($.eventName=DeleteOrganizationalUnit)||($.eventName=DeletePolicy)||($.eventName=DetachPolicy)||($.eventName=DisablePolicyType)||($.eventName=EnablePolicyType)||($.eventName=InviteAccountToOrganization)||($.eventName=LeaveOrganization)||($.eventName=MoveAccount)||($.eventName=RemoveAccountFromOrganization)||($.eventName=UpdatePolicy)||($.eventName=UpdateOrganizationalUnit)) }",
    },
];

impl Alert {
    /// The input of `PutMetricFilter`.
    #[must_use]
    pub fn filter(&self, log_group: &str) -> Value {
        json!({
            "logGroupName": log_group, "filterName": self.name, "filterPattern": self.pattern,
            "metricTransformations":
                [{"metricName": self.name, "metricNamespace": NAMESPACE, "metricValue": "1"}],
        })
    }

    /// The input of `PutMetricAlarm`. An alarm on a metric filter cannot say who did what: its
    /// description says where to look.
    #[must_use]
    pub fn alarm(&self, site: &Site, log_group: &str, topic_arn: &str) -> Value {
        json!({
            "AlarmName": self.name,
            "AlarmDescription": format!(
                "Trailkeep: {}. Who did what is in the log group {log_group} of {}: search it for the pattern \
                 of the metric filter {}.",
                self.about, site.region, self.name
            ),
            "Namespace": NAMESPACE, "MetricName": self.name, "Statistic": "Sum", "Period": 300,
            "EvaluationPeriods": 1, "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
            "ActionsEnabled": true, "AlarmActions": [topic_arn],
        })
    }
}

#[cfg(test)]
mod tests {
    use trailkeep_detect::filter_pattern::FilterPattern;

    use super::*;
    use crate::check::Control;
    use crate::checks;

    /// Whoever follows a check's advice by hand makes what `apply` makes.
    #[test]
    fn every_check_of_the_control_has_the_alert_that_it_advises() {
        let advised = checks::all().filter(|check| check.control == Control::Changes);
        let advised: Vec<(&str, &str)> = advised.map(|check| (check.id, check.remediation)).collect();
        assert_eq!(advised.len(), ALERTS.len());
        for alert in ALERTS {
            let (_, advice) = advised.iter().find(|(id, _)| *id == alert.check).unwrap();
            assert!(advice.contains(alert.pattern) && advice.contains(alert.name), "{}", alert.check);
            // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
            assert!(alert.pattern.len() <= 1_024, "{}", alert.check);
            FilterPattern::parse(alert.pattern).unwrap();
        }
    }
}
