//! `PutMetricAlarm`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::definition::query::{LONGEST_PERIOD, MOST_QUERIES};
use crate::definition::validate;
use crate::definition::{
    ComparisonOperator, DefinitionError, Fields, LowSamples, MetricDataQuery, MetricStat, TreatMissingData,
};
use crate::{AlarmState, MetricId, Statistic};

/// How many periods further back than `EvaluationPeriods` an evaluation looks. The user guide says that
/// CloudWatch looks at more datapoints, and not how many; its examples have 5 for 3.
const FURTHER: u32 = 2;

/// The fields of requests, and those of answers that are read.
const FIELDS: [&str; 26] = [
    "AlarmName",
    "AlarmArn",
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "Tags",
    "ThresholdMetricId",
    "StateValue",
    "StateReason",
    "StateReasonData",
];

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Up to 128 characters.
    pub key: String,
    /// Up to 256 characters.
    pub value: String,
}

/// What an alarm watches.
#[derive(Clone, Debug, PartialEq)]
pub enum AlarmSource {
    /// One metric, given by `Namespace`, `MetricName` and so on.
    Metric(MetricStat),
    /// `Metrics`: metrics and expressions, one of which is watched.
    Queries(Vec<MetricDataQuery>),
}

/// An alarm on a metric, on an expression, or on an anomaly band, as `PutMetricAlarm` takes it.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
#[derive(Clone, Debug, PartialEq)]
pub struct MetricAlarm {
    /// `AlarmName`.
    pub name: String,
    /// `AlarmArn`, where the definition comes from an account.
    pub arn: Option<String>,
    /// `AlarmDescription`.
    pub description: Option<String>,
    /// `ActionsEnabled`.
    pub actions_enabled: bool,
    /// `OKActions`.
    pub ok_actions: Vec<String>,
    /// `AlarmActions`.
    pub alarm_actions: Vec<String>,
    /// `InsufficientDataActions`.
    pub insufficient_data_actions: Vec<String>,
    /// What it watches.
    pub source: AlarmSource,
    /// N.
    pub evaluation_periods: u32,
    /// M, if it is given; otherwise it is N.
    pub datapoints_to_alarm: Option<u32>,
    /// `Threshold`; `None` for anomaly bands.
    pub threshold: Option<f64>,
    /// The entry of `Metrics` that is the band.
    pub threshold_metric_id: Option<String>,
    /// `ComparisonOperator`.
    pub comparison_operator: ComparisonOperator,
    /// `TreatMissingData` as it is written; see [`MetricAlarm::treat_missing_data`].
    pub missing_data: Option<TreatMissingData>,
    /// `EvaluateLowSampleCountPercentile`.
    pub low_samples: LowSamples,
    /// `Tags`.
    pub tags: Vec<Tag>,
}

impl MetricAlarm {
    /// Reads and checks a definition.
    ///
    /// # Errors
    ///
    /// Names the field, what stands there, and what is allowed.
    pub fn from_value(value: &Value) -> Result<Self, DefinitionError> {
        let fields = Fields::new("", value)?;
        fields.refuse_misspelt(&FIELDS)?;
        let allowed = "write how many periods are looked at, at least 1";
        let needed = |name: &str, allowed: &str| DefinitionError::missing(name, allowed);
        let alarm = Self {
            name: validate::name(&fields, "AlarmName")?,
            arn: fields.sized("AlarmArn", 1, 1600)?,
            description: fields.sized("AlarmDescription", 0, 1024)?,
            actions_enabled: fields.boolean("ActionsEnabled")?.unwrap_or(true),
            ok_actions: validate::actions(&fields, "OKActions")?,
            alarm_actions: validate::actions(&fields, "AlarmActions")?,
            insufficient_data_actions: validate::actions(&fields, "InsufficientDataActions")?,
            source: source(&fields)?,
            evaluation_periods: fields
                .whole("EvaluationPeriods", 1, LONGEST_PERIOD)?
                .ok_or_else(|| needed("EvaluationPeriods", allowed))?,
            datapoints_to_alarm: fields.whole("DatapointsToAlarm", 1, LONGEST_PERIOD)?,
            threshold: fields.number("Threshold")?,
            threshold_metric_id: fields.sized("ThresholdMetricId", 1, 255)?,
            comparison_operator: fields.word("ComparisonOperator", &ComparisonOperator::WORDS)?.ok_or_else(
                || {
                    let all: Vec<&str> = ComparisonOperator::WORDS.iter().map(|(word, _)| *word).collect();
                    needed("ComparisonOperator", &format!("write one of {}", all.join(", ")))
                },
            )?,
            missing_data: fields.word("TreatMissingData", &TreatMissingData::WORDS)?,
            low_samples: fields
                .word("EvaluateLowSampleCountPercentile", &LowSamples::WORDS)?
                .unwrap_or_default(),
            tags: tags(&fields)?,
        };
        validate::metric_alarm(&alarm)?;
        Ok(alarm)
    }

