//! Collecting an inventory.

mod faults;
mod on_moto;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use chrono::Utc;
use trailkeep_aws::{Aws, AwsOptions, Credentials, RetryPolicy};
use trailkeep_baseline::collect::{self, Accounts, CollectError, Progress, RoleArn, Scope, Step};
use trailkeep_baseline::{Inventory, Place};

/// Settings for a server on this machine, with short waits.
pub(crate) async fn aws(endpoint: &str) -> Aws {
    let options = AwsOptions {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        credentials: Some(Credentials::new("testkit", "testkit-secret", None, None, "test")),
        retry: RetryPolicy {
            max_attempts: 5,
            base: Duration::from_millis(1),
            max_wait: Duration::from_millis(20),
            deadline: Duration::from_secs(60),
        },
        ..AwsOptions::default()
    };
    Aws::load(options).await.unwrap()
}

/// The role of a test's own account; moto opens every account to everybody.
pub(crate) fn role(account: &str) -> RoleArn {
    RoleArn::of("aws", account, "TrailkeepCheck").unwrap()
}

pub(crate) fn scope(accounts: &[&str], regions: &[&str]) -> Scope {
    Scope {
        accounts: Accounts::Roles(accounts.iter().map(|account| role(account)).collect()),
        regions: regions.iter().map(|&region| region.to_owned()).collect(),
        ..Scope::default()
    }
}

/// Notes each call that is made.
#[derive(Default)]
struct Recorder(Mutex<Recorded>);

#[derive(Default, Clone)]
pub(crate) struct Recorded {
    calls: u64,
    actions: BTreeSet<&'static str>,
    /// Whether `done` grew by one each time and never passed `known`.
    in_order: bool,
}

impl Progress for Recorder {
    fn step(&self, step: &Step<'_>) {
        let mut recorded = self.0.lock().unwrap();
        recorded.in_order = (recorded.calls == 0 || recorded.in_order) && step.done <= step.known;
        recorded.calls += 1;
        recorded.actions.insert(step.operation.action);
    }
}

pub(crate) async fn collect(aws: &Aws, scope: &Scope) -> (Result<Inventory, CollectError>, Recorded) {
    let recorder = Recorder::default();
    let inventory = Box::pin(collect::collect(aws, scope, Utc::now(), &recorder)).await;
    let recorded = recorder.0.lock().unwrap().clone();
    (inventory, recorded)
}

fn place<'a>(inventory: &'a Inventory, account: &str, region: &str) -> Place<'a> {
    inventory.place(account, region).unwrap_or_else(|| panic!("no {region} of {account}"))
}

/// The same server, with credentials of that account.
async fn as_account(aws: &Aws, account: &str) -> Aws {
    use trailkeep_aws::api::services::sts;

    let input = serde_json::json!({"RoleArn": role(account).as_str(), "RoleSessionName": "test"});
    let made = aws.api().call(&sts::ASSUME_ROLE, "us-east-1", &input).await.unwrap();
    let text = |name: &str| made["Credentials"][name].as_str().unwrap().to_owned();
    let credentials = Credentials::new(
        text("AccessKeyId"),
        text("SecretAccessKey"),
        Some(text("SessionToken")),
        None,
        "test",
    );
    let options = AwsOptions {
        region: Some("us-east-1".to_owned()),
        endpoint_url: aws.s3_endpoint().map(str::to_owned),
        credentials: Some(credentials),
        ..AwsOptions::default()
    };
    Aws::load(options).await.unwrap()
}
