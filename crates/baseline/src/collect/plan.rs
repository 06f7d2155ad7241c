//! Which calls follow from which answers. No network here: answers are put in, calls come out.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::ask::{About, Ask, At, Each, Of};
use super::needed::reads;
use super::services;
use crate::check::Control;
use crate::inventory::{Answer, Failure, GLOBAL, Inventory};

/// The code of answers about resources that were not asked about, there being too many.
const NOT_ASKED: &str = "NotAsked";

/// One call to make.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) ask: &'static Ask,
    pub(super) account: Arc<str>,
    /// The Region that the answer is kept under.
    pub(super) kept: Arc<str>,
    /// The Region to ask in.
    pub(super) asked: Arc<str>,
    /// What the answer is kept under.
    pub(super) resource: String,
    pub(super) input: Value,
}

/// What an account is in its organisation, as far as that decides what it may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the management account, or that is not known: it is asked what only that account is.
    MayManage,
    /// It is not. The code stands for the answer.
    Other(&'static str),
}

/// The inventory as it grows, and what is to be asked next.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) inventory: Inventory,
    standings: HashMap<String, Standing>,
    /// Only what the checks of these controls read is asked; everything if empty.
    controls: Vec<Control>,
    referenced: HashSet<(String, String, String, String)>,
    /// How often an ask found more resources than its limit.
    cut: BTreeMap<(String, String, String), (usize, usize)>,
}

impl Plan {
    /// Over accounts that have been entered: their Regions are known.
    pub(super) fn new(inventory: Inventory, standings: HashMap<String, Standing>) -> Self {
        Self { inventory, standings, controls: Vec::new(), referenced: HashSet::new(), cut: BTreeMap::new() }
    }

    /// Asks only what the checks of these controls read; everything if there are none.
    pub(super) fn only(mut self, controls: &[Control]) -> Self {
        self.controls = controls.to_vec();
        if !controls.is_empty() {
            let numbers: Vec<String> = controls.iter().map(|control| control.number().to_string()).collect();
            self.inventory
                .notes
                .push(format!("only what the checks of control {} read was asked", numbers.join(", ")));
        }
        self
    }

