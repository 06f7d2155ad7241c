//! Forms: the Query protocol, and EC2's own habits of it.
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>
//! <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>

use serde_json::{Map, Value};

use super::operation::Operation;
use super::text::scalar;
use crate::uri;

/// Inputs are a few levels deep.
const MAX_DEPTH: usize = 16;

/// The body of a request; what of the input has no place in one otherwise, in words.
pub(super) fn encode(
    operation: &Operation,
    version: &str,
    ec2: bool,
    input: &Map<String, Value>,
) -> Result<String, String> {
    let mut form = Form { operation, ec2, body: String::new() };
    form.push("Action", operation.name);
    form.push("Version", version);
    form.members("", input, 0)?;
    Ok(form.body)
}

struct Form<'a> {
    operation: &'a Operation,
    ec2: bool,
    body: String,
}

impl Form<'_> {
    fn push(&mut self, name: &str, value: &str) {
        if !self.body.is_empty() {
            self.body.push('&');
        }
        uri::encode_into(&mut self.body, name, b"");
        self.body.push('=');
        uri::encode_into(&mut self.body, value, b"");
    }

    fn members(&mut self, prefix: &str, members: &Map<String, Value>, depth: usize) -> Result<(), String> {
        members.iter().try_for_each(|(member, value)| {
            let hints = &self.operation.hints;
            let wire =
                hints.sends.iter().find(|(name, _)| name == member).map_or(member.as_str(), |pair| pair.1);
            let name = if prefix.is_empty() { wire.to_owned() } else { format!("{prefix}.{wire}") };
            self.value(member, &name, value, depth)
        })
    }

    fn value(&mut self, member: &str, name: &str, value: &Value, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("{member} is nested too deeply"));
        }
        match value {
            Value::Null => {}
            Value::Array(items) => {
                let list = self.list_name(member, name);
                // The Query protocol sends an empty list as an empty value.
                if items.is_empty() && !self.ec2 {
                    self.push(name, "");
                }
                for (index, item) in items.iter().enumerate() {
                    self.value(member, &format!("{list}.{}", index + 1), item, depth + 1)?;
                }
            }
            Value::Object(entries) if self.operation.hints.maps.contains(&member) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    let entry = format!("{name}.entry.{}", index + 1);
                    self.push(&format!("{entry}.key"), key);
                    self.value("", &format!("{entry}.value"), value, depth + 1)?;
                }
            }
            Value::Object(members) => self.members(name, members, depth + 1)?,
            other => self.push(name, &scalar(other).unwrap_or_default()),
        }
        Ok(())
    }

    fn list_name(&self, member: &str, name: &str) -> String {
        let items = self.operation.hints.items.iter().find(|(list, _)| *list == member).map(|pair| pair.1);
        match items {
            _ if self.ec2 => name.to_owned(),
            Some("") => name.to_owned(),
            Some(item) => format!("{name}.{item}"),
            None => format!("{name}.member"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::{Hints, Protocol, Service};

    static QUERY: Service = Service::new("q", "Q", Protocol::Query { version: "2010-05-08" });
    static EC2: Service = Service::new("ec2", "EC2", Protocol::Ec2 { version: "2016-11-15" });

    fn parts(operation: &Operation, ec2: bool, input: &Value) -> Vec<String> {
        let body = encode(operation, "v", ec2, input.as_object().unwrap()).unwrap();
        body.split('&').map(str::to_owned).collect()
    }

    #[test]
    fn lists_maps_and_structures() {
        static OPERATION: Operation = Operation::new(&QUERY, "Do", "q:Do").hints(Hints {
            maps: &["Attributes"],
            items: &[("Filters", "Filter"), ("Flat", "")],
            ..Hints::NONE
        });
        let input = json!({
            "Name": "a b&c", "On": true, "Count": 3, "Gone": null, "Empty": [],
            "Tags": [{"Key": "k", "Value": "v"}], "Filters": [{"Values": ["x", "y"]}], "Flat": [1, 2],
            "Attributes": {"Policy": "{}"}, "In": {"Deep": "d"},
        });
        assert_eq!(
            parts(&OPERATION, false, &input),
            [
                "Action=Do",
                "Version=v",
                "Name=a%20b%26c",
                "On=true",
                "Count=3",
                "Empty=",
                "Tags.member.1.Key=k",
                "Tags.member.1.Value=v",
                "Filters.Filter.1.Values.member.1=x",
                "Filters.Filter.1.Values.member.2=y",
                "Flat.1=1",
                "Flat.2=2",
                "Attributes.entry.1.key=Policy",
                "Attributes.entry.1.value=%7B%7D",
                "In.Deep=d",
            ]
        );
    }

    #[test]
    fn ec2_numbers_its_lists_at_once() {
        static OPERATION: Operation = Operation::new(&EC2, "DescribeVpcs", "ec2:DescribeVpcs")
            .hints(Hints { sends: &[("Filters", "Filter"), ("Values", "Value")], ..Hints::NONE });
        let input = json!({"Filters": [{"Name": "vpc-id", "Values": ["a", "b"]}], "VpcIds": []});
        assert_eq!(
            parts(&OPERATION, true, &input),
            [
                "Action=DescribeVpcs",
                "Version=v",
                "Filter.1.Name=vpc-id",
                "Filter.1.Value.1=a",
                "Filter.1.Value.2=b"
            ]
        );
    }

    #[test]
    fn a_bottomless_input_is_refused() {
        static OPERATION: Operation = Operation::new(&QUERY, "Do", "q:Do");
        let deep = (0..100).fold(json!(1), |inner, _| json!({"A": inner}));
        assert!(
            encode(&OPERATION, "v", false, deep.as_object().unwrap()).unwrap_err().contains("too deeply")
        );
    }
}
