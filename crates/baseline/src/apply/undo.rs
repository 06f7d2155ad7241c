//! Taking a run back, from its end to its beginning.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::Utc;
use serde_json::Value;

use super::effect::{Call, Effect, Kind, Undo};
use super::journal::{Entry, Journal, JournalError};
use super::run::asked_in;
use super::world::{Patience, World};
use super::{Clients, Fate, Undone, Watcher, effects};
use crate::plan::Plan;

/// Takes back what the journal of the run says that it did.
///
/// # Errors
/// [`JournalError`] when there is no such run, or its journal cannot be read or written.
pub async fn undo(
    folder: &Path,
    run: &str,
    clients: &Clients,
    patience: Patience,
    watcher: &dyn Watcher,
) -> Result<Vec<Undone>, JournalError> {
    let (mut journal, entries) = Journal::resume(folder, run)?;
    let deeds = Deed::of(&entries);
    let plan = entries.iter().find_map(|entry| match entry {
        Entry::Run { plan, .. } => Some(plan),
        _ => None,
    });
    let mut undoer = Undoer { clients, run, patience, plan, kept: BTreeSet::new() };
    let made: BTreeSet<(&str, &str, String)> = deeds.iter().filter_map(Deed::makes).collect();
    let mut all = Vec::new();
    for deed in deeds.iter().rev() {
        if watcher.should_stop() {
            break;
        }
        let Some(effect) = effects::find(deed.operation) else { continue };
        let subject = (effect.subject)(deed.input, deed.output);
        // Settings of what the run made go with it, and stay while it does.
        if matches!(effect.kind, Kind::Sets { .. })
            && made.contains(&(deed.account, deed.region, subject.clone()))
        {
            continue;
        }
        let fate = undoer.take_back(deed, effect).await;
        if matches!(fate, Fate::Kept { .. } | Fate::Failed { .. }) {
            undoer.keep(deed.step);
        }
        let undone = Undone { step: deed.step.to_owned(), subject, fate };
        journal.write(&Entry::Undone { at: Utc::now(), undone: undone.clone() })?;
        watcher.undone(&undone);
        all.push(undone);
    }
    Ok(all)
}

/// A call that was made, or may have been.
struct Deed<'a> {
    step: &'a str,
    account: &'a str,
    region: &'a str,
    operation: &'a str,
    input: &'a Value,
    former: Option<&'a Value>,
    output: Option<&'a Value>,
}

impl<'a> Deed<'a> {
    fn of(entries: &'a [Entry]) -> Vec<Self> {
        let mut answers: BTreeMap<(&str, usize), (Option<&Value>, bool)> = BTreeMap::new();
        for entry in entries {
            if let Entry::After { step, call, output, refused } = entry {
                answers.insert((step, *call), (output.as_ref(), refused.is_some()));
            }
        }
        let deed = |entry: &'a Entry| {
            let Entry::Before { step, call, account, region, operation, input, former } = entry else {
                return None;
            };
            // Without an answer it is not known whether it was done: the state will tell.
            let (output, refused) = answers.get(&(step.as_str(), *call)).copied().unwrap_or((None, false));
            let former = (!former.is_null()).then_some(former);
            (!refused).then_some(Self { step, account, region, operation, input, former, output })
        };
        entries.iter().filter_map(deed).collect()
    }

    /// Account, Region and subject of what it made.
    fn makes(&self) -> Option<(&'a str, &'a str, String)> {
        let effect = effects::find(self.operation)?;
        let is_made = matches!(effect.kind, Kind::Makes { .. });
        is_made.then(|| (self.account, self.region, (effect.subject)(self.input, self.output)))
    }
}

struct Undoer<'a> {
    clients: &'a Clients,
    run: &'a str,
    patience: Patience,
    plan: Option<&'a Plan>,
    /// Steps whose work stays, for itself or for another's sake.
    kept: BTreeSet<String>,
}

impl Undoer<'_> {
    /// What a step made stays; so must all that it needs.
    fn keep(&mut self, step: &str) {
        let mut open = vec![step.to_owned()];
        while let Some(id) = open.pop() {
            if self.kept.insert(id.clone()) {
                let steps = self.plan.map_or(&[][..], |plan| &plan.steps);
                let needs =
                    steps.iter().filter(|step| step.id == id).flat_map(|step| step.needs.iter().cloned());
                open.extend(needs);
            }
        }
    }

    async fn take_back(&self, deed: &Deed<'_>, effect: &Effect) -> Fate {
        let failed = |reason: String| Fate::Failed { reason };
        let Some(client) = self.clients.get(deed.account) else {
            return failed(format!("account {} was not entered", deed.account));
        };
        let world = World { client, region: asked_in(client, deed.region), patience: self.patience };
        let call = Call { input: deed.input, output: deed.output, run: self.run };
        if self.kept.contains(deed.step) {
            return Fate::Kept { reason: "something that is kept needs it".to_owned() };
        }
        let state = match world.read(&effect.read, &call).await {
            Ok(state) => state,
            Err(error) => return failed(error.to_string()),
        };
        match &effect.kind {
            Kind::Makes { delete, in_use, in_use_codes, .. } => {
                let Some(state) = state else { return self.nothing(deed, effect) };
                if !(effect.holds)(&call, Some(&state)) {
                    return Fate::Kept { reason: "it is not as the run left it".to_owned() };
                }
                if let Some(read) = in_use {
                    match world.read(read, &call).await {
                        Ok(None) => {}
                        Ok(Some(_)) => return Fate::Kept { reason: "logs are in it".to_owned() },
                        Err(error) => return failed(error.to_string()),
                    }
                }
                self.make(&world, &delete(&call, &state), in_use_codes, Fate::Deleted).await
            }
            Kind::Sets { restore } => {
                if state.as_ref() == deed.former {
                    return Fate::NothingToDo;
                }
                if !(effect.holds)(&call, state.as_ref()) {
                    return Fate::Kept { reason: "somebody has changed it since".to_owned() };
                }
                self.make(&world, &restore(&call, deed.former), &[], Fate::Restored).await
            }
        }
    }

    /// It is not there; or a call was cut off and what it may have made has no name to ask by.
    fn nothing(&self, deed: &Deed<'_>, effect: &Effect) -> Fate {
        let call = Call { input: deed.input, output: deed.output, run: self.run };
        if deed.output.is_none() && (effect.read.input)(&call).is_none() {
            let said = deed.input.get("Description").and_then(Value::as_str).unwrap_or_default();
            return Fate::Kept {
                reason: format!(
                    "the run ended before AWS told what it made, if it made it; look for the description \"{said}\""
                ),
            };
        }
        Fate::NothingToDo
    }

    async fn make(&self, world: &World<'_>, calls: &[Undo], in_use: &[&str], done: Fate) -> Fate {
        for undo in calls {
            match world.take_back(undo).await {
                Ok(_) => {}
                Err(error) if in_use.contains(&error.code()) => {
                    return Fate::Kept {
                        reason: format!("something is in it or uses it ({})", error.code()),
                    };
                }
                Err(error) => return Fate::Failed { reason: error.to_string() },
            }
        }
        if calls.is_empty() { Fate::NothingToDo } else { done }
    }
}
