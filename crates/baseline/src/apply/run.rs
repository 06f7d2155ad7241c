//! Doing the steps.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use serde_json::Value;

use super::effect::{Call, Effect, Kind};
use super::journal::{Entry, Journal, JournalError};
use super::world::{Patience, World};
use super::{Clients, Outcome, StepResult, Watcher, effects};
use crate::inventory::GLOBAL;
use crate::plan::{Plan, PlannedCall, RUN, Step};
use crate::value::Json;

/// Does the steps of a plan, in order. A step whose needs failed is skipped; the others go on.
///
/// # Errors
/// [`JournalError`] when the journal cannot be written: nothing more is done then, as it could not be
/// taken back.
pub async fn apply(
    plan: &Plan,
    clients: &Clients,
    journal: &mut Journal,
    patience: Patience,
    watcher: &dyn Watcher,
) -> Result<Vec<StepResult>, JournalError> {
    let mut runner = Runner { clients, journal, patience, outputs: BTreeMap::new(), failed: BTreeSet::new() };
    let mut results = Vec::new();
    for step in &plan.steps {
        let outcome = if watcher.should_stop() {
            Outcome::Skipped { reason: "stopped".to_owned() }
        } else if let Some(need) = step.needs.iter().find(|need| runner.failed.contains(*need)) {
            Outcome::Skipped { reason: format!("it needs {need}, which was not done") }
        } else {
            watcher.begins(step);
            runner.step(step).await?
        };
        if matches!(outcome, Outcome::Failed { .. } | Outcome::Skipped { .. }) {
            runner.failed.insert(step.id.clone());
        }
        let result = StepResult { step: step.id.clone(), title: step.title.clone(), outcome };
        runner.journal.write(&Entry::Step { at: Utc::now(), result: result.clone() })?;
        watcher.ended(&result);
        results.push(result);
    }
    Ok(results)
}

struct Runner<'a> {
    clients: &'a Clients,
    journal: &'a mut Journal,
    patience: Patience,
    /// What the calls of each step gave.
    outputs: BTreeMap<String, Vec<Value>>,
    failed: BTreeSet<String>,
}

/// What came of a call.
enum Made {
    Now,
    Before,
    Not(String),
}

