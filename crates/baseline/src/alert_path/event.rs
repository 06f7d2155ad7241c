//! An event as the hops get to see it.

use std::sync::OnceLock;

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
    /// The envelope of what a service sent.
    envelope: Option<Value>,
    /// The record and the envelope as the pattern engines read them, once for all patterns.
    parsed_record: OnceLock<sonic_rs::Value>,
    parsed_envelope: OnceLock<sonic_rs::Value>,
}

impl AwsEvent {
    /// An event that CloudTrail records, from its record.
    #[must_use]
    pub fn recorded(label: impl Into<String>, record: Value) -> Self {
        let text = |path: &str| record.text(path).unwrap_or_default().to_owned();
        let (account, region) = (text("recipientAccountId"), text("awsRegion"));
        Self::new(label.into(), account, region, Some(record), None)
    }

    /// An event that a service sends to EventBridge, from its envelope.
    #[must_use]
    pub fn sent(label: impl Into<String>, envelope: Value) -> Self {
        let text = |path: &str| envelope.text(path).unwrap_or_default().to_owned();
        let (account, region) = (text("account"), text("region"));
        Self::new(label.into(), account, region, None, Some(envelope))
    }

    fn new(
        label: String,
        account: String,
        region: String,
        record: Option<Value>,
        envelope: Option<Value>,
    ) -> Self {
        let (parsed_record, parsed_envelope) = (OnceLock::new(), OnceLock::new());
        Self { label, account, region, record, envelope, parsed_record, parsed_envelope }
    }

    pub(super) fn parsed_record(&self) -> Option<&sonic_rs::Value> {
        let record = self.record.as_ref()?;
        Some(self.parsed_record.get_or_init(|| parsed(record)))
    }

    /// As EventBridge delivers it.
    pub(super) fn parsed_envelope(&self) -> &sonic_rs::Value {
        self.parsed_envelope.get_or_init(|| match (&self.envelope, &self.record) {
            (Some(envelope), _) => parsed(envelope),
            (None, Some(record)) => parsed(&cloudtrail_envelope(record)),
            (None, None) => sonic_rs::Value::default(),
        })
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
    use sonic_rs::JsonValueTrait as _;

    use super::*;

    #[test]
    fn records_are_wrapped_as_eventbridge_does() {
        let record = json!({"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
            "eventType": "AwsConsoleSignIn", "awsRegion": "eu-west-1", "recipientAccountId": "111111111111",
            "readOnly": false});
        let event = AwsEvent::recorded("ConsoleLogin", record);
        let text = |path: &[&str]| event.parsed_envelope().pointer(path).and_then(|value| value.as_str());
        assert_eq!(text(&["source"]), Some("aws.signin"));
        assert_eq!(text(&["detail-type"]), Some("AWS Console Sign In via CloudTrail"));
        assert_eq!(text(&["detail", "eventName"]), Some("ConsoleLogin"));
        assert_eq!((event.account.as_str(), event.region.as_str()), ("111111111111", "eu-west-1"));
        assert!(!event.is_read_only());
    }
}
