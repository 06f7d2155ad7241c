//! [`Event`]: a CloudTrail record as playbooks see it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use trailkeep_baseline::Json;

/// A change that was made, read from a CloudTrail record. Nothing in it is trusted: whoever makes the
/// call chooses names, descriptions and the user agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `eventID`.
    pub uid: String,
    /// `eventSource`: `ec2.amazonaws.com`.
    pub source: String,
    /// `eventName`.
    pub name: String,
    /// `eventTime`.
    pub time: DateTime<Utc>,
    /// The account whose resource was changed (`recipientAccountId`).
    pub account: String,
    /// `awsRegion`.
    pub region: String,
    /// `userIdentity.arn`, where there is one.
    pub principal: Option<String>,
    /// The role of an assumed-role session.
    pub issuer: Option<String>,
    /// `userAgent`.
    pub user_agent: String,
    /// `requestID`.
    pub request_id: String,
    /// `sourceIPAddress`.
    pub source_ip: String,
    /// `requestParameters`.
    pub request: Value,
    /// `responseElements`.
    pub response: Value,
}

/// The longest text that is taken over from an event.
const TEXT: usize = 2048;

impl Event {
    /// The event of a record; `None` for what failed, changed nothing, or is no record of an API call.
    #[must_use]
    pub fn read(record: &Value) -> Option<Self> {
        // Calls that failed and dry runs have an error; a read has nothing to put back.
        if record.at("errorCode").is_some() || record.flag("readOnly") {
            return None;
        }
        let text = |path: &str| clipped(record.text(path).unwrap_or_default());
        let owned = |path: &str| record.text(path).map(clipped);
        let account = owned("recipientAccountId").or_else(|| owned("userIdentity.accountId"))?;
        // An event about a bucket goes to the caller's account and to the owner's: the owner's counts.
        let owner = record.items("resources").iter().find_map(|item| item.text("accountId"));
        if owner.is_some_and(|owner| owner != account) {
            return None;
        }
        Some(Self {
            uid: owned("eventID")?,
            source: owned("eventSource")?,
            name: owned("eventName")?,
            time: record.time("eventTime")?,
            account,
            region: owned("awsRegion")?,
            principal: owned("userIdentity.arn").or_else(|| owned("userIdentity.principalId")),
            issuer: owned("userIdentity.sessionContext.sessionIssuer.arn"),
            user_agent: text("userAgent"),
            request_id: text("requestID"),
            source_ip: text("sourceIPAddress"),
            request: record.at("requestParameters").cloned().unwrap_or_default(),
            response: record.at("responseElements").cloned().unwrap_or_default(),
        })
    }

    /// Who made the change, the same for all sessions of a role: the role, or else the principal.
    #[must_use]
    pub fn actor(&self) -> &str {
        self.issuer.as_deref().or(self.principal.as_deref()).unwrap_or("unknown")
    }
}

fn clipped(text: &str) -> String {
    text[..text.floor_char_boundary(TEXT)].to_owned()
}

/// Elements of a list as CloudTrail writes it: an array, `{"items": […]}` (EC2's older calls), one
/// element alone or an array with `tag` members (EC2's newer ones); empty text and empty objects for none.
pub(super) fn list<'a>(value: &'a Value, member: &str) -> Vec<&'a Value> {
    let Some(list) = field(value, member) else { return Vec::new() };
    elements(list)
}

