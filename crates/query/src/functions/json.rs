//! JSON functions over text. A JSON value *is* its text here; the Arrow field
//! of a result that is JSON says so in its metadata ([`json_field`]), which
//! lets `CAST(json AS VARCHAR)` unquote, as Trino does.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder, Int64Builder, StringBuilder};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::{ReturnFieldArgs, ScalarUDF};
use sonic_rs::{JsonType, JsonValueTrait};

use super::jsonpath::{JsonPath, scalar};
use super::support::{Call, Column, Func, is_list, plan_error, returns_bool, returns_int, returns_text};

/// Metadata key (Arrow's own) under which an extension type is named.
const EXTENSION: &str = "ARROW:extension:name";
/// Arrow's name of JSON text.
const JSON: &str = "arrow.json";

/// A nullable field whose text is JSON.
pub(crate) fn json_field(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true).with_metadata([(EXTENSION.to_string(), JSON.to_string())].into())
}

/// Whether a field's text is JSON.
pub(crate) fn is_json(field: &Field) -> bool {
    field.metadata().get(EXTENSION).is_some_and(|n| n == JSON)
}

/// The functions of this family.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    vec![
        Func::new("json_extract", (2, 2), returns_json, json_extract).udf(),
        Func::new("json_extract_scalar", (2, 2), returns_text, json_extract_scalar).udf(),
        Func::new("json_parse", (1, 1), returns_json, json_parse).udf(),
        Func::new("json_format", (1, 1), returns_text, json_format).udf(),
        Func::new("json_size", (2, 2), returns_int, json_size).udf(),
        Func::new("json_array_length", (1, 1), returns_int, json_array_length).udf(),
        Func::new("json_array_get", (2, 2), returns_json, json_array_get).udf(),
        Func::new("json_array_contains", (2, 2), returns_bool, json_array_contains).udf(),
        Func::new("is_json_scalar", (1, 1), returns_bool, is_json_scalar).udf(),
        Func::new("json_to_varchar", (1, 1), returns_text, json_to_varchar).udf(),
    ]
}

fn returns_json(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    // A constant path is checked here, once, so that a wrong one is an error
    // of the query and not of a row.
    if let Some(Some(path)) = args.scalar_arguments.get(1)
        && let Some(path) = path.try_as_str().flatten()
        && path.parse::<i64>().is_err()
    {
        JsonPath::parse(path).map_err(plan_error)?;
    }
    Ok(Arc::new(json_field("value")))
}

/// The path of a call: parsed once when it is constant, else per row.
enum Paths {
    One(JsonPath),
    PerRow(Column<arrow::array::StringViewArray>),
}

impl Paths {
    fn of(call: &Call<'_>) -> Result<Self> {
        match call.constant_text(1) {
            Some(path) => Ok(Self::One(JsonPath::parse(&path).map_err(plan_error)?)),
            None => Ok(Self::PerRow(call.text(1)?)),
        }
    }

    fn find<'a>(&self, row: usize, json: &'a str) -> Option<sonic_rs::LazyValue<'a>> {
        match self {
            Self::One(path) => path.find(json),
            Self::PerRow(texts) => JsonPath::parse(texts.get(row)?).ok()?.find(json),
        }
    }
}

fn text_of(call: &Call<'_>, f: impl Fn(usize) -> Option<String>) -> ArrayRef {
    let mut out = StringBuilder::with_capacity(call.rows, call.rows * 16);
    for row in 0..call.rows {
        out.append_option(f(row));
    }
    Arc::new(out.finish())
}

fn json_extract(call: &Call<'_>) -> Result<ArrayRef> {
    let (json, paths) = (call.text(0)?, Paths::of(call)?);
    Ok(text_of(call, |row| paths.find(row, json.get(row)?).map(|v| v.as_raw_str().trim().to_string())))
}

fn json_extract_scalar(call: &Call<'_>) -> Result<ArrayRef> {
    let (json, paths) = (call.text(0)?, Paths::of(call)?);
    Ok(text_of(call, |row| scalar(&paths.find(row, json.get(row)?)?)))
}

