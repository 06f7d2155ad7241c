//! Applying to moto, and taking it back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use chrono::Utc;
use serde_json::{Value, json};
use trailkeep_aws::Aws;
use trailkeep_aws::api::services::{cloudtrail, s3};
use trailkeep_baseline::apply::{
    self, Clients, Fate, Journal, Outcome, Patience, StepResult, Undone, Watcher,
};
use trailkeep_baseline::collect::{self, Accounts, RoleArn, Scope};
use trailkeep_baseline::plan::{ApplySettings, Plan, plan};
use trailkeep_baseline::{Answer, Assessment, Inventory, Json, Settings, Status, assess};
use trailkeep_testkit::moto;

use crate::collect::aws;
use crate::estate::Builder;

pub(crate) const HOME: &str = "eu-west-1";
pub(crate) const PATIENCE: Patience =
    Patience { wait: Duration::from_millis(20), limit: Duration::from_millis(400) };

/// One account of moto, which nobody else uses.
pub(crate) struct Estate {
    aws: Aws,
    pub(crate) account: String,
    settings: ApplySettings,
    /// Resolver query logs are planned too. moto can put a VPC into a query logging configuration and
    /// not take it out again, so that nothing would be undone.
    pub(crate) resolver: bool,
}

impl Estate {
    pub(crate) async fn new(endpoint: &str, account: &str) -> Self {
        let settings = ApplySettings {
            home_region: HOME.to_owned(),
            notify: vec![format!("sqs:arn:aws:sqs:{HOME}:{account}:alerts").parse().unwrap()],
            live_events: true,
            ..ApplySettings::default()
        };
        Self { aws: aws(endpoint).await, account: account.to_owned(), settings, resolver: false }
    }

    fn access_bucket(&self) -> String {
        format!("trailkeep-access-{}-{HOME}", self.account)
    }

    pub(crate) async fn look(&self) -> (Inventory, Clients) {
        let role = RoleArn::of("aws", &self.account, "TrailkeepApply").unwrap();
        let regions = vec![HOME.to_owned(), "us-east-1".to_owned()];
        let scope = Scope { accounts: Accounts::Roles(vec![role]), regions, ..Scope::default() };
        let (mut inventory, clients) =
            Box::pin(collect::survey(&self.aws, &scope, Utc::now(), &())).await.unwrap();
        // moto does not know event data stores. An account without any says so, and without an answer
        // it is not known of any bucket that nothing records it.
        for region in [HOME, "us-east-1"] {
            let none = Answer::Output(json!({"EventDataStores": []}));
            inventory.record(&self.account, region, "cloudtrail:ListEventDataStores", "", none);
        }
        (inventory, clients)
    }

    pub(crate) async fn plan(&self) -> (Plan, Clients, Inventory) {
        let (inventory, clients) = self.look().await;
        let mut plan = plan(&inventory, &assessment(&inventory), &self.settings);
        plan.steps.retain(|step| self.resolver || !step.id.ends_with("/resolver-query-logs"));
        (plan, clients, inventory)
    }

    pub(crate) async fn apply(&self, folder: &Path, watcher: &dyn Watcher) -> (String, Vec<StepResult>) {
        let (plan, clients, _) = self.plan().await;
        let mut journal = Journal::begin(folder, &plan, Utc::now()).unwrap();
        let results = Box::pin(apply::apply(&plan, &clients, &mut journal, PATIENCE, watcher)).await.unwrap();
        (journal.id().to_string(), results)
    }

    pub(crate) fn builder(&self, clients: &Clients) -> Builder {
        Builder { client: clients[&self.account].clone(), region: HOME }
    }
}

pub(crate) fn assessment(inventory: &Inventory) -> Assessment {
    assess(inventory, &Settings::default(), &[])
}

pub(crate) fn failing(inventory: &Inventory) -> BTreeSet<String> {
    let all = assessment(inventory).results;
    all.into_iter().filter(|result| result.status == Status::Fail).map(|result| result.check_id).collect()
}

/// Answers that are never the same twice.
const MOVING: [&str; 2] = ["cloudwatch:GetMetricStatistics", "sts:GetCallerIdentity"];

