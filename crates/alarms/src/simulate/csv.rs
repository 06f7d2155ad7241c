//! Datapoints as CSV text.

use crate::parse_time;

/// The most bytes that are read.
const LARGEST: usize = 256 * 1024 * 1024;
/// The most of a field that an error quotes, in characters.
const QUOTED: usize = 60;

/// A text that is no CSV of datapoints, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct CsvError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there, and what would be right.
    pub what: String,
}

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cell {
    pub(crate) seconds: i64,
    pub(crate) value: f64,
    pub(crate) samples: Option<f64>,
}

/// A row: a time, and a value or none per column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) seconds: i64,
    values: Vec<Option<f64>>,
}

/// The rows in the order of time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    columns: Vec<String>,
    rows: Vec<Row>,
}

impl Rows {
    pub(crate) fn first(&self) -> Option<&Row> {
        self.rows.first()
    }

    pub(crate) fn last(&self) -> Option<&Row> {
        self.rows.last()
    }

    /// The values of a column, in the order of time; `None` where there is no such column.
    pub(crate) fn column(&self, name: &str) -> Option<Vec<Cell>> {
        let place = self.columns.iter().position(|column| column == name)?;
        let samples = self.columns.iter().position(|column| is_samples(column));
        let cell = |row: &Row| {
            let samples = samples.and_then(|place| row.values[place]);
            Some(Cell { seconds: row.seconds, value: row.values[place]?, samples })
        };
        Some(self.rows.iter().filter_map(cell).collect())
    }
}

fn is_samples(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "sample_count" | "samplecount" | "samples")
}

fn fail<T>(line: usize, what: impl Into<String>) -> Result<T, CsvError> {
    Err(CsvError { line, what: what.into() })
}

fn quoted(text: &str) -> String {
    let short: String = text.chars().take(QUOTED).collect();
    format!("'{}'", short.escape_debug())
}

/// Reads rows of a time and values. `ids` are the columns that may stand there instead of `value`.
pub(crate) fn read(text: &str, ids: &[String]) -> Result<Rows, CsvError> {
    if text.len() > LARGEST {
        return fail(1, format!("the text is {} bytes long; at most {LARGEST} are read", text.len()));
    }
    let mut columns: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = index + 1;
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let fields = fields(trimmed).ok_or_else(|| CsvError {
            line: number,
            what: "a quote is not closed, or stands in the middle of a field".to_owned(),
        })?;
        match &columns {
            None if parse_time(&fields[0]).is_none() => columns = Some(heading(number, &fields, ids)?),
            None => {
                let named = match fields.len() {
                    3 => vec!["value".to_owned(), "sample_count".to_owned()],
                    _ => vec!["value".to_owned()],
                };
                rows.push(row(number, &fields, &named)?);
                columns = Some(named);
            }
            Some(columns) => rows.push(row(number, &fields, columns)?),
        }
    }
    // Stable: rows of one time stay in their order.
    rows.sort_by_key(|row| row.seconds);
    Ok(Rows { columns: columns.unwrap_or_else(|| vec!["value".to_owned()]), rows })
}

/// Cuts a line at its commas. A field may stand in double quotes; a doubled quote in it is one.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.trim_start().strip_prefix('"') {
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (field, after) = rest.split_at(end);
                if field.contains('"') {
                    return None;
                }
                (field.trim().to_owned(), after)
            }
            Some(inside) => {
                let mut field = String::new();
                let mut parts = inside;
                loop {
                    let end = parts.find('"')?;
                    field.push_str(&parts[..end]);
                    parts = &parts[end + 1..];
                    match parts.strip_prefix('"') {
                        Some(more) => {
                            field.push('"');
                            parts = more;
                        }
                        None => break,
                    }
                }
                (field.trim().to_owned(), parts.trim_start())
            }
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None if after.is_empty() => return Some(fields),
            None => return None,
        }
    }
}

fn heading(line: usize, fields: &[String], ids: &[String]) -> Result<Vec<String>, CsvError> {
    const TIMES: [&str; 4] = ["timestamp", "time", "date", "datetime"];
    if !TIMES.contains(&fields[0].to_ascii_lowercase().as_str()) {
        return fail(
            line,
            format!(
                "{} is no time and no heading; write timestamp,value, or a time like 2026-11-25T06:00:00Z, \
                 2026-11-25 06:00:00, or seconds since 1970",
                quoted(&fields[0])
            ),
        );
    }
    let mut columns: Vec<String> = Vec::new();
    for field in &fields[1..] {
        let lower = field.to_ascii_lowercase();
        let name = if lower == "value" || is_samples(&lower) { lower } else { field.clone() };
        let known = name == "value" || is_samples(&name) || ids.contains(&name);
        if !known {
            let or = if ids.is_empty() { String::new() } else { format!(", or of {}", ids.join(", ")) };
            return fail(
                line,
                format!(
                    "there is no column {}; columns are timestamp, value and sample_count{or}",
                    quoted(field)
                ),
            );
        }
        if columns.contains(&name) {
            return fail(line, format!("the column {} is there twice", quoted(field)));
        }
        columns.push(name);
    }
    if columns.iter().all(|column| is_samples(column)) {
        return fail(line, "there is no column of values; write timestamp,value");
    }
    Ok(columns)
}

fn row(line: usize, fields: &[String], columns: &[String]) -> Result<Row, CsvError> {
    let Some(time) = parse_time(&fields[0]) else {
        let forms = "write it like 2026-11-25T06:00:00Z, 2026-11-25 06:00:00, or in seconds since 1970";
        return fail(line, format!("{} is no time; {forms}", quoted(&fields[0])));
    };
    if fields.len() != columns.len() + 1 {
        let names = columns.join(",");
        return fail(
            line,
            format!(
                "there are {} fields, and {} were expected: timestamp,{names}",
                fields.len(),
                columns.len() + 1
            ),
        );
    }
    let mut values = Vec::with_capacity(columns.len());
    for (field, column) in fields[1..].iter().zip(columns) {
        // An empty field is a missing datapoint, as a missing row is.
        let value: Option<f64> = match field.as_str() {
            "" => None,
            text => match text.parse().ok().filter(|value: &f64| value.is_finite()) {
                None => {
                    return fail(
                        line,
                        format!(
                            "{} is no number, as {column}; leave the field empty where the datapoint is missing",
                            quoted(text)
                        ),
                    );
                }
                some => some,
            },
        };
        values.push(value);
    }
    Ok(Row { seconds: time.timestamp(), values })
}
