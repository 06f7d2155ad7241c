//! Beside an alarm's graph: its actions, setting its state, its definition.

use maud::{Markup, html};
use trailkeep_alarms::AlarmState;
use trailkeep_alarms::definition::Alarm;
use trailkeep_state::{AlarmRow, Role};

use super::href;
use super::words::{state_badge, state_word};
use crate::console::highlight;
use crate::console::layout::Frame;
use crate::console::parts;

/// The longest reason, as `SetAlarmState` takes it.
pub(super) const REASON: usize = 1023;

/// Who is told of each state, and whether.
pub(super) fn actions(frame: &Frame, row: &AlarmRow, alarm: Option<&Alarm>, here: bool) -> Markup {
    let Some(alarm) = alarm else { return html! {} };
    let states = [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData];
    let any = states.iter().any(|state| !alarm.actions(*state).is_empty());
    let enabled = alarm.actions_enabled();
    html! {
        section.panel {
            header { h2 { "Actions" } div.end { @if enabled { span.badge.ok.plain { "on" } } @else { span.badge.medium.plain { "off" } } } }
            div.pad.stack {
                @for state in states { @if !alarm.actions(state).is_empty() {
                    div.stack.tight {
                        div { (state_badge(state.as_str())) }
                        ul { @for action in alarm.actions(state) { li.mono.break { (action) } } }
                    }
                } }
                @if !any { p.muted { "It has no actions of its own. Its incidents go where the routes of " code { "[respond]" } " lead." } }
                @if !enabled { p.muted { "While they are off, it makes no incidents either." } }
                @if !here { p.muted { "CloudWatch runs its actions; switch them there." } }
                @else if frame.role.allows(Role::Responder) {
                    form method="post" action=(href(&row.id)) {
                        (frame.csrf_field())
                        @if enabled { button.btn name="act" value="disable" { "Switch off" } } @else { button.btn name="act" value="enable" { "Switch on" } }
                    }
                } @else { (needs(frame, "Switching them")) }
            }
        }
    }
}

/// The form of `SetAlarmState`.
pub(super) fn set_state(frame: &Frame, row: &AlarmRow, here: bool) -> Markup {
    html! { @if here {
        section.panel {
            header { h2 { "Set state" } }
            div.pad.stack {
                @if frame.role.allows(Role::Responder) {
                    form.stack method="post" action=(href(&row.id)) {
                        (frame.csrf_field())
                        label.field { span { "State" } select name="state" { @for state in [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData] {
                            option value=(state) selected[row.state == "ALARM" && state == AlarmState::Ok] { (state_word(state.as_str())) }
                        } } }
                        label.field { span { "Reason" } input name="reason" maxlength=(REASON) required autocomplete="off" placeholder="testing the pager"; }
                        div { button.btn name="act" value="set_state" data-default { "Set" } }
                    }
                    p.muted { "Its actions run as they would otherwise, and the next evaluation may change it again." }
                } @else { (needs(frame, "Setting it")) }
            }
        }
    } }
}

fn needs(frame: &Frame, what: &str) -> Markup {
    html! { p.muted { (what) " needs the role responder; yours is " (frame.role.as_str()) ". Ask an administrator." } }
}

/// The definition in the shape of the API.
pub(super) fn json(row: &AlarmRow, alarm: Option<&Alarm>) -> Markup {
    let text = alarm.map_or_else(|| row.definition.clone(), |alarm| alarm.to_value().to_string());
    html! {
        section.panel {
            header { h2 { "Definition" } div.end { (parts::copy(&text, "the definition")) } }
            div.pad { pre.json { (highlight::json(&text)) } }
        }
    }
}
