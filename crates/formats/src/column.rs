//! Column builders that can take a half-written row back.
//!
//! Arrow's own builders only grow. A record whose last field turns out to be of a wrong type must
//! leave no trace of its first ones, so these keep plain vectors and can be cut back.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, BooleanBufferBuilder, Date32Array, Float64Array, Int32Array, Int64Array,
    ListArray, MapArray, StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Fields};
use sonic_rs::{JsonType, JsonValueTrait, LazyValue};

use crate::DecodeError;
use crate::table::{Type, list_item, map_entries};

/// Text values back to back.
#[derive(Debug)]
pub(crate) struct Text {
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    valid: BooleanBufferBuilder,
}

impl Text {
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::new(), offsets: vec![0], valid: BooleanBufferBuilder::new(0) }
    }

    fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    #[inline]
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.end_value(true);
    }

    #[inline]
    pub(crate) fn push_null(&mut self) {
        self.end_value(false);
    }

    #[inline]
    fn end_value(&mut self, valid: bool) {
        // `Rows::is_full` keeps a batch far below the two gigabytes that offsets can address.
        self.offsets.push(i32::try_from(self.bytes.len()).unwrap_or(i32::MAX));
        self.valid.append(valid);
    }

    fn truncate(&mut self, len: usize) {
        if len < self.len() {
            self.offsets.truncate(len + 1);
            self.bytes.truncate(self.offsets[len] as usize);
            self.valid.truncate(len);
        }
    }

    pub(crate) fn finish(&mut self) -> StringArray {
        let offsets = hand_on(&mut self.offsets);
        self.offsets.push(0);
        let bytes = hand_on(&mut self.bytes);
        let nulls = nulls(&mut self.valid);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        // Only whole `&str`s are ever pushed, so this check cannot fail; it is cheap beside the
        // decoding that came before.
        StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls)
            .unwrap_or_else(|_| StringArray::new_null(0))
    }
}

/// Values of a fixed width.
#[derive(Debug)]
pub(crate) struct Fixed<T> {
    values: Vec<T>,
    valid: BooleanBufferBuilder,
}

impl<T: Copy + Default> Fixed<T> {
    fn new() -> Self {
        Self { values: Vec::new(), valid: BooleanBufferBuilder::new(0) }
    }

    #[inline]
    pub(crate) fn push(&mut self, value: Option<T>) {
        self.values.push(value.unwrap_or_default());
        self.valid.append(value.is_some());
    }

    fn truncate(&mut self, len: usize) {
        if len < self.values.len() {
            self.values.truncate(len);
            self.valid.truncate(len);
        }
    }

    fn take(&mut self) -> (Vec<T>, Option<NullBuffer>) {
        (hand_on(&mut self.values), nulls(&mut self.valid))
    }
}

/// Takes the values. The next batch is likely to be as large: room for it is made at once, so that it
/// does not grow by copying, and asks the system for fresh memory, again and again.
pub(crate) fn hand_on<T>(values: &mut Vec<T>) -> Vec<T> {
    let room = values.len() + values.len() / 8;
    std::mem::replace(values, Vec::with_capacity(room))
}

fn nulls(valid: &mut BooleanBufferBuilder) -> Option<NullBuffer> {
    let nulls = NullBuffer::new(valid.finish());
    (nulls.null_count() > 0).then_some(nulls)
}

