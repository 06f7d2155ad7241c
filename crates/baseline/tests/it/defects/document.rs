//! An estate written down by hand: `tests/data/compliant.json`.
//!
//! It says the same as an inventory that was saved, in fewer words: what is under `each_account` and
//! `each_region` is answered alike everywhere, unless `places` says otherwise. An output is written as
//! the AWS CLI prints it, but policies and patterns, which AWS sends as text, are written as the
//! objects they are. `{"each": …}` holds an output per resource, `{"absent": CODE}` says that the
//! service has none.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use trailkeep_baseline::{Account, Answer, Inventory};

/// Members that AWS sends as text with JSON in it.
const TEXTS: [&str; 3] = ["Policy", "EventPattern", "accessPolicy"];

/// Reads a file of `tests/data`.
pub(super) fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The estate, to be damaged.
#[derive(Clone)]
pub(super) struct Document(Value);

impl Document {
    pub(super) fn compliant() -> Self {
        Self(read("compliant.json"))
    }

    /// Makes a change: `[where, pointer, value]`, or `[where, pointer]` to take something away. `where`
    /// is `PLACE CALL`, with the resource behind it where the call has more than one; a pointer that
    /// ends in `/-` adds to a list, an empty one stands for the whole answer.
    pub(super) fn edit(&mut self, change: &Value) {
        let text = |at: usize| change[at].as_str().unwrap_or_else(|| panic!("no change: {change}"));
        let output = self.output(text(0));
        let pointer = text(1);
        match (change.get(2), pointer.rsplit_once('/')) {
            (Some(value), None) => *output = value.clone(),
            (Some(value), Some((list, "-"))) => {
                let list = output.pointer_mut(list).and_then(Value::as_array_mut);
                list.unwrap_or_else(|| panic!("no list there: {change}")).push(value.clone());
            }
            (Some(value), Some((parent, member))) => {
                let parent = output.pointer_mut(parent).unwrap_or_else(|| panic!("nothing there: {change}"));
                match parent.as_array_mut() {
                    Some(list) => list[member.parse::<usize>().unwrap()] = value.clone(),
                    None => parent[member] = value.clone(),
                }
            }
            (None, Some((parent, member))) => {
                let parent = output.pointer_mut(parent).unwrap_or_else(|| panic!("nothing there: {change}"));
                let taken = match parent {
                    Value::Array(list) => Some(list.remove(member.parse().unwrap())),
                    other => other.as_object_mut().and_then(|members| members.remove(member)),
                };
                assert!(taken.is_some(), "nothing to take away: {change}");
            }
            (None, None) => panic!("neither a value nor a pointer: {change}"),
        }
    }

    /// `home cloudtrail:GetTrailStatus`, `everywhere …` for what every Region is asked alike.
    fn output(&mut self, place: &str) -> &mut Value {
        let mut words = place.splitn(3, ' ');
        let (name, call) =
            (words.next().unwrap(), words.next().unwrap_or_else(|| panic!("no call: {place}")));
        let region_wide = self.0["each_region"].get(call).cloned();
        let answers = match name {
            "everywhere" => &mut self.0["each_region"],
            "each_account" => &mut self.0["each_account"],
            "home" => &mut self.0["places"]["111111111111/eu-west-1"],
            "us" => &mut self.0["places"]["111111111111/us-east-1"],
            "global" => &mut self.0["places"]["111111111111/global"],
            "member" => &mut self.0["places"]["222222222222/eu-west-1"],
            "member-us" => &mut self.0["places"]["222222222222/us-east-1"],
            _ => panic!("no place {name}"),
        };
        let answers = answers.as_object_mut().unwrap();
        let answer = answers.entry(call).or_insert_with(|| region_wide.unwrap_or_default());
        let Some(each) = answer.get("each").and_then(Value::as_object) else { return answer };
        let resource = match (words.next(), each.len()) {
            (Some(resource), _) => resource.to_owned(),
            (None, 1) => each.keys().next().unwrap().clone(),
            (None, _) => panic!("{place}: of which resource?"),
        };
        answer["each"].as_object_mut().unwrap().entry(resource).or_insert(Value::Null)
    }

    /// What a collection of this estate would have found.
    pub(super) fn inventory(&self) -> Inventory {
        let document = &self.0;
        let mut inventory = Inventory::new(document["collected_at"].as_str().unwrap().parse().unwrap());
        let texts = |name: &str| -> Vec<String> { serde_json::from_value(document[name].clone()).unwrap() };
        for id in texts("accounts") {
            let account = Account { id: id.clone(), regions: texts("regions"), ..Account::default() };
            inventory.accounts.insert(id.clone(), account);
            record(&mut inventory, &id, "global", &document["each_account"]);
            for region in texts("regions") {
                record(&mut inventory, &id, &region, &document["each_region"]);
            }
        }
        for (place, answers) in document["places"].as_object().unwrap() {
            let (account, region) = place.split_once('/').unwrap();
            record(&mut inventory, account, region, answers);
        }
        inventory
    }
}

fn record(inventory: &mut Inventory, account: &str, region: &str, answers: &Value) {
    for (call, written) in answers.as_object().unwrap() {
        let regions = &mut inventory.accounts.get_mut(account).unwrap().answers;
        regions.entry(region.to_owned()).or_default().remove(call);
        let alone = Map::from_iter([(String::new(), written.clone())]);
        let each = written.get("each").and_then(Value::as_object).unwrap_or(&alone);
        for (resource, output) in each {
            inventory.record(account, region, call, resource, answer(output));
        }
    }
}

fn answer(written: &Value) -> Answer {
    match written.get("absent").and_then(Value::as_str) {
        Some(code) => Answer::Absent(code.to_owned()),
        None => Answer::Output(as_sent(written)),
    }
}

/// With policies as text, as AWS sends them.
fn as_sent(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| {
                let is_text = TEXTS.contains(&name.as_str()) && member.is_object();
                (name.clone(), if is_text { json!(member.to_string()) } else { as_sent(member) })
            })
            .collect(),
        Value::Array(items) => items.iter().map(as_sent).collect(),
        other => other.clone(),
    }
}
