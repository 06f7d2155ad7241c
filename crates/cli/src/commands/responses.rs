//! `trailkeep responses`.

use anyhow::Context;
use trailkeep_server::Config;
use trailkeep_state::{Response, ResponseFilter, ResponseId, ResponseStatus, State};

use super::incidents::actor;
use crate::args::{Global, ListResponses, Responses};
use crate::exit::Status;
use crate::output::note;
use crate::{context, output};

const HEADER: [&str; 9] =
    ["response", "event_time", "status", "playbook", "account", "region", "resource", "actor", "changed"];

pub(crate) async fn run(global: &Global, args: &Responses) -> anyhow::Result<Status> {
    let state = context::state(global).await?;
    let done = match args {
        Responses::List(list) => return print(global, &listed(&state, list).await?),
        Responses::Reject(reject) => {
            let id = ResponseId(reject.id);
            let responses = state.responses();
            responses.reject(id, reject.reason.as_deref(), &actor(), chrono::Utc::now()).await?;
            responses.get(id).await?.with_context(|| format!("there is no response {id}"))?
        }
        Responses::Approve(one) => {
            let playbooks = playbooks(global, &state).await?;
            Box::pin(playbooks.approve(ResponseId(one.id), &actor())).await?
        }
        Responses::Undo(one) => {
            let playbooks = playbooks(global, &state).await?;
            Box::pin(playbooks.undo(ResponseId(one.id), &actor())).await?
        }
    };
    trailkeep_server::respond_changed(&state, &done).await?;
    if let Some(reason) = &done.reason {
        note(&output::clean(reason));
    }
    let failed = done.status == ResponseStatus::Failed;
    print(global, &[done])?;
    Ok(if failed { Status::Incomplete } else { Status::Done })
}

async fn listed(state: &State, args: &ListResponses) -> anyhow::Result<Vec<Response>> {
    let filter = ResponseFilter { statuses: args.status.clone(), ..ResponseFilter::default() };
    Ok(state.responses().list(&filter, args.limit, None).await?)
}

async fn playbooks(global: &Global, state: &State) -> anyhow::Result<trailkeep_respond::playbook::Playbooks> {
    let config = match &global.config {
        Some(file) => Config::load(file)?,
        None => Config::default(),
    };
    Ok(super::respond::playbooks(&config.respond.playbooks, state).await?.0)
}

fn print(global: &Global, rows: &[Response]) -> anyhow::Result<Status> {
    output::items(global.output, rows, &HEADER, |row| {
        vec![
            row.id.to_string(),
            row.event_time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            row.status.as_str().to_owned(),
            row.playbook.clone(),
            row.account_id.clone(),
            row.region.clone(),
            row.resource.clone(),
            row.actor.clone(),
            row.changed.clone(),
        ]
    })?;
    Ok(Status::Done)
}
