//! [`Facet`]: a part of AWS's configuration that can be read, compared and set.
//!
//! A playbook does not make calls of its own. It says which parts of which facet an event changed, what
//! the event made of them and what they were; the facet knows the calls from one state to another. The
//! same function therefore puts a change back, makes it again (undo), and goes on with a repair that was
//! killed half-way.

use serde_json::{Value, json};
use trailkeep_aws::api::Operation;
use trailkeep_baseline::Json;

use super::state::{Parts, fits, overlaid};

/// What can be read and set.
pub(super) struct Facet {
    /// Its name in the state database: `security-group-rules`.
    pub(super) name: &'static str,
    /// How it is read.
    pub(super) read: &'static Operation,
    /// The input of the reading, for one subject.
    pub(super) input: fn(&str) -> Value,
    /// Error codes that say that there is nothing.
    pub(super) absent: &'static [&'static str],
    /// The states in an output, by subject: of the one that was asked about, or of all in a listing.
    pub(super) documents: fn(asked: &str, output: &Value) -> Vec<(String, Parts)>,
    /// The input that lists the states of all subjects of a Region, where one call does.
    pub(super) list: Option<fn() -> Value>,
    /// Kept without a Region, as buckets are.
    pub(super) is_global: bool,
    /// A part of a state; null where it does not exist.
    pub(super) part: fn(&Parts, &str) -> Value,
    /// Sets a part of a state.
    pub(super) put: fn(&mut Parts, &str, &Value),
    /// Members that AWS gives anew to what is made again: ids.
    pub(super) volatile: &'static [&'static str],
    /// A part is as it is wanted.
    pub(super) holds: fn(there: &Value, wanted: &Value) -> bool,
    /// A part is on the way between two states, as several calls lead there.
    pub(super) is_between: fn(there: &Value) -> bool,
    /// The calls that it makes, and no others.
    pub(super) writes: &'static [&'static Operation],
    /// The calls from one state to another.
    pub(super) calls: fn(&Change<'_>) -> Vec<Call>,
    /// Error codes of a call that say that all is so already.
    pub(super) already: &'static [&'static str],
    /// IAM actions that its calls need besides those of their names.
    pub(super) along: &'static [&'static str],
    /// How the VPC and the tags of a subject are read, where it has any.
    pub(super) context: Option<&'static Reading>,
}

/// How the VPC and the tags of something are read.
pub(super) struct Reading {
    pub(super) operation: &'static Operation,
    /// The input, from account, Region and subject.
    pub(super) input: fn(&Place<'_>) -> Value,
    /// Error codes that say that there are no tags.
    pub(super) absent: &'static [&'static str],
    /// VPC and tags in the output; `None` where the subject is not in it.
    pub(super) context: fn(&Value) -> Option<Context>,
}

/// Where a subject is.
pub(super) struct Place<'a> {
    pub(super) partition: &'a str,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) subject: &'a str,
}

/// What scopes of a configuration ask of a resource besides its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The VPC, for what lies in one.
    pub vpc: Option<String>,
    /// Tags, key and value.
    pub tags: Vec<(String, String)>,
}

/// From one state to another.
pub(super) struct Change<'a> {
    /// The resource that the facet is of.
    pub(super) subject: &'a str,
    /// The account's id.
    pub(super) account: &'a str,
    /// The parts as they are.
    pub(super) from: &'a Parts,
    /// The same parts as they are to be.
    pub(super) to: &'a Parts,
}

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) operation: &'static Operation,
    pub(super) input: Value,
}

impl Call {
    pub(super) fn new(operation: &'static Operation, input: Value) -> Self {
        Self { operation, input }
    }
}

impl Facet {
    /// A facet that is only read; the rest is said with `..`.
    pub(super) const fn reading(
        name: &'static str,
        read: &'static Operation,
        input: fn(&str) -> Value,
        documents: fn(&str, &Value) -> Vec<(String, Parts)>,
    ) -> Self {
        Self {
            name,
            read,
            input,
            absent: &[],
            documents,
            list: None,
            is_global: false,
            part: |parts, name| parts.get(name).cloned().unwrap_or_default(),
            put: |parts, name, value| match value {
                Value::Null => drop(parts.shift_remove(name)),
                value => drop(parts.insert(name.to_owned(), value.clone())),
            },
            volatile: &[],
            holds: fits,
            is_between: |_| false,
            writes: &[],
            calls: |_| Vec::new(),
            already: &[],
            along: &[],
            context: None,
        }
    }

    /// The parts of a state that another one names.
    pub(super) fn project(&self, state: &Parts, like: &Parts) -> Parts {
        like.keys().map(|name| (name.clone(), (self.part)(state, name))).collect()
    }

    /// Every part of `there` is as `wanted` says, ids included.
    pub(super) fn is_exactly(&self, there: &Parts, wanted: &Parts) -> bool {
        wanted.iter().all(|(name, wanted)| (self.holds)(&(self.part)(there, name), wanted))
    }

    /// The same, but for what AWS gives anew.
    pub(super) fn is_as(&self, there: &Parts, wanted: &Parts) -> bool {
        wanted.iter().all(|(name, wanted)| (self.holds)(&(self.part)(there, name), &self.lasting(wanted)))
    }

    /// Every part is in one of two states, or between them: a repair that was cut off can go on.
    pub(super) fn is_on_the_way(&self, there: &Parts, from: &Parts, to: &Parts) -> bool {
        from.keys().chain(to.keys()).all(|name| {
            let now = (self.part)(there, name);
            let is =
                |wanted: &Parts| (self.holds)(&now, &self.lasting(wanted.get(name).unwrap_or(&Value::Null)));
            is(from) || is(to) || (self.is_between)(&now)
        })
    }

    /// A part without what AWS gives anew.
    fn lasting(&self, part: &Value) -> Value {
        let mut part = part.clone();
        if let Some(members) = part.as_object_mut() {
            members.retain(|name, _| !self.volatile.contains(&name.as_str()));
        }
        part
    }

    /// What was read, with what only the event knows (the days until a key is deleted).
    pub(super) fn completed(read: &Parts, event: &Parts) -> Parts {
        let part = |(name, value): (&String, &Value)| {
            let known = event.get(name).unwrap_or(&Value::Null);
            (name.clone(), if value.is_null() { Value::Null } else { overlaid(known, value) })
        };
        read.iter().map(part).collect()
    }
}

/// The context in a list of resources with `VpcId` and `Tags`.
pub(super) fn context_of(resource: &Value) -> Context {
    Context { vpc: resource.text("VpcId").map(str::to_owned), tags: pairs(resource.items("Tags")) }
}

/// Tags as pairs, under any of the names that services have for them.
pub(super) fn pairs(tags: &[Value]) -> Vec<(String, String)> {
    let pair = |tag: &Value| {
        let key = tag.text("Key").or(tag.text("TagKey"))?;
        Some((key.to_owned(), tag.text("Value").or(tag.text("TagValue")).unwrap_or_default().to_owned()))
    };
    tags.iter().filter_map(pair).collect()
}

/// An EC2 filter.
pub(super) fn filter(name: &str, value: &str) -> Value {
    json!([{"Name": name, "Values": [value]}])
}

/// One part under one subject.
pub(super) fn one(subject: &str, part: &str, value: &Value) -> Vec<(String, Parts)> {
    let mut parts = Parts::new();
    if !value.is_null() {
        parts.insert(part.to_owned(), value.clone());
    }
    vec![(subject.to_owned(), parts)]
}
