//! A template as YAML, with the short forms of functions: `!Sub`, `!If`.

use serde_json::Value;
use yaml_serde::Value as Yaml;
use yaml_serde::value::{Tag, TaggedValue};

/// The text of a template.
///
/// # Errors
/// When the serializer refuses the document.
pub(super) fn text(template: &Value) -> Result<String, yaml_serde::Error> {
    Ok(with_quoted_dates(&yaml_serde::to_string(&to_yaml(template)?)?))
}

fn to_yaml(value: &Value) -> Result<Yaml, yaml_serde::Error> {
    if let Some((tag, argument)) = function(value) {
        let value = match (tag, argument) {
            // The short form of GetAtt is one text.
            ("GetAtt", Value::Array(parts)) => {
                Yaml::String(parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."))
            }
            _ => to_yaml(argument)?,
        };
        return Ok(Yaml::Tagged(Box::new(TaggedValue { tag: Tag::new(tag), value })));
    }
    Ok(match value {
        Value::Array(items) => Yaml::Sequence(items.iter().map(to_yaml).collect::<Result<_, _>>()?),
        Value::Object(members) => {
            let mut mapping = yaml_serde::Mapping::new();
            for (name, member) in members {
                mapping.insert(Yaml::String(name.clone()), to_yaml(member)?);
            }
            Yaml::Mapping(mapping)
        }
        scalar => yaml_serde::to_value(scalar)?,
    })
}

/// The tag and the argument, where the value is a function of CloudFormation's.
fn function(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    let (name, argument) = members.iter().next()?;
    match name.as_str() {
        // `Condition` has no prefix in its long form, and not every reader knows its short one.
        "Ref" => Some(("Ref", argument)),
        name => Some((name.strip_prefix("Fn::")?, argument)),
    }
}

/// `Version: 2012-10-17` is a date to readers of YAML 1.1, and a text to AWS.
fn with_quoted_dates(text: &str) -> String {
    let is_date = |text: &str| {
        let shape = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        text.len() == 10 && text.bytes().enumerate().all(shape)
    };
    let mut quoted = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        match line.rsplit_once(": ") {
            Some((name, value)) if is_date(value) => quoted.extend([name, ": '", value, "'"]),
            _ => quoted.push_str(line),
        }
        quoted.push('\n');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn functions_have_short_forms_and_dates_are_texts() {
        let template = json!({
            "Version": "2012-10-17",
            "Conditions": {"Both": {"Fn::And": [{"Condition": "A"}, {"Fn::Not": [{"Condition": "B"}]}]}},
            "Statement": {"Effect": "Allow", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            "Name": {"Fn::If": ["Both", {"Fn::Sub": "a-${AWS::Region}"}, {"Ref": "AWS::NoValue"}]},
            "Arn": {"Fn::GetAtt": ["Key", "Arn"]},
            "Account": "000000000000",
            "Days": 365,
            "On": true,
        });
        insta::assert_snapshot!(text(&template).unwrap(), @r"
        Version: '2012-10-17'
        Conditions:
          Both: !And
          - Condition: A
          - !Not
            - Condition: B
        Statement:
          Effect: Allow
          Condition:
            Bool:
              aws:SecureTransport: 'false'
        Name: !If
        - Both
        - !Sub a-${AWS::Region}
        - !Ref AWS::NoValue
        Arn: !GetAtt Key.Arn
        Account: '000000000000'
        Days: 365
        On: true
        ");
    }
}
