//! JSON as it travels, and as the AWS CLI prints it.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value};

use super::hint::{knows, lookup};
use super::operation::Operation;
use super::text::{lower_first, upper_first};

/// The answer with the members' names and with dates a reader can read.
pub(super) fn receive(operation: &Operation, value: Value) -> Value {
    let hints = &operation.hints;
    if !operation.service.lower_camel && hints.times.is_empty() && hints.renames.is_empty() {
        return value;
    }
    read(operation, "", value)
}

/// `parent` is the member, or the root, that this is in.
fn read(operation: &Operation, parent: &str, value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| read(operation, parent, item)).collect(),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(wire, value)| {
                    let value = read_member(operation, parent, &wire, value);
                    (member_name(operation, parent, wire), value)
                })
                .collect(),
        ),
        other => other,
    }
}

fn read_member(operation: &Operation, parent: &str, wire: &str, value: Value) -> Value {
    let hints = &operation.hints;
    if is_map(operation, parent, wire) {
        let Value::Object(entries) = value else { return value };
        // Keys are the user's own; values may have members again.
        let inner = |value: Value| if value.is_object() { read(operation, wire, value) } else { value };
        return Value::Object(entries.into_iter().map(|(key, value)| (key, inner(value))).collect());
    }
    if knows(hints.times, parent, wire) {
        return time(&value).unwrap_or(value);
    }
    read(operation, wire, value)
}

/// A map may be named as the input's member or as the wire's.
fn is_map(operation: &Operation, parent: &str, wire: &str) -> bool {
    let maps = operation.hints.maps;
    knows(maps, parent, wire) || (operation.service.lower_camel && knows(maps, parent, &lower_first(wire)))
}

fn member_name(operation: &Operation, parent: &str, wire: String) -> String {
    match lookup(operation.hints.renames, parent, &wire) {
        Some(member) => member.to_owned(),
        None if operation.service.lower_camel => upper_first(&wire),
        None => wire,
    }
}

/// Seconds since 1970 in RFC 3339, in UTC.
fn time(value: &Value) -> Option<Value> {
    let micros = match value.as_i64() {
        Some(seconds) => seconds.checked_mul(1_000_000)?,
        // Within a double's whole numbers, and so within what a date can say.
        None => value.as_f64().map(|s| (s * 1e6).round()).filter(|micros| micros.abs() < 9e15)? as i64,
    };
    let time = DateTime::from_timestamp_micros(micros)?;
    Some(Value::String(time.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
}

/// The input as it travels.
pub(super) fn send(operation: &Operation, members: Map<String, Value>) -> Value {
    let value = Value::Object(members);
    if operation.service.lower_camel { write(operation, "", value) } else { value }
}

fn write(operation: &Operation, parent: &str, value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| write(operation, parent, item)).collect(),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(member, value)| {
                    let wire = wire_name(operation, &member);
                    let value =
                        if is_map(operation, parent, &wire) { value } else { write(operation, &wire, value) };
                    (wire, value)
                })
                .collect(),
        ),
        other => other,
    }
}

fn wire_name(operation: &Operation, member: &str) -> String {
    let renamed = operation.hints.renames.iter().find(|(_, name)| *name == member);
    let wire = renamed.map(|&(hint, _)| hint.rsplit('/').next().unwrap_or(hint).to_owned());
    wire.unwrap_or_else(|| lower_first(member))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::{Hints, Protocol, Service};

    static PLAIN: Service = Service::new("x", "X", Protocol::Json { target_prefix: "X", version: "1.1" });
    static SMALL: Service = Service::new("y", "Y", Protocol::RestJson).lower_camel();

    #[test]
    fn dates_are_read_where_the_hint_says_so() {
        static OPERATION: Operation =
            Operation::new(&PLAIN, "A", "x:A").hints(Hints { times: &["At", "In/When"], ..Hints::NONE });
        let value =
            json!({"At": 1_700_000_000, "Size": 1, "When": 2, "In": [{"When": 1.5}], "Bad": {"At": 1e300}});
        assert_eq!(
            receive(&OPERATION, value),
            json!({"At": "2023-11-14T22:13:20Z", "Size": 1, "When": 2,
                   "In": [{"When": "1970-01-01T00:00:01.500Z"}], "Bad": {"At": 1e300}})
        );
    }

    #[test]
    fn small_letters_on_the_wire_only() {
        static OPERATION: Operation = Operation::new(&SMALL, "A", "y:A").hints(Hints {
            renames: &[("dnsLogs", "DNSLogs")],
            maps: &["tags"],
            ..Hints::NONE
        });
        let wire = json!({"detectorIds": ["a"], "dataSources": {"dnsLogs": {"status": "ENABLED"}}, "tags": {"myKey": "v"}});
        let plain = json!({"DetectorIds": ["a"], "DataSources": {"DNSLogs": {"Status": "ENABLED"}}, "Tags": {"myKey": "v"}});
        assert_eq!(receive(&OPERATION, wire.clone()), plain);
        let Value::Object(members) = plain else { panic!() };
        assert_eq!(send(&OPERATION, members), wire);
    }
}
