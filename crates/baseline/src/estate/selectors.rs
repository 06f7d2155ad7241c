//! What event selectors let through, basic and advanced ones by their meaning.
//!
//! A question is a set of events ([`Events`]): "the read events of KMS", "the writes to objects of this
//! bucket". The answer is the [`Share`] of them that is recorded. Advanced selectors are the OR of
//! selectors, each the AND of its fields; within a field the positive operators are ORed, and none of
//! the negative ones may hold.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::value::Json;

const BASIC: &str = "--event-selectors";
const ADVANCED: &str = "--advanced-event-selectors";

fn all_management() -> Value {
    json!({"Name": "Management events", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]})
}

/// How much of a set of events is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Share {
    /// Nothing of it.
    None,
    /// Some of it; which, depends on what the question leaves open.
    Part,
    /// All of it.
    All,
}

impl Share {
    fn not(self) -> Self {
        match self {
            Self::None => Self::All,
            Self::Part => Self::Part,
            Self::All => Self::None,
        }
    }
}

/// A set of events to ask about.
#[derive(Clone, Copy, Debug)]
pub enum Events<'a> {
    /// Management events of one service (`kms.amazonaws.com`), read or write.
    Management {
        /// The `eventSource`.
        source: &'a str,
        /// Read or write.
        read_only: bool,
    },
    /// Data events of objects whose ARN begins so, read or write.
    Objects {
        /// `arn:aws:s3:::bucket/` for a whole bucket, `arn:aws:s3:::` for all of them.
        arn_prefix: &'a str,
        /// Read or write.
        read_only: bool,
    },
}

impl Events<'_> {
    fn read_only(&self) -> bool {
        match self {
            Self::Management { read_only, .. } | Self::Objects { read_only, .. } => *read_only,
        }
    }
}

/// The selectors of one trail or event data store.
#[derive(Clone, Copy, Debug)]
pub struct Selectors<'a> {
    basic: &'a [Value],
    advanced: &'a [Value],
}

/// Which management events are recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Management {
    /// Read events, of ordinary services at least.
    pub read: bool,
    /// Write events, of ordinary services at least.
    pub write: bool,
    /// Services whose events are left out though others' are recorded.
    pub excluded: BTreeSet<String>,
}

/// A service that no selector can leave out on its own by the console, to stand for all of them.
const ORDINARY: &str = "ec2.amazonaws.com";

/// The services that CloudTrail lets be left out.
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

impl<'a> Selectors<'a> {
    /// Of an output of `GetEventSelectors` or `GetEventDataStore`.
    #[must_use]
    pub fn of(output: Option<&'a Value>) -> Self {
        let items = |path| output.map_or(&[][..], |output| output.items(path));
        Self { basic: items("EventSelectors"), advanced: items("AdvancedEventSelectors") }
    }

    /// How much of these events is recorded. Without any selector, management events are: that is
    /// what CloudTrail does with a trail that never got one.
    #[must_use]
    pub fn share(&self, events: Events<'_>) -> Share {
        if self.basic.is_empty() && self.advanced.is_empty() {
            return match events {
                Events::Management { .. } => Share::All,
                Events::Objects { .. } => Share::None,
            };
        }
        let basic = self.basic.iter().map(|selector| basic_share(selector, events));
        let advanced = self.advanced.iter().map(|selector| advanced_share(selector, events));
        basic.chain(advanced).max().unwrap_or(Share::None)
    }

    /// Which management events are recorded.
    #[must_use]
    pub fn management(&self) -> Management {
        management_of(&[*self])
    }

    /// These selectors, changed so that all management events are recorded and data events as before:
    /// the option of `aws cloudtrail put-event-selectors`, which replaces all selectors, and its value.
    #[must_use]
    pub fn with_all_management(&self) -> (&'static str, Value) {
        let is_management = |selector: &&Value| {
            let mut fields = selector.items("FieldSelectors").iter();
            fields.any(|f| {
                f.text("Field") == Some("eventCategory") && f.texts("Equals").contains(&"Management")
            })
        };
        if !self.advanced.is_empty() {
            let mut selectors = vec![all_management()];
            selectors.extend(self.advanced.iter().filter(|selector| !is_management(selector)).cloned());
            return (ADVANCED, Value::Array(selectors));
        }
        let mut selectors = vec![json!({"ReadWriteType": "All", "IncludeManagementEvents": true})];
        for selector in self.basic.iter().filter(|selector| !selector.items("DataResources").is_empty()) {
            let mut selector = selector.clone();
            selector["IncludeManagementEvents"] = json!(false);
            selector["ExcludeManagementEventSources"] = json!([]);
            selectors.push(selector);
        }
        (BASIC, Value::Array(selectors))
    }

