//! What an alarm would have done: a form for a definition and datapoints, and what came out.

use std::fmt::Write;

use axum::extract::{Query, State};
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use trailkeep_alarms::AlarmState;
use trailkeep_alarms::evaluate::Datapoint;
use trailkeep_state::ErrorKind;

use super::graph::Graph;
use super::slots::{self, judge};
use super::strip::Stretch;
use super::words::{state_badge, state_word, watches};
use super::{definition, now};
use crate::app::{App, Shared};
use crate::auth::{Posted, Viewer};
use crate::console::layout::{Frame, Place};
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;
use crate::simulating::{
    self, Asked, BAND_PERIODS, DATAPOINT_BYTES, DEFINITION_BYTES, PERIODS, Refused, Simulated,
};

/// Hours that datapoints can be taken of.
const HOURS: [i64; 3] = [3, 24, 168];
/// Transitions in the table.
const SHOWN: usize = 200;
const EXAMPLE: &str = r#"{
  "AlarmName": "root-use",
  "Namespace": "Trailkeep",
  "MetricName": "root-use",
  "Statistic": "Sum",
  "Period": 60,
  "EvaluationPeriods": 3,
  "DatapointsToAlarm": 2,
  "Threshold": 1,
  "ComparisonOperator": "GreaterThanOrEqualToThreshold",
  "TreatMissingData": "notBreaching"
}"#;
const EXAMPLE_POINTS: &str = "timestamp,value\n2026-11-25T06:00:00Z,0\n2026-11-25T06:01:00Z,2\n2026-11-25T06:02:00Z,0\n2026-11-25T06:03:00Z,1\n2026-11-25T06:04:00Z,3\n2026-11-25T06:08:00Z,0\n2026-11-25T06:10:00Z,0\n";

/// The address of the form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    /// The alarm to begin with.
    #[serde(default)]
    id: String,
    /// Begin with the example.
    #[serde(default)]
    example: String,
}

/// The form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Form {
    #[serde(default)]
    definition: String,
    #[serde(default)]
    datapoints: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    at: String,
    /// Hours whose datapoints are to stand in the form, in place of a simulation.
    #[serde(default)]
    fill: String,
}

/// What is shown beside the form.
enum Beside {
    Nothing,
    Filled(String),
    Refused(Refused),
    Done(Box<Simulated>),
}

/// `GET /alarms/simulate`.
pub(crate) async fn form_page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Query(params): Query<Params>,
) -> Result<Markup, PageError> {
    let frame = app.frame(&who).await?;
    let mut form = Form::default();
    if !params.id.is_empty() {
        let row = app.backend.state.alarms().get(&params.id).await?;
        let value = match definition(&app, &row) {
            Some(alarm) => alarm.to_value(),
            None => serde_json::from_str(&row.definition).unwrap_or_default(),
        };
        form.definition = pretty(&value);
        // Of an alarm that is seldom heard of, of as many hours as it takes.
        let some = |hours| datapoints(&app, &row.id, hours).filter(|text| text.lines().count() > 1);
        form.datapoints = HOURS.into_iter().find_map(some).unwrap_or_default();
    } else if !params.example.is_empty() {
        form.definition = EXAMPLE.to_owned();
        form.datapoints = EXAMPLE_POINTS.to_owned();
    }
    Ok(page(&frame, &form, &Beside::Nothing))
}

/// `POST /alarms/simulate`.
pub(crate) async fn run(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Posted(mut form): Posted<Form>,
) -> Result<Markup, PageError> {
    let frame = app.frame(&who).await?;
    let beside = if form.fill.is_empty() {
        let asked = Asked {
            definition: form.definition.clone(),
            datapoints: form.datapoints.clone(),
            state: form.state.clone(),
            at: form.at.clone(),
        };
        match simulating::simulate(asked).await {
            Ok(done) => Beside::Done(Box::new(done)),
            Err(refused) => Beside::Refused(refused),
        }
    } else {
        fill(&app, &mut form).await?
    };
    Ok(page(&frame, &form, &beside))
}

