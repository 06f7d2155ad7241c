//! Incidents, their timelines, and what people were told of them.
//!
//! What becomes of a signal, and who is told when, is decided elsewhere, by functions that know no
//! database. They look at a [`Board`], and what they say is kept by [`Incidents::commit`] in one
//! transaction: incidents, timelines, what was told, and the messages themselves. A commit is for
//! the board it was made from; when another process was faster, nothing of it is kept and the
//! caller looks again. So no message is lost, planned twice, or about something that never was.

mod board;
mod commit;
mod filter;
mod list;
mod model;
mod silences;
#[cfg(test)]
mod tests;
mod tickets;

use std::sync::Arc;

pub use board::Board;
pub use commit::{Commit, IncidentChange};
pub use filter::IncidentFilter;
pub use list::{IncidentCounts, IncidentCursor, IncidentDetail, IncidentPage};
pub use model::{
    Incident, IncidentKind, IncidentStatus, SentRecord, Stamp, Thread, Ticket, TimelineEntry, TimelineKind,
    Told,
};
pub use silences::{NewSilence, Silence};

use crate::db::Db;

/// The incidents.
#[derive(Clone, Debug)]
pub struct Incidents {
    pub(super) db: Arc<Db>,
}

impl Incidents {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }
}

pub(super) fn level_number(level: trailkeep_detect::Level) -> i64 {
    trailkeep_detect::Level::ALL.iter().position(|known| *known == level).map_or(0, crate::codec::limit)
}
