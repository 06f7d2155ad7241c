//! What every function here is built from: one [`ScalarUDFImpl`] that wraps a
//! plain Rust body, and readers that hide scalars, string encodings and nulls.
//!
//! Functions are strict about their *constant* arguments (a wrong format or
//! pattern is an error when the query is planned) and lenient about *data*
//! (a malformed value in one row gives NULL for that row): one bad record
//! must not cost an analyst the whole answer.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, StringViewArray, TimestampMicrosecondArray,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Field, FieldRef, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{DataFusionError, Result, ScalarValue, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};

/// Computes a function's result type from its argument fields and constants.
pub(crate) type ReturnFn = fn(&ReturnFieldArgs<'_>) -> Result<FieldRef>;
/// Computes a function's result, one value per row.
pub(crate) type BodyFn = fn(&Call<'_>) -> Result<ArrayRef>;

/// One scalar SQL function: a name, an arity, a type rule and a body.
#[derive(Debug)]
pub(crate) struct Func {
    name: &'static str,
    aliases: Vec<String>,
    arity: (usize, usize),
    returns: ReturnFn,
    body: BodyFn,
    signature: Signature,
}

impl Func {
    /// Describes a function; `arity` is the least and the greatest number of
    /// arguments that it takes.
    pub(crate) fn new(name: &'static str, arity: (usize, usize), returns: ReturnFn, body: BodyFn) -> Self {
        let mut forms = vec![TypeSignature::VariadicAny];
        if arity.0 == 0 {
            forms.push(TypeSignature::Nullary);
        }
        let signature = Signature::one_of(forms, Volatility::Immutable);
        Self { name, aliases: Vec::new(), arity, returns, body, signature }
    }

    /// Adds other names for the same function.
    pub(crate) fn aliases(mut self, aliases: &[&str]) -> Self {
        self.aliases = aliases.iter().map(|a| (*a).to_string()).collect();
        self
    }

    /// The function in the shape that a session registers.
    pub(crate) fn udf(self) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::new_from_impl(self))
    }
}

impl PartialEq for Func {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for Func {}
impl Hash for Func {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Func {
    fn name(&self) -> &str {
        self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        plan_err!("{} needs its argument fields to know its type", self.name)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let given = args.arg_fields.len();
        let (least, most) = self.arity;
        if given < least || given > most {
            let expects = if least == most {
                format!("{least}")
            } else if most == usize::MAX {
                format!("at least {least}")
            } else {
                format!("{least} to {most}")
            };
            return plan_err!("{} takes {expects} argument(s), but {given} were given", self.name);
        }
        (self.returns)(&args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        // A call on constants only is computed once, whatever the batch size.
        let constant = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let call = Call { name: self.name, args: &args.args, rows, returns: &args.return_field };
        let array = (self.body)(&call)?;
        if constant { Ok(ColumnarValue::Scalar(single(&array)?)) } else { Ok(ColumnarValue::Array(array)) }
    }
}

/// The one value of an array. Nested ones keep the metadata of their fields,
/// which says that text is JSON; `ScalarValue::try_from_array` drops it.
fn single(array: &ArrayRef) -> Result<ScalarValue> {
    Ok(match array.data_type() {
        DataType::List(_) => ScalarValue::List(Arc::new(array.as_list::<i32>().clone())),
        DataType::Struct(_) => ScalarValue::Struct(Arc::new(array.as_struct().clone())),
        DataType::Map(_, _) => ScalarValue::Map(Arc::new(array.as_map().clone())),
        _ => ScalarValue::try_from_array(array, 0)?,
    })
}

/// One invocation: the argument columns and how many rows to answer for.
pub(crate) struct Call<'a> {
    /// Name of the function, for messages.
    pub(crate) name: &'static str,
    /// The evaluated arguments.
    pub(crate) args: &'a [ColumnarValue],
    /// Number of rows that the body must return.
    pub(crate) rows: usize,
    /// The planned result field.
    pub(crate) returns: &'a FieldRef,
}

impl Call<'_> {
    /// Number of arguments given.
    pub(crate) fn len(&self) -> usize {
        self.args.len()
    }

    /// Type of argument `i`.
    pub(crate) fn data_type(&self, i: usize) -> DataType {
        self.args[i].data_type()
    }

    /// Argument `i` as an array of `self.rows` values.
    pub(crate) fn array(&self, i: usize) -> Result<ArrayRef> {
        self.args[i].clone().into_array(self.rows)
    }

    /// Argument `i` as text; other types are cast, uncastable values are NULL.
    pub(crate) fn text(&self, i: usize) -> Result<Column<StringViewArray>> {
        self.column(i, &DataType::Utf8View, |a| a.as_string_view().clone())
    }

    /// Argument `i` as 64-bit integers.
    pub(crate) fn int(&self, i: usize) -> Result<Column<Int64Array>> {
        self.column(i, &DataType::Int64, |a| a.as_primitive::<Int64Type>().clone())
    }

