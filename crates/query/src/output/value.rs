//! Arrow values as JSON and as text. Instants are RFC 3339 in UTC with `Z`,
//! nested values are JSON, addresses are text, bytes are base64.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Decimal128Type, Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimeUnit, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::{Map, Number, Value};

/// Nesting that is followed; deeper values are shown as text.
const MAX_DEPTH: usize = 32;

/// One value as JSON.
#[must_use]
pub fn to_json(array: &dyn Array, row: usize) -> Value {
    nested(array, row, 0)
}

/// One value as text: JSON for nested values, nothing for NULL.
#[must_use]
pub fn to_text(array: &dyn Array, row: usize) -> Option<String> {
    match to_json(array, row) {
        Value::Null => None,
        Value::String(s) => Some(s),
        other => Some(other.to_string()),
    }
}

fn float(f: f64) -> Value {
    // JSON has no NaN and no infinities; they are text.
    Number::from_f64(f).map_or_else(|| Value::String(f.to_string()), Value::Number)
}

fn nested(array: &dyn Array, row: usize, depth: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float16 => float(array.as_primitive::<Float16Type>().value(row).to_f64()),
        DataType::Float32 => float(f64::from(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, _) => {
            number_text(array.as_primitive::<Decimal128Type>().value_as_string(row))
        }
        DataType::Decimal256(_, _) => {
            number_text(array.as_primitive::<Decimal256Type>().value_as_string(row))
        }
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).into(),
        DataType::Utf8View => array.as_string_view().value(row).into(),
        DataType::Binary => bytes(array.as_binary::<i32>().value(row)),
        DataType::LargeBinary => bytes(array.as_binary::<i64>().value(row)),
        DataType::BinaryView => bytes(array.as_binary_view().value(row)),
        DataType::FixedSizeBinary(_) => {
            let raw = array.as_fixed_size_binary().value(row);
            crate::functions::net::format_address(raw).map_or_else(|| bytes(raw), Value::String)
        }
        DataType::Timestamp(unit, _) => timestamp(array, row, *unit),
        DataType::Dictionary(_, _) => {
            // One row is sliced off first: keys are normalised for all rows.
            let one = array.slice(row, 1);
            let dictionary = one.as_any_dictionary();
            let key = dictionary.normalized_keys()[0];
            nested(dictionary.values().as_ref(), key, depth)
        }
        _ if depth >= MAX_DEPTH => display(array, row),
        DataType::List(_) => items(array.as_list::<i32>().value(row).as_ref(), depth),
        DataType::LargeList(_) => items(array.as_list::<i64>().value(row).as_ref(), depth),
        DataType::FixedSizeList(_, _) => items(array.as_fixed_size_list().value(row).as_ref(), depth),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let members = fields.iter().zip(columns);
            Value::Object(
                members.map(|(f, c)| (f.name().clone(), nested(c.as_ref(), row, depth + 1))).collect(),
            )
        }
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let mut object = Map::new();
            for i in 0..entries.len() {
                let key = to_text(keys.as_ref(), i).unwrap_or_default();
                object.insert(key, nested(values.as_ref(), i, depth + 1));
            }
            Value::Object(object)
        }
        _ => display(array, row),
    }
}

fn items(values: &dyn Array, depth: usize) -> Value {
    Value::Array((0..values.len()).map(|i| nested(values, i, depth + 1)).collect())
}

fn bytes(raw: &[u8]) -> Value {
    Value::String(STANDARD.encode(raw))
}

fn number_text(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// Everything else (dates, times, intervals) as Arrow prints it.
fn display(array: &dyn Array, row: usize) -> Value {
    let options = FormatOptions::default();
    match ArrayFormatter::try_new(array, &options) {
        Ok(formatter) => Value::String(formatter.value(row).to_string()),
        Err(_) => Value::Null,
    }
}

fn timestamp(array: &dyn Array, row: usize, unit: TimeUnit) -> Value {
    use arrow::datatypes::{
        TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    };
    let at = match unit {
        TimeUnit::Second => {
            DateTime::from_timestamp(array.as_primitive::<TimestampSecondType>().value(row), 0)
        }
        TimeUnit::Millisecond => {
            DateTime::from_timestamp_millis(array.as_primitive::<TimestampMillisecondType>().value(row))
        }
        TimeUnit::Microsecond => {
            DateTime::from_timestamp_micros(array.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        TimeUnit::Nanosecond => {
            Some(DateTime::from_timestamp_nanos(array.as_primitive::<TimestampNanosecondType>().value(row)))
        }
    };
    at.map_or(Value::Null, |t| Value::String(format_instant(t)))
}

/// An instant as it is shown everywhere: UTC, with `Z`, fractions only when
/// there are any.
#[must_use]
pub fn format_instant(t: DateTime<Utc>) -> String {
    t.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
