//! AWS STS.

use crate::api::{Hints, Operation, Protocol, Service};

/// AWS STS.
pub static SERVICE: Service = Service::new("sts", "STS", Protocol::Query { version: "2011-06-15" });

/// [GetCallerIdentity](https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/GetCallerIdentity).
pub static GET_CALLER_IDENTITY: Operation =
    Operation::new(&SERVICE, "GetCallerIdentity", "sts:GetCallerIdentity");

/// [AssumeRole](https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/AssumeRole).
pub static ASSUME_ROLE: Operation = Operation::new(&SERVICE, "AssumeRole", "sts:AssumeRole").hints(Hints {
    numbers: &["PackedPolicySize", "SessionTokenSize", "SessionTokenUtilization"],
    ..Hints::NONE
});