/// Answers that differ between two inventories, but for metrics, which move by themselves: undo has to
/// leave none.
pub(crate) fn differences(one: &Inventory, other: &Inventory) -> BTreeSet<String> {
    let answers = |inventory: &Inventory| {
        let mut all = BTreeMap::new();
        for (region, calls) in inventory.accounts.values().flat_map(|account| &account.answers) {
            for (call, resources) in calls.iter().filter(|(call, _)| !MOVING.contains(&call.as_str())) {
                for (resource, answer) in resources {
                    all.insert(format!("{region} {call} {resource}"), answer.clone());
                }
            }
        }
        all
    };
    let (one, other) = (answers(one), answers(other));
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    keys.into_iter().filter(|key| one.get(*key) != other.get(*key)).cloned().collect()
}

pub(crate) fn all_done(results: &[StepResult]) {
    for result in results {
        assert_eq!(result.outcome, Outcome::Done, "{}", result.step);
    }
}

/// Everything is taken back, but that moto logs the requests which undo itself makes to the log bucket: a
/// bucket with logs in it is kept.
fn all_undone(estate: &Estate, undone: &[Undone]) {
    for thing in undone.iter().filter(|thing| !thing.subject.ends_with(&estate.access_bucket())) {
        assert!(!matches!(thing.fate, Fate::Kept { .. } | Fate::Failed { .. }), "{thing:?}");
    }
}

/// Answers that differ, but for those about the bucket that is kept.
fn changed(estate: &Estate, one: &Inventory, other: &Inventory) -> BTreeSet<String> {
    let mut changed = differences(one, other);
    changed.retain(|answer| !answer.ends_with(&estate.access_bucket()) && answer != "global s3:ListBuckets ");
    let buckets = |inventory: &Inventory| {
        let place = inventory.place(&estate.account, "global").unwrap();
        let listed = place.list("s3:ListBuckets", "Buckets").unwrap().iter();
        let names = listed.filter_map(|bucket| bucket.text("Name").map(str::to_owned));
        names.filter(|name| *name != estate.access_bucket()).collect::<BTreeSet<_>>()
    };
    assert_eq!(buckets(one), buckets(other));
    changed
}

/// The policy of the role allows each call of the journal.
pub(crate) fn may_call(folder: &Path, run: &str) {
    let policy = apply::iam_policy();
    let actions: BTreeSet<&str> =
        policy.items("Statement").iter().flat_map(|item| item.texts("Action")).collect();
    let text = std::fs::read_to_string(folder.join(format!("{run}.json"))).unwrap();
    let entries = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let called: BTreeSet<String> =
        entries.filter_map(|entry| entry.text("operation").map(str::to_owned)).collect();
    assert!(called.len() >= 25, "{called:?}");
    for operation in &called {
        let action = trailkeep_aws::api::find(operation).unwrap().action;
        assert!(actions.contains(action), "{action}");
    }
}

/// What fails still after apply on moto, each with its reason.
const LEFT_ON_MOTO: [(&str, &str); 9] = [
    ("resolver-query-logging", "is left out here"),
    ("bedrock-invocation-logging", "what is asked of models may be nobody's business"),
    ("log-bucket-mfa-delete", "needs the root user"),
    ("log-bucket-object-lock", "was not asked for"),
    ("log-bucket-replication", "whose the second copy is, is its owner's to say"),
    ("trail-s3-data-events-read", "costs by object"),
    ("trail-s3-data-events-write", "costs by object"),
    ("s3-access-logging", "the queue's account has no more buckets"),
    ("config-aggregated", "where the histories meet is its owner's to say"),
];