/// Puts the datapoints of the alarm that the definition names into the form.
async fn fill(app: &App, form: &mut Form) -> Result<Beside, PageError> {
    let Some(hours) = form.fill.parse().ok().filter(|hours| HOURS.contains(hours)) else {
        return Ok(Beside::Refused(Refused::Datapoints(format!(
            "'{}' is no number of hours to take",
            form.fill
        ))));
    };
    let alarm = match simulating::definition(&form.definition) {
        Ok((alarm, _)) => alarm,
        Err(refused) => return Ok(Beside::Refused(refused)),
    };
    let id = match app.backend.state.alarms().get(alarm.reference()).await {
        Ok(row) => row.id,
        Err(error) if error.kind() == ErrorKind::NotFound => alarm.reference().to_owned(),
        Err(error) => return Err(error.into()),
    };
    Ok(match datapoints(app, &id, hours) {
        Some(text) => {
            let found = text.lines().count().saturating_sub(1);
            form.datapoints = text;
            Beside::Filled(format!(
                "{} of the last {hours} h",
                parts::count(found as u64, "datapoint", "datapoints")
            ))
        }
        None => Beside::Refused(Refused::Datapoints(format!(
            "no metric alarm '{}' is evaluated here, so there are no datapoints of it; paste some",
            alarm.name().chars().take(255).collect::<String>()
        ))),
    })
}

/// The newest datapoints of an alarm that is evaluated here, as CSV.
fn datapoints(app: &App, id: &str, hours: i64) -> Option<String> {
    let alarms = app.backend.alarms.as_ref()?;
    let to = now(app);
    let points = alarms.series(id, to.checked_sub_signed(TimeDelta::hours(hours))?, to)?;
    let mut text = String::from("timestamp,value\n");
    let line = |text: &mut String, point: &Datapoint| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{}", parts::rfc3339(point.time), point.value);
    };
    points.iter().filter(|point| point.value.is_finite()).for_each(|point| line(&mut text, point));
    Some(text)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn page(frame: &Frame, form: &Form, beside: &Beside) -> Markup {
    let head = html! { div.end { a.btn.ghost href="/alarms" { "All alarms" } } };
    let body = html! {
        div.cols {
            div.c5 { (form_panel(frame, form, beside)) }
            div.c7.stack { @match beside {
                Beside::Done(done) => (outcome(done)),
                Beside::Nothing | Beside::Filled(_) => section.panel { (waiting()) },
                Beside::Refused(refused) => section.panel { div.pad.lead-box { (parts::failed("It was not simulated", refused.reason())) } },
            } }
        }
    };
    frame.page(Place::Alarms, "Simulate an alarm", &head, &body)
}

fn form_panel(frame: &Frame, form: &Form, beside: &Beside) -> Markup {
    let refused = |what: fn(&Refused) -> bool| match beside {
        Beside::Refused(refused) if what(refused) => Some(refused.reason()),
        _ => None,
    };
    let told = |text: Option<&str>| html! { @if let Some(text) = text { p.why role="alert" { (text) } } };
    html! {
        section.panel {
            form.pad.stack.lead-box method="post" action="/alarms/simulate" {
                (frame.csrf_field())
                label.field { span { "Definition" }
                    textarea.code name="definition" rows="14" spellcheck="false" maxlength=(DEFINITION_BYTES) placeholder="What PutMetricAlarm takes, or aws cloudwatch describe-alarms prints" { "\n" (form.definition) }
                }
                (told(refused(|refused| matches!(refused, Refused::Definition(_)))))
                label.field { span { "Datapoints" }
                    textarea.code name="datapoints" rows="10" spellcheck="false" maxlength=(DATAPOINT_BYTES) placeholder="timestamp,value\n2026-11-25T06:00:00Z,1" { "\n" (form.datapoints) }
                }
                (told(refused(|refused| matches!(refused, Refused::Datapoints(_)))))
                @if let Beside::Filled(text) = beside { p.muted role="status" { (text) } }
                div.row.wrap { span.muted { "Use the last hours’ datapoints:" }
                    @for hours in HOURS { button.btn.sm name="fill" value=(hours) { @if hours == 168 { "7 d" } @else { (hours) " h" } } }
                }
                div.pair {
                    label.field { span { "State before" } select name="state" {
                        option value="" { "Not given" }
                        @for state in AlarmState::ALL { option value=(state) selected[form.state == state.as_str()] { (state_word(state.as_str())) } }
                    } }
                    label.field { span { "Evaluated once, at" } input name="at" value=(form.at) placeholder="each period" autocomplete="off"; }
                }
                (told(refused(|refused| matches!(refused, Refused::State(_) | Refused::Time(_)))))
                div.row { button.btn.primary data-default { "Simulate" } a.btn.ghost href="/alarms/simulate?example=1" { "Example" } }
                p.muted { "A period without a row is a missing datapoint; several rows in one are its samples. At most "
                    (parts::number(PERIODS.unsigned_abs())) " periods (" (parts::number(BAND_PERIODS.unsigned_abs())) " with an anomaly band), "
                    (parts::bytes(DATAPOINT_BYTES as u64)) " of datapoints and " (parts::bytes(DEFINITION_BYTES as u64)) " of definition. Nothing is kept." }
            }
        }
    }
}