    /// These selectors, with the data events of all objects added: option and value as above.
    #[must_use]
    pub fn with_all_objects(&self, partition: &str) -> (&'static str, Value) {
        if !self.advanced.is_empty() {
            let mut selectors = self.advanced.to_vec();
            selectors.push(json!({"Name": "S3 objects", "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]}));
            return (ADVANCED, Value::Array(selectors));
        }
        let mut selectors = self.basic.to_vec();
        if selectors.is_empty() {
            selectors.push(json!({"ReadWriteType": "All", "IncludeManagementEvents": true}));
        }
        selectors.push(json!({"ReadWriteType": "All", "IncludeManagementEvents": false, "DataResources": [
            {"Type": "AWS::S3::Object", "Values": [format!("arn:{partition}:s3")]}]}));
        (BASIC, Value::Array(selectors))
    }

    /// Services that a selector names in order to leave them out.
    fn named_sources(&self) -> impl Iterator<Item = &'a str> {
        let basic = self.basic.iter().flat_map(|selector| selector.texts("ExcludeManagementEventSources"));
        let fields = self.advanced.iter().flat_map(|selector| selector.items("FieldSelectors"));
        let sources = fields.filter(|field| field.text("Field") == Some("eventSource"));
        let advanced = sources
            .flat_map(|field| ["Equals", "NotEquals"].into_iter().flat_map(|operator| field.texts(operator)));
        basic.chain(advanced)
    }
}

/// Which management events are recorded by several trails together.
#[must_use]
pub fn management_of(all: &[Selectors<'_>]) -> Management {
    let recorded = |source: &str, read_only: bool| {
        let shares = all.iter().map(|selectors| selectors.share(Events::Management { source, read_only }));
        shares.max() == Some(Share::All)
    };
    let (read, write) = (recorded(ORDINARY, true), recorded(ORDINARY, false));
    let named = all.iter().flat_map(Selectors::named_sources).chain(EXCLUDABLE);
    let left_out = |source: &&str| (read && !recorded(source, true)) || (write && !recorded(source, false));
    Management { read, write, excluded: named.filter(left_out).map(str::to_owned).collect() }
}

fn basic_share(selector: &Value, events: Events<'_>) -> Share {
    let reads_or_writes = match selector.text("ReadWriteType") {
        Some("ReadOnly") => events.read_only(),
        Some("WriteOnly") => !events.read_only(),
        _ => true,
    };
    if !reads_or_writes {
        return Share::None;
    }
    match events {
        Events::Management { source, .. } => {
            // The member is optional and true unless it says otherwise.
            let included =
                selector.at("IncludeManagementEvents").is_none() || selector.flag("IncludeManagementEvents");
            let excluded = selector.texts("ExcludeManagementEventSources").contains(&source);
            if included && !excluded { Share::All } else { Share::None }
        }
        Events::Objects { arn_prefix, .. } => {
            let objects = selector.items("DataResources").iter();
            let objects = objects.filter(|resource| resource.text("Type") == Some("AWS::S3::Object"));
            let values = objects.flat_map(|resource| resource.texts("Values"));
            values
                .map(|value| starts_with(Known::Under(arn_prefix), &object_prefix(value)))
                .max()
                .unwrap_or(Share::None)
        }
    }
}

/// A value of `DataResources` is a prefix of object ARNs; the ARN of a bucket without the slash
/// behind it means that bucket, not all whose names begin so.
fn object_prefix(value: &str) -> String {
    let key = value.splitn(6, ':').nth(5);
    match key {
        Some(key) if !key.is_empty() && !key.contains('/') => format!("{value}/"),
        _ => value.to_owned(),
    }
}

fn advanced_share(selector: &Value, events: Events<'_>) -> Share {
    let fields = selector.items("FieldSelectors").iter();
    fields
        .map(|field| field_share(field, known(field.text("Field").unwrap_or(""), events)))
        .min()
        .unwrap_or(Share::None)
}

/// What the question says of a field.
#[derive(Clone, Copy)]
enum Known<'a> {
    /// Its text.
    Is(&'a str),
    /// It begins so, and may go on in any way; nothing at all is known when this is empty.
    Under(&'a str),
}

fn known<'a>(field: &str, events: Events<'a>) -> Known<'a> {
    let (category, source, resource) = match events {
        Events::Management { source, .. } => ("Management", Known::Is(source), None),
        Events::Objects { arn_prefix, .. } => ("Data", Known::Is("s3.amazonaws.com"), Some(arn_prefix)),
    };
    match (field, resource) {
        ("eventCategory", _) => Known::Is(category),
        ("readOnly", _) => Known::Is(if events.read_only() { "true" } else { "false" }),
        ("eventSource", _) => source,
        ("resources.type", Some(_)) => Known::Is("AWS::S3::Object"),
        ("resources.ARN", Some(prefix)) => Known::Under(prefix),
        _ => Known::Under(""),
    }
}

type Operator = fn(Known<'_>, &str) -> Share;

const OPERATORS: [(&str, &str, Operator); 3] = [
    ("Equals", "NotEquals", equals),
    ("StartsWith", "NotStartsWith", starts_with),
    ("EndsWith", "NotEndsWith", ends_with),
];

fn field_share(field: &Value, known: Known<'_>) -> Share {
    let mut selected: Option<Share> = None;
    let mut refused = Share::None;
    for (positive, negative, operator) in OPERATORS {
        for value in field.texts(positive) {
            selected = selected.max(Some(operator(known, value)));
        }
        for value in field.texts(negative) {
            refused = refused.max(operator(known, value));
        }
    }
    selected.unwrap_or(Share::All).min(refused.not())
}

fn of(holds: bool) -> Share {
    if holds { Share::All } else { Share::None }
}

fn equals(known: Known<'_>, value: &str) -> Share {
    match known {
        Known::Is(text) => of(text == value),
        Known::Under(prefix) if value.starts_with(prefix) => Share::Part,
        Known::Under(_) => Share::None,
    }
}

fn starts_with(known: Known<'_>, value: &str) -> Share {
    match known {
        Known::Is(text) => of(text.starts_with(value)),
        Known::Under(prefix) if prefix.starts_with(value) => Share::All,
        Known::Under(prefix) if value.starts_with(prefix) => Share::Part,
        Known::Under(_) => Share::None,
    }
}

fn ends_with(known: Known<'_>, value: &str) -> Share {
    match known {
        Known::Is(text) => of(text.ends_with(value)),
        Known::Under(_) => Share::Part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(output: &Value, arn_prefix: &str, read_only: bool) -> Share {
        Selectors::of(Some(output)).share(Events::Objects { arn_prefix, read_only })
    }

    fn management(output: &Value) -> (bool, bool, Vec<String>) {
        let found = Selectors::of(Some(output)).management();
        (found.read, found.write, found.excluded.into_iter().collect())
    }

    #[test]
    fn without_selectors_management_events_are_recorded() {
        let none = json!({"EventSelectors": [], "AdvancedEventSelectors": []});
        assert_eq!(management(&none), (true, true, vec![]));
        assert_eq!(objects(&none, "arn:aws:s3:::", false), Share::None);
    }

    #[test]
    fn basic_selectors() {
        let of = |selector: Value| management(&json!({"EventSelectors": [selector]}));
        assert_eq!(of(json!({"ReadWriteType": "All"})), (true, true, vec![]));
        assert_eq!(
            of(json!({"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true})),
            (false, true, vec![])
        );
        assert_eq!(
            of(json!({"ReadWriteType": "All", "IncludeManagementEvents": false})),
            (false, false, vec![])
        );
        let excluded =
            json!({"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]});
        assert_eq!(of(excluded), (true, true, vec!["kms.amazonaws.com".to_owned()]));
    }

    #[test]
    fn two_selectors_together_record_what_neither_does_alone() {
        let halves = json!({"EventSelectors": [
            {"ReadWriteType": "ReadOnly"}, {"ReadWriteType": "WriteOnly"}]});
        assert_eq!(management(&halves), (true, true, vec![]));
        let field = |name: &str, operator: &str, value: &str| json!({"Field": name, operator: [value]});
        let category = || field("eventCategory", "Equals", "Management");
        let split = json!({"AdvancedEventSelectors": [
            {"FieldSelectors": [category(), field("eventSource", "NotEquals", "kms.amazonaws.com")]},
            {"FieldSelectors": [category(), field("eventSource", "Equals", "kms.amazonaws.com"),
                                field("readOnly", "Equals", "false")]}]});
        assert_eq!(
            management(&split),
            (true, true, vec!["kms.amazonaws.com".to_owned()]),
            "KMS reads slip by"
        );
    }

    #[test]
    fn advanced_selectors() {
        let of = |fields: Value| management(&json!({"AdvancedEventSelectors": [{"FieldSelectors": fields}]}));
        let category = json!({"Field": "eventCategory", "Equals": ["Management"]});
        assert_eq!(of(json!([category])), (true, true, vec![]));
        assert_eq!(of(json!([category, {"Field": "readOnly", "Equals": ["true"]}])), (true, false, vec![]));
        assert_eq!(
            of(json!([category, {"Field": "readOnly", "NotEquals": ["true"]}])),
            (false, true, vec![])
        );
        assert_eq!(of(json!([{"Field": "eventCategory", "Equals": ["Data"]}])), (false, false, vec![]));
        let both = json!([category, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]}]);
        assert_eq!(of(both).2, ["kms.amazonaws.com", "rdsdata.amazonaws.com"]);
        let names = json!([category, {"Field": "eventName", "Equals": ["RunInstances"]}]);
        assert_eq!(of(names), (false, false, vec![]), "one call is not the management events");
    }

    #[test]
    fn a_fix_keeps_what_is_recorded() {
        let objects_of = |output: &Value| objects(output, "arn:aws:s3:::logs/", false);
        let data = json!([{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::logs/"]}]);
        let basic = json!({"EventSelectors": [{"ReadWriteType": "WriteOnly", "DataResources": data}]});
        let fields = json!([{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]);
        let advanced = json!({"AdvancedEventSelectors": [{"FieldSelectors": fields}]});
        for (before, member) in [(basic, "EventSelectors"), (advanced, "AdvancedEventSelectors")] {
            let (_, value) = Selectors::of(Some(&before)).with_all_management();
            let after = json!({member: value});
            assert_eq!(management(&after), (true, true, vec![]), "{after}");
            assert_eq!(objects_of(&after), Share::All, "{after}");
        }
        for before in [json!({}), json!({"EventSelectors": [{"ReadWriteType": "All"}]})] {
            let (option, value) = Selectors::of(Some(&before)).with_all_objects("aws");
            let after = json!({"EventSelectors": value});
            assert_eq!(
                (option, management(&after), objects_of(&after)),
                (BASIC, (true, true, vec![]), Share::All)
            );
        }
    }

    #[test]
    fn objects_by_basic_selectors() {
        let of = |values: Value, arn: &str| {
            let data = json!([{"Type": "AWS::S3::Object", "Values": values}]);
            objects(&json!({"EventSelectors": [{"ReadWriteType": "All", "DataResources": data}]}), arn, false)
        };
        for (values, arn, expected) in [
            (json!(["arn:aws:s3"]), "arn:aws:s3:::", Share::All),
            (json!(["arn:aws:s3:::"]), "arn:aws:s3:::logs/", Share::All),
            (json!(["arn:aws:s3:::logs/"]), "arn:aws:s3:::logs/", Share::All),
            (json!(["arn:aws:s3:::logs"]), "arn:aws:s3:::logs-old/", Share::None),
            (json!(["arn:aws:s3:::logs/AWSLogs/"]), "arn:aws:s3:::logs/", Share::Part),
            (json!(["arn:aws:s3:::other/"]), "arn:aws:s3:::logs/", Share::None),
            (json!(["arn:aws:s3:::other/", "arn:aws:s3:::logs/"]), "arn:aws:s3:::", Share::Part),
        ] {
            assert_eq!(of(values.clone(), arn), expected, "{values} of {arn}");
        }
    }

    #[test]
    fn objects_by_advanced_selectors() {
        let of = |extra: Value, read_only: bool| {
            let mut fields = vec![
                json!({"Field": "eventCategory", "Equals": ["Data"]}),
                json!({"Field": "resources.type", "Equals": ["AWS::S3::Object"]}),
            ];
            fields.extend(extra.as_array().cloned().unwrap_or_default());
            objects(
                &json!({"AdvancedEventSelectors": [{"FieldSelectors": fields}]}),
                "arn:aws:s3:::logs/",
                read_only,
            )
        };
        let arn = |operator: &str, value: &str| json!([{"Field": "resources.ARN", operator: [value]}]);
        assert_eq!(of(json!([]), true), Share::All);
        assert_eq!(of(json!([{"Field": "readOnly", "Equals": ["false"]}]), true), Share::None);
        assert_eq!(of(arn("StartsWith", "arn:aws:s3:::logs/"), false), Share::All);
        assert_eq!(of(arn("StartsWith", "arn:aws:s3:::logs/a/"), false), Share::Part);
        assert_eq!(of(arn("NotStartsWith", "arn:aws:s3:::logs/"), false), Share::None);
        assert_eq!(of(arn("NotStartsWith", "arn:aws:s3:::logs/a/"), false), Share::Part);
        assert_eq!(of(arn("Equals", "arn:aws:s3:::logs/x"), false), Share::Part);
        assert_eq!(of(json!([{"Field": "eventName", "NotEquals": ["GetObject"]}]), true), Share::Part);
        let buckets = json!({"AdvancedEventSelectors": [{"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]}]}]});
        assert_eq!(objects(&buckets, "arn:aws:s3:::logs/", true), Share::None);
    }
}
