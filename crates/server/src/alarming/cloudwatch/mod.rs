//! CloudWatch of all watched accounts: its alarms' states, the data of its metrics, and queues with events
//! about its alarms.
//!
//! ```text
//!   poll      DescribeAlarms in every account and Region ─► Poll ─► Watcher
//!   queue     ReceiveMessage ─► read_message ─► Watcher, then DeleteMessageBatch
//!   metrics   Engine::plan_fetch ─► GetMetricData ─► Engine::take_fetched
//! ```
//!
//! Only calls are made here; what they mean is decided in `trailkeep-alarms`, without network. One account
//! that cannot be asked does not keep the others from being asked: each answer stands beside where it
//! comes from.

mod metrics;
mod poll;
mod queue;

use futures::StreamExt;
use serde_json::{Value, json};
use trailkeep_alarms::metric_data::Place;
use trailkeep_aws::api::services::ec2;
use trailkeep_aws::api::{ApiError, Client};

pub use queue::Received;

/// Accounts and Regions that are asked at the same time. Each account has its own limits beside.
const AT_ONCE: usize = 8;

/// An account that is watched.
#[derive(Debug, Clone)]
pub struct WatchedAccount {
    /// Twelve digits.
    pub account_id: String,
    /// Asks with an identity of that account.
    pub client: Client,
    /// Where.
    pub regions: Vec<String>,
}

/// The accounts that are watched.
#[derive(Debug, Clone, Default)]
pub struct CloudWatch {
    accounts: Vec<WatchedAccount>,
}

impl CloudWatch {
    /// Of these accounts. The first is the own one: alarms without an ARN are on its metrics.
    #[must_use]
    pub fn new(accounts: Vec<WatchedAccount>) -> Self {
        Self { accounts }
    }

    /// Of the accounts of these clients, in `regions`, or in all that an account has enabled if there are
    /// none. Gives the accounts that could not be asked for their Regions along, and why.
    pub async fn open(
        clients: impl IntoIterator<Item = (String, Client)>,
        regions: &[String],
    ) -> (Self, Vec<String>) {
        let opened = clients.into_iter().map(|(account_id, client)| async move {
            match enabled(&client, regions).await {
                Ok(regions) => Ok(WatchedAccount { account_id, client, regions }),
                Err(error) => Err(format!("account {account_id} is not watched: {error}")),
            }
        });
        let opened: Vec<Result<WatchedAccount, String>> =
            futures::stream::iter(opened).buffered(AT_ONCE).collect().await;
        let (mut accounts, mut failed) = (Vec::new(), Vec::new());
        for one in opened {
            match one {
                Ok(account) => accounts.push(account),
                Err(reason) => failed.push(reason),
            }
        }
        (Self { accounts }, failed)
    }

    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> &[WatchedAccount] {
        &self.accounts
    }

    /// The own account, and the Region of its settings.
    #[must_use]
    pub fn home(&self) -> Option<Place> {
        let account = self.accounts.first()?;
        let region = account.client.home_region().to_owned();
        Some(Place { account_id: account.account_id.clone(), region })
    }

    fn client(&self, account_id: &str) -> Option<&Client> {
        let account = self.accounts.iter().find(|account| account.account_id == account_id);
        account.map(|account| &account.client)
    }

    /// Each account in each of its Regions.
    fn places(&self) -> impl Iterator<Item = (&WatchedAccount, &str)> {
        self.accounts
            .iter()
            .flat_map(|account| account.regions.iter().map(move |region| (account, region.as_str())))
    }
}

/// The Regions that are asked for, or those that the account has enabled.
async fn enabled(client: &Client, regions: &[String]) -> Result<Vec<String>, ApiError> {
    if !regions.is_empty() {
        return Ok(regions.to_vec());
    }
    // Without AllRegions, those that are not enabled are left out.
    let answer = client.call_all(&ec2::DESCRIBE_REGIONS, client.home_region(), &json!({})).await?;
    let listed = answer.get("Regions").and_then(Value::as_array).into_iter().flatten();
    let mut names: Vec<String> =
        listed.filter_map(|region| region.get("RegionName")?.as_str().map(str::to_owned)).collect();
    names.sort_unstable();
    Ok(names)
}