/// One column under construction.
#[derive(Debug)]
pub(crate) enum Column {
    Utf8(Text),
    Json(Text),
    Int32(Fixed<i32>),
    Int64(Fixed<i64>),
    Float64(Fixed<f64>),
    Boolean(Fixed<bool>),
    Date32(Fixed<i32>),
    Timestamp(Fixed<i64>),
    Struct { names: Vec<&'static str>, children: Vec<Column>, valid: BooleanBufferBuilder },
    List { item: Type, child: Box<Column>, offsets: Vec<i32>, valid: BooleanBufferBuilder },
    Map { keys: Text, values: Text, offsets: Vec<i32>, valid: BooleanBufferBuilder },
}

impl Column {
    pub(crate) fn new(ty: &Type) -> Self {
        match ty {
            Type::Utf8 => Self::Utf8(Text::new()),
            Type::Json => Self::Json(Text::new()),
            Type::Int32 => Self::Int32(Fixed::new()),
            Type::Int64 => Self::Int64(Fixed::new()),
            Type::Float64 => Self::Float64(Fixed::new()),
            Type::Boolean => Self::Boolean(Fixed::new()),
            Type::Date32 => Self::Date32(Fixed::new()),
            Type::Timestamp => Self::Timestamp(Fixed::new()),
            Type::Struct(fields) => Self::Struct {
                names: fields.iter().map(|f| f.name).collect(),
                children: fields.iter().map(|f| Self::new(&f.ty)).collect(),
                valid: BooleanBufferBuilder::new(0),
            },
            Type::List(item) => Self::List {
                item: **item,
                child: Box::new(Self::new(item)),
                offsets: vec![0],
                valid: BooleanBufferBuilder::new(0),
            },
            Type::Map => Self::Map {
                keys: Text::new(),
                values: Text::new(),
                offsets: vec![0],
                valid: BooleanBufferBuilder::new(0),
            },
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Utf8(t) | Self::Json(t) => t.len(),
            Self::Int32(v) | Self::Date32(v) => v.values.len(),
            Self::Int64(v) | Self::Timestamp(v) => v.values.len(),
            Self::Float64(v) => v.values.len(),
            Self::Boolean(v) => v.values.len(),
            Self::Struct { valid, .. } | Self::List { valid, .. } | Self::Map { valid, .. } => valid.len(),
        }
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        match self {
            Self::Utf8(t) | Self::Json(t) => t.truncate(len),
            Self::Int32(v) | Self::Date32(v) => v.truncate(len),
            Self::Int64(v) | Self::Timestamp(v) => v.truncate(len),
            Self::Float64(v) => v.truncate(len),
            Self::Boolean(v) => v.truncate(len),
            Self::Struct { children, valid, .. } => {
                children.iter_mut().for_each(|c| c.truncate(len));
                valid.truncate(len.min(valid.len()));
            }
            Self::List { child, offsets, valid, .. } => {
                offsets.truncate(len + 1);
                child.truncate(last(offsets));
                valid.truncate(len.min(valid.len()));
            }
            Self::Map { keys, values, offsets, valid } => {
                offsets.truncate(len + 1);
                keys.truncate(last(offsets));
                values.truncate(last(offsets));
                valid.truncate(len.min(valid.len()));
            }
        }
    }

    pub(crate) fn push_null(&mut self) {
        match self {
            Self::Utf8(t) | Self::Json(t) => t.push_null(),
            Self::Int32(v) | Self::Date32(v) => v.push(None),
            Self::Int64(v) | Self::Timestamp(v) => v.push(None),
            Self::Float64(v) => v.push(None),
            Self::Boolean(v) => v.push(None),
            Self::Struct { children, valid, .. } => {
                children.iter_mut().for_each(Self::push_null);
                valid.append(false);
            }
            Self::List { offsets, valid, .. } | Self::Map { offsets, valid, .. } => {
                offsets.push(offsets[offsets.len() - 1]);
                valid.append(false);
            }
        }
    }

    /// Appends a JSON value; `name` is the column's, for the error.
    pub(crate) fn push_json(&mut self, name: &str, value: &LazyValue<'_>) -> Result<(), DecodeError> {
        let kind = value.get_type();
        if kind == JsonType::Null {
            self.push_null();
            return Ok(());
        }
        match self {
            Self::Utf8(t) | Self::Json(t) => push_text(t, name, value, kind)?,
            Self::Int32(v) => {
                let n = integer(name, value)?;
                v.push(Some(i32::try_from(n).map_err(|_| wrong(name, "a 32-bit integer", value))?));
            }
            Self::Int64(v) => v.push(Some(integer(name, value)?)),
            Self::Float64(v) => {
                let n = value.as_f64().or_else(|| value.as_str()?.parse().ok());
                v.push(Some(n.ok_or_else(|| wrong(name, "a number", value))?));
            }
            Self::Boolean(v) => {
                let b = value.as_bool().or_else(|| value.as_str()?.to_ascii_lowercase().parse().ok());
                v.push(Some(b.ok_or_else(|| wrong(name, "true or false", value))?));
            }
            Self::Timestamp(v) => {
                let t = value.as_str().and_then(crate::time::parse_rfc3339);
                v.push(Some(t.ok_or_else(|| wrong(name, "an ISO 8601 time", value))?));
            }
            Self::Date32(_) => return Err(wrong(name, "no date column is read from JSON", value)),
            Self::Struct { names, children, valid } => push_struct(names, children, valid, name, value)?,
            Self::List { child, offsets, valid, .. } => {
                let items = value.clone().into_array_iter().ok_or_else(|| wrong(name, "an array", value))?;
                for item in items {
                    child.push_json(name, &item.map_err(|_| wrong(name, "an array", value))?)?;
                }
                offsets.push(i32::try_from(child.len()).unwrap_or(i32::MAX));
                valid.append(true);
            }
            Self::Map { keys, values, offsets, valid } => {
                let entries =
                    value.clone().into_object_iter().ok_or_else(|| wrong(name, "an object", value))?;
                for entry in entries {
                    let (key, item) = entry.map_err(|_| wrong(name, "an object", value))?;
                    keys.push(&key);
                    match item.get_type() {
                        JsonType::Null => values.push_null(),
                        kind => push_text(values, name, &item, kind)?,
                    }
                }
                offsets.push(i32::try_from(keys.len()).unwrap_or(i32::MAX));
                valid.append(true);
            }
        }
        Ok(())
    }

