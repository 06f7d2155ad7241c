//! Arrays, maps and rows: access, membership, size, construction.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Int64Array, Int64Builder, ListArray, ListBuilder, MapArray,
    StringBuilder, StringViewArray, UInt32Array, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat as concat_values, take};
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::Result;
use datafusion::logical_expr::{ReturnFieldArgs, ScalarUDF};

use super::support::{
    Call, Func, field, is_list, is_text, lenient_cast, plan_error, returns_int, returns_text,
};

/// Longest array that a function may make, as in Trino.
const MAX_SEQUENCE: i64 = 10_000;

/// The functions of this family.
pub(crate) fn functions() -> Vec<Arc<ScalarUDF>> {
    vec![
        Func::new("element_at", (2, 2), returns_element, element_at).udf(),
        Func::new("cardinality", (1, 1), returns_int, cardinality).udf(),
        Func::new("sequence", (2, 3), returns_sequence, sequence).udf(),
        Func::new("repeat", (2, 2), returns_repeat, repeat).udf(),
        Func::new("slice", (3, 3), returns_first, slice).udf(),
        Func::new("unnest_ordinals", (1, usize::MAX), returns_int_list, ordinals).udf(),
        Func::new("typeof", (1, 1), returns_text, type_of).udf(),
    ]
}

fn item_of(t: &DataType) -> Option<&FieldRef> {
    match t {
        DataType::List(f) | DataType::LargeList(f) | DataType::FixedSizeList(f, _) => Some(f),
        _ => None,
    }
}

fn map_fields(t: &DataType) -> Option<(&FieldRef, &FieldRef)> {
    match t {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => Some((&fields[0], &fields[1])),
            _ => None,
        },
        _ => None,
    }
}

fn returns_element(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    let holder = args.arg_fields[0].data_type();
    if let Some(item) = item_of(holder) {
        return Ok(Arc::new(item.as_ref().clone().with_nullable(true)));
    }
    if let Some((_, value)) = map_fields(holder) {
        return Ok(Arc::new(value.as_ref().clone().with_nullable(true)));
    }
    if let DataType::Struct(fields) = holder
        && let Some(Some(name)) = args.scalar_arguments.get(1)
        && let Some(name) = name.try_as_str().flatten()
    {
        let found = fields.iter().find(|f| f.name().eq_ignore_ascii_case(name));
        return match found {
            Some(f) => Ok(Arc::new(f.as_ref().clone().with_nullable(true))),
            None => Err(plan_error(format!("Field {name} not found in struct"))),
        };
    }
    if holder == &DataType::Null {
        return field(DataType::Null);
    }
    Err(plan_error(format!(
        "{} has no elements: only arrays, maps and rows do (JSON text: use json_extract)",
        trino_name(holder)
    )))
}

/// `element_at(array, n)` (1-based, negative from the end) and
/// `element_at(map, key)`; NULL when there is none. Subscripts mean the same.
fn element_at(call: &Call<'_>) -> Result<ArrayRef> {
    let holder = call.array(0)?;
    match holder.data_type() {
        DataType::Map(_, _) => map_value(call, holder.as_map()),
        DataType::Struct(_) => {
            let name = call.constant_text(1).unwrap_or_default();
            let s = holder.as_struct();
            let at = s.fields().iter().position(|f| f.name().eq_ignore_ascii_case(&name));
            Ok(at.map_or_else(
                || new_null_array(call.returns.data_type(), call.rows),
                |at| Arc::clone(s.column(at)),
            ))
        }
        DataType::Null => Ok(new_null_array(&DataType::Null, call.rows)),
        _ => {
            let list = as_list(&holder)?;
            let index = call.int(1)?;
            let picks: UInt32Array = (0..call.rows)
                .map(|row| {
                    let (start, end) = bounds(&list, row)?;
                    let n = index.get(row)?;
                    let at = if n > 0 {
                        start + n - 1
                    } else if n < 0 {
                        end + n
                    } else {
                        return None;
                    };
                    (start..end).contains(&at).then(|| u32::try_from(at).ok())?
                })
                .collect();
            Ok(take(list.values(), &picks, None)?)
        }
    }
}

/// Where the items of a row lie in the values; `None` for a NULL array.
fn bounds(list: &ListArray, row: usize) -> Option<(i64, i64)> {
    let offsets = list.value_offsets();
    (!list.is_null(row)).then(|| (i64::from(offsets[row]), i64::from(offsets[row + 1])))
}

