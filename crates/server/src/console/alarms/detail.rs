//! One alarm: its state and why, the graph, what it was evaluated on, its history.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_alarms::AlarmState;
use trailkeep_alarms::definition::{Alarm, MetricAlarm};
use trailkeep_alarms::evaluate::{Datapoint, Evaluation};
use trailkeep_state::{AlarmHistoryFilter, AlarmRow, ErrorKind};

use super::graph::Graph;
use super::slots::{self, Judged};
use super::strip::{Stretch, stretches};
use super::words::{origin_word, state_badge, watches};
use super::{definition, evaluated, history, link, now, relatives, side};
use crate::app::{App, Shared};
use crate::auth::Viewer;
use crate::console::layout::{Frame, Place};
use crate::console::link::Link;
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;

/// Spans that have a button: name, word, minutes.
const RANGES: [(&str, &str, i64); 6] = [
    ("1h", "1 h", 60),
    ("3h", "3 h", 180),
    ("12h", "12 h", 720),
    ("1d", "1 d", 1440),
    ("3d", "3 d", 4320),
    ("7d", "7 d", 10_080),
];
/// Changes of state that the strip shows; before them, nothing is known.
const CHANGES: usize = 1000;

/// The address of an alarm's page.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Params {
    /// In place of the path, for names that are something else as one.
    #[serde(default)]
    id: String,
    /// One of [`RANGES`].
    #[serde(default)]
    range: String,
    /// An item type of the history; all when empty.
    #[serde(default)]
    pub(super) item: String,
    /// The history's page.
    #[serde(default)]
    pub(super) after: String,
}

/// What is drawn of an alarm that is evaluated here.
struct Series {
    alarm: MetricAlarm,
    points: Vec<Datapoint>,
    evaluation: Option<Evaluation>,
}

/// `GET /alarms/{id}`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Path(id): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, PageError> {
    let id = if params.id.is_empty() { id } else { params.id.clone() };
    let frame = app.frame(&who).await?;
    let row = match app.backend.state.alarms().get(&id).await {
        Ok(row) => row,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return unknown(&app, &frame, &id, &params).await;
        }
        Err(error) => return Err(error.into()),
    };
    let alarm = definition(&app, &row);
    let (now, here) = (now(&app), evaluated(&app, &row.id));
    let (range, from) = range(&params, alarm.as_ref(), now)?;
    let series = match &alarm {
        Some(Alarm::Metric(alarm)) if here => series(&app, &row, alarm, from, now),
        _ => None,
    };
    let current = row.state.parse().ok().map(|state: AlarmState| (state, row.transitioned_at));
    let strip = strip(&app, &row.id, current, from, now).await?;
    let history =
        history::panel(&app, &row.id, &params, &link(&row.id).with("range", params.range.as_str())).await?;
    let related = relatives::panel(&app, &row, alarm.as_ref()).await?;
    let judged =
        series.as_ref().and_then(|series| Some(slots::judge(&series.alarm, series.evaluation.as_ref()?)));
    let judged = judged.unwrap_or_default();
    let head = html! {
        span.sub { (row.name) }
        div.end {
            @if matches!(alarm, Some(Alarm::Metric(_))) { a.btn href=(Link::to("/alarms/simulate").with("id", row.id.as_str()).href()) { "Simulate" } }
            a.btn.ghost href="/alarms" { "All alarms" }
        }
    };
    let body = html! {
        (stopped(&app))
        div.finding {
            div.stack {
                (lead(&row, alarm.as_ref(), now))
                (graph(&row, series.as_ref(), &judged, &strip, &range, (from, now)))
                @if let Some(Series { alarm, evaluation: Some(evaluation), .. }) = &series { (slots::panel(alarm, evaluation, &judged)) }
                (history)
            }
            div.stack {
                (side::actions(&frame, &row, alarm.as_ref(), here))
                (side::set_state(&frame, &row, here))
                (related)
                (facts(&row, alarm.as_ref(), here))
                (side::json(&row, alarm.as_ref()))
            }
        }
    };
    // Where the clock was stopped, nothing changes by itself.
    let refresh = app.backend.alarms.as_ref().is_none_or(|alarms| alarms.stopped().is_none()).then_some(20);
    Ok(frame.page_with(Place::Alarms, "Alarm", &head, &body, refresh).into_response())
}

/// The span to show, and where it begins: three hours, or what the evaluation looks back, if it is longer.
fn range(
    params: &Params,
    alarm: Option<&Alarm>,
    now: DateTime<Utc>,
) -> Result<(String, DateTime<Utc>), PageError> {
    let minutes = if params.range.is_empty() {
        let looks_back = match alarm {
            Some(Alarm::Metric(alarm)) => {
                i64::from(alarm.evaluation_range()) * i64::from(alarm.period()) / 60
            }
            _ => 0,
        };
        let fits = RANGES.iter().skip(1).find(|(_, _, minutes)| *minutes >= looks_back);
        fits.map_or(10_080, |(_, _, minutes)| *minutes)
    } else {
        let known = RANGES.iter().find(|(name, ..)| *name == params.range);
        let wrong = || {
            let names: Vec<&str> = RANGES.iter().map(|(name, ..)| *name).collect();
            PageError::wrong(
                "The range is not valid",
                format!("'{}': one of {}", params.range, names.join(", ")),
            )
        };
        known.ok_or_else(wrong)?.2
    };
    let name = RANGES.iter().find(|(_, _, one)| *one == minutes).map_or("3h", |(name, ..)| *name);
    Ok((name.to_owned(), now.checked_sub_signed(TimeDelta::minutes(minutes)).unwrap_or(now)))
}

