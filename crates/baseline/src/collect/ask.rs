//! [`Ask`]: one question to AWS, as data.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use trailkeep_aws::api::Operation;

use crate::inventory::Inventory;
use crate::value::Json;

/// How many resources of a place one ask is made about, unless it says otherwise.
const LIMIT: usize = 1_000;

/// One question: which call, where, about what, and what its answers mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    /// The call.
    pub(crate) operation: &'static Operation,
    /// Where it is asked.
    pub(crate) at: At,
    /// Of which accounts.
    pub(crate) of: Of,
    /// About what.
    pub(crate) about: About,
    /// The input's members.
    pub(crate) input: &'static [(&'static str, Take)],
    /// Error codes that say "there is no such configuration".
    pub(crate) absent: &'static [&'static str],
    /// The most resources of a place that it is asked about.
    pub(crate) limit: usize,
}

/// Where a question is asked, and so under which Region its answers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// Once an account, in the Region where the partition's global services are signed for; kept
    /// under `global`.
    Global,
    /// In each Region.
    Regions,
}

/// Which accounts a question is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// All of them.
    Every,
    /// Only the management account of an organisation may ask; for the others there is no such
    /// thing, and nothing is asked.
    Management,
}

/// What a question is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum About {
    /// The whole place: one answer, kept under the empty resource.
    Place,
    /// Something of a fixed name in the whole place; kept under that name.
    Named(&'static str),
    /// Each item of another answer of the same place.
    Each(Each),
    /// All items of another answer of the same place, so many at a time; the outputs are joined.
    Together(Each, usize),
    /// What other answers point at, wherever that is.
    Referenced(fn(&Inventory) -> Vec<Reference>),
}

/// The items of a list in another answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Each {
    /// The answer's call (`cloudtrail:DescribeTrails`).
    pub(crate) call: &'static str,
    /// Path of the list in its output.
    pub(crate) list: &'static str,
    /// The item's member that names the resource; empty where the item itself is the name.
    pub(crate) key: &'static str,
    /// What stands before that name in the inventory.
    pub(crate) prefix: &'static str,
    /// Leaves items out.
    pub(crate) only: Option<fn(&Seen<'_>) -> bool>,
    /// Chooses among the whole list.
    pub(crate) choose: Option<Choose>,
    /// The item's member that tells the Region to ask in, where that is not the place's own.
    pub(crate) region: Option<&'static str>,
}

/// Of all items, those that are asked about.
pub(crate) type Choose = fn(&[Value]) -> Vec<Value>;

/// An item, where it was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// The item.
    pub(crate) item: &'a Value,
    /// The Region it was found in.
    pub(crate) region: &'a str,
}

/// A resource that other answers point at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    /// The account that has it.
    pub(crate) account: String,
    /// Its Region.
    pub(crate) region: String,
    /// Its name as a key of the inventory.
    pub(crate) resource: String,
}

/// Where a member of the input comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Take {
    /// Fixed text.
    Text(&'static str),
    /// A fixed number.
    Number(i64),
    /// A fixed flag.
    Flag(bool),
    /// A fixed list.
    Texts(&'static [&'static str]),
    /// The account's id.
    Account,
    /// The resource.
    Resource,
    /// A list of the resource, or of all resources that are asked about together.
    Resources,
    /// A member of the item.
    Member(&'static str),
    /// A list of one CloudWatch dimension of this name, with the value of a member of the item.
    Dimension(&'static str, &'static str),
    /// When the collection began, less so many hours.
    HoursAgo(i64),
}

impl Ask {
    const fn new(operation: &'static Operation, at: At, about: About) -> Self {
        Self { operation, at, of: Of::Every, about, input: &[], absent: &[], limit: LIMIT }
    }

    /// About the account, of a global service.
    pub(crate) const fn global(operation: &'static Operation) -> Self {
        Self::new(operation, At::Global, About::Place)
    }

    /// About each Region.
    pub(crate) const fn regional(operation: &'static Operation) -> Self {
        Self::new(operation, At::Regions, About::Place)
    }

