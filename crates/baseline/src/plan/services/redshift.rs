//! Audit logs of Redshift clusters, to CloudWatch Logs.
//! <https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html>

use serde_json::json;

use super::super::draft::{Draft, Scope};
use crate::check::Control;
use crate::value::Json;

const CHECK: &str = "redshift-audit-logging";
const LOGS: [&str; 3] = ["connectionlog", "userlog", "useractivitylog"];

/// One step a Region. Clusters that log already, wherever to, are left as they are.
pub(super) fn write(draft: &mut Draft<'_>) {
    draft.note(CHECK, "audit logging is on; where it goes and what it lacks is its owner's to change");
    for (region, all) in super::failing(draft, CHECK) {
        let is_off = |failing: &&super::Failing<'_>| {
            let status = failing.place.get_for("redshift:DescribeLoggingStatus", super::last(failing.arn));
            status.is_ok_and(|status| !status.is_some_and(|status| status.flag("LoggingEnabled")))
        };
        let off: Vec<&str> = all.iter().filter(is_off).map(|failing| failing.arn).collect();
        let title = format!("Log who does what on {} of Redshift", super::counted(off.len(), "cluster"));
        let mut step = draft.step(region, "redshift-logs", Control::Services, title);
        for arn in off {
            step.resource(arn)
                .call(
                    "redshift:EnableLogging",
                    json!({
                        "ClusterIdentifier": super::last(arn), "LogDestinationType": "cloudwatch", "LogExports": LOGS,
                    }),
                )
                .covers_in(&Scope::Resource(arn.to_owned()), &[CHECK]);
        }
        step.words(
            "audit logging is switched off again; what was written stays",
            "none; user activity is logged once enable_user_activity_logging is on in the parameter group",
            super::TO_LOGS,
            "redshift:DescribeLoggingStatus says so",
        );
        draft.add(step);
    }
}
