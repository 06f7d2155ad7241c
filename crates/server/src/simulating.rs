//! What an alarm would have done, for whoever asks the console or the API: bounded, and off the threads that
//! serve requests.

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use trailkeep_alarms::definition::{Alarm, AlarmSource, MetricAlarm, read_alarms};
use trailkeep_alarms::evaluate::{Evaluation, aligned_end, evaluate};
use trailkeep_alarms::simulate::{Layout, SimulateError, Simulation, lay_out};
use trailkeep_alarms::{AlarmState, parse_time};

/// The longest definition, in bytes.
pub(crate) const DEFINITION_BYTES: usize = 256 * 1024;
/// The longest text of datapoints, in bytes.
pub(crate) const DATAPOINT_BYTES: usize = 512 * 1024;
/// Periods between the first and the last datapoint: two weeks of minutes.
pub(crate) const PERIODS: i64 = 20_160;
/// The same of an alarm on an anomaly band, each of whose evaluations learns from two weeks: a day of minutes.
pub(crate) const BAND_PERIODS: i64 = 1_440;
/// Periods of metrics that all evaluations together look at.
const LOOKS: i64 = 10_000_000;
/// Simulations at a time; the others wait.
static SLOTS: Semaphore = Semaphore::const_new(2);

/// What to simulate, as it was written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// JSON in the shape of `PutMetricAlarm`, or an answer of `DescribeAlarms` with one alarm.
    pub(crate) definition: String,
    /// `timestamp,value`.
    pub(crate) datapoints: String,
    /// The state it begins in; empty for `INSUFFICIENT_DATA`.
    pub(crate) state: String,
    /// The time of one evaluation; empty for one per period.
    pub(crate) at: String,
}

/// Why there is no simulation, by what has to be changed. Sentences for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    Definition(String),
    Datapoints(String),
    State(String),
    Time(String),
    /// Nothing of it: a simulation broke off.
    Failed,
}

impl Refused {
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Definition(text) | Self::Datapoints(text) | Self::State(text) | Self::Time(text) => text,
            Self::Failed => "the simulation broke off; the server's log says why",
        }
    }
}

/// What came out, with what it rests on.
#[derive(Debug, Clone)]
pub(crate) struct Simulated {
    pub(crate) alarm: MetricAlarm,
    pub(crate) layout: Layout,
    pub(crate) simulation: Simulation,
    /// The state it began in.
    pub(crate) start: AlarmState,
    /// The last evaluation, where it can be drawn: of expressions, the datapoints are made anew each time.
    pub(crate) last: Option<Evaluation>,
}

/// Reads a definition of one alarm, with the state that an answer of `DescribeAlarms` gives it.
pub(crate) fn definition(text: &str) -> Result<(Alarm, Option<AlarmState>), Refused> {
    let wrong = |text: String| Err(Refused::Definition(text));
    if text.trim().is_empty() {
        return wrong("write a definition, in the shape of PutMetricAlarm".to_owned());
    }
    if text.len() > DEFINITION_BYTES {
        return wrong(format!("it has {} bytes; at most {DEFINITION_BYTES} are read", text.len()));
    }
    let mut entries = read_alarms(text).map_err(|error| Refused::Definition(error.to_string()))?;
    if entries.len() != 1 {
        return wrong(format!("it has {} alarms; leave the one to simulate", entries.len()));
    }
    let entry = entries.swap_remove(0);
    Ok((entry.alarm, entry.start.map(|start| start.value)))
}

/// Simulates within bounds.
pub(crate) async fn simulate(asked: Asked) -> Result<Simulated, Refused> {
    let (alarm, described) = definition(&asked.definition)?;
    if asked.datapoints.len() > DATAPOINT_BYTES {
        let text =
            format!("the text has {} bytes; at most {DATAPOINT_BYTES} are read", asked.datapoints.len());
        return Err(Refused::Datapoints(text));
    }
    let at = match asked.at.trim() {
        "" => None,
        text => Some(parse_time(text).ok_or_else(|| {
            Refused::Time(format!("'{}' is no time; write it like 2026-11-25T06:00:00Z", clip(text)))
        })?),
    };
    let state = match asked.state.trim() {
        "" => None,
        text => Some(text.parse::<AlarmState>().map_err(|error| Refused::State(format!("{error}")))?),
    };
    // What an answer of DescribeAlarms says of the state is of now, and not of where the datapoints begin.
    let start = state.or(described.filter(|_| at.is_some())).unwrap_or_default();
    let Ok(_slot) = SLOTS.acquire().await else { return Err(Refused::Failed) };
    let done = tokio::task::spawn_blocking(move || run(alarm, &asked.datapoints, start, at)).await;
    done.unwrap_or(Err(Refused::Failed))
}

