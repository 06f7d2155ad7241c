//! Reading cells of a batch's columns by dotted, lower-case path (`useridentity.arn`).

use std::borrow::Cow;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, Int64Array, LargeStringArray,
    StringArray, StringViewArray, StructArray,
};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use rsigma_eval::EventValue;

/// One column of a batch, ready to be read cell by cell.
#[derive(Debug)]
pub(crate) struct Column<'b> {
    values: Values<'b>,
    /// The structs the column lies in: a null struct makes its members null.
    parents: Vec<&'b StructArray>,
}

#[derive(Debug)]
enum Values<'b> {
    Utf8(&'b StringArray),
    LargeUtf8(&'b LargeStringArray),
    Utf8View(&'b StringViewArray),
    Int32(&'b Int32Array),
    Int64(&'b Int64Array),
    Float64(&'b Float64Array),
    Boolean(&'b BooleanArray),
}

impl<'b> Column<'b> {
    /// The column at `path`, or `None` where the batch has none, or has it in a type that is not
    /// a plain value (lists, maps).
    pub(crate) fn find(batch: &'b RecordBatch, path: &str) -> Option<Self> {
        let mut names = path.split('.');
        let mut array = batch.column_by_name(names.next()?)?;
        let mut parents = Vec::new();
        for name in names {
            let parent = array.as_struct_opt()?;
            array = parent.column_by_name(name)?;
            if parent.null_count() > 0 {
                parents.push(parent);
            }
        }
        Some(Self { values: Values::of(array)?, parents })
    }

    fn is_null(&self, row: usize) -> bool {
        let null = match &self.values {
            Values::Utf8(values) => values.is_null(row),
            Values::LargeUtf8(values) => values.is_null(row),
            Values::Utf8View(values) => values.is_null(row),
            Values::Int32(values) => values.is_null(row),
            Values::Int64(values) => values.is_null(row),
            Values::Float64(values) => values.is_null(row),
            Values::Boolean(values) => values.is_null(row),
        };
        null || self.parents.iter().any(|parent| parent.is_null(row))
    }

    /// Whether the column holds text.
    #[inline]
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.values, Values::Utf8(_) | Values::LargeUtf8(_) | Values::Utf8View(_))
    }

    /// The cell's text; `None` for null and for columns that do not hold text.
    #[inline]
    pub(crate) fn text(&self, row: usize) -> Option<&'b str> {
        if self.is_null(row) {
            return None;
        }
        match &self.values {
            Values::Utf8(values) => Some(values.value(row)),
            Values::LargeUtf8(values) => Some(values.value(row)),
            Values::Utf8View(values) => Some(values.value(row)),
            _ => None,
        }
    }

    /// The cell as rsigma sees values; `None` for null.
    pub(crate) fn value(&self, row: usize) -> Option<EventValue<'b>> {
        if self.is_null(row) {
            return None;
        }
        Some(match &self.values {
            Values::Utf8(values) => EventValue::Str(Cow::Borrowed(values.value(row))),
            Values::LargeUtf8(values) => EventValue::Str(Cow::Borrowed(values.value(row))),
            Values::Utf8View(values) => EventValue::Str(Cow::Borrowed(values.value(row))),
            Values::Int32(values) => EventValue::Int(values.value(row).into()),
            Values::Int64(values) => EventValue::Int(values.value(row)),
            Values::Float64(values) => EventValue::Float(values.value(row)),
            Values::Boolean(values) => EventValue::Bool(values.value(row)),
        })
    }

    /// The cell as text, whatever its type.
    pub(crate) fn to_text(&self, row: usize) -> Option<String> {
        self.value(row)?.as_str().map(Cow::into_owned)
    }
}

impl<'b> Values<'b> {
    fn of(array: &'b ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Utf8 => Self::Utf8(array.as_string()),
            DataType::LargeUtf8 => Self::LargeUtf8(array.as_string()),
            DataType::Utf8View => Self::Utf8View(array.as_string_view()),
            DataType::Int32 => Self::Int32(array.as_primitive::<Int32Type>()),
            DataType::Int64 => Self::Int64(array.as_primitive::<Int64Type>()),
            DataType::Float64 => Self::Float64(array.as_primitive::<Float64Type>()),
            DataType::Boolean => Self::Boolean(array.as_boolean()),
            _ => return None,
        })
    }
}

/// The columns every table has that detection needs.
#[derive(Debug)]
pub(crate) struct Common<'b> {
    time: Option<&'b arrow::array::TimestampMicrosecondArray>,
    pub(crate) event_uid: Option<Column<'b>>,
    pub(crate) account_id: Option<Column<'b>>,
    pub(crate) region: Option<Column<'b>>,
    pub(crate) raw: Option<Column<'b>>,
}

impl<'b> Common<'b> {
    pub(crate) fn of(batch: &'b RecordBatch) -> Self {
        let time = batch.column_by_name("event_time").and_then(|array| match array.data_type() {
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                array.as_primitive_opt::<TimestampMicrosecondType>()
            }
            _ => None,
        });
        Self {
            time,
            event_uid: Column::find(batch, "event_uid"),
            account_id: Column::find(batch, "account_id"),
            region: Column::find(batch, "region"),
            raw: Column::find(batch, "raw"),
        }
    }

    /// When the row's event happened; the epoch where the batch does not say.
    pub(crate) fn time(&self, row: usize) -> DateTime<Utc> {
        let micros = self.time.filter(|times| times.is_valid(row)).map_or(0, |times| times.value(row));
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }

    /// The row's event id; empty where the batch does not say.
    pub(crate) fn uid(&self, row: usize) -> &'b str {
        self.event_uid.as_ref().and_then(|column| column.text(row)).unwrap_or_default()
    }
}
