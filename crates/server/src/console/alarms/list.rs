//! The list of alarms: those in ALARM first.

use axum::extract::{Query, State};
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_alarms::AlarmState;
use trailkeep_state::{AlarmFilter, AlarmOrigin, AlarmRow, AlarmScope};

use super::words::{origin_word, state_badge, state_word, watches};
use super::{definition, evaluated, href, now};
use crate::app::{App, Shared};
use crate::auth::Viewer;
use crate::console::layout::Place;
use crate::console::link::Link;
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;

/// Rows on a page.
const PAGE: usize = 100;
/// The furthest page's first row: as many alarms as there may be.
const FURTHEST: usize = 1_000_000;
/// States in the order of their urgency.
const STATES: [AlarmState; 3] = [AlarmState::Alarm, AlarmState::InsufficientData, AlarmState::Ok];
const ORIGINS: [AlarmOrigin; 3] = [AlarmOrigin::Toml, AlarmOrigin::Import, AlarmOrigin::Api];

/// The address of the list.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Params {
    /// One state; all when empty.
    #[serde(default)]
    state: String,
    /// What the name begins with.
    #[serde(default)]
    name: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    origin: String,
    /// Rows before this page.
    #[serde(default)]
    skip: String,
}

/// `GET /alarms`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Query(params): Query<Params>,
) -> Result<Markup, PageError> {
    let wrong = |reason| PageError::wrong("The filter is not valid", reason);
    let filter = filter(&params).map_err(wrong)?;
    let skip = match params.skip.as_str() {
        "" => 0,
        text => text
            .parse()
            .ok()
            .filter(|skip| *skip <= FURTHEST)
            .ok_or_else(|| wrong(format!("skip is '{text}'; start again at the first page")))?,
    };
    // The counts say what choosing another state would show.
    let wider = AlarmFilter { states: Vec::new(), ..filter.clone() };
    let alarms = app.backend.state.alarms();
    let (mut rows, counts, scopes) =
        tokio::try_join!(alarms.list(&filter, skip, PAGE + 1), alarms.counts_of(&wider), alarms.scopes())?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    // Where no alarm is of an account, two columns would say nothing.
    let scoped = rows.iter().any(|row| row.account_id.is_some() || row.region.is_some());
    let frame = app.frame(&who).await?;
    let head = html! {
        @if let Some(at) = app.backend.alarms.as_ref().and_then(|alarms| alarms.stopped()) { span.sub { "as of " (parts::time(at)) " UTC" } }
        div.end { a.btn href="/alarms/simulate" { "Simulate" } }
    };
    let body = html! {
        (problems(&app))
        (filters(&params, &counts, &scopes))
        section.panel aria-label="Alarms" {
            @if rows.is_empty() { (nothing(&params, counts.iter().map(|(_, n)| n).sum())) } @else {
                div.scroll { table.tbl {
                    thead { tr { th { "State" } th { "Alarm" } th { "Watches" } th { "Since (UTC)" } @if scoped { th.wide-only { "Account" } th.wide-only { "Region" } } th.wide-only { "Evaluated" } } }
                    tbody { @for row in &rows { (alarm_row(&app, row, scoped)) } }
                } }
                (pager(&params, skip, rows.len(), more))
            }
        }
    };
    Ok(frame.page_with(Place::Alarms, "Alarms", &head, &body, Some(20)))
}

fn filter(params: &Params) -> Result<AlarmFilter, String> {
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let state = text(&params.state).map(|state| state.parse::<AlarmState>()).transpose();
    Ok(AlarmFilter {
        states: state
            .map_err(|error| error.to_string())?
            .map(|state| state.to_string())
            .into_iter()
            .collect(),
        name_prefix: text(&params.name),
        account_id: text(&params.account),
        region: text(&params.region),
        origin: text(&params.origin).map(|origin| origin.parse()).transpose()?,
        kind: None,
    })
}

fn link(params: &Params) -> Link {
    Link::to("/alarms")
        .with("state", params.state.as_str())
        .with("name", params.name.as_str())
        .with("account", params.account.as_str())
        .with("region", params.region.as_str())
        .with("origin", params.origin.as_str())
}

fn problems(app: &App) -> Markup {
    let problems = app.backend.alarms.as_ref().map(|alarms| alarms.problems()).unwrap_or_default();
    html! { @if !problems.is_empty() {
        div.note.warn role="note" { div.stack {
            b { "Some alarms are not what they were meant to be." }
            ul { @for problem in problems.iter().take(20) { li { (problem) } } }
            @if problems.len() > 20 { span { "and " (problems.len() - 20) " more; the log of the server has them all" } }
        } }
    } }
}

