//! `GetMetricData`.

use futures::{Stream, StreamExt};
use serde_json::Value;
use trailkeep_alarms::metric_data::MetricDataCall;
use trailkeep_aws::api::services::cloudwatch;
use trailkeep_aws::api::{ApiError, ErrorKind};

use super::{AT_ONCE, CloudWatch};

/// What became of a call.
type Answered = (MetricDataCall, Result<Value, String>);

impl CloudWatch {
    /// Makes these calls, and gives the answers as they come, all pages of each put together.
    ///
    /// CloudWatch refuses a whole call for one query that it does not take; such a call is cut in two until
    /// the query stands alone, so that the calls which come back may be other ones.
    pub fn fetch(&self, calls: Vec<MetricDataCall>) -> impl Stream<Item = Answered> + Send + '_ {
        let answered = calls.into_iter().map(|call| self.answers(call));
        futures::stream::iter(answered).buffer_unordered(AT_ONCE).flat_map(futures::stream::iter)
    }

    async fn answers(&self, call: MetricDataCall) -> Vec<Answered> {
        let (mut open, mut done) = (vec![call], Vec::new());
        while let Some(call) = open.pop() {
            let Some(client) = self.client(call.account_id()) else {
                let reason = format!("account {} is not among those that are watched", call.account_id());
                done.push((call, Err(reason)));
                continue;
            };
            let answer = client.call_all(&cloudwatch::GET_METRIC_DATA, call.region(), &call.input()).await;
            match answer {
                Ok(answer) => done.push((call, Ok(answer))),
                Err(error) if is_refusal(&error) => match call.halves() {
                    Ok(halves) => open.extend(halves),
                    Err(call) => done.push((call, Err(error.to_string()))),
                },
                Err(error) => done.push((call, Err(error.to_string()))),
            }
        }
        done
    }
}

/// Whether it is the call that is wrong: `ValidationError`, `InvalidParameterValue` and the like.
fn is_refusal(error: &ApiError) -> bool {
    *error.kind() == ErrorKind::Other && error.status() == Some(400)
}