    /// Argument `i` as doubles.
    pub(crate) fn double(&self, i: usize) -> Result<Column<Float64Array>> {
        self.column(i, &DataType::Float64, |a| a.as_primitive::<Float64Type>().clone())
    }

    /// Argument `i` as instants in microseconds; text is read as ISO 8601.
    pub(crate) fn instant(&self, i: usize) -> Result<Column<TimestampMicrosecondArray>> {
        if is_text(&self.data_type(i)) {
            let text = self.text(i)?;
            let rows = if text.constant { 1 } else { self.rows };
            let array: TimestampMicrosecondArray =
                (0..rows).map(|r| text.get(r).and_then(super::iso::parse_micros)).collect();
            return Ok(Column { array, constant: text.constant });
        }
        let target = DataType::Timestamp(TimeUnit::Microsecond, None);
        self.column(i, &target, |a| a.as_primitive::<TimestampMicrosecondType>().clone())
    }

    /// Argument `i` when it is a non-null text constant.
    pub(crate) fn constant_text(&self, i: usize) -> Option<String> {
        match &self.args[i] {
            ColumnarValue::Scalar(s) => s.try_as_str().flatten().map(str::to_string),
            ColumnarValue::Array(_) => None,
        }
    }

    fn column<A: Array>(
        &self,
        i: usize,
        target: &DataType,
        downcast: fn(&ArrayRef) -> A,
    ) -> Result<Column<A>> {
        let constant = matches!(self.args[i], ColumnarValue::Scalar(_));
        let array = self.args[i].clone().into_array(if constant { 1 } else { self.rows })?;
        let array = lenient_cast(&array, target)
            .map_err(|e| e.context(format!("argument {} of {}", i + 1, self.name)))?;
        Ok(Column { array: downcast(&array), constant })
    }
}

/// Casts, turning values that do not fit into NULL.
pub(crate) fn lenient_cast(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    if array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    let options = CastOptions { safe: true, ..CastOptions::default() };
    cast_with_options(array, target, &options).map_err(DataFusionError::from)
}

/// A typed argument: one value for all rows, or one per row.
pub(crate) struct Column<A> {
    /// The values; a single one when `constant`.
    pub(crate) array: A,
    /// Whether the one value stands for every row.
    pub(crate) constant: bool,
}

impl<A: Array> Column<A> {
    fn index(&self, row: usize) -> Option<usize> {
        let i = if self.constant { 0 } else { row };
        (!self.array.is_null(i)).then_some(i)
    }
}

impl Column<StringViewArray> {
    /// The text in `row`, if it is not NULL.
    pub(crate) fn get(&self, row: usize) -> Option<&str> {
        self.index(row).map(|i| self.array.value(i))
    }
}

impl Column<Int64Array> {
    /// The integer in `row`, if it is not NULL.
    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        self.index(row).map(|i| self.array.value(i))
    }
}

impl Column<Float64Array> {
    /// The double in `row`, if it is not NULL.
    pub(crate) fn get(&self, row: usize) -> Option<f64> {
        self.index(row).map(|i| self.array.value(i))
    }
}

impl Column<TimestampMicrosecondArray> {
    /// Microseconds since 1970 in `row`, if it is not NULL.
    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        self.index(row).map(|i| self.array.value(i))
    }
}

/// Whether a type holds text (whatever its encoding).
pub(crate) fn is_text(t: &DataType) -> bool {
    match t {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, v) => is_text(v),
        _ => false,
    }
}

/// Whether a type is a list of any kind.
pub(crate) fn is_list(t: &DataType) -> bool {
    matches!(t, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(_, _))
}

/// The type of an instant: microseconds, in UTC.
pub(crate) fn instant_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A nullable result field of `t`; functions name theirs in [`ReturnFn`]s.
pub(crate) fn field(t: DataType) -> Result<FieldRef> {
    Ok(Arc::new(Field::new("value", t, true)))
}

/// Returns text.
pub(crate) fn returns_text(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    field(DataType::Utf8)
}

/// Returns a boolean.
pub(crate) fn returns_bool(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    field(DataType::Boolean)
}

/// Returns a 64-bit integer.
pub(crate) fn returns_int(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    field(DataType::Int64)
}

/// Returns a double.
pub(crate) fn returns_double(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    field(DataType::Float64)
}

/// Returns an instant.
pub(crate) fn returns_instant(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    field(instant_type())
}

/// Returns an array of text.
pub(crate) fn returns_text_list(_: &ReturnFieldArgs<'_>) -> Result<FieldRef> {
    field(DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))))
}

/// A planning error with a message in this crate's style.
pub(crate) fn plan_error(message: impl Into<String>) -> DataFusionError {
    DataFusionError::Plan(message.into())
}
