//! Search: the query bar, the histogram, the facets, the hits, the event beside them.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::chart::{self, Chart};
use super::events::{self, FindingOn};
use super::layout::Place;
use super::link::{Link, term};
use super::parts::{self, Icon};
use super::range::{PRESETS, RangeParams, TimeRange};
use crate::app::Shared;
use crate::auth::Viewer;
use crate::backend::{Bucket, EventRow, Facet, Hits, LogsError, Search};
use crate::http::error::PageError;

/// Hits on a page.
const PAGE: usize = 100;
/// Bars of the histogram.
const BUCKETS: usize = 72;
/// Values per facet.
const TOP: usize = 8;

/// The address of a search.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Params {
    #[serde(default)]
    q: String,
    #[serde(flatten)]
    range: RangeParams,
    /// Cursor of the page.
    #[serde(default)]
    after: String,
    /// The event beside the hits: its id, table and time.
    #[serde(default)]
    event: String,
    #[serde(default)]
    table: String,
    #[serde(default)]
    at: String,
    /// Only the event, for the script.
    #[serde(default)]
    fragment: String,
}

/// Everything on the page.
struct View<'a> {
    query: &'a str,
    range: &'a TimeRange,
    after: &'a str,
    hits: Result<Hits, LogsError>,
    histogram: Vec<Bucket>,
    facets: Vec<Facet>,
    open: Option<Open>,
    empty_lake: bool,
}

/// The event beside the hits.
struct Open {
    table: String,
    event_uid: String,
    found: Option<(EventRow, Vec<FindingOn>)>,
}

/// `GET /search`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Query(params): Query<Params>,
) -> Result<Response, PageError> {
    let newest = app.newest().await;
    let range = match TimeRange::read(&params.range, Utc::now(), newest) {
        Ok(range) => range,
        Err(reason) => return Err(PageError::wrong("The range is not valid", reason)),
    };
    let query = params.q.trim().to_owned();
    let open = open(&app, &params).await?;
    if !params.fragment.is_empty() {
        let close = close_link(&query, &range, &params.after);
        return Ok(drawer(open.as_ref(), &close).into_response());
    }
    let search = Search { text: query.clone(), from: range.from, to: range.to };
    let cursor = Some(params.after.as_str()).filter(|cursor| !cursor.is_empty());
    let logs = &app.backend.logs;
    let (hits, histogram, facets) = tokio::join!(
        app.in_time(logs.search(&search, PAGE, cursor)),
        app.in_time(logs.histogram(&search, BUCKETS)),
        app.in_time(logs.facets(&search, TOP)),
    );
    let view = View {
        query: &query,
        range: &range,
        after: &params.after,
        hits,
        histogram: histogram.unwrap_or_default(),
        facets: facets.unwrap_or_default(),
        open,
        empty_lake: newest.is_none(),
    };
    let frame = app.frame(&who).await?;
    Ok(frame.page(Place::Search, "Search", &bar(&view), &body(&view)).into_response())
}

async fn open(app: &Shared, params: &Params) -> Result<Option<Open>, PageError> {
    if params.event.is_empty() {
        return Ok(None);
    }
    let at = DateTime::parse_from_rfc3339(&params.at).ok().map(|at| at.to_utc());
    let found = app.event(&params.table, &params.event, at).await?;
    Ok(Some(Open { table: params.table.clone(), event_uid: params.event.clone(), found }))
}

/// The search as an address, without a page or an event.
fn base(query: &str, range: &TimeRange) -> Link {
    range.link(Link::to("/search").with("q", query))
}

fn close_link(query: &str, range: &TimeRange, after: &str) -> String {
    base(query, range).with("after", after).href()
}

fn drawer(open: Option<&Open>, close: &str) -> Markup {
    match open {
        Some(Open { found: Some((event, findings)), .. }) => events::drawer(event, findings, close),
        Some(Open { table, event_uid, .. }) => {
            html! { aside.drawer aria-label="Event" { (events::missing(table, event_uid, Some(close))) } }
        }
        None => html! {},
    }
}

fn bar(view: &View<'_>) -> Markup {
    html! {
        form.query method="get" action="/search" role="search" {
            label.box {
                span.vh { "Query" }
                (parts::icon(Icon::Search))
                input type="search" name="q" value=(view.query) data-search autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder="eventName:StopLogging user:alice 203.0.113.7";
                kbd { "/" }
            }
            @for (key, value) in view.range.link(Link::to("")).pairs() { input type="hidden" name=(key) value=(value); }
            button.btn.primary { "Search" }
        }
        div.end { (presets(view)) }
    }
}

fn presets(view: &View<'_>) -> Markup {
    html! {
        nav.seg aria-label="Range" {
            @for (value, name) in PRESETS {
                a href=(Link::to("/search").with("q", view.query).with("since", value).href())
                    aria-current=[(view.range.preset.as_deref() == Some(value)).then_some("true")] { (name) }
            }
        }
    }
}

fn body(view: &View<'_>) -> Markup {
    let hits = match &view.hits {
        Err(error) => return query_error(view, error),
        Ok(hits) => hits,
    };
    let total: u64 = view.histogram.iter().flat_map(|bucket| &bucket.counts).map(|(_, count)| count).sum();
    html! {
        (histogram(view, total))
        @if hits.events.is_empty() { (nothing(view)) }
        @else {
            div.search.open[view.open.is_some()] {
                div.facets { (facets(view)) }
                section.panel aria-label="Events" {
                    (events::table(&hits.events, view.open.as_ref().map(|open| open.event_uid.as_str()), |event| event_link(view, event)))
                    (pager(view, hits))
                }
                div #drawer { (drawer(view.open.as_ref(), &close_link(view.query, view.range, view.after))) }
            }
        }
    }
}

