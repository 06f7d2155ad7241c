//! Results as an aligned table for terminals. Logs are hostile: what they
//! contain must not move the cursor or colour the screen, so control
//! characters are shown as escapes.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

use super::value::to_text;
use crate::result::QueryResult;

/// Bytes of rows that a table holds.
pub(crate) const MAX_BYTES: usize = 64 << 20;
/// Characters of a cell that are shown.
const MAX_CELL: usize = 400;

/// The table, fitted to `width` columns if given, with a line below it that
/// says how many rows there are and whether it was cut.
#[must_use]
pub fn table(result: &QueryResult, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    match width {
        Some(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table.set_header(result.schema.fields().iter().map(|f| Cell::new(escape(f.name()))));
    for batch in &result.batches {
        for row in 0..batch.num_rows() {
            table.add_row(batch.columns().iter().map(|column| {
                let text = to_text(column.as_ref(), row).unwrap_or_default();
                let cell = Cell::new(escape(&cut(&text)));
                if column.data_type().is_numeric() { cell.set_alignment(CellAlignment::Right) } else { cell }
            }));
        }
    }
    format!("{table}\n{}", note(result))
}

fn note(result: &QueryResult) -> String {
    let rows = if result.rows == 1 { "1 row".to_string() } else { format!("{} rows", result.rows) };
    if result.truncated {
        format!("{rows} shown, there are more: raise the limit to see them. Times are UTC.")
    } else {
        format!("{rows}. Times are UTC.")
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CELL) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}

/// Text that is safe to print: control characters (with them ANSI escapes),
/// direction marks and line separators become `\u{…}`; tabs and line breaks
/// `\t` and `\n`.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_deceptive(c) => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// Characters that do not show, or that reorder what does.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_reach_no_terminal() {
        assert_eq!(escape("a\u{1b}[31mred\u{9b}0m\r\n"), "a\\u{1b}[31mred\\u{9b}0m\\r\\n");
        assert_eq!(escape("x\u{202e}gnp.exe"), "x\\u{202e}gnp.exe");
        assert_eq!(escape("żółć 漢字 🙂"), "żółć 漢字 🙂");
    }

    proptest! {
        #[test]
        fn nothing_printed_is_a_control_character(text in "\\PC*|[\\x00-\\x1f\\x7f-\\x9f]{0,20}") {
            prop_assert!(!escape(&text).chars().any(|c| c.is_control()));
        }
    }
}