fn map_value(call: &Call<'_>, map: &MapArray) -> Result<ArrayRef> {
    let keys = lenient_cast(map.keys(), &DataType::Utf8View)?;
    let keys: &StringViewArray = keys.as_string_view();
    let wanted = call.text(1)?;
    let offsets = map.value_offsets();
    let picks: UInt32Array = (0..call.rows)
        .map(|row| {
            if map.is_null(row) {
                return None;
            }
            let wanted = wanted.get(row)?;
            let range = offsets[row] as usize..offsets[row + 1] as usize;
            range.into_iter().find(|i| keys.value(*i) == wanted).and_then(|i| u32::try_from(i).ok())
        })
        .collect();
    Ok(take(map.values(), &picks, None)?)
}

fn as_list(array: &ArrayRef) -> Result<ListArray> {
    let item = item_of(array.data_type())
        .ok_or_else(|| plan_error(format!("{} is no array", trino_name(array.data_type()))))?;
    let list = lenient_cast(array, &DataType::List(Arc::clone(item)))?;
    Ok(list.as_list::<i32>().clone())
}

fn cardinality(call: &Call<'_>) -> Result<ArrayRef> {
    let array = call.array(0)?;
    let lengths: Int64Array = match array.data_type() {
        DataType::Map(_, _) => {
            let map = array.as_map();
            let offsets = map.value_offsets();
            let length = |r: usize| i64::from(offsets[r + 1] - offsets[r]);
            (0..call.rows).map(|r| (!map.is_null(r)).then(|| length(r))).collect()
        }
        t if is_list(t) => {
            let list = as_list(&array)?;
            (0..call.rows).map(|r| bounds(&list, r).map(|(a, b)| b - a)).collect()
        }
        DataType::Null => Int64Array::from(vec![None; call.rows]),
        t => return Err(plan_error(format!("cardinality takes an array or a map, not {}", trino_name(t)))),
    };
    Ok(Arc::new(lengths))
}

/// `contains(array, value)`; compared as text, so that types need not agree.
pub(crate) fn array_contains(call: &Call<'_>) -> Result<ArrayRef> {
    let list = as_list(&call.array(0)?)?;
    let items = lenient_cast(list.values(), &DataType::Utf8View)?;
    let items: &StringViewArray = items.as_string_view();
    let wanted = call.text(1)?;
    let mut out = BooleanBuilder::with_capacity(call.rows);
    for row in 0..call.rows {
        let held = bounds(&list, row).zip(wanted.get(row)).map(|((start, end), wanted)| {
            (start as usize..end as usize).any(|i| !items.is_null(i) && items.value(i) == wanted)
        });
        out.append_option(held);
    }
    Ok(Arc::new(out.finish()))
}

/// `concat(array, array, …)`; single values count as arrays of one.
pub(crate) fn concat_arrays(call: &Call<'_>) -> Result<ArrayRef> {
    let DataType::List(item) = call.returns.data_type() else {
        return Err(plan_error("concat: arrays of this kind are not supported"));
    };
    let mut lists = Vec::with_capacity(call.len());
    for i in 0..call.len() {
        let array = call.array(i)?;
        let list = if is_list(array.data_type()) {
            lenient_cast(&array, call.returns.data_type())?
        } else {
            let values = lenient_cast(&array, item.data_type())?;
            let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(1, call.rows));
            Arc::new(ListArray::try_new(Arc::clone(item), offsets, values, None)?)
        };
        lists.push(list.as_list::<i32>().clone());
    }
    let values: Vec<&dyn Array> = lists.iter().map(|l| l.values().as_ref()).collect();
    let pool = concat_values(&values)?;
    let mut bases = Vec::with_capacity(lists.len());
    let mut base = 0i64;
    for list in &lists {
        bases.push(base);
        base += list.values().len() as i64;
    }
    let (mut picks, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..call.rows {
        let spans: Option<Vec<_>> = lists.iter().map(|l| bounds(l, row)).collect();
        valid.push(spans.is_some());
        let before = picks.len();
        for ((start, end), base) in spans.unwrap_or_default().into_iter().zip(&bases) {
            picks.extend((start + base..end + base).map(|i| i as u32));
        }
        lengths.push(picks.len() - before);
    }
    let taken = take(&pool, &UInt32Array::from(picks), None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, taken, Some(NullBuffer::from(valid)))?))
}

fn returns_first(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    let item = item_of(args.arg_fields[0].data_type()).ok_or_else(|| plan_error("slice takes an array"))?;
    field(DataType::List(Arc::clone(item)))
}