fn series(
    app: &App,
    row: &AlarmRow,
    alarm: &MetricAlarm,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Series> {
    let alarms = app.backend.alarms.as_ref()?;
    let points = alarms.series(&row.id, from, now)?;
    Some(Series { alarm: alarm.clone(), points, evaluation: alarms.explain(&row.id, now) })
}

async fn strip(
    app: &App,
    id: &str,
    current: Option<(AlarmState, DateTime<Utc>)>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Stretch>, PageError> {
    let filter =
        AlarmHistoryFilter { id: Some(id.to_owned()), since: Some(from), ..AlarmHistoryFilter::default() };
    let page = app.backend.state.alarms().history(&filter, CHANGES, None).await?;
    Ok(stretches(&page.items, current, from, to))
}

/// A replay has stopped the clock.
fn stopped(app: &App) -> Markup {
    html! { @if let Some(at) = app.backend.alarms.as_ref().and_then(|alarms| alarms.stopped()) {
        div.note role="note" { span { "As of " (parts::time(at)) " UTC: the alarms lived through a replay that ended there, and nothing is evaluated since." } }
    } }
}

fn lead(row: &AlarmRow, alarm: Option<&Alarm>, now: DateTime<Utc>) -> Markup {
    html! {
        section.panel { div.pad.stack.lead-box {
            div.row.wrap { (state_badge(&row.state)) span.muted { "since " (parts::time(row.transitioned_at)) " UTC · " (parts::ago(row.transitioned_at, now)) } }
            p.lead { (row.name) }
            @if let Some(alarm) = alarm { p.dim { (watches(alarm)) } }
            @if let Some(text) = alarm.and_then(Alarm::description) { p.prose { (text) } }
            p.reason { (row.reason) }
        } }
    }
}

fn graph(
    row: &AlarmRow,
    series: Option<&Series>,
    judged: &[Judged],
    strip: &[Stretch],
    range: &str,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Markup {
    let title = format!("Alarm {}", row.name);
    let drawn = Graph {
        from,
        to,
        alarm: series.map(|series| &series.alarm),
        points: series.map_or(&[], |series| series.points.as_slice()),
        slots: judged,
        strip,
        title: &title,
    };
    let watched = series.is_none() && row.kind == "MetricAlarm";
    html! {
        section.panel #graph {
            header { h2 { @if series.is_some() { "Metric and state" } @else { "State" } } div.end { nav.seg aria-label="Range" {
                @for (name, word, _) in RANGES { a href=(link(&row.id).with("range", name).href()) aria-current=[(range == name).then_some("true")] { (word) } }
            } } }
            (drawn.render())
            @if watched { div.pad { p.muted { "CloudWatch evaluates this alarm and has its datapoints; here its changes of state are followed. To evaluate it here, import it and set " code { "alarms.evaluate_imported" } "." } } }
            @if series.is_some_and(|series| series.points.is_empty()) { div.pad { p.muted { "The metric has no datapoint in this range." } } }
        }
    }
}

fn facts(row: &AlarmRow, alarm: Option<&Alarm>, here: bool) -> Markup {
    let incidents = Link::to("/incidents").with("rule", row.name.as_str()).with("status", "all").href();
    html! {
        section.panel {
            header { h2 { "About" } div.end { a.more href=(incidents) { "Its incidents" } } }
            div.pad { dl.kv {
                dt { "Kind" } dd { @if row.kind == "CompositeAlarm" { "composite alarm" } @else { "metric alarm" } }
                dt { "Evaluated" } dd { @if here { "here" } @else { "by CloudWatch, watched here" } }
                dt { "Defined in" } dd { (origin_word(row.origin)) }
                @if let Some(account) = &row.account_id { dt { "Account" } dd.mono { (account) } }
                @if let Some(region) = &row.region { dt { "Region" } dd.mono { (region) } }
                @if row.id != row.name { dt { "ARN" } dd.mono { (row.id) (parts::copy(&row.id, "the ARN")) } }
                dt { "Reason given" } dd { (parts::time(row.updated_at)) " UTC" }
                @for tag in alarm.map(Alarm::tags).unwrap_or_default() { dt { (tag.key) } dd { (tag.value) } }
            } }
        }
    }
}

/// An alarm of which only changes were told, or none at all.
async fn unknown(app: &App, frame: &Frame, id: &str, params: &Params) -> Result<Response, PageError> {
    let filter = AlarmHistoryFilter { id: Some(id.to_owned()), ..AlarmHistoryFilter::default() };
    let newest = app.backend.state.alarms().history(&filter, 1, None).await?.items.into_iter().next();
    let Some(newest) = newest else {
        let body = html! { section.panel { (parts::empty(Icon::Alarms, "No such alarm", &html! {
            p { "There is no alarm " code { (id) } ", and no history of one." } a.btn href="/alarms" { "All alarms" }
        })) } };
        return Ok(
            (StatusCode::NOT_FOUND, frame.page(Place::Alarms, "Alarm", &html! {}, &body)).into_response()
        );
    };
    let history = history::panel(app, id, params, &link(id)).await?;
    let head =
        html! { span.sub { (newest.alarm_name) } div.end { a.btn.ghost href="/alarms" { "All alarms" } } };
    let body = html! {
        section.panel { div.pad.stack.lead-box {
            div.row.wrap { @if let Some(state) = &newest.to_state { (state_badge(state)) } span.muted { "since " (parts::time(newest.time)) " UTC" } }
            p.lead { (newest.alarm_name) }
            p.mono.dim { (id) }
            p.muted { "Its changes of state were told, and its definition is not here: it was removed, or never imported. " code { "trailkeep alarms import" } " brings an account's alarms." }
        } }
        (history)
    };
    Ok(frame.page(Place::Alarms, "Alarm", &head, &body).into_response())
}
