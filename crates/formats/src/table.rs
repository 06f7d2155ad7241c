//! What a table looks like: its columns as AWS documents them, then the common ones.

use std::sync::{Arc, OnceLock};

use arrow::datatypes::{DataType, Field as ArrowField, Fields, Schema, SchemaRef, TimeUnit};

/// The type of a column. Each maps to one arrow type and one Athena type.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Text. A JSON scalar of another type is kept as its JSON text, as Athena's SerDe does.
    Utf8,
    /// A JSON value of any shape, kept as the text that was received (Athena: `string`).
    Json,
    /// 32-bit integer (Athena: `int`).
    Int32,
    /// 64-bit integer (Athena: `bigint`).
    Int64,
    /// Double (Athena: `double`).
    Float64,
    /// Boolean.
    Boolean,
    /// Calendar day (Athena: `date`).
    Date32,
    /// Microseconds since 1970-01-01T00:00:00Z (Athena: `timestamp`).
    Timestamp,
    /// Named members.
    Struct(&'static [Field]),
    /// Elements of one type.
    List(&'static Type),
    /// Text to text.
    Map,
}

impl Type {
    /// The arrow type of the column.
    pub fn arrow(&self) -> DataType {
        match self {
            Self::Utf8 | Self::Json => DataType::Utf8,
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::Float64 => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Date32 => DataType::Date32,
            Self::Timestamp => timestamp_type(),
            Self::Struct(fields) => DataType::Struct(fields.iter().map(Field::arrow).collect()),
            Self::List(item) => DataType::List(Arc::new(list_item(item))),
            Self::Map => DataType::Map(Arc::new(map_entries()), false),
        }
    }
}

/// `event_time`'s type: microseconds, UTC.
pub fn timestamp_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The element field of a list. Delta names it `element`.
pub(crate) fn list_item(item: &Type) -> ArrowField {
    ArrowField::new("element", item.arrow(), true)
}

/// The entries field of a map. Delta names them `key_value`, `key` and `value`.
pub(crate) fn map_entries() -> ArrowField {
    let entries = Fields::from(vec![
        ArrowField::new("key", DataType::Utf8, false),
        ArrowField::new("value", DataType::Utf8, true),
    ]);
    ArrowField::new("key_value", DataType::Struct(entries), false)
}

/// One column, or one member of a struct.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Athena's documented name, lower case.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// What it holds, for the reference page and the schema browser.
    pub doc: &'static str,
}

impl Field {
    /// A column.
    pub const fn new(name: &'static str, ty: Type, doc: &'static str) -> Self {
        Self { name, ty, doc }
    }

    fn arrow(&self) -> ArrowField {
        ArrowField::new(self.name, self.ty.arrow(), true)
    }
}

/// How a table's rows appear in the `events` view: one SQL expression over the table's columns
/// for each of the view's columns. `NULL` where the table has nothing to say.
#[derive(Clone, Copy, Debug)]
pub struct EventColumns {
    /// Who: an ARN or the best name there is.
    pub actor: &'static str,
    /// What was done.
    pub action: &'static str,
    /// To what.
    pub target: &'static str,
    /// From which address.
    pub source_address: &'static str,
    /// How it ended: `Success`, or the error.
    pub outcome: &'static str,
}

/// A table of the lake.
#[derive(Debug)]
pub struct TableDef {
    /// The table's name, as AWS documents it for Athena.
    pub name: &'static str,
    /// One line on what a row is.
    pub doc: &'static str,
    /// The documentation page the shape comes from.
    pub source: &'static str,
    /// The documented columns. The common ones ([`COMMON_COLUMNS`]) follow them.
    pub fields: &'static [Field],
    /// Columns that people hunt by: written with bloom filters. Struct members by dotted path.
    pub bloom: &'static [&'static str],
    /// Text columns whose equal rows are alike as a whole, the widest first: rows that arrive together
    /// are written in this order, as like beside like is smaller and quicker to compress.
    pub cluster: &'static [&'static str],
    /// How rows appear in the `events` view.
    pub events: EventColumns,
    /// The cached arrow schema.
    pub schema: OnceLock<SchemaRef>,
}

/// The columns every table ends with, in this order.
pub const COMMON_COLUMNS: [&str; 8] =
    ["event_time", "event_date", "account_id", "region", "event_uid", "source_uri", "ingest_time", "raw"];

impl TableDef {
    /// The full arrow schema: documented columns, then the common ones.
    pub fn schema(&self) -> SchemaRef {
        self.schema
            .get_or_init(|| {
                let mut fields: Vec<ArrowField> = self.fields.iter().map(Field::arrow).collect();
                fields.extend([
                    ArrowField::new("event_time", timestamp_type(), false),
                    ArrowField::new("event_date", DataType::Date32, false),
                    ArrowField::new("account_id", DataType::Utf8, true),
                    ArrowField::new("region", DataType::Utf8, true),
                    ArrowField::new("event_uid", DataType::Utf8, false),
                    ArrowField::new("source_uri", DataType::Utf8, true),
                    ArrowField::new("ingest_time", timestamp_type(), true),
                    ArrowField::new("raw", DataType::Utf8, false),
                ]);
                Arc::new(Schema::new(fields))
            })
            .clone()
    }

    /// The position of a documented column.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }
}