    /// The questions that are asked.
    fn asks(&self) -> impl Iterator<Item = &'static Ask> + use<> {
        let controls = self.controls.clone();
        services::all().filter(move |ask| {
            controls.is_empty() || controls.iter().any(|control| reads(*control, &ask.call()))
        })
    }

    /// The calls that wait for nothing: ask by ask, so that the accounts and Regions take turns.
    pub(super) fn begin(&mut self) -> Vec<Call> {
        let now = self.now();
        let mut calls = Vec::new();
        let mut known = Vec::new();
        for ask in self.asks() {
            let resource = match ask.about {
                About::Place => "",
                About::Named(name) => name,
                _ => continue,
            };
            for account in self.inventory.accounts.values().filter(|account| account.failed.is_none()) {
                let standing = self.standings.get(&account.id).unwrap_or(&Standing::MayManage);
                let regions: Vec<&str> = match ask.at {
                    At::Global => vec![GLOBAL],
                    At::Regions => account.regions.iter().map(String::as_str).collect(),
                };
                for region in regions {
                    let call = new_call(
                        ask,
                        (&account.id, now),
                        region,
                        region,
                        &[resource.to_owned()],
                        &Value::Null,
                    );
                    match standing {
                        Standing::Other(code) if ask.of == Of::Management => {
                            known.push((call, Answer::Absent((*code).to_owned())));
                        }
                        // Some are asked already when the account is entered.
                        _ if answered(&self.inventory, &call) => {}
                        _ => calls.push(call),
                    }
                }
            }
        }
        for (call, answer) in known {
            self.keep(&call, answer);
        }
        calls
    }

    /// Keeps an answer; the calls that waited for it.
    pub(super) fn answered(&mut self, call: &Call, answer: Answer) -> Vec<Call> {
        let mut calls = Vec::new();
        if let Answer::Output(output) = &answer {
            let name = call.ask.call();
            for ask in self.asks().filter(|ask| ask.at == call.ask.at) {
                match ask.about {
                    About::Each(each) if each.call == name => {
                        calls.extend(self.each(ask, &each, call, output));
                    }
                    About::Together(each, size) if each.call == name => {
                        calls.extend(together(ask, &each, (call, output, self.now()), size));
                    }
                    _ => {}
                }
            }
        }
        self.keep(call, answer);
        calls
    }

    fn each(&mut self, ask: &'static Ask, each: &Each, call: &Call, output: &Value) -> Vec<Call> {
        use crate::value::Json;

        let (now, items) = (self.now(), each.items(output, &call.kept));
        let found = items.len();
        let mut calls = Vec::new();
        for (index, (resource, item)) in items.into_iter().enumerate() {
            let asked = each.region.and_then(|member| item.text(member)).unwrap_or(&call.kept);
            let next = new_call(ask, (&call.account, now), &call.kept, asked, &[resource], &item);
            if index < ask.limit {
                calls.push(next);
            } else {
                self.leave(&next, found);
            }
        }
        calls
    }

    /// The calls about what the answers so far point at and nobody has asked about yet.
    pub(super) fn referenced(&mut self) -> Vec<Call> {
        let now = self.now();
        let mut calls = Vec::new();
        for ask in self.asks() {
            let About::Referenced(find) = ask.about else { continue };
            let mut by_place: BTreeMap<(String, String), usize> = BTreeMap::new();
            for reference in find(&self.inventory) {
                let (account, region) = (&reference.account, &reference.region);
                let entered =
                    self.inventory.place(account, region).is_some_and(|p| p.account.failed.is_none());
                let id = (ask.call(), account.clone(), region.clone(), reference.resource.clone());
                if !entered || region == GLOBAL || !self.referenced.insert(id) {
                    continue;
                }
                let next = new_call(
                    ask,
                    (account, now),
                    region,
                    region,
                    std::slice::from_ref(&reference.resource),
                    &Value::Null,
                );
                let count = by_place.entry((account.clone(), region.clone())).or_default();
                *count += 1;
                if *count <= ask.limit {
                    calls.push(next);
                } else {
                    self.leave(&next, *count);
                }
            }
        }
        calls
    }

    /// What questions about the last hours count from.
    fn now(&self) -> DateTime<Utc> {
        self.inventory.collected_at
    }

    /// A resource beyond the limit is known to be there and not known otherwise.
    fn leave(&mut self, call: &Call, found: usize) {
        let limit = call.ask.limit;
        let message = format!("there are more than {limit} of them here, and no more are asked about");
        let failure = Failure { code: NOT_ASKED.to_owned(), message, missing_action: None };
        self.keep(call, Answer::Failed(failure));
        let place = (call.account.to_string(), call.kept.to_string(), call.ask.call());
        self.cut.insert(place, (limit, found));
    }

    fn keep(&mut self, call: &Call, answer: Answer) {
        let name = call.ask.call();
        if matches!(call.ask.about, About::Together(..)) {
            let before = self.inventory.accounts.get_mut(&*call.account).and_then(|account| {
                account.answers.get_mut(&*call.kept)?.get_mut(&name)?.get_mut(&call.resource)
            });
            if let Some(before) = before {
                join(before, answer);
                return;
            }
        }
        self.inventory.record(&call.account, &call.kept, &name, &call.resource, answer);
    }

    /// The inventory, with a note for each place where there was too much.
    pub(super) fn finish(mut self) -> Inventory {
        for ((account, region, call), (limit, found)) in self.cut {
            self.inventory.notes.push(format!(
                "{call} in {region} of {account}: only the first {limit} of {found} resources were asked about"
            ));
        }
        for account in self.inventory.accounts.values_mut().filter(|account| account.name.is_none()) {
            account.name = alias(account);
        }
        self.inventory
    }
}

fn alias(account: &crate::inventory::Account) -> Option<String> {
    use crate::value::Json;

    match account.answers.get(GLOBAL)?.get("iam:ListAccountAliases")?.get("")? {
        Answer::Output(output) => Some((*output.texts("AccountAliases").first()?).to_owned()),
        _ => None,
    }
}

fn answered(inventory: &Inventory, call: &Call) -> bool {
    let account = inventory.accounts.get(&*call.account);
    let calls = account.and_then(|account| account.answers.get(&*call.kept)?.get(&call.ask.call()));
    calls.is_some_and(|resources| resources.contains_key(&call.resource))
}

fn together(
    ask: &'static Ask,
    each: &Each,
    (call, output, now): (&Call, &Value, DateTime<Utc>),
    size: usize,
) -> Vec<Call> {
    let items = each.items(output, &call.kept);
    let names: Vec<String> = items.into_iter().map(|(name, _)| name).collect();
    let mut calls: Vec<Call> = names
        .chunks(size)
        .map(|names| new_call(ask, (&call.account, now), &call.kept, &call.asked, names, &Value::Null))
        .collect();
    calls.iter_mut().for_each(|call| call.resource.clear());
    calls
}

fn new_call(
    ask: &'static Ask,
    (account, now): (&str, DateTime<Utc>),
    kept: &str,
    asked: &str,
    resources: &[String],
    item: &Value,
) -> Call {
    Call {
        ask,
        account: account.into(),
        kept: kept.into(),
        asked: asked.into(),
        resource: resources.first().cloned().unwrap_or_default(),
        input: ask.input_for((account, now), resources, item),
    }
}

