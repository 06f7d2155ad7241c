//! A stack as CloudFormation sees it: which resources its conditions let be made, and what the
//! functions in their properties come to.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub(super) struct Stack<'a> {
    pub(super) template: &'a Value,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) parameters: BTreeMap<&'a str, &'a str>,
    /// What was made, by logical id.
    pub(super) made: BTreeMap<String, String>,
}

impl Stack<'_> {
    /// Logical id and type of every resource that is made here.
    pub(super) fn resources(&self) -> Vec<(&str, &str)> {
        let all = self.template["Resources"].as_object().unwrap().iter();
        let here = all.filter(|(_, resource)| {
            resource.get("Condition").is_none_or(|condition| self.holds(condition.as_str().unwrap()))
        });
        here.map(|(id, resource)| (id.as_str(), resource["Type"].as_str().unwrap())).collect()
    }

    /// The properties of a resource, functions evaluated.
    pub(super) fn properties(&self, id: &str) -> Value {
        self.value(&self.template["Resources"][id]["Properties"])
            .unwrap_or_else(|| panic!("{id} has no properties"))
    }

    fn holds(&self, condition: &str) -> bool {
        self.test(&self.template["Conditions"][condition])
    }

    fn test(&self, condition: &Value) -> bool {
        let (name, argument) = condition.as_object().unwrap().iter().next().unwrap();
        let all = || argument.as_array().unwrap().iter();
        match name.as_str() {
            "Condition" => self.holds(argument.as_str().unwrap()),
            "Fn::Equals" => {
                let mut values = all().map(|value| self.value(value).map(|value| text(&value)));
                values.next() == values.next()
            }
            "Fn::Not" => !all().all(|condition| self.test(condition)),
            "Fn::And" => all().all(|condition| self.test(condition)),
            other => panic!("{other} in a condition"),
        }
    }

    /// `None` for `AWS::NoValue`.
    fn value(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.value(item)).collect()),
            Value::Object(members) if members.len() == 1 => match members.iter().next().unwrap() {
                (name, argument) if name == "Ref" || name.starts_with("Fn::") => {
                    self.function(name, argument)
                }
                _ => Some(self.members(members)),
            },
            Value::Object(members) => Some(self.members(members)),
            scalar => Some(scalar.clone()),
        }
    }

    fn members(&self, members: &Map<String, Value>) -> Value {
        members.iter().filter_map(|(name, member)| Some((name.clone(), self.value(member)?))).collect()
    }

    fn function(&self, name: &str, argument: &Value) -> Option<Value> {
        match name {
            "Ref" => self.reference(argument.as_str().unwrap()),
            "Fn::GetAtt" => {
                Some(json!(self.attribute(argument[0].as_str().unwrap(), argument[1].as_str().unwrap())))
            }
            "Fn::If" => self.value(&argument[if self.holds(argument[0].as_str().unwrap()) { 1 } else { 2 }]),
            "Fn::Select" => self.value(&argument[1][usize::try_from(argument[0].as_u64().unwrap()).unwrap()]),
            "Fn::Sub" => {
                let mut parts = argument.as_str().unwrap().split("${");
                let mut filled = parts.next().unwrap().to_owned();
                for part in parts {
                    let (name, rest) = part.split_once('}').unwrap();
                    filled += &match name.split_once('.') {
                        Some((id, attribute)) => self.attribute(id, attribute),
                        None => text(&self.reference(name).unwrap()),
                    };
                    filled += rest;
                }
                Some(json!(filled))
            }
            other => panic!("{other} is not known here"),
        }
    }

    fn reference(&self, name: &str) -> Option<Value> {
        let pseudo = match name {
            "AWS::NoValue" => return None,
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::AccountId" => self.account,
            "AWS::Region" => self.region,
            name => return Some(self.parameter(name).unwrap_or_else(|| json!(self.made(name)))),
        };
        Some(json!(pseudo))
    }

    fn parameter(&self, name: &str) -> Option<Value> {
        let given = self.parameters.get(name).map(|value| json!(value));
        given.or_else(|| self.template["Parameters"][name].get("Default").cloned())
    }

    fn made(&self, id: &str) -> &str {
        // What moto does not make is referred to for the order alone.
        self.made.get(id).map_or("", String::as_str)
    }

    /// What `Fn::GetAtt` gives on AWS.
    fn attribute(&self, id: &str, attribute: &str) -> String {
        let kind = self.template["Resources"][id]["Type"].as_str().unwrap();
        let name = |property: &str| text(&self.properties(id)[property]);
        let arn = |service: &str, resource: String| {
            format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
        };
        match (kind, attribute) {
            ("AWS::KMS::Key", "Arn") => arn("kms", format!("key/{}", self.made(id))),
            ("AWS::S3::Bucket", "Arn") => format!("arn:aws:s3:::{}", self.made(id)),
            ("AWS::Logs::LogGroup", "Arn") => arn("logs", format!("log-group:{}:*", name("LogGroupName"))),
            ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::{}:role/{}", self.account, name("RoleName")),
            ("AWS::SQS::Queue", "Arn") => arn("sqs", name("QueueName")),
            ("AWS::SQS::Queue", "QueueName") => name("QueueName"),
            other => panic!("no attribute {other:?} here"),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
