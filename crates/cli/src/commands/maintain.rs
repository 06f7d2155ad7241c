//! `trailkeep maintain`.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::Utc;
use serde::Serialize;
use trailkeep_formats::registry;
use trailkeep_lake::{MaintainOptions, Maintained, Retention};

use crate::args::{Format, Global, Maintain};
use crate::context;
use crate::exit::Status;
use crate::output::{self, note, thousands};

#[derive(Serialize)]
struct Row {
    table: &'static str,
    files_before: u64,
    files_after: u64,
    bytes_before: u64,
    bytes_after: u64,
    days_dropped: u64,
    rows_dropped: u64,
    files_vacuumed: u64,
}

pub(crate) async fn run(global: &Global, args: &Maintain) -> anyhow::Result<Status> {
    let retention = Retentions::parse(&args.retention)?;
    for name in args.tables.iter().chain(retention.by_table.keys()) {
        anyhow::ensure!(
            registry::table(name).is_some(),
            "no table `{name}`; `trailkeep query 'SHOW TABLES'` lists them"
        );
    }
    let sources = context::sources(global);
    let lake = context::lake(global, &sources).await?;
    let mut rows = Vec::new();
    for def in registry::tables() {
        if !args.tables.is_empty() && !args.tables.iter().any(|t| t == def.name) {
            continue;
        }
        let Some(table) = lake.existing(def).await? else { continue };
        if !global.quiet {
            note(&format!("{} …", def.name));
        }
        let mut options = MaintainOptions::at(Utc::now());
        options.retention = retention.of(def.name);
        options.z_order = args.z_order && def.index_of("eventname").is_some();
        options.dry_run = args.dry_run;
        rows.push(row(def.name, &table.maintain(&options).await?));
    }
    let header = [
        "table",
        "files before",
        "after",
        "bytes before",
        "after",
        "days dropped",
        "rows dropped",
        "vacuumed",
    ];
    output::items(global.output, &rows, &header, |r| {
        let plain = global.output != Format::Table;
        let n = |n: u64| if plain { n.to_string() } else { thousands(n) };
        vec![
            r.table.to_owned(),
            n(r.files_before),
            n(r.files_after),
            n(r.bytes_before),
            n(r.bytes_after),
            n(r.days_dropped),
            n(r.rows_dropped),
            n(r.files_vacuumed),
        ]
    })?;
    Ok(Status::Done)
}

fn row(table: &'static str, done: &Maintained) -> Row {
    Row {
        table,
        files_before: done.files_before,
        files_after: done.files_after,
        bytes_before: done.bytes_before,
        bytes_after: done.bytes_after,
        days_dropped: done.days_dropped,
        rows_dropped: done.rows_dropped,
        files_vacuumed: done.files_vacuumed,
    }
}

/// `365`, `vpc_flow_logs=90`.
struct Retentions {
    all: Retention,
    by_table: BTreeMap<String, Retention>,
}

impl Retentions {
    fn parse(given: &[String]) -> anyhow::Result<Self> {
        let mut parsed = Self { all: Retention::Forever, by_table: BTreeMap::new() };
        for text in given {
            let (table, days) = text.split_once('=').map_or((None, text.as_str()), |(t, d)| (Some(t), d));
            let days: u64 = days
                .trim_end_matches('d')
                .parse()
                .ok()
                .filter(|&d| d > 0)
                .with_context(|| format!("`{text}` is no retention: write 365, or TABLE=365, in days"))?;
            match table {
                Some(table) => {
                    parsed.by_table.insert(table.to_owned(), Retention::Days(days));
                }
                None => parsed.all = Retention::Days(days),
            }
        }
        Ok(parsed)
    }

    fn of(&self, table: &str) -> Retention {
        self.by_table.get(table).copied().unwrap_or(self.all)
    }
}
