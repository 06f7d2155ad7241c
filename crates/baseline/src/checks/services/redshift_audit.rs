//! Audit logs of Redshift clusters.

use chrono::DateTime;
use serde_json::{Value, json};

use super::destination::Target;
use super::logging::{Logging, listing, resource};
use super::{exports, nist};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "redshift-audit-logging",
    control: Control::Services,
    title: "Every Redshift cluster delivers its audit logs",
    severity: Severity::Medium,
    why: "Connection, user and user activity logs tell who signed in and what was queried. \
          https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html",
    expected: "audit logging on, into a live, closed bucket, or all of connectionlog, userlog and \
               useractivitylog into CloudWatch Logs; the last delivery did not fail",
    remediation: "aws redshift enable-logging --cluster-identifier ID --log-destination-type cloudwatch \
                  --log-exports connectionlog userlog useractivitylog (and enable_user_activity_logging=true \
                  in its parameter group)",
    fix_calls: &["redshift:EnableLogging", "redshift:ModifyClusterParameterGroup"],
    frameworks: Frameworks {
        security_hub: &["Redshift.4"],
        config_rules: &["redshift-audit-logging-enabled"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.2.1"],
        ..Frameworks::NONE
    },
    run,
};

pub(super) const LOGS: [&str; 3] = ["connectionlog", "userlog", "useractivitylog"];

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("redshift:DescribeClusters", "Clusters")?;
        let ids = listed.iter().filter_map(|cluster| cluster.text("ClusterIdentifier"));
        Ok(ids.map(|id| judge(context, place, id)).collect())
    })
}

fn judge(context: &Context<'_>, place: Place<'_>, id: &str) -> Verdict {
    resource(place, &place.arn("redshift", &format!("cluster:{id}")), |logging| {
        logging.fix(format!(
            "aws redshift enable-logging --region {} --cluster-identifier {id} --log-destination-type \
             cloudwatch --log-exports {} (and enable_user_activity_logging=true in its parameter group)",
            place.region,
            LOGS.join(" ")
        ));
        let status = place.get_for("redshift:DescribeLoggingStatus", id)?;
        let Some(status) = status.filter(|status| status.flag("LoggingEnabled")) else {
            logging.fault("audit logging is off");
            return Ok(());
        };
        delivery(status, logging);
        match (status.text("LogDestinationType"), status.text("BucketName")) {
            (Some("cloudwatch"), _) => {
                let exported = status.texts("LogExports");
                let missing: Vec<&str> = LOGS.into_iter().filter(|log| !exported.contains(log)).collect();
                to_log_groups(place, &format!("/aws/redshift/cluster/{id}"), (&exported, &missing), logging)?;
            }
            (_, Some(bucket)) => {
                let target = Target::bucket(bucket);
                logging.on(format!("audit logs go to {target}"));
                logging.destination(target.liveness(context, place));
            }
            (other, None) => logging.on(format!("audit logs go to {}", other.unwrap_or("S3"))),
        }
        Ok(())
    })
}

/// Judges audit logs that go to CloudWatch Logs.
///
/// # Errors
/// [`Unknown`] when log groups could not be listed.
pub(super) fn to_log_groups(
    place: Place<'_>,
    folder: &str,
    (exported, missing): (&[&str], &[&str]),
    logging: &mut Logging,
) -> Result<(), Unknown> {
    logging.evidence(json!({"exported": exported}));
    if !missing.is_empty() {
        logging.fault(format!("logs not exported: {}", listing(missing, 3)));
        return Ok(());
    }
    exports::arrived(place, folder, exported, logging)
}

/// Redshift says when a delivery last worked, and when one last failed.
fn delivery(status: &Value, logging: &mut Logging) {
    let time = |member: &str| {
        let text = status.text(member).and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        text.map(|time| time.timestamp()).or_else(|| status.int(member))
    };
    let (worked, failed) = (time("LastSuccessfulDeliveryTime"), time("LastFailureTime"));
    if let Some(failed) = failed
        && worked.is_none_or(|worked| worked < failed)
    {
        let why = status.text("LastFailureMessage").unwrap_or("no reason is given");
        logging.fault(format!("the last delivery failed: {why}"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(status: Value) -> Estate {
        Estate::new()
            .with("redshift:DescribeClusters", "", json!({"Clusters": [{"ClusterIdentifier": "dw"}]}))
            .with("redshift:DescribeLoggingStatus", "dw", status)
    }

    #[test]
    fn to_a_bucket() {
        let to = |bucket: &str| {
            estate(json!({"LoggingEnabled": true, "BucketName": bucket, "S3KeyPrefix": "dw/"}))
        };
        let on = expect(&to("logs"), &CHECK, Status::Pass, "audit logs go to bucket logs");
        assert_eq!(on.resource_arn, "arn:aws:redshift:eu-west-1:111111111111:cluster:dw");
        expect(&to("gone"), &CHECK, Status::Fail, "bucket gone does not exist");
        expect(&estate(json!({"LoggingEnabled": "false"})), &CHECK, Status::Fail, "audit logging is off");
    }

    #[test]
    fn to_log_groups() {
        let to = |logs: &[&str]| {
            estate(json!({"LoggingEnabled": true, "LogDestinationType": "cloudwatch", "LogExports": logs}))
        };
        let groups = ["/aws/redshift/cluster/dw/connectionlog", "/aws/redshift/cluster/dw/userlog"];
        expect(
            &to(&LOGS).log_groups(&groups),
            &CHECK,
            Status::Pass,
            "nothing has arrived yet in /aws/redshift/cluster/dw/useractivitylog",
        );
        expect(&to(&LOGS), &CHECK, Status::Fail, "nothing has arrived");
        expect(&to(&["userlog"]), &CHECK, Status::Fail, "not exported: connectionlog and useractivitylog");
    }

    #[test]
    fn a_failed_delivery() {
        let with = |worked: Value, failed: Value| {
            estate(json!({"LoggingEnabled": true, "BucketName": "logs", "LastSuccessfulDeliveryTime": worked,
                "LastFailureTime": failed, "LastFailureMessage": "Access Denied"}))
        };
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00+00:00");
        expect(
            &with(json!(early), json!(late)),
            &CHECK,
            Status::Fail,
            "the last delivery failed: Access Denied",
        );
        expect(&with(json!(late), json!(early)), &CHECK, Status::Pass, "bucket logs");
        expect(&with(Value::Null, json!(1_780_000_000)), &CHECK, Status::Fail, "the last delivery failed");
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "redshift:DescribeLoggingStatus";
        expect_denied(&estate(json!({})).denied(action, "dw", action), &CHECK, action);
        expect_nothing(&Estate::new().with("redshift:DescribeClusters", "", json!({"Clusters": []})), &CHECK);
    }
}
