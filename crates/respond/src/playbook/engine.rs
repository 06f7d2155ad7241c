//! [`Playbooks`]: events in, responses out.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use trailkeep_aws::USER_AGENT;
use trailkeep_aws::api::Client;
use trailkeep_aws::api::services::sts;
use trailkeep_baseline::{Inventory, Json};
use trailkeep_state::{Actor, NewResponse, Response, ResponseId, ResponseStatus, State, StateError};

use super::config::PlaybookRule;
use super::event::Event;
use super::facet::{Context, Place};
use super::facets;
use super::guard::{Decision, History, decide};
use super::plan::{self, Remedy, Repair, playbook_for, playbooks};
use super::prior::{LEARNED, Memory, to_read};
use super::world::World;

/// Whose clients are at hand.
pub trait Accounts: Send + Sync {
    /// A client with the role of `iam-policy respond` in an account; `None` where there is none.
    fn client(&self, account: &str) -> Option<Client>;
}

impl Accounts for HashMap<String, Client> {
    fn client(&self, account: &str) -> Option<Client> {
        self.get(account).cloned()
    }
}

/// How patient it is.
#[derive(Clone)]
pub struct Timing {
    /// How long a worker has a response without writing; after it, another goes on with the work.
    pub lease: TimeDelta,
    /// The longest that a call may take, retries and all. Less than `lease`.
    pub call: Duration,
    /// Between two tries to read back what was set: AWS does not tell everybody at once.
    pub wait: Duration,
    /// How long it is tried.
    pub patience: Duration,
    /// The time.
    pub clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: TimeDelta::seconds(120),
            call: Duration::from_secs(30),
            wait: Duration::from_millis(500),
            patience: Duration::from_secs(30),
            clock: Arc::new(Utc::now),
        }
    }
}

impl fmt::Debug for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timing").field("lease", &self.lease).field("call", &self.call).finish_non_exhaustive()
    }
}

/// Why a response cannot be dealt with. What AWS refuses is no error: it is in the response.
#[derive(Debug, thiserror::Error)]
pub enum RespondError {
    /// The state database.
    #[error(transparent)]
    State(#[from] StateError),
    /// It is in no state in which this can be done.
    #[error("response {id} is {status}: {why}")]
    NotNow {
        /// The response.
        id: ResponseId,
        /// How far it is.
        status: &'static str,
        /// What can be done instead.
        why: &'static str,
    },
}

/// The playbooks at work. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Playbooks {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) state: State,
    pub(super) accounts: Box<dyn Accounts>,
    pub(super) rules: Vec<PlaybookRule>,
    pub(super) timing: Timing,
    pub(super) memory: Memory,
    /// The principal that calls are made with, by account.
    own: Mutex<HashMap<String, String>>,
}

impl fmt::Debug for Playbooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Playbooks").field("rules", &self.inner.rules).finish_non_exhaustive()
    }
}

impl Playbooks {
    /// Playbooks over a state database, with clients and the configuration (which
    /// [`check`](super::check) has found good).
    #[must_use]
    pub fn new(
        state: &State,
        accounts: impl Accounts + 'static,
        rules: Vec<PlaybookRule>,
        timing: Timing,
    ) -> Self {
        let memory = Memory::new(state);
        let own = Mutex::default();
        let (state, accounts) = (state.clone(), Box::new(accounts));
        Self { inner: Arc::new(Inner { state, accounts, rules, timing, memory, own }) }
    }

    /// Whether events of this `eventSource` and `eventName` are looked at at all: a cheap question, for streams
    /// of many.
    #[must_use]
    pub fn watches(source: &str, name: &str) -> bool {
        let is = |events: &[(&str, &str)]| events.contains(&(source, name));
        playbooks().iter().any(|playbook| is(playbook.events)) || is(&LEARNED)
    }

    /// Answers a CloudTrail record: plans, decides, keeps the responses and makes those that are made by
    /// themselves. The same record again changes nothing. Returns the responses as they are then; none where
    /// the event asks for none.
    ///
    /// # Errors
    /// When the state database fails. Nothing is lost by asking again.
    pub async fn handle(&self, record: &Value) -> Result<Vec<Response>, RespondError> {
        let Some(event) = Event::read(record) else { return Ok(Vec::new()) };
        let playbook = playbook_for(&event);
        let reads = to_read(&event, playbook);
        let mut responses = Vec::new();
        if let Some(playbook) = playbook {
            let priors = self.inner.memory.look_up(&event, playbook).await?;
            let repairs = plan::plan(&event, playbook, &priors);
            self.inner.memory.learn_event(&event, &repairs).await?;
            if !repairs.is_empty() {
                let is_own = self.is_own(&event).await?;
                for repair in repairs {
                    responses.extend(self.respond(&bounded(repair), is_own).await?);
                }
            }
        }
        self.read_again(&event.account, &event.region, reads).await?;
        Ok(responses)
    }

