//! A tree of elements as the JSON that the AWS CLI prints for it.

use serde_json::{Map, Number, Value};

use super::Node;
use crate::api::hint::{knows, lookup};
use crate::api::operation::Hints;
use crate::api::text::upper_first;

/// Elements that hold words, which may happen to be `true` or a number.
const WORDS: [&str; 6] = ["key", "value", "name", "description", "string", "message"];

/// How names are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) hints: &'a Hints,
    /// EC2: members begin with a small letter, and a `…Set` is a list.
    pub(crate) ec2: bool,
}

/// The members of `node`.
pub(crate) fn to_json(node: &Node, reading: Reading<'_>) -> Value {
    members(node, reading)
}

impl Reading<'_> {
    fn value(self, parent: &str, node: &Node) -> Value {
        if knows(self.hints.maps, parent, &node.name) {
            return self.map(node);
        }
        if self.is_list(parent, node) {
            return node.children.iter().map(|item| self.item(node, item)).collect();
        }
        if node.children.is_empty() {
            return self.scalar(parent, node);
        }
        members(node, self)
    }

    fn item(self, list: &Node, item: &Node) -> Value {
        if item.children.is_empty() { self.scalar(&list.name, item) } else { members(item, self) }
    }

    fn is_list(self, parent: &str, node: &Node) -> bool {
        let named_so = |name: &str| matches!(name, "member" | "item");
        knows(self.hints.lists, parent, &node.name)
            || (self.ec2 && node.name.ends_with("Set"))
            || (!node.children.is_empty() && node.children.iter().all(|child| named_so(&child.name)))
    }

    /// `<entry><key>k</key><value>v</value></entry>…`; the names in an entry differ, their order
    /// does not.
    fn map(self, node: &Node) -> Value {
        let pair = |entry: &Node| {
            let (key, value) = (entry.children.first()?, entry.children.get(1)?);
            let value = if value.children.is_empty() {
                Value::String(value.text.clone())
            } else {
                members(value, self)
            };
            Some((key.text.clone(), value))
        };
        Value::Object(node.children.iter().filter_map(pair).collect())
    }

    fn scalar(self, parent: &str, node: &Node) -> Value {
        let text = node.text.as_str();
        if knows(self.hints.numbers, parent, &node.name) {
            let whole = text.trim().parse::<i64>().ok().map(Number::from);
            let number = whole.or_else(|| text.trim().parse().ok().and_then(Number::from_f64));
            return number.map_or_else(|| Value::String(text.to_owned()), Value::Number);
        }
        if WORDS.iter().any(|word| word.eq_ignore_ascii_case(&node.name)) {
            return Value::String(text.to_owned());
        }
        // S3 has been seen to write TRUE.
        match text.trim() {
            "true" | "TRUE" => Value::Bool(true),
            "false" | "FALSE" => Value::Bool(false),
            _ => Value::String(text.to_owned()),
        }
    }

    fn member_name(self, parent: &str, name: &str) -> String {
        match lookup(self.hints.renames, parent, name) {
            Some(member) => member.to_owned(),
            None if self.ec2 => upper_first(name),
            None => name.to_owned(),
        }
    }
}

fn members(node: &Node, reading: Reading<'_>) -> Value {
    let mut found = Map::new();
    for child in &node.children {
        if let Some(member) = lookup(reading.hints.flat, &node.name, &child.name) {
            let list = found.entry(member).or_insert_with(|| Value::Array(vec![]));
            if let Value::Array(items) = list {
                items.push(reading.item(node, child));
            }
            continue;
        }
        let member = reading.member_name(&node.name, &child.name);
        let value = reading.value(&node.name, child);
        match found.get_mut(&member) {
            None => drop(found.insert(member, value)),
            // Side by side without a hint: a list all the same, rather than losing all but one.
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(hints: &Hints, ec2: bool, body: &str) -> Value {
        to_json(&Node::parse(body.as_bytes()).unwrap(), Reading { hints, ec2 })
    }

    #[test]
    fn lists_of_members_and_empty_ones() {
        let hints = Hints { lists: &["Topics"], ..Hints::NONE };
        assert_eq!(
            read(&hints, false, "<R><Topics><member><TopicArn>a</TopicArn></member></Topics></R>"),
            json!({"Topics": [{"TopicArn": "a"}]})
        );
        assert_eq!(read(&hints, false, "<R><Topics/></R>"), json!({"Topics": []}));
        assert_eq!(
            read(&Hints::NONE, false, "<R><A><member>x</member></A></R>"),
            json!({"A": ["x"]}),
            "members make a list by themselves"
        );
    }

    #[test]
    fn maps_keep_their_keys_and_texts() {
        let hints = Hints { maps: &["Attributes"], ..Hints::NONE };
        let body = "<R><Attributes><entry><key>FifoTopic</key><value>true</value></entry>\
                    <entry><key>Policy</key><value>{&quot;a&quot;:1}</value></entry></Attributes></R>";
        assert_eq!(
            read(&hints, false, body),
            json!({"Attributes": {"FifoTopic": "true", "Policy": "{\"a\":1}"}})
        );
        assert_eq!(read(&hints, false, "<R><Attributes/></R>"), json!({"Attributes": {}}));
    }

    #[test]
    fn ec2_names() {
        let hints =
            Hints { renames: &[("vpcSet", "Vpcs"), ("tagSet", "Tags")], lists: &["tagSet"], ..Hints::NONE };
        let body = "<R><requestId>1</requestId><vpcSet><item><vpcId>vpc-1</vpcId><isDefault>true</isDefault>\
                    <tagSet><item><key>true</key><value>false</value></item></tagSet><ipv6Set/></item></vpcSet></R>";
        assert_eq!(
            read(&hints, true, body),
            json!({"RequestId": "1", "Vpcs": [{
                "VpcId": "vpc-1", "IsDefault": true, "Tags": [{"Key": "true", "Value": "false"}], "Ipv6Set": [],
            }]})
        );
    }

    #[test]
    fn flattened_lists_by_parent() {
        let hints = Hints {
            flat: &[("Rule", "Rules"), ("And/Tag", "Tags")],
            numbers: &["Days", "Ratio"],
            ..Hints::NONE
        };
        let body = "<L><Rule><Filter><Tag><Key>a</Key></Tag></Filter></Rule>\
                    <Rule><Filter><And><Tag><Key>b</Key></Tag></And></Filter><Days>30</Days><Ratio>0.5</Ratio></Rule></L>";
        assert_eq!(
            read(&hints, false, body),
            json!({"Rules": [
                {"Filter": {"Tag": {"Key": "a"}}},
                {"Filter": {"And": {"Tags": [{"Key": "b"}]}}, "Days": 30, "Ratio": 0.5},
            ]})
        );
    }

    #[test]
    fn nothing_is_lost_without_a_hint() {
        assert_eq!(
            read(&Hints::NONE, false, "<R><a>1</a><a>2</a><a>3</a></R>"),
            json!({"a": ["1", "2", "3"]})
        );
    }

    #[test]
    fn a_grantee_says_what_it_is() {
        let body = "<R><Grantee xmlns:xsi=\"urn:x\" xsi:type=\"Group\"><URI>u</URI></Grantee></R>";
        assert_eq!(read(&Hints::NONE, false, body), json!({"Grantee": {"Type": "Group", "URI": "u"}}));
    }
}