fn event_link(view: &View<'_>, event: &EventRow) -> String {
    base(view.query, view.range)
        .with("after", view.after)
        .with("event", event.event_uid.as_str())
        .with("table", event.table.as_str())
        .with("at", parts::rfc3339(event.time))
        .href()
}

fn histogram(view: &View<'_>, total: u64) -> Markup {
    let (series, bars) = super::series(&view.histogram, |bucket| {
        Link::to("/search")
            .with("q", view.query)
            .with("from", parts::rfc3339(bucket.start))
            .with("to", parts::rfc3339(bucket.end))
            .href()
    });
    let names: Vec<String> = series.iter().map(|(name, _)| name.clone()).collect();
    let brush = Some(Link::to("/search").with("q", view.query).href());
    let chart = Chart { series: &names, bars: &bars, short: true, brush, label: "Events over time" };
    let entries: Vec<_> = series
        .iter()
        .map(|(name, count)| {
            let narrowed = add_term(view.query, &term("table", name));
            (name.clone(), *count, Some(base(&narrowed, view.range).href()))
        })
        .collect();
    html! {
        section.panel {
            header {
                h2 { (parts::count(total, "event", "events")) }
                span.muted { (view.range.words()) @if view.range.anchored { " · where the data ends" } }
                div.end { (chart::legend(&entries)) }
            }
            @if !bars.is_empty() { div.pad { (chart.render()) } }
        }
    }
}

/// The query with one more term, if it is not in it already.
fn add_term(query: &str, term: &str) -> String {
    if query.split(' ').any(|part| part == term) {
        query.to_owned()
    } else {
        format!("{query} {term}").trim().to_owned()
    }
}

fn facets(view: &View<'_>) -> Markup {
    html! {
        @for facet in view.facets.iter().filter(|facet| !facet.values.is_empty()) {
            details open {
                summary { (facet_name(&facet.field)) }
                ul {
                    @for (value, count) in &facet.values {
                        @let chosen = term(&facet.field, value);
                        li {
                            a.v href=(base(&add_term(view.query, &chosen), view.range).href()) title={ "Only " (value) } { (parts::short_arn(value)) }
                            span.n { (parts::short_number(*count)) }
                            a.x href=(base(&add_term(view.query, &format!("-{chosen}")), view.range).href()) title={ "Without " (value) } aria-label={ "Without " (value) } { "−" }
                        }
                    }
                }
            }
        }
    }
}

/// A facet's heading, for people.
fn facet_name(field: &str) -> &str {
    match field {
        "action" => "Action",
        "actor" | "user" => "Actor",
        "account" | "account_id" => "Account",
        "region" => "Region",
        "address" | "source_address" | "ip" => "Source address",
        "outcome" => "Outcome",
        "table" => "Table",
        other => other,
    }
}

fn pager(view: &View<'_>, hits: &Hits) -> Markup {
    html! {
        div.pager {
            span { (parts::count(hits.events.len() as u64, "event", "events")) " on this page, newest first" }
            div.grow {}
            @if !view.after.is_empty() { a.btn.sm href=(base(view.query, view.range).href()) { "Newest" } }
            @if let Some(next) = &hits.next {
                a.btn.sm href=(base(view.query, view.range).with("after", next.as_str()).href()) data-next rel="next" { "Older " kbd { "n" } }
            }
        }
    }
}

fn nothing(view: &View<'_>) -> Markup {
    let body = if view.empty_lake {
        html! {
            p { "The lake is empty. Load some logs, or let the demo make an estate with an attack in it:" }
            pre { "trailkeep ingest PATH_OR_URL\ntrailkeep demo" }
        }
    } else {
        html! {
            p { "Nothing matches " @if view.query.is_empty() { "in this range" } @else { code { (view.query) } } " (" (view.range.words()) ")." }
            div.row {
                @if view.range.preset.as_deref() != Some("all") { a.btn.primary href=(Link::to("/search").with("q", view.query).with("since", "all").href()) { "Search all time" } }
                @if !view.query.is_empty() { a.btn href=(base("", view.range).href()) { "Show everything in this range" } }
            }
            (syntax())
        }
    };
    html! { section.panel { (parts::empty(Icon::Search, if view.empty_lake { "No events yet" } else { "No events" }, &body)) } }
}

fn query_error(view: &View<'_>, error: &LogsError) -> Markup {
    let title = match error {
        LogsError::Wrong(_) => "The query is not understood",
        LogsError::Failed(_) => "The search failed",
    };
    html! {
        (parts::failed(title, &error.to_string()))
        section.panel { (parts::empty(Icon::Search, "How to search", &html! { (syntax()) a.btn href=(base("", view.range).href()) { "Clear the query" } })) }
    }
}

/// The syntax in six lines.
fn syntax() -> Markup {
    let lines = [
        ("eventName:StopLogging", "a field of the table, or of every table"),
        ("user:alice", "the actor, by name or ARN"),
        ("203.0.113.7", "free text, anywhere in the record"),
        ("-region:us-east-1", "without"),
        ("eventName:Delete*", "begins with"),
        ("\"access denied\"", "these words in this order"),
    ];
    html! { dl.kv { @for (example, means) in lines { dt { a.mono.link href=(Link::to("/search").with("q", example).href()) { (example) } } dd { (means) } } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_added_once() {
        assert_eq!(add_term("", "user:a"), "user:a");
        assert_eq!(add_term("user:a", "user:a"), "user:a");
        assert_eq!(add_term("x", "-user:a"), "x -user:a");
    }
}
