//! `CAST` and `TRY_CAST` to types that SQL engines other than Trino do not
//! have: `ARRAY(T)`, `MAP(K, V)`, `ROW(name T, …)`, `JSON`, `IPADDRESS`,
//! `IPPREFIX`. The parser hands them over as `trino_cast(value, 'type')`.
//!
//! Text is read as JSON, so `CAST(json_extract(x, '$.items') AS ARRAY(JSON))`
//! gives an array that can be unnested. Values that do not fit become NULL.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, ListArray, MapArray, StringBuilder,
    StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::Result;
use datafusion::logical_expr::{ReturnFieldArgs, ScalarUDF};
use serde_json::Value;

use super::json::{is_json, json_field};
use super::net;
use super::support::{Call, Func, is_text, lenient_cast, plan_error};

/// Nesting of a type that is accepted.
const MAX_TYPE_DEPTH: usize = 16;

/// The functions of this family.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    vec![Func::new("trino_cast", (2, 2), returns, cast).aliases(&["trino_try_cast"]).udf()]
}

fn returns(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    let name = args.scalar_arguments[1]
        .and_then(|s| s.try_as_str().flatten())
        .ok_or_else(|| plan_error("the type of a CAST must be written out"))?;
    Ok(Arc::new(parse_type(name)?))
}

fn cast(call: &Call<'_>) -> Result<ArrayRef> {
    let target = call.returns;
    if net::is_address(target) {
        return net::to_address(call);
    }
    let from = call.data_type(0);
    if is_json(target) {
        return to_json(call);
    }
    if is_text(target.data_type()) {
        return net::to_prefix(call);
    }
    if !is_text(&from) {
        return lenient_cast(&call.array(0)?, target.data_type());
    }
    let text = call.text(0)?;
    let parsed: Vec<Option<Value>> =
        (0..call.rows).map(|r| serde_json::from_str(text.get(r)?).ok()).collect();
    let refs: Vec<Option<&Value>> = parsed.iter().map(Option::as_ref).collect();
    build(&refs, target)
}

/// `CAST(x AS JSON)`: text becomes a JSON string, the rest its JSON form.
fn to_json(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    let mut out = StringBuilder::new();
    for row in 0..call.rows {
        if array.is_null(row) {
            out.append_null();
        } else {
            out.append_value(crate::output::value::to_json(array.as_ref(), row).to_string());
        }
    }
    Ok(Arc::new(out.finish()))
}

/// Builds the column of `field` from JSON values; what does not fit is NULL.
fn build(values: &[Option<&Value>], field: &Field) -> Result<ArrayRef> {
    Ok(match field.data_type() {
        DataType::Boolean => {
            let mut b = BooleanBuilder::new();
            values.iter().for_each(|v| b.append_option(v.and_then(boolean)));
            Arc::new(b.finish())
        }
        DataType::Int64 => {
            let mut b = Int64Builder::new();
            values.iter().for_each(|v| b.append_option(v.and_then(integer)));
            Arc::new(b.finish())
        }
        DataType::Float64 => {
            let mut b = Float64Builder::new();
            values.iter().for_each(|v| b.append_option(v.and_then(double)));
            Arc::new(b.finish())
        }
        DataType::Utf8 if is_json(field) => {
            let mut b = StringBuilder::new();
            values.iter().for_each(|v| b.append_option(v.map(Value::to_string)));
            Arc::new(b.finish())
        }
        DataType::List(item) => list(values, item)?,
        DataType::Map(entries, _) => map(values, entries)?,
        DataType::Struct(fields) => row(values, fields)?,
        other => {
            let mut b = StringBuilder::new();
            values.iter().for_each(|v| b.append_option(v.and_then(text)));
            lenient_cast(&(Arc::new(b.finish()) as ArrayRef), other)?
        }
    })
}

fn boolean(v: &Value) -> Option<bool> {
    match v {
        Value::Bool(b) => Some(*b),
        Value::String(s) => s.to_ascii_lowercase().parse().ok(),
        Value::Number(n) => n.as_f64().map(|n| n != 0.0),
        _ => None,
    }
}

fn integer(v: &Value) -> Option<i64> {
    match v {
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().map(|f| f.round() as i64)),
        Value::String(s) => s.trim().parse().ok(),
        Value::Bool(b) => Some(i64::from(*b)),
        _ => None,
    }
}