fn filters(params: &Params, counts: &[(String, u64)], scopes: &[AlarmScope]) -> Markup {
    let of =
        |state: AlarmState| counts.iter().filter(|(of, _)| of == state.as_str()).map(|(_, n)| n).sum::<u64>();
    let total: u64 = counts.iter().map(|(_, n)| n).sum();
    let tabs = std::iter::once((String::new(), "All", total))
        .chain(STATES.map(|state| (state.to_string(), state_word(state.as_str()), of(state))));
    let known = |of: fn(&AlarmScope) -> Option<&String>| {
        let mut all: Vec<&str> = scopes.iter().filter_map(of).map(String::as_str).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let (accounts, regions) =
        (known(|scope| scope.account_id.as_ref()), known(|scope| scope.region.as_ref()));
    html! {
        div.filters {
            nav.seg aria-label="State" { @for (value, name, n) in tabs {
                a href=(link(params).with("state", value.as_str()).href()) aria-current=[(params.state == value).then_some("true")] { (name) " " span.muted { (parts::short_number(n)) } }
            } }
            form.filters method="get" action="/alarms" role="search" {
                @if !params.state.is_empty() { input type="hidden" name="state" value=(params.state); }
                input type="search" name="name" value=(params.name) placeholder="Name begins with" data-search aria-label="Name begins with" size="24";
                (choice("account", "Account", "Any account", &params.account, &accounts))
                (choice("region", "Region", "Any Region", &params.region, &regions))
                select name="origin" data-submit aria-label="Origin" {
                    option value="" { "Any origin" }
                    @for origin in ORIGINS { option value=(origin.as_str()) selected[params.origin == origin.as_str()] { (origin_word(origin)) } }
                }
                button.btn { "Filter" }
                a.btn.ghost href="/alarms" { "Reset" }
            }
        }
    }
}

/// A choice among what is there; nothing where there is nothing to choose.
fn choice(name: &str, label: &str, any: &str, chosen: &str, known: &[&str]) -> Markup {
    html! { @if !known.is_empty() || !chosen.is_empty() {
        select name=(name) data-submit aria-label=(label) {
            option value="" { (any) }
            @if !chosen.is_empty() && !known.contains(&chosen) { option value=(chosen) selected { (chosen) } }
            @for one in known { option value=(one) selected[*one == chosen] { (one) } }
        }
    } }
}

fn alarm_row(app: &App, row: &AlarmRow, scoped: bool) -> Markup {
    let alarm = definition(app, row);
    let here = evaluated(app, &row.id);
    let quiet = alarm.as_ref().is_some_and(|alarm| !alarm.actions_enabled());
    html! {
        tr data-row {
            td { (state_badge(&row.state)) }
            td { a.cell href=(href(&row.id)) data-open="page" title=(row.id) { span.strong { (row.name) } @if quiet { " " span.badge.plain title="Its actions are switched off" { "actions off" } } } }
            td.watches title=(row.reason) { @match &alarm { Some(alarm) => (watches(alarm)), None => span.muted { "its definition cannot be read" } } }
            td { (parts::time(row.transitioned_at)) " " span.muted { (parts::ago(row.transitioned_at, now(app))) } }
            @if scoped { td.mono.wide-only { (row.account_id.as_deref().unwrap_or("–")) } td.mono.wide-only { (row.region.as_deref().unwrap_or("–")) } }
            td.wide-only { @if here { "here" } @else { span.dim title="CloudWatch evaluates it; its changes are followed here" { "watched" } } }
        }
    }
}

fn pager(params: &Params, skip: usize, shown: usize, more: bool) -> Markup {
    html! {
        div.pager {
            span { (parts::count(shown as u64, "alarm", "alarms")) " on this page" }
            div.grow {}
            @if skip > 0 { a.btn.sm href=(link(params).href()) { "First" } }
            @if more { a.btn.sm href=(link(params).with("skip", (skip + PAGE).to_string()).href()) data-next rel="next" { "More " kbd { "n" } } }
        }
    }
}

fn nothing(params: &Params, others: u64) -> Markup {
    let filtered = others > 0 || link(params).href() != "/alarms";
    parts::empty(
        Icon::Alarms,
        if filtered { "No alarms here" } else { "No alarms yet" },
        &html! {
            @if filtered {
                p { "No alarm fits this filter" @if others > 0 { "; " (parts::count(others, "alarm is", "alarms are")) " in another state" } "." }
                div.row { a.btn.primary href="/alarms" { "Show all" } }
            } @else {
                p { "Metric filters count what happens in the logs, and alarms watch the counts as CloudWatch's do. Begin with the built-in ones, write your own, or bring those of an account here." }
                pre { "# trailkeep.toml\n[alarms]\nbuiltin = true" }
                pre { "trailkeep alarms import" }
                div.row { a.btn href="/alarms/simulate" { "Try an alarm on datapoints" } }
            }
        },
    )
}
