//! `trailkeep alarms list`, `show` and `history`.

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use trailkeep_alarms::AlarmState;
use trailkeep_server::alarming::rows;
use trailkeep_state::{AlarmFilter, AlarmHistoryFilter};

use crate::args::{Format, Global};
use crate::context;
use crate::exit::Status;
use crate::output::{self, clean};

/// What of the history is asked for.
pub(super) struct Asked<'a> {
    pub(super) alarm: &'a Option<String>,
    pub(super) state: Option<AlarmState>,
    pub(super) item_type: &'a Option<String>,
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) limit: usize,
}

pub(super) async fn list(
    global: &Global,
    states: &[AlarmState],
    prefix: Option<&str>,
    limit: usize,
) -> anyhow::Result<Status> {
    let state = context::state(global).await?;
    let filter = AlarmFilter {
        states: states.iter().map(ToString::to_string).collect(),
        name_prefix: prefix.map(str::to_owned),
        ..AlarmFilter::default()
    };
    let rows = state.alarms().list(&filter, 0, limit).await?;
    if matches!(global.output, Format::Json | Format::Ndjson) {
        let described: Vec<Value> = rows.iter().map(rows::described).collect();
        output::items(global.output, &described, &[], |_| Vec::new())?;
        return Ok(Status::Done);
    }
    output::items(
        global.output,
        &rows,
        &["state", "since", "name", "type", "account", "region", "reason"],
        |row| {
            vec![
                row.state.clone(),
                short(row.transitioned_at),
                row.name.clone(),
                row.kind.clone(),
                row.account_id.clone().unwrap_or_default(),
                row.region.clone().unwrap_or_default(),
                row.reason.clone(),
            ]
        },
    )?;
    Ok(Status::Done)
}

pub(super) async fn one(global: &Global, alarm: &str) -> anyhow::Result<Status> {
    let state = context::state(global).await?;
    let row = state.alarms().get(alarm).await?;
    let described = rows::described(&row);
    if matches!(global.output, Format::Json | Format::Ndjson) {
        output::document(global.output, &described)?;
        return Ok(Status::Done);
    }
    let fields: Vec<(String, String)> = match described {
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, text(&value))).collect(),
        _ => Vec::new(),
    };
    if global.output == Format::Csv {
        output::items(global.output, &fields, &["field", "value"], |(name, value)| {
            vec![name.clone(), value.clone()]
        })?;
        return Ok(Status::Done);
    }
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut out = std::io::stdout().lock();
    for (name, value) in fields {
        writeln!(out, "{name:width$}  {}", clean(&value))?;
    }
    Ok(Status::Done)
}

pub(super) async fn history(global: &Global, asked: Asked<'_>) -> anyhow::Result<Status> {
    let state = context::state(global).await?;
    let filter = AlarmHistoryFilter {
        alarm: asked.alarm.clone(),
        item_type: asked.item_type.clone(),
        to_state: asked.state.map(|state| state.to_string()),
        since: asked.since,
        ..AlarmHistoryFilter::default()
    };
    let page = state.alarms().history(&filter, asked.limit, None).await?;
    if matches!(global.output, Format::Json | Format::Ndjson) {
        let items: Vec<Value> = page.items.iter().map(rows::history_item).collect();
        output::items(global.output, &items, &[], |_| Vec::new())?;
        return Ok(Status::Done);
    }
    output::items(global.output, &page.items, &["time", "alarm", "type", "summary", "reason"], |item| {
        vec![
            short(item.time),
            item.alarm_name.clone(),
            item.item_type.clone(),
            item.summary.clone(),
            item.reason.clone().unwrap_or_default(),
        ]
    })?;
    Ok(Status::Done)
}

fn short(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A value as one line.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
