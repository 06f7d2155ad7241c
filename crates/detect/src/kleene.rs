//! Rules over what is known so far: three-valued logic.
//!
//! The detector knows some fields of a row cheaply (its *key*: event name, source, error code…).
//! A rule is evaluated over those with everything else unknown. `No` then holds for every event
//! with this key, so the rule need not run on any of them; `Yes` holds too; only `Maybe` asks for
//! a look at the rest. Soundness rests on Kleene's tables and on rsigma's own matchers being the
//! ones that are asked, not on a second reading of what they mean.

use std::borrow::Cow;

use rsigma_eval::{
    CompiledDetection, CompiledDetectionItem, CompiledMatcher, CompiledRule, Event, EventValue,
};
use rsigma_parser::{ConditionExpr, Quantifier};

use crate::compile::{refers, tells_null_from_absent};

/// A verdict that may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    No,
    Maybe,
    Yes,
}

impl From<bool> for Verdict {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

impl std::ops::Not for Verdict {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }
}

fn all(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut result = Verdict::Yes;
    for verdict in verdicts {
        match verdict {
            Verdict::No => return Verdict::No,
            Verdict::Maybe => result = Verdict::Maybe,
            Verdict::Yes => {}
        }
    }
    result
}

fn any(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    !all(verdicts.map(|verdict| !verdict))
}

/// What is known of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known<'a> {
    /// Nothing.
    Unknown,
    /// It is null or not there; which of the two is not known.
    Nothing,
    /// It is certainly not there.
    Absent,
    /// It is this text.
    Text(&'a str),
}

/// Evaluates `rule` with what `known` says of each field.
pub(crate) fn evaluate<'a>(rule: &CompiledRule, known: &impl Fn(&str) -> Known<'a>) -> Verdict {
    any(rule.conditions.iter().map(|condition| condition_verdict(condition, &rule.detections, known)))
}

type Detections = std::collections::HashMap<String, CompiledDetection>;

fn condition_verdict<'a>(
    condition: &ConditionExpr,
    detections: &Detections,
    known: &impl Fn(&str) -> Known<'a>,
) -> Verdict {
    match condition {
        ConditionExpr::Identifier(name) => {
            detections.get(name).map_or(Verdict::No, |detection| detection_verdict(detection, known))
        }
        ConditionExpr::And(parts) => all(parts.iter().map(|part| condition_verdict(part, detections, known))),
        ConditionExpr::Or(parts) => any(parts.iter().map(|part| condition_verdict(part, detections, known))),
        ConditionExpr::Not(inner) => !condition_verdict(inner, detections, known),
        ConditionExpr::Selector { quantifier, pattern } => {
            let (mut total, mut yes, mut maybe) = (0u64, 0u64, 0u64);
            for (_, detection) in detections.iter().filter(|(name, _)| pattern.matches_detection_name(name)) {
                total += 1;
                match detection_verdict(detection, known) {
                    Verdict::Yes => yes += 1,
                    Verdict::Maybe => maybe += 1,
                    Verdict::No => {}
                }
            }
            let needed = match quantifier {
                Quantifier::Any => 1,
                Quantifier::All => total,
                Quantifier::Count(count) => *count,
            };
            if yes >= needed {
                Verdict::Yes
            } else if yes + maybe >= needed {
                Verdict::Maybe
            } else {
                Verdict::No
            }
        }
    }
}

fn detection_verdict<'a>(detection: &CompiledDetection, known: &impl Fn(&str) -> Known<'a>) -> Verdict {
    match detection {
        CompiledDetection::AllOf(items) => all(items.iter().map(|item| item_verdict(item, known))),
        CompiledDetection::And(parts) => all(parts.iter().map(|part| detection_verdict(part, known))),
        CompiledDetection::AnyOf(parts) => any(parts.iter().map(|part| detection_verdict(part, known))),
        CompiledDetection::Conditional { named, condition } => condition_verdict(condition, named, known),
        CompiledDetection::Keywords(_) | CompiledDetection::ArrayMatch { .. } => Verdict::Maybe,
    }
}

fn item_verdict<'a>(item: &CompiledDetectionItem, known: &impl Fn(&str) -> Known<'a>) -> Verdict {
    let Some(field) = &item.field else { return Verdict::Maybe };
    let known = known(field);
    if let Some(expected) = item.exists {
        return match known {
            Known::Unknown => Verdict::Maybe,
            Known::Nothing | Known::Absent => (!expected).into(),
            Known::Text(_) => expected.into(),
        };
    }
    match known {
        Known::Unknown => Verdict::Maybe,
        Known::Nothing if tells_null_from_absent(item) => Verdict::Maybe,
        Known::Nothing | Known::Absent => matches!(item.matcher, CompiledMatcher::Null).into(),
        Known::Text(_) if refers(&item.matcher) => Verdict::Maybe,
        Known::Text(text) => item.matcher.matches(&EventValue::Str(Cow::Borrowed(text)), &NoEvent).into(),
    }
}

/// An event of which nothing is known, for matchers that look at one value only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoEvent;

impl Event for NoEvent {
    fn get_field(&self, _path: &str) -> Option<EventValue<'_>> {
        None
    }

    fn any_string_value(&self, _pred: &dyn Fn(&str) -> bool) -> bool {
        false
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(detection: &str, name: Known<'static>) -> Verdict {
        let yaml = format!("title: t\nlogsource: {{product: aws}}\ndetection:\n{detection}\n");
        let collection = rsigma_parser::parse_sigma_yaml(&yaml).unwrap();
        assert!(collection.errors.is_empty(), "{:?}", collection.errors);
        let rule = rsigma_eval::compile_rule(&collection.rules[0]).unwrap();
        evaluate(&rule, &|field| if field == "eventName" { name } else { Known::Unknown })
    }

    #[test]
    fn a_name_that_does_not_match_rules_the_rule_out() {
        let rule = "  s:\n    eventName: [StopLogging, DeleteTrail]\n    errorCode: null\n  condition: s";
        assert_eq!(verdict(rule, Known::Text("ListTrails")), Verdict::No);
        assert_eq!(verdict(rule, Known::Text("stoplogging")), Verdict::Maybe);
        assert_eq!(verdict(rule, Known::Nothing), Verdict::No);
    }

    #[test]
    fn a_rule_about_known_fields_only_is_decided() {
        let rule = "  s:\n    eventName|startswith: Delete\n  condition: s";
        assert_eq!(verdict(rule, Known::Text("DeleteTrail")), Verdict::Yes);
        assert_eq!(verdict(rule, Known::Unknown), Verdict::Maybe);
    }

    #[test]
    fn negation_and_selectors_follow_the_tables() {
        let rule = "  a:\n    eventName: A\n  b:\n    other: x\n  condition: a and not b";
        assert_eq!(verdict(rule, Known::Text("A")), Verdict::Maybe);
        assert_eq!(verdict(rule, Known::Text("B")), Verdict::No);
        let rule = "  s1:\n    eventName: A\n  s2:\n    other: x\n  condition: all of s*";
        assert_eq!(verdict(rule, Known::Text("B")), Verdict::No);
        let rule = "  s1:\n    eventName: A\n  s2:\n    other: x\n  condition: 1 of s*";
        assert_eq!(verdict(rule, Known::Text("A")), Verdict::Yes);
        assert_eq!(verdict(rule, Known::Text("B")), Verdict::Maybe);
    }

    #[test]
    fn keywords_are_never_decided() {
        assert_eq!(verdict("  k:\n    - evil\n  condition: k", Known::Text("A")), Verdict::Maybe);
    }
}
