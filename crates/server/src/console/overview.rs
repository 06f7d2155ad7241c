//! Overview: how much happened, what was found, who stands out, whether logs still come in.

use std::sync::Arc;

use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use trailkeep_detect::Level;
use trailkeep_state::{FindingCounts, FindingRow, Run};

use super::chart::{self, Chart};
use super::controls::{self, Latest};
use super::incidents;
use super::layout::Place;
use super::link::{Link, segment, term};
use super::parts::{self, Icon};
use super::range::{PRESETS, RangeParams, TimeRange};
use crate::app::Shared;
use crate::auth::Viewer;
use crate::backend::{Bucket, Facet, LogsError, Search, TableHealth};
use crate::http::error::PageError;

/// Bars of the chart.
const BUCKETS: usize = 96;
/// Values per list.
const TOP: usize = 7;
/// Findings in the feed.
const FEED: usize = 8;
/// A table whose newest event is older than this is shown as lagging.
const LAG_SECONDS: i64 = 3_600;

struct View {
    range: TimeRange,
    now: DateTime<Utc>,
    histogram: Result<Vec<Bucket>, LogsError>,
    facets: Vec<Facet>,
    errors: Vec<Facet>,
    counts: FindingCounts,
    newest: Vec<FindingRow>,
    health: Arc<Vec<TableHealth>>,
    quarantine: Vec<(String, u64)>,
    runs: Vec<Run>,
    controls: Option<Latest>,
    incidents: incidents::Summary,
}

/// `GET /`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Query(params): Query<RangeParams>,
) -> Result<Markup, PageError> {
    let now = Utc::now();
    let range = TimeRange::read(&params, now, app.newest().await)
        .map_err(|reason| PageError::wrong("The range is not valid", reason))?;
    let frame = app.frame(&who).await?;
    let view = gather(&app, range, now).await?;
    let head = html! {
        span.sub.wide-only { (view.range.words()) @if view.range.anchored { ", where the data ends" } }
        div.end { nav.seg aria-label="Range" {
            @for (value, name) in PRESETS { a href=(Link::to("/").with("since", value).href()) aria-current=[(view.range.preset.as_deref() == Some(value)).then_some("true")] { (name) } }
        } }
    };
    let body = if view.health.is_empty() && view.counts.total == 0 { welcome(&view) } else { body(&view) };
    Ok(frame.page_with(Place::Overview, "Overview", &head, &body, Some(20)))
}

async fn gather(app: &Shared, range: TimeRange, now: DateTime<Utc>) -> Result<View, PageError> {
    let search = Search { text: String::new(), from: range.from, to: range.to };
    let failing = Search { text: crate::engine::FAILED.to_owned(), ..search.clone() };
    let logs = &app.backend.logs;
    let (histogram, facets, errors, health, quarantine) = tokio::join!(
        app.in_time(logs.histogram(&search, BUCKETS)),
        app.in_time(logs.facets(&search, TOP)),
        app.in_time(logs.facets(&failing, TOP)),
        app.health(),
        app.in_time(logs.quarantine()),
    );
    let (counts, newest) = super::findings::summary(app, &range, FEED).await?;
    let runs = app.backend.state.runs().recent(6).await?;
    Ok(View {
        range,
        now,
        histogram,
        facets: facets.unwrap_or_default(),
        errors: errors.unwrap_or_default(),
        counts,
        newest,
        health: health.unwrap_or_default(),
        quarantine: quarantine.unwrap_or_default(),
        runs,
        controls: controls::latest(app).await?,
        incidents: incidents::summary(app).await?,
    })
}

fn body(view: &View) -> Markup {
    html! {
        @match &view.controls { Some(latest) => (controls::board(latest, view.now)), None => (unassessed()) }
        (incidents::panel(&view.incidents, view.now))
        (levels(view))
        div.cols {
            div.c8 { (events(view)) }
            div.c4 { (feed(view)) }
            div.c4 { (top(view, "Top actors", &view.facets, &["actor", "user"], false)) }
            div.c4 { (top(view, "Top actions", &view.facets, &["action"], false)) }
            div.c4 { (top(view, "Addresses with errors", &view.errors, &["source_address", "address", "ip"], true)) }
            div.c8 { (tables(view)) }
            div.c4.stack { (runs(view)) (quarantine(view)) }
        }
    }
}

