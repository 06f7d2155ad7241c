//! Alarms that were made silent act again.

use serde_json::json;

use super::rules::few;
use crate::playbook::event::{Event, list};
use crate::playbook::facets::alarm::ACTIONS;
use crate::playbook::plan::{Draft, Need, Playbook, Priors, Remedy};
use crate::playbook::state::Parts;

pub(super) static PLAYBOOK: Playbook = Playbook {
    name: "alarm-actions",
    title: "Actions of alarms disabled",
    events: &[("monitoring.amazonaws.com", "DisableAlarmActions")],
    prior: "the event; alarms that were last seen without actions are left",
    needs: |event| names(event).into_iter().map(|name| Need::new(&ACTIONS, name)).collect(),
    plan: |event, priors| plan(event, priors).into_iter().collect(),
    sets: &[&ACTIONS],
};

/// The call takes a hundred.
const MOST: usize = 100;

fn names(event: &Event) -> Vec<String> {
    let names = list(&event.request, "alarmNames").into_iter();
    names.filter_map(|name| name.as_str().map(str::to_owned)).take(MOST).collect()
}

fn plan(event: &Event, priors: &Priors) -> Option<Draft> {
    let was_off = |name: &String| {
        let known = priors.get(&ACTIONS, name).and_then(|parts| parts.get(name));
        known == Some(&json!({"ActionsEnabled": false}))
    };
    let names: Vec<String> = names(event).into_iter().filter(|name| !was_off(name)).collect();
    if names.is_empty() {
        return None;
    }
    let all = |on: bool| -> Parts {
        names.iter().map(|name| (name.clone(), json!({"ActionsEnabled": on}))).collect()
    };
    let resource = few(names.clone());
    let said = format!("disabled the actions of {resource}");
    Some(Draft::new(&resource, said, Remedy::put_back(&ACTIONS, &names.join("\n"), all(false), all(true))))
}
