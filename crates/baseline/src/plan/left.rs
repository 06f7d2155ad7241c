//! Why a failing check has no step, in words.

/// The reason for a check, where nothing more exact is known.
pub(super) fn reason(check: &str) -> &'static str {
    match check {
        "log-bucket-mfa-delete" => "only the root user, with an MFA code, can turn MFA delete on",
        "log-bucket-replication" => "where the second copy belongs, and in whose account, is yours to say",
        "log-bucket-object-lock" => {
            "locked files cannot be deleted before their time; ask for it with --object-lock-days before the log \
             bucket is made"
        }
        "trail-s3-data-events-write" | "trail-s3-data-events-read" => {
            "an event for each object that is read or written can cost more than the rest together; those of the \
             log bucket are recorded"
        }
        "trail-delivery"
        | "trail-digest-delivery"
        | "trail-log-group-delivery"
        | "trail-notification-delivery" => {
            "AWS says what keeps it from delivering; that is to be taken away first"
        }
        "trail-organization" => {
            "a trail of the whole organisation is made in its management account, on purpose"
        }
        "trail-kms-encryption" | "trail-kms-key" | "log-bucket-key" | "log-bucket-encryption" => {
            "changing the key of a bucket or trail that is in use could lock its readers out"
        }
        "log-group-encryption" => {
            "the key must be in the log group's Region, and whoever reads the group must be let use it"
        }
        "event-data-store-ingesting" | "event-data-store-kept" | "event-data-store-encrypted" => {
            "an event data store costs by what it takes in; its owner has set it so"
        }
        "security-hub-delegated" | "guardduty-delegated" => {
            "which account looks after the organisation is said in its management account, on purpose"
        }
        "config-aggregated" => "in which account and Region the histories are to meet is yours to say",
        _ if check.starts_with("security-hub")
            || check.starts_with("guardduty")
            || check.starts_with("config-") =>
        {
            "the service is there and does not do what it should; what it was set to do, its owner knows"
        }
        "ecs-task-logging" => {
            "a task definition is changed by a new revision, which its service then has to be given"
        }
        "lambda-logging" => "the function's role or its log group is its owner's to change",
        "bedrock-invocation-logging" => {
            "prompts and answers may hold what must not be kept; whether and where they are, is yours to say"
        }
        "apigateway-execution-logging" => {
            "execution logs may hold what callers send; the level is its owner's to choose"
        }
        "elasticache-logging" => {
            "slow logs hold the commands and their arguments; whether they are kept is yours to say"
        }
        "redshift-serverless-audit-logging" => "which logs a namespace exports is its owner's to choose",
        "cloudfront-logging"
        | "route53-query-logging"
        | "resolver-query-logging"
        | "waf-logging"
        | "apigateway-rest-access-logging"
        | "apigateway-v2-access-logging"
        | "network-firewall-logging" => {
            "logging is on and not as it should be, or what is there is not known; what its owner has set, its owner \
             changes"
        }
        _ if check.starts_with("central-")
            || check.starts_with("findings-")
            || check.starts_with("rule-") =>
        {
            "where logs and findings are to meet is yours to say"
        }
        _ if check.starts_with("alarm-") => {
            "the alarm is not Trailkeep's; what it should do, its owner knows"
        }
        _ if check.starts_with("alert-") => {
            "the metric filter and the alarm are there; what breaks the way is said by the check"
        }
        _ if check.starts_with("log-bucket-") => {
            "the bucket is not Trailkeep's, and the change could keep others from it"
        }
        _ => "no step does this yet",
    }
}