    /// Keeps what an inventory says of the resources, to put it back one day. Returns how many states were
    /// kept.
    ///
    /// # Errors
    /// When the state database fails.
    pub async fn learn(&self, inventory: &Inventory) -> Result<usize, RespondError> {
        Ok(self.inner.memory.learn(inventory).await?)
    }

    /// Lists what one call lists of a Region: security groups and their rules, network ACLs, flow logs, trails
    /// and alarms. What the rest was (buckets, keys, selectors, web ACLs, load balancers) an inventory knows
    /// ([`Playbooks::learn`]). Call it at the start and every few hours: reads after events do the rest. Returns
    /// what could not be listed, in words.
    ///
    /// # Errors
    /// When the state database fails.
    pub async fn survey(&self, account: &str, region: &str) -> Result<Vec<String>, RespondError> {
        let Some(world) = self.world(account, region) else {
            return Ok(vec![format!("there is no role for account {account}")]);
        };
        let mut failed = Vec::new();
        for facet in facets::all() {
            let Some(input) = facet.list else { continue };
            match world.list(facet, &input()).await {
                Ok(output) => {
                    // Seen at its end: a change that was made while it was listed may be in it already.
                    let seen_at = self.now();
                    self.inner.memory.learn_output((account, region), facet, "", &output, seen_at).await?;
                }
                Err(error) => failed.push(format!("{}: {error}", facet.read.key())),
            }
        }
        Ok(failed)
    }

    /// A person says yes; the repair is made. Returns the response as it is then.
    ///
    /// # Errors
    /// When there is nothing to say yes to, it is too late, or the state database fails.
    pub async fn approve(&self, id: ResponseId, actor: &Actor) -> Result<Response, RespondError> {
        let responses = self.inner.state.responses();
        let row = self.get(id).await?;
        if !repair_of(&row).is_some_and(|repair| repair.can_act()) {
            let why =
                "there is no repair that could be made by itself; look at what it says, and do it by hand";
            return Err(RespondError::NotNow { id, status: row.status.as_str(), why });
        }
        responses.approve(id, actor, self.now()).await?;
        self.run(id, actor).await
    }

    /// A person says no.
    ///
    /// # Errors
    /// When there is nothing to say no to, or the state database fails.
    pub async fn reject(
        &self,
        id: ResponseId,
        reason: Option<&str>,
        actor: &Actor,
    ) -> Result<Response, RespondError> {
        self.inner.state.responses().reject(id, reason, actor, self.now()).await?;
        self.get(id).await
    }

    /// Goes on with what a process that died left, and ends the waiting of what nobody decided on. Call it at
    /// the start and every few seconds. Returns the responses that changed.
    ///
    /// # Errors
    /// When the state database fails.
    pub async fn resume(&self) -> Result<Vec<Response>, RespondError> {
        let responses = self.inner.state.responses();
        let mut changed = Vec::new();
        for id in responses.expire(self.now()).await? {
            changed.push(self.get(id).await?);
        }
        for row in responses.left_over(self.now()).await? {
            let done = match row.status {
                ResponseStatus::Undoing => self.go_on_undoing(row.id).await?,
                _ => self.run(row.id, &Actor::system()).await?,
            };
            changed.push(done);
        }
        Ok(changed)
    }

    async fn respond(&self, repair: &Repair, is_own: bool) -> Result<Option<Response>, RespondError> {
        let responses = self.inner.state.responses();
        let now = self.now();
        let history = History {
            is_own,
            put_back_at: responses.put_back_at(&repair.fingerprint()).await?,
            runs_last_hour: u32::try_from(
                responses.started_since(&repair.account, now - TimeDelta::hours(1)).await?,
            )
            .unwrap_or(u32::MAX),
        };
        let context = self.context(repair).await;
        let (mode, decision) = decide(&self.inner.rules, repair, context.as_ref(), &history, now);
        let (status, reason, expires_at) = match decision {
            Decision::Ignore { reason } => {
                tracing::debug!(
                    event = repair.event_uid,
                    playbook = repair.playbook,
                    reason,
                    "change ignored"
                );
                return Ok(None);
            }
            Decision::Skip { reason } => (ResponseStatus::Skipped, Some(reason), None),
            Decision::Observe => (ResponseStatus::Observed, Some(repair.will()), None),
            Decision::Wait { expires_at, reason } => (ResponseStatus::Waiting, reason, Some(expires_at)),
            Decision::Run => (ResponseStatus::Approved, None, None),
            Decision::Escalate { reason } => (ResponseStatus::Escalated, Some(reason), None),
        };
        let new = NewResponse {
            key: repair.key(),
            playbook: repair.playbook.clone(),
            mode: mode.as_str().to_owned(),
            status,
            reason,
            fingerprint: repair.fingerprint(),
            event_uid: repair.event_uid.clone(),
            event_time: repair.event_time,
            account_id: repair.account.clone(),
            region: repair.region.clone(),
            resource: repair.resource.clone(),
            actor: repair.actor.clone(),
            changed: repair.changed.clone(),
            plan: json!(repair),
            expires_at,
        };
        let (row, is_new) = responses.open(&new, now).await?;
        if is_new && row.status == ResponseStatus::Approved {
            return Ok(Some(self.run(row.id, &Actor::system()).await?));
        }
        Ok(Some(row))
    }

