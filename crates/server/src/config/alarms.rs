//! `[alarms]`, resolved.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};
use trailkeep_alarms::definition::{AlarmEntry, MetricFilter, read_alarms};
use trailkeep_baseline::desired::alerts::{ALERTS, NAMESPACE};
use trailkeep_formats::registry;

use super::file::{AlarmsSection, CloudWatchSection, QuerySection};
use super::resolve::Environment;
use super::units::duration;
use super::{ConfigError, Secret};

/// A file of definitions is read up to here.
const FILE_BYTES: u64 = 64 << 20;
/// The table of metric filters that name none.
const TABLE: &str = "cloudtrail_logs";
const MINUTE: Duration = Duration::from_secs(60);
/// `DescribeAlarms` is answered nine times a second in an account and Region, for all who ask.
const SHORTEST_POLL: Duration = Duration::from_secs(30);

/// Alarms that live here, and the watch over those of CloudWatch.
#[derive(Debug, Clone, Default)]
pub struct AlarmsConfig {
    /// Alarms of the file.
    pub alarms: Vec<AlarmEntry>,
    /// Metric filters of the file.
    pub filters: Vec<MetricFilter>,
    /// Metrics that are counted by SQL.
    pub queries: Vec<QueryMetric>,
    /// Whether imported alarms are evaluated here.
    pub evaluate_imported: bool,
    /// CloudWatch's own alarms and metrics.
    pub cloudwatch: Option<CloudWatchConfig>,
}

/// A metric that is counted by SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryMetric {
    /// `Namespace`.
    pub namespace: String,
    /// `MetricName`.
    pub name: String,
    /// The query, with `{from}` and `{to}`.
    pub sql: String,
    /// The period.
    pub every: Duration,
    /// A period is counted so long after its end.
    pub delay: Duration,
}

/// CloudWatch's own alarms and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudWatchConfig {
    /// The profile in the AWS configuration files.
    pub profile: Option<String>,
    /// The accounts of these roles instead of the own one.
    pub roles: Vec<String>,
    /// All accounts of the organisation, each through its role of this name.
    pub organization_role: Option<String>,
    /// What the roles' trust policies ask for.
    pub external_id: Option<Secret>,
    /// Only these Regions; all that are enabled when empty.
    pub regions: Vec<String>,
    /// Time between two calls of `DescribeAlarms`.
    pub interval: Duration,
    /// Whether metrics are fetched.
    pub metrics: bool,
    /// Queues with events about alarms.
    pub queues: Vec<String>,
}

impl Environment<'_> {
    pub(super) fn alarms(&self, raw: AlarmsSection) -> Result<AlarmsConfig, ConfigError> {
        let (mut alarms, mut filters) = if raw.builtin { builtin()? } else { (Vec::new(), Vec::new()) };
        for (number, map) in (1..).zip(raw.alarm) {
            let entry = AlarmEntry::from_value(&Value::Object(map));
            alarms.push(entry.map_err(|error| wrong(&format!("alarms.alarm ({number}.)"), &error))?);
        }
        for path in raw.files {
            alarms.extend(file(&self.path(path))?);
        }
        let mut names: Vec<&str> = alarms.iter().map(|entry| entry.alarm.reference()).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::value(
                "alarms",
                pair[0],
                "two alarms have this name; give each its own",
            ));
        }
        for (number, map) in (1..).zip(raw.metric_filter) {
            filters.push(filter(number, map)?);
        }
        let queries = (1..).zip(raw.query).map(|(number, section)| query(number, section));
        let queries = queries.collect::<Result<Vec<_>, _>>()?;
        let cloudwatch = raw.cloudwatch.map(|section| self.cloudwatch(section)).transpose()?;
        Ok(AlarmsConfig { alarms, filters, queries, evaluate_imported: raw.evaluate_imported, cloudwatch })
    }

    fn cloudwatch(&self, raw: CloudWatchSection) -> Result<CloudWatchConfig, ConfigError> {
        if let (Some(role), false) = (&raw.organization_role, raw.roles.is_empty()) {
            let reason = "the organisation's accounts are asked through one role name; leave alarms.cloudwatch.roles out";
            return Err(ConfigError::value("alarms.cloudwatch.organization_role", role, reason));
        }
        let interval = match raw.interval.as_deref() {
            Some(text) => duration("alarms.cloudwatch.interval", text)?,
            None => MINUTE,
        };
        if interval < SHORTEST_POLL {
            let reason = "ask CloudWatch no more often than twice a minute: 30s";
            return Err(ConfigError::value(
                "alarms.cloudwatch.interval",
                raw.interval.unwrap_or_default(),
                reason,
            ));
        }
        for queue in &raw.queues {
            let known = url::Url::parse(queue).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
            if !known {
                let reason =
                    "write the queue's address: https://sqs.eu-west-1.amazonaws.com/111122223333/alarms";
                return Err(ConfigError::value("alarms.cloudwatch.queues", queue, reason));
            }
        }
        let external_id = raw.external_id.as_deref();
        Ok(CloudWatchConfig {
            profile: raw.profile,
            roles: raw.roles,
            organization_role: raw.organization_role,
            external_id: external_id
                .map(|text| self.secret("alarms.cloudwatch.external_id", text))
                .transpose()?,
            regions: raw.regions,
            interval,
            metrics: raw.metrics.unwrap_or(true),
            queues: raw.queues,
        })
    }
}

