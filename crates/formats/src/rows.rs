//! The rows of one table under construction.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, TimestampMicrosecondArray};
use arrow::record_batch::RecordBatch;
use foldhash::fast::FixedState;
use sonic_rs::LazyValue;

use crate::column::{Column, Text};
use crate::table::TableDef;
use crate::time::day_of;
use crate::{DecodeError, ObjectContext};

/// What tells one event from all others: the source of `event_uid`, the lake's de-duplication key.
#[derive(Clone, Copy, Debug)]
pub enum Identity<'a> {
    /// The event's own unique id (CloudTrail's `eventID`); becomes `event_uid` as it is.
    Natural(&'a str),
    /// A record whose bytes are its identity: it carries an id, or the start and end of what it
    /// describes, so that two equal records are one event delivered twice.
    HashOf(&'a [u8]),
    /// A record with nothing of its own to tell it by: equal ones *within an object* are
    /// different events (the n-th is the n-th), equal ones in two objects the same.
    NthOf(&'a [u8]),
}

/// What every row has beside its own columns.
#[derive(Clone, Copy, Debug)]
pub struct RowMeta<'a> {
    /// When it happened, µs since the epoch (UTC).
    pub event_time: i64,
    /// The account it belongs to; the object's key is asked where this is `None`.
    pub account_id: Option<&'a str>,
    /// The Region; the object's key is asked where this is `None`.
    pub region: Option<&'a str>,
    /// What tells it from others.
    pub identity: Identity<'a>,
    /// The record as received.
    pub raw: &'a str,
}

/// The rows of one table under construction. [`Rows::finish`] makes a [`RecordBatch`] of them.
#[derive(Debug)]
pub struct Rows {
    table: &'static TableDef,
    columns: Vec<Column>,
    event_time: Vec<i64>,
    event_date: Vec<i32>,
    account_id: Text,
    region: Text,
    event_uid: Text,
    source_uri: Text,
    ingest_time: Vec<i64>,
    raw: Text,
    raw_bytes: usize,
}

impl Rows {
    /// No rows yet.
    pub fn new(table: &'static TableDef) -> Self {
        Self {
            table,
            columns: table.fields.iter().map(|f| Column::new(&f.ty)).collect(),
            event_time: Vec::new(),
            event_date: Vec::new(),
            account_id: Text::new(),
            region: Text::new(),
            event_uid: Text::new(),
            source_uri: Text::new(),
            ingest_time: Vec::new(),
            raw: Text::new(),
            raw_bytes: 0,
        }
    }

    /// The table.
    pub fn table(&self) -> &'static TableDef {
        self.table
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.event_time.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.event_time.is_empty()
    }

    /// The bytes of all records as received; the batch itself is about twice as large.
    pub fn raw_bytes(&self) -> usize {
        self.raw_bytes
    }

    /// Starts a row. What is written to it counts only once it is committed.
    pub fn row(&mut self) -> RowWriter<'_> {
        RowWriter { rows: self, committed: false }
    }

    /// The rows as one batch in the table's schema; this is empty afterwards.
    pub fn finish(&mut self) -> RecordBatch {
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        let utc = |values: Vec<i64>| -> ArrayRef {
            Arc::new(TimestampMicrosecondArray::new(values.into(), None).with_timezone("UTC"))
        };
        arrays.push(utc(std::mem::take(&mut self.event_time)));
        arrays.push(Arc::new(Date32Array::new(std::mem::take(&mut self.event_date).into(), None)));
        for text in [&mut self.account_id, &mut self.region, &mut self.event_uid, &mut self.source_uri] {
            arrays.push(Arc::new(text.finish()));
        }
        arrays.push(utc(std::mem::take(&mut self.ingest_time)));
        arrays.push(Arc::new(self.raw.finish()));
        self.raw_bytes = 0;
        // All columns grow together in `commit`, in the schema's order and types.
        RecordBatch::try_new(self.table.schema(), arrays)
            .unwrap_or_else(|_| RecordBatch::new_empty(self.table.schema()))
    }
}

/// One row under construction. Dropped without [`RowWriter::commit`], it leaves no trace.
#[derive(Debug)]
pub struct RowWriter<'r> {
    rows: &'r mut Rows,
    committed: bool,
}

