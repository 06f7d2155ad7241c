//! What workers of a pipeline share.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use trailkeep_detect::{Detector, Finding, Signal};
use trailkeep_formats::TableDef;
use trailkeep_lake::{Appender, Lake};
use trailkeep_state::{SignalGroup, State};

use crate::{PipelineError, PipelineOptions};

pub(crate) struct Shared {
    pub(crate) lake: Lake,
    pub(crate) state: State,
    pub(crate) detector: Arc<Detector>,
    pub(crate) options: PipelineOptions,
    appenders: Mutex<HashMap<&'static str, Appender>>,
}

impl Shared {
    pub(crate) fn new(lake: Lake, state: State, detector: Arc<Detector>, options: PipelineOptions) -> Self {
        Self { lake, state, detector, options, appenders: Mutex::default() }
    }

    /// The one appender of a table.
    pub(crate) async fn appender(&self, table: &'static TableDef) -> Result<Appender, PipelineError> {
        let mut appenders = self.appenders.lock().await;
        if let Some(appender) = appenders.get(table.name) {
            return Ok(appender.clone());
        }
        let appender = Appender::new(self.lake.table(table).await?).await;
        appenders.insert(table.name, appender.clone());
        Ok(appender)
    }

    /// Records findings, and those that signals add up to. May be called again with the same.
    /// Returns the findings that correlations made.
    pub(crate) async fn record(
        &self,
        findings: &mut Vec<Finding>,
        signals: &[Signal],
        now: DateTime<Utc>,
    ) -> Result<(), PipelineError> {
        self.state.signals().put(signals).await?;
        // From the signals at hand, not from those that were new to the state: a run that was
        // killed between the two would never come back to them.
        for (group, times) in groups(signals) {
            let Some(span) = self.detector.rules().correlation_span(&group.correlation_rule_id) else {
                continue;
            };
            let most = self.options.correlation_signals;
            for stretch in self.state.signals().around(&group, &times, span, most).await? {
                findings
                    .extend(self.detector.rules().correlate(&group.correlation_rule_id, &stretch.signals));
            }
        }
        if !findings.is_empty() {
            self.state.findings().upsert(findings, &self.options.routes, now).await?;
        }
        Ok(())
    }
}

fn groups(signals: &[Signal]) -> HashMap<SignalGroup, Vec<DateTime<Utc>>> {
    let mut groups: HashMap<SignalGroup, Vec<DateTime<Utc>>> = HashMap::new();
    for signal in signals {
        let group = SignalGroup {
            correlation_rule_id: signal.correlation_rule_id.clone(),
            group: signal.group.clone(),
        };
        groups.entry(group).or_default().push(signal.time);
    }
    groups
}
