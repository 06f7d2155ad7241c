//! `trailkeep iam-policy`.

use std::io::{self, Write};

use trailkeep_baseline::apply;
use trailkeep_baseline::collect::{Accounts, Purpose, alarms_policy, iam_policy};

use crate::args::{IamPolicy, Role};
use crate::exit::Status;
use crate::output::note;

/// How the role is put to use; the policy itself goes to stdout alone, for a file or a pipe.
const CHECK_HINT: &str = "\
For the account of your own credentials, attach this policy to them and run `trailkeep check`.
For other accounts, make a role with it in each of them. Its trust policy names who runs Trailkeep,
  {\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": {\"AWS\": \"arn:aws:iam::ACCOUNT:role/RUNNER\"}}
and, for an account of somebody else's, an external id that they chose:
  \"Condition\": {\"StringEquals\": {\"sts:ExternalId\": \"…\"}}
Whoever runs Trailkeep needs sts:AssumeRole on arn:aws:iam::*:role/NAME, and then:
  trailkeep check --role-arn arn:aws:iam::ACCOUNT:role/NAME
  trailkeep check --org-role NAME        (every account of the organisation)";

const APPLY_HINT: &str = "\
Make a role of its own with this policy, for the minutes in which it is used: it can create and change
trails, buckets, keys, roles, alarms and queues. It reads what `check` reads, as the plan comes from that.
  trailkeep apply --dry-run --role-arn arn:aws:iam::ACCOUNT:role/NAME
As one managed policy it may be too long: make one of each statement.";

const RESPOND_HINT: &str = "\
Make a role with it in each account whose changes are to be put back; who runs `trailkeep serve` needs
sts:AssumeRole on it. Then, in trailkeep.toml:
  [respond]
  roles = [\"arn:aws:iam::ACCOUNT:role/NAME\"]
  [[respond.playbook]]
  name = \"security-group-rules\"
  mode = \"approve\"";

const ALARMS_HINT: &str = "\
Attach it to whoever runs `trailkeep serve`, with --queue for each queue of [alarms.cloudwatch], and with
--role-arn or --org-role for other accounts. Each of those has a role with the first statement, whose trust
policy names who runs Trailkeep. Then, in trailkeep.toml:
  [alarms.cloudwatch]
  organization_role = \"NAME\"
  queues = [\"https://sqs.eu-west-1.amazonaws.com/ACCOUNT/NAME\"]
A queue that is encrypted with a key of your own needs kms:Decrypt on that key as well.";

/// Prints the policy.
pub(crate) fn run(args: &IamPolicy) -> anyhow::Result<Status> {
    let of_alarms = !args.queues.is_empty() || !args.role_arn.is_empty() || args.org_role.is_some();
    if of_alarms && args.role != Role::Alarms {
        note("error: --queue, --role-arn and --org-role are of the role `alarms`; leave them out");
        return Ok(Status::Usage);
    }
    let (policy, hint) = match args.role {
        Role::Check => (iam_policy(Purpose::Check), CHECK_HINT),
        Role::Apply => (apply::iam_policy(), APPLY_HINT),
        Role::Respond => (trailkeep_respond::playbook::respond_policy(|_| true), RESPOND_HINT),
        Role::Alarms => (alarms_policy(&accounts(args), &args.queues), ALARMS_HINT),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &policy)?;
    writeln!(out)?;
    note(hint);
    Ok(Status::Done)
}

/// The accounts beside the own one.
fn accounts(args: &IamPolicy) -> Accounts {
    match &args.org_role {
        Some(role) => Accounts::Organization { role: role.clone() },
        None if args.role_arn.is_empty() => Accounts::Own,
        None => Accounts::Roles(args.role_arn.clone()),
    }
}
