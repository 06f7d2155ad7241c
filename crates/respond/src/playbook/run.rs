//! Making a repair, taking it back, and going on after a crash.
//!
//! ```text
//!   claim ─► read ─► as the event made it? ─no─► skipped
//!                          │ yes
//!                          ▼
//!           journal before and after (durable) ─► for each call: journal ─► call ─► journal
//!                                                        └─► read back: as it was? ─► done · failed
//! ```
//!
//! Killed at any moment, a response is claimed by the next process once its lease is over. It reads again:
//! what is as it is to be is done; what is in one of the two states, part by part, is gone on with, as the
//! calls follow from where things are; anything else is somebody else's change, and is told.

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use trailkeep_state::{Actor, Response, ResponseFilter, ResponseId, ResponseStatus};

use super::engine::{Playbooks, RespondError, repair_of};
use super::facet::{Change, Facet};
use super::facets;
use super::plan::{Remedy, Repair};
use super::state::Parts;
use super::world::World;

use ResponseStatus::{Approved, Done, Failed, Running, Skipped, Undoing, Undone};

/// Why a response is skipped whose change another one has changed again.
const MOVED_ON: &str = "it has moved on: it is no longer as the event made it";

/// A response in hand.
struct Work {
    row: Response,
    repair: Repair,
    facet: &'static Facet,
    subject: String,
    world: World,
}

/// How a way from one state to another ended.
enum Way {
    /// It is so, and was seen to be.
    Arrived,
    /// Something refused, or is not as it is to be.
    Stuck(String),
}

impl Playbooks {
    /// Makes an approved repair, or goes on with one.
    pub(super) async fn run(&self, id: ResponseId, actor: &Actor) -> Result<Response, RespondError> {
        let done = self.run_from(id, &[Approved, Running], actor).await?;
        if done.status == Done {
            self.run_those_before(&done, actor).await?;
        }
        self.get(id).await
    }

    async fn run_from(
        &self,
        id: ResponseId,
        from: &[ResponseStatus],
        actor: &Actor,
    ) -> Result<Response, RespondError> {
        let Some(work) = self.take(id, from, Running, actor).await? else {
            return self.get(id).await;
        };
        let (status, reason) = match work {
            Err(reason) => (Failed, Some(reason)),
            Ok(work) => self.put_back(&work).await?,
        };
        self.end(id, status, reason.as_deref()).await
    }

    /// Of two changes of one thing that come late, the first has moved on when it is looked at, and the second
    /// is put back to what the first made. Then it is the first one's turn, and that of those before it.
    async fn run_those_before(&self, done: &Response, actor: &Actor) -> Result<(), RespondError> {
        const MOST: usize = 200;
        let filter = ResponseFilter {
            statuses: vec![Skipped],
            playbook: Some(done.playbook.clone()),
            account_id: Some(done.account_id.clone()),
            ..ResponseFilter::default()
        };
        let mut before = self.inner.state.responses().list(&filter, MOST, None).await?;
        before.retain(|row| {
            row.reason.as_deref() == Some(MOVED_ON)
                && (&row.region, &row.resource) == (&done.region, &done.resource)
                && row.event_time <= done.event_time
                && row.id != done.id
        });
        before.sort_by_key(|row| std::cmp::Reverse((row.event_time, row.id)));
        for row in before {
            self.run_from(row.id, &[Skipped], actor).await?;
        }
        Ok(())
    }

    /// Takes a repair back: what the event made is there again. Returns the response as it is then.
    ///
    /// # Errors
    /// When it was not made, somebody works on it, or the state database fails. That things have moved on is
    /// no error: the response stays done, and says so.
    pub async fn undo(&self, id: ResponseId, actor: &Actor) -> Result<Response, RespondError> {
        let row = self.get(id).await?;
        if !matches!(row.status, Done | Failed) || row.before.is_none() {
            let why = "only what was done can be taken back; list the responses to see how far it is";
            return Err(RespondError::NotNow { id, status: row.status.as_str(), why });
        }
        self.take_back(id, row.status, &[Done, Failed], actor).await
    }

    pub(super) async fn go_on_undoing(&self, id: ResponseId) -> Result<Response, RespondError> {
        self.take_back(id, Done, &[Undoing], &Actor::system()).await
    }

