//! [`Pipeline`]: the crate's front door.

use std::sync::Arc;

use trailkeep_detect::{Detector, RuleSet};
use trailkeep_lake::Lake;
use trailkeep_state::State;

use crate::work::Shared;
use crate::{Ingest, LiveIngest, PipelineOptions};

/// The way into one lake. Cheap to clone; there should be one per process and lake.
#[derive(Clone)]
pub struct Pipeline {
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pipeline({})", self.shared.lake.url())
    }
}

impl Pipeline {
    /// A pipeline that runs these rules.
    pub fn new(lake: Lake, state: State, rules: Arc<RuleSet>, options: PipelineOptions) -> Self {
        let detector = Arc::new(Detector::new(rules));
        Self { shared: Arc::new(Shared::new(lake, state, detector, options)) }
    }

    /// The lake it fills.
    pub fn lake(&self) -> &Lake {
        &self.shared.lake
    }

    /// The state it keeps.
    pub fn state(&self) -> &State {
        &self.shared.state
    }

    /// The rules it runs.
    pub fn rules(&self) -> &Arc<RuleSet> {
        self.shared.detector.rules()
    }

    /// Prepares to ingest many objects.
    pub fn ingest(&self) -> Ingest {
        Ingest::new(self.clone())
    }

    /// Starts to take objects as they come, a few at a time, each acknowledged once it is durable.
    pub fn live(&self) -> LiveIngest {
        LiveIngest::start(self.clone())
    }
}
