//! `trailkeep iam-policy`.

use std::io::{self, Write};

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

/// Prints the policy.
pub(crate) fn run(args: &IamPolicy) -> anyhow::Result<Status> {
    let (purpose, hint) = match args.role {
        Role::Check => (Purpose::Check, CHECK_HINT),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &iam_policy(purpose))?;
    writeln!(out)?;
    note(hint);
    Ok(Status::Done)
}
