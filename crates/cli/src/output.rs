//! What is printed: data to stdout, notes to stderr, nothing that a log could smuggle into a
//! terminal.

use std::io::{self, IsTerminal, Write};

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use crate::args::Format;

/// The text without control characters: log content must not move the cursor or set a title.
pub(crate) fn clean(text: &str) -> String {
    let escape = |c: char| match c {
        '\n' | '\t' => c.to_string(),
        // Bidirectional overrides can show a name other than it is.
        c if c.is_control()
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c) =>
        {
            c.escape_unicode().to_string()
        }
        c => c.to_string(),
    };
    if text.chars().all(|c| !c.is_control() && !('\u{202a}'..='\u{2069}').contains(&c)) {
        return text.to_owned();
    }
    text.chars().map(escape).collect()
}

/// A line for the person at the terminal.
pub(crate) fn note(text: &str) {
    // Nowhere to complain to when stderr is gone.
    writeln!(io::stderr().lock(), "{text}").ok();
}

/// An aligned table.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> io::Result<()> {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header(header);
    table.set_content_arrangement(if io::stdout().is_terminal() {
        ContentArrangement::Dynamic
    } else {
        ContentArrangement::Disabled
    });
    for row in rows {
        table.add_row(row.iter().map(|cell| clean(cell)));
    }
    writeln!(io::stdout().lock(), "{table}")
}

/// Items as JSON, NDJSON or CSV; `row` gives the CSV's (and table's) cells.
pub(crate) fn items<T: Serialize>(
    format: Format,
    items: &[T],
    header: &[&str],
    row: impl Fn(&T) -> Vec<String>,
) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match format {
        Format::Table => table(header, items.iter().map(row))?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, items)?;
            writeln!(out)?;
        }
        Format::Ndjson => {
            for item in items {
                serde_json::to_writer(&mut out, item)?;
                writeln!(out)?;
            }
        }
        Format::Csv => {
            writeln!(out, "{}", header.join(","))?;
            for item in items {
                let cells: Vec<String> = row(item).iter().map(|c| csv_cell(c)).collect();
                writeln!(out, "{}", cells.join(","))?;
            }
        }
        Format::Parquet => anyhow::bail!("parquet is for `query` only; choose table, json, ndjson or csv"),
        // Refused before the command began.
        Format::Html | Format::Junit | Format::Asff | Format::Ocsf => {
            anyhow::bail!("this format is for `check` only; choose table, json, ndjson or csv")
        }
    }
    out.flush()?;
    Ok(())
}

/// One document: JSON on one line for NDJSON, indented otherwise.
pub(crate) fn document<T: Serialize>(format: Format, value: &T) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        Format::Ndjson => serde_json::to_writer(&mut out, value)?,
        _ => serde_json::to_writer_pretty(&mut out, value)?,
    }
    writeln!(out)?;
    Ok(())
}

/// RFC 4180, and no cell that a spreadsheet takes for a formula.
pub(crate) fn csv_cell(cell: &str) -> String {
    let guarded =
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}

/// A number with its thousands apart.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        assert_eq!(clean("plain é"), "plain é");
        assert_eq!(clean("\x1b]0;owned\x07"), "\\u{1b}]0;owned\\u{7}");
        assert_eq!(clean("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn numbers_and_cells() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
        assert_eq!(csv_cell("=1+1"), "'=1+1");
        assert_eq!(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