    /// VPC and tags, where a rule about the playbook asks for them.
    async fn context(&self, repair: &Repair) -> Option<Context> {
        let asks = |rule: &PlaybookRule| rule.is_about(&repair.playbook) && rule.asks_context();
        if !self.inner.rules.iter().any(asks) {
            return None;
        }
        let Remedy::PutBack { facet, subject, .. } = &repair.remedy else { return None };
        let facet = facets::find(facet)?;
        let world = self.world(&repair.account, &repair.region)?;
        let partition = match repair.region.as_str() {
            name if name.starts_with("cn-") => "aws-cn",
            name if name.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let place = Place { partition, account: &repair.account, region: &repair.region, subject };
        world.context(facet, &place).await
    }

    /// Whether a change is Trailkeep's own. A user agent is anybody's to choose, so it alone says nothing: the
    /// request's id must be one that was made here, or the principal the one that calls are made with.
    async fn is_own(&self, event: &Event) -> Result<bool, StateError> {
        if !event.request_id.is_empty()
            && self.inner.state.responses().made_request(&event.request_id).await?
        {
            return Ok(true);
        }
        if !event.user_agent.trim_start_matches('[').starts_with(USER_AGENT) {
            return Ok(false);
        }
        let own = self.own_principal(&event.account, &event.region).await;
        Ok(own.is_some() && own == event.principal)
    }

    async fn own_principal(&self, account: &str, region: &str) -> Option<String> {
        let mut own = self.inner.own.lock().await;
        if let Some(known) = own.get(account) {
            return Some(known.clone());
        }
        let client = self.inner.accounts.client(account)?;
        let answer = client.call(&sts::GET_CALLER_IDENTITY, region, &json!({})).await;
        let answer =
            answer.inspect_err(|error| tracing::warn!(account, %error, "cannot tell whose calls are own"));
        let arn = answer.ok()?.text("Arn")?.to_owned();
        own.insert(account.to_owned(), arn.clone());
        Some(arn)
    }

    /// Reads what an event was about, for the next one. What cannot be read is not known: no error.
    async fn read_again(
        &self,
        account: &str,
        region: &str,
        needs: Vec<plan::Need>,
    ) -> Result<(), StateError> {
        let Some(world) = self.world(account, region) else { return Ok(()) };
        for need in needs {
            match world.read(need.facet, &need.subject).await {
                Ok((output, _)) => {
                    let place = (account, region);
                    let seen_at = self.now();
                    self.inner
                        .memory
                        .learn_output(place, need.facet, &need.subject, &output, seen_at)
                        .await?;
                }
                Err(error) => {
                    tracing::debug!(facet = need.facet.name, subject = need.subject, %error, "not read again");
                }
            }
        }
        Ok(())
    }

    pub(super) fn world(&self, account: &str, region: &str) -> Option<World> {
        let client = self.inner.accounts.client(account)?;
        Some(World { client, region: region.to_owned(), limit: self.inner.timing.call })
    }

    pub(super) async fn get(&self, id: ResponseId) -> Result<Response, RespondError> {
        let row = self.inner.state.responses().get(id).await?;
        Ok(row.ok_or_else(|| StateError::NotFound { kind: "response", id: id.to_string() })?)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.inner.timing.clock)()
    }
}

/// A repair that is too long to be kept is one that a person has to look at. (An event has 256 KiB at most; a
/// state that is put back may be longer.)
fn bounded(mut repair: Repair) -> Repair {
    const MOST: usize = 1024 * 1024;
    if json!(repair).to_string().len() > MOST {
        let reason = "what was there is longer than can be kept; look at it, and put it back by hand";
        repair.remedy = Remedy::Unknown { reason: reason.to_owned() };
    }
    repair
}

/// The repair of a response, with its calls and words; `None` where a newer program wrote one that this one
/// cannot read.
#[must_use]
pub fn repair_of(row: &Response) -> Option<Repair> {
    serde_json::from_value(row.plan.clone()).ok()
}
