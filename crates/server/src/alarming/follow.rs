//! Follows CloudWatch: the states of its alarms, the data of its metrics, queues with events about both.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures::StreamExt;
use tokio::task::JoinSet;
use trailkeep_alarms::metric_data::Fetching;
use trailkeep_alarms::watch::read_message;

use super::{AlarmsError, CloudWatch, LiveAlarms};
use crate::runtime::Shutdown;

/// After a queue could not be asked, before the next try.
const PAUSE: Duration = Duration::from_secs(10);

/// Follows until the server stops.
pub(crate) async fn follow(alarms: Arc<LiveAlarms>, cloudwatch: Arc<CloudWatch>, shutdown: Shutdown) {
    let Some(config) = alarms.config().cloudwatch.clone() else { return };
    let mut tasks = JoinSet::new();
    let (live, from, every) = (Arc::clone(&alarms), Arc::clone(&cloudwatch), config.interval);
    tasks.spawn(async move {
        loop {
            poll(&live, &from).await;
            tokio::time::sleep(every).await;
        }
    });
    if config.metrics {
        alarms.fetch_from(&cloudwatch);
        let (live, from) = (Arc::clone(&alarms), Arc::clone(&cloudwatch));
        tasks.spawn(async move {
            loop {
                tokio::time::sleep(fetch(&live, &from).await).await;
            }
        });
    }
    for queue in config.queues {
        let (live, from) = (Arc::clone(&alarms), Arc::clone(&cloudwatch));
        tasks.spawn(async move {
            loop {
                if let Err(reason) = receive(&live, &from, &queue).await {
                    tracing::warn!(
                        reason,
                        "a queue with events about alarms was not read; it is tried again"
                    );
                    tokio::time::sleep(PAUSE).await;
                }
            }
        });
    }
    tokio::select! {
        () = shutdown.draining() => {}
        // None of them ends, unless it panics.
        _ = tasks.join_next() => tracing::error!("following CloudWatch has ended"),
    }
}

/// Asks every account and Region for its alarms.
async fn poll(alarms: &LiveAlarms, cloudwatch: &CloudWatch) {
    let mut answers = std::pin::pin!(cloudwatch.describe());
    while let Some((scope, answer)) = answers.next().await {
        let done = match answer {
            Ok(answer) => alarms.polled(&scope, &answer, Utc::now()).await.map_err(|error| error.to_string()),
            Err(reason) => Err(reason),
        };
        let outcome = if done.is_ok() { "done" } else { "failed" };
        metrics::counter!("trailkeep_alarm_polls_total", "outcome" => outcome).increment(1);
        if let Err(reason) = done {
            let (account, region) = (scope.account_id, scope.region);
            tracing::warn!(account, region, reason, "alarms were not asked for; they are with the next poll");
        }
    }
}

/// Fetches what is due of metrics; when to look again.
async fn fetch(alarms: &LiveAlarms, cloudwatch: &CloudWatch) -> Duration {
    let plan = alarms.lock().engine.plan_fetch(Utc::now());
    for problem in &plan.problems {
        tracing::warn!(problem, "a metric is not fetched");
    }
    let mut answers = std::pin::pin!(cloudwatch.fetch(plan.calls));
    while let Some((call, answer)) = answers.next().await {
        match answer {
            Ok(answer) => {
                let taken = alarms.lock().engine.take_fetched(&call, &answer, Utc::now());
                metrics::counter!("trailkeep_metric_datapoints_total").increment(taken.recorded.accepted);
                for problem in taken.problems {
                    tracing::warn!(problem, "CloudWatch did not answer in full; it is asked again");
                }
            }
            Err(reason) => {
                let (account, region) = (call.account_id(), call.region());
                tracing::warn!(
                    account,
                    region,
                    reason,
                    "metrics were not fetched; they are with the next call"
                );
            }
        }
    }
    Duration::from_secs(u64::from(plan.every))
}

/// Takes what a queue has. A message is deleted when it is kept, or is none; the others come again.
async fn receive(alarms: &LiveAlarms, cloudwatch: &CloudWatch, queue: &str) -> Result<(), String> {
    let mut done = Vec::new();
    for message in cloudwatch.receive(queue).await? {
        match read_message(&message.body) {
            Ok(transition) => match alarms.heard(transition, Utc::now()).await {
                Ok(_) => done.push(message.receipt),
                Err(AlarmsError::State(error)) => {
                    tracing::warn!(%error, "a change of an alarm was not kept; its message comes again");
                }
                Err(error) => {
                    tracing::warn!(%error, "a change of an alarm cannot be kept");
                    done.push(message.receipt);
                }
            },
            Err(error) => {
                tracing::warn!(%error, queue, "a message is no change of an alarm; it is deleted");
                done.push(message.receipt);
            }
        }
    }
    cloudwatch.delete(queue, &done).await
}

impl LiveAlarms {
    /// Has metrics that nothing here makes fetched from these accounts.
    fn fetch_from(&self, cloudwatch: &CloudWatch) {
        let queries = &self.config().queries;
        let fetching = queries.iter().fold(Fetching::new(cloudwatch.home()), |fetching, query| {
            fetching.made_here(&query.namespace, &query.name)
        });
        self.lock().engine.set_fetching(Some(fetching));
    }
}
