//! Log exports of RDS DB instances.

use serde_json::{Value, json};

use super::exports::{self, Wanted};
use super::logging::resource;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "rds-log-exports",
    control: Control::Services,
    title: "Every RDS DB instance exports its logs",
    severity: Severity::Medium,
    why: "Logs that stay on a DB instance are rotated away within days and go with the instance. \
          https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.html",
    expected: "all logs of the engine exported to CloudWatch Logs: MySQL, MariaDB audit, error, general, \
               slowquery; PostgreSQL postgresql, upgrade; Oracle audit, alert, listener, trace; SQL Server \
               error, agent",
    remediation: "aws rds modify-db-instance --db-instance-identifier ID --apply-immediately \
                  --cloudwatch-logs-export-configuration '{\"EnableLogTypes\":[…]}' (audit logs of MySQL \
                  and MariaDB also need the option MARIADB_AUDIT_PLUGIN in the option group)",
    fix_calls: &["rds:ModifyDBInstance", "iam:CreateServiceLinkedRole"],
    frameworks: Frameworks {
        security_hub: &["RDS.9", "RDS.36", "RDS.40", "RDS.42"],
        config_rules: &[
            "rds-logging-enabled",
            "rds-postgresql-logs-to-cloudwatch",
            "rds-sql-server-logs-to-cloudwatch",
            "mariadb-publish-logs-to-cloudwatch-logs",
        ],
        nist_800_53: &[
            "AC-2(4)", "AC-4(26)", "AC-6(9)", "AU-2", "AU-3", "AU-6(3)", "AU-6(4)", "AU-10", "AU-12", "CA-7",
            "SC-7(9)", "SC-7(10)", "SI-3(8)", "SI-4(20)", "SI-7(8)",
        ],
        pci_dss_4: &["10.2.1", "10.4.2"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("rds:DescribeDBInstances", "DBInstances")?;
        // Members of a cluster log through the cluster.
        let alone = listed.iter().filter(|instance| instance.text("DBClusterIdentifier").is_none());
        Ok(alone
            .filter_map(|instance| {
                let wanted = exports::of_engine(instance.text("Engine")?, false)?;
                Some(judge(place, instance, instance.text("DBInstanceIdentifier")?, wanted))
            })
            .collect())
    })
}

fn judge(place: Place<'_>, instance: &Value, id: &str, wanted: &[Wanted]) -> Verdict {
    let arn =
        instance.text("DBInstanceArn").map_or_else(|| place.arn("rds", &format!("db:{id}")), str::to_owned);
    resource(place, &arn, |logging| {
        let exported = instance.texts("EnabledCloudwatchLogsExports");
        logging.fix(format!(
            "aws rds modify-db-instance --region {} --db-instance-identifier {id} --apply-immediately \
             --cloudwatch-logs-export-configuration '{}'",
            place.region,
            json!({"EnableLogTypes": exports::missing(&exported, wanted)})
        ));
        exports::judge(place, &format!("/aws/rds/instance/{id}"), (&exported, wanted), logging)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(engine: &str, exported: &[&str]) -> Estate {
        let member =
            json!({"DBInstanceIdentifier": "m", "Engine": "aurora-mysql", "DBClusterIdentifier": "c"});
        let instance = json!({"DBInstanceIdentifier": "db1", "Engine": engine,
            "DBInstanceArn": "arn:aws:rds:eu-west-1:111111111111:db:db1",
            "EnabledCloudwatchLogsExports": exported});
        Estate::new().with("rds:DescribeDBInstances", "", json!({"DBInstances": [instance, member]}))
    }

    #[test]
    fn exports() {
        let all = estate("postgres", &["postgresql", "upgrade"]);
        let there = all.clone().log_groups(&["/aws/rds/instance/db1/postgresql"]);
        expect(
            &there,
            &CHECK,
            Status::Pass,
            "exported: postgresql and upgrade (note: nothing has arrived yet in /aws/rds/instance/db1/upgrade)",
        );
        expect(&all, &CHECK, Status::Fail, "nothing has arrived: log group /aws/rds/instance/db1/postgresql");
        let none = expect(
            &estate("mysql", &[]),
            &CHECK,
            Status::Fail,
            "not exported: audit, error, general and slowquery",
        );
        assert_eq!(none.severity, None);
        assert!(
            none.remediation
                .unwrap()
                .contains(r#"{"EnableLogTypes":["audit","error","general","slowquery"]}"#)
        );
        let some = expect(
            &estate("postgres", &["postgresql"]),
            &CHECK,
            Status::Fail,
            "not exported: upgrade (exported: postgresql)",
        );
        assert_eq!(some.severity, Some(Severity::Low));
    }

    #[test]
    fn unknown_and_nothing() {
        expect_denied(
            &Estate::new().denied("rds:DescribeDBInstances", "", "rds:DescribeDBInstances"),
            &CHECK,
            "rds:DescribeDBInstances",
        );
        let blind = estate("aurora-postgresql", &["postgresql"]).denied(
            "logs:DescribeLogGroups",
            "",
            "logs:DescribeLogGroups",
        );
        expect_denied(&blind, &CHECK, "logs:DescribeLogGroups");
        expect_nothing(&estate("docdb", &[]), &CHECK);
    }
}