    /// `was` is what it is again where nothing can be taken back.
    async fn take_back(
        &self,
        id: ResponseId,
        was: ResponseStatus,
        from: &[ResponseStatus],
        actor: &Actor,
    ) -> Result<Response, RespondError> {
        let Some(work) = self.take(id, from, Undoing, actor).await? else { return self.get(id).await };
        let (status, reason) = match work {
            Err(reason) => (was, Some(format!("not taken back: {reason}"))),
            Ok(work) => self.make_again(&work, was).await?,
        };
        self.end(id, status, reason.as_deref()).await
    }

    /// Claims a response. The inner error is why it can never be worked on.
    async fn take(
        &self,
        id: ResponseId,
        from: &[ResponseStatus],
        to: ResponseStatus,
        actor: &Actor,
    ) -> Result<Option<Result<Work, String>>, RespondError> {
        let responses = self.inner.state.responses();
        let lease = self.inner.timing.lease;
        let Some(row) = responses.claim(id, from, to, lease, actor, self.now()).await? else {
            return Ok(None);
        };
        Ok(Some(self.work(row)))
    }

    fn work(&self, row: Response) -> Result<Work, String> {
        let repair = repair_of(&row).ok_or("its plan is of another version of Trailkeep; do it by hand")?;
        let Remedy::PutBack { facet, subject, .. } = &repair.remedy else {
            return Err("there is nothing that could be done by calls".to_owned());
        };
        let (subject, facet) = (
            subject.clone(),
            facets::find(facet).ok_or("its plan is of another version of Trailkeep; do it by hand")?,
        );
        let world = self.world(&repair.account, &repair.region).ok_or_else(|| {
            format!("there is no role for account {}; configure one and approve it again", repair.account)
        })?;
        Ok(Work { row, repair, facet, subject, world })
    }

    async fn put_back(&self, work: &Work) -> Result<(ResponseStatus, Option<String>), RespondError> {
        let Remedy::PutBack { made, before, .. } = &work.repair.remedy else { return Ok((Failed, None)) };
        let now = match work.world.read(work.facet, &work.subject).await {
            Ok((_, state)) => state,
            Err(error) => return Ok((Failed, Some(format!("what is there cannot be read: {error}")))),
        };
        let from = match states(&work.row) {
            // Somebody began it and died.
            Some((from, _)) if !work.facet.is_on_the_way(&now, &from, before) => {
                let reason = "it was begun, and meanwhile somebody changed it again; look at it";
                return Ok((Failed, Some(reason.to_owned())));
            }
            Some((from, _)) => from,
            None if !work.facet.is_exactly(&now, made) => {
                let reason = match work.facet.is_as(&now, before) {
                    true => "it is as it was before already",
                    false => MOVED_ON,
                };
                self.note(work, "moved on", &json!({"is": work.facet.project(&now, made)}), None).await?;
                return Ok((Skipped, Some(reason.to_owned())));
            }
            None => {
                let from = Facet::completed(&work.facet.project(&now, made), made);
                let responses = self.inner.state.responses();
                responses.begin(work.row.id, &json!(from), &json!(before), self.now()).await?;
                self.note(work, "found", &json!({"is": from, "is to be": before}), None).await?;
                from
            }
        };
        Ok(match self.go(work, &now, before, &from).await? {
            Way::Arrived => (Done, None),
            Way::Stuck(reason) => (Failed, Some(reason)),
        })
    }

    async fn make_again(
        &self,
        work: &Work,
        was: ResponseStatus,
    ) -> Result<(ResponseStatus, Option<String>), RespondError> {
        let Some((from, to)) = states(&work.row) else { return Ok((Failed, None)) };
        let now = match work.world.read(work.facet, &work.subject).await {
            Ok((_, state)) => state,
            Err(error) => return Ok((was, Some(format!("not taken back: it cannot be read: {error}")))),
        };
        if !work.facet.is_on_the_way(&now, &from, &to) {
            let reason = "not taken back: it has moved on, and is no longer as it was put back";
            self.note(work, "moved on", &json!({"is": work.facet.project(&now, &to)}), None).await?;
            return Ok((was, Some(reason.to_owned())));
        }
        self.note(work, "undo", &json!({"is": work.facet.project(&now, &to), "is to be": from}), None)
            .await?;
        Ok(match self.go(work, &now, &from, &to).await? {
            Way::Arrived => (Undone, None),
            Way::Stuck(reason) => (Failed, Some(format!("not taken back: {reason}"))),
        })
    }

