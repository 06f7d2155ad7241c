//! One module per command.

mod alarms;
mod apply;
mod check;
mod demo;
mod detect;
mod filter;
mod findings;
mod iam_policy;
mod incidents;
pub(crate) mod ingest;
mod maintain;
mod query;
mod respond;
mod responses;
mod rules;
mod search;
mod serve;

use crate::args::{Args, Command};
use crate::exit::Status;

/// Runs the command.
pub(crate) async fn run(args: Args) -> anyhow::Result<Status> {
    let global = &args.global;
    if let (Some(format), false) = (global.output.report(), matches!(args.command, Command::Check(_))) {
        anyhow::bail!("{format} is for `check` only; choose table, json, ndjson or csv");
    }
    match &args.command {
        Command::Demo(demo) => demo::run(global, demo).await,
        Command::Serve(serve) => serve::run(global, serve).await,
        Command::Ingest(ingest) => ingest::run(global, ingest).await,
        Command::Query(query) => query::run(global, query).await,
        Command::Search(search) => search::run(global, search).await,
        Command::Detect(detect) => detect::run(global, detect).await,
        Command::Filter(filter) => filter::run(global, filter).await,
        Command::Rules(rules) => rules::run(global, rules),
        Command::Findings(findings) => findings::run(global, findings).await,
        Command::Responses(responses) => Box::pin(responses::run(global, responses)).await,
        Command::Alarms(alarms) => Box::pin(alarms::run(global, alarms)).await,
        Command::Incidents(args) => Box::pin(incidents::incidents(global, args)).await,
        Command::Silences(args) => Box::pin(incidents::silences(global, args)).await,
        Command::Channels(args) => Box::pin(incidents::channels(global, args)).await,
        Command::Maintain(maintain) => maintain::run(global, maintain).await,
        Command::Check(check) => check::run(global, check).await,
        Command::Apply(apply) => Box::pin(apply::run(global, apply)).await,
        Command::IamPolicy(policy) => iam_policy::run(policy),
    }
}
