//! Lets playbooks answer changes, as they come.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Utc;
use futures::StreamExt;
use serde_json::Value;
use trailkeep_respond::playbook::{Playbooks, RespondError};
use trailkeep_state::{Item, Response, State, StateError};

use super::Shutdown;
use super::changes::KIND;
use super::respond_changed;
use crate::backend::Responder;

/// Between two looks at what expired, or was left by a process that died.
const RESUME: Duration = Duration::from_secs(5);
/// Between two listings of the resources.
const SURVEY: Duration = Duration::from_secs(4 * 3_600);
/// After the state failed, before the next try.
const PAUSE: Duration = Duration::from_secs(1);
/// Changes that are taken out of the inbox together.
const TOGETHER: usize = 100;
/// Accounts and Regions that are worked on at the same time.
const AT_ONCE: usize = 8;

/// Works off the inbox until the server stops. A change that is under way then is finished by the next
/// process: it is in the inbox, and its journal, until it is done.
pub(crate) async fn respond(state: State, responder: Responder, shutdown: Shutdown) {
    let work = async {
        let mut resumed = tokio::time::Instant::now();
        loop {
            let outcome = async {
                let done = work_off(&state, &responder.playbooks).await?;
                if resumed.elapsed() >= RESUME || done == 0 {
                    resumed = tokio::time::Instant::now();
                    for response in responder.playbooks.resume().await? {
                        tell(&state, &response).await?;
                    }
                }
                Ok::<usize, RespondError>(done)
            };
            match outcome.await {
                Ok(0) => {
                    let _ = tokio::time::timeout(RESUME, responder.changes.come()).await;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "changes were not answered; it is tried again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = shutdown.draining() => {}
        () = work => {}
        () = survey(&responder) => {}
    }
}

/// Answers what is in the inbox; how many changes that was.
async fn work_off(state: &State, playbooks: &Playbooks) -> Result<usize, RespondError> {
    let open = state.inbox().open(KIND, TOGETHER).await?;
    let count = open.len();
    // Changes of one account and Region one after the other: they may be of one thing.
    let mut places: BTreeMap<(String, String), Vec<(Item, Value)>> = BTreeMap::new();
    for item in open {
        let record: Value = serde_json::from_str(&item.payload).unwrap_or_default();
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        places.entry((text("recipientAccountId"), text("awsRegion"))).or_default().push((item, record));
    }
    let answered = futures::stream::iter(places.into_values())
        .map(async |items| {
            for (item, record) in items {
                let responses = playbooks.handle(&record).await?;
                for response in &responses {
                    tell(state, response).await?;
                }
                metrics::counter!("trailkeep_changes_answered_total").increment(1);
                state.inbox().done(&[item.id], Utc::now()).await?;
            }
            Ok::<(), RespondError>(())
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>();
    answered.await.into_iter().collect::<Result<Vec<()>, RespondError>>()?;
    Ok(count)
}

/// Keeps what resources are like, to know one day what they were. Never ends.
async fn survey(responder: &Responder) {
    loop {
        for (account, regions) in &responder.surveyed {
            for region in regions {
                match responder.playbooks.survey(account, region).await {
                    Ok(failed) if failed.is_empty() => {}
                    Ok(failed) => {
                        tracing::warn!(account, region, ?failed, "some resources could not be listed");
                    }
                    Err(error) => tracing::warn!(account, region, %error, "resources were not listed"),
                }
            }
        }
        tokio::time::sleep(SURVEY).await;
    }
}

/// Logs it, and leaves word for people.
async fn tell(state: &State, response: &Response) -> Result<(), StateError> {
    metrics::counter!("trailkeep_responses_total", "status" => response.status.as_str()).increment(1);
    tracing::info!(
        response = response.id.0,
        playbook = response.playbook,
        status = response.status.as_str(),
        account = response.account_id,
        region = response.region,
        resource = response.resource,
        reason = response.reason,
        "change answered"
    );
    respond_changed(state, response).await
}
