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
        _ if check.starts_with("security-hub")
            || check.starts_with("guardduty")
            || check.starts_with("config-") =>
        {
            "the service costs by use and is turned on for a whole organisation, from its administrator's account"
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
