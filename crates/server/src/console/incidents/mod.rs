//! Incidents: the list, one incident, and what people do with it; silences and channels beside it.

mod act;
mod detail;
mod list;
mod side;
mod told;
mod words;

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use trailkeep_state::{Incident, IncidentFilter, IncidentStatus, Role};

pub(crate) use act::{act, act_on_many};
pub(crate) use detail::page as detail_page;
pub(crate) use list::page as list_page;
pub(crate) use words::status;

use super::layout::{Frame, Place};
use super::link::segment;
use super::parts;
use crate::app::Shared;
use crate::http::error::PageError;

/// What still wants a person.
pub(crate) const UNRESOLVED: [IncidentStatus; 2] = [IncidentStatus::Open, IncidentStatus::Acknowledged];

/// The page of an incident.
pub(crate) fn href(id: &str) -> String {
    format!("/incidents/{}", segment(id))
}

/// The tabs that incidents, silences and channels share. Who may not see silences is not led there.
pub(crate) fn tabs(frame: &Frame, path: &str) -> Markup {
    let tabs = [
        ("/incidents", "Incidents", true),
        ("/silences", "Silences", frame.role.allows(Role::Analyst)),
        ("/channels", "Channels", true),
    ];
    html! { nav.tabs aria-label="Incidents" {
        @for (href, name, shown) in tabs { @if shown { a href=(href) aria-current=[(href == path).then_some("page")] { (name) } } }
    } }
}

/// A page below the tabs.
pub(crate) fn page(frame: &Frame, path: &str, title: &str, end: &Markup, body: &Markup) -> Markup {
    let head = html! { (tabs(frame, path)) (end) };
    frame.page(Place::Incidents, title, &head, body)
}

/// For the overview: the open incidents that matter most, and how many are open and acknowledged.
pub(crate) struct Summary {
    open: u64,
    acknowledged: u64,
    rows: Vec<Incident>,
}

/// Incidents in the panel of the overview.
const SHOWN: usize = 5;

/// Looks them up.
pub(crate) async fn summary(app: &Shared) -> Result<Summary, PageError> {
    let incidents = app.backend.state.incidents();
    let open = IncidentFilter { statuses: vec![IncidentStatus::Open], ..IncidentFilter::default() };
    let (counts, page) = tokio::try_join!(incidents.counts(), incidents.list(&open, 100, None))?;
    let of = |wanted| counts.statuses.iter().find(|(known, _)| *known == wanted).map_or(0, |(_, n)| *n);
    let mut rows = page.rows;
    rows.sort_by_key(|row| (std::cmp::Reverse(row.level), std::cmp::Reverse(row.last_time)));
    rows.truncate(SHOWN);
    Ok(Summary { open: of(IncidentStatus::Open), acknowledged: of(IncidentStatus::Acknowledged), rows })
}

/// The panel of the overview; nothing while nobody has to do anything.
pub(crate) fn panel(summary: &Summary, now: DateTime<Utc>) -> Markup {
    html! { @if summary.open > 0 {
        section.panel aria-label="Open incidents" {
            header {
                h2 { "Open incidents" } span.muted { (parts::number(summary.open)) }
                div.end {
                    @if summary.acknowledged > 0 { a href="/incidents?status=acknowledged" { (parts::number(summary.acknowledged)) " acknowledged" } }
                    a.more href="/incidents?status=open" { "All" }
                }
            }
            ul.feed { @for row in &summary.rows { li { a href=(href(&row.id)) {
                (parts::level(row.level))
                span.t { (row.title) }
                span.w { "open for " (parts::span((now - row.open_since).num_seconds().max(0))) }
                span.d title=(row.summary) { (words::about(row)) }
            } } } }
        }
    } }
}

/// What leads from a finding or a response to its incident.
pub(crate) fn link_panel(incident: &Incident) -> Markup {
    html! {
        section.panel {
            header { h2 { "Incident" } div.end { (status(incident.status)) } }
            div.pad.stack {
                a.link href=(href(&incident.id)) { (incident.title) }
                p.small.muted {
                    (parts::count(incident.count, "signal", "signals"))
                    @if let Some(name) = &incident.assignee { " · with " (name) }
                }
            }
        }
    }
}