    /// Makes the calls from what is there to what is to be, and reads it back.
    async fn go(&self, work: &Work, now: &Parts, to: &Parts, other: &Parts) -> Result<Way, RespondError> {
        let mut from = work.facet.project(now, to);
        // Of a part that is already as it is to be, nothing is left to do, whatever its id is.
        for (name, wanted) in to {
            let part = [(name.clone(), wanted.clone())].into_iter().collect();
            if work.facet.is_as(now, &part) {
                from.insert(name.clone(), wanted.clone());
            }
        }
        for name in other.keys().filter(|name| !to.contains_key(*name)) {
            tracing::warn!(part = name, "a part has no state to go to");
        }
        let change = Change { subject: &work.subject, account: &work.repair.account, from: &from, to };
        for call in (work.facet.calls)(&change) {
            let allowed = work.facet.writes.iter().any(|known| std::ptr::eq(*known, call.operation));
            if !allowed {
                return Ok(Way::Stuck(format!("{} is no call of this playbook", call.operation.key())));
            }
            let body = json!({"operation": call.operation.key(), "input": call.input});
            self.note(work, "call", &body, None).await?;
            match work.world.make(&call).await {
                Ok((output, id)) => self.note(work, "answer", &output, id.as_deref()).await?,
                Err(error) if work.facet.already.contains(&error.code()) => {
                    self.note(work, "answer", &json!({"already": error.code()}), None).await?;
                }
                Err(error) => {
                    let reason = error.to_string();
                    self.note(work, "refused", &json!({"error": reason}), None).await?;
                    return Ok(Way::Stuck(reason));
                }
            }
        }
        self.read_back(work, to).await
    }

    /// Reads until it is as it is to be: what AWS has just been told, it may not say at once.
    async fn read_back(&self, work: &Work, to: &Parts) -> Result<Way, RespondError> {
        let until = Instant::now() + self.inner.timing.patience;
        loop {
            let read = work.world.read(work.facet, &work.subject).await;
            if let Ok((output, state)) = &read
                && work.facet.is_as(state, to)
            {
                self.note(work, "read back", &json!({"is": work.facet.project(state, to)}), None).await?;
                let place = (work.repair.account.as_str(), work.repair.region.as_str());
                let memory = &self.inner.memory;
                memory.learn_output(place, work.facet, &work.subject, output, self.now()).await?;
                return Ok(Way::Arrived);
            }
            if Instant::now() >= until {
                return Ok(Way::Stuck(match read {
                    Ok((_, state)) => {
                        self.note(work, "read back", &json!({"is": work.facet.project(&state, to)}), None)
                            .await?;
                        "it was answered, and reading back gives something else".to_owned()
                    }
                    Err(error) => format!("it was answered, and cannot be read back: {error}"),
                }));
            }
            sleep(self.inner.timing.wait).await;
        }
    }

    async fn end(
        &self,
        id: ResponseId,
        status: ResponseStatus,
        reason: Option<&str>,
    ) -> Result<Response, RespondError> {
        self.inner.state.responses().finish(id, status, reason, self.now()).await?;
        tracing::info!(response = id.0, status = status.as_str(), reason, "response ended");
        self.get(id).await
    }

    async fn note(
        &self,
        work: &Work,
        step: &str,
        body: &Value,
        request_id: Option<&str>,
    ) -> Result<(), RespondError> {
        let responses = self.inner.state.responses();
        let lease = self.inner.timing.lease;
        Ok(responses.note(work.row.id, step, body, request_id, lease, self.now()).await?)
    }
}

/// The states before and after that were noted when it was begun.
fn states(row: &Response) -> Option<(Parts, Parts)> {
    let parts = |value: &Option<Value>| value.as_ref()?.as_object().cloned();
    Some((parts(&row.before)?, parts(&row.after)?))
}