impl RowWriter<'_> {
    /// A JSON value for the column at `index`; a second value for one column replaces the first.
    ///
    /// # Errors
    /// [`crate::Reason::WrongType`] where the value does not fit the column's type.
    pub fn set_json(&mut self, index: usize, value: &LazyValue<'_>) -> Result<(), DecodeError> {
        let name = self.rows.table.fields[index].name;
        self.fresh(index).push_json(name, value)
    }

    /// Text for a `Utf8` or `Json` column. Other columns take it as null.
    pub fn set_str(&mut self, index: usize, value: &str) {
        match self.fresh(index) {
            Column::Utf8(text) | Column::Json(text) => text.push(value),
            other => other.push_null(),
        }
    }

    /// An integer for an `Int32`, `Int64` or `Timestamp` column; out of an `Int32`'s range is null.
    pub fn set_i64(&mut self, index: usize, value: i64) {
        match self.fresh(index) {
            Column::Int64(v) | Column::Timestamp(v) => v.push(Some(value)),
            Column::Int32(v) => v.push(i32::try_from(value).ok()),
            other => other.push_null(),
        }
    }

    /// A number for a `Float64` column.
    pub fn set_f64(&mut self, index: usize, value: f64) {
        match self.fresh(index) {
            Column::Float64(v) => v.push(Some(value)),
            other => other.push_null(),
        }
    }

    /// A day (since 1970-01-01) for a `Date32` column.
    pub fn set_date(&mut self, index: usize, days: i32) {
        match self.fresh(index) {
            Column::Date32(v) => v.push(Some(days)),
            other => other.push_null(),
        }
    }

    /// A boolean for a `Boolean` column.
    pub fn set_bool(&mut self, index: usize, value: bool) {
        match self.fresh(index) {
            Column::Boolean(v) => v.push(Some(value)),
            other => other.push_null(),
        }
    }

    /// Text parsed as the column's own type, as line formats need it.
    ///
    /// # Errors
    /// [`crate::Reason::WrongType`] where the text does not parse.
    pub fn parse_str(&mut self, index: usize, value: &str) -> Result<(), DecodeError> {
        let name = self.rows.table.fields[index].name;
        match self.fresh(index) {
            Column::Utf8(text) | Column::Json(text) => text.push(value),
            Column::Int32(v) => v.push(Some(parsed(name, "a 32-bit integer", value)?)),
            Column::Int64(v) => v.push(Some(parsed(name, "an integer", value)?)),
            Column::Float64(v) => v.push(Some(parsed(name, "a number", value)?)),
            Column::Boolean(v) => v.push(Some(parsed(name, "true or false", value)?)),
            Column::Timestamp(v) => {
                let time = crate::time::parse_rfc3339(value);
                v.push(Some(time.ok_or_else(|| DecodeError::wrong_type(name, "an ISO 8601 time", value))?));
            }
            Column::Date32(v) => {
                let date: chrono::NaiveDate = parsed(name, "a date YYYY-MM-DD", value)?;
                v.push(Some(date.to_epoch_days()));
            }
            other => {
                other.push_null();
                return Err(DecodeError::wrong_type(name, "a structured value", value));
            }
        }
        Ok(())
    }

    /// Makes the row count. Columns that were not written are null.
    pub fn commit(mut self, context: &mut ObjectContext, meta: RowMeta<'_>) {
        self.committed = true;
        let rows = &mut *self.rows;
        let len = rows.event_time.len();
        for column in &mut rows.columns {
            if column.len() == len {
                column.push_null();
            }
        }
        push_uid(&mut rows.event_uid, context, meta.identity);
        let (key_account, key_region) = match (meta.account_id, meta.region) {
            (Some(_), Some(_)) => (None, None),
            _ => context.key_account_region(),
        };
        push_optional(&mut rows.account_id, meta.account_id.or(key_account));
        push_optional(&mut rows.region, meta.region.or(key_region));
        rows.event_time.push(meta.event_time);
        rows.event_date.push(day_of(meta.event_time));
        rows.source_uri.push(&context.source_uri);
        rows.ingest_time.push(context.ingest_time);
        rows.raw.push(meta.raw);
        rows.raw_bytes += meta.raw.len();
    }

    fn fresh(&mut self, index: usize) -> &mut Column {
        let len = self.rows.event_time.len();
        let column = &mut self.rows.columns[index];
        column.truncate(len);
        column
    }
}

impl Drop for RowWriter<'_> {
    fn drop(&mut self) {
        if !self.committed {
            let len = self.rows.event_time.len();
            self.rows.columns.iter_mut().for_each(|c| c.truncate(len));
        }
    }
}

fn parsed<T: std::str::FromStr>(name: &str, expected: &str, value: &str) -> Result<T, DecodeError> {
    value.parse().map_err(|_| DecodeError::wrong_type(name, expected, value))
}

fn push_optional(text: &mut Text, value: Option<&str>) {
    match value {
        Some(v) => text.push(v),
        None => text.push_null(),
    }
}

fn push_uid(uids: &mut Text, context: &mut ObjectContext, identity: Identity<'_>) {
    match identity {
        Identity::Natural(id) => uids.push(id),
        Identity::HashOf(bytes) => uids.push(&uuid_of(&blake3::hash(bytes))),
        Identity::NthOf(bytes) => {
            let mut hasher = FixedState::default().build_hasher();
            hasher.write(bytes);
            let mut hash = blake3::Hasher::new();
            hash.update(bytes);
            match context.ordinal(hasher.finish()) {
                Some(n) => {
                    hash.update(&n.to_le_bytes());
                }
                None => {
                    hash.update(context.source_uri.as_bytes());
                }
            }
            uids.push(&uuid_of(&hash.finalize()));
        }
    }
}

/// The first 16 bytes of a hash as a version 8 UUID (RFC 9562).
fn uuid_of(hash: &blake3::Hash) -> String {
    let mut b = [0u8; 16];
    b.copy_from_slice(&hash.as_bytes()[..16]);
    b[6] = (b[6] & 0x0f) | 0x80;
    b[8] = (b[8] & 0x3f) | 0x80;
    let hex = u128::from_be_bytes(b);
    let hex = format!("{hex:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
