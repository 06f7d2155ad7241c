//! Aggregates that make maps: `histogram(x)` and `map_agg(key, value)`. Keys
//! become text; the number of distinct keys is bounded, because a map is one
//! value and cannot be spilled.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, MapArray, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};

use super::support::lenient_cast;

/// Distinct keys that one map may have.
const MAX_KEYS: usize = 100_000;

/// The functions of this family.
pub(crate) fn functions() -> Vec<Arc<AggregateUDF>> {
    let make = |name, arguments| {
        let signature = Signature::any(arguments, Volatility::Immutable);
        Arc::new(AggregateUDF::new_from_impl(MapAggregate { name, signature }))
    };
    vec![make("histogram", 1), make("map_agg", 2)]
}

#[derive(Debug)]
struct MapAggregate {
    name: &'static str,
    signature: Signature,
}

impl PartialEq for MapAggregate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for MapAggregate {}
impl Hash for MapAggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

fn map_type(value: &DataType) -> DataType {
    let entries = DataType::Struct(
        vec![Field::new("key", DataType::Utf8, false), Field::new("value", value.clone(), true)].into(),
    );
    DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
}

fn value_type(map: &DataType) -> DataType {
    match map {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => fields[1].data_type().clone(),
            _ => DataType::Null,
        },
        _ => DataType::Null,
    }
}

impl AggregateUDFImpl for MapAggregate {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(map_type(arguments.get(1).unwrap_or(&DataType::Int64)))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Entries {
            value_type: value_type(args.return_type()),
            counts: self.name == "histogram",
            entries: HashMap::new(),
            bytes: 0,
        }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let list = |name: &str, t: DataType| {
            let item = Arc::new(Field::new_list_field(t, true));
            Arc::new(Field::new(format!("{}[{name}]", args.name), DataType::List(item), true))
        };
        Ok(vec![list("keys", DataType::Utf8), list("values", value_type(args.return_type()))])
    }
}

/// The map so far. A histogram's values are counts and add up; of `map_agg`
/// the first value of a key is kept.
#[derive(Debug)]
struct Entries {
    value_type: DataType,
    counts: bool,
    entries: HashMap<String, ScalarValue>,
    bytes: usize,
}

impl Entries {
    fn add(&mut self, key: &str, value: ScalarValue) -> Result<()> {
        if let Some(held) = self.entries.get_mut(key) {
            if self.counts
                && let (ScalarValue::Int64(Some(a)), ScalarValue::Int64(Some(b))) = (held, value)
            {
                *a += b;
            }
            return Ok(());
        }
        if self.entries.len() >= MAX_KEYS {
            return Err(DataFusionError::ResourcesExhausted(format!(
                "a map of more than {MAX_KEYS} keys; group by the key instead"
            )));
        }
        self.bytes += key.len() + value.size() + 48;
        self.entries.insert(key.to_string(), value);
        Ok(())
    }

    fn sorted(&self) -> Vec<(&String, &ScalarValue)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }

    fn columns(&self) -> Result<(ArrayRef, ArrayRef)> {
        let entries = self.sorted();
        let keys = StringArray::from_iter_values(entries.iter().map(|(k, _)| k.as_str()));
        let values = if entries.is_empty() {
            arrow::array::new_empty_array(&self.value_type)
        } else {
            ScalarValue::iter_to_array(entries.iter().map(|(_, v)| (*v).clone()))?
        };
        Ok((Arc::new(keys), values))
    }
}

impl Accumulator for Entries {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let keys = lenient_cast(&values[0], &DataType::Utf8View)?;
        let keys = keys.as_string_view();
        for row in 0..keys.len() {
            if keys.is_null(row) {
                continue;
            }
            match values.get(1) {
                Some(values) => {
                    let value = ScalarValue::try_from_array(values, row)?;
                    self.add(keys.value(row), value)?;
                }
                None => self.add(keys.value(row), ScalarValue::Int64(Some(1)))?,
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let t = map_type(&self.value_type);
        if self.entries.is_empty() {
            return ScalarValue::try_from(&t);
        }
        let DataType::Map(field, _) = &t else {
            return Err(DataFusionError::Internal("a map aggregate without a map type".into()));
        };
        let DataType::Struct(fields) = field.data_type() else {
            return Err(DataFusionError::Internal("a map type without entries".into()));
        };
        let (keys, values) = self.columns()?;
        let offsets = OffsetBuffer::from_lengths([keys.len()]);
        let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
        let map = MapArray::try_new(Arc::clone(field), offsets, entries, None, false)?;
        Ok(ScalarValue::Map(Arc::new(map)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (keys, values) = self.columns()?;
        let list = |array: ArrayRef| -> Result<ScalarValue> {
            let item = Arc::new(Field::new_list_field(array.data_type().clone(), true));
            let offsets = OffsetBuffer::from_lengths([array.len()]);
            let list = arrow::array::ListArray::try_new(item, offsets, array, None)?;
            Ok(ScalarValue::List(Arc::new(list)))
        };
        Ok(vec![list(keys)?, list(values)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let (keys, values) = (states[0].as_list::<i32>(), states[1].as_list::<i32>());
        for row in 0..keys.len() {
            if keys.is_null(row) || values.is_null(row) {
                continue;
            }
            let (keys, values) = (keys.value(row), values.value(row));
            let keys = keys.as_string::<i32>();
            for i in 0..keys.len() {
                let value = ScalarValue::try_from_array(&values, i)?;
                self.add(keys.value(i), value)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;

    use super::*;

    fn entries(counts: bool) -> Entries {
        Entries { value_type: DataType::Int64, counts, entries: HashMap::new(), bytes: 0 }
    }

    fn text(entries: &mut Entries) -> String {
        let map = entries.evaluate().unwrap().to_array().unwrap();
        crate::output::value::to_json(map.as_ref(), 0).to_string()
    }

    #[test]
    fn partial_histograms_add_up_and_partial_maps_keep_the_first() {
        let keys: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("b"), Some("a")]));
        let mut half = entries(true);
        half.update_batch(&[Arc::clone(&keys)]).unwrap();
        let states: Vec<ArrayRef> = half.state().unwrap().iter().map(|s| s.to_array().unwrap()).collect();
        half.merge_batch(&states).unwrap();
        assert_eq!(text(&mut half), r#"{"a":4,"b":2}"#);

        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
        let mut map = entries(false);
        map.update_batch(&[keys, numbers]).unwrap();
        let states: Vec<ArrayRef> = map.state().unwrap().iter().map(|s| s.to_array().unwrap()).collect();
        map.merge_batch(&states).unwrap();
        assert_eq!(text(&mut map), r#"{"a":1,"b":3}"#);
    }
}
