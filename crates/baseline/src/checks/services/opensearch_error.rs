//! Error logs of OpenSearch domains.

use super::{nist, opensearch};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "opensearch-error-logging",
    control: Control::Services,
    title: "Every OpenSearch domain publishes its error log",
    severity: Severity::Low,
    why: "The error log shows denied access and failing queries, and what a domain did before it broke. \
          https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html",
    expected: "ES_APPLICATION_LOGS published to a live log group",
    remediation: "aws opensearch update-domain-config --domain-name NAME --log-publishing-options \
                  'ES_APPLICATION_LOGS={CloudWatchLogsLogGroupArn=LOG_GROUP_ARN,Enabled=true}'",
    fix_calls: &["es:UpdateDomainConfig", "logs:PutResourcePolicy"],
    frameworks: Frameworks {
        security_hub: &["Opensearch.4", "ES.4"],
        config_rules: &["opensearch-logs-to-cloudwatch", "elasticsearch-logs-to-cloudwatch"],
        nist_800_53: nist::AUDIT,
        ..Frameworks::NONE
    },
    run,
};

const KIND: opensearch::Kind = opensearch::Kind { log: "ES_APPLICATION_LOGS", word: "error logs" };

fn run(context: &Context<'_>) -> Vec<Verdict> {
    opensearch::run(context, &KIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_logs() {
        opensearch::tests::suite(&CHECK, &KIND);
    }
}
