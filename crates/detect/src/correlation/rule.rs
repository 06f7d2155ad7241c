//! A correlation rule, resolved against the rules it names.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rsigma_parser::{
    ConditionExpr, ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType, Quantifier,
    SelectorPattern, WindowMode,
};

use super::window::{self, Measure};
use crate::finding::finding_id;
use crate::{Evidence, Finding, RuleInfo, Signal};

/// Most events listed as evidence of one finding: the first of the burst.
const MAX_EVIDENCE: usize = 500;

/// Separates the parts of a value made of several fields.
const UNIT: char = '\u{1f}';

type Refusal = (String, String);

/// A correlation, ready to be evaluated.
#[derive(Clone, Debug)]
pub(crate) struct Correlation {
    measure: Measure,
    span: TimeDelta,
    /// Positions of the rules it names, in the order named, with the names used.
    bases: Vec<(usize, String, String)>,
    group_by: Vec<GroupField>,
    values: Vec<String>,
}

/// A `group-by` field: its name in the finding, and its name in each rule's events where that differs.
#[derive(Clone, Debug)]
struct GroupField {
    name: String,
    per_rule: BTreeMap<String, String>,
}

impl Correlation {
    /// Resolves `rule` against the detections loaded.
    ///
    /// # Errors
    /// What cannot be evaluated, and what to write instead.
    pub(crate) fn new(rule: &CorrelationRule, detections: &[&RuleInfo]) -> Result<Self, Refusal> {
        let bases = resolve(rule, detections)?;
        if rule.window != WindowMode::Sliding {
            return Err((
                format!("window '{}' is not supported", rule.window.as_str()),
                "leave it out: windows slide".to_owned(),
            ));
        }
        let measure = measure(rule, &bases)?;
        let values = match (&measure, &rule.condition) {
            (Measure::Values(_), CorrelationCondition::Threshold { field: Some(fields), .. }) => {
                fields.clone()
            }
            (Measure::Values(_), _) => {
                return Err((
                    "value_count does not say which field to count".to_owned(),
                    "add field: to the condition".to_owned(),
                ));
            }
            _ => Vec::new(),
        };
        let span = i64::try_from(rule.timespan.seconds).ok().and_then(TimeDelta::try_seconds);
        let span = span.filter(|span| *span > TimeDelta::zero()).ok_or_else(|| {
            (
                format!("timespan '{}' is out of range", rule.timespan.original),
                "use for example 10m or 1h".to_owned(),
            )
        })?;
        let group_by = rule.group_by.iter().map(|name| GroupField::new(name, rule)).collect();
        Ok(Self { measure, span, bases, group_by, values })
    }

    /// How long the window is.
    pub(crate) fn span(&self) -> TimeDelta {
        self.span
    }

    /// Whether matches of this rule count.
    pub(crate) fn counts(&self, rule: usize) -> bool {
        self.bases.iter().any(|(base, ..)| *base == rule)
    }

    /// The rules whose matches count.
    pub(crate) fn bases(&self) -> impl Iterator<Item = usize> {
        self.bases.iter().map(|(base, ..)| *base)
    }

    /// The fields that decide an event's group and value, where repeating them tells nothing new:
    /// a value is in a window or not, however often. `None` where every event counts.
    pub(crate) fn thinnable_fields(&self, rule: &RuleInfo) -> Option<Vec<&str>> {
        let groups = self.group_by.iter().map(|field| field.in_events_of(rule));
        match self.measure {
            Measure::Values(_) => Some(groups.chain(self.values.iter().map(String::as_str)).collect()),
            _ => None,
        }
    }

