//! What happens all day long, and nobody wants an alert for.

use serde_json::{Value, json};

use super::AwsEvent;

/// Such events, in the account and Region.
pub(super) fn events(account: &str, region: &str) -> Vec<AwsEvent> {
    let role = |name: &str| {
        json!({"type": "AssumedRole", "principalId": "AROAEXAMPLE7TRAILKEEP:session", "accountId": account,
            "arn": format!("arn:aws:sts::{account}:assumed-role/{name}/session"),
            "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": account, "userName": name}}})
    };
    let service = json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"});
    let event = |source: &str, name: &str, identity: Value, read_only: bool, request: Value| {
        let from = if identity["type"] == "AWSService" { "ec2.amazonaws.com" } else { "198.51.100.7" };
        let record = json!({
            "eventVersion": "1.11", "userIdentity": identity, "eventTime": "2026-01-01T12:00:00Z",
            "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": region,
            "sourceIPAddress": from, "userAgent": "Boto3/1.40.0", "requestParameters": request,
            "responseElements": null, "requestID": "5b2c0f4e-0f2f-4d0e-9a55-3a1c7c1f0e11",
            "eventID": "0d4e8a53-52a0-4b79-8f36-6f3ff2d1b5c2", "readOnly": read_only, "eventType": "AwsApiCall",
            "managementEvent": true, "recipientAccountId": account, "eventCategory": "Management",
        });
        AwsEvent::recorded(name, record)
    };
    let start = json!({"instancesSet": {"items": [{"instanceId": "i-0a1b2c3d4e5f60718"}]}});
    vec![
        event(
            "ec2",
            "DescribeInstances",
            role("inventory"),
            true,
            json!({"instancesSet": {}, "filterSet": {}}),
        ),
        event("sts", "GetCallerIdentity", role("deployer"), true, Value::Null),
        event("sts", "AssumeRole", service, true, json!({"roleSessionName": "session"})),
        event("logs", "CreateLogStream", role("app"), false, json!({"logGroupName": "app"})),
        event("ec2", "StartInstances", role("deployer"), false, start),
    ]
}
