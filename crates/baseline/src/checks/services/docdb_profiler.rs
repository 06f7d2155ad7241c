//! Profiler logs of DocumentDB clusters.

use super::{exports, nist};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "docdb-profiler-logging",
    control: Control::Services,
    title: "Every DocumentDB cluster exports its profiler log",
    severity: Severity::Low,
    why: "The profiler log holds operations that took long, with their client: bulk reads are among them. \
          https://docs.aws.amazon.com/documentdb/latest/developerguide/profiling.html",
    expected: "the profiler log exported to CloudWatch Logs, and arriving",
    remediation: "aws docdb modify-db-cluster --db-cluster-identifier ID --apply-immediately \
                  --cloudwatch-logs-export-configuration '{\"EnableLogTypes\":[\"profiler\"]}' \
                  (and profiler=enabled in its cluster parameter group)",
    fix_calls: &["rds:ModifyDBCluster", "rds:ModifyDBClusterParameterGroup", "iam:CreateServiceLinkedRole"],
    frameworks: Frameworks { nist_800_53: nist::AUDIT, ..Frameworks::NONE },
    run,
};

const KIND: exports::Kind = exports::Kind {
    engine: "docdb",
    log: "profiler",
    hint: "(and profiler=enabled in its cluster parameter group)",
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    exports::run(context, &KIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports() {
        exports::tests::suite(&CHECK, &KIND, "audit");
    }
}
