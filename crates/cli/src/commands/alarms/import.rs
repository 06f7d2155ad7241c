//! `trailkeep alarms import`: alarms and metric filters of accounts, or of files, into the state.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use trailkeep_alarms::definition::{AlarmEntry, MetricFilter, each_alarm, each_filter};
use trailkeep_aws::api::Client;
use trailkeep_aws::api::services::{cloudwatch, ec2, logs};
use trailkeep_baseline::collect;
use trailkeep_server::alarming::rows;
use trailkeep_state::{AlarmOrigin, Alarms, MetricFilterRow, NewAlarm, Replaced};

use super::read;
use crate::args::{AlarmsImport, Format, Global};
use crate::commands::check::collect as estate;
use crate::context;
use crate::exit::Status;
use crate::output::{self, clean, note};

/// Definitions that cannot be used are named up to here, and counted beyond.
const NAMED: usize = 10;

/// What was taken over.
#[derive(Debug, Default, Serialize)]
struct Imported {
    alarms: usize,
    metric_filters: usize,
    changed: u64,
    removed: u64,
    /// Definitions that cannot be used, and why.
    skipped: Vec<String>,
    /// Accounts and Regions that could not be asked, and why.
    failed: Vec<String>,
}

/// Definitions from one place.
#[derive(Debug, Default)]
struct Found {
    alarms: Vec<AlarmEntry>,
    filters: Vec<MetricFilter>,
}

pub(super) async fn run(global: &Global, args: &AlarmsImport) -> anyhow::Result<Status> {
    let tables = tables(&args.tables)?;
    // Read before the state is opened: mistakes change nothing.
    let mut imported = Imported::default();
    if args.files.is_empty() {
        from_accounts(global, args, &tables, &mut imported).await?;
    } else {
        let mut found = Found::default();
        for file in &args.files {
            from_file(file, &tables, &mut found, &mut imported)?;
        }
        let state = context::state(global).await?;
        keep_files(&state.alarms(), &found, Utc::now(), &mut imported).await?;
    }
    tell(global, &imported)?;
    Ok(if imported.failed.is_empty() { Status::Done } else { Status::Incomplete })
}

fn tables(pairs: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let pair = |text: &String| {
        let (group, table) =
            text.rsplit_once('=').filter(|(group, table)| !group.is_empty() && !table.is_empty())?;
        Some((group.to_owned(), table.to_owned()))
    };
    pairs
        .iter()
        .map(|text| pair(text).with_context(|| format!("--table {text}: write GROUP=TABLE")))
        .collect()
}

/// Reads an answer's definitions; what cannot be used is noted and left out.
fn sort(
    alarms: &Value,
    filters: &Value,
    tables: &BTreeMap<String, String>,
    found: &mut Found,
    imported: &mut Imported,
) -> anyhow::Result<()> {
    for entry in each_alarm(alarms)? {
        match entry {
            Ok(entry) => found.alarms.push(entry),
            Err(error) => imported.skipped.push(error.to_string()),
        }
    }
    for filter in each_filter(filters)? {
        match filter {
            Ok(mut filter) => {
                if let Some(table) = filter.log_group_name.as_ref().and_then(|group| tables.get(group)) {
                    filter.table.clone_from(table);
                }
                found.filters.push(filter);
            }
            Err(error) => imported.skipped.push(error.to_string()),
        }
    }
    Ok(())
}

fn from_file(
    file: &Path,
    tables: &BTreeMap<String, String>,
    found: &mut Found,
    imported: &mut Imported,
) -> anyhow::Result<()> {
    let about = || format!("cannot use {}", file.display());
    let value: Value = serde_json::from_str(&read(file)?).with_context(about)?;
    let first = value.as_array().and_then(|list| list.first()).unwrap_or(&value);
    let is_filters = first.get("metricFilters").is_some() || first.get("filterName").is_some();
    let none = json!([]);
    let (alarms, filters) = if is_filters { (&none, &value) } else { (&value, &none) };
    sort(alarms, filters, tables, found, imported).with_context(about)
}

async fn keep_files(
    alarms: &Alarms,
    found: &Found,
    now: DateTime<Utc>,
    imported: &mut Imported,
) -> anyhow::Result<()> {
    let new: Vec<NewAlarm> =
        found.alarms.iter().map(|entry| rows::alarm(entry, AlarmOrigin::Import, None, now)).collect();
    // A file says nothing of what it does not have: nothing is let go.
    imported.changed += alarms.put(&new, now).await?;
    let kept = alarms.filters().await?;
    let mut filters: Vec<MetricFilterRow> =
        found.filters.iter().map(|filter| rows::filter(filter, AlarmOrigin::Import, None)).collect();
    let others = kept.into_iter().filter(|kept| kept.origin == AlarmOrigin::Import);
    let new: Vec<String> = filters.iter().map(|filter| filter.id.clone()).collect();
    filters.extend(others.filter(|kept| !new.contains(&kept.id)));
    let done = alarms.replace_filters(AlarmOrigin::Import, None, &filters, now).await?;
    add(imported, done);
    imported.alarms = found.alarms.len();
    imported.metric_filters = found.filters.len();
    Ok(())
}