fn elements(list: &Value) -> Vec<&Value> {
    match list {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => match members.get("items").or_else(|| members.get("item")) {
            Some(inner) => elements(inner),
            None if members.is_empty() => Vec::new(),
            None => vec![list],
        },
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

/// A member by its name, whatever the case of its first letter: CloudTrail writes both.
pub(super) fn field<'a>(value: &'a Value, member: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    let found = members.get(member).or_else(|| members.get(&upper_first(member)));
    found.or_else(|| members.get(&lower_first(member))).filter(|value| !value.is_null())
}

/// A member as text; numbers and booleans too. Empty text is none.
pub(super) fn text(value: &Value, member: &str) -> Option<String> {
    match field(value, member)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        // A text with attributes: `{"tag": 1, "content": "fl-1"}`.
        Value::Object(members) => members.get("content").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

/// A member as a whole number.
pub(super) fn integer(value: &Value, member: &str) -> Option<i64> {
    text(value, member)?.parse().ok()
}

/// A member as a boolean; absent is false.
pub(super) fn flag(value: &Value, member: &str) -> bool {
    text(value, member).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Tags as CloudTrail writes them, as the API takes them.
pub(super) fn tags(value: &Value) -> Vec<Value> {
    let found = ["tags", "tagSet", "tag"].iter().map(|name| list(value, name)).find(|tags| !tags.is_empty());
    let tag = |tag: &Value| {
        Some(json!({"Key": text(tag, "key")?, "Value": text(tag, "value").unwrap_or_default()}))
    };
    found.unwrap_or_default().into_iter().filter_map(tag).collect()
}

/// Some calls wrap the request in one member named after it (`DeleteFlowLogsRequest`).
pub(super) fn unwrapped(part: &Value, name: &str) -> Value {
    part.get(name).unwrap_or(part).clone()
}

/// Member names as the API has them, where CloudTrail writes their first letter small.
pub(super) fn api_names(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (upper_first(name), api_names(value))).collect::<Map<_, _>>(),
        ),
        Value::Array(items) => items.iter().map(api_names).collect(),
        other => other.clone(),
    }
}

fn upper_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Value {
        json!({
            "eventID": "e-1", "eventSource": "ec2.amazonaws.com", "eventName": "DeleteFlowLogs",
            "eventTime": "2026-05-04T09:16:52Z", "recipientAccountId": "111122223333",
            "awsRegion": "eu-central-1", "requestParameters": {"a": 1}, "responseElements": null,
            "userIdentity": {"arn": "arn:aws:sts::111122223333:assumed-role/deploy/bob",
                "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/deploy"}}},
        })
    }

    #[test]
    fn only_what_changed_something_is_an_event() {
        let event = Event::read(&record()).unwrap();
        assert_eq!(
            (event.actor(), event.region.as_str()),
            ("arn:aws:iam::111122223333:role/deploy", "eu-central-1")
        );
        for (member, value) in [
            ("errorCode", json!("AccessDenied")),
            ("readOnly", json!(true)),
            ("eventTime", json!("yesterday")),
            ("eventID", json!(null)),
            ("resources", json!([{"accountId": "999999999999", "ARN": "arn:aws:s3:::b"}])),
        ] {
            let mut other = record();
            other[member] = value;
            assert_eq!(Event::read(&other), None, "{member}");
        }
        assert_eq!(Event::read(&json!([1])), None);
    }

    #[test]
    fn lists_in_all_their_spellings() {
        let count = |value: Value| list(&json!({"x": value}), "X").len();
        assert_eq!(count(json!({"items": [1, 2]})), 2);
        assert_eq!(count(json!([1, 2, 3])), 3);
        assert_eq!(count(json!({"item": "fl-1"})), 1);
        assert_eq!(count(json!({"tag": 1, "content": "fl-1"})), 1);
        for none in [json!({}), json!(""), json!(null), json!({"items": []}), json!({"items": {}})] {
            assert_eq!(count(none), 0);
        }
        let value = json!({"FlowLogId": {"tag": 1, "content": "fl-1"}, "on": "TRUE", "n": 5});
        assert_eq!(text(&value, "flowLogId").as_deref(), Some("fl-1"));
        assert!(flag(&value, "On") && integer(&value, "n") == Some(5));
    }

    #[test]
    fn names_as_the_api_has_them() {
        let wire = json!({"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]});
        assert_eq!(
            api_names(&wire),
            json!({"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]})
        );
    }
}
