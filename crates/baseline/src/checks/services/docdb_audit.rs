//! Audit logs of DocumentDB clusters.

use super::{exports, nist};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "docdb-audit-logging",
    control: Control::Services,
    title: "Every DocumentDB cluster exports its audit log",
    severity: Severity::Medium,
    why: "The audit log tells who signed in and which collections, indexes and users were changed. \
          https://docs.aws.amazon.com/documentdb/latest/developerguide/event-auditing.html",
    expected: "the audit log exported to CloudWatch Logs, and arriving",
    remediation: "aws docdb modify-db-cluster --db-cluster-identifier ID --apply-immediately \
                  --cloudwatch-logs-export-configuration '{\"EnableLogTypes\":[\"audit\"]}' \
                  (and audit_logs=enabled in its cluster parameter group)",
    fix_calls: &["rds:ModifyDBCluster", "rds:ModifyDBClusterParameterGroup", "iam:CreateServiceLinkedRole"],
    frameworks: Frameworks {
        security_hub: &["DocumentDB.4"],
        config_rules: &["docdb-cluster-audit-logging-enabled"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.3.3"],
        ..Frameworks::NONE
    },
    run,
};

const KIND: exports::Kind = exports::Kind {
    engine: "docdb",
    log: "audit",
    hint: "(and audit_logs=enabled in its cluster parameter group)",
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    exports::run(context, &KIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports() {
        exports::tests::suite(&CHECK, &KIND, "profiler");
    }
}
