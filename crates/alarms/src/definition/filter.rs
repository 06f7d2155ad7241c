//! `PutMetricFilter`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use trailkeep_detect::filter_pattern::{FilterPattern, ValueSelector};

use crate::definition::alarm::document;
use crate::definition::words::UNITS;
use crate::definition::{DefinitionError, Fields};

/// Whose events a filter reads where it does not say.
const TABLE: &str = "cloudtrail_logs";
/// The most dimensions of a metric filter.
const MOST_DIMENSIONS: usize = 3;

const FIELDS: [&str; 6] = [
    "filterName",
    "filterPattern",
    "logGroupName",
    "metricTransformations",
    "table",
    "applyOnTransformedLogs",
];

/// What a matching event becomes.
#[derive(Clone, Debug)]
pub struct MetricTransformation {
    /// The metric's name.
    pub metric_name: String,
    /// The metric's namespace.
    pub metric_namespace: String,
    /// `metricValue` as it is written: a number, `$.field` or `$field`.
    pub metric_value: String,
    /// The same, read.
    pub value: ValueSelector,
    /// What is published for a minute in which events came and none matched.
    pub default_value: Option<f64>,
    /// Dimensions by name, with where their values come from.
    pub dimensions: Vec<(String, String, ValueSelector)>,
    /// The unit.
    pub unit: Option<String>,
}

/// A filter that makes metrics of log events, as `PutMetricFilter` takes it; with the table of the lake
/// whose events it reads.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html>
#[derive(Clone, Debug)]
pub struct MetricFilter {
    /// `filterName`.
    pub name: String,
    /// `filterPattern`.
    pub pattern: FilterPattern,
    /// `logGroupName`, where the filter comes from an account.
    pub log_group_name: Option<String>,
    /// The table whose events it reads.
    pub table: String,
    /// The one entry of `metricTransformations`.
    pub transformation: MetricTransformation,
}

impl MetricFilter {
    /// Reads and checks a definition.
    ///
    /// # Errors
    ///
    /// Names the filter, the field, what stands there, and what is allowed.
    pub fn from_value(value: &Value) -> Result<Self, DefinitionError> {
        let name = Fields::new("", value)?.text("filterName").ok().flatten();
        Self::read(value).map_err(|error| match name {
            Some(name) => error.of(format!("metric filter '{}'", name.escape_debug())),
            None => error,
        })
    }

    fn read(value: &Value) -> Result<Self, DefinitionError> {
        let fields = Fields::new("", value)?;
        fields.refuse_misspelt(&FIELDS)?;
        let name = fields.required("filterName", 1, 512)?;
        if name.contains([':', '*']) || name.chars().any(char::is_control) {
            return Err(DefinitionError::text(
                "filterName",
                &name,
                "colons, asterisks and control characters are not allowed",
            ));
        }
        let pattern = fields.text("filterPattern")?;
        let pattern = pattern.ok_or_else(|| {
            DefinitionError::missing("filterPattern", "write a pattern, or \"\" for all events")
        })?;
        let pattern = FilterPattern::parse(&pattern).map_err(|error| {
            let allowed = format!("{error}\n{}", error.caret(&pattern));
            DefinitionError::new("filterPattern", Some("no pattern"), allowed)
        })?;
        let table = fields.sized("table", 1, 128)?.unwrap_or_else(|| TABLE.to_owned());
        if !table.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(DefinitionError::text(
                "table",
                &table,
                "write the name of a table, like cloudtrail_logs",
            ));
        }
        let list = fields.list("metricTransformations", usize::MAX)?;
        let [transformation] = list else {
            let allowed = "a metric filter has exactly one transformation";
            return Err(DefinitionError::new(
                "metricTransformations",
                Some(format!("a list of {}", list.len())),
                allowed,
            ));
        };
        let transformation = MetricTransformation::read("metricTransformations[0]", transformation)?;
        Ok(Self {
            name,
            pattern,
            log_group_name: fields.sized("logGroupName", 1, 512)?,
            table,
            transformation,
        })
    }

    /// The definition in the shape of `PutMetricFilter`.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("filterName".into(), json!(self.name));
        map.insert("filterPattern".into(), json!(self.pattern.as_str()));
        if let Some(group) = &self.log_group_name {
            map.insert("logGroupName".into(), json!(group));
        }
        map.insert("table".into(), json!(self.table));
        map.insert("metricTransformations".into(), json!([self.transformation.to_value()]));
        Value::Object(map)
    }
}