fn waiting() -> Markup {
    parts::empty(
        Icon::Alarms,
        "What would it have done?",
        &html! {
            p { "Write an alarm and datapoints: each change of state is told here, with CloudWatch’s reason, and drawn with the threshold." }
            pre { "trailkeep alarms simulate --alarm alarm.json \\\n  --datapoints points.csv" }
        },
    )
}

fn outcome(done: &Simulated) -> Markup {
    let Simulated { alarm, simulation, .. } = done;
    let judged = done.last.as_ref().map(|last| judge(alarm, last)).unwrap_or_default();
    let (from, to) = span(done);
    let strip = strip(done, from, to);
    let title = format!("Simulation of {}", alarm.name);
    let graph = Graph {
        from,
        to,
        alarm: Some(alarm),
        points: &done.layout.points,
        slots: &judged,
        strip: &strip,
        title: &title,
    };
    let whole = trailkeep_alarms::definition::Alarm::Metric(Box::new(alarm.clone()));
    html! {
        section.panel { div.pad.stack.lead-box {
            div.row.wrap { (state_badge(simulation.state.as_str())) span.muted { "in the end, after " (parts::count(simulation.evaluations, "evaluation", "evaluations")) " and " (parts::count(simulation.transitions.len() as u64, "change of state", "changes of state")) } }
            p.strong { (alarm.name) }
            p.dim { (watches(&whole)) }
            p.reason { (simulation.reason) }
        } }
        section.panel { header { h2 { "Datapoints and state" } } (graph.render()) }
        section.panel {
            header { h2 { "Changes of state" } div.end { (parts::count(simulation.transitions.len() as u64, "change", "changes")) } }
            @if simulation.transitions.is_empty() { div.pad { p.muted { "None: it stayed in " (done.start.as_str()) "." } } }
            @else { ol.alarm-history { @for one in simulation.transitions.iter().take(SHOWN) { li {
                div.when { (parts::time(one.time)) }
                div.what { div.row.wrap { (state_badge(one.from.as_str())) span.muted aria-label="to" { "→" } (state_badge(one.to.as_str())) } p.dim { (one.reason) } }
            } } } }
            @if simulation.transitions.len() > SHOWN { div.pager { span { "The first " (SHOWN) "; the API and the command give all of them" } } }
        }
        @if let Some(last) = &done.last { (slots::panel(alarm, last, &judged)) }
    }
}

/// All datapoints, and what the last evaluation looked at.
fn span(done: &Simulated) -> (DateTime<Utc>, DateTime<Utc>) {
    let (mut from, mut to) = (done.layout.from, done.layout.to);
    if let Some(slots) = done.last.as_ref().map(|last| &last.slots) {
        let period = TimeDelta::seconds(i64::from(done.alarm.period()));
        // A few periods before the first datapoint are no reason to squeeze the others; far ones are left out.
        let room = (to - from).max(period * 10);
        if let Some(first) = slots.first().filter(|slot| from - slot.time <= room) {
            from = from.min(first.time);
        }
        if let Some(end) = slots.last().and_then(|slot| slot.time.checked_add_signed(period)) {
            to = to.max(end.min(to + room * 3));
        }
    }
    (from, to)
}

fn strip(done: &Simulated, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Stretch> {
    let mut all = Vec::with_capacity(done.simulation.transitions.len() + 1);
    let (mut since, mut state) = (from, done.start);
    for one in &done.simulation.transitions {
        let time = one.time.clamp(since, to);
        all.push(Stretch { from: since, to: time, state: Some(state) });
        (since, state) = (time, one.to);
    }
    all.push(Stretch { from: since, to, state: Some(state) });
    all.retain(|stretch| stretch.from < stretch.to);
    all
}
