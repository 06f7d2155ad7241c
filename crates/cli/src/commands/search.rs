//! `trailkeep search`.

use chrono::Utc;
use trailkeep_query::{Page, SearchQuery};

use crate::args::{Global, Search};
use crate::context;
use crate::exit::Status;
use crate::output::{self, note};

pub(crate) async fn run(global: &Global, args: &Search) -> anyhow::Result<Status> {
    let text = text(args);
    let query = SearchQuery::parse(&text, Utc::now())?;
    let sources = context::sources(global);
    let engine = context::engine(global, context::lake(global, &sources).await?).await?;
    let page = Page { limit: args.limit, ..Page::default() };
    let result = engine.search(&query, page).await?;
    let header = ["time", "account", "region", "actor", "action", "target", "source", "outcome"];
    output::items(global.output, &result.events, &header, |event| {
        let cell = |value: &Option<String>| value.clone().unwrap_or_default();
        vec![
            event.time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            cell(&event.account),
            cell(&event.region),
            cell(&event.actor),
            cell(&event.action),
            cell(&event.target),
            cell(&event.source_address),
            cell(&event.outcome),
        ]
    })?;
    if !global.quiet {
        let more = if result.more { "; there are older ones: --limit shows more" } else { "" };
        let partial = if result.partial { "; stopped at the time limit, narrow it with --since" } else { "" };
        note(&format!("{} events{more}{partial}", result.events.len()));
    }
    Ok(Status::Done)
}

/// The query with what the options add to it.
fn text(args: &Search) -> String {
    let mut parts = args.query.clone();
    parts.extend(args.since.iter().map(|when| format!("since:{when}")));
    parts.extend(args.until.iter().map(|when| format!("until:{when}")));
    parts.extend(args.table.iter().map(|table| format!("table:{table}")));
    parts.join(" ")
}
