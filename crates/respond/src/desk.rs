//! [`Desk`]: keeps what `incident` and `route` decide.
//!
//! Each step looks at the board of incidents, decides, and commits incidents, messages and what was
//! told in one transaction, for that board only. Another process that was faster makes it look
//! again. Killed anywhere, it leaves a state from which the next step decides the same.

mod cache;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Mutex, Notify};
use trailkeep_state::{
    Actor, Commit, Incident, IncidentChange, NewAuditEntry, NewMessage, NewSilence, SentRecord, State,
    StateError, Ticket, TimelineEntry, TimelineKind,
};
use url::Url;

use self::cache::Cache;
use crate::config::RespondConfig;
use crate::incident::{Act, ActError, Signal, act, fold, resolve_quiet};
use crate::route::{Action, Held, Matcher, Notification, Plan, plan};
use crate::text::subject;

/// How often another process may be faster before it is called an error.
const TRIES: usize = 20;
/// The longest that nobody looks at the board.
const LOOK: Duration = Duration::from_secs(60);
/// Resolved incidents stay on the board for at least so long.
const LATELY: TimeDelta = TimeDelta::days(1);

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The state.
    #[error(transparent)]
    State(#[from] StateError),
    /// The act makes no sense for the incident as it is.
    #[error(transparent)]
    Act(#[from] ActError),
    /// There is no such incident.
    #[error("there is no incident '{id}'")]
    NotFound {
        /// Its id.
        id: String,
    },
    /// A silence without a condition.
    #[error("it would silence everything; say what it is about")]
    SilencesAll,
    /// A ticket that cannot be linked, and why.
    #[error("the ticket cannot be linked: {0}")]
    Ticket(&'static str),
    /// Other processes are always faster.
    #[error("other processes keep changing the incidents; try again")]
    Busy,
    /// A message that cannot be written. It is a fault of the program.
    #[error("a message could not be written: {0}")]
    Write(String),
}

/// What a step did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Incidents that are new or changed, as they are now.
    pub incidents: Vec<Incident>,
    /// Messages that were enqueued.
    pub messages: usize,
    /// What is held, and by what.
    pub held: Vec<Held>,
    /// When to look again, if nothing happens before.
    pub next_due: Option<DateTime<Utc>>,
}

/// Where signals become incidents, and incidents messages. Share one per process.
#[derive(Debug)]
pub struct Desk {
    state: State,
    config: Arc<RespondConfig>,
    cache: Mutex<Option<Cache>>,
    wake: Notify,
}

/// What a step adds to the plan.
#[derive(Default)]
struct Draft {
    changes: Vec<IncidentChange>,
    audit: Vec<NewAuditEntry>,
}

impl Desk {
    /// A desk.
    #[must_use]
    pub fn new(state: State, config: Arc<RespondConfig>) -> Self {
        Self { state, config, cache: Mutex::new(None), wake: Notify::new() }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Arc<RespondConfig> {
        &self.config
    }

    /// Brings signals into incidents, and enqueues what is to be told now. Signals that were taken
    /// before change nothing.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub async fn take(&self, signals: &[Signal], now: DateTime<Utc>) -> Result<Step, DeskError> {
        let grouping = &self.config.grouping;
        let step = self
            .step(now, signals, |cache, new| {
                Ok(Draft { changes: fold(cache.incidents(), new, grouping, now), ..Draft::default() })
            })
            .await?;
        self.wake.notify_one();
        Ok(step)
    }

    /// Enqueues what is to be told now, and resolves what has been quiet for long.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub async fn tick(&self, now: DateTime<Utc>) -> Result<Step, DeskError> {
        let quiet = self.config.resolve_quiet;
        self.step(now, &[], |cache, _| {
            let changes = quiet.map(|quiet| resolve_quiet(cache.incidents(), quiet, now)).unwrap_or_default();
            Ok(Draft { changes, ..Draft::default() })
        })
        .await
    }

    /// Does what a person does with an incident; gives the incident as it is then.
    ///
    /// # Errors
    /// When there is no such incident, it makes no sense, or the state cannot be written.
    pub async fn act(
        &self,
        id: &str,
        what: &Act,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Incident, DeskError> {
        // One that was resolved long ago is not on the board.
        let stored = self.state.incidents().get(id).await?.map(|detail| detail.incident);
        let stored = stored.ok_or_else(|| DeskError::NotFound { id: id.to_owned() })?;
        let step = self
            .step(now, &[], |cache, _| {
                let present = cache.get(id).unwrap_or(&stored);
                let Some((change, audit)) = act(present, what, actor, now)? else {
                    return Ok(Draft::default());
                };
                Ok(Draft { changes: vec![change], audit: vec![audit] })
            })
            .await?;
        self.wake.notify_one();
        Ok(step.incidents.into_iter().find(|incident| incident.id == id).unwrap_or(stored))
    }

    /// Adds an entry to an incident's timeline: what a playbook did.
    ///
    /// # Errors
    /// When there is no such incident, or the state cannot be written.
    pub async fn note_response(&self, id: &str, text: &str, now: DateTime<Utc>) -> Result<(), DeskError> {
        self.note(id, "system", TimelineKind::Response, text, now).await
    }

    async fn note(
        &self,
        id: &str,
        by: &str,
        kind: TimelineKind,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DeskError> {
        let stored = self.state.incidents().get(id).await?.map(|detail| detail.incident);
        let stored = stored.ok_or_else(|| DeskError::NotFound { id: id.to_owned() })?;
        self.step(now, &[], |cache, _| {
            let incident = cache.get(id).unwrap_or(&stored).clone();
            let timeline = vec![TimelineEntry::new(now, by, kind, text)];
            let change = IncidentChange { incident, timeline, signals: Vec::new() };
            Ok(Draft { changes: vec![change], audit: Vec::new() })
        })
        .await?;
        Ok(())
    }

    /// Makes a silence; gives its number.
    ///
    /// # Errors
    /// When it would silence everything, ends before it begins, or the state cannot be written.
    pub async fn silence(
        &self,
        matcher: &Matcher,
        comment: &str,
        starts_at: DateTime<Utc>,
        ends_at: DateTime<Utc>,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<i64, DeskError> {
        if matcher.is_empty() {
            return Err(DeskError::SilencesAll);
        }
        let matcher = serde_json::to_string(matcher).map_err(|error| DeskError::Write(error.to_string()))?;
        let new = NewSilence { matcher, comment: comment.to_owned(), starts_at, ends_at };
        let id = self.state.incidents().silence(&new, actor, now).await?;
        self.wake.notify_one();
        Ok(id)
    }

    /// Ends a silence now.
    ///
    /// # Errors
    /// When it has ended, or the state cannot be written.
    pub async fn end_silence(&self, id: i64, actor: &Actor, now: DateTime<Utc>) -> Result<(), DeskError> {
        self.state.incidents().end_silence(id, actor, now).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Links an incident to a ticket that a person knows of: its name or address.
    ///
    /// # Errors
    /// When there is no such incident, the name is empty, the address is none of the web, or the state
    /// cannot be written.
    pub async fn link(
        &self,
        id: &str,
        reference: &str,
        url: Option<&str>,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), DeskError> {
        if self.state.incidents().get(id).await?.is_none() {
            return Err(DeskError::NotFound { id: id.to_owned() });
        }
        if reference.trim().is_empty() {
            return Err(DeskError::Ticket("it has no name; write what it is called there, such as SEC-17"));
        }
        // Whoever presses the link trusts this console.
        let is_web = |url: &&str| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
        if url.is_some_and(|url| !is_web(&url)) {
            return Err(DeskError::Ticket("its address is no address of the web; write https://…"));
        }
        let ticket = Ticket {
            channel: String::new(),
            thread: id.to_owned(),
            reference: reference.to_owned(),
            url: url.map(str::to_owned),
            at: now,
        };
        let detail = serde_json::json!({ "reference": reference, "url": url });
        let audit = NewAuditEntry::new(actor, "incident.link", format!("incident:{id}"), detail);
        self.state.incidents().keep_ticket(&ticket, Some(&audit), now).await?;
        self.note(id, &actor.name, TimelineKind::Ticket, &format!("linked to {reference}"), now).await
    }

    /// Plans whenever something is due, until `shutdown` is ready.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let now = Utc::now();
            let pause = match self.tick(now).await {
                Ok(step) => step
                    .next_due
                    .map_or(LOOK, |due| (due - now).to_std().unwrap_or(Duration::from_millis(10)).min(LOOK)),
                Err(error) => {
                    tracing::warn!(%error, "incidents not planned; it is tried again");
                    Duration::from_secs(1)
                }
            };
            tokio::select! {
                () = &mut shutdown => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Looks, decides, commits; again when another process was faster.
    async fn step(
        &self,
        now: DateTime<Utc>,
        signals: &[Signal],
        decide: impl Fn(&Cache, &[Signal]) -> Result<Draft, DeskError>,
    ) -> Result<Step, DeskError> {
        let mut slot = self.cache.lock().await;
        for _ in 0..TRIES {
            // Taken out: one that fails half-way is read again.
            let mut cache = self.fresh(slot.take(), now).await?;
            // Read after the board: whoever takes one of them meanwhile changes the board.
            let new = self.unknown(signals).await?;
            let draft = match decide(&cache, &new) {
                Ok(draft) => draft,
                Err(error) => {
                    *slot = Some(cache);
                    return Err(error);
                }
            };
            for change in &draft.changes {
                cache.put(change.incident.clone());
            }
            let plan = plan(&self.config.routing, &cache.look(now));
            let commit = commit(&cache, &draft, &plan, now)?;
            if let Some(generation) = self.state.incidents().commit(&commit, now).await? {
                cache.keep(&commit, generation);
                *slot = Some(cache);
                return Ok(Step {
                    incidents: draft.changes.into_iter().map(|change| change.incident).collect(),
                    messages: commit.messages.len(),
                    held: plan.held,
                    next_due: plan.next_due,
                });
            }
        }
        Err(DeskError::Busy)
    }

    /// Signals that are part of no incident yet.
    async fn unknown(&self, signals: &[Signal]) -> Result<Vec<Signal>, DeskError> {
        if signals.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<&str> = signals.iter().map(|signal| signal.id.as_str()).collect();
        let known = self.state.incidents().known_signals(&ids).await?;
        Ok(signals.iter().filter(|signal| !known.contains(&signal.id)).cloned().collect())
    }

    async fn fresh(&self, cache: Option<Cache>, now: DateTime<Utc>) -> Result<Cache, DeskError> {
        if let Some(cache) = cache
            && !cache.is_old(now)
            && cache.generation() == self.state.incidents().generation().await?
        {
            return Ok(cache);
        }
        let lately = self.config.grouping.window.max(LATELY);
        let rates = self.config.routing.channels.values().map(|policy| policy.rate.per);
        let longest = rates.max().unwrap_or_default().max(TimeDelta::minutes(1));
        let board = self.state.incidents().board(now - lately, now - longest, now).await?;
        Ok(Cache::new(board, &self.config.silences, longest, now))
    }
}

fn commit(cache: &Cache, draft: &Draft, plan: &Plan, now: DateTime<Utc>) -> Result<Commit, DeskError> {
    let mut messages = Vec::with_capacity(plan.notifications.len());
    let mut sent = Vec::with_capacity(plan.notifications.len());
    for message in &plan.notifications {
        let payload = serde_json::to_string(message).map_err(|error| DeskError::Write(error.to_string()))?;
        messages.push(NewMessage {
            key: message.key.clone(),
            channel: message.channel.clone(),
            kind: Notification::KIND.to_owned(),
            payload,
        });
        sent.push(SentRecord {
            key: message.key.clone(),
            channel: message.channel.clone(),
            thread: message.thread.clone(),
            action: message.action.as_str().to_owned(),
            subject: subject(message),
            urgent: message.urgent,
            incidents: message.total,
            at: now,
        });
    }
    let mut timeline = Vec::new();
    for told in &plan.told {
        let message = plan.notifications.iter().find(|message| message.thread == told.thread);
        let Some(message) = message.filter(|message| message.action != Action::Record) else { continue };
        let (kind, text) = match message.action {
            Action::Escalate => (
                TimelineKind::Escalated,
                format!("nobody is on it; told {} (step {})", told.channel, told.step),
            ),
            action => (TimelineKind::Notified, format!("told {} ({})", told.channel, action.as_str())),
        };
        timeline.push((told.incident.clone(), TimelineEntry::new(now, "system", kind, text)));
    }
    Ok(Commit {
        generation: cache.generation(),
        incidents: draft.changes.clone(),
        timeline,
        told: plan.told.clone(),
        threads: plan.threads.clone(),
        sent,
        messages,
        audit: draft.audit.clone(),
    })
}
