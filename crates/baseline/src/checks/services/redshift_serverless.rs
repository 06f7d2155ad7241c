//! Audit logs of Redshift Serverless namespaces.

use super::logging::resource;
use super::{nist, redshift_audit};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "redshift-serverless-audit-logging",
    control: Control::Services,
    title: "Every Redshift Serverless namespace exports its audit logs",
    severity: Severity::Medium,
    why: "Connection, user and user activity logs tell who signed in and what was queried. \
          https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-audit-logging.html",
    expected: "connectionlog, userlog and useractivitylog exported to CloudWatch Logs",
    remediation: "aws redshift-serverless update-namespace --namespace-name NAME --log-exports connectionlog \
                  userlog useractivitylog",
    fix_calls: &["redshift-serverless:UpdateNamespace"],
    frameworks: Frameworks {
        security_hub: &["RedshiftServerless.6"],
        config_rules: &["redshift-serverless-publish-logs-to-cloudwatch"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.2.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let listed = place.list("redshift-serverless:ListNamespaces", "namespaces")?;
        Ok(listed
            .iter()
            .filter_map(|namespace| {
                let name = namespace.text("namespaceName")?;
                let arn = namespace.text("namespaceArn").map_or_else(
                    || place.arn("redshift-serverless", &format!("namespace/{name}")),
                    str::to_owned,
                );
                Some(resource(place, &arn, |logging| {
                    logging.fix(format!(
                        "aws redshift-serverless update-namespace --region {} --namespace-name {name} \
                         --log-exports {}",
                        place.region,
                        redshift_audit::LOGS.join(" ")
                    ));
                    let exported = namespace.texts("logExports");
                    let missing: Vec<&str> =
                        redshift_audit::LOGS.into_iter().filter(|log| !exported.contains(log)).collect();
                    let folder = format!("/aws/redshift/{name}");
                    redshift_audit::to_log_groups(place, &folder, (&exported, &missing), logging)
                }))
            })
            .collect())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;
    use crate::check::Status;

    fn estate(logs: &[&str]) -> Estate {
        let namespace = json!({"namespaceName": "bi", "namespaceArn": "arn:ns", "logExports": logs});
        Estate::new().with("redshift-serverless:ListNamespaces", "", json!({"namespaces": [namespace]}))
    }

    #[test]
    fn exports() {
        let all = estate(&["useractivitylog", "userlog", "connectionlog"]);
        let there = all.clone().log_groups(&["/aws/redshift/bi/userlog"]);
        let verdict =
            expect(&there, &CHECK, Status::Pass, "exported: useractivitylog, userlog and connectionlog");
        assert_eq!(verdict.resource_arn, "arn:ns");
        expect(&all, &CHECK, Status::Fail, "nothing has arrived");
        expect(
            &estate(&["userlog"]),
            &CHECK,
            Status::Fail,
            "not exported: connectionlog and useractivitylog",
        );
    }

    #[test]
    fn unknown_and_nothing() {
        let action = "redshift-serverless:ListNamespaces";
        expect_denied(&Estate::new().denied(action, "", action), &CHECK, action);
        expect_nothing(&Estate::new().with(action, "", json!({"namespaces": []})), &CHECK);
    }
}
