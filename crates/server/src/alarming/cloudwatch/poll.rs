//! `DescribeAlarms`, everywhere.

use futures::{Stream, StreamExt};
use serde_json::{Value, json};
use trailkeep_alarms::watch::PollScope;
use trailkeep_aws::api::services::cloudwatch;

use super::{AT_ONCE, CloudWatch};

impl CloudWatch {
    /// The alarms of each account and Region with their states, all pages put together, as they come; or
    /// why there are none. Answers are given one by one, as an organisation has many: hold none for longer
    /// than it takes to read it.
    pub fn describe(&self) -> impl Stream<Item = (PollScope, Result<Value, String>)> + Send + '_ {
        // Without AlarmTypes, CloudWatch leaves composite alarms out.
        let input = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100 });
        let asked = self.places().map(move |(account, region)| {
            let input = input.clone();
            async move {
                let scope = PollScope {
                    account_id: Some(account.account_id.clone()),
                    region: Some(region.to_owned()),
                };
                let answer = account.client.call_all(&cloudwatch::DESCRIBE_ALARMS, region, &input).await;
                (scope, answer.map_err(|error| error.to_string()))
            }
        });
        futures::stream::iter(asked).buffer_unordered(AT_ONCE)
    }
}