#[tokio::test]
async fn an_empty_account_gets_the_baseline_once_and_loses_it_again() {
    let Some(server) = moto() else { return };
    let estate = Estate::new(&server.endpoint, "200000000001").await;
    let folder = tempfile::tempdir().unwrap();
    let (before, clients) = estate.look().await;
    estate.builder(&clients).queue("alerts").await;
    let (run, results) = estate.apply(folder.path(), &()).await;
    all_done(&results);
    assert!(results.len() >= 20, "{results:?}");

    may_call(folder.path(), &run);

    let (again, clients, after) = estate.plan().await;
    assert_eq!(again.steps, [], "a second plan is empty");
    let known: BTreeSet<String> = LEFT_ON_MOTO.iter().map(|(id, _)| (*id).to_owned()).collect();
    let unexpected: Vec<String> = failing(&after).difference(&known).cloned().collect();
    assert_eq!(unexpected, [""; 0], "checks that should pass now");
    let mut left: BTreeSet<String> = again.left.iter().map(|left| left.check_id.clone()).collect();
    left.insert("resolver-query-logging".to_owned());
    assert_eq!(left, failing(&after), "the plan names what it leaves");

    let undone = Box::pin(apply::undo(folder.path(), &run, &clients, PATIENCE, &())).await.unwrap();
    all_undone(&estate, &undone);
    let (restored, _) = estate.look().await;
    assert_eq!(changed(&estate, &restored, &before), BTreeSet::new());
    // A second undo finds nothing more to do.
    let undone = Box::pin(apply::undo(folder.path(), &run, &clients, PATIENCE, &())).await.unwrap();
    let more = undone.iter().filter(|thing| thing.fate != Fate::NothingToDo);
    assert_eq!(
        more.map(|thing| thing.subject.as_str()).collect::<Vec<_>>(),
        [format!("bucket {}", estate.access_bucket())]
    );
}

/// As a delivery does. moto takes files from all who may write, without TLS or not at all: the policy
/// stands aside while it does.
async fn deliver(builder: &Builder, bucket: &str) {
    let policy = builder.make(&s3::GET_BUCKET_POLICY, json!({"Bucket": bucket})).await;
    builder.make(&s3::DELETE_BUCKET_POLICY, json!({"Bucket": bucket})).await;
    builder.object(bucket, "AWSLogs/log.json.gz").await;
    builder.make(&s3::PUT_BUCKET_POLICY, json!({"Bucket": bucket, "Policy": policy["Policy"]})).await;
}

#[tokio::test]
async fn logs_keep_their_bucket_and_the_bucket_its_key() {
    let Some(server) = moto() else { return };
    let estate = Estate::new(&server.endpoint, "200000000002").await;
    let folder = tempfile::tempdir().unwrap();
    let (run, results) = estate.apply(folder.path(), &()).await;
    all_done(&results);
    let (_, clients) = estate.look().await;
    let bucket = format!("trailkeep-logs-{}-{HOME}", estate.account);
    deliver(&estate.builder(&clients), &bucket).await;
    let undone = Box::pin(apply::undo(folder.path(), &run, &clients, PATIENCE, &())).await.unwrap();
    let kept = undone.iter().filter(|thing| matches!(thing.fate, Fate::Kept { .. }));
    let kept: Vec<&str> = kept.map(|thing| thing.subject.split(" arn:").next().unwrap()).collect();
    let access = format!("bucket {}", estate.access_bucket());
    assert_eq!(kept, [&format!("bucket {bucket}"), &access, "alias alias/trailkeep-logs", "key"]);
    let (after, _) = estate.look().await;
    let global = after.place(&estate.account, "global").unwrap();
    let policy = global.get_for("s3:GetBucketPolicy", &bucket).unwrap().unwrap();
    assert!(policy.text("Policy").unwrap().contains("TrailkeepTlsOnly"), "it stays as closed as it was");
    assert!(global.get_for("s3:GetBucketEncryption", &bucket).unwrap().is_some());
}

/// Stops after so many steps, as one who presses Ctrl-C does.
struct StopAfter(std::sync::atomic::AtomicUsize);

impl Watcher for StopAfter {
    fn should_stop(&self) -> bool {
        let left = &self.0;
        left.fetch_update(std::sync::atomic::Ordering::SeqCst, std::sync::atomic::Ordering::SeqCst, |left| {
            left.checked_sub(1)
        })
        .is_err()
    }
}

#[tokio::test]
async fn a_run_that_ends_early_is_taken_back_or_gone_on_with() {
    let Some(server) = moto() else { return };
    let folder = tempfile::tempdir().unwrap();
    // An account each: moto remembers the tags of buckets that were deleted.
    for (account, steps) in [("200000000011", 1), ("200000000012", 4), ("200000000013", 7)] {
        let estate = Estate::new(&server.endpoint, account).await;
        let (before, _) = estate.look().await;
        let (run, results) = estate.apply(folder.path(), &StopAfter(steps.into())).await;
        let done = results.iter().filter(|result| result.outcome == Outcome::Done).count();
        assert_eq!(done, steps, "{results:?}");
        cut_short(folder.path(), &run);
        let (_, clients) = estate.look().await;
        let undone = Box::pin(apply::undo(folder.path(), &run, &clients, PATIENCE, &())).await.unwrap();
        all_undone(&estate, &undone);
        let (after, _) = estate.look().await;
        assert_eq!(changed(&estate, &after, &before), BTreeSet::new(), "after {steps} steps");
    }
    // Instead of being taken back it can be gone on with.
    let estate = Estate::new(&server.endpoint, "200000000014").await;
    estate.apply(folder.path(), &StopAfter(6.into())).await;
    let (_, results) = estate.apply(folder.path(), &()).await;
    assert!(
        results.iter().all(|result| matches!(result.outcome, Outcome::Done | Outcome::AlreadyThere)),
        "{results:?}"
    );
    assert_eq!(estate.plan().await.0.steps, []);
}

