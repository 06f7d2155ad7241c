//! Picks the events that playbooks answer out of the stream.

use std::any::Any;

use arrow::array::{Array, AsArray, StringArray};
use arrow::record_batch::RecordBatch;
use tokio::sync::Notify;
use trailkeep_pipeline::{Observed, Observer};
use trailkeep_respond::playbook::Playbooks;
use trailkeep_state::NewItem;

/// The inbox of the playbooks.
pub(crate) const KIND: &str = "playbook";

/// The table whose events playbooks answer.
const TABLE: &str = "cloudtrail_logs";

/// An [`Observer`] that puts the records of changes into the inbox, and wakes who works them off.
#[derive(Debug, Default)]
pub struct Changes {
    wake: Notify,
}

impl Changes {
    /// Waits until there may be something in the inbox.
    pub(crate) async fn come(&self) {
        self.wake.notified().await;
    }
}

impl Observer for Changes {
    fn observe(&self, batch: &RecordBatch, table: &'static str) -> Observed {
        if table != TABLE {
            return Observed::default();
        }
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let names = ["eventsource", "eventname", "errorcode", "event_uid", "raw"].map(column);
        let [Some(source), Some(name), Some(error), Some(uid), Some(raw)] = names else {
            return Observed::default();
        };
        let text =
            |column: &StringArray, row: usize| column.is_valid(row).then(|| column.value(row).to_owned());
        let rows = (0..batch.num_rows()).filter(|&row| {
            error.is_null(row)
                && source.is_valid(row)
                && name.is_valid(row)
                && Playbooks::watches(source.value(row), name.value(row))
        });
        let items: Vec<NewItem> = rows
            .filter_map(|row| {
                Some(NewItem { kind: KIND.to_owned(), key: text(uid, row)?, payload: text(raw, row)? })
            })
            .collect();
        let rest: Option<Box<dyn Any + Send>> = if items.is_empty() { None } else { Some(Box::new(())) };
        Observed { items, rest }
    }

    fn committed(&self, _observed: Vec<Box<dyn Any + Send>>) {
        self.wake.notify_one();
    }
}