    /// Every field it asks events for.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        let groups = self
            .group_by
            .iter()
            .flat_map(|field| std::iter::once(&field.name).chain(field.per_rule.values()));
        groups.chain(&self.values).map(String::as_str)
    }

    /// The group an event of this rule belongs to. `None` where the event has none of the fields:
    /// events that have nothing in common are not one group.
    pub(crate) fn group(&self, rule: &RuleInfo, field: impl Fn(&str) -> Option<String>) -> Option<String> {
        let values: Vec<Option<String>> = self
            .group_by
            .iter()
            .map(|by| field(by.in_events_of(rule)).filter(|value| !value.is_empty()))
            .collect();
        if !values.is_empty() && values.iter().all(Option::is_none) {
            return None;
        }
        let pairs = self.group_by.iter().zip(values);
        let pairs = pairs.map(|(by, value)| format!("{}={}", by.name, value.unwrap_or_default()));
        Some(pairs.collect::<Vec<_>>().join(", "))
    }

    /// The value an event contributes; the outer `None` where it does not count because it lacks one.
    #[allow(clippy::option_option)]
    pub(crate) fn value(&self, field: impl Fn(&str) -> Option<String>) -> Option<Option<String>> {
        if self.values.is_empty() {
            return Some(None);
        }
        let parts: Option<Vec<String>> = self.values.iter().map(|name| field(name)).collect();
        Some(Some(parts?.join(&UNIT.to_string())))
    }

    /// One finding per group and burst.
    pub(crate) fn findings(&self, info: &RuleInfo, signals: &[Signal]) -> Vec<Finding> {
        let mut groups: BTreeMap<&str, Vec<&Signal>> = BTreeMap::new();
        for signal in signals.iter().filter(|signal| signal.correlation_rule_id == info.id) {
            groups.entry(&signal.group).or_default().push(signal);
        }
        let mut findings = Vec::new();
        for (group, signals) in groups {
            let sorted = window::in_order(signals);
            for burst in window::bursts(&sorted, self.span, &self.measure) {
                findings.push(self.finding(info, group, &sorted[burst]));
            }
        }
        findings
    }

    fn finding(&self, info: &RuleInfo, group: &str, burst: &[&Signal]) -> Finding {
        let (first, last) = (burst[0], burst[burst.len() - 1]);
        let same = |part: fn(&Signal) -> &Option<String>| {
            burst.iter().all(|signal| part(signal) == part(first)).then(|| part(first).clone()).flatten()
        };
        let actor = same(|signal| &signal.actor);
        let source_ip = same(|signal| &signal.source_ip);
        let mut evidence: Vec<Evidence> = Vec::new();
        for signal in burst.iter().take(MAX_EVIDENCE) {
            if evidence.last().is_none_or(|last| last.event_uid != signal.event_uid) {
                evidence.push(Evidence {
                    event_uid: signal.event_uid.clone(),
                    time: signal.time,
                    table: signal.table.clone(),
                });
            }
        }
        let mut resources: Vec<String> = Vec::new();
        for resource in burst.iter().flat_map(|signal| &signal.resources) {
            if resources.len() < 20 && !resources.contains(resource) {
                resources.push(resource.clone());
            }
        }
        let actions: std::collections::BTreeSet<&str> =
            burst.iter().map(|signal| signal.action.as_str()).collect();
        Finding {
            id: finding_id(&[&info.id, group, &first.event_uid]),
            rule_id: info.id.clone(),
            rule_title: info.title.clone(),
            level: info.level,
            time: last.time,
            table: last.table.clone(),
            event_uid: last.event_uid.clone(),
            account_id: same(|signal| &signal.account_id),
            region: same(|signal| &signal.region),
            access_key_id: same(|signal| &signal.access_key_id),
            user_agent: same(|signal| &signal.user_agent),
            action: if actions.len() == 1 {
                first.action.clone()
            } else {
                format!("{} different actions", actions.len())
            },
            summary: self.summary(group, burst, actor.as_deref(), source_ip.as_deref()),
            actor,
            source_ip,
            resources,
            description: info.description.clone(),
            tags: info.tags.clone(),
            false_positives: info.false_positives.clone(),
            references: info.references.clone(),
            evidence,
            group_key: format!("{}|{group}", info.id),
        }
    }

    fn summary(
        &self,
        group: &str,
        burst: &[&Signal],
        actor: Option<&str>,
        source_ip: Option<&str>,
    ) -> String {
        let events = window::distinct(burst.iter().map(|signal| signal.event_uid.as_str()));
        let (first, last) = (burst[0].time, burst[burst.len() - 1].time);
        let mut words = format!("{events} events");
        if let Measure::Values(_) = self.measure {
            let mut values: Vec<&str> = burst.iter().filter_map(|signal| signal.value.as_deref()).collect();
            values.sort_unstable();
            values.dedup();
            let shown =
                values.iter().take(5).map(|value| value.replace(UNIT, " ")).collect::<Vec<_>>().join(", ");
            let more =
                if values.len() > 5 { format!(" and {} more", values.len() - 5) } else { String::new() };
            let field = self.values.join(" and ");
            words.push_str(&format!(" with {} different {field} ({shown}{more})", values.len()));
        }
        words.push_str(&format!(" in {}", in_words(last - first)));
        if let Some(actor) = actor {
            words.push_str(&format!(" by {actor}"));
        }
        if let Some(source_ip) = source_ip {
            words.push_str(&format!(" from {source_ip}"));
        }
        if actor.is_none() && source_ip.is_none() && !group.is_empty() {
            words.push_str(&format!(" for {group}"));
        }
        words
    }
}

impl GroupField {
    fn new(name: &str, rule: &CorrelationRule) -> Self {
        let alias = rule.aliases.iter().find(|alias| alias.alias == name);
        let per_rule = alias.map(|alias| alias.mapping.clone().into_iter().collect()).unwrap_or_default();
        Self { name: name.to_owned(), per_rule }
    }

    fn in_events_of(&self, rule: &RuleInfo) -> &str {
        let by_name = rule.name.as_ref().and_then(|name| self.per_rule.get(name));
        by_name.or_else(|| self.per_rule.get(&rule.id)).unwrap_or(&self.name)
    }
}

