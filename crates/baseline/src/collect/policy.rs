//! The least-privilege IAM policies: of `check`, from the table of questions itself, and of the watch over
//! CloudWatch's alarms.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailkeep_aws::api::Operation;
use trailkeep_aws::api::services::{cloudwatch, ec2, logs, organizations, sqs, sts};

use super::{Accounts, enter, services};

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

/// What is asked in each account whose alarms are watched, fetched for or imported.
static WATCHES: [&Operation; 4] = [
    &cloudwatch::DESCRIBE_ALARMS,
    &cloudwatch::GET_METRIC_DATA,
    &logs::DESCRIBE_METRIC_FILTERS,
    &ec2::DESCRIBE_REGIONS,
];

/// What is done with queues of events about alarms.
static TAKES_MESSAGES: [&Operation; 2] = [&sqs::DELETE_MESSAGE_BATCH, &sqs::RECEIVE_MESSAGE];

/// The policy of who watches alarms: what is asked in each account; and for the one that `serve` runs as, the
/// way into other accounts, and taking messages off these queues (their ARNs). Roles that are assumed need
/// the first statement only, which is all there is for [`Accounts::Own`] without queues.
#[must_use]
pub fn alarms_policy(accounts: &Accounts, queues: &[String]) -> Value {
    let actions = |operations: &[&'static Operation]| -> BTreeSet<&'static str> {
        operations.iter().map(|operation| operation.action).collect()
    };
    let allow = |sid: &str, actions: BTreeSet<&str>, resource: Value| json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource });
    let everywhere = || json!("*");
    let enter = |resource: Value| allow("TrailkeepAlarmsAccounts", actions(&[&sts::ASSUME_ROLE]), resource);
    let mut statements = vec![allow("TrailkeepAlarms", actions(&WATCHES), everywhere())];
    match accounts {
        Accounts::Own => {}
        Accounts::Roles(roles) => statements.push(enter(roles.iter().map(|role| role.as_str()).collect())),
        Accounts::Organization { role } => {
            let list = actions(&[&organizations::LIST_ACCOUNTS]);
            statements.push(allow("TrailkeepAlarmsOrganization", list, everywhere()));
            statements.push(enter(json!(format!("arn:*:iam::*:role/{}", role.trim_start_matches('/')))));
        }
    }
    if !queues.is_empty() {
        statements.push(allow("TrailkeepAlarmsQueues", actions(&TAKES_MESSAGES), json!(queues)));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
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

    #[test]
    fn the_policy_of_alarms() {
        let organization = Accounts::Organization { role: "security/TrailkeepAlarms".to_owned() };
        let queue = "arn:aws:sqs:eu-west-1:111122223333:alarms".to_owned();
        let policy = alarms_policy(&organization, &[queue]);
        insta::assert_snapshot!(serde_json::to_string_pretty(&policy).unwrap());
    }

    /// What is in a policy is what was asked for.
    #[test]
    fn the_policy_of_alarms_has_no_more_than_it_needs() {
        let sids = |accounts: &Accounts, queues: &[String]| -> Vec<String> {
            let policy = alarms_policy(accounts, queues);
            let statements = policy["Statement"].as_array().unwrap();
            statements.iter().map(|statement| statement["Sid"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(sids(&Accounts::Own, &[]), ["TrailkeepAlarms"]);
        let role = "arn:aws:iam::111122223333:role/TrailkeepAlarms";
        let roles = Accounts::Roles(vec![role.parse().unwrap()]);
        assert_eq!(sids(&roles, &[]), ["TrailkeepAlarms", "TrailkeepAlarmsAccounts"]);
        assert_eq!(alarms_policy(&roles, &[])["Statement"][1]["Resource"], json!([role]));
        let read_only = alarms_policy(&Accounts::Own, &[]);
        for action in read_only["Statement"][0]["Action"].as_array().unwrap() {
            let (_, name) = action.as_str().unwrap().split_once(':').unwrap();
            assert!(name.starts_with("Describe") || name.starts_with("Get"), "{name}");
        }
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    #[test]
    fn it_fits_into_a_managed_policy() {
        let text = serde_json::to_string(&iam_policy(Purpose::Check)).unwrap();
        assert!(text.len() <= 6_144, "{} characters", text.len());
    }
}