fn run(
    alarm: Alarm,
    datapoints: &str,
    start: AlarmState,
    at: Option<DateTime<Utc>>,
) -> Result<Simulated, Refused> {
    let refuse = |error: SimulateError| match error {
        SimulateError::Composite { .. } => Refused::Definition(error.to_string()),
        _ => Refused::Datapoints(error.to_string()),
    };
    let Alarm::Metric(metric) = &alarm else {
        let name = alarm.name().to_owned();
        return Err(refuse(SimulateError::Composite { name }));
    };
    let layout = lay_out(&alarm, datapoints, most(metric)).map_err(refuse)?;
    let simulation = trailkeep_alarms::simulate(&alarm, datapoints, Some(start), at).map_err(refuse)?;
    let last = matches!(metric.source, AlarmSource::Metric(_)).then(|| {
        let now = at.unwrap_or(layout.to);
        evaluate(metric, &layout.points, aligned_end(metric, now), now, simulation.state)
    });
    Ok(Simulated { alarm: metric.as_ref().clone(), layout, simulation, start, last })
}

/// How many evaluations an alarm may have, by what each of them costs.
fn most(alarm: &MetricAlarm) -> i64 {
    let (queries, band) = match &alarm.source {
        AlarmSource::Metric(_) => (1, false),
        AlarmSource::Queries(queries) => {
            let band = queries.iter().any(|query| query.expression.as_ref().is_some_and(|e| e.has_band()));
            (i64::try_from(queries.len()).unwrap_or(20), band)
        }
    };
    let each = i64::from(alarm.evaluation_range()).max(1) * queries.max(1);
    (LOOKS / each).clamp(1, if band { BAND_PERIODS } else { PERIODS })
}

fn clip(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn asked(changes: Value, datapoints: &str) -> Asked {
        let mut value = json!({
            "AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
            "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        });
        value.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        Asked { definition: value.to_string(), datapoints: datapoints.to_owned(), ..Asked::default() }
    }

    #[tokio::test]
    async fn it_says_what_the_alarm_would_have_done() {
        let two = "timestamp,value\n2026-11-25T06:00:00Z,0\n2026-11-25T06:01:00Z,2\n";
        let done = simulate(asked(json!({}), two)).await.unwrap();
        let states: Vec<AlarmState> = done.simulation.transitions.iter().map(|one| one.to).collect();
        assert_eq!(states, [AlarmState::Ok, AlarmState::Alarm]);
        assert_eq!((done.layout.points.len(), done.last.unwrap().slots.len()), (2, 3));
        let once =
            Asked { state: "ALARM".into(), at: "2026-11-25T06:01:00Z".into(), ..asked(json!({}), two) };
        let once = simulate(once).await.unwrap();
        assert_eq!((once.simulation.evaluations, once.simulation.state), (1, AlarmState::Ok));
    }

    #[tokio::test]
    async fn what_is_wrong_is_said_where_it_is() {
        let fine = "2026-11-25T06:00:00Z,1";
        let refused = async |asked: Asked| simulate(asked).await.unwrap_err();
        let composite =
            Asked { definition: r#"{"AlarmName":"c","AlarmRule":"TRUE"}"#.into(), ..asked(json!({}), fine) };
        assert!(matches!(refused(composite).await, Refused::Definition(text) if text.contains("composite")));
        assert!(
            matches!(refused(asked(json!({ "Period": 61 }), fine)).await, Refused::Definition(text) if text.contains("Period"))
        );
        assert!(
            matches!(refused(asked(json!({}), "06:00,1")).await, Refused::Datapoints(text) if text.contains("line 1"))
        );
        assert!(
            matches!(refused(asked(json!({}), "")).await, Refused::Datapoints(text) if text.contains("no datapoints"))
        );
        let long = "2026-11-25T06:00:00Z,1\n2027-11-25T06:00:00Z,1";
        assert!(
            matches!(refused(asked(json!({}), long)).await, Refused::Datapoints(text) if text.contains("too many"))
        );
        let large = " ".repeat(DATAPOINT_BYTES + 1);
        assert!(
            matches!(refused(asked(json!({}), &large)).await, Refused::Datapoints(text) if text.contains("at most"))
        );
        let soon = Asked { at: "soon".into(), ..asked(json!({}), fine) };
        assert!(matches!(refused(soon).await, Refused::Time(_)));
        let odd = Asked { state: "FINE".into(), ..asked(json!({}), fine) };
        assert!(matches!(refused(odd).await, Refused::State(_)));
    }
}
