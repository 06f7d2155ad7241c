//! Whether a condition holds for a request.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use ipnet::IpNet;

use super::condition::{Comparison, Condition, Operator, Quantifier};
use super::variable;

/// The condition keys of a request. A key of several values stands there several times.
pub(super) struct Keys<'a> {
    pub(super) pairs: Vec<(&'a str, &'a str)>,
    /// Whether the policy's version knows variables.
    pub(super) variables: bool,
}

impl<'a> Keys<'a> {
    fn values(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| *value)
    }

    pub(super) fn first(&self, key: &str) -> Option<&'a str> {
        self.values(key).next()
    }
}

/// Whether the condition holds. On a key that the request does not have, only `Null`, `…IfExists`,
/// `ForAllValues` and the negated operators do.
pub(super) fn holds(condition: &Condition, keys: &Keys<'_>) -> bool {
    let found: Vec<&str> = keys.values(&condition.key).collect();
    if condition.operator == Operator::Null {
        let absent = if found.is_empty() { "true" } else { "false" };
        return condition.values.iter().any(|value| value.eq_ignore_ascii_case(absent));
    }
    if found.is_empty() {
        return match condition.quantifier {
            _ if condition.if_exists => true,
            Quantifier::Single => condition.operator.is_negated(),
            Quantifier::ForAll => true,
            Quantifier::ForAny => false,
        };
    }
    let compares = |found: &&str| {
        let any = condition.values.iter().any(|wanted| compare(condition.operator, wanted, found, keys));
        any != condition.operator.is_negated()
    };
    match condition.quantifier {
        Quantifier::ForAll => found.iter().all(compares),
        Quantifier::ForAny => found.iter().any(compares),
        // One value is expected here. Of several, a negated operator has to hold for all of them.
        Quantifier::Single if condition.operator.is_negated() => found.iter().all(compares),
        Quantifier::Single => found.iter().any(compares),
    }
}

/// One value against one of the policy's, as the operator without its `Not` compares.
fn compare(operator: Operator, wanted: &str, found: &str, keys: &Keys<'_>) -> bool {
    let literal = || match keys.variables {
        true => variable::text(wanted, |key| keys.first(key)),
        false => Some(wanted.to_owned()),
    };
    match operator {
        Operator::StringEquals | Operator::StringNotEquals | Operator::BinaryEquals => {
            literal().is_some_and(|wanted| wanted == found)
        }
        Operator::StringEqualsIgnoreCase | Operator::StringNotEqualsIgnoreCase => {
            literal().is_some_and(|wanted| wanted.to_lowercase() == found.to_lowercase())
        }
        Operator::StringLike | Operator::StringNotLike => like(wanted, found, keys),
        Operator::ArnLike | Operator::ArnNotLike => arn_like(wanted, found, keys),
        Operator::Bool => literal().is_some_and(|wanted| wanted.eq_ignore_ascii_case(found)),
        Operator::Numeric(comparison) => {
            let numbers = (found.trim().parse::<f64>(), wanted.trim().parse::<f64>());
            matches!(numbers, (Ok(found), Ok(wanted)) if ordered(comparison, found.partial_cmp(&wanted)))
        }
        Operator::Date(comparison) => match (date(found), date(wanted)) {
            (Some(found), Some(wanted)) => ordered(comparison, Some(found.cmp(&wanted))),
            _ => false,
        },
        Operator::IpAddress | Operator::NotIpAddress => match (found.parse::<IpAddr>(), network(wanted)) {
            (Ok(address), Some(network)) => network.contains(&address),
            _ => false,
        },
        Operator::Null => false,
    }
}

fn like(wanted: &str, found: &str, keys: &Keys<'_>) -> bool {
    match keys.variables {
        true => variable::pattern(wanted, |key| keys.first(key)).is_some_and(|glob| glob.matches(found)),
        false => super::glob::Glob::new(wanted).matches(found),
    }
}

/// ARNs are compared part by part: a `*` stays within its part, except in the last.
fn arn_like(wanted: &str, found: &str, keys: &Keys<'_>) -> bool {
    if wanted == "*" {
        return true;
    }
    let (Some(wanted), Some(found)) = (arn_parts(wanted), arn_parts(found)) else { return false };
    wanted.iter().zip(found).all(|(wanted, found)| like(wanted, found, keys))
}

/// The six parts of an ARN. A colon inside a variable does not part.
fn arn_parts(text: &str) -> Option<[&str; 6]> {
    let (mut parts, mut count, mut start, mut inside) = ([""; 6], 0, 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if text[..at].ends_with('$') => inside = true,
            b'}' => inside = false,
            b':' if !inside && count < 5 => {
                parts[count] = &text[start..at];
                start = at + 1;
                count += 1;
            }
            _ => {}
        }
    }
    parts[5] = &text[start..];
    (count == 5).then_some(parts)
}

/// `NotEquals` is asked as `Equals` here; the caller negates.
fn ordered(comparison: Comparison, order: Option<std::cmp::Ordering>) -> bool {
    let Some(order) = order else { return false };
    match comparison {
        Comparison::Equals | Comparison::NotEquals => order.is_eq(),
        Comparison::LessThan => order.is_lt(),
        Comparison::LessThanEquals => order.is_le(),
        Comparison::GreaterThan => order.is_gt(),
        Comparison::GreaterThanEquals => order.is_ge(),
    }
}

/// A network in CIDR notation, or one address.
pub(super) fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// A time in one of the W3C forms of ISO 8601, or in seconds since 1970.
fn date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return DateTime::from_timestamp(seconds, 0);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ") {
        return Some(time.and_utc());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(|time| time.and_utc())
}
