//! `MetricDataQuery`: a metric with a statistic, or an expression over others.

use serde_json::{Value, json};

use crate::definition::validate::{check_period, dimensions, dimensions_value, namespace, unit};
use crate::definition::{DefinitionError, Fields};
use crate::math::Expression;
use crate::{MetricId, Statistic};

/// The most entries of `Metrics`.
pub(crate) const MOST_QUERIES: usize = 20;
/// The longest expression, in characters.
pub(crate) const LONGEST_EXPRESSION: usize = 2048;
/// A week: no alarm looks further back.
pub(crate) const LONGEST_PERIOD: u32 = 7 * 86_400;

/// A metric by its identity. `MetricId` under the name that the API has for it.
pub type Metric = MetricId;

/// A metric and how it is aggregated.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricStat {
    /// Which metric.
    pub metric: Metric,
    /// Seconds: 10, 20, 30, or a multiple of 60.
    pub period: u32,
    /// The statistic.
    pub stat: Statistic,
    /// Only values in this unit.
    pub unit: Option<String>,
    /// The account of the metric, where it is not the alarm's: that of the [`MetricDataQuery`].
    pub account_id: Option<String>,
}

/// One entry of `Metrics`.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDataQuery {
    /// By which expressions refer to it; begins with a lower-case letter.
    pub id: String,
    /// A metric. Either this or `expression` is there.
    pub metric_stat: Option<MetricStat>,
    /// An expression over other entries.
    pub expression: Option<Expression>,
    /// A name for people.
    pub label: Option<String>,
    /// Whether the alarm watches it.
    pub return_data: bool,
    /// The period of an expression without metrics.
    pub period: Option<u32>,
    /// The account of the metric.
    pub account_id: Option<String>,
}

impl MetricDataQuery {
    pub(crate) fn read(path: &str, value: &Value) -> Result<Self, DefinitionError> {
        let fields = Fields::new(path, value)?;
        fields.refuse_misspelt(&[
            "Id",
            "MetricStat",
            "Expression",
            "Label",
            "ReturnData",
            "Period",
            "AccountId",
        ])?;
        let id = fields.required("Id", 1, 255)?;
        let good = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !good {
            let allowed = "it begins with a lower-case letter, and has letters, digits and _";
            return Err(DefinitionError::text(fields.at("Id"), &id, allowed));
        }
        let account_id = fields.sized("AccountId", 1, 255)?;
        let metric_stat = match fields.get("MetricStat") {
            Some(value) => Some(MetricStat {
                account_id: account_id.clone(),
                ..MetricStat::read(&fields.at("MetricStat"), value)?
            }),
            None => None,
        };
        let expression =
            match fields.sized("Expression", 1, LONGEST_EXPRESSION)? {
                Some(text) => Some(Expression::parse(&text).map_err(|error| {
                    DefinitionError::text(fields.at("Expression"), &text, error.to_string())
                })?),
                None => None,
            };
        if metric_stat.is_some() == expression.is_some() {
            let allowed = "an entry has either a MetricStat or an Expression";
            return Err(match metric_stat {
                Some(_) => DefinitionError::text(fields.at("Expression"), "there beside MetricStat", allowed),
                None => DefinitionError::missing(fields.at("MetricStat"), allowed),
            });
        }
        let period = fields.whole("Period", 1, LONGEST_PERIOD)?;
        if let Some(period) = period {
            check_period(&fields.at("Period"), period)?;
        }
        Ok(Self {
            id,
            metric_stat,
            expression,
            label: fields.sized("Label", 0, 2048)?,
            return_data: fields.boolean("ReturnData")?.unwrap_or(true),
            period,
            account_id,
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        let mut map = serde_json::Map::new();
        map.insert("Id".into(), json!(self.id));
        if let Some(stat) = &self.metric_stat {
            map.insert("MetricStat".into(), stat.to_value());
        }
        if let Some(expression) = &self.expression {
            map.insert("Expression".into(), json!(expression.as_str()));
        }
        let optional = [
            ("Label", json!(self.label)),
            ("Period", json!(self.period)),
            ("AccountId", json!(self.account_id)),
        ];
        for (name, value) in optional.into_iter().filter(|(_, value)| !value.is_null()) {
            map.insert(name.into(), value);
        }
        map.insert("ReturnData".into(), json!(self.return_data));
        Value::Object(map)
    }
}

impl MetricStat {
    fn read(path: &str, value: &Value) -> Result<Self, DefinitionError> {
        let fields = Fields::new(path, value)?;
        fields.refuse_misspelt(&["Metric", "Period", "Stat", "Unit"])?;
        let empty = json!({});
        let metric = Fields::new(fields.at("Metric"), fields.get("Metric").unwrap_or(&empty))?;
        metric.refuse_misspelt(&["Namespace", "MetricName", "Dimensions"])?;
        let metric = MetricId::new(
            namespace(&metric)?,
            metric.required("MetricName", 1, 255)?,
            dimensions(&metric, "Dimensions")?,
        );
        let allowed = "write 10, 20, 30 or a multiple of 60, in seconds";
        let period = fields.whole("Period", 1, LONGEST_PERIOD)?;
        let period = period.ok_or_else(|| DefinitionError::missing(fields.at("Period"), allowed))?;
        check_period(&fields.at("Period"), period)?;
        let stat = fields.required("Stat", 1, 64)?;
        let stat = stat
            .parse::<Statistic>()
            .map_err(|error| DefinitionError::text(fields.at("Stat"), &stat, error.to_string()))?;
        Ok(Self { metric, period, stat, unit: unit(&fields, "Unit")?, account_id: None })
    }

    fn to_value(&self) -> Value {
        let mut map = serde_json::Map::new();
        map.insert(
            "Metric".into(),
            json!({
                "Namespace": self.metric.namespace(),
                "MetricName": self.metric.name(),
                "Dimensions": dimensions_value(&self.metric),
            }),
        );
        map.insert("Period".into(), json!(self.period));
        map.insert("Stat".into(), json!(self.stat.as_str()));
        if let Some(unit) = &self.unit {
            map.insert("Unit".into(), json!(unit));
        }
        Value::Object(map)
    }
}