impl Runner<'_> {
    async fn step(&mut self, step: &Step) -> Result<Outcome, JournalError> {
        let failed =
            |operation: &str, reason: String| Outcome::Failed { operation: operation.to_owned(), reason };
        let mut made = 0;
        for (index, call) in step.calls.iter().enumerate() {
            match self.call(step, index, call).await? {
                Made::Now => made += 1,
                Made::Before => {}
                Made::Not(reason) => return Ok(failed(&call.operation, reason)),
            }
        }
        Ok(if made == 0 { Outcome::AlreadyThere } else { Outcome::Done })
    }

    async fn call(&mut self, step: &Step, index: usize, planned: &PlannedCall) -> Result<Made, JournalError> {
        let Some(effect) = effects::find(&planned.operation) else {
            return Ok(Made::Not(format!("{} is no call that this version makes", planned.operation)));
        };
        let Some(client) = self.clients.get(&step.account) else {
            return Ok(Made::Not(format!("account {} was not entered", step.account)));
        };
        let input = match self.filled_in(&planned.input) {
            Ok(input) => input,
            Err(reason) => return Ok(Made::Not(reason)),
        };
        let run = self.journal.id().to_string();
        let world = World { client, region: asked_in(client, &planned.region), patience: self.patience };
        let call = Call { input: &input, output: None, run: &run };
        let former = match world.read(&effect.read, &call).await {
            Ok(former) => former,
            Err(error) => return Ok(Made::Not(format!("what is there cannot be read: {error}"))),
        };
        if let Some(state) = &former
            && let Some(refusal) = taken(effect, &call, state)
        {
            return match refusal {
                Ok(()) => {
                    let state = state.clone();
                    self.outputs.entry(step.id.clone()).or_default().push(state.clone());
                    self.journal.write(&Entry::There { step: step.id.clone(), call: index, state })?;
                    Ok(Made::Before)
                }
                Err(reason) => Ok(Made::Not(reason)),
            };
        }
        self.journal.write(&Entry::Before {
            step: step.id.clone(),
            call: index,
            account: step.account.clone(),
            region: planned.region.clone(),
            operation: planned.operation.clone(),
            input: input.clone(),
            former: former.unwrap_or_default(),
        })?;
        self.make(step, index, effect, &world, &input, &run).await
    }

    async fn make(
        &mut self,
        step: &Step,
        index: usize,
        effect: &Effect,
        world: &World<'_>,
        input: &Value,
        run: &str,
    ) -> Result<Made, JournalError> {
        let after = |output, refused| Entry::After { step: step.id.clone(), call: index, output, refused };
        let output = match world.make(effect, input).await {
            Ok(output) => output,
            Err(error) => {
                // Only an answer of AWS says that nothing was done.
                let is_told = error.status().is_some_and(|status| (400..500).contains(&status));
                if is_told {
                    self.journal.write(&after(None, Some(error.to_string())))?;
                }
                return Ok(Made::Not(error.to_string()));
            }
        };
        self.journal.write(&after(Some(output.clone()), None))?;
        self.outputs.entry(step.id.clone()).or_default().push(output.clone());
        if let Some(reason) = (effect.refused)(&output) {
            return Ok(Made::Not(reason));
        }
        let call = Call { input, output: Some(&output), run };
        Ok(match world.holds(effect, &call).await {
            Ok(true) => Made::Now,
            Ok(false) => Made::Not("it was answered, and reading back gives something else".to_owned()),
            Err(error) => Made::Not(format!("it was answered, and cannot be read back: {error}")),
        })
    }

    /// The input with the run's id and what earlier steps gave.
    fn filled_in(&self, input: &Value) -> Result<Value, String> {
        Ok(match input {
            Value::String(text) => Value::String(self.filled_in_text(text)?),
            Value::Array(items) => items.iter().map(|item| self.filled_in(item)).collect::<Result<_, _>>()?,
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| Ok((name.clone(), self.filled_in(value)?)))
                .collect::<Result<_, String>>()?,
            other => other.clone(),
        })
    }

    fn filled_in_text(&self, text: &str) -> Result<String, String> {
        let mut text = text.replace(RUN, self.journal.id().as_str());
        for (step, outputs) in &self.outputs {
            let open = format!("${{{step}:");
            while let Some(start) = text.find(&open) {
                let rest = &text[start + open.len()..];
                let Some(end) = rest.find('}') else { break };
                let path = &rest[..end];
                let found = outputs.iter().find_map(|output| output.text(path));
                let found = found.ok_or_else(|| format!("{step} gave no {path}"))?.to_owned();
                text.replace_range(start..start + open.len() + end + 1, &found);
            }
        }
        // Policies know ${aws:…}; references of ours begin with an account.
        match text.find("${").map(|start| &text[start + 2..]) {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                Err("a step that this one needs has not been done".to_owned())
            }
            _ => Ok(text),
        }
    }
}

/// Whether what is there makes the call needless (`Ok`) or impossible (`Err`).
fn taken(effect: &Effect, call: &Call<'_>, state: &Value) -> Option<Result<(), String>> {
    match effect.kind {
        Kind::Makes { adopts: true, .. } if (effect.holds)(call, Some(state)) => Some(Ok(())),
        Kind::Makes { .. } => Some(Err(format!(
            "{} is there already, and was not when the plan was made; run apply again for a new plan",
            (effect.subject)(call.input)
        ))),
        Kind::Sets { .. } => (effect.holds)(call, Some(state)).then_some(Ok(())),
    }
}

/// Global services are asked in the home Region of the client, which finds their own.
pub(super) fn asked_in<'a>(client: &'a trailkeep_aws::api::Client, region: &'a str) -> &'a str {
    if region == GLOBAL { client.home_region() } else { region }
}