fn double(v: &Value) -> Option<f64> {
    match v {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok(),
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        _ => None,
    }
}

fn text(v: &Value) -> Option<String> {
    match v {
        Value::Null => None,
        Value::String(s) => Some(s.clone()),
        // Trino refuses to cast nested JSON to varchar; its text is more use.
        other => Some(other.to_string()),
    }
}

fn list(values: &[Option<&Value>], item: &FieldRef) -> Result<ArrayRef> {
    let arrays: Vec<Option<&Vec<Value>>> = values.iter().map(|v| v.and_then(Value::as_array)).collect();
    let offsets = OffsetBuffer::from_lengths(arrays.iter().map(|a| a.map_or(0, Vec::len)));
    let items: Vec<Option<&Value>> = arrays.iter().flatten().flat_map(|a| a.iter()).map(not_null).collect();
    let nulls: NullBuffer = arrays.iter().map(Option::is_some).collect::<Vec<_>>().into();
    let inner = build(&items, item)?;
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, inner, Some(nulls))?))
}

fn not_null(v: &Value) -> Option<&Value> {
    (!v.is_null()).then_some(v)
}

fn map(values: &[Option<&Value>], entries: &FieldRef) -> Result<ArrayRef> {
    let DataType::Struct(fields) = entries.data_type() else {
        return Err(plan_error("a map type without entries"));
    };
    let objects: Vec<_> = values.iter().map(|v| v.and_then(Value::as_object)).collect();
    let offsets = OffsetBuffer::from_lengths(objects.iter().map(|o| o.map_or(0, |o| o.len())));
    let keys: Vec<Value> =
        objects.iter().flatten().flat_map(|o| o.keys().map(|k| Value::String(k.clone()))).collect();
    let key_refs: Vec<Option<&Value>> = keys.iter().map(Some).collect();
    let members: Vec<Option<&Value>> =
        objects.iter().flatten().flat_map(|o| o.values()).map(not_null).collect();
    let nulls: NullBuffer = objects.iter().map(Option::is_some).collect::<Vec<_>>().into();
    let columns = vec![build(&key_refs, &fields[0])?, build(&members, &fields[1])?];
    let inner = StructArray::try_new(fields.clone(), columns, None)?;
    Ok(Arc::new(MapArray::try_new(Arc::clone(entries), offsets, inner, Some(nulls), false)?))
}

/// A row from an object by field name, or from an array by position.
fn row(values: &[Option<&Value>], fields: &Fields) -> Result<ArrayRef> {
    let member = |v: &'_ Value, i: usize, name: &str| -> Option<usize> {
        match v {
            Value::Array(items) => (i < items.len()).then_some(i),
            Value::Object(o) => o.keys().position(|k| k.eq_ignore_ascii_case(name)),
            _ => None,
        }
    };
    let mut columns = Vec::with_capacity(fields.len());
    for (i, field) in fields.iter().enumerate() {
        let column: Vec<Option<&Value>> = values
            .iter()
            .map(|v| {
                let v = (*v)?;
                let at = member(v, i, field.name())?;
                match v {
                    Value::Array(items) => items.get(at),
                    Value::Object(o) => o.values().nth(at),
                    _ => None,
                }
                .and_then(not_null)
            })
            .collect();
        columns.push(build(&column, field)?);
    }
    let nulls: NullBuffer =
        values.iter().map(|v| v.is_some_and(|v| v.is_array() || v.is_object())).collect::<Vec<_>>().into();
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, Some(nulls))?))
}

/// Parses a Trino type name into an Arrow field.
pub(crate) fn parse_type(name: &str) -> Result<Field> {
    let name = name.trim().to_ascii_lowercase();
    parse_nested(&name, "value", 0)
}