fn levels(view: &View) -> Markup {
    html! {
        section.panel.stats aria-label="Findings by level" {
            @for level in Level::ALL.into_iter().rev() {
                @let n = view.counts.levels.iter().find(|(l, _)| *l == level).map_or(0, |(_, n)| *n);
                a.zero[n == 0] href=(view.range.link(Link::to("/findings").with("level", level.as_str())).href()) {
                    span { (parts::level(level)) }
                    span.v { (parts::number(n)) }
                    span.small.muted { (if n == 1 { "finding" } else { "findings" }) }
                }
            }
        }
    }
}

fn events(view: &View) -> Markup {
    let buckets = match &view.histogram {
        Ok(buckets) => buckets,
        Err(error) => return parts::failed("Events could not be counted", &error.to_string()),
    };
    let (series, bars) = super::series(buckets, |bucket| {
        Link::to("/search")
            .with("from", parts::rfc3339(bucket.start))
            .with("to", parts::rfc3339(bucket.end))
            .href()
    });
    let names: Vec<String> = series.iter().map(|(name, _)| name.clone()).collect();
    let total: u64 = series.iter().map(|(_, count)| count).sum();
    let chart = Chart {
        series: &names,
        bars: &bars,
        short: false,
        brush: Some("/search".to_owned()),
        label: "Events over time, per table",
    };
    let entries: Vec<_> = series
        .iter()
        .map(|(name, count)| {
            let link = view.range.link(Link::to("/search").with("q", term("table", name)));
            (name.clone(), *count, Some(link.href()))
        })
        .collect();
    html! {
        section.panel {
            header { h2 { "Events" } span.muted { (parts::number(total)) } div.end { a.more href=(view.range.link(Link::to("/search")).href()) { "Search" } } }
            @if total == 0 {
                div.empty { p { "No events in this range." } a.btn.sm href="/?since=all" { "Show all time" } }
            } @else {
                div.pad.stack { (chart.render()) (chart::legend(&entries)) }
            }
        }
    }
}

fn feed(view: &View) -> Markup {
    html! {
        section.panel {
            header { h2 { "Newest critical and high" } div.end { a.more href="/findings" { "All" } } }
            @if view.newest.is_empty() {
                div.empty { p { "No critical or high findings in this range." } }
            } @else {
                ul.feed { @for row in &view.newest {
                    li { a href={ "/findings/" (segment(&row.id)) } {
                        (parts::level(row.level))
                        span.t { (row.finding.rule_title) }
                        span.w { (parts::ago(row.last_time, view.now)) }
                        span.d title=(row.finding.summary) { (row.finding.actor.as_deref().map(parts::short_arn).unwrap_or("someone")) " " (row.finding.summary) }
                    } }
                } }
            }
        }
    }
}

fn top(view: &View, title: &str, facets: &[Facet], fields: &[&str], errors: bool) -> Markup {
    let facet = facets.iter().find(|facet| fields.contains(&facet.field.as_str()));
    let values = facet.map(|facet| facet.values.as_slice()).unwrap_or_default();
    let most = values.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    html! {
        section.panel {
            header { h2 { (title) } }
            @if values.is_empty() { div.empty { p { "Nothing in this range." } } }
            @else if let Some(facet) = facet {
                ul.bars.err[errors] { @for (value, count) in values {
                    @let query = term(&facet.field, value);
                    @let query = if errors { format!("{query} {}", crate::engine::FAILED) } else { query };
                    li {
                        a.name href=(view.range.link(Link::to("/search").with("q", query)).href()) title=(value) { (parts::short_arn(value)) }
                        span.n { (parts::number(*count)) }
                        svg viewBox="0 0 1000 3" preserveAspectRatio="none" aria-hidden="true" { rect width="1000" height="3" {} rect.v width=(count * 1000 / most) height="3" {} }
                    }
                } }
            }
        }
    }
}

