//! `trailkeep query`.

use std::io::{BufWriter, IsTerminal, Read, Write};

use anyhow::Context;
use trailkeep_query::output::{OutputFormat, write_result, write_stream};

use crate::args::{Format, Global, Query};
use crate::context;
use crate::exit::Status;
use crate::output::note;

/// Rows of a table unless told otherwise: more is not read by eye.
const TABLE_ROWS: usize = 1_000;

/// A statement longer than this is none.
const STATEMENT: u64 = 1 << 20;

pub(crate) async fn run(global: &Global, args: &Query) -> anyhow::Result<Status> {
    let sql = statement(&args.sql)?;
    let sources = context::sources(global);
    let engine = context::engine(global, context::lake(global, &sources).await?).await?;
    let mut out = BufWriter::new(std::io::stdout());
    if global.output == Format::Parquet && std::io::stdout().is_terminal() {
        anyhow::bail!(
            "parquet is not for a terminal; send it to a file: trailkeep query … -o parquet > result.parquet"
        );
    }
    let limit = match (args.limit, global.output) {
        (Some(0), _) => None,
        (Some(n), _) => Some(n),
        (None, Format::Table) => Some(TABLE_ROWS),
        (None, _) => None,
    };
    if limit.is_none() && global.output != Format::Table {
        write_stream(engine.stream(&sql).await?, format(global.output), &mut out).await?;
        out.flush()?;
        return Ok(Status::Done);
    }
    let result = engine.sql(&sql, limit).await?;
    let (truncated, elapsed, rows) = (result.truncated, result.elapsed, result.rows);
    write_result(result, format(global.output), &mut out).await?;
    out.flush()?;
    if !global.quiet {
        let cut = if truncated { ", cut there: --limit 0 prints all" } else { "" };
        note(&format!("{rows} rows in {:.2} s{cut}", elapsed.as_secs_f64()));
    }
    Ok(Status::Done)
}

fn statement(given: &str) -> anyhow::Result<String> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut sql = String::new();
    #[allow(clippy::disallowed_methods)] // Bounded by `take`.
    std::io::stdin()
        .take(STATEMENT)
        .read_to_string(&mut sql)
        .context("cannot read the statement from standard input")?;
    Ok(sql)
}

fn format(format: Format) -> OutputFormat {
    match format {
        Format::Table => OutputFormat::Table,
        Format::Json => OutputFormat::Json,
        Format::Ndjson => OutputFormat::Ndjson,
        Format::Csv => OutputFormat::Csv,
        Format::Parquet => OutputFormat::Parquet,
        // Refused before the command began.
        Format::Html | Format::Junit | Format::Asff | Format::Ocsf => OutputFormat::Table,
    }
}