fn resolve(
    rule: &CorrelationRule,
    detections: &[&RuleInfo],
) -> Result<Vec<(usize, String, String)>, Refusal> {
    let find = |wanted: &String| {
        let found =
            detections.iter().position(|info| info.id == *wanted || info.name.as_ref() == Some(wanted));
        found.map(|index| (index, wanted.clone(), detections[index].id.clone())).ok_or_else(|| {
            (
                format!("correlation names rule '{wanted}', which is not loaded"),
                "name a detection rule by its id or name, and load it together with this one \
                 (a correlation of correlations is not supported)"
                    .to_owned(),
            )
        })
    };
    if rule.rules.is_empty() {
        return Err(("correlation names no rules".to_owned(), "add rules: with ids or names".to_owned()));
    }
    rule.rules.iter().map(find).collect()
}

fn measure(rule: &CorrelationRule, bases: &[(usize, String, String)]) -> Result<Measure, Refusal> {
    let kind = rule.correlation_type;
    match (kind, &rule.condition) {
        (CorrelationType::EventCount, CorrelationCondition::Threshold { predicates, .. }) => {
            Ok(Measure::Events(least(predicates)?))
        }
        (CorrelationType::ValueCount, CorrelationCondition::Threshold { predicates, .. }) => {
            Ok(Measure::Values(least(predicates)?))
        }
        (CorrelationType::Temporal, CorrelationCondition::Threshold { predicates, .. }) => {
            // rsigma writes a missing condition as `gte: 1`; Sigma means every rule named.
            let needed = match predicates.as_slice() {
                [(ConditionOperator::Gte, 1)] => bases.len(),
                _ => least(predicates)?,
            };
            Ok(Measure::Rules(needed))
        }
        (CorrelationType::Temporal, CorrelationCondition::Extended(expression)) => {
            Ok(Measure::Expression(resolve_names(expression, bases)?))
        }
        (CorrelationType::EventCount | CorrelationType::ValueCount, CorrelationCondition::Extended(_)) => {
            Err((
                format!("{} takes a number as its condition", kind.as_str()),
                "write condition: {gte: 5}".to_owned(),
            ))
        }
        _ => Err((
            format!("correlation type '{}' is not supported", kind.as_str()),
            "use event_count, value_count or temporal".to_owned(),
        )),
    }
}

/// The least count that satisfies all predicates.
fn least(predicates: &[(ConditionOperator, u64)]) -> Result<usize, Refusal> {
    let mut least = 1;
    for (operator, count) in predicates {
        let needed = match operator {
            ConditionOperator::Gte => *count,
            ConditionOperator::Gt => count.saturating_add(1),
            other => {
                return Err((
                    format!("condition '{}' is not supported", format!("{other:?}").to_lowercase()),
                    "use gte or gt: an event that arrives late could undo any other".to_owned(),
                ));
            }
        };
        least = least.max(usize::try_from(needed).unwrap_or(usize::MAX));
    }
    Ok(least)
}

/// Replaces the names in a temporal condition by rule ids, and refuses what could be undone.
fn resolve_names(
    expression: &ConditionExpr,
    bases: &[(usize, String, String)],
) -> Result<ConditionExpr, Refusal> {
    let each = |parts: &[ConditionExpr]| {
        parts.iter().map(|part| resolve_names(part, bases)).collect::<Result<Vec<_>, Refusal>>()
    };
    match expression {
        ConditionExpr::And(parts) => Ok(ConditionExpr::And(each(parts)?)),
        ConditionExpr::Or(parts) => Ok(ConditionExpr::Or(each(parts)?)),
        ConditionExpr::Identifier(name) => {
            let base = bases.iter().find(|(_, used, id)| used == name || id == name);
            base.map(|(_, _, id)| ConditionExpr::Identifier(id.clone())).ok_or_else(|| {
                (
                    format!("condition names '{name}', which is not among its rules"),
                    "list it under rules:".to_owned(),
                )
            })
        }
        ConditionExpr::Selector { quantifier, pattern: SelectorPattern::Them } => {
            let all = bases.iter().map(|(_, _, id)| ConditionExpr::Identifier(id.clone())).collect();
            match quantifier {
                Quantifier::Any | Quantifier::Count(1) => Ok(ConditionExpr::Or(all)),
                Quantifier::All => Ok(ConditionExpr::And(all)),
                Quantifier::Count(count) => Err((
                    format!("condition '{count} of them' is not supported"),
                    format!("write condition: {{gte: {count}}}"),
                )),
            }
        }
        ConditionExpr::Not(_) | ConditionExpr::Selector { .. } => Err((
            "a temporal condition may use and, or, and rule names".to_owned(),
            "an event that arrives late could undo a 'not'; express it in a detection rule".to_owned(),
        )),
    }
}

fn in_words(span: TimeDelta) -> String {
    match span.num_seconds() {
        0..120 => format!("{} s", span.num_seconds()),
        120..7200 => format!("{} min", span.num_minutes()),
        _ => format!("{} h", span.num_hours()),
    }
}
