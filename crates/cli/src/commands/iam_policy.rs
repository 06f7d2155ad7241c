//! `trailkeep iam-policy`.

use std::io::{self, Write};

use trailkeep_baseline::apply;
use trailkeep_baseline::collect::{Purpose, iam_policy};

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

/// Prints the policy.
pub(crate) fn run(args: &IamPolicy) -> anyhow::Result<Status> {
    let (policy, hint) = match args.role {
        Role::Check => (iam_policy(Purpose::Check), CHECK_HINT),
        Role::Apply => (apply::iam_policy(), APPLY_HINT),
        Role::Respond => (trailkeep_respond::playbook::respond_policy(|_| true), RESPOND_HINT),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &policy)?;
    writeln!(out)?;
    note(hint);
    Ok(Status::Done)
}
