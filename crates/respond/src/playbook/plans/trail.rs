//! Trails: stopped ones are started, changed ones set back, deleted ones described.

use serde_json::{Value, json};

use crate::playbook::event::{Event, api_names, text};
use crate::playbook::facet::Change;
use crate::playbook::facets::trail::{self, SELECTORS, SETTINGS, trail_name};
use crate::playbook::plan::{Draft, Need, PlannedCall, Playbook, Priors, Remedy, part};
use crate::playbook::state::{Parts, fits};

const SOURCE: &str = "cloudtrail.amazonaws.com";

/// A trail that was stopped is started.
pub(super) static LOGGING: Playbook = Playbook {
    name: "trail-logging",
    title: "Trail stopped",
    events: &[(SOURCE, "StopLogging")],
    prior: "the event: a trail that is stopped was on",
    needs: |_| Vec::new(),
    plan: |event, _| {
        let Some(name) = name(event) else { return Vec::new() };
        let (made, before) = (part("IsLogging", json!(false)), part("IsLogging", json!(true)));
        let remedy = Remedy::put_back(&trail::LOGGING, &name, made, before);
        vec![Draft::new(&name, format!("stopped trail {name}"), remedy)]
    },
    sets: &[&trail::LOGGING],
};

/// A trail's settings and selectors are set back.
pub(super) static CHANGED: Playbook = Playbook {
    name: "trail-settings",
    title: "Trail changed",
    events: &[(SOURCE, "UpdateTrail"), (SOURCE, "PutEventSelectors")],
    prior: "the last state seen",
    needs: |event| {
        let facet = if event.name == "UpdateTrail" { &SETTINGS } else { &SELECTORS };
        name(event).map(|name| Need::new(facet, name)).into_iter().collect()
    },
    plan: |event, priors| {
        let draft =
            if event.name == "UpdateTrail" { updated(event, priors) } else { selected(event, priors) };
        draft.into_iter().collect()
    },
    sets: &[&SETTINGS, &SELECTORS],
};

/// A trail that was deleted is described.
pub(super) static DELETED: Playbook = Playbook {
    name: "trail",
    title: "Trail deleted",
    events: &[(SOURCE, "DeleteTrail")],
    prior: "the last state seen",
    needs: |event| match name(event) {
        Some(name) => vec![Need::new(&SETTINGS, &name), Need::new(&SELECTORS, name)],
        None => Vec::new(),
    },
    plan: |event, priors| deleted(event, priors).into_iter().collect(),
    sets: &[],
};

fn name(event: &Event) -> Option<String> {
    let named = text(&event.request, "name").or_else(|| text(&event.request, "trailName"))?;
    Some(trail_name(&named).to_owned())
}

fn updated(event: &Event, priors: &Priors) -> Option<Draft> {
    let name = name(event)?;
    let said = format!("changed trail {name}");
    let Some(prior) = priors.get(&SETTINGS, &name) else {
        return Some(Draft::new(&name, said, Remedy::unknown("what the trail was")));
    };
    // The response has the trail as it is now, all of it.
    let now = trail::settings(&api_names(&event.response));
    let names: Vec<&String> = prior.keys().chain(now.keys()).collect();
    let value = |parts: &Parts, name: &str| parts.get(name).cloned().unwrap_or_default();
    let (mut made, mut before) = (Parts::new(), Parts::new());
    for member in names {
        let (was, is) = (value(prior, member), value(&now, member));
        if !fits(&is, &was) {
            made.insert(member.clone(), is);
            before.insert(member.clone(), was);
        }
    }
    if made.is_empty() {
        return None;
    }
    let changed: Vec<&str> = made.keys().map(String::as_str).collect();
    let said = format!("{said}: {}", changed.join(", "));
    Some(Draft::new(&name, said, Remedy::put_back(&SETTINGS, &name, made, before)))
}

fn selected(event: &Event, priors: &Priors) -> Option<Draft> {
    let name = name(event)?;
    let mut made = trail::selectors(&api_names(&event.request));
    let said = format!("changed what trail {name} records");
    let Some(prior) = priors.get(&SELECTORS, &name) else {
        return Some(Draft::new(&name, said, Remedy::unknown("what the trail recorded")));
    };
    if SELECTORS.is_as(prior, &made) {
        return None;
    }
    let mut before = prior.clone();
    // Of the two kinds of selectors a trail has one.
    for member in ["AdvancedEventSelectors", "EventSelectors"] {
        if before.contains_key(member) || made.contains_key(member) {
            before.entry(member).or_insert(Value::Null);
            made.entry(member).or_insert(Value::Null);
        }
    }
    Some(Draft::new(&name, said, Remedy::put_back(&SELECTORS, &name, made, before)))
}

fn deleted(event: &Event, priors: &Priors) -> Option<Draft> {
    let name = name(event)?;
    let said = format!("deleted trail {name}");
    let Some(settings) = priors.get(&SETTINGS, &name) else {
        return Some(Draft::new(&name, said, Remedy::unknown("what the trail was")));
    };
    let none = Parts::new();
    let planned = |facet: &crate::playbook::facet::Facet, to: &Parts| -> Vec<PlannedCall> {
        let change = Change { subject: &name, account: &event.account, from: &none, to };
        let calls = (facet.calls)(&change).into_iter();
        calls.map(|call| PlannedCall { operation: call.operation.key(), input: call.input }).collect()
    };
    // CreateTrail takes what UpdateTrail takes.
    let mut calls = planned(&SETTINGS, settings);
    calls.iter_mut().for_each(|call| call.operation = "cloudtrail:CreateTrail".to_owned());
    if let Some(selectors) = priors.get(&SELECTORS, &name) {
        calls.extend(planned(&SELECTORS, selectors));
    }
    calls.extend(planned(&trail::LOGGING, &part("IsLogging", json!(true))));
    let says = format!("make {name} again with these calls; what happened meanwhile was not recorded");
    Some(Draft::new(&name, said, Remedy::Advice { says, calls }))
}
