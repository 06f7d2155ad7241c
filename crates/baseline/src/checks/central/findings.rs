//! Findings as GuardDuty and Security Hub send them to EventBridge.
//!
//! Each is grave, new and active, so that rules which let through only such findings pick it.
//! <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html>,
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html>

use serde_json::{Value, json};

use crate::alert_path::AwsEvent;

/// Where a finding is sent to EventBridge, and the account it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) partition: &'a str,
    /// The account whose event bus gets it: the one it is about, or its administrator.
    pub(super) bus_account: &'a str,
    pub(super) region: &'a str,
    pub(super) about: &'a str,
    pub(super) time: &'a str,
}

const KIND: &str = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS";

/// A finding of GuardDuty.
pub(super) fn guardduty(at: &At<'_>) -> AwsEvent {
    let At { partition, bus_account, region, about, time } = at;
    let detail = json!({
        "schemaVersion": "2.0",
        "accountId": about,
        "region": region,
        "partition": partition,
        "id": "16afba5c5c43e07c9e3e5e2e544e95df",
        "arn": format!("arn:{partition}:guardduty:{region}:{about}:detector/d0b1/finding/16afba5c"),
        "type": KIND,
        "resource": {"resourceType": "AccessKey", "accessKeyDetails": {
            "accessKeyId": "ASIAEXAMPLE7TRAILKEEP", "principalId": "AROAEXAMPLE7TRAILKEEP:i-0a1b2c3d4e5f60718",
            "userType": "AssumedRole", "userName": "app"}},
        "service": {"serviceName": "guardduty", "detectorId": "d0b1", "archived": false, "count": 1,
            "eventFirstSeen": time, "eventLastSeen": time, "resourceRole": "TARGET", "additionalInfo": {},
            "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {"api": "ListBuckets",
                "serviceName": "s3.amazonaws.com", "callerType": "Remote IP",
                "remoteIpDetails": {"ipAddressV4": "198.51.100.7"}}}},
        "severity": 8.0,
        "createdAt": time,
        "updatedAt": time,
        "title": "Credentials of an instance were used from outside AWS.",
        "description": "Credentials of an EC2 instance were used from an address outside AWS.",
    });
    sent("GuardDuty finding", "GuardDuty Finding", "aws.guardduty", bus_account, at, &[], detail)
}

/// A finding that Security Hub imported: its own, or GuardDuty's.
pub(super) fn security_hub(at: &At<'_>, of_guardduty: bool) -> AwsEvent {
    let At { partition, bus_account, region, about, time } = at;
    let (product, name, company) = if of_guardduty {
        ("aws/guardduty", "GuardDuty", "Amazon")
    } else {
        ("aws/securityhub", "Security Hub", "AWS")
    };
    let id = format!("arn:{partition}:securityhub:{region}:{about}:security-control/EC2.13/finding/5c43e07c");
    let mut finding = json!({
        "SchemaVersion": "2018-10-08",
        "Id": id,
        "ProductArn": format!("arn:{partition}:securityhub:{region}::product/{product}"),
        "ProductName": name,
        "CompanyName": company,
        "Region": region,
        "GeneratorId": "security-control/EC2.13",
        "AwsAccountId": about,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "FirstObservedAt": time,
        "LastObservedAt": time,
        "CreatedAt": time,
        "UpdatedAt": time,
        "Severity": {"Label": "CRITICAL", "Normalized": 90, "Original": "CRITICAL"},
        "Title": "Security groups should not allow ingress from 0.0.0.0/0 to port 22",
        "Description": "A security group lets the world in to port 22.",
        "Resources": [{"Type": "AwsEc2SecurityGroup", "Partition": partition, "Region": region,
            "Id": format!("arn:{partition}:ec2:{region}:{about}:security-group/sg-04cfb7a4712d75b00")}],
        "Workflow": {"Status": "NEW"},
        "WorkflowState": "NEW",
        "RecordState": "ACTIVE",
        "FindingProviderFields": {"Severity": {"Label": "CRITICAL", "Original": "CRITICAL"},
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"]},
    });
    if of_guardduty {
        finding["Types"] = json!([format!("TTPs/{KIND}")]);
        finding["GeneratorId"] = json!(format!("arn:{partition}:guardduty:{region}:{about}:detector/d0b1"));
    } else {
        finding["Compliance"] = json!({"Status": "FAILED", "SecurityControlId": "EC2.13"});
    }
    let resources = [id.as_str()];
    let detail = json!({"findings": [finding]});
    sent(
        "Security Hub finding",
        "Security Hub Findings - Imported",
        "aws.securityhub",
        bus_account,
        at,
        &resources,
        detail,
    )
}

fn sent(
    label: &str,
    detail_type: &str,
    source: &str,
    account: &str,
    at: &At<'_>,
    resources: &[&str],
    detail: Value,
) -> AwsEvent {
    let envelope = json!({
        "version": "0",
        "id": "0d4e8a53-52a0-4b79-8f36-6f3ff2d1b5c2",
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": at.time,
        "region": at.region,
        "resources": resources,
        "detail": detail,
    });
    AwsEvent::sent(label, envelope)
}