    /// About something of a fixed name in each Region.
    pub(crate) const fn named(operation: &'static Operation, name: &'static str) -> Self {
        Self::new(operation, At::Regions, About::Named(name))
    }

    /// About each item of a list that another ask of the same places gives.
    pub(crate) const fn each(operation: &'static Operation, at: At, each: Each) -> Self {
        Self::new(operation, at, About::Each(each))
    }

    /// About all items of such a list, `size` a call.
    pub(crate) const fn together(operation: &'static Operation, at: At, each: Each, size: usize) -> Self {
        Self::new(operation, at, About::Together(each, size))
    }

    /// About what other answers point at.
    pub(crate) const fn referenced(
        operation: &'static Operation,
        find: fn(&Inventory) -> Vec<Reference>,
    ) -> Self {
        Self::new(operation, At::Regions, About::Referenced(find))
    }

    /// With these members of the input.
    pub(crate) const fn input(mut self, input: &'static [(&'static str, Take)]) -> Self {
        self.input = input;
        self
    }

    /// With codes that mean "none".
    pub(crate) const fn absent(mut self, codes: &'static [&'static str]) -> Self {
        self.absent = codes;
        self
    }

    /// With a bound of its own.
    pub(crate) const fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Only of the management account.
    pub(crate) const fn of_management(mut self) -> Self {
        self.of = Of::Management;
        self
    }

    /// The inventory's name of the call: `cloudtrail:DescribeTrails`.
    pub(crate) fn call(&self) -> String {
        self.operation.key()
    }

    /// The input for a call about these resources; `item` is what a single one was found as.
    pub(crate) fn input_for(
        &self,
        (account, now): (&str, DateTime<Utc>),
        resources: &[String],
        item: &Value,
    ) -> Value {
        let resource = resources.first().map_or("", String::as_str);
        let mut input = Map::new();
        for (member, take) in self.input {
            let value = match take {
                Take::Text(text) => json!(text),
                Take::Number(number) => json!(number),
                Take::Flag(flag) => json!(flag),
                Take::Texts(texts) => json!(texts),
                Take::Account => json!(account),
                Take::Resource => json!(resource),
                Take::Resources => json!(resources),
                Take::Dimension(name, path) => {
                    json!([{"Name": name, "Value": item.text(path).unwrap_or_default()}])
                }
                Take::HoursAgo(hours) => {
                    let time = now - TimeDelta::hours(*hours);
                    json!(time.to_rfc3339_opts(SecondsFormat::Secs, true))
                }
                Take::Member(path) => match item.at(path) {
                    Some(value) => value.clone(),
                    None => continue,
                },
            };
            input.insert((*member).to_owned(), value);
        }
        Value::Object(input)
    }
}

impl Each {
    /// The items of `list` in the answers to `call`, named by their member `key`.
    pub(crate) const fn of(call: &'static str, list: &'static str, key: &'static str) -> Self {
        Self { call, list, key, prefix: "", only: None, choose: None, region: None }
    }

    /// Only the items that this holds for.
    pub(crate) const fn only(mut self, only: fn(&Seen<'_>) -> bool) -> Self {
        self.only = Some(only);
        self
    }

    /// Only the items that this chooses.
    pub(crate) const fn choose(mut self, choose: Choose) -> Self {
        self.choose = Some(choose);
        self
    }

    /// Kept under the name with this before it.
    pub(crate) const fn prefix(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        self
    }

    /// Asked in the Region that this member names.
    pub(crate) const fn in_region(mut self, member: &'static str) -> Self {
        self.region = Some(member);
        self
    }

    /// The resources to ask about, each with its item.
    pub(crate) fn items(&self, output: &Value, region: &str) -> Vec<(String, Value)> {
        let all = output.items(self.list);
        let chosen = self.choose.map_or_else(|| all.to_vec(), |choose| choose(all));
        let wanted =
            chosen.into_iter().filter(|item| self.only.is_none_or(|only| only(&Seen { item, region })));
        wanted
            .filter_map(|item| {
                let name = if self.key.is_empty() { item.as_str() } else { item.text(self.key) };
                Some((format!("{}{}", self.prefix, name?), item))
            })
            .collect()
    }
}