impl MetricTransformation {
    fn read(path: &str, value: &Value) -> Result<Self, DefinitionError> {
        let fields = Fields::new(path, value)?;
        fields.refuse_misspelt(&[
            "metricName",
            "metricNamespace",
            "metricValue",
            "defaultValue",
            "dimensions",
            "unit",
        ])?;
        let named = |name: &str| -> Result<String, DefinitionError> {
            let text = fields.required(name, 1, 255)?;
            if text.contains([':', '*', '$']) {
                return Err(DefinitionError::text(
                    fields.at(name),
                    &text,
                    "the characters : * $ are not allowed",
                ));
            }
            Ok(text)
        };
        let metric_value = match fields.get("metricValue") {
            Some(Value::Number(number)) => number.to_string(),
            _ => fields.required("metricValue", 1, 100)?,
        };
        let transformation = Self {
            metric_name: named("metricName")?,
            metric_namespace: named("metricNamespace")?,
            value: selector(&fields.at("metricValue"), &metric_value)?,
            metric_value,
            default_value: fields.number("defaultValue")?,
            dimensions: dimensions(&fields)?,
            unit: fields.word("unit", &UNITS.map(|unit| (unit, unit)))?.map(str::to_owned),
        };
        if let Some(default) = transformation.default_value.filter(|_| !transformation.dimensions.is_empty())
        {
            let allowed = "a transformation with dimensions has no default value";
            return Err(DefinitionError::new(fields.at("defaultValue"), Some(default), allowed));
        }
        Ok(transformation)
    }

    fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.insert("metricName".into(), json!(self.metric_name));
        map.insert("metricNamespace".into(), json!(self.metric_namespace));
        map.insert("metricValue".into(), json!(self.metric_value));
        if let Some(default) = self.default_value {
            map.insert("defaultValue".into(), json!(default));
        }
        if !self.dimensions.is_empty() {
            let dimensions = self.dimensions.iter().map(|(name, text, _)| (name.clone(), json!(text)));
            map.insert("dimensions".into(), Value::Object(dimensions.collect()));
        }
        if let Some(unit) = &self.unit {
            map.insert("unit".into(), json!(unit));
        }
        Value::Object(map)
    }
}

fn selector(field: &str, text: &str) -> Result<ValueSelector, DefinitionError> {
    ValueSelector::parse(text).map_err(|error| DefinitionError::text(field, text, error.to_string()))
}

fn dimensions(fields: &Fields<'_>) -> Result<Vec<(String, String, ValueSelector)>, DefinitionError> {
    let Some(value) = fields.get("dimensions") else { return Ok(Vec::new()) };
    let path = fields.at("dimensions");
    let Value::Object(map) = value else {
        return Err(DefinitionError::new(
            path,
            Some(value),
            "write an object of names and fields, like {\"user\": \"$.user\"}",
        ));
    };
    if map.len() > MOST_DIMENSIONS {
        let found = format!("{} of them", map.len());
        return Err(DefinitionError::new(path, Some(found), format!("it takes at most {MOST_DIMENSIONS}")));
    }
    let entries = Fields::new(path, value)?;
    let read = |name: &String| {
        if name.is_empty() || name.chars().count() > 255 || name.starts_with(':') {
            return Err(DefinitionError::text(
                entries.at(name),
                name,
                "a dimension's name has 1 to 255 characters, and does not begin with a colon",
            ));
        }
        let text = entries.required(name, 1, 255)?;
        if !text.starts_with('$') {
            return Err(DefinitionError::text(entries.at(name), &text, "name a field, like $.user or $user"));
        }
        let selector = selector(&entries.at(name), &text)?;
        Ok((name.clone(), text, selector))
    };
    map.keys().map(read).collect()
}

/// Reads a JSON document with one metric filter, a list of them, or `{"metricFilters": […]}`.
///
/// # Errors
///
/// Says where the document is no JSON, or which filter cannot be used and why.
pub fn read_filters(json: &str) -> Result<Vec<MetricFilter>, DefinitionError> {
    filters_from_value(&document(json)?)
}

/// [`read_filters`] from a value that is read already, of JSON or TOML.
///
/// # Errors
///
/// As [`read_filters`].
pub fn filters_from_value(value: &Value) -> Result<Vec<MetricFilter>, DefinitionError> {
    each_filter(value)?.into_iter().collect()
}

/// The filters of a document, each with what is wrong with it.
///
/// # Errors
///
/// Where the document is of none of the shapes of [`read_filters`].
pub fn each_filter(value: &Value) -> Result<Vec<Result<MetricFilter, DefinitionError>>, DefinitionError> {
    let list = match value {
        Value::Array(list) => list.as_slice(),
        Value::Object(map) if map.contains_key("metricFilters") => {
            Fields::new("", value)?.list("metricFilters", usize::MAX)?
        }
        one => std::slice::from_ref(one),
    };
    let read = |(index, value): (usize, &Value)| {
        MetricFilter::from_value(value).map_err(|error| error.of(format!("metric filter {}", index + 1)))
    };
    Ok(list.iter().enumerate().map(read).collect())
}

impl Serialize for MetricFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MetricFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
