//! A small estate for the tests of this folder: one account, one Region, and a live destination of
//! every kind: bucket `logs`, log group `app`, delivery stream `flow`, data stream `stream`.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::check::{Check, Context, Settings, Status, Verdict};
use crate::inventory::{Account, Answer, Failure, GLOBAL, Inventory, Place};

pub(super) const ACCOUNT: &str = "111111111111";
pub(super) const REGION: &str = "eu-west-1";

#[derive(Clone, Debug)]
pub(super) struct Estate(Inventory);

impl Estate {
    pub(super) fn new() -> Self {
        let mut inventory = Inventory::new(DateTime::from_timestamp(1_780_000_000, 0).unwrap());
        let account = Account { id: ACCOUNT.into(), regions: vec![REGION.into()], ..Account::default() };
        inventory.accounts.insert(ACCOUNT.into(), account);
        Self(inventory)
            .put(
                GLOBAL,
                "organizations:DescribeOrganization",
                "",
                absent("AWSOrganizationsNotInUseException"),
            )
            .global("s3:ListBuckets", "", json!({"Buckets": [{"Name": "logs"}]}))
            .closed_bucket("logs")
            .put(GLOBAL, "s3control:GetPublicAccessBlock", "", absent("NoSuchPublicAccessBlockConfiguration"))
            .with("logs:DescribeLogGroups", "", json!({"logGroups": [{"logGroupName": "app"}]}))
            .with("firehose:ListDeliveryStreams", "", json!({"DeliveryStreamNames": ["flow"]}))
            .with("kinesis:ListStreams", "", json!({"StreamNames": ["stream"]}))
    }

    fn put(mut self, region: &str, call: &str, resource: &str, answer: Answer) -> Self {
        self.0.record(ACCOUNT, region, call, resource, answer);
        self
    }

    fn closed_bucket(self, name: &str) -> Self {
        self.put(GLOBAL, "s3:GetBucketPolicy", name, absent("NoSuchBucketPolicy"))
            .put(GLOBAL, "s3:GetPublicAccessBlock", name, absent("NoSuchPublicAccessBlockConfiguration"))
            .global("s3:GetBucketAcl", name, json!({"Grants": []}))
    }

    /// An answer in the Region; `resource` is empty for calls about the whole Region.
    pub(super) fn with(self, call: &str, resource: &str, output: Value) -> Self {
        self.put(REGION, call, resource, Answer::Output(output))
    }

    /// An answer in a Region that the account has as well.
    pub(super) fn within(mut self, region: &str, call: &str, resource: &str, output: Value) -> Self {
        let regions = &mut self.0.accounts.get_mut(ACCOUNT).unwrap().regions;
        if !regions.iter().any(|name| name == region) {
            regions.push(region.into());
        }
        self.put(region, call, resource, Answer::Output(output))
    }

    /// An answer of a global service.
    pub(super) fn global(self, call: &str, resource: &str, output: Value) -> Self {
        self.put(GLOBAL, call, resource, Answer::Output(output))
    }

    /// The service says that there is none.
    pub(super) fn without(self, call: &str, resource: &str, code: &str) -> Self {
        self.put(REGION, call, resource, absent(code))
    }

    pub(super) fn without_globally(self, call: &str, resource: &str, code: &str) -> Self {
        self.put(GLOBAL, call, resource, absent(code))
    }

    /// The call was refused.
    pub(super) fn denied(self, call: &str, resource: &str, action: &str) -> Self {
        self.put(REGION, call, resource, refused(action))
    }

    pub(super) fn denied_globally(self, call: &str, resource: &str, action: &str) -> Self {
        self.put(GLOBAL, call, resource, refused(action))
    }

    /// More log groups beside `app`.
    pub(super) fn log_groups(self, names: &[&str]) -> Self {
        let groups: Vec<Value> =
            names.iter().chain(&["app"]).map(|name| json!({"logGroupName": name})).collect();
        self.with("logs:DescribeLogGroups", "", json!({"logGroups": groups}))
    }

    pub(super) fn inventory(&self) -> &Inventory {
        &self.0
    }

    pub(super) fn place(&self) -> Place<'_> {
        self.0.place(ACCOUNT, REGION).unwrap()
    }

    pub(super) fn run(&self, check: &Check) -> Vec<Verdict> {
        let settings = Settings::default();
        (check.run)(&Context { inventory: &self.0, settings: &settings })
    }
}

fn absent(code: &str) -> Answer {
    Answer::Absent(code.to_owned())
}

fn refused(action: &str) -> Answer {
    Answer::Failed(Failure {
        code: "AccessDenied".into(),
        message: format!("not authorized to perform {action}"),
        missing_action: Some(action.to_owned()),
    })
}

/// The ARN of the live log group.
pub(super) fn group_arn() -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:app")
}

/// The ARN of a log group that does not exist.
pub(super) fn dead_group_arn() -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:gone")
}

/// Exactly one verdict, of this status, saying this.
#[track_caller]
pub(super) fn expect(estate: &Estate, check: &Check, status: Status, saying: &str) -> Verdict {
    let verdicts = estate.run(check);
    let [verdict] = &verdicts[..] else { panic!("{} verdicts: {verdicts:#?}", verdicts.len()) };
    assert_eq!(verdict.status, status, "{}", verdict.observed);
    assert!(verdict.observed.contains(saying), "{:?} is not in {:?}", saying, verdict.observed);
    verdict.clone()
}

/// As [`expect`], where the verdict is also to name a missing action.
#[track_caller]
pub(super) fn expect_denied(estate: &Estate, check: &Check, action: &str) {
    let verdict = expect(estate, check, Status::Unknown, "not authorized");
    assert_eq!(verdict.missing_actions, [action]);
}

/// No verdict at all: there is nothing to judge.
#[track_caller]
pub(super) fn expect_nothing(estate: &Estate, check: &Check) {
    assert_eq!(estate.run(check), []);
}

/// The answer of `GetBucketPolicy` for a bucket that anyone may read.
pub(super) fn public_policy() -> Value {
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::logs/*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    json!({"Policy": policy.to_string()})
}
