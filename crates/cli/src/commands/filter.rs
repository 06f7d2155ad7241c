//! `trailkeep filter`: a pattern tried on log files. What CloudWatch Logs calls a log event's message
//! is a record's text, as it was received.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::record_batch::RecordBatch;
use async_channel::{Receiver, Sender};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use trailkeep_detect::Glance;
use trailkeep_detect::event_pattern::{EventPattern, cloudtrail_envelope};
use trailkeep_detect::filter_pattern::FilterPattern;
use trailkeep_detect::pattern::PatternError;
use trailkeep_formats::TableDef;

use crate::args::{Filter, Format, Global};
use crate::exit::Status;
use crate::output::{self, clean, note, thousands};
use crate::scan::{self, Work};

/// Rows of a table, unless asked for more.
const TABLE_ROWS: usize = 1_000;

/// Matching records on their way to the printer.
const IN_FLIGHT: usize = 256;

const HEADER: [&str; 6] = ["time", "table", "action", "actor", "event_uid", "source"];

pub(crate) async fn run(global: &Global, args: &Filter) -> anyhow::Result<Status> {
    let pattern = match Pattern::parse(&args.pattern) {
        Ok(pattern) => Arc::new(pattern),
        Err(error) => {
            note(&format!(
                "error: the pattern cannot be read: {}\n{}",
                error,
                clean(&error.caret(&args.pattern))
            ));
            return Ok(Status::Usage);
        }
    };
    if !global.quiet {
        pattern.warnings().iter().for_each(|warning| note(&format!("warning: {}", clean(warning))));
    }
    let mut printer = Printer::new(global, args)?;
    let (sender, matches) = async_channel::bounded(IN_FLIGHT);
    let printing = tokio::task::spawn_blocking(move || printer.run(&matches));
    let work = move || Matching { pattern: Arc::clone(&pattern), to: sender.clone() };
    // Without the threads' work, which would keep the printer waiting for more.
    let scanned = scan::scan(global, &args.locations, work).await.map(|(_, tally)| tally);
    // What stops the scan can be that nobody reads what is printed: that is told first.
    let printed = printing.await??;
    let tally = scanned?;
    let limited = if printed.shown < printed.matched {
        format!("; the first {} are shown, --limit shows more", thousands(printed.shown))
    } else {
        String::new()
    };
    tally.tell(global, &format!("{} matching{limited}", thousands(printed.matched)));
    Ok(if tally.failed > 0 { Status::Incomplete } else { Status::Done })
}

/// A pattern, in one of the languages that patterns are written in.
enum Pattern {
    /// CloudWatch Logs: metric and subscription filters.
    Filter(FilterPattern),
    /// EventBridge: rules. An event is what EventBridge makes of a CloudTrail record.
    Event(Box<EventPattern>),
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, PatternError> {
        if is_event_pattern(text) {
            return Ok(Self::Event(Box::new(EventPattern::parse(text)?)));
        }
        FilterPattern::parse(text).map(Self::Filter)
    }

    fn matches(&self, table: &TableDef, record: &str) -> bool {
        match self {
            Self::Filter(pattern) => pattern.matches(record),
            Self::Event(pattern) => {
                let record = || serde_json::from_str(record).ok();
                let record = (table.name == "cloudtrail_logs").then(record).flatten();
                record.is_some_and(|record| pattern.matches(&cloudtrail_envelope(&record)))
            }
        }
    }

    fn warnings(&self) -> Vec<String> {
        match self {
            Self::Filter(pattern) => pattern.lint().iter().map(ToString::to_string).collect(),
            Self::Event(_) => Vec::new(),
        }
    }
}

/// An event pattern is a JSON object. A filter pattern in braces begins with a selector or a
/// parenthesis, never with a quote.
fn is_event_pattern(text: &str) -> bool {
    let inner = text.trim_start().strip_prefix('{').map(str::trim_start);
    inner.is_some_and(|inner| inner.starts_with(['"', '}']))
}

/// A record that matches.
#[derive(Serialize)]
struct Match {
    time: String,
    table: &'static str,
    account_id: Option<String>,
    region: Option<String>,
    action: Option<String>,
    actor: Option<String>,
    event_uid: Option<String>,
    source_uri: Option<String>,
    /// The record: JSON where it is JSON, else text.
    record: Record,
}

/// A record's text, written as the JSON that it is.
struct Record(String);

impl Serialize for Record {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<serde_json::Value>(&self.0) {
            Ok(value @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) => {
                value.serialize(serializer)
            }
            _ => serializer.serialize_str(&self.0),
        }
    }
}

/// One thread's matching.
struct Matching {
    pattern: Arc<Pattern>,
    to: Sender<Match>,
}

