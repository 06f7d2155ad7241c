//! `trailkeep findings`.

use trailkeep_state::FindingFilter;

use crate::args::{Findings, Global};
use crate::exit::Status;
use crate::{context, output};

pub(crate) async fn run(global: &Global, args: &Findings) -> anyhow::Result<Status> {
    let state = context::state(global).await?;
    let filter = FindingFilter { min_level: Some(args.min_level), ..FindingFilter::default() };
    let page = state.findings().list(&filter, args.limit, None).await?;
    let header = ["last_time", "level", "status", "count", "rule", "actor", "account", "summary", "id"];
    output::items(global.output, &page.rows, &header, |row| {
        let finding = &row.finding;
        vec![
            row.last_time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            row.level.as_str().to_owned(),
            row.status.as_str().to_owned(),
            row.count.to_string(),
            finding.rule_title.clone(),
            finding.actor.clone().unwrap_or_default(),
            finding.account_id.clone().unwrap_or_default(),
            finding.summary.clone(),
            row.id.clone(),
        ]
    })?;
    Ok(Status::Done)
}
