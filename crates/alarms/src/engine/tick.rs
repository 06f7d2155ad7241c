//! Time moves on: evaluations, transitions, actions.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::AlarmState;
use crate::composite::{self, Child, Effect, SuppressedBy, Trigger};
use crate::definition::Alarm;
use crate::engine::history::{self, HistoryItem};
use crate::engine::{ActionRun, Engine, Origin, Reading, StateRecord, Transition, scope_of_arn};
use crate::time::floor;

/// What a tick brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tick {
    /// Changes of state, in the order in which they came about.
    pub transitions: Vec<Transition>,
    /// Actions to run now: of these changes, and of earlier ones whose actions were held back.
    pub actions: Vec<ActionRun>,
    /// For the alarms' history.
    pub history: Vec<HistoryItem>,
    /// How many metric alarms were evaluated.
    pub evaluated: usize,
}

impl Engine {
    /// Evaluates what is due. Calling it more often than needed changes nothing.
    pub fn tick(&mut self, now: DateTime<Utc>) -> Tick {
        let mut tick = Tick::default();
        let seconds = now.timestamp();
        let is_due = |live: &super::LiveAlarm| {
            matches!(live.alarm, Alarm::Metric(_)) && (live.late || live.due <= seconds)
        };
        let due = self.alarms.iter().filter(|(_, live)| is_due(live));
        let due: Vec<String> = due.map(|(key, _)| key.clone()).collect();
        for key in due {
            let Some(live) = self.alarms.get_mut(&key) else { continue };
            let Alarm::Metric(alarm) = &live.alarm else { continue };
            let reading = Reading { store: &self.store, filters: &self.filters, sources: &self.sources };
            let found = reading.evaluate(alarm, now, live.state.value);
            let cadence = i64::from(alarm.cadence());
            live.evaluated_to = Some(reading.end(alarm, now).timestamp());
            live.due = floor(seconds, cadence) + cadence;
            live.late = false;
            tick.evaluated += 1;
            if !found.basis.is_kept() {
                self.apply(&key, found.state, found.reason, found.reason_data, now, &mut tick);
            }
        }
        for key in self.order.sequence.clone() {
            self.evaluate_composite(&key, now, &mut tick);
        }
        self.suppress(now, &mut tick);
        if tick.evaluated > 0 {
            self.store.expire(now);
        }
        tick
    }

    fn evaluate_composite(&mut self, key: &str, now: DateTime<Utc>, tick: &mut Tick) {
        let Some(live) = self.alarms.get(key) else { return };
        let Alarm::Composite(alarm) = &live.alarm else { return };
        let child = |name: &str| {
            let child = self.alarms.get(&self.resolve(name, key)?)?;
            let reference = child.alarm.reference().to_owned();
            Some(Child { reference, state: child.state.value, since: child.state.transitioned })
        };
        let (state, reason, data) = composite::evaluate(&alarm.rule, key, live.trigger, child);
        if let Some(live) = self.alarms.get_mut(key) {
            live.trigger = Trigger::Child;
        }
        self.apply(key, state, reason, data, now, tick);
    }

