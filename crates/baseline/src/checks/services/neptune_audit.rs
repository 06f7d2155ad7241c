//! Audit logs of Neptune clusters.

use super::{exports, nist};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "neptune-audit-logging",
    control: Control::Services,
    title: "Every Neptune cluster exports its audit log",
    severity: Severity::Medium,
    why: "The audit log tells which client asked what of the graph. \
          https://docs.aws.amazon.com/neptune/latest/userguide/auditing.html",
    expected: "the audit log exported to CloudWatch Logs, and arriving",
    remediation: "aws neptune modify-db-cluster --db-cluster-identifier ID --apply-immediately \
                  --cloudwatch-logs-export-configuration '{\"EnableLogTypes\":[\"audit\"]}' \
                  (and neptune_enable_audit_log=1 in its cluster parameter group)",
    fix_calls: &["rds:ModifyDBCluster", "rds:ModifyDBClusterParameterGroup", "iam:CreateServiceLinkedRole"],
    frameworks: Frameworks {
        security_hub: &["Neptune.2"],
        config_rules: &["neptune-cluster-cloudwatch-log-export-enabled"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.3.3"],
        ..Frameworks::NONE
    },
    run,
};

const KIND: exports::Kind = exports::Kind {
    engine: "neptune",
    log: "audit",
    hint: "(and neptune_enable_audit_log=1 in its cluster parameter group)",
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    exports::run(context, &KIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports() {
        exports::tests::suite(&CHECK, &KIND, "slowquery");
    }
}
