//! Log exports of Aurora clusters and Multi-AZ DB clusters.

use serde_json::{Value, json};

use super::exports::{self, Wanted};
use super::logging::resource;
use super::nist;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "rds-cluster-log-exports",
    control: Control::Services,
    title: "Every Aurora and Multi-AZ DB cluster exports its logs",
    severity: Severity::Medium,
    why: "The audit log of a cluster tells who queried what; it is lost unless it is exported. \
          https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Integrating.CloudWatch.html",
    expected: "all logs of the engine exported to CloudWatch Logs: Aurora MySQL audit, error, general, \
               slowquery; Aurora PostgreSQL postgresql",
    remediation: "aws rds modify-db-cluster --db-cluster-identifier ID --apply-immediately \
                  --cloudwatch-logs-export-configuration '{\"EnableLogTypes\":[…]}' (audit logs of Aurora \
                  MySQL also need server_audit_logging=1 in the cluster parameter group)",
    fix_calls: &["rds:ModifyDBCluster", "iam:CreateServiceLinkedRole"],
    frameworks: Frameworks {
        security_hub: &["RDS.34", "RDS.37"],
        config_rules: &["rds-aurora-mysql-audit-logging-enabled", "rds-aurora-postgresql-logs-to-cloudwatch"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.2.1", "10.4.2"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("rds:DescribeDBClusters", "DBClusters")?;
        Ok(listed
            .iter()
            .filter_map(|cluster| {
                let wanted = exports::of_engine(cluster.text("Engine")?, true)?;
                Some(judge(place, cluster, cluster.text("DBClusterIdentifier")?, wanted))
            })
            .collect())
    })
}

fn judge(place: Place<'_>, cluster: &Value, id: &str, wanted: &[Wanted]) -> Verdict {
    let arn = cluster
        .text("DBClusterArn")
        .map_or_else(|| place.arn("rds", &format!("cluster:{id}")), str::to_owned);
    resource(place, &arn, |logging| {
        let exported = cluster.texts("EnabledCloudwatchLogsExports");
        logging.fix(format!(
            "aws rds modify-db-cluster --region {} --db-cluster-identifier {id} --apply-immediately \
             --cloudwatch-logs-export-configuration '{}'",
            place.region,
            json!({"EnableLogTypes": exports::missing(&exported, wanted)})
        ));
        exports::judge(place, &format!("/aws/rds/cluster/{id}"), (&exported, wanted), logging)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(engine: &str, exported: &[&str]) -> Estate {
        let cluster =
            json!({"DBClusterIdentifier": "c1", "Engine": engine, "EnabledCloudwatchLogsExports": exported});
        Estate::new().with("rds:DescribeDBClusters", "", json!({"DBClusters": [cluster]}))
    }

    #[test]
    fn exports() {
        let on = estate("aurora-postgresql", &["postgresql"]).log_groups(&["/aws/rds/cluster/c1/postgresql"]);
        let verdict = expect(&on, &CHECK, Status::Pass, "exported: postgresql");
        assert_eq!(verdict.resource_arn, "arn:aws:rds:eu-west-1:111111111111:cluster:c1");
        let no_audit = estate("aurora-mysql", &["error", "general", "slowquery"]);
        let verdict = expect(
            &no_audit,
            &CHECK,
            Status::Fail,
            "logs not exported: audit (exported: error, general and slowquery)",
        );
        assert!(verdict.remediation.unwrap().contains(r#"{"EnableLogTypes":["audit"]}"#));
        expect(&estate("aurora-postgresql", &["postgresql"]), &CHECK, Status::Fail, "nothing has arrived");
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "rds:DescribeDBClusters";
        expect_denied(&Estate::new().denied(action, "", action), &CHECK, action);
        expect_nothing(&estate("neptune", &[]), &CHECK);
    }
}
