//! An event as the hops get to see it.

use serde_json::Value;
use trailkeep_detect::event_pattern::cloudtrail_envelope;

use crate::value::Json;

/// One event of an account and Region: an API call or sign-in that CloudTrail records, or what a
/// service sends to EventBridge by itself.
#[derive(Clone, Debug)]
pub struct AwsEvent {
    /// How it is named in verdicts: `RevokeSecurityGroupIngress`, `ConsoleLogin without MFA`.
    pub label: String,
    /// The account it happens in.
    pub account: String,
    /// The Region it is recorded in.
    pub region: String,
    /// CloudTrail's record, as a log group gets it; nothing where CloudTrail does not record it.
    pub(super) record: Option<Value>,
    /// The record, and the event as EventBridge delivers it, both as the pattern engines read them,
    /// once for all patterns.
    parsed_record: Option<sonic_rs::Value>,
    parsed_envelope: sonic_rs::Value,
}

impl AwsEvent {
    /// An event that CloudTrail records, from its record.
    #[must_use]
    pub fn recorded(label: impl Into<String>, record: Value) -> Self {
        let text = |path: &str| record.text(path).unwrap_or_default().to_owned();
        let envelope = cloudtrail_envelope(&record);
        Self {
            label: label.into(),
            account: text("recipientAccountId"),
            region: text("awsRegion"),
            parsed_record: Some(parsed(&record)),
            parsed_envelope: parsed(&envelope),
            record: Some(record),
        }
    }

    /// An event that a service sends to EventBridge, from its envelope.
    #[must_use]
    pub fn sent(label: impl Into<String>, envelope: &Value) -> Self {
        let text = |path: &str| envelope.text(path).unwrap_or_default().to_owned();
        let (account, region) = (text("account"), text("region"));
        Self {
            label: label.into(),
            account,
            region,
            record: None,
            parsed_record: None,
            parsed_envelope: parsed(envelope),
        }
    }

    pub(super) fn parsed_record(&self) -> Option<&sonic_rs::Value> {
        self.parsed_record.as_ref()
    }

    pub(super) fn parsed_envelope(&self) -> &sonic_rs::Value {
        &self.parsed_envelope
    }

    /// It only reads: EventBridge gets such calls only for rules that ask for all management events.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.flag("readOnly"))
    }
}

/// What serde_json wrote is JSON, so that reading it again does not fail; null matches no pattern.
fn parsed(value: &Value) -> sonic_rs::Value {
    sonic_rs::from_str(&value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_are_wrapped_as_eventbridge_does() {
        let record = json!({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
            "eventType": "AwsConsoleSignIn", "awsRegion": "eu-west-1", "recipientAccountId": "111111111111",
            "readOnly": false});
        let event = AwsEvent::recorded("ConsoleLogin", record);
        let envelope: Value = serde_json::from_str(&event.parsed_envelope.to_string()).unwrap();
        assert_eq!(envelope["source"], "aws.signin");
        assert_eq!(envelope["detail-type"], "AWS Console Sign In via CloudTrail");
        assert_eq!(envelope["detail"]["eventName"], "ConsoleLogin");
        assert_eq!((event.account.as_str(), event.region.as_str()), ("111111111111", "eu-west-1"));
        assert!(!event.is_read_only());
    }
}
