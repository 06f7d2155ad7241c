//! Text functions whose Trino meaning differs from DataFusion's, and those
//! that DataFusion lacks.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, Int64Builder, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, FieldRef};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datafusion::common::Result;
use datafusion::logical_expr::{ReturnFieldArgs, ScalarUDF};

use super::support::{
    BodyFn, Call, Func, field, is_list, lenient_cast, plan_error, returns_int, returns_text,
    returns_text_list,
};

/// Longest text that a padding function may make.
const MAX_PADDED: i64 = 1 << 20;

/// The functions of this family.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    let text = |name, arity, body: BodyFn| Func::new(name, arity, returns_text, body);
    vec![
        Func::new("concat", (1, usize::MAX), returns_concat, concat).udf(),
        text("substr", (2, 3), substr).aliases(&["substring"]).udf(),
        text("split_part", (3, 3), split_part).udf(),
        Func::new("split", (2, 3), returns_text_list, split).udf(),
        text("replace", (2, 3), replace).udf(),
        text("lpad", (3, 3), |c| pad(c, true)).udf(),
        text("rpad", (3, 3), |c| pad(c, false)).udf(),
        Func::new("to_utf8", (1, 1), returns_binary, to_utf8).udf(),
        text("from_utf8", (1, 2), from_utf8).udf(),
        text("to_base64", (1, 1), |c| encode(c, |b| STANDARD.encode(b))).udf(),
        Func::new("from_base64", (1, 1), returns_binary, |c| decode(c, |t| STANDARD.decode(t).ok())).udf(),
        text("to_hex", (1, 1), |c| encode(c, |b| hex::encode_upper(b))).udf(),
        Func::new("from_hex", (1, 1), returns_binary, |c| decode(c, |t| hex::decode(t).ok())).udf(),
        Func::new("codepoint", (1, 1), returns_int, codepoint).udf(),
    ]
}

fn returns_binary(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    field(DataType::Binary)
}

/// Arrays concatenate to an array; everything else to text.
fn returns_concat(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    match args.arg_fields.iter().find(|f| is_list(f.data_type())) {
        Some(list) => field(list.data_type().clone()),
        None => field(DataType::Utf8),
    }
}

fn texts(call: &Call<'_>, f: impl Fn(usize) -> Option<String>) -> ArrayRef {
    let mut out = StringBuilder::new();
    for row in 0..call.rows {
        out.append_option(f(row));
    }
    Arc::new(out.finish())
}

/// Unlike DataFusion's, NULL when any part is NULL.
fn concat(call: &Call<'_>) -> Result<ArrayRef> {
    if is_list(call.returns.data_type()) {
        return super::collection::concat_arrays(call);
    }
    let parts = (0..call.len()).map(|i| call.text(i)).collect::<Result<Vec<_>>>()?;
    Ok(texts(call, |row| {
        let mut joined = String::new();
        for part in &parts {
            joined.push_str(part.get(row)?);
        }
        Some(joined)
    }))
}

/// 1-based; a negative start counts from the end; 0 and beyond give ''.
fn substr(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, start) = (call.text(0)?, call.int(1)?);
    let length = if call.len() > 2 { Some(call.int(2)?) } else { None };
    Ok(texts(call, |row| {
        let (text, start) = (text.get(row)?, start.get(row)?);
        let length = match &length {
            Some(length) => usize::try_from(length.get(row)?.max(0)).ok()?,
            None => usize::MAX,
        };
        let skip = match start {
            0 => return Some(String::new()),
            n if n > 0 => usize::try_from(n - 1).ok()?,
            n => {
                let count = text.chars().count();
                let back = usize::try_from(n.unsigned_abs()).ok()?;
                match count.checked_sub(back) {
                    Some(skip) => skip,
                    None => return Some(String::new()),
                }
            }
        };
        Some(text.chars().skip(skip).take(length).collect())
    }))
}

