//! [`collect()`]: what AWS says about an estate, gathered with read-only calls.
//!
//! ```text
//!   Scope ─► enter (who, Regions, organisation) ─► Plan ─► Lanes ─► calls, 64 at a time
//!                                                   ▲                  │
//!                                                   └──── answers ─────┘ ─► Inventory
//! ```
//!
//! What is asked is data: an `Ask` per question under `services`, with where it is asked, what list
//! of another answer it is about, and which of AWS's errors mean "there is none". The plan turns
//! answers into the calls that follow from them, without network; the runner makes the calls, no
//! faster than AWS lets through. Once the lists are there, what they point at is asked: keys, queues,
//! functions, only those that logs and alerts depend on.
//!
//! One failing call never stops the others: it is an `Answer::Failed` with the IAM action that was
//! missing. An account that cannot be entered stays in the inventory and says why. Nothing is
//! written anywhere; dropping the future ends it.
//!
//! For some of the six controls alone, only the services are asked that their checks read ([`reads`]).
//!
//! The same table gives the IAM policy that a role for this needs: [`iam_policy`]. Who watches alarms in the
//! same accounts needs that of [`alarms_policy`].

mod answer;
mod ask;
mod enter;
mod lanes;
mod needed;
mod partition;
mod plan;
mod policy;
mod progress;
mod referenced;
mod run;
mod scope;
mod services;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use trailkeep_aws::Aws;
use trailkeep_aws::api::{ApiError, Client};

use crate::inventory::Inventory;
use partition::Partition;
use plan::Plan;
use progress::Teller;

pub use needed::{reads, services as services_of};
pub use policy::{Purpose, alarms_policy, iam_policy};
pub use progress::{Progress, Step};
pub use referenced::{bucket_region, key_arn};
pub use scope::{Accounts, NotARole, RoleArn, Scope};

/// Why nothing could be collected at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// The credentials in use are of no use.
    #[error("AWS does not say whose credentials these are")]
    Identity {
        /// AWS's answer.
        source: Box<ApiError>,
    },
    /// The answer to "who am I" has no account in it.
    #[error("the endpoint does not tell the account of these credentials; check AWS_ENDPOINT_URL")]
    NoIdentity,
    /// The members of the organisation are not to be had.
    #[error(
        "the organisation's accounts cannot be listed; use credentials of its management account or of a delegated administrator"
    )]
    Organization {
        /// AWS's answer.
        source: Box<ApiError>,
    },
    /// No role can have this name.
    #[error(transparent)]
    Role(#[from] NotARole),
    /// A Region was asked for that does not exist.
    #[error("there is no Region {region}; there are {known}")]
    NoSuchRegion {
        /// As it was given.
        region: String,
        /// Those that exist.
        known: String,
    },
}

/// Asks AWS everything that the checks want to know. `now` is kept as the time of the inventory.
///
/// # Errors
/// [`CollectError`] when there is nobody to ask, or the scope makes no sense. Everything else that
/// goes wrong is part of the inventory.
pub async fn collect(
    aws: &Aws,
    scope: &Scope,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<Inventory, CollectError> {
    Ok(Box::pin(survey(aws, scope, now, progress)).await?.0)
}

/// As [`fn@collect`], and gives how each account is asked along, for who goes on to change it.
///
/// # Errors
/// As [`fn@collect`].
pub async fn survey(
    aws: &Aws,
    scope: &Scope,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<(Inventory, HashMap<String, Client>), CollectError> {
    let teller = Teller::new(progress);
    let entered = Box::pin(enter::enter(&aws.api(), scope, Inventory::new(now), &teller)).await?;
    let mut plan = Plan::new(entered.inventory, entered.standings).only(&scope.controls);
    Box::pin(run::run(&mut plan, &entered.clients, entered.partition, &teller)).await;
    Ok((plan.finish(), entered.clients))
}

/// Enters the accounts of the scope and asks nothing more: how each is asked.
///
/// # Errors
/// As [`fn@collect`].
pub async fn enter(aws: &Aws, scope: &Scope) -> Result<HashMap<String, Client>, CollectError> {
    let teller = Teller::new(&());
    let inventory = Inventory::new(DateTime::UNIX_EPOCH);
    Ok(Box::pin(enter::enter(&aws.api(), scope, inventory, &teller)).await?.clients)
}
