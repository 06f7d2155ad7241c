//! CloudFormation's functions, written as they are in the text of names and policies.
//!
//! A text with `${…}` in it is one that CloudFormation fills in: `${AWS::AccountId}`, `${HomeRegion}`,
//! `${Key.Arn}`. So the functions that make policies of plain names and ARNs make those of a template
//! too: they are handed such texts, and [`filled_in`] turns what comes out into `Ref`, `Fn::GetAtt` and
//! `Fn::Sub`.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html>

use serde_json::{Value, json};

/// The value with every text that has `${…}` in it as the function that fills it in.
pub(super) fn filled_in(value: Value) -> Value {
    match value {
        Value::String(text) => function(text),
        Value::Array(items) => items.into_iter().map(filled_in).collect(),
        Value::Object(members) => {
            // What is a function already takes its text as it is.
            let is_function = members.keys().all(|name| name == "Ref" || name == "Fn::Sub");
            if is_function && members.len() == 1 {
                return Value::Object(members);
            }
            members.into_iter().map(|(name, member)| (name, filled_in(member))).collect()
        }
        other => other,
    }
}

fn function(text: String) -> Value {
    if !text.contains("${") {
        return Value::String(text);
    }
    let whole = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    match whole.filter(|name| !name.contains(['$', '{', '}'])) {
        Some(name) => match name.split_once('.') {
            Some((resource, attribute)) => json!({"Fn::GetAtt": [resource, attribute]}),
            None => json!({"Ref": name}),
        },
        None => json!({"Fn::Sub": text}),
    }
}

/// One value where the condition holds, another where it does not.
pub(super) fn either(condition: &str, yes: impl Into<Value>, no: impl Into<Value>) -> Value {
    json!({"Fn::If": [condition, yes.into(), no.into()]})
}

/// A value where the condition holds, and nothing where it does not.
pub(super) fn only(condition: &str, yes: impl Into<Value>) -> Value {
    either(condition, yes, "${AWS::NoValue}")
}

/// `value` is this text.
pub(super) fn equals(value: &str, text: &str) -> Value {
    json!({"Fn::Equals": [value, text]})
}

/// The condition does not hold.
pub(super) fn not(condition: Value) -> Value {
    json!({"Fn::Not": [condition]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_functions() {
        for (text, wanted) in [
            ("plain", json!("plain")),
            ("{ ($.eventName = X) }", json!("{ ($.eventName = X) }")),
            ("${AWS::Region}", json!({"Ref": "AWS::Region"})),
            ("${Key.Arn}", json!({"Fn::GetAtt": ["Key", "Arn"]})),
            ("${A}-${B}", json!({"Fn::Sub": "${A}-${B}"})),
            ("arn:${AWS::Partition}:s3:::x", json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::x"})),
        ] {
            assert_eq!(filled_in(json!(text)), wanted, "{text}");
        }
    }

    #[test]
    fn nested_values_and_finished_functions() {
        let value = json!({"A": ["${X}", 1, true, null], "B": {"C": "a-${X}"}, "D": {"Fn::Sub": "${X}"}});
        let wanted = json!({
            "A": [{"Ref": "X"}, 1, true, null], "B": {"C": {"Fn::Sub": "a-${X}"}}, "D": {"Fn::Sub": "${X}"},
        });
        assert_eq!(filled_in(value), wanted);
        let wanted = json!({"Fn::If": ["Yes", {"Ref": "X"}, {"Ref": "AWS::NoValue"}]});
        assert_eq!(filled_in(only("Yes", "${X}")), wanted);
    }
}
