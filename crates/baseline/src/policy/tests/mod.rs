//! The evaluator on policies as AWS documents them, and on some that are meant to deceive it.

mod conditions;
mod decisions;
mod delivery;
mod foreign;
mod hostile;
mod public;
mod samples;

use serde_json::Value;

use super::{Decision, Policy, Principal, Request};

/// A policy of these statements.
fn policy(statements: Value) -> Policy {
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
    Policy::parse(&document.to_string()).unwrap_or_else(|error| panic!("{error}"))
}

fn ask(
    policy: &Policy,
    principal: Principal<'_>,
    action: &str,
    resource: &str,
    conditions: &[(&str, &str)],
) -> Decision {
    policy.decide(&Request { principal, action, resource, conditions })
}
