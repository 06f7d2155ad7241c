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