/// Puts the lists of a later output behind those of an earlier one. What failed makes the whole
/// failed: half a list is no list.
fn join(before: &mut Answer, later: Answer) {
    match (before, later) {
        (Answer::Output(Value::Object(before)), Answer::Output(Value::Object(later))) => {
            for (member, value) in later {
                match (before.get_mut(&member), value) {
                    (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
                    (_, value) => {
                        before.insert(member, value);
                    }
                }
            }
        }
        (Answer::Failed(_), _) => {}
        (before, later) => *before = later,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::inventory::Account;

    const OWN: &str = "111122223333";

    fn plan(regions: &[&str], standing: Standing) -> Plan {
        let mut inventory = Inventory::new(DateTime::UNIX_EPOCH);
        let regions = regions.iter().map(|&region| region.to_owned()).collect();
        let account = Account { id: OWN.to_owned(), regions, ..Account::default() };
        inventory.accounts.insert(OWN.to_owned(), account);
        Plan::new(inventory, HashMap::from([(OWN.to_owned(), standing)]))
    }

    fn find<'a>(calls: &'a [Call], name: &str, kept: &str) -> &'a Call {
        calls.iter().find(|call| call.ask.call() == name && &*call.kept == kept).expect(name)
    }

    fn shape(calls: &[Call]) -> Vec<String> {
        calls
            .iter()
            .map(|c| format!("{} {}/{} {} {}", c.ask.call(), c.kept, c.asked, c.resource, c.input))
            .collect()
    }

    #[test]
    fn trails_are_asked_about_at_home_only() {
        let mut plan = plan(&["eu-west-1", "us-east-1"], Standing::MayManage);
        let calls = plan.begin();
        let trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
        let output = json!({"trailList": [{"TrailARN": trail, "HomeRegion": "eu-west-1"}]});
        let there = plan
            .answered(find(&calls, "cloudtrail:DescribeTrails", "us-east-1"), Answer::Output(output.clone()));
        assert!(there.is_empty(), "{:?}", shape(&there));
        let home =
            plan.answered(find(&calls, "cloudtrail:DescribeTrails", "eu-west-1"), Answer::Output(output));
        assert_eq!(
            shape(&home),
            [
                format!("cloudtrail:GetTrailStatus eu-west-1/eu-west-1 {trail} {{\"Name\":\"{trail}\"}}"),
                format!(
                    "cloudtrail:GetEventSelectors eu-west-1/eu-west-1 {trail} {{\"TrailName\":\"{trail}\"}}"
                ),
                format!(
                    "cloudtrail:GetInsightSelectors eu-west-1/eu-west-1 {trail} {{\"TrailName\":\"{trail}\"}}"
                ),
            ]
        );
    }

    #[test]
    fn buckets_are_asked_about_where_they_are_and_kept_as_global() {
        let mut plan = plan(&["eu-west-1"], Standing::MayManage);
        let calls = plan.begin();
        let output = json!({"Buckets": [{"Name": "logs", "BucketRegion": "ap-south-1"}, {"Name": "old"}]});
        let next = plan.answered(find(&calls, "s3:ListBuckets", GLOBAL), Answer::Output(output));
        let policies: Vec<_> =
            next.iter().filter(|c| c.ask.call() == "s3:GetBucketPolicy").cloned().collect();
        assert_eq!(
            shape(&policies),
            [
                "s3:GetBucketPolicy global/ap-south-1 logs {\"Bucket\":\"logs\"}",
                "s3:GetBucketPolicy global/global old {\"Bucket\":\"old\"}",
            ]
        );
    }

    #[test]
    fn too_many_resources_are_told_and_stay_unknown() {
        let mut plan = plan(&["eu-west-1"], Standing::MayManage);
        let calls = plan.begin();
        let topics: Vec<Value> = (0..1_003).map(|n| json!({"TopicArn": format!("topic-{n:04}")})).collect();
        let next = plan
            .answered(find(&calls, "sns:ListTopics", "eu-west-1"), Answer::Output(json!({"Topics": topics})));
        assert_eq!(next.len(), 2 * 1_000);
        let inventory = plan.finish();
        let place = inventory.place(OWN, "eu-west-1").unwrap();
        let unknown = place.get_for("sns:GetTopicAttributes", "topic-1002").unwrap_err();
        assert!(unknown.reason.contains("more than 1000"), "{}", unknown.reason);
        assert_eq!(inventory.notes.len(), 2);
        assert!(inventory.notes[0].contains("first 1000 of 1003"), "{}", inventory.notes[0]);
    }

    #[test]
    fn clusters_are_described_a_hundred_at_a_time_into_one_answer() {
        let mut plan = plan(&["eu-west-1"], Standing::MayManage);
        let calls = plan.begin();
        let arns: Vec<String> = (0..150).map(|n| format!("cluster/{n}")).collect();
        let listed = Answer::Output(json!({"clusterArns": arns}));
        let next = plan.answered(find(&calls, "ecs:ListClusters", "eu-west-1"), listed);
        let sizes: Vec<usize> = next.iter().map(|c| c.input["clusters"].as_array().unwrap().len()).collect();
        assert_eq!(sizes, [100, 50]);
        for call in &next {
            plan.answered(call, Answer::Output(json!({"clusters": call.input["clusters"], "failures": []})));
        }
        let inventory = plan.finish();
        let place = inventory.place(OWN, "eu-west-1").unwrap();
        assert_eq!(place.list("ecs:DescribeClusters", "clusters").unwrap().len(), 150);
    }

    #[test]
    fn one_failed_part_fails_the_whole() {
        let failed = |code: &str| {
            Answer::Failed(Failure { code: code.to_owned(), message: String::new(), missing_action: None })
        };
        let output = || Answer::Output(json!({"clusters": [1]}));
        for (mut before, later) in [(output(), failed("x")), (failed("x"), output())] {
            join(&mut before, later);
            assert_eq!(before, failed("x"));
        }
    }

    #[test]
    fn what_is_pointed_at_is_asked_about_once() {
        let mut plan = plan(&["eu-west-1"], Standing::MayManage);
        let calls = plan.begin();
        assert!(plan.referenced().is_empty(), "nothing is known yet");
        let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
        let trails = json!({"trailList": [
            {"KmsKeyId": key, "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111122223333:log-group:g:*"},
            {"KmsKeyId": "arn:aws:kms:eu-west-1:444455556666:key/theirs"},
            {"KmsKeyId": "arn:aws:kms:sa-east-1:111122223333:key/not-looked-at"},
        ]});
        plan.answered(find(&calls, "cloudtrail:DescribeTrails", "eu-west-1"), Answer::Output(trails));
        let mut names: Vec<String> =
            plan.referenced().iter().map(|c| format!("{} {}", c.ask.call(), c.resource)).collect();
        names.sort();
        assert_eq!(
            names,
            [
                format!("kms:DescribeKey {key}"),
                format!("kms:GetKeyPolicy {key}"),
                format!("kms:GetKeyRotationStatus {key}"),
                "logs:DescribeSubscriptionFilters g".to_owned(),
            ]
        );
        assert!(plan.referenced().is_empty(), "they are asked about once");
    }

    /// A filter is known only after its log group is, which is known after the trail is.
    #[test]
    fn the_function_of_a_subscription_filter_is_asked_for_its_policy() {
        let mut plan = plan(&["eu-west-1"], Standing::MayManage);
        let calls = plan.begin();
        let group = "arn:aws:logs:eu-west-1:111122223333:log-group:g:*";
        let trails = json!({"trailList": [{"CloudWatchLogsLogGroupArn": group}]});
        plan.answered(find(&calls, "cloudtrail:DescribeTrails", "eu-west-1"), Answer::Output(trails));
        let next = plan.referenced();
        let filters = json!({"subscriptionFilters": [
            {"destinationArn": "arn:aws:lambda:eu-west-1:111122223333:function:ship"},
        ]});
        plan.answered(find(&next, "logs:DescribeSubscriptionFilters", "eu-west-1"), Answer::Output(filters));
        assert_eq!(
            shape(&plan.referenced()),
            ["lambda:GetPolicy eu-west-1/eu-west-1 ship {\"FunctionName\":\"ship\"}"]
        );
    }

    #[test]
    fn only_a_management_account_is_asked_who_administers() {
        let delegated = "guardduty:ListOrganizationAdminAccounts";
        let mut manager = plan(&["eu-west-1"], Standing::MayManage);
        find(&manager.begin(), delegated, "eu-west-1");
        let mut member = plan(&["eu-west-1"], Standing::Other("NotManagementAccount"));
        assert!(member.begin().iter().all(|call| call.ask.call() != delegated));
        let inventory = member.finish();
        let place = inventory.place(OWN, "eu-west-1").unwrap();
        assert_eq!(place.get(delegated), Ok(None));
    }

    #[test]
    fn an_alias_names_the_account() {
        let mut plan = plan(&[], Standing::MayManage);
        let calls = plan.begin();
        let aliases = Answer::Output(json!({"AccountAliases": ["prod"]}));
        plan.answered(find(&calls, "iam:ListAccountAliases", GLOBAL), aliases);
        assert_eq!(plan.finish().accounts[OWN].name.as_deref(), Some("prod"));
    }
}
