//! Databases that export their logs to CloudWatch Logs: which logs each engine has, and whether the log
//! groups that the export makes are there.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html>

use serde_json::{Value, json};

use super::destination::log_group;
use super::logging::{Logging, listing, resource};
use crate::check::{Context, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// A log that an engine can export, and whether it tells who did what. One that does not is asked for
/// all the same, but its want is a small fault.
pub(crate) type Wanted = (&'static str, bool);

/// The logs that an engine of RDS or Aurora is to export; `None` for one without exports. They are
/// those of Security Hub's RDS.9.
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-9>
pub(crate) fn of_engine(engine: &str, on_cluster: bool) -> Option<&'static [Wanted]> {
    const MYSQL: &[Wanted] = &[("audit", true), ("error", false), ("general", false), ("slowquery", false)];
    let wanted: &[Wanted] = match engine {
        "aurora" | "aurora-mysql" | "mariadb" => MYSQL,
        // A Multi-AZ cluster of MySQL has no audit log to export.
        "mysql" if on_cluster => &MYSQL[1..],
        "mysql" => MYSQL,
        "aurora-postgresql" => &[("postgresql", true)],
        "postgres" => &[("postgresql", true), ("upgrade", false)],
        "sqlserver-ex" => &[("error", true)],
        _ if engine.starts_with("sqlserver-") => &[("error", true), ("agent", false)],
        _ if engine.starts_with("oracle-") => {
            &[("audit", true), ("alert", false), ("listener", false), ("trace", false)]
        }
        _ if engine.starts_with("db2-") => &[("diag.log", true), ("notify.log", false)],
        _ => return None,
    };
    Some(wanted)
}

/// The logs of the list that are not exported.
pub(crate) fn missing(exported: &[&str], wanted: &[Wanted]) -> Vec<&'static str> {
    wanted.iter().map(|(log, _)| *log).filter(|log| !exported.contains(log)).collect()
}

/// Judges the exports. `folder` is what the names of the log groups begin with.
///
/// # Errors
/// [`Unknown`] when log groups could not be listed.
pub(super) fn judge(
    place: Place<'_>,
    folder: &str,
    (exported, wanted): (&[&str], &[Wanted]),
    logging: &mut Logging,
) -> Result<(), Unknown> {
    logging.evidence(json!({"exported": exported}));
    let missing = missing(exported, wanted);
    if !missing.is_empty() {
        if !wanted.iter().any(|(log, tells)| *tells && missing.contains(log)) {
            logging.severity(Severity::Low);
        }
        let exported = if exported.is_empty() { "none".to_owned() } else { listing(exported, 6) };
        logging.fault(format!("logs not exported: {} (exported: {exported})", listing(&missing, 6)));
        return Ok(());
    }
    arrived(place, folder, exported, logging)
}

/// The service makes the log groups with the first entry: without them nothing has arrived, whatever
/// the settings say (an audit log also wants a parameter or a plugin).
///
/// # Errors
/// [`Unknown`] when log groups could not be listed.
pub(super) fn arrived(
    place: Place<'_>,
    folder: &str,
    exported: &[&str],
    logging: &mut Logging,
) -> Result<(), Unknown> {
    logging.on(format!("exported: {}", listing(exported, 6)));
    let mut absent = Vec::new();
    for log in exported {
        let name = format!("{folder}/{log}");
        if log_group(place, &name)?.is_none() {
            absent.push(name);
        }
    }
    if absent.len() == exported.len() {
        logging.severity(Severity::Low);
        logging.fault(format!("nothing has arrived: log group {} does not exist", listing(&absent, 2)));
    } else if !absent.is_empty() {
        logging.note(format!("nothing has arrived yet in {}", listing(&absent, 4)));
    }
    Ok(())
}

