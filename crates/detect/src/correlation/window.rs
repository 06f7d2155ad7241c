//! Sliding a window over sorted signals.

use std::collections::HashMap;
use std::ops::Range;

use chrono::TimeDelta;
use rsigma_parser::ConditionExpr;

use crate::Signal;

/// What has to be reached within a window.
#[derive(Clone, Debug)]
pub(crate) enum Measure {
    /// So many events.
    Events(usize),
    /// So many different values.
    Values(usize),
    /// So many different rules.
    Rules(usize),
    /// Rules, by id, that satisfy a condition of `and` and `or`.
    Expression(ConditionExpr),
}

/// The signals in time order, without duplicates. Ties are broken by event id and rule, so that
/// the order of arrival does not show.
pub(crate) fn in_order(mut signals: Vec<&Signal>) -> Vec<&Signal> {
    let key = |signal: &Signal| (signal.time, signal.event_uid.clone(), signal.base_rule_id.clone());
    signals.sort_by_cached_key(|signal| key(signal));
    signals.dedup_by_key(|signal| (&signal.event_uid, &signal.base_rule_id));
    signals
}

/// The bursts: maximal runs of windows that satisfy the measure and share events. A window is the
/// time span up to and including one event; an event exactly one span older is outside.
pub(crate) fn bursts(signals: &[&Signal], span: TimeDelta, measure: &Measure) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut window = Window::default();
    let mut start = 0;
    for (end, signal) in signals.iter().enumerate() {
        window.add(signal);
        while signals[start].time <= signal.time - span {
            window.remove(signals[start]);
            start += 1;
        }
        if !window.satisfies(measure) {
            continue;
        }
        match found.last_mut() {
            Some(burst) if start < burst.end => burst.end = end + 1,
            _ => found.push(start..end + 1),
        }
    }
    found
}

/// How many different texts there are.
pub(crate) fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.collect::<std::collections::HashSet<_>>().len()
}

/// What lies in the window, counted.
#[derive(Default)]
struct Window<'a> {
    events: HashMap<&'a str, usize>,
    values: HashMap<&'a str, usize>,
    rules: HashMap<&'a str, usize>,
}

impl<'a> Window<'a> {
    fn add(&mut self, signal: &'a Signal) {
        for (counts, text) in self.counts(signal) {
            *counts.entry(text).or_default() += 1;
        }
    }

    fn remove(&mut self, signal: &'a Signal) {
        for (counts, text) in self.counts(signal) {
            if let Some(count) = counts.get_mut(text) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(text);
                }
            }
        }
    }

    fn counts(
        &mut self,
        signal: &'a Signal,
    ) -> impl Iterator<Item = (&mut HashMap<&'a str, usize>, &'a str)> {
        let value = signal.value.as_deref().map(|value| (&mut self.values, value));
        [(&mut self.events, signal.event_uid.as_str()), (&mut self.rules, signal.base_rule_id.as_str())]
            .into_iter()
            .chain(value)
    }

    fn satisfies(&self, measure: &Measure) -> bool {
        match measure {
            Measure::Events(least) => self.events.len() >= *least,
            Measure::Values(least) => self.values.len() >= *least,
            Measure::Rules(least) => self.rules.len() >= *least,
            Measure::Expression(expression) => self.holds(expression),
        }
    }

    fn holds(&self, expression: &ConditionExpr) -> bool {
        match expression {
            ConditionExpr::And(parts) => parts.iter().all(|part| self.holds(part)),
            ConditionExpr::Or(parts) => parts.iter().any(|part| self.holds(part)),
            ConditionExpr::Identifier(rule) => self.rules.contains_key(rule.as_str()),
            // Refused when the rule was loaded.
            ConditionExpr::Not(_) | ConditionExpr::Selector { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn signal(second: i64, uid: usize, value: u8, rule: u8) -> Signal {
        Signal {
            correlation_rule_id: "c".into(),
            group: String::new(),
            time: DateTime::from_timestamp(second, 0).unwrap(),
            event_uid: format!("{uid:04}"),
            table: "t".into(),
            value: Some(value.to_string()),
            base_rule_id: rule.to_string(),
            account_id: None,
            region: None,
            actor: None,
            access_key_id: None,
            source_ip: None,
            user_agent: None,
            action: "A".into(),
            resources: Vec::new(),
        }
    }

    /// The obvious way: look at each window from scratch, then join those that share an event.
    fn slow(signals: &[&Signal], span: TimeDelta, measure: &Measure) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for end in 0..signals.len() {
            let inside: Vec<usize> =
                (0..=end).filter(|&i| signals[end].time - signals[i].time < span).collect();
            let mut window = Window::default();
            inside.iter().for_each(|&i| window.add(signals[i]));
            if window.satisfies(measure) {
                found.push(inside[0]..end + 1);
            }
        }
        let mut joined: Vec<Range<usize>> = Vec::new();
        for window in found {
            match joined.last_mut() {
                Some(last) if window.start < last.end => last.end = window.end,
                _ => joined.push(window),
            }
        }
        joined
    }

    #[test]
    fn an_event_one_span_older_is_outside() {
        let signals = [signal(0, 0, 0, 0), signal(60, 1, 0, 0)];
        let sorted = in_order(signals.iter().collect());
        assert!(bursts(&sorted, TimeDelta::seconds(60), &Measure::Events(2)).is_empty());
        assert_eq!(bursts(&sorted, TimeDelta::seconds(61), &Measure::Events(2)), vec![0..2]);
    }

    #[test]
    fn one_burst_is_one_however_long() {
        let signals: Vec<Signal> = (0..50).map(|i| signal(i * 10, i as usize, 0, 0)).collect();
        let sorted = in_order(signals.iter().collect());
        assert_eq!(bursts(&sorted, TimeDelta::seconds(60), &Measure::Events(5)), vec![0..50]);
    }

    proptest! {
        #[test]
        fn sliding_equals_looking_at_each_window(
            raw in proptest::collection::vec((0i64..400, 0usize..30, 0u8..5, 0u8..3), 0..60),
            span in 1i64..120, least in 1usize..6,
        ) {
            // An event has one time, whichever rules match it.
            let signals: Vec<Signal> =
                raw.iter().map(|&(_, uid, value, rule)| signal((uid as i64 * 37) % 400, uid, value, rule)).collect();
            let sorted = in_order(signals.iter().collect());
            for measure in [Measure::Events(least), Measure::Values(least), Measure::Rules(least.min(3))] {
                let span = TimeDelta::seconds(span);
                prop_assert_eq!(bursts(&sorted, span, &measure), slow(&sorted, span, &measure));
            }
        }
    }
}