    /// Finishes the column and leaves it empty.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Utf8(t) | Self::Json(t) => Arc::new(t.finish()),
            Self::Int32(v) => {
                let (values, nulls) = v.take();
                Arc::new(Int32Array::new(values.into(), nulls))
            }
            Self::Date32(v) => {
                let (values, nulls) = v.take();
                Arc::new(Date32Array::new(values.into(), nulls))
            }
            Self::Int64(v) => {
                let (values, nulls) = v.take();
                Arc::new(Int64Array::new(values.into(), nulls))
            }
            Self::Float64(v) => {
                let (values, nulls) = v.take();
                Arc::new(Float64Array::new(values.into(), nulls))
            }
            Self::Boolean(v) => {
                let (values, nulls) = v.take();
                Arc::new(BooleanArray::new(values.into(), nulls))
            }
            Self::Timestamp(v) => {
                let (values, nulls) = v.take();
                Arc::new(TimestampMicrosecondArray::new(values.into(), nulls).with_timezone("UTC"))
            }
            Self::Struct { names, children, valid } => {
                let len = valid.len();
                let arrays: Vec<ArrayRef> = children.iter_mut().map(Self::finish).collect();
                let fields: Fields = names
                    .iter()
                    .zip(&arrays)
                    .map(|(n, a)| arrow::datatypes::Field::new(*n, a.data_type().clone(), true))
                    .collect();
                let nulls = nulls(valid);
                Arc::new(
                    StructArray::try_new_with_length(fields.clone(), arrays, nulls, len)
                        .unwrap_or_else(|_| StructArray::new_null(fields, len)),
                )
            }
            Self::List { item, child, offsets, valid } => {
                let offsets = OffsetBuffer::new(std::mem::replace(offsets, vec![0]).into());
                Arc::new(ListArray::new(Arc::new(list_item(item)), offsets, child.finish(), nulls(valid)))
            }
            Self::Map { keys, values, offsets, valid } => {
                let entries = map_entries();
                let DataType::Struct(fields) = entries.data_type().clone() else {
                    return arrow::array::new_null_array(&DataType::Null, valid.len());
                };
                let offsets = OffsetBuffer::new(std::mem::replace(offsets, vec![0]).into());
                let arrays: Vec<ArrayRef> = vec![Arc::new(keys.finish()), Arc::new(values.finish())];
                let structs = StructArray::new(fields, arrays, None);
                Arc::new(MapArray::new(Arc::new(entries), offsets, structs, nulls(valid), false))
            }
        }
    }
}

fn last(offsets: &[i32]) -> usize {
    offsets.last().map_or(0, |&o| usize::try_from(o).unwrap_or(0))
}

/// Members are matched without regard to case: `userIdentity.accountId` is `accountid` here.
fn push_struct(
    names: &[&'static str],
    children: &mut [Column],
    valid: &mut BooleanBufferBuilder,
    name: &str,
    value: &LazyValue<'_>,
) -> Result<(), DecodeError> {
    let row = valid.len();
    let members = value.clone().into_object_iter().ok_or_else(|| wrong(name, "an object", value))?;
    for member in members {
        let (key, item) = member.map_err(|_| wrong(name, "an object", value))?;
        let found = names.iter().position(|n| n.eq_ignore_ascii_case(&key));
        if let Some(child) = found.and_then(|i| children.get_mut(i)) {
            // The last of two members of one name counts, as in most JSON readers.
            child.truncate(row);
            child.push_json(&key, &item)?;
        }
    }
    for child in children.iter_mut() {
        if child.len() == row {
            child.push_null();
        }
    }
    valid.append(true);
    Ok(())
}

/// A string unescaped; any other value as the JSON text that was received.
#[inline]
fn push_text(text: &mut Text, name: &str, value: &LazyValue<'_>, kind: JsonType) -> Result<(), DecodeError> {
    if kind != JsonType::String {
        text.push(value.as_raw_str());
        return Ok(());
    }
    let raw = value.as_raw_str();
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        text.push(inner);
        return Ok(());
    }
    // A lone surrogate (`"\ud83d"`) is JSON but no text.
    text.push(value.as_str().ok_or_else(|| wrong(name, "text", value))?);
    Ok(())
}

fn integer(name: &str, value: &LazyValue<'_>) -> Result<i64, DecodeError> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).ok_or_else(|| wrong(name, "an integer", value))
}

fn wrong(name: &str, expected: &str, value: &LazyValue<'_>) -> DecodeError {
    DecodeError::wrong_type(name, expected, value.as_raw_str())
}
