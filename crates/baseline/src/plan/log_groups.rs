//! How long log groups keep their events.

use serde_json::json;

use super::draft::{Draft, Scope};
use crate::check::Control;

/// The periods that CloudWatch Logs takes, in days.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
#[rustfmt::skip]
const PERIODS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// The shortest period of at least so many days; none where only for ever is as long.
pub(super) fn period(days: i64) -> Option<i64> {
    PERIODS.into_iter().find(|period| *period >= days)
}

/// Raises the retention of log groups that keep less than is wanted; one step a Region.
pub(super) fn retention(draft: &mut Draft<'_>) {
    let Some(days) = period(draft.settings.retention_days) else { return };
    let own = draft.site.log_group_arn();
    let regions = draft.global.account.regions.clone();
    for region in &regions {
        let here = draft.failures("log-group-retention").filter(|result| result.region == *region);
        let short: Vec<_> = here.filter(|result| result.resource_arn != own).collect();
        let title = format!("Keep the events of {} log groups for {days} days", short.len());
        let mut step = draft.step(region, "log-group-retention", Control::Services, title);
        for result in &short {
            let Some((_, name)) = result.resource_arn.split_once(":log-group:") else { continue };
            step.resource(result.resource_arn.clone())
                .call("logs:PutRetentionPolicy", json!({"logGroupName": name, "retentionInDays": days}))
                .covers_in(&Scope::Resource(result.resource_arn.clone()), &["log-group-retention"]);
        }
        step.words(
            "the former periods are put back, which deletes what is older than they allow",
            "nothing is deleted that was kept before",
            "0.03 USD for a GB and month that is kept longer",
            "logs:DescribeLogGroups gives the period",
        );
        draft.add(step);
    }
}