    /// Puts an alarm into a state, and tells if that is a change.
    pub(crate) fn apply(
        &mut self,
        key: &str,
        state: AlarmState,
        reason: String,
        reason_data: Value,
        now: DateTime<Utc>,
        tick: &mut Tick,
    ) {
        let Some(live) = self.alarms.get(key).filter(|live| live.state.value != state) else { return };
        let (alarm, suppressing) = (&live.alarm, self.suppressing(key));
        let scope = alarm.arn().and_then(scope_of_arn);
        let mut configuration = alarm.to_value();
        if let Value::Object(map) = &mut configuration {
            ["OKActions", "AlarmActions", "InsufficientDataActions"]
                .iter()
                .for_each(|name| drop(map.remove(*name)));
        }
        let waits = match alarm {
            Alarm::Composite(alarm) => alarm.suppressor.as_ref().map(|by| by.wait_period > 0),
            Alarm::Metric(_) => None,
        };
        let suppressed_by = match waits {
            Some(_) if suppressing => Some(SuppressedBy::Alarm),
            Some(true) => Some(SuppressedBy::WaitPeriod),
            _ => None,
        };
        let transition = Transition {
            alarm_name: alarm.name().to_owned(),
            alarm_arn: alarm.arn().map(str::to_owned),
            alarm_type: alarm.kind().to_owned(),
            account_id: scope.map(|(_, account)| account.to_owned()),
            region: scope.map(|(region, _)| region.to_owned()),
            from: Some(live.state.value),
            to: state,
            time: now,
            reason: reason.clone(),
            reason_data: reason_data.clone(),
            actions_enabled: alarm.actions_enabled(),
            actions: alarm.actions(state).to_vec(),
            suppressed_by,
            description: alarm.description().map(str::to_owned),
            configuration,
            origin: Origin::Engine,
        };
        tick.history.push(history::state(&transition, &live.state));
        tick.transitions.push(transition);
        let Some(live) = self.alarms.get_mut(key) else { return };
        live.state = StateRecord { value: state, reason, reason_data, updated: now, transitioned: now };
        if waits.is_some() {
            // Whether and when they run is decided when all states are known.
            live.changed = true;
        } else if live.alarm.actions_enabled() {
            tick.actions.extend(run(&live.alarm, &live.state, None));
        }
    }

    /// Whether an alarm has a suppressor, and that is in `ALARM`.
    fn suppressing(&self, key: &str) -> bool {
        let suppressor = || {
            let Alarm::Composite(alarm) = &self.alarms.get(key)?.alarm else { return None };
            self.alarms.get(&self.resolve(&alarm.suppressor.as_ref()?.alarm, key)?)
        };
        suppressor().is_some_and(|live| live.state.value == AlarmState::Alarm)
    }

    /// Decides, for each alarm with a suppressor, whether its actions are held back or run.
    pub(crate) fn suppress(&mut self, now: DateTime<Utc>, tick: &mut Tick) {
        let has = |live: &super::LiveAlarm| {
            matches!(&live.alarm, Alarm::Composite(alarm) if alarm.suppressor.is_some()) || live.hold.pending
        };
        let keys = self.alarms.iter().filter(|(_, live)| has(live));
        let keys: Vec<(String, bool)> = keys.map(|(key, _)| (key.clone(), self.suppressing(key))).collect();
        for (key, suppressing) in keys {
            let Some(live) = self.alarms.get_mut(&key) else { continue };
            let Alarm::Composite(alarm) = &live.alarm else { continue };
            let changed = std::mem::take(&mut live.changed) && alarm.actions_enabled;
            let before = live.hold.suppressed_by();
            let effect = match &alarm.suppressor {
                Some(by) => {
                    let (hold, effect) = composite::step(live.hold, now, changed, suppressing, by);
                    live.hold = hold;
                    effect
                }
                // The suppressor was taken away: nothing holds any more.
                None => {
                    live.hold = composite::Hold::default();
                    Effect::Run
                }
            };
            if effect == Effect::Run && live.alarm.actions_enabled() {
                tick.actions.extend(run(&live.alarm, &live.state, before));
            }
        }
    }
}

fn run(alarm: &Alarm, state: &StateRecord, released_from: Option<SuppressedBy>) -> Option<ActionRun> {
    let actions = alarm.actions(state.value);
    (!actions.is_empty()).then(|| ActionRun {
        alarm_name: alarm.name().to_owned(),
        alarm_arn: alarm.arn().map(str::to_owned),
        alarm_type: alarm.kind().to_owned(),
        state: state.value,
        since: state.transitioned,
        actions: actions.to_vec(),
        reason: state.reason.clone(),
        reason_data: state.reason_data.clone(),
        released_from,
    })
}