/// `slice(array, start, length)`, 1-based, negative from the end.
fn slice(call: &Call<'_>) -> Result<ArrayRef> {
    let list = as_list(&call.array(0)?)?;
    let DataType::List(item) = call.returns.data_type() else {
        return Err(plan_error("slice takes an array"));
    };
    let (start, length) = (call.int(1)?, call.int(2)?);
    let (mut picks, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..call.rows {
        let span = bounds(&list, row).zip(start.get(row)).zip(length.get(row));
        valid.push(span.is_some());
        let before = picks.len();
        if let Some((((low, high), start), length)) = span
            && start != 0
        {
            let from = if start > 0 { low.saturating_add(start - 1) } else { high.saturating_add(start) };
            if from >= low {
                let to = from.saturating_add(length.max(0)).min(high);
                picks.extend((from..to).map(|i| i as u32));
            }
        }
        lengths.push(picks.len() - before);
    }
    let taken = take(list.values(), &UInt32Array::from(picks), None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, taken, Some(NullBuffer::from(valid)))?))
}

fn returns_int_list(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    field(DataType::List(Arc::new(Field::new_list_field(DataType::Int64, true))))
}

fn returns_sequence(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    let item = match args.arg_fields[0].data_type() {
        t if t.is_integer() || is_text(t) => DataType::Int64,
        DataType::Date32 => DataType::Date32,
        DataType::Timestamp(_, _) => super::support::instant_type(),
        t => return Err(plan_error(format!("sequence of {} is not supported", trino_name(t)))),
    };
    field(DataType::List(Arc::new(Field::new_list_field(item, true))))
}

/// `sequence(first, last[, step])` of integers, days or instants; a step of
/// time is an interval of a fixed length or of months.
fn sequence(call: &Call<'_>) -> Result<ArrayRef> {
    let DataType::List(item) = call.returns.data_type() else {
        return Err(plan_error("sequence makes arrays"));
    };
    let temporal = item.data_type() != &DataType::Int64;
    let (first, last) = if temporal {
        let unit = DataType::Timestamp(TimeUnit::Microsecond, None);
        let ints = |i| -> Result<ArrayRef> {
            lenient_cast(&lenient_cast(&call.array(i)?, &unit)?, &DataType::Int64)
        };
        (ints(0)?, ints(1)?)
    } else {
        (lenient_cast(&call.array(0)?, &DataType::Int64)?, lenient_cast(&call.array(1)?, &DataType::Int64)?)
    };
    let steps = steps(call, temporal)?;
    let (first, last) = (ints(&first), ints(&last));
    let mut out = ListBuilder::new(Int64Builder::new());
    for (row, step) in steps.into_iter().enumerate() {
        if first.is_null(row) || last.is_null(row) {
            out.append(false);
            continue;
        }
        fill(out.values(), first.value(row), last.value(row), step)?;
        out.append(true);
    }
    let list = out.finish();
    let (_, offsets, values, nulls) = list.into_parts();
    let values = if temporal {
        let instants = lenient_cast(&values, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
        lenient_cast(&instants, item.data_type())?
    } else {
        values
    };
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, values, nulls)?))
}

fn ints(array: &ArrayRef) -> Int64Array {
    array.as_primitive::<arrow::datatypes::Int64Type>().clone()
}

/// A step of a sequence: months, and units (integers or microseconds).
type Step = (i32, i64);

fn steps(call: &Call<'_>, temporal: bool) -> Result<Vec<Step>> {
    const DAY: i64 = 86_400_000_000;
    if call.len() < 3 {
        return Ok(vec![(0, if temporal { DAY } else { 1 }); call.rows]);
    }
    let array = call.array(2)?;
    let month_day_nano = DataType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano);
    if matches!(array.data_type(), DataType::Interval(_)) {
        let array = lenient_cast(&array, &month_day_nano)?;
        let array = array.as_primitive::<arrow::datatypes::IntervalMonthDayNanoType>();
        return Ok((0..call.rows)
            .map(|r| {
                let step = array.value(r);
                (step.months, i64::from(step.days) * DAY + step.nanoseconds / 1000)
            })
            .collect());
    }
    let array = ints(&lenient_cast(&array, &DataType::Int64)?);
    Ok((0..call.rows).map(|r| (0, if array.is_null(r) { 1 } else { array.value(r) })).collect())
}

