//! Typed facts about a change.
//!
//! Sigma compares fields with values; it cannot say "some element of `ipPermissions.items` opens a
//! range that holds port 22 to every address". So for the families of events where the request is
//! nested, the request is read once and what it means is stated in plain fields, which rules name
//! with the prefix `trailkeep.` (`trailkeep.sg.opens_to_world: true`). The same reading gives the
//! change in words, the summary of a finding. The rule engine knows nothing of any of it.
//!
//! One family is one module and one line in [`FAMILIES`]. Facts are pure functions of the record
//! and are derived only for rows whose event is in a family.

mod alarm;
mod iam;
mod kms;
mod logging;
mod nacl;
mod net;
mod network;
mod policy;
mod s3;
mod sg;
mod signin;
mod trail;

use std::borrow::Cow;

use rsigma_eval::EventValue;
use sonic_rs::Value;

use crate::json;

/// What rules write before a fact's name.
pub const PREFIX: &str = "trailkeep.";

/// A group of events whose requests are read alike.
#[derive(Debug)]
pub struct Family {
    /// The first part of its facts' names.
    pub prefix: &'static str,
    /// The event sources it belongs to.
    pub sources: &'static [&'static str],
    /// The event names it reads.
    pub events: &'static [&'static str],
    /// Its facts: name after [`PREFIX`], and what it says.
    pub facts: &'static [(&'static str, &'static str)],
    derive: fn(&Value, &mut Facts),
}

/// Every family.
pub static FAMILIES: &[&Family] = &[
    &alarm::FAMILY,
    &iam::FAMILY,
    &kms::FAMILY,
    &logging::FAMILY,
    &nacl::FAMILY,
    &network::FAMILY,
    &s3::FAMILY,
    &sg::FAMILY,
    &signin::FAMILY,
    &trail::FAMILY,
];

/// Facts that every CloudTrail event has where it can: name after [`PREFIX`], and what it says.
pub static GENERAL: &[(&str, &str)] = &[(
    "source_network",
    "the public network the call came from: the /16 of an IPv4 address, the /32 of an IPv6 address; absent for AWS services and private addresses",
)];

/// The facts of one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    entries: Vec<(&'static str, Fact)>,
    /// The change in words, where a family describes the event.
    pub summary: Option<String>,
}

/// One fact's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Texts; a rule matches where one of them does.
    Texts(Vec<String>),
}

impl Fact {
    /// The value as rsigma sees values.
    pub(crate) fn to_event_value(&self) -> EventValue<'_> {
        match self {
            Self::Bool(value) => EventValue::Bool(*value),
            Self::Int(value) => EventValue::Int(*value),
            Self::Text(value) => EventValue::Str(Cow::Borrowed(value)),
            Self::Texts(values) => {
                EventValue::Array(values.iter().map(|value| EventValue::Str(Cow::Borrowed(value))).collect())
            }
        }
    }
}

impl Facts {
    /// The fact of this name (without [`PREFIX`]).
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.entries.iter().find(|(other, _)| *other == name).map(|(_, fact)| fact)
    }

    /// Every fact, by name, in the order derived.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Fact)> {
        self.entries.iter().map(|(name, fact)| (*name, fact))
    }

    fn set(&mut self, name: &'static str, fact: Fact) {
        self.entries.push((name, fact));
    }

    fn flag(&mut self, name: &'static str, value: bool) {
        self.set(name, Fact::Bool(value));
    }

    fn text(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.set(name, Fact::Text(value.to_owned()));
        }
    }

    fn texts(&mut self, name: &'static str, mut values: Vec<String>) {
        let mut seen = std::collections::HashSet::new();
        values.retain(|value| seen.insert(value.clone()));
        if !values.is_empty() {
            self.set(name, Fact::Texts(values));
        }
    }
}

/// Derives the facts of a CloudTrail record.
pub fn derive(record: &Value) -> Facts {
    let mut facts = Facts::default();
    if let Some(network) = json::text(record, &["sourceIPAddress"]).and_then(net::source_network) {
        facts.set("source_network", Fact::Text(network));
    }
    let source = json::text(record, &["eventSource"]).unwrap_or_default();
    let name = json::text(record, &["eventName"]).unwrap_or_default();
    for family in families(source, name) {
        (family.derive)(record, &mut facts);
    }
    facts
}

/// The families that an event of this source and name belongs to.
pub(crate) fn families(source: &str, name: &str) -> Vec<&'static Family> {
    let belongs = |family: &&&Family| family.sources.contains(&source) && family.events.contains(&name);
    FAMILIES.iter().filter(belongs).copied().collect()
}

/// Whether an event of these families may have the fact of this name.
pub(crate) fn may_have(families: &[&'static Family], fact: &str) -> bool {
    let general = GENERAL.iter().any(|(name, _)| *name == fact);
    general || families.iter().any(|family| family.facts.iter().any(|(name, _)| *name == fact))
}

/// The request's parameters; an empty record's where there are none.
fn request(record: &Value) -> &Value {
    json::member(record, "requestParameters").unwrap_or(record)
}

/// The response's elements.
fn response(record: &Value) -> &Value {
    json::member(record, "responseElements").unwrap_or(record)
}

fn event_name(record: &Value) -> &str {
    json::text(record, &["eventName"]).unwrap_or_default()
}

/// "a", "a and b", "a, b and 3 more".
fn and_list(items: &[String], most: usize) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        _ if items.len() > most => format!("{} and {} more", items[..most].join(", "), items.len() - most),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_documented_under_their_family() {
        for family in FAMILIES {
            for (name, doc) in family.facts {
                assert!(name.starts_with(&format!("{}.", family.prefix)), "{name}");
                assert!(!doc.is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn a_fact_belongs_to_its_family_only() {
        let families = families("ec2.amazonaws.com", "AuthorizeSecurityGroupIngress");
        assert!(may_have(&families, "sg.opens_to_world") && !may_have(&families, "nacl.direction"));
        assert!(may_have(&families, "source_network"));
    }

    #[test]
    fn lists_in_words() {
        let items = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        assert_eq!(and_list(&items(1), 3), "0");
        assert_eq!(and_list(&items(3), 3), "0, 1 and 2");
        assert_eq!(and_list(&items(5), 3), "0, 1, 2 and 2 more");
    }
}