async fn from_accounts(
    global: &Global,
    args: &AlarmsImport,
    tables: &BTreeMap<String, String>,
    imported: &mut Imported,
) -> anyhow::Result<()> {
    let aws = estate::load(&args.estate).await?;
    let scope = estate::scope(&args.estate);
    let clients =
        Box::pin(collect::enter(&aws, &scope)).await.context("the accounts could not be entered")?;
    let state = context::state(global).await?;
    let mut clients: Vec<(String, Client)> = clients.into_iter().collect();
    clients.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (account, client) in clients {
        let regions = match regions(&client, &args.estate.regions).await {
            Ok(regions) => regions,
            Err(error) => {
                imported.failed.push(format!("account {account}: {error:#}"));
                continue;
            }
        };
        for region in regions {
            let mut found = Found::default();
            if let Err(error) = ask(&client, &region, tables, &mut found, imported).await {
                imported.failed.push(format!("account {account}, {region}: {error:#}"));
                continue;
            }
            let scope = Some((account.as_str(), region.as_str()));
            let now = Utc::now();
            let alarms: Vec<NewAlarm> = found
                .alarms
                .iter()
                .map(|entry| rows::alarm(entry, AlarmOrigin::Import, scope, now))
                .collect();
            add(imported, state.alarms().replace(AlarmOrigin::Import, scope, &alarms, now).await?);
            let filters: Vec<MetricFilterRow> =
                found.filters.iter().map(|filter| rows::filter(filter, AlarmOrigin::Import, scope)).collect();
            add(imported, state.alarms().replace_filters(AlarmOrigin::Import, scope, &filters, now).await?);
            imported.alarms += alarms.len();
            imported.metric_filters += filters.len();
        }
    }
    Ok(())
}

async fn regions(client: &Client, asked: &[String]) -> anyhow::Result<Vec<String>> {
    if !asked.is_empty() {
        return Ok(asked.to_vec());
    }
    let answer = client.call_all(&ec2::DESCRIBE_REGIONS, client.home_region(), &json!({})).await?;
    let names = answer["Regions"].as_array().into_iter().flatten();
    let mut names: Vec<String> =
        names.filter_map(|region| region["RegionName"].as_str().map(str::to_owned)).collect();
    names.sort();
    Ok(names)
}

async fn ask(
    client: &Client,
    region: &str,
    tables: &BTreeMap<String, String>,
    found: &mut Found,
    imported: &mut Imported,
) -> anyhow::Result<()> {
    // Without AlarmTypes, CloudWatch leaves composite alarms out.
    let types = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
    let alarms = client.call_all(&cloudwatch::DESCRIBE_ALARMS, region, &types).await?;
    let filters = client.call_all(&logs::DESCRIBE_METRIC_FILTERS, region, &json!({})).await?;
    let lists = json!({
        "MetricAlarms": alarms.get("MetricAlarms"), "CompositeAlarms": alarms.get("CompositeAlarms"),
    });
    let filters = json!({ "metricFilters": filters.get("metricFilters") });
    sort(&lists, &filters, tables, found, imported)
}

fn add(imported: &mut Imported, done: Replaced) {
    imported.changed += done.changed;
    imported.removed += done.removed;
}

fn tell(global: &Global, imported: &Imported) -> anyhow::Result<()> {
    for (what, list) in [("left out", &imported.skipped), ("not asked", &imported.failed)] {
        list.iter().take(NAMED).for_each(|why| note(&format!("warning: {what}: {}", clean(why))));
        if list.len() > NAMED {
            note(&format!("warning: {} more {what}", list.len() - NAMED));
        }
    }
    if matches!(global.output, Format::Json | Format::Ndjson) {
        return output::document(global.output, imported);
    }
    let cells = |imported: &Imported| {
        let counts =
            [imported.alarms as u64, imported.metric_filters as u64, imported.changed, imported.removed];
        let lists = [imported.skipped.len() as u64, imported.failed.len() as u64];
        counts.into_iter().chain(lists).map(|count| count.to_string()).collect()
    };
    let header = ["alarms", "metric_filters", "changed", "removed", "skipped", "failed"];
    output::items(global.output, std::slice::from_ref(imported), &header, cells)
}
