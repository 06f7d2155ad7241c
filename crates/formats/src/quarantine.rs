//! Records that could not be read, and the table they are kept in.

use std::sync::OnceLock;

use crate::error::Reason;
use crate::rows::{Identity, RowMeta, Rows};
use crate::table::{EventColumns, Field, TableDef, Type};
use crate::{DecodeError, Limits, ObjectContext};

/// One record that could not become a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The kind of fault.
    pub reason: Reason,
    /// What was seen and what was expected.
    pub detail: String,
    /// Where the record starts, in bytes of the decompressed object.
    pub offset: u64,
    /// The record's whole length in bytes, as far as it is known.
    pub length: u64,
    /// Its first bytes, at most [`Limits::quarantine_bytes`], with bytes that are not UTF-8
    /// written as `\xNN`.
    pub raw: String,
}

impl Quarantined {
    /// Quarantines a record.
    pub fn new(error: DecodeError, offset: u64, record: &[u8], limits: &Limits) -> Self {
        let kept = &record[..record.len().min(limits.quarantine_bytes)];
        Self {
            reason: error.reason,
            detail: error.detail,
            offset,
            length: record.len() as u64,
            raw: printable(kept),
        }
    }

    /// Adds the record to the rows of [`TABLE`].
    pub fn append(&self, context: &mut ObjectContext, rows: &mut Rows) {
        let offset = self.offset.to_string();
        let identity = [context.source_uri.as_str(), &offset, self.reason.as_str()].join("\0");
        let event_time = context.modified.unwrap_or(context.ingest_time);
        let mut row = rows.row();
        row.set_str(0, self.reason.as_str());
        row.set_str(1, &self.detail);
        row.set_i64(2, i64::try_from(self.offset).unwrap_or(i64::MAX));
        row.set_i64(3, i64::try_from(self.length).unwrap_or(i64::MAX));
        row.commit(
            context,
            RowMeta {
                event_time,
                account_id: None,
                region: None,
                identity: Identity::HashOf(identity.as_bytes()),
                raw: &self.raw,
            },
        );
    }
}

/// UTF-8 as it is, other bytes as `\xNN`, so that a person sees what was there.
fn printable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// The `quarantine` table.
pub static TABLE: TableDef = TableDef {
    name: "quarantine",
    doc: "a record that could not be read, with the reason; event_time is when its object was last changed",
    source: "",
    fields: &[
        Field::new("reason", Type::Utf8, "the kind of fault"),
        Field::new("detail", Type::Utf8, "what was seen and what was expected"),
        Field::new("offset", Type::Int64, "where the record starts, in bytes of the decompressed object"),
        Field::new("length", Type::Int64, "the record's length in bytes"),
    ],
    bloom: &[],
    cluster: &[],
    events: EventColumns {
        actor: "NULL",
        action: "reason",
        target: "source_uri",
        source_address: "NULL",
        outcome: "'Quarantined'",
    },
    schema: OnceLock::new(),
};
