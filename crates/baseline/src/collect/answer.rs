//! What a call's result means for the inventory.

use serde_json::Value;
use trailkeep_aws::api::{ApiError, ErrorKind};

use crate::inventory::{Answer, Failure};

/// The code of a service that a Region does not have.
const NOT_OFFERED: &str = "NotOfferedInRegion";

/// What services say where they, or the call, are not offered. There is nothing of theirs there.
const NOT_OFFERED_CODES: [&str; 5] = [
    "InvalidAction",
    "OptInRequired",
    "SubscriptionRequiredException",
    "UnknownEndpoint",
    "UnknownOperationException",
];

/// The answer as it is kept; `absent` are the codes by which this call says "none".
pub(super) fn answer(result: Result<Value, ApiError>, absent: &[&str]) -> Answer {
    match result {
        Ok(output) => Answer::Output(output),
        Err(error) if absent.contains(&error.code()) || NOT_OFFERED_CODES.contains(&error.code()) => {
            Answer::Absent(error.code().to_owned())
        }
        Err(error) => Answer::Failed(failure(&error)),
    }
}

/// The answer for a service whose name does not resolve in a Region where others' names do.
pub(super) fn not_offered() -> Answer {
    Answer::Absent(NOT_OFFERED.to_owned())
}

/// Whether the service's name does not resolve. A resolver that is out of order is something else.
pub(super) fn is_unresolved(error: &ApiError) -> bool {
    *error.kind() == ErrorKind::Unreachable && is_no_such_host(error.message())
}

/// The resolver's words on Linux (glibc, musl) and on macOS: there is no other way to tell.
fn is_no_such_host(message: &str) -> bool {
    let of_resolver =
        message.contains("dns error") || message.contains("failed to lookup address information");
    let nothing_there = [
        "Name or service not known",
        "No address associated with hostname",
        "Name does not resolve",
        "nodename nor servname provided",
    ];
    of_resolver && nothing_there.iter().any(|words| message.contains(words))
}

/// Why a question could not be asked.
pub(super) fn failure(error: &ApiError) -> Failure {
    let code = match error.kind() {
        ErrorKind::Unreachable => "Unreachable",
        ErrorKind::Throttled => "Throttled",
        _ => error.code(),
    };
    Failure {
        code: code.to_owned(),
        message: error.message().to_owned(),
        missing_action: error.missing_action().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_do_not_exist_and_resolvers_that_do_not_answer() {
        let said = "https://kafka.xx-nowhere-1.amazonaws.com: error sending request: client error (Connect): \
                    dns error: failed to lookup address information: ";
        assert!(is_no_such_host(&format!("{said}Name or service not known")));
        assert!(is_no_such_host(&format!("{said}nodename nor servname provided, or not known")));
        assert!(!is_no_such_host(&format!("{said}Temporary failure in name resolution")));
        assert!(!is_no_such_host("client error (Connect): tcp connect error: Connection refused"));
    }
}
