//! What is kept over a restart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::composite::{Hold, Trigger};
use crate::engine::{Engine, EngineError, StateRecord};
use crate::metric::MetricStore;
use crate::metric_data::FetchProgress;

/// The version that is written.
const VERSION: u32 = 1;

/// States and samples, and how far CloudWatch's metrics are known. Definitions and metric filters are kept elsewhere, and put before this is applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineSnapshot {
    version: u32,
    alarms: BTreeMap<String, Kept>,
    store: MetricStore,
    #[serde(default)]
    fetched: FetchProgress,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    state: StateRecord,
    #[serde(default)]
    hold: Hold,
    #[serde(default)]
    changed: bool,
    /// Whether a composite alarm was evaluated already.
    evaluated: bool,
    /// Actions that were switched by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    switched: Option<Switched>,
}

/// Actions that were switched by hand, for as long as the definition is this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Switched {
    enabled: bool,
    definition: Value,
}

impl EngineSnapshot {
    /// Whether the engine that was stored had this alarm.
    pub fn knows(&self, key: &str) -> bool {
        self.alarms.contains_key(key)
    }
}

impl Engine {
    /// States and samples as they are, to be stored.
    pub fn snapshot(&self) -> EngineSnapshot {
        let kept = self.alarms.iter().map(|(key, live)| {
            let switched = live.defined_enabled.map(|_| Switched {
                enabled: live.alarm.actions_enabled(),
                definition: live.definition().to_value(),
            });
            let kept = Kept {
                state: live.state.clone(),
                hold: live.hold,
                changed: live.changed,
                evaluated: live.trigger == Trigger::Child,
                switched,
            };
            (key.clone(), kept)
        });
        EngineSnapshot {
            version: VERSION,
            alarms: kept.collect(),
            store: self.store.clone(),
            fetched: self.fetched.clone(),
        }
    }

    /// Takes up a snapshot: samples, and the states of the alarms that are defined. Alarms that are new
    /// since then keep the state they have; states of alarms that are gone are passed over.
    ///
    /// # Errors
    ///
    /// Where the snapshot is of another version; nothing is changed then.
    pub fn restore(&mut self, snapshot: EngineSnapshot) -> Result<(), EngineError> {
        if snapshot.version != VERSION {
            return Err(EngineError::Version { found: snapshot.version, known: VERSION });
        }
        let defaults: Vec<_> =
            self.filters.defaults().map(|(metric, table, value)| (metric, table.to_owned(), value)).collect();
        self.store = snapshot.store.with_limits(self.limits.store);
        self.fetched = snapshot.fetched;
        self.store.clear_defaults();
        for (metric, table, value) in defaults {
            self.store.set_default(&metric, &table, value);
        }
        for (key, kept) in snapshot.alarms {
            let Some(live) = self.alarms.get_mut(&key) else { continue };
            live.state = kept.state;
            live.hold = kept.hold;
            live.changed = kept.changed;
            if let Some(switched) = kept.switched.filter(|kept| kept.definition == live.alarm.to_value()) {
                live.switch(switched.enabled);
            }
            if kept.evaluated {
                live.trigger = Trigger::Child;
            }
        }
        self.reindex();
        Ok(())
    }
}