/// The alarms and filters that `apply` puts into an account, over the events that are here.
///
/// # Errors
/// When one of them is none, which is a fault of the program.
pub(super) fn builtin() -> Result<(Vec<AlarmEntry>, Vec<MetricFilter>), ConfigError> {
    let (mut alarms, mut filters) = (Vec::new(), Vec::new());
    for alert in ALERTS {
        let mut value = alert.filter("");
        if let Some(map) = value.as_object_mut() {
            map.remove("logGroupName");
            map.insert("table".to_owned(), TABLE.into());
        }
        filters.push(MetricFilter::from_value(&value).map_err(|error| wrong("alarms.builtin", &error))?);
        let value = json!({
            "AlarmName": alert.name,
            "AlarmDescription": format!("Raises an alert: {}.", alert.about),
            "Namespace": NAMESPACE, "MetricName": alert.name, "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        });
        alarms.push(AlarmEntry::from_value(&value).map_err(|error| wrong("alarms.builtin", &error))?);
    }
    Ok((alarms, filters))
}

impl AlarmsConfig {
    /// The built-in alarms alone.
    ///
    /// # Errors
    /// When one of them is none, which is a fault of the program.
    pub fn builtin() -> Result<Self, ConfigError> {
        let (alarms, filters) = builtin()?;
        Ok(Self { alarms, filters, ..Self::default() })
    }
}

fn wrong(key: &str, error: &dyn std::fmt::Display) -> ConfigError {
    ConfigError::value(key, "", error.to_string())
}

fn file(path: &Path) -> Result<Vec<AlarmEntry>, ConfigError> {
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| ConfigError::value("alarms.files", &name, error.to_string());
    if std::fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES {
        return Err(ConfigError::value("alarms.files", &name, "it is too large to be a list of alarms"));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    read_alarms(&text).map_err(|error| ConfigError::value("alarms.files", &name, error.to_string()))
}

fn filter(number: usize, mut map: Map<String, Value>) -> Result<MetricFilter, ConfigError> {
    let key = format!("alarms.metric_filter ({number}.)");
    map.entry("table").or_insert_with(|| TABLE.into());
    let filter = MetricFilter::from_value(&Value::Object(map)).map_err(|error| wrong(&key, &error))?;
    if registry::table(&filter.table).is_none() {
        let reason = "there is no such table; `trailkeep query 'SHOW TABLES'` lists them";
        return Err(ConfigError::value(&format!("{key}.table"), filter.table, reason));
    }
    Ok(filter)
}

fn query(number: usize, section: QuerySection) -> Result<QueryMetric, ConfigError> {
    let key = format!("alarms.query ({number}.)");
    let at = |name: &str| format!("{key}.{name}");
    if section.name.is_empty() {
        return Err(ConfigError::value(&at("name"), "", "give the metric a name"));
    }
    if !section.sql.contains("{from}") || !section.sql.contains("{to}") {
        let reason = "say which period is counted: … WHERE event_time >= {from} AND event_time < {to}";
        return Err(ConfigError::value(&at("sql"), section.sql, reason));
    }
    let time = |name: &str, text: &Option<String>| {
        text.as_deref().map_or(Ok(MINUTE), |text| duration(&at(name), text))
    };
    let every = time("every", &section.every)?;
    if every.as_secs() == 0 || !every.as_secs().is_multiple_of(60) {
        let reason = "a period is a whole number of minutes: 1m, 5m, 1h";
        return Err(ConfigError::value(&at("every"), section.every.unwrap_or_default(), reason));
    }
    Ok(QueryMetric {
        namespace: section.namespace.unwrap_or_else(|| "Trailkeep".to_owned()),
        name: section.name,
        sql: section.sql,
        every,
        delay: time("delay", &section.delay)?,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> Result<AlarmsConfig, String> {
        let environment = Environment { variable: &|_| None, base: Path::new("") };
        let config = Config::parse("trailkeep.toml", text, &environment);
        config.map(|config| config.alarms).map_err(|error| error.to_string())
    }

    const FULL: &str = r#"
        [[alarms.metric_filter]]
        filterName = "root-use"
        filterPattern = '{ $.userIdentity.type = "Root" }'
        metricTransformations = [{ metricName = "RootUse", metricNamespace = "Security", metricValue = "1" }]
        [[alarms.query]]
        name = "Denied"
        sql = "SELECT count(*) AS value FROM cloudtrail_logs WHERE event_time >= {from} AND event_time < {to}"
        every = "5m"
        [[alarms.alarm]]
        AlarmName = "root-use"
        Namespace = "Security"
        MetricName = "RootUse"
        Statistic = "Sum"
        Period = 60
        EvaluationPeriods = 1
        Threshold = 1
        ComparisonOperator = "GreaterThanOrEqualToThreshold"
        TreatMissingData = "notBreaching"
        AlarmActions = ["pager"]
        [[alarms.alarm]]
        AlarmName = "any"
        AlarmRule = 'ALARM("root-use")'
        [alarms.cloudwatch]
        regions = ["eu-west-1"]
    "#;

    #[test]
    fn definitions_have_the_shapes_of_the_api() {
        let alarms = parse(FULL).unwrap();
        let names: Vec<&str> = alarms.alarms.iter().map(|entry| entry.alarm.name()).collect();
        assert_eq!(names, ["root-use", "any"]);
        assert_eq!(alarms.filters[0].table, "cloudtrail_logs");
        assert_eq!(
            (alarms.queries[0].every.as_secs(), alarms.queries[0].namespace.as_str()),
            (300, "Trailkeep")
        );
        let cloudwatch = alarms.cloudwatch.unwrap();
        assert_eq!((cloudwatch.interval, cloudwatch.metrics), (MINUTE, true));
    }

    #[test]
    fn the_built_in_alarms_are_those_that_apply_makes() {
        let alarms = parse("[alarms]\nbuiltin = true").unwrap();
        assert_eq!((alarms.alarms.len(), alarms.filters.len()), (ALERTS.len(), ALERTS.len()));
        let twice = "[alarms]\nbuiltin = true\n[[alarms.alarm]]\nAlarmName = \"trailkeep-root-use\"\nAlarmRule = \"TRUE\"";
        assert!(parse(twice).unwrap_err().contains("two alarms have this name"));
    }

    /// What the documentation shows is what is read.
    #[test]
    fn the_examples_of_the_documentation_work() {
        let page = include_str!("../../../../docs/alarms.md");
        let blocks = page.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```"));
        let blocks: Vec<&str> = blocks.map(|(block, _)| block).collect();
        assert_eq!(blocks.len(), 4);
        let alarms = parse(&blocks.concat()).unwrap();
        assert_eq!((alarms.alarms.len(), alarms.filters.len()), (ALERTS.len() + 3, ALERTS.len() + 1));
        let names: Vec<&str> = alarms.alarms.iter().map(|entry| entry.alarm.name()).collect();
        let composite = alarms.alarms.iter().find(|entry| entry.alarm.name() == "denied-and-root").unwrap();
        let trailkeep_alarms::definition::Alarm::Composite(composite) = &composite.alarm else {
            panic!("it has an AlarmRule")
        };
        assert!(composite.rule.children().iter().all(|child| names.contains(&child.as_str())));
        assert_eq!((alarms.queries.len(), alarms.queries[0].delay.as_secs()), (1, 120));
        assert!(alarms.cloudwatch.unwrap().organization_role.is_some());
    }

    #[test]
    fn mistakes_are_named() {
        for (from, to, expected) in [
            ("Period = 60", "Period = 61", "alarms.alarm (1.)"),
            ("AlarmName = \"any\"", "AlarmName = \"root-use\"", "two alarms have this name"),
            ("{from}", "now()", "say which period"),
            ("every = \"5m\"", "every = \"30s\"", "whole number of minutes"),
            ("filterName = \"root-use\"", "filterName = \"root-use\"\ntable = \"nope\"", "no such table"),
            ("regions = [\"eu-west-1\"]", "interval = \"1s\"", "twice a minute"),
            ("regions = [\"eu-west-1\"]", "queues = [\"alarms\"]", "the queue's address"),
        ] {
            let message = parse(&FULL.replacen(from, to, 1)).unwrap_err();
            assert!(message.contains(expected), "{to}: {message}");
        }
    }
}