/// 1-based; NULL beyond the last part.
fn split_part(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, by, index) = (call.text(0)?, call.text(1)?, call.int(2)?);
    Ok(texts(call, |row| {
        let (text, by, index) = (text.get(row)?, by.get(row)?, index.get(row)?);
        let nth = usize::try_from(index.checked_sub(1)?).ok()?;
        if by.is_empty() {
            return text.chars().nth(nth).map(String::from);
        }
        text.split(by).nth(nth).map(str::to_string)
    }))
}

fn split(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, by) = (call.text(0)?, call.text(1)?);
    let limit = if call.len() > 2 { Some(call.int(2)?) } else { None };
    let mut out = ListBuilder::new(StringBuilder::new());
    for row in 0..call.rows {
        let limit = match &limit {
            Some(limit) => limit.get(row).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0),
            None => Some(usize::MAX),
        };
        match (text.get(row), by.get(row), limit) {
            (Some(text), Some(""), Some(_)) => {
                out.values().append_value(text);
                out.append(true);
            }
            (Some(text), Some(by), Some(limit)) => {
                text.splitn(limit, by).for_each(|part| out.values().append_value(part));
                out.append(true);
            }
            _ => out.append(false),
        }
    }
    Ok(Arc::new(out.finish()))
}

fn replace(call: &Call<'_>) -> Result<ArrayRef> {
    let (text, from) = (call.text(0)?, call.text(1)?);
    let to = if call.len() > 2 { Some(call.text(2)?) } else { None };
    Ok(texts(call, |row| {
        let to = match &to {
            Some(to) => to.get(row)?,
            None => "",
        };
        Some(text.get(row)?.replace(from.get(row)?, to))
    }))
}

fn pad(call: &Call<'_>, left: bool) -> Result<ArrayRef> {
    let (text, size, fill) = (call.text(0)?, call.int(1)?, call.text(2)?);
    for row in 0..call.rows {
        if size.get(row).is_some_and(|n| n > MAX_PADDED) {
            return Err(plan_error(format!("{} makes texts of up to {MAX_PADDED} characters", call.name)));
        }
    }
    Ok(texts(call, |row| {
        let (text, fill) = (text.get(row)?, fill.get(row)?);
        let size = usize::try_from(size.get(row)?).ok()?;
        let have = text.chars().count();
        if have >= size || fill.is_empty() {
            return Some(text.chars().take(size).collect());
        }
        let padding: String = fill.chars().cycle().take(size - have).collect();
        Some(if left { padding + text } else { text.to_string() + &padding })
    }))
}

/// Argument 0 as bytes per row; text stands for its UTF-8 bytes.
fn bytes(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    if array.data_type().is_integer() {
        return Err(plan_error(format!("{} takes text or bytes", call.name)));
    }
    lenient_cast(&array, &DataType::Binary)
}

fn to_utf8(call: &Call<'_>) -> Result<ArrayRef> {
    bytes(call)
}

fn from_utf8(call: &Call<'_>) -> Result<ArrayRef> {
    encode(call, |b| String::from_utf8_lossy(b).into_owned())
}

fn encode(call: &Call<'_>, f: fn(&[u8]) -> String) -> Result<ArrayRef> {
    let array = bytes(call)?;
    let array = array.as_binary::<i32>();
    Ok(texts(call, |row| (!array.is_null(row)).then(|| f(array.value(row)))))
}

fn decode(call: &Call<'_>, f: fn(&str) -> Option<Vec<u8>>) -> Result<ArrayRef> {
    let text = call.text(0)?;
    let mut out = BinaryBuilder::new();
    for row in 0..call.rows {
        out.append_option(text.get(row).and_then(f));
    }
    Ok(Arc::new(out.finish()))
}

fn codepoint(call: &Call<'_>) -> Result<ArrayRef> {
    let text = call.text(0)?;
    let mut out = Int64Builder::new();
    for row in 0..call.rows {
        out.append_option(text.get(row).and_then(|t| t.chars().next()).map(|c| i64::from(u32::from(c))));
    }
    Ok(Arc::new(out.finish()))
}
