//! What other AWS services wrap around a record, and objects among logs that are none.

use std::borrow::Cow;

use sonic_rs::{JsonValueTrait, LazyValue};

use crate::format::JsonKeys;

/// A JSON object that is not a record itself.
#[derive(Debug)]
pub(crate) enum Envelope<'a> {
    /// One record inside.
    One(Cow<'a, str>),
    /// Several, each JSON or a line of text.
    Many(Vec<Cow<'a, str>>),
    /// Nothing that is an event; what it is instead.
    Nothing(&'static str),
}

/// Takes the wrapping off, if there is one.
pub(crate) fn open<'a>(keys: &JsonKeys<'a>) -> Option<Envelope<'a>> {
    if keys.has("CloudTrailEvent") {
        return cloudtrail_event(keys);
    }
    if keys.has_all(&["detail-type", "detail"]) {
        return event_bridge(keys);
    }
    if keys.has_all(&["messageType", "logEvents"]) {
        return cloudwatch_logs(keys);
    }
    if keys.has_all(&["digestStartTime", "digestEndTime", "logFiles"]) {
        return Some(Envelope::Nothing("CloudTrail digest file"));
    }
    if keys.has_all(&["Service", "Event", "Bucket"])
        && member(keys, "Event")?.as_str() == Some("s3:TestEvent")
    {
        return Some(Envelope::Nothing("s3:TestEvent notification"));
    }
    if keys.has_all(&["eventSource", "s3"]) {
        return Some(Envelope::Nothing("S3 event notification"));
    }
    if keys.has_all(&["eventVersion", "eventSource", "awsRegion", "eventData"])
        && keys.has("eventDataChecksum")
    {
        return None;
    }
    list_inside(keys)
}

fn member<'a>(keys: &JsonKeys<'a>, name: &str) -> Option<LazyValue<'a>> {
    sonic_rs::to_object_iter(keys.record())
        .map_while(Result::ok)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// A value as the text of a record: strings unescaped, objects as they stand.
fn text<'a>(value: &LazyValue<'a>) -> Option<Cow<'a, str>> {
    match value.as_raw_cow() {
        Cow::Borrowed(raw) if raw.starts_with('"') => sonic_rs::from_str::<String>(raw).ok().map(Cow::Owned),
        raw => Some(raw),
    }
}

/// `LookupEvents`: the record is JSON in the string `CloudTrailEvent`.
fn cloudtrail_event<'a>(keys: &JsonKeys<'a>) -> Option<Envelope<'a>> {
    text(&member(keys, "CloudTrailEvent")?).map(Envelope::One)
}

/// EventBridge: the record is the member `detail`
/// (<https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html>).
fn event_bridge<'a>(keys: &JsonKeys<'a>) -> Option<Envelope<'a>> {
    let detail = member(keys, "detail")?;
    match text(&detail)? {
        record if record.starts_with('{') => Some(Envelope::One(record)),
        _ => None,
    }
}

/// A CloudWatch Logs subscription
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>).
fn cloudwatch_logs<'a>(keys: &JsonKeys<'a>) -> Option<Envelope<'a>> {
    if member(keys, "messageType")?.as_str() == Some("CONTROL_MESSAGE") {
        return Some(Envelope::Nothing("CloudWatch Logs control message"));
    }
    let events = member(keys, "logEvents")?.into_array_iter()?;
    let messages = events.map_while(Result::ok).filter_map(|event| {
        let members = event.into_object_iter()?;
        members
            .map_while(Result::ok)
            .find(|(key, _)| key == "message")
            .and_then(|(_, message)| text(&message))
    });
    Some(Envelope::Many(messages.collect()))
}

/// `{"NextToken":…,"Events":[…]}`: a list of records that is not the first member.
fn list_inside<'a>(keys: &JsonKeys<'a>) -> Option<Envelope<'a>> {
    let list = ["Records", "Events"].into_iter().find(|name| keys.has(name))?;
    let items = member(keys, list)?.into_array_iter()?;
    Some(Envelope::Many(items.map_while(Result::ok).map(|item| item.as_raw_cow()).collect()))
}
