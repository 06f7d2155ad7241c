//! What Trailkeep remembers besides the events: one SQLite file per data directory.
//!
//! ```text
//!   pipeline ─► ledger · runs            what was ingested, and how that went
//!   detect   ─► findings · signals       what rules found; what correlations are made of
//!                  └─► outbox            what has to be told to others, in the same transaction
//!   alarms   ─► definitions · states      what is watched, what it says; history
//!   check    ─► assessments           how the six controls stand, and stood
//!   respond  ─► incidents             what is grouped for people, and what they were told
//!                  └─► outbox            the messages, in the same transaction
//!   respond  ─► responses · priors    what was put back, by whose word; what it was before
//!   console  ─► users · sessions · tokens · throttle · saved queries
//!                  └─► audit             who changed what, in the same transaction
//! ```
//!
//! In flow results and requests; out flow rows for the console, the API and the command line. Log
//! events are not here: they live in the lake, and findings point at them.
//!
//! **Everything may be repeated.** Readers crash and start again, SQS delivers twice, two processes
//! read one bucket. Writing the same thing a second time changes nothing, and what is stored does
//! not depend on the order in which it came. What a caller has to do for that is only: first the
//! lake, then findings and signals, last the ledger. Killed between two of them, a run leaves work
//! that the next one does again.
//!
//! **Everything that returned is durable.** A transaction is committed with `synchronous = FULL`
//! before its function returns; one that was cut off, by `kill -9` or by dropping the future,
//! leaves no trace. Messages to others are claimed under a lease that ends by itself, so they are
//! sent at least once, with a key by which the receiver can tell a repetition.
//!
//! **The crate asks no clock.** Times come from the caller (`now`); leases, expiry and throttling
//! follow from them alone. (One column, the age of a signal's row, is filled in by SQLite.)
//!
//! Start at [`State::open`]; each concept is a small handle on it.

mod actor;
mod alarms;
mod assessments;
mod audit;
mod clip;
mod codec;
mod db;
mod error;
mod findings;
mod inbox;
mod incidents;
mod ledger;
mod meta;
mod outbox;
mod password;
mod records;
mod responses;
mod role;
mod runs;
mod saved_queries;
mod secret;
mod sessions;
mod signals;
mod state;
#[cfg(test)]
mod testing;
mod throttle;
mod tokens;
mod users;

pub use actor::Actor;
pub use alarms::{
    AlarmCommit, AlarmCursor, AlarmEvent, AlarmFilter, AlarmHistoryFilter, AlarmHistoryPage, AlarmOrigin,
    AlarmRow, AlarmScope, AlarmStateUpdate, Alarms, MetricFilterRow, NewAlarm, Replaced,
};
pub use assessments::{
    AssessmentId, Assessments, CheckCount, ControlCounts, NewAssessment, PostureFilter, PostureRow,
    StoredAssessment,
};
pub use audit::{Audit, AuditEntry, AuditFilter, AuditHead, AuditProblem, AuditReport, NewAuditEntry};
pub use error::{ErrorKind, StateError};
pub use findings::{
    Cursor, FindingCounts, FindingDetail, FindingFilter, FindingPage, FindingRow, Findings, HourCount, Note,
    Notification, Resolution, Route, RouteTo, RuleCount, Status, Upserted,
};
pub use inbox::{Inbox, Item, NewItem};
pub use incidents::{
    Board, Commit, Incident, IncidentChange, IncidentCounts, IncidentCursor, IncidentDetail, IncidentFilter,
    IncidentKind, IncidentPage, IncidentStatus, Incidents, NewSilence, SentRecord, Silence, Stamp, Thread,
    Ticket, TimelineEntry, TimelineKind, Told,
};
pub use ledger::{Ledger, LedgerEntry, LedgerTotals, ObjectKey};
pub use meta::Meta;
pub use outbox::{
    ChannelCounts, Claim, Message, MessageState, NewMessage, Outbox, OutboxCounts, RetryPolicy,
};
pub use password::check_password;
pub use records::{Cell, RECORD_TABLES, RecordColumn, RecordPage, RecordTable, RecordType, Records};
pub use responses::{
    JournalEntry, NewResponse, PriorState, Priors, Response, ResponseFilter, ResponseId, ResponseStatus,
    Responses,
};
pub use role::Role;
pub use runs::{Run, RunCounters, RunId, RunState, Runs};
pub use saved_queries::{QueryKind, SavedQueries, SavedQuery};
pub use secret::Secret;
pub use sessions::{NewSession, Session, SessionPolicy, Sessions};
pub use signals::{SignalGroup, Signals, Stretch, TouchedGroup};
pub use state::{Maintained, Retention, State};
pub use throttle::{Admission, Throttle};
pub use tokens::{Scope, Token, Tokens};
pub use users::{Login, User, UserId, Users};
