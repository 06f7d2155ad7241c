//! A rule as rsigma compiled it, and what the detector needs to know about it.

use rsigma_eval::matcher::ExpandPart;
use rsigma_eval::{
    CompiledDetection, CompiledDetectionItem, CompiledMatcher, CompiledRule, Event, EventValue,
};

use crate::kleene::NoEvent;
use crate::path::Objects;

/// A compiled rule with its properties.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) rule: CompiledRule,
    /// Whether some matcher can tell an absent field from a null one, so that a null column is
    /// not answer enough and the record itself has to be asked.
    pub(crate) exact_nulls: bool,
    /// How objects appear to it.
    pub(crate) objects: Objects,
}

impl Compiled {
    pub(crate) fn new(rule: CompiledRule) -> Self {
        let (mut exact_nulls, mut objects) = (false, Objects::AsText);
        for detection in rule.detections.values() {
            for_each_item(detection, &mut |item| exact_nulls |= tells_null_from_absent(item));
            if has_array_match(detection) {
                // Elements are matched as values of their own: nothing may be folded or assumed.
                (exact_nulls, objects) = (true, Objects::AsMembers);
            }
        }
        Self { rule, exact_nulls, objects }
    }

    /// Whether the event matches. The verdict is rsigma's.
    pub(crate) fn matches(&self, event: &impl Event) -> bool {
        let mut matched = Vec::new();
        self.rule.conditions.iter().any(|condition| {
            matched.clear();
            rsigma_eval::compiler::eval_condition(condition, &self.rule.detections, event, &mut matched)
        })
    }

    /// Calls `visit` with every field name the rule may ask for.
    pub(crate) fn for_each_field(&self, visit: &mut dyn FnMut(&str)) {
        for detection in self.rule.detections.values() {
            for_each_array_field(detection, visit);
            for_each_item(detection, &mut |item| {
                if let Some(field) = &item.field {
                    visit(field);
                }
                for_each_referred(&item.matcher, visit);
            });
        }
    }
}

/// Calls `visit` with every field-and-value item of a detection.
pub(crate) fn for_each_item(detection: &CompiledDetection, visit: &mut dyn FnMut(&CompiledDetectionItem)) {
    match detection {
        CompiledDetection::AllOf(items) => items.iter().for_each(visit),
        CompiledDetection::AnyOf(parts) | CompiledDetection::And(parts) => {
            parts.iter().for_each(|part| for_each_item(part, visit));
        }
        CompiledDetection::Conditional { named, .. } => {
            named.values().for_each(|part| for_each_item(part, visit));
        }
        CompiledDetection::ArrayMatch { body, .. } => for_each_item(body, visit),
        CompiledDetection::Keywords(_) => {}
    }
}

fn for_each_array_field(detection: &CompiledDetection, visit: &mut dyn FnMut(&str)) {
    match detection {
        CompiledDetection::ArrayMatch { field, body, .. } => {
            visit(field);
            for_each_array_field(body, visit);
        }
        CompiledDetection::AnyOf(parts) | CompiledDetection::And(parts) => {
            parts.iter().for_each(|part| for_each_array_field(part, visit));
        }
        CompiledDetection::Conditional { named, .. } => {
            named.values().for_each(|part| for_each_array_field(part, visit));
        }
        CompiledDetection::AllOf(_) | CompiledDetection::Keywords(_) => {}
    }
}

fn has_array_match(detection: &CompiledDetection) -> bool {
    match detection {
        CompiledDetection::ArrayMatch { .. } => true,
        CompiledDetection::AnyOf(parts) | CompiledDetection::And(parts) => parts.iter().any(has_array_match),
        CompiledDetection::Conditional { named, .. } => named.values().any(has_array_match),
        CompiledDetection::AllOf(_) | CompiledDetection::Keywords(_) => false,
    }
}

/// Whether the verdict on this item may differ between a field that is null and one that is not
/// there. rsigma answers an absent field without asking the matcher: only a plain null matches.
pub(crate) fn tells_null_from_absent(item: &CompiledDetectionItem) -> bool {
    if item.exists.is_some() {
        return false;
    }
    let when_absent = matches!(item.matcher, CompiledMatcher::Null);
    refers(&item.matcher) || item.matcher.matches(&EventValue::Null, &NoEvent) != when_absent
}

/// Whether the matcher looks at other fields than its own.
pub(crate) fn refers(matcher: &CompiledMatcher) -> bool {
    let mut found = false;
    for_each_referred(matcher, &mut |_| found = true);
    found
}

fn for_each_referred(matcher: &CompiledMatcher, visit: &mut dyn FnMut(&str)) {
    match matcher {
        CompiledMatcher::FieldRef { field, .. } => visit(field),
        CompiledMatcher::Expand { template, .. } => {
            for part in template {
                if let ExpandPart::Placeholder(field) = part {
                    visit(field);
                }
            }
        }
        CompiledMatcher::Not(inner) => for_each_referred(inner, visit),
        CompiledMatcher::TimestampPart { inner, .. } => for_each_referred(inner, visit),
        CompiledMatcher::AnyOf(parts) | CompiledMatcher::AllOf(parts) => {
            parts.iter().for_each(|part| for_each_referred(part, visit));
        }
        CompiledMatcher::CaseInsensitiveGroup { children, .. } => {
            children.iter().for_each(|part| for_each_referred(part, visit));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(detection: &str) -> Compiled {
        let yaml = format!(
            "title: t\nlogsource: {{product: aws}}\ndetection:\n  s:\n    {detection}\n  condition: s\n"
        );
        let collection = rsigma_parser::parse_sigma_yaml(&yaml).unwrap();
        Compiled::new(rsigma_eval::compile_rule(&collection.rules[0]).unwrap())
    }

    #[test]
    fn plain_matchers_do_not_tell_null_from_absent() {
        for detection in
            ["errorCode: null", "errorCode: x", "errorCode|exists: false", "errorCode|contains: a"]
        {
            assert!(!compile(detection).exact_nulls, "{detection}");
        }
    }

    #[test]
    fn negation_lists_with_null_and_references_do() {
        for detection in ["errorCode|neq: x", "errorCode: [null, x]", "a|fieldref: b"] {
            assert!(compile(detection).exact_nulls, "{detection}");
        }
    }

    #[test]
    fn fields_include_the_ones_referred_to() {
        let mut fields = Vec::new();
        compile("a.b|fieldref: c.d").for_each_field(&mut |field| fields.push(field.to_owned()));
        assert_eq!(fields, ["a.b", "c.d"]);
    }
}
