//! The least-privilege IAM policy, from the table of questions itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailkeep_aws::api::Operation;
use trailkeep_aws::api::services::sts;

use super::{enter, services};

/// What a role of Trailkeep's is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// Reading what `collect` reads, and no more.
    Check,
}

/// The policy for that purpose. Most of the calls know no resources, and those of the others are not
/// known beforehand: it allows its few actions on all of them.
#[must_use]
pub fn iam_policy(purpose: Purpose) -> Value {
    let (id, actions) = match purpose {
        Purpose::Check => ("TrailkeepCheck", check_actions()),
    };
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Sid": id, "Effect": "Allow", "Action": actions, "Resource": "*"}]
    })
}

fn check_actions() -> BTreeSet<&'static str> {
    let asked = services::all().map(|ask| ask.operation);
    let operations = asked.chain(enter::OPERATIONS.iter().copied());
    operations.filter(|operation| needs_permission(operation)).map(|operation| operation.action).collect()
}

/// Everybody may ask who they are.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
fn needs_permission(operation: &Operation) -> bool {
    operation.action != sts::GET_CALLER_IDENTITY.action
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_check() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&iam_policy(Purpose::Check)).unwrap());
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    #[test]
    fn it_fits_into_a_managed_policy() {
        let text = serde_json::to_string(&iam_policy(Purpose::Check)).unwrap();
        assert!(text.len() <= 6_144, "{} characters", text.len());
    }
}