fn fill(out: &mut Int64Builder, first: i64, last: i64, (months, units): Step) -> Result<()> {
    if months == 0 && units == 0 {
        return Err(plan_error("the step of a sequence must not be 0"));
    }
    let up = months > 0 || (months == 0 && units > 0);
    let mut count = 0;
    let mut at = first;
    while if up { at <= last } else { at >= last } {
        count += 1;
        if count > MAX_SEQUENCE {
            return Err(plan_error(format!("a sequence has at most {MAX_SEQUENCE} values")));
        }
        out.append_value(at);
        let next = if months == 0 { at.checked_add(units) } else { add_months(at, months, units) };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    Ok(())
}

fn add_months(at: i64, months: i32, units: i64) -> Option<i64> {
    let t = super::iso::to_datetime(at)?;
    let n = chrono::Months::new(months.unsigned_abs());
    let t = if months < 0 { t.checked_sub_months(n)? } else { t.checked_add_months(n)? };
    t.timestamp_micros().checked_add(units)
}

fn returns_repeat(args: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    let item = Field::new_list_field(args.arg_fields[0].data_type().clone(), true);
    field(DataType::List(Arc::new(item)))
}

/// `repeat(element, count)` makes an array, as in Trino.
fn repeat(call: &Call<'_>) -> Result<ArrayRef> {
    let DataType::List(item) = call.returns.data_type() else {
        return Err(plan_error("repeat makes arrays"));
    };
    let (values, count) = (call.array(0)?, call.int(1)?);
    let (mut picks, mut lengths) = (Vec::new(), Vec::new());
    for row in 0..call.rows {
        let n = count.get(row).unwrap_or(0).max(0);
        if n > MAX_SEQUENCE {
            return Err(plan_error(format!("repeat makes at most {MAX_SEQUENCE} values")));
        }
        picks.extend(std::iter::repeat_n(row as u32, n as usize));
        lengths.push(n as usize);
    }
    let taken = take(&values, &UInt32Array::from(picks), None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, taken, None)?))
}

/// The numbers 1… of the longest argument: what `WITH ORDINALITY` unnests.
fn ordinals(call: &Call<'_>) -> Result<ArrayRef> {
    let lists = (0..call.len()).map(|i| as_list(&call.array(i)?)).collect::<Result<Vec<_>>>()?;
    let mut out = ListBuilder::new(Int64Builder::new());
    for row in 0..call.rows {
        let longest = lists.iter().filter_map(|l| bounds(l, row)).map(|(a, b)| b - a).max();
        match longest {
            Some(n) => {
                (1..=n).for_each(|i| out.values().append_value(i));
                out.append(true);
            }
            None => out.append(false),
        }
    }
    Ok(Arc::new(out.finish()))
}

fn type_of(call: &Call<'_>) -> Result<ArrayRef> {
    let name = trino_name(&call.data_type(0));
    let mut out = StringBuilder::new();
    (0..call.rows).for_each(|_| out.append_value(&name));
    Ok(Arc::new(out.finish()))
}

/// The name that Trino gives a type.
pub(crate) fn trino_name(t: &DataType) -> String {
    match t {
        DataType::Null => "unknown".to_string(),
        DataType::Boolean => "boolean".to_string(),
        DataType::Int8 | DataType::UInt8 => "tinyint".to_string(),
        DataType::Int16 | DataType::UInt16 => "smallint".to_string(),
        DataType::Int32 | DataType::UInt32 => "integer".to_string(),
        DataType::Int64 | DataType::UInt64 => "bigint".to_string(),
        DataType::Float16 | DataType::Float32 => "real".to_string(),
        DataType::Float64 => "double".to_string(),
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => format!("decimal({p},{s})"),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "varchar".to_string(),
        DataType::Dictionary(_, v) => trino_name(v),
        DataType::FixedSizeBinary(16) => "ipaddress".to_string(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "varbinary".to_string()
        }
        DataType::Date32 | DataType::Date64 => "date".to_string(),
        DataType::Time32(_) | DataType::Time64(_) => "time".to_string(),
        DataType::Timestamp(unit, zone) => {
            let digits = match unit {
                TimeUnit::Second => 0,
                TimeUnit::Millisecond => 3,
                TimeUnit::Microsecond => 6,
                TimeUnit::Nanosecond => 9,
            };
            let zone = if zone.is_some() { " with time zone" } else { "" };
            format!("timestamp({digits}){zone}")
        }
        DataType::Interval(_) | DataType::Duration(_) => "interval".to_string(),
        DataType::List(f) | DataType::LargeList(f) | DataType::FixedSizeList(f, _) => {
            format!("array({})", trino_name(f.data_type()))
        }
        DataType::Map(_, _) => match map_fields(t) {
            Some((k, v)) => format!("map({}, {})", trino_name(k.data_type()), trino_name(v.data_type())),
            None => "map".to_string(),
        },
        DataType::Struct(fields) => {
            let inner: Vec<_> =
                fields.iter().map(|f| format!("{} {}", f.name(), trino_name(f.data_type()))).collect();
            format!("row({})", inner.join(", "))
        }
        other => other.to_string().to_lowercase(),
    }
}
