//! What people read, of an estate with faults in controls 3, 5 and 6.

use std::fmt::Write as _;

use serde_json::json;

use crate::alert_path::sample::{ACCOUNT, HOME, OTHER, Sample, TOPIC};
use crate::check::{Check, Context, Settings};
use crate::checks::{alarms, central, changes};
use crate::inventory::GLOBAL;

/// A management account that meant well, and a member that nobody looked after.
fn estate() -> Sample {
    let mut sample = Sample::new();
    sample.add_account(OTHER);
    let organization = json!({"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": ACCOUNT}});
    for account in [ACCOUNT, OTHER] {
        sample.put_in(account, GLOBAL, "organizations:DescribeOrganization", "", organization.clone());
    }
    sample.put(
        GLOBAL,
        "organizations:ListDelegatedAdministrators",
        "",
        json!({"DelegatedAdministrators": []}),
    );
    sample.put(GLOBAL, "s3:ListBuckets", "", json!({"Buckets": [{"Name": "logs"}]}));
    sample.add_alert(
        "sg",
        "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupIngress) }",
    );
    sample.add_alert("refused", r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.sourceIPAddress != "delivery.logs.amazonaws.com") }"#);
    sample.add_alert("sign-in", "{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != Yes) }");
    sample.add_alert("trail", "{ $.eventSource = cloudtrail.amazonaws.com }");
    let off = "arn:aws:sns:eu-west-1:111111111111:unread";
    sample.add_topic(off, &["cloudwatch.amazonaws.com"]);
    sample.put(
        HOME,
        "sns:ListSubscriptionsByTopic",
        off,
        json!({"Subscriptions": [{"SubscriptionArn": "PendingConfirmation", "Protocol": "email"}]}),
    );
    let alarms = sample.edit(HOME, "cloudwatch:DescribeAlarms", "");
    alarms["MetricAlarms"][3]["AlarmActions"] = json!([off]);
    alarms["MetricAlarms"][0]["ActionsEnabled"] = json!(false);
    sample.add_composite("everything", "ALARM(sg) OR ALARM(gone)");
    sample.add_rule(HOME, "nacl", json!({"detail": {"eventName": [{"suffix": "NetworkAclEntry"}]}}), TOPIC);
    for (account, region) in [(ACCOUNT, HOME), (ACCOUNT, "us-east-1"), (OTHER, HOME), (OTHER, "us-east-1")] {
        let on = account == ACCOUNT && region == HOME;
        let detectors = if on { json!({"DetectorIds": ["d1"]}) } else { json!({"DetectorIds": []}) };
        sample.put_in(account, region, "guardduty:ListDetectors", "", detectors);
        for call in ["guardduty:ListOrganizationAdminAccounts", "securityhub:ListOrganizationAdminAccounts"] {
            sample.put_in(account, region, call, "", json!({"AdminAccounts": []}));
        }
        for (call, list) in [
            ("config:DescribeConfigurationRecorders", "ConfigurationRecorders"),
            ("config:DescribeConfigurationAggregators", "ConfigurationAggregators"),
            ("securityhub:ListFindingAggregators", "FindingAggregators"),
        ] {
            sample.put_in(account, region, call, "", json!({list: []}));
        }
    }
    sample.put(HOME, "guardduty:GetDetector", "d1", json!({"Status": "ENABLED"}));
    sample.put(
        HOME,
        "securityhub:DescribeHub",
        "",
        json!({"HubArn": "arn:aws:securityhub:eu-west-1:111111111111:hub/default"}),
    );
    sample.deny("us-east-1", "securityhub:DescribeHub", "");
    sample
}

fn told(checks: &[&Check]) -> String {
    let sample = estate();
    let context = Context { inventory: &sample.inventory, settings: &Settings::default() };
    let mut text = String::new();
    for check in checks {
        writeln!(text, "{}", check.id).unwrap();
        for verdict in (check.run)(&context) {
            let (account, region) = (&verdict.account_id[..3], &verdict.region);
            writeln!(text, "  {} {account} {region}: {}", verdict.status.as_str(), verdict.observed).unwrap();
        }
    }
    text
}

#[test]
fn changes_are_told() {
    insta::assert_snapshot!(told(changes::CHECKS));
}

#[test]
fn central_is_told() {
    insta::assert_snapshot!(told(central::CHECKS));
}

#[test]
fn alarms_are_told() {
    insta::assert_snapshot!(told(alarms::CHECKS));
}

#[test]
fn fixes_name_what_the_estate_has() {
    let sample = estate();
    let check = changes::CHECKS.iter().find(|check| check.id == "alert-network-acl-changes").unwrap();
    insta::assert_snapshot!(sample.verdict(check).remediation.unwrap());
}