/// One log of the clusters of DocumentDB or Neptune, which share RDS's API.
pub(super) struct Kind {
    /// The engine, also the CLI's command and the folder of the log groups.
    pub(super) engine: &'static str,
    /// The log.
    pub(super) log: &'static str,
    /// What else must be set for it to hold anything.
    pub(super) hint: &'static str,
}

/// Judges that log of every cluster of that engine.
pub(super) fn run(context: &Context<'_>, kind: &Kind) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("rds:DescribeDBClusters", "DBClusters")?;
        let clusters = listed.iter().filter(|cluster| cluster.text("Engine") == Some(kind.engine));
        Ok(clusters
            .filter_map(|cluster| Some(one(place, cluster, cluster.text("DBClusterIdentifier")?, kind)))
            .collect())
    })
}

fn one(place: Place<'_>, cluster: &Value, id: &str, kind: &Kind) -> Verdict {
    let Kind { engine, log, hint } = kind;
    let arn = cluster
        .text("DBClusterArn")
        .map_or_else(|| place.arn("rds", &format!("cluster:{id}")), str::to_owned);
    resource(place, &arn, |logging| {
        logging.fix(format!(
            "aws {engine} modify-db-cluster --region {} --db-cluster-identifier {id} --apply-immediately \
             --cloudwatch-logs-export-configuration '{}' {hint}",
            place.region,
            json!({"EnableLogTypes": [log]})
        ));
        // The other logs of the cluster have checks of their own.
        let exported: Vec<&str> =
            cluster.texts("EnabledCloudwatchLogsExports").into_iter().filter(|name| name == log).collect();
        judge(place, &format!("/aws/{engine}/{id}"), (&exported, &[(*log, true)]), logging)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::{Check, Status};

    /// What holds for each check of one log; `other` is a log of the engine that is not asked for.
    #[track_caller]
    pub(in super::super) fn suite(check: &Check, kind: &Kind, other: &str) {
        let Kind { engine, log, .. } = kind;
        let estate = |exported: &[&str]| {
            let cluster = json!({"DBClusterIdentifier": "c1", "Engine": engine,
                "EnabledCloudwatchLogsExports": exported});
            let different = json!({"DBClusterIdentifier": "c2", "Engine": "aurora-mysql"});
            Estate::new().with("rds:DescribeDBClusters", "", json!({"DBClusters": [cluster, different]}))
        };
        let group = format!("/aws/{engine}/c1/{log}");
        let on = estate(&[log, other]);
        expect(&on.clone().log_groups(&[&group]), check, Status::Pass, &format!("exported: {log}"));
        expect(&on, check, Status::Fail, &format!("nothing has arrived: log group {group} does not exist"));
        let off = expect(&estate(&[other]), check, Status::Fail, &format!("logs not exported: {log}"));
        assert!(off.remediation.unwrap().contains("--db-cluster-identifier c1"));
        let action = "rds:DescribeDBClusters";
        expect_denied(&Estate::new().denied(action, "", action), check, action);
        expect_denied(
            &on.denied("logs:DescribeLogGroups", "", "logs:DescribeLogGroups"),
            check,
            "logs:DescribeLogGroups",
        );
        expect_nothing(&Estate::new().with(action, "", json!({"DBClusters": []})), check);
    }

    #[test]
    fn each_engine_has_its_logs() {
        for (engine, expected) in [
            ("aurora-mysql", "audit, error, general and slowquery"),
            ("aurora-postgresql", "postgresql"),
            ("postgres", "postgresql and upgrade"),
            ("oracle-ee-cdb", "audit, alert, listener and trace"),
            ("sqlserver-se", "error and agent"),
            ("sqlserver-ex", "error"),
        ] {
            assert_eq!(listing(&missing(&[], of_engine(engine, false).unwrap()), 9), expected, "{engine}");
        }
        assert_eq!(missing(&["error"], of_engine("mysql", true).unwrap()), ["general", "slowquery"]);
        assert_eq!(of_engine("docdb", true), None);
    }
}