impl Work for Matching {
    fn rows(&mut self, table: &'static TableDef, batch: &RecordBatch) -> ControlFlow<()> {
        for row in 0..batch.num_rows() {
            let Some(raw) = cell(batch, "raw", row).filter(|raw| self.pattern.matches(table, raw)) else {
                continue;
            };
            if self.to.send_blocking(found(table, batch, row, raw)).is_err() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }
}

fn found(table: &'static TableDef, batch: &RecordBatch, row: usize, raw: &str) -> Match {
    let text = |name: &str| cell(batch, name, row).map(str::to_owned);
    let Glance { actor, action } = Glance::of(batch, table.name, row);
    let times =
        batch.column_by_name("event_time").and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>());
    let micros = times.filter(|times| times.is_valid(row)).map_or(0, |times| times.value(row));
    let time: DateTime<Utc> = DateTime::from_timestamp_micros(micros).unwrap_or_default();
    Match {
        time: time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        table: table.name,
        account_id: text("account_id"),
        region: text("region"),
        action,
        actor,
        event_uid: text("event_uid"),
        source_uri: text("source_uri"),
        record: Record(raw.to_owned()),
    }
}

fn cell<'b>(batch: &'b RecordBatch, name: &str, row: usize) -> Option<&'b str> {
    let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
    column.is_valid(row).then(|| column.value(row))
}

/// How many matched, and how many of those were printed.
#[derive(Default)]
struct Printed {
    matched: u64,
    shown: u64,
}

/// Prints matches as they come: any number of them in bounded memory, but for tables, which are
/// sorted, and short.
struct Printer {
    format: Format,
    raw: bool,
    limit: u64,
    printed: Printed,
    rows: Vec<Match>,
}

impl Printer {
    fn new(global: &Global, args: &Filter) -> anyhow::Result<Self> {
        let format = global.output;
        if format == Format::Parquet {
            anyhow::bail!("parquet is for `query` only; choose table, json, ndjson or csv");
        }
        let default = if format == Format::Table && !args.raw { TABLE_ROWS } else { 0 };
        let limit = match args.limit.unwrap_or(default) {
            0 => u64::MAX,
            limit => limit as u64,
        };
        Ok(Self { format, raw: args.raw, limit, printed: Printed::default(), rows: Vec::new() })
    }

    fn run(&mut self, matches: &Receiver<Match>) -> anyhow::Result<Printed> {
        let mut out = BufWriter::new(io::stdout().lock());
        if !self.raw {
            match self.format {
                Format::Csv => writeln!(out, "{},record", HEADER.join(","))?,
                Format::Json => write!(out, "[")?,
                _ => {}
            }
        }
        while let Ok(found) = matches.recv_blocking() {
            self.printed.matched += 1;
            if self.printed.shown < self.limit {
                self.print(&mut out, found)?;
                self.printed.shown += 1;
            }
        }
        if self.format == Format::Json && !self.raw {
            writeln!(out, "{}]", if self.printed.shown > 0 { "\n" } else { "" })?;
        }
        out.flush()?;
        drop(out);
        if self.format == Format::Table && !self.raw {
            self.table()?;
        }
        Ok(std::mem::take(&mut self.printed))
    }

    fn print(&mut self, out: &mut impl Write, found: Match) -> anyhow::Result<()> {
        match self.format {
            _ if self.raw => {
                let text = &found.record.0;
                // A terminal gets no control characters; a pipe gets what was received.
                let text = if io::stdout().is_terminal() { clean(text) } else { text.clone() };
                writeln!(out, "{text}")?;
            }
            Format::Json => {
                write!(out, "{}", if self.printed.shown > 0 { ",\n" } else { "\n" })?;
                serde_json::to_writer(&mut *out, &found)?;
            }
            Format::Csv => {
                let mut cells = cells(&found);
                cells.push(found.record.0);
                let cells: Vec<String> = cells.iter().map(|cell| output::csv_cell(cell)).collect();
                writeln!(out, "{}", cells.join(","))?;
            }
            Format::Ndjson => {
                serde_json::to_writer(&mut *out, &found)?;
                writeln!(out)?;
            }
            // The others are refused before anything is read.
            Format::Table | Format::Parquet | Format::Html | Format::Junit | Format::Asff | Format::Ocsf => {
                self.rows.push(found);
            }
        }
        Ok(())
    }

    fn table(&mut self) -> io::Result<()> {
        let key = |m: &Match| (m.time.clone(), m.event_uid.clone());
        self.rows.sort_by_cached_key(key);
        if self.rows.is_empty() && io::stdout().is_terminal() {
            return writeln!(io::stdout().lock(), "nothing matches");
        }
        output::table(&HEADER, self.rows.iter().map(cells))
    }
}

fn cells(found: &Match) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        found.time.clone(),
        found.table.to_owned(),
        text(&found.action),
        text(&found.actor),
        text(&found.event_uid),
        text(&found.source_uri),
    ]
}