fn json_parse(call: &Call<'_>) -> Result<ArrayRef> {
    let json = call.text(0)?;
    Ok(text_of(call, |row| {
        let value: serde_json::Value = serde_json::from_str(json.get(row)?).ok()?;
        Some(value.to_string())
    }))
}

fn json_format(call: &Call<'_>) -> Result<ArrayRef> {
    let json = call.text(0)?;
    Ok(text_of(call, |row| json.get(row).map(str::to_string)))
}

/// Elements of an array, members of an object, 0 for a scalar.
fn size(value: &sonic_rs::LazyValue<'_>) -> Option<i64> {
    Some(match value.get_type() {
        JsonType::Array => value.clone().into_array_iter()?.filter(Result::is_ok).count() as i64,
        JsonType::Object => value.clone().into_object_iter()?.filter(Result::is_ok).count() as i64,
        _ => 0,
    })
}

fn json_size(call: &Call<'_>) -> Result<ArrayRef> {
    let (json, paths) = (call.text(0)?, Paths::of(call)?);
    let mut out = Int64Builder::with_capacity(call.rows);
    for row in 0..call.rows {
        out.append_option(json.get(row).and_then(|j| size(&paths.find(row, j)?)));
    }
    Ok(Arc::new(out.finish()))
}

fn root(json: &str) -> Option<sonic_rs::LazyValue<'_>> {
    sonic_rs::from_str(json).ok()
}

fn json_array_length(call: &Call<'_>) -> Result<ArrayRef> {
    let json = call.text(0)?;
    let mut out = Int64Builder::with_capacity(call.rows);
    for row in 0..call.rows {
        let length = json.get(row).and_then(root).filter(|v| v.get_type() == JsonType::Array);
        out.append_option(length.as_ref().and_then(size));
    }
    Ok(Arc::new(out.finish()))
}

fn json_array_get(call: &Call<'_>) -> Result<ArrayRef> {
    let (json, index) = (call.text(0)?, call.int(1)?);
    Ok(text_of(call, |row| {
        let items: Vec<_> = root(json.get(row)?)?.into_array_iter()?.collect::<Result<_, _>>().ok()?;
        let index = index.get(row)?;
        let at = if index < 0 { index + items.len() as i64 } else { index };
        items.get(usize::try_from(at).ok()?).map(|v| v.as_raw_str().trim().to_string())
    }))
}

fn json_array_contains(call: &Call<'_>) -> Result<ArrayRef> {
    if is_list(&call.data_type(0)) {
        return Err(plan_error("json_array_contains reads JSON text; use contains(array, value)"));
    }
    let (json, wanted) = (call.text(0)?, call.text(1)?);
    // Trino compares JSON text with varchar, numbers with numbers.
    let text_wanted = super::support::is_text(&call.data_type(1));
    let mut out = BooleanBuilder::with_capacity(call.rows);
    for row in 0..call.rows {
        let found = json.get(row).zip(wanted.get(row)).and_then(|(json, wanted)| {
            let mut items = root(json)?.into_array_iter()?;
            Some(items.any(|item| {
                item.is_ok_and(|item| {
                    (item.get_type() == JsonType::String) == text_wanted
                        && scalar(&item).as_deref() == Some(wanted)
                })
            }))
        });
        out.append_option(found);
    }
    Ok(Arc::new(out.finish()))
}

fn is_json_scalar(call: &Call<'_>) -> Result<ArrayRef> {
    let json = call.text(0)?;
    let mut out = BooleanBuilder::with_capacity(call.rows);
    for row in 0..call.rows {
        let kind = json.get(row).and_then(root).map(|v| v.get_type());
        out.append_option(kind.map(|k| !matches!(k, JsonType::Array | JsonType::Object)));
    }
    Ok(Arc::new(out.finish()))
}

/// `CAST(json AS VARCHAR)`: a JSON string loses its quotes, null is NULL.
fn json_to_varchar(call: &Call<'_>) -> Result<ArrayRef> {
    let json = call.text(0)?;
    Ok(text_of(call, |row| {
        let json = json.get(row)?;
        match root(json) {
            Some(v) if v.get_type() == JsonType::Null => None,
            Some(v) => scalar(&v).or_else(|| Some(json.to_string())),
            None => Some(json.to_string()),
        }
    }))
}
