//! Audit logs of OpenSearch domains.

use super::{nist, opensearch};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "opensearch-audit-logging",
    control: Control::Services,
    title: "Every OpenSearch domain publishes its audit log",
    severity: Severity::Medium,
    why: "The audit log tells who signed in to a domain, failed to, and searched which index. \
          https://docs.aws.amazon.com/opensearch-service/latest/developerguide/audit-logs.html",
    expected: "AUDIT_LOGS published to a live log group",
    remediation: "aws opensearch update-domain-config --domain-name NAME --log-publishing-options \
                  'AUDIT_LOGS={CloudWatchLogsLogGroupArn=LOG_GROUP_ARN,Enabled=true}' (needs fine-grained \
                  access control, and audit logs enabled in OpenSearch Dashboards)",
    fix_calls: &["es:UpdateDomainConfig", "logs:PutResourcePolicy"],
    frameworks: Frameworks {
        security_hub: &["Opensearch.5", "ES.5"],
        config_rules: &["opensearch-audit-logging-enabled"],
        nist_800_53: nist::AUDIT,
        pci_dss_4: &["10.2.1", "10.4.2"],
        ..Frameworks::NONE
    },
    run,
};

const KIND: opensearch::Kind = opensearch::Kind { log: "AUDIT_LOGS", word: "audit logs" };

fn run(context: &Context<'_>) -> Vec<Verdict> {
    opensearch::run(context, &KIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_logs() {
        opensearch::tests::suite(&CHECK, &KIND);
    }
}