fn tables(view: &View) -> Markup {
    html! {
        section.panel {
            header { h2 { "Ingestion" } div.end { "tables of the lake" } }
            div.scroll { table.tbl {
                thead { tr { th { "Table" } th.num { "Events" } th { "Newest event (UTC)" } th.num { "Stored" } th { "" } } }
                tbody { @for table in view.health.iter() {
                    @let lag = table.last_event.map(|at| (view.now - at).num_seconds());
                    tr {
                        td.mono { a href=(Link::to("/search").with("q", term("table", &table.table)).with("since", "all").href()) { (table.table) } }
                        td.num { (parts::number(table.rows)) }
                        td { @if let Some(at) = table.last_event { (parts::time(at)) } @else { "–" } }
                        td.num.dim title=(parts::count(table.files, "file", "files")) { (parts::bytes(table.bytes)) }
                        td { @match lag {
                            Some(lag) if lag <= LAG_SECONDS => span.badge.ok.plain { "current" },
                            Some(lag) => span.badge.medium.plain title="Time since the newest event" { (parts::span(lag)) " behind" },
                            None => span.badge.plain { "no events" },
                        } }
                    }
                } }
            } }
        }
    }
}

fn runs(view: &View) -> Markup {
    html! {
        section.panel {
            header { h2 { "Runs" } }
            @if view.runs.is_empty() { div.empty { p { "No ingestion has run yet." } } }
            @else { ul.feed { @for run in &view.runs {
                li { a href="/settings/runs" {
                    (run_state(run))
                    span.t title=(run.source) { (run.source) }
                    span.w { (parts::ago(run.started_at, view.now)) }
                    span.d {
                        (parts::count(run.counters.events, "event", "events"))
                        @if run.counters.duplicates > 0 { ", " (parts::number(run.counters.duplicates)) " known" }
                        @if run.counters.quarantined > 0 { ", " (parts::number(run.counters.quarantined)) " quarantined" }
                        @if let Some(error) = &run.error { " · " (error) }
                    }
                } }
            } } }
        }
    }
}

/// How a run stands, as a badge.
pub(crate) fn run_state(run: &Run) -> Markup {
    use trailkeep_state::RunState;
    let (class, word) = match run.state {
        RunState::Running => ("low", "Running"),
        RunState::Done => ("ok", "Done"),
        RunState::Failed => ("bad", "Failed"),
        RunState::Interrupted => ("medium", "Stopped"),
    };
    html! { span class={ "badge plain " (class) } { (word) } }
}

fn quarantine(view: &View) -> Markup {
    html! {
        section.panel {
            header { h2 { "Quarantine" } div.end { a.more href=(Link::to("/sql").with("q", "SELECT * FROM quarantine ORDER BY ingest_time DESC LIMIT 100").href()) { "Look" } } }
            @if view.quarantine.is_empty() { div.empty { p { "Every record could be read." } } }
            @else { ul.bars.err { @for (reason, count) in &view.quarantine { li { span.name title=(reason) { (reason) } span.n { (parts::number(*count)) } } } } }
        }
    }
}

/// One line where logs have much to show already.
fn unassessed() -> Markup {
    html! {
        div.note { div.row.wrap { b { "The six controls are not assessed yet." } span.dim { "Run " code { "trailkeep check" } " to see which of them hold." } a.link href="/controls" { "How" } } }
    }
}

fn welcome(view: &View) -> Markup {
    html! {
        @match &view.controls { Some(latest) => (controls::board(latest, view.now)), None => (controls::unassessed()) }
        section.panel { (parts::empty(Icon::Overview, "No logs yet", &html! {
            p { "Trailkeep has nothing to show before logs are in the lake. Load some, watch a folder, or let the demo make an organisation with an attack in it." }
            pre { "trailkeep ingest PATH_OR_URL      # files, folders, s3://bucket/prefix\ntrailkeep demo                    # a simulated estate\n\n# trailkeep.toml\n[sources.folder]\npaths = [\"/var/log/aws\"]" }
            p.muted { "Or send events to " code { "POST /ingest/v1/events" } ". This page looks again by itself." }
        })) }
        @if !view.runs.is_empty() { (runs(view)) }
    }
}
