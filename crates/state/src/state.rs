//! The handle that everything else hangs on.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Semaphore;

use crate::db::Db;
use crate::{
    Alarms, Assessments, Audit, Findings, Inbox, Incidents, Ledger, Meta, Outbox, Priors, Records, Responses,
    Runs, SavedQueries, Sessions, Signals, StateError, Throttle, Tokens, Users,
};

/// The state of one data directory. Cheap to clone; any number of processes may open the same file.
#[derive(Clone, Debug)]
pub struct State {
    db: Arc<Db>,
    hashing: Arc<Semaphore>,
}

impl State {
    /// Opens the database file, creating it and its folder, and brings the schema up to date.
    ///
    /// # Errors
    /// When the file cannot be opened, is no database, was written by a newer program, or stays
    /// locked for a minute.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StateError> {
        let db = Arc::new(Db::open(path.as_ref()).await?);
        // A password hash takes 19 MiB and tens of milliseconds on purpose; a crowd at the login
        // page must not turn that into gigabytes.
        Ok(Self { db, hashing: Arc::new(Semaphore::new(2)) })
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        self.db.path()
    }

    /// The ingested objects.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(self.db.clone())
    }

    /// What the events brought that is to be acted on.
    pub fn inbox(&self) -> Inbox {
        Inbox::new(self.db.clone())
    }

    /// The ingestion runs.
    pub fn runs(&self) -> Runs {
        Runs::new(self.db.clone())
    }

    /// The findings.
    pub fn findings(&self) -> Findings {
        Findings::new(self.db.clone())
    }

    /// The incidents, and what people were told of them.
    pub fn incidents(&self) -> Incidents {
        Incidents::new(self.db.clone())
    }

    /// Assessments of the six controls.
    pub fn assessments(&self) -> Assessments {
        Assessments::new(self.db.clone())
    }

    /// What playbooks found and did.
    pub fn responses(&self) -> Responses {
        Responses::new(self.db.clone())
    }

    /// What resources were before they were changed.
    pub fn priors(&self) -> Priors {
        Priors::new(self.db.clone())
    }

    /// What correlations are made of.
    pub fn signals(&self) -> Signals {
        Signals::new(self.db.clone())
    }

    /// Messages on their way out.
    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.db.clone())
    }

    /// The people who may log in.
    pub fn users(&self) -> Users {
        Users::new(self.db.clone(), self.hashing.clone())
    }

    /// Who is logged in.
    pub fn sessions(&self) -> Sessions {
        Sessions::new(self.db.clone())
    }

    /// API and ingest tokens.
    pub fn tokens(&self) -> Tokens {
        Tokens::new(self.db.clone())
    }

    /// The brake on guessing.
    pub fn throttle(&self) -> Throttle {
        Throttle::new(self.db.clone())
    }

    /// The audit log.
    pub fn audit(&self) -> Audit {
        Audit::new(self.db.clone())
    }

    /// Alarms, metric filters, and the history of alarms.
    pub fn alarms(&self) -> Alarms {
        Alarms::new(self.db.clone())
    }

    /// Queries that people keep.
    pub fn saved_queries(&self) -> SavedQueries {
        SavedQueries::new(self.db.clone())
    }

    /// What there is, as tables for SQL.
    pub fn records(&self) -> Records {
        Records::new(self.db.clone())
    }

    /// Small values that belong to the data directory.
    pub fn meta(&self) -> Meta {
        Meta::new(self.db.clone())
    }

    /// Throws away what is no longer of use: old signals, delivered messages, expired sessions,
    /// forgotten login failures. Runs beside everything else; each step is a short transaction.
    pub async fn maintain(&self, now: DateTime<Utc>, keep: &Retention) -> Result<Maintained, StateError> {
        Ok(Maintained {
            signals: self.signals().prune(now - keep.signals).await?,
            messages: self.outbox().prune(now - keep.messages).await?,
            items: self.inbox().prune(now - keep.messages).await?,
            incidents: self.incidents().prune(now - keep.incidents).await?,
            sessions: self.sessions().prune(now).await?,
            throttles: self.throttle().prune(now).await?,
            interrupted_runs: self.runs().mark_interrupted(now - keep.silent_runs, now).await?,
            responses: self.responses().prune(now - keep.responses).await?,
            alarm_history: self.alarms().prune(now - keep.alarm_history).await?,
            priors: self.priors().prune().await?,
        })
    }

    /// Waits for what is under way and closes the file. Clones of this handle then report errors.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// How long things are kept.
#[derive(Clone, Debug)]
pub struct Retention {
    /// Signals, by the time of their event and the time they were stored, whichever is later. At
    /// least the longest span of a correlation rule.
    pub signals: TimeDelta,
    /// Messages that were delivered or given up, and items of the inbox that were dealt with.
    pub messages: TimeDelta,
    /// Incidents that were resolved, with their timelines and the messages about them.
    pub incidents: TimeDelta,
    /// Runs that have not reported for so long have died.
    pub silent_runs: TimeDelta,
    /// Responses that ended, with their journals.
    pub responses: TimeDelta,
    /// Items of the history of alarms.
    pub alarm_history: TimeDelta,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            signals: TimeDelta::days(30),
            messages: TimeDelta::days(30),
            incidents: TimeDelta::days(400),
            silent_runs: TimeDelta::minutes(15),
            responses: TimeDelta::days(400),
            alarm_history: TimeDelta::days(400),
        }
    }
}

/// What [`State::maintain`] did, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Signals deleted.
    pub signals: u64,
    /// Messages deleted.
    pub messages: u64,
    /// Items of the inbox forgotten.
    pub items: u64,
    /// Incidents deleted.
    pub incidents: u64,
    /// Sessions deleted.
    pub sessions: u64,
    /// Throttled subjects forgotten.
    pub throttles: u64,
    /// Runs found dead.
    pub interrupted_runs: u64,
    /// Responses deleted.
    pub responses: u64,
    /// Items of the history of alarms deleted.
    pub alarm_history: u64,
    /// States of resources that were too many.
    pub priors: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{admin, at, state};
    use crate::{NewMessage, Role, RunState, SessionPolicy};

    #[tokio::test]
    async fn maintaining_throws_away_what_is_of_no_use_and_nothing_else() {
        let (_folder, state) = state().await;
        let message =
            NewMessage { key: "m".into(), channel: "c".into(), kind: "k".into(), payload: "{}".into() };
        state.outbox().enqueue(&message, at(0)).await.unwrap();
        let run = state.runs().start("folder", at(0)).await.unwrap();
        let user = state.users().create("alice", "correct horse battery", Role::Admin, &admin(), at(0)).await;
        let user = user.unwrap().id;
        state.sessions().create(user, None, None, &SessionPolicy::default(), at(0)).await.unwrap();
        state.throttle().admit("alice", None, at(0)).await.unwrap();

        let keep = Retention::default();
        assert_eq!(state.maintain(at(60), &keep).await.unwrap(), Maintained::default());
        let done = state.maintain(at(86_400), &keep).await.unwrap();
        assert_eq!(
            done,
            Maintained { sessions: 1, throttles: 1, interrupted_runs: 1, ..Maintained::default() }
        );
        assert_eq!(state.runs().get(run).await.unwrap().unwrap().state, RunState::Interrupted);
        assert_eq!(state.outbox().counts().await.unwrap().pending, 1, "an unsent message stays");
    }

    #[tokio::test]
    async fn a_closed_state_says_so() {
        let (_folder, state) = state().await;
        state.close().await;
        let error = state.clone().meta().get("key").await.unwrap_err();
        assert!(error.to_string().starts_with("cannot read a setting in "), "{error}");
    }
}
