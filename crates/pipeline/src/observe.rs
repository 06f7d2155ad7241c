//! Who looks at new events on their way into the lake: metric filters, playbooks.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

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

/// Several observers as one.
#[derive(Debug, Default)]
pub struct Observers(pub Vec<Arc<dyn Observer>>);

/// What each of several observers wants back.
type Rests = Vec<(usize, Box<dyn Any + Send>)>;

impl Observer for Observers {
    fn observe(&self, batch: &RecordBatch, table: &'static str) -> Observed {
        let mut all = Observed::default();
        let mut rests: Rests = Vec::new();
        for (place, observer) in self.0.iter().enumerate() {
            let mut seen = observer.observe(batch, table);
            all.items.append(&mut seen.items);
            rests.extend(seen.rest.map(|rest| (place, rest)));
        }
        if !rests.is_empty() {
            all.rest = Some(Box::new(rests));
        }
        all
    }

    fn committed(&self, observed: Vec<Box<dyn Any + Send>>) {
        let mut each: Vec<Vec<Box<dyn Any + Send>>> = self.0.iter().map(|_| Vec::new()).collect();
        for rests in observed {
            let Ok(rests) = rests.downcast::<Rests>() else { continue };
            for (place, rest) in *rests {
                each[place].push(rest);
            }
        }
        for (observer, rests) in self.0.iter().zip(each).filter(|(_, rests)| !rests.is_empty()) {
            observer.committed(rests);
        }
    }
}
