//! A CloudTrail record as the event that EventBridge makes of it.

use serde_json::{Value, json};

/// Wraps a CloudTrail record into EventBridge's envelope, as rules see it.
///
/// Whether EventBridge delivers the event at all is another question: calls that only read (`List…`,
/// `Get…`, `Describe…`) come only to rules in the state
/// `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`, and events of global services only to the Region in
/// which they are recorded.
///
/// Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
pub fn cloudtrail_envelope(record: &Value) -> Value {
    let text = |path: &str| record.pointer(path).and_then(Value::as_str);
    let service = text("/eventSource").unwrap_or_default();
    let service = service.split(".amazonaws.").next().unwrap_or(service);
    let account = text("/recipientAccountId").or_else(|| text("/userIdentity/accountId"));
    json!({
        "version": "0",
        "id": text("/eventID").unwrap_or_default(),
        "detail-type": detail_type(text("/eventType"), text("/eventCategory")),
        "source": format!("aws.{service}"),
        "account": account.unwrap_or_default(),
        "time": text("/eventTime").unwrap_or_default(),
        "region": text("/awsRegion").unwrap_or_default(),
        "resources": [],
        "detail": record,
    })
}

fn detail_type(event_type: Option<&str>, category: Option<&str>) -> &'static str {
    match (event_type, category) {
        (Some("AwsConsoleSignIn"), _) => "AWS Console Sign In via CloudTrail",
        (Some("AwsConsoleAction"), _) => "AWS Console Action via CloudTrail",
        (Some("AwsServiceEvent"), _) => "AWS Service Event via CloudTrail",
        (Some("AwsCloudTrailInsight"), _) | (_, Some("Insight")) => "AWS Insight via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    }
}

#[cfg(test)]
mod tests {
    use super::super::EventPattern;
    use super::*;

    #[test]
    fn a_call_looks_as_rules_expect_it() {
        let record = json!({
            "eventVersion": "1.08", "eventType": "AwsApiCall", "eventCategory": "Management",
            "eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress",
            "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
            "eventTime": "2024-05-01T10:00:00Z", "eventID": "e1"
        });
        let event = cloudtrail_envelope(&record);
        let pattern = EventPattern::parse(
            r#"{"source": ["aws.ec2"], "detail-type": ["AWS API Call via CloudTrail"],
                "account": ["111122223333"], "region": ["eu-west-1"],
                "time": [{"prefix": "2024-05-01"}],
                "detail": {"eventSource": ["ec2.amazonaws.com"],
                           "eventName": ["AuthorizeSecurityGroupIngress"]}}"#,
        );
        assert!(pattern.unwrap().matches(&event));
        assert_eq!(event["detail"], record);
    }

    #[test]
    fn each_kind_of_record_has_its_type() {
        let of = |record: Value| cloudtrail_envelope(&record)["detail-type"].clone();
        assert_eq!(of(json!({"eventType": "AwsConsoleSignIn"})), "AWS Console Sign In via CloudTrail");
        assert_eq!(of(json!({"eventType": "AwsServiceEvent"})), "AWS Service Event via CloudTrail");
        assert_eq!(of(json!({"eventCategory": "Insight"})), "AWS Insight via CloudTrail");
        let signin = json!({"eventSource": "signin.amazonaws.com", "userIdentity": {"accountId": "1"}});
        let event = cloudtrail_envelope(&signin);
        assert_eq!((&event["source"], &event["account"]), (&json!("aws.signin"), &json!("1")));
    }

    #[test]
    fn a_record_of_any_shape_is_wrapped() {
        for record in [json!(null), json!([1]), json!({"eventSource": 7}), json!("x")] {
            assert_eq!(cloudtrail_envelope(&record)["detail"], record);
        }
    }
}