    /// The definition in the shape of `PutMetricAlarm`, with the ARN where it is known.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                map.insert(name.to_owned(), value);
            }
        };
        put("AlarmName", json!(self.name));
        put("AlarmArn", json!(self.arn));
        put("AlarmDescription", json!(self.description));
        put("ActionsEnabled", json!(self.actions_enabled));
        put("OKActions", json!(self.ok_actions));
        put("AlarmActions", json!(self.alarm_actions));
        put("InsufficientDataActions", json!(self.insufficient_data_actions));
        match &self.source {
            AlarmSource::Metric(stat) => {
                put("MetricName", json!(stat.metric.name()));
                put("Namespace", json!(stat.metric.namespace()));
                let field = if stat.stat.is_basic() { "Statistic" } else { "ExtendedStatistic" };
                put(field, json!(stat.stat.as_str()));
                put("Dimensions", validate::dimensions_value(&stat.metric));
                put("Period", json!(stat.period));
                put("Unit", json!(stat.unit));
            }
            AlarmSource::Queries(queries) => {
                put("Metrics", queries.iter().map(MetricDataQuery::to_value).collect());
            }
        }
        put("EvaluationPeriods", json!(self.evaluation_periods));
        put("DatapointsToAlarm", json!(self.datapoints_to_alarm));
        put("Threshold", json!(self.threshold));
        put("ThresholdMetricId", json!(self.threshold_metric_id));
        put("ComparisonOperator", json!(self.comparison_operator));
        put("TreatMissingData", json!(self.missing_data));
        if self.low_samples != LowSamples::default() {
            put("EvaluateLowSampleCountPercentile", json!(self.low_samples));
        }
        if !self.tags.is_empty() {
            put("Tags", json!(self.tags));
        }
        Value::Object(map)
    }

    /// The length of a datapoint, in seconds.
    pub fn period(&self) -> u32 {
        match &self.source {
            AlarmSource::Metric(stat) => stat.period,
            AlarmSource::Queries(queries) => queries
                .iter()
                .find_map(|query| query.metric_stat.as_ref().map(|stat| stat.period).or(query.period))
                .unwrap_or(60),
        }
    }

    /// M: how many datapoints have to breach.
    pub fn datapoints_to_alarm(&self) -> u32 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }

    /// How many periods an evaluation looks back: N and two more, by which missing or late datapoints
    /// are bridged with older ones.
    pub fn evaluation_range(&self) -> u32 {
        self.evaluation_periods.saturating_add(FURTHER)
    }

    /// How often it is evaluated, in seconds: each ten for periods below a minute, each hour where it
    /// looks back more than a day, otherwise each minute.
    pub fn cadence(&self) -> u32 {
        let period = self.period();
        if period < 60 {
            10
        } else if u64::from(period) * u64::from(self.evaluation_periods) > 86_400 {
            3600
        } else {
            60
        }
    }

    /// What missing datapoints count as. Alarms on `AWS/DynamoDB` ignore them, whatever is written.
    pub fn treat_missing_data(&self) -> TreatMissingData {
        if self.metrics().any(|stat| stat.metric.namespace() == "AWS/DynamoDB") {
            return TreatMissingData::Ignore;
        }
        self.missing_data.unwrap_or_default()
    }

    /// The metrics that it reads.
    pub fn metrics(&self) -> impl Iterator<Item = &MetricStat> {
        let (one, many) = match &self.source {
            AlarmSource::Metric(stat) => (Some(stat), &[][..]),
            AlarmSource::Queries(queries) => (None, queries.as_slice()),
        };
        one.into_iter().chain(many.iter().filter_map(|query| query.metric_stat.as_ref()))
    }

    /// The statistic, where the alarm watches a metric and not an expression.
    pub fn statistic(&self) -> Option<&Statistic> {
        match &self.source {
            AlarmSource::Metric(stat) => Some(&stat.stat),
            AlarmSource::Queries(_) => self.watched()?.metric_stat.as_ref().map(|stat| &stat.stat),
        }
    }

    /// The entry of `Metrics` that is watched.
    pub fn watched(&self) -> Option<&MetricDataQuery> {
        match &self.source {
            AlarmSource::Metric(_) => None,
            AlarmSource::Queries(queries) => {
                queries.iter().find(|q| q.return_data && Some(&q.id) != self.threshold_metric_id.as_ref())
            }
        }
    }

    /// The actions for a state.
    pub fn actions(&self, state: AlarmState) -> &[String] {
        match state {
            AlarmState::Ok => &self.ok_actions,
            AlarmState::Alarm => &self.alarm_actions,
            AlarmState::InsufficientData => &self.insufficient_data_actions,
        }
    }
}