/// As a kill leaves the journal: the last answer and what came after it were never written.
fn cut_short(folder: &Path, run: &str) {
    let path = folder.join(format!("{run}.json"));
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|line| line.contains("\"entry\":\"after\"")).unwrap();
    let half = &lines[last][..lines[last].len() / 2];
    std::fs::write(&path, format!("{}\n{half}", lines[..last].join("\n"))).unwrap();
}

#[tokio::test]
async fn what_is_there_is_added_to_and_put_back() {
    let Some(server) = moto() else { return };
    let estate = Estate::new(&server.endpoint, "200000000004").await;
    let folder = tempfile::tempdir().unwrap();
    let (_, clients) = estate.look().await;
    let builder = estate.builder(&clients);
    let client = &clients[&estate.account];
    let constraint = json!({"LocationConstraint": HOME});
    let bucket = format!("own-{}", estate.account);
    let input = json!({"Bucket": bucket, "CreateBucketConfiguration": constraint});
    client.call(&s3::CREATE_BUCKET, HOME, &input).await.unwrap();
    let own = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Readers", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:root", estate.account)},
        "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/*"),
    }]});
    let input = json!({"Bucket": bucket, "Policy": own.to_string()});
    client.call(&s3::PUT_BUCKET_POLICY, HOME, &input).await.unwrap();
    let trail = json!({"Name": "own", "S3BucketName": bucket, "IncludeGlobalServiceEvents": false});
    builder.make(&cloudtrail::CREATE_TRAIL, trail).await;
    let (before, _) = estate.look().await;

    let (run, results) = estate.apply(folder.path(), &()).await;
    all_done(&results);
    let (again, clients, after) = estate.plan().await;
    assert_eq!(again.steps, []);
    let global = after.place(&estate.account, "global").unwrap();
    let policy = global.get_for("s3:GetBucketPolicy", &bucket).unwrap().unwrap();
    let policy: Value = serde_json::from_str(policy.text("Policy").unwrap()).unwrap();
    assert_eq!(policy["Statement"][0], own["Statement"][0], "what was there stays first and whole");
    assert!(policy["Statement"].as_array().unwrap().len() >= 4, "{policy}");
    let home = after.place(&estate.account, HOME).unwrap();
    let trails = home.list("cloudtrail:DescribeTrails", "trailList").unwrap();
    assert_eq!(trails.len(), 1, "no second trail is made");
    assert!(trails[0].flag("IsMultiRegionTrail") && trails[0].flag("LogFileValidationEnabled"));

    let undone = Box::pin(apply::undo(folder.path(), &run, &clients, PATIENCE, &())).await.unwrap();
    all_undone(&estate, &undone);
    let (restored, _) = estate.look().await;
    let trail_of = |inventory: &Inventory| {
        let home = inventory.place(&estate.account, HOME).unwrap();
        let trail = home.list("cloudtrail:DescribeTrails", "trailList").unwrap()[0].clone();
        ["IsMultiRegionTrail", "IncludeGlobalServiceEvents", "LogFileValidationEnabled"]
            .map(|name| trail.flag(name))
    };
    assert_eq!(trail_of(&restored), trail_of(&before));
    let policy_of = |inventory: &Inventory| {
        inventory.accounts[&estate.account].answers["global"]["s3:GetBucketPolicy"][&bucket].clone()
    };
    let document = |answer: Answer| match answer {
        Answer::Output(output) => serde_json::from_str::<Value>(output.text("Policy").unwrap()).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(document(policy_of(&restored)), document(policy_of(&before)));
}
