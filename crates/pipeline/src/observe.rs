//! Who looks at new events on their way into the lake: metric filters, playbooks.

use std::any::Any;
use std::fmt::Debug;

use arrow::record_batch::RecordBatch;
use trailkeep_state::NewItem;

/// Looks at new events. Called from all workers at once.
pub trait Observer: Debug + Send + Sync {
    /// What a batch of events that the lake does not have says. They are not durable yet, and may never
    /// be: what is to be done about them waits for [`Observer::committed`].
    fn observe(&self, batch: &RecordBatch, table: &'static str) -> Observed;

    /// The events of these observations are in the lake.
    fn committed(&self, observed: Vec<Box<dyn Any + Send>>);
}

/// What an observer saw in a batch.
#[derive(Debug, Default)]
pub struct Observed {
    /// Put into the inbox before the events are committed, so that no crash loses them. Their keys must
    /// depend on the events alone.
    pub items: Vec<NewItem>,
    /// Given back once the events are committed; lost in a crash before that.
    pub rest: Option<Box<dyn Any + Send>>,
}