fn source(fields: &Fields<'_>) -> Result<AlarmSource, DefinitionError> {
    const ONE: [&str; 6] = ["MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit"];
    let queries = fields.list("Metrics", MOST_QUERIES)?;
    if queries.is_empty() {
        return one_metric(fields).map(AlarmSource::Metric);
    }
    let dimensions = fields.list("Dimensions", usize::MAX)?;
    let beside =
        ONE.into_iter().find(|name| fields.has(name)).or((!dimensions.is_empty()).then_some("Dimensions"));
    if let Some(name) = beside {
        let allowed = "an alarm with Metrics has it in the entries of Metrics";
        return Err(DefinitionError::new(name, fields.get(name), allowed));
    }
    let queries = queries.iter().enumerate();
    let queries: Result<Vec<_>, _> =
        queries.map(|(index, query)| MetricDataQuery::read(&format!("Metrics[{index}]"), query)).collect();
    queries.map(AlarmSource::Queries)
}

fn one_metric(fields: &Fields<'_>) -> Result<MetricStat, DefinitionError> {
    if !fields.has("MetricName") {
        return Err(DefinitionError::missing("MetricName", "an alarm has either a MetricName or Metrics"));
    }
    let metric = MetricId::new(
        validate::namespace(fields)?,
        fields.required("MetricName", 1, 255)?,
        validate::dimensions(fields, "Dimensions")?,
    );
    let allowed = "write 10, 20, 30 or a multiple of 60, in seconds";
    let period = fields.whole("Period", 1, LONGEST_PERIOD)?;
    let period = period.ok_or_else(|| DefinitionError::missing("Period", allowed))?;
    validate::check_period("Period", period)?;
    let unit = validate::unit(fields, "Unit")?;
    Ok(MetricStat { metric, period, stat: statistic(fields)?, unit, account_id: None })
}

fn statistic(fields: &Fields<'_>) -> Result<Statistic, DefinitionError> {
    const BASIC: &str = "write one of SampleCount, Average, Sum, Minimum, Maximum";
    let (basic, extended) = (fields.text("Statistic")?, fields.text("ExtendedStatistic")?);
    let (field, text) = match (basic, extended) {
        (Some(text), None) => ("Statistic", text),
        (None, Some(text)) => ("ExtendedStatistic", text),
        (Some(_), Some(text)) => {
            let allowed = "an alarm has either a Statistic or an ExtendedStatistic";
            return Err(DefinitionError::text("ExtendedStatistic", &text, allowed));
        }
        (None, None) => {
            return Err(DefinitionError::missing("Statistic", format!("{BASIC}, or an ExtendedStatistic")));
        }
    };
    let wrong = |allowed: String| DefinitionError::text(field, &text, allowed);
    match text.parse::<Statistic>() {
        Ok(stat) if stat.is_basic() == (field == "Statistic") => Ok(stat),
        Ok(_) if field == "Statistic" => {
            Err(wrong(format!("{BASIC}; percentiles and the like are an ExtendedStatistic")))
        }
        Ok(_) => Err(wrong("write it as Statistic".to_owned())),
        Err(_) if field == "Statistic" => Err(wrong(BASIC.to_owned())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

pub(crate) fn tags(fields: &Fields<'_>) -> Result<Vec<Tag>, DefinitionError> {
    let mut tags = Vec::new();
    for (index, value) in fields.list("Tags", 50)?.iter().enumerate() {
        let entry = Fields::new(format!("Tags[{index}]"), value)?;
        let value = entry.sized("Value", 0, 256)?.unwrap_or_default();
        tags.push(Tag { key: entry.required("Key", 1, 128)?, value });
    }
    Ok(tags)
}

impl Serialize for MetricAlarm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MetricAlarm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