fn parse_nested(name: &str, field: &str, depth: usize) -> Result<Field> {
    let name = name.trim();
    if depth > MAX_TYPE_DEPTH {
        return Err(plan_error(format!("type is nested more than {MAX_TYPE_DEPTH} deep")));
    }
    let (head, inside) = match name.split_once(['(', '<']) {
        Some((head, rest)) => {
            let inside = rest
                .trim_end()
                .strip_suffix([')', '>'])
                .ok_or_else(|| plan_error(format!("type '{name}' is not closed")))?;
            (head.trim(), Some(inside))
        }
        None => (name, None),
    };
    let plain = |t: DataType| Ok(Field::new(field, t, true));
    match (head, inside) {
        ("varchar" | "char" | "string", _) => plain(DataType::Utf8),
        ("bigint" | "integer" | "int" | "smallint" | "tinyint", None) => plain(DataType::Int64),
        ("double" | "real" | "float" | "decimal", _) => plain(DataType::Float64),
        ("boolean", None) => plain(DataType::Boolean),
        ("date", None) => plain(DataType::Date32),
        ("timestamp", _) => plain(super::support::instant_type()),
        ("json", None) => Ok(json_field(field)),
        ("ipaddress", None) => Ok(net::address_field(field)),
        ("ipprefix", None) => plain(DataType::Utf8),
        ("array", Some(inside)) => {
            let item = parse_nested(inside, Field::LIST_FIELD_DEFAULT_NAME, depth + 1)?;
            plain(DataType::List(Arc::new(item)))
        }
        ("map", Some(inside)) => {
            let parts = split_top(inside);
            let [key, value] = parts.as_slice() else {
                return Err(plan_error(format!("type '{name}' needs a key and a value type")));
            };
            let key = parse_nested(key, "key", depth + 1)?.with_nullable(false);
            let value = parse_nested(value, "value", depth + 1)?;
            let entries = Field::new("entries", DataType::Struct(vec![key, value].into()), false);
            plain(DataType::Map(Arc::new(entries), false))
        }
        ("row" | "struct", Some(inside)) => {
            let fields = split_top(inside)
                .iter()
                .enumerate()
                .map(|(i, part)| row_field(part, i, depth))
                .collect::<Result<Vec<_>>>()?;
            plain(DataType::Struct(fields.into()))
        }
        _ => Err(plan_error(format!(
            "type '{name}' is not known; known are VARCHAR, BIGINT, DOUBLE, BOOLEAN, DATE, \
             TIMESTAMP, JSON, IPADDRESS, IPPREFIX, ARRAY(T), MAP(K, V), ROW(name T, …)"
        ))),
    }
}

fn row_field(part: &str, i: usize, depth: usize) -> Result<Field> {
    let part = part.trim();
    let split = part.find([' ', ':', '(', '<']);
    match split {
        // `name type`, with or without quotes or a colon.
        Some(at) if matches!(part.as_bytes()[at], b' ' | b':') => {
            let name = part[..at].trim_matches('"').to_string();
            parse_nested(part[at + 1..].trim_start(), &name, depth + 1)
        }
        // A bare type: fields are named as Trino names them.
        _ => parse_nested(part, &format!("field{i}"), depth + 1),
    }
}

/// Splits at commas that are outside of parentheses.
fn split_top(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0i32, 0, Vec::new());
    for (i, c) in text.char_indices() {
        match c {
            '(' | '<' => depth += 1,
            ')' | '>' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_nested_types() {
        let t =
            parse_type("ARRAY(ROW(\"name\" VARCHAR, ports ARRAY(BIGINT), m MAP(VARCHAR, JSON)))").unwrap();
        let DataType::List(item) = t.data_type() else { panic!("{t:?}") };
        let DataType::Struct(fields) = item.data_type() else { panic!("{item:?}") };
        let names: Vec<_> = fields.iter().map(|f| f.name().as_str()).collect();
        assert_eq!(names, ["name", "ports", "m"]);
        assert!(parse_type("array(").is_err());
        assert!(parse_type("map(varchar)").is_err());
        assert!(parse_type("geometry").is_err());
        assert!(parse_type(&"array(".repeat(40)).is_err());
    }

    #[test]
    fn misfits_become_null() {
        let field = parse_type("array(bigint)").unwrap();
        let values: Vec<Value> = ["[1,\"2\",\"x\",null]", "{\"a\":1}", "[]"]
            .iter()
            .map(|j| serde_json::from_str(j).unwrap())
            .collect();
        let refs: Vec<_> = values.iter().map(Some).collect();
        let array = build(&refs, &field).unwrap();
        assert!(array.is_null(1));
        let json = |row| crate::output::value::to_json(array.as_ref(), row).to_string();
        assert_eq!(json(0), "[1,2,null,null]");
        assert_eq!(json(2), "[]");
    }
}
