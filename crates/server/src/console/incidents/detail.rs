//! One incident: what happened, what it rests on, who was told, and what people did.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use trailkeep_detect::Evidence;
use trailkeep_state::{FindingRow, Incident, IncidentKind, Response as Run, ResponseFilter, TimelineEntry};

use super::words::{entry, kind_word, status, who as by};
use super::{href, side, told};
use crate::app::Shared;
use crate::auth::Viewer;
use crate::console::findings;
use crate::console::layout::Place;
use crate::console::link::{self, Link, segment, term};
use crate::console::parts::{self, Icon};
use crate::console::responses;
use crate::http::error::PageError;

/// Findings of one incident that are shown.
const FINDINGS: usize = 20;
/// Responses of one incident that are shown.
const RESPONSES: usize = 50;
/// Of a longer timeline, so many of the oldest and of the newest entries are unfolded.
const UNFOLDED: (usize, usize) = (10, 60);

/// `GET /incidents/{id}`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let state = &app.backend.state;
    let frame = app.frame(&who).await?;
    let Some(detail) = state.incidents().get(&id).await? else {
        let body = html! { section.panel { (parts::empty(Icon::Incidents, "No such incident", &html! {
            p { "There is no incident " code { (id) } ". Those that were resolved long ago are let go." } a.btn href="/incidents" { "All incidents" }
        })) } };
        let page = frame.page(Place::Incidents, "Incident", &html! {}, &body);
        return Ok((StatusCode::NOT_FOUND, page).into_response());
    };
    let incident = &detail.incident;
    let filter = ResponseFilter { incident_id: Some(id.clone()), ..ResponseFilter::default() };
    let runs = state.responses().list(&filter, RESPONSES, None).await?;
    let found = findings_of(&app, incident).await?;
    let told = told::Deliveries::of(state, &detail).await?;
    let silenced = side::silenced(&app, incident).await?;
    let head = html! {
        span.sub { (kind_word(incident.kind)) " " span.mono { (incident.id.get(..8).unwrap_or(&incident.id)) } }
        div.end { (side::acknowledge_in_head(&frame, incident)) a.btn.ghost href="/incidents" { "All incidents" } }
    };
    let body = html! {
        (side::silence_note(&frame, &silenced))
        div.finding {
            div.stack {
                (lead(incident))
                (facts(incident))
                (timeline(&detail.timeline))
                (findings_panel(&found, incident))
                (evidence(incident))
                (responses_panel(&runs))
            }
            div.stack {
                (side::acts(&frame, incident))
                (told::panel(&detail, &told))
                (side::tickets(&frame, &detail))
            }
        }
    };
    Ok(frame.page(Place::Incidents, "Incident", &head, &body).into_response())
}

/// The findings that rest on the incident's events, of its rule.
async fn findings_of(app: &Shared, incident: &Incident) -> Result<Vec<FindingRow>, PageError> {
    let findings = app.backend.state.findings();
    let mut found: Vec<FindingRow> = Vec::new();
    if incident.kind == IncidentKind::Alarm {
        return Ok(found);
    }
    for event in &incident.evidence {
        for id in findings.of_event(&event.event_uid).await? {
            if found.len() == FINDINGS || found.iter().any(|known| known.id == id) {
                continue;
            }
            // A check's incident has the check's name, its finding that of the rule for all checks.
            let of_rule = |row: &FindingRow| {
                incident.kind == IncidentKind::Control || row.finding.rule_id == incident.rule_id
            };
            found.extend(findings.get(&id, 0).await?.map(|detail| detail.row).filter(of_rule));
        }
    }
    Ok(found)
}

fn lead(incident: &Incident) -> Markup {
    html! {
        section.panel { div.pad.stack.lead-box {
            div.row.wrap {
                (parts::level(incident.level)) (status(incident.status))
                span.muted { (parts::time(incident.last_time)) " UTC" }
                @if incident.count > 1 { span.muted { "· " (parts::count(incident.count, "signal", "signals")) } }
                @if let Some(name) = &incident.assignee { span.muted { "· with " } span.strong { (name) } }
            }
            p.lead { (incident.title) }
            @if incident.summary != incident.title { p.prose { (incident.summary) } }
            @if let Some(before) = &incident.follows { p.muted { "It came before: " a.link href=(href(before)) { "the incident that this one follows" } } }
        } }
    }
}

fn facts(incident: &Incident) -> Markup {
    let rule = match incident.kind {
        IncidentKind::Finding => (
            "Rule",
            Link::to("/findings").with("rule", incident.rule_id.as_str()).with("status", "all").href(),
        ),
        IncidentKind::Alarm => ("Alarm", format!("/alarms/{}", segment(&incident.entity))),
        IncidentKind::Control => ("Check", "/controls".to_owned()),
    };
    let near = |field: &str, value: &str| {
        let day = chrono::TimeDelta::hours(12);
        Link::to("/search")
            .with("q", term(field, value))
            .with("from", parts::rfc3339(incident.first_time - day))
            .with("to", parts::rfc3339(incident.last_time + day))
            .href()
    };
    let rows: [(&str, Option<&str>, Option<&str>); 6] = [
        ("Who", incident.actor.as_deref(), Some("user")),
        ("Resource", incident.resource.as_deref(), Some("target")),
        (
            "About",
            Some(&incident.entity)
                .filter(|it| Some(it.as_str()) != incident.resource.as_deref())
                .map(String::as_str),
            None,
        ),
        ("Account", incident.account_id.as_deref(), Some("account")),
        ("Region", incident.region.as_deref(), Some("region")),
        ("Owner", incident.owner.as_deref(), None),
    ];
    // Events of an alarm's or a check's account are not found by its ARN.
    let searched = incident.kind == IncidentKind::Finding;
    html! {
        section.panel {
            header { h2 { "Who, what, where" } div.end {
                @if let Some(id) = incident.resource.as_deref().or(incident.actor.as_deref()) {
                    a.more href=(Link::to("/incidents").with("q", id).with("status", "all").href()) { "Others about this" }
                }
            } }
            div.pad { dl.kv {
                @for (name, value, field) in rows { @if let Some(value) = value.filter(|value| !value.is_empty()) {
                    dt { (name) }
                    dd {
                        @match field.filter(|_| searched) { Some(field) => a.mono href=(near(field, value)) title="Search for this, half a day around" { (value) }, None => span.mono { (value) } }
                        (parts::copy(value, name))
                    }
                } }
                dt { (rule.0) }
                dd { a href=(rule.1) { (incident.rule_title) } @if incident.rule_title != incident.rule_id { span.mono.muted { (incident.rule_id) } } }
                dt { "When" }
                dd { (parts::time(incident.first_time)) @if incident.first_time != incident.last_time { " to " (parts::time(incident.last_time)) } " UTC" }
                dt { "Opened" }
                dd { (parts::time(incident.opened_at)) " UTC" @if incident.open_since != incident.opened_at { span.muted { "again " (parts::time(incident.open_since)) } } }
                @if let Some(stamp) = &incident.acknowledged { dt { "Acknowledged" } dd { (parts::time(stamp.at)) " UTC by " (by(&stamp.by)) } }
                @if let Some(stamp) = &incident.resolved { dt { "Resolved" } dd { (parts::time(stamp.at)) " UTC by " (by(&stamp.by)) } }
            } }
        }
    }
}

fn timeline(entries: &[TimelineEntry]) -> Markup {
    let (first, last) = UNFOLDED;
    let folded = if entries.len() > first + last + 10 { first..entries.len() - last } else { 0..0 };
    let list = |entries: &[TimelineEntry]| html! { ul.tl { @for one in entries { (entry_row(one)) } } };
    html! {
        section.panel #timeline {
            header { h2 { "Timeline" } div.end { (parts::count(entries.len() as u64, "entry", "entries")) } }
            @if folded.is_empty() { (list(entries)) } @else {
                (list(&entries[..folded.start]))
                details.pad { summary.muted { (parts::number(folded.len() as u64)) " entries between" } (list(&entries[folded.clone()])) }
                (list(&entries[folded.end..]))
            }
        }
    }
}

fn entry_row(one: &TimelineEntry) -> Markup {
    let (word, colour) = entry(one.kind);
    // "Told" and "told sec-chat" are said once.
    let said = one.text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let rest = if said { one.text.get(word.len()..).unwrap_or_default().trim_start() } else { &one.text };
    html! {
        li class=(colour) {
            div {
                div.what { b { (word) } " " span.dim { (rest) } }
                div.small.muted { (by(&one.actor)) " · " (parts::time(one.time)) }
            }
        }
    }
}

fn findings_panel(found: &[FindingRow], incident: &Incident) -> Markup {
    html! { @if !found.is_empty() {
        section.panel {
            header { h2 { "Findings" } div.end { @if incident.count > found.len() as u64 { "the first of " (parts::count(incident.count, "signal", "signals")) } } }
            div.scroll { table.tbl {
                thead { tr { th { "Level" } th { "Finding" } th.wide-only { "From" } th { "Status" } th { "Last (UTC)" } } }
                tbody { @for row in found { tr data-row {
                    td { (parts::level(row.level)) }
                    td { a.cell href={ "/findings/" (segment(&row.id)) } data-open="page" { span.strong { (row.finding.rule_title) } " " span.dim title=(row.finding.summary) { (row.finding.summary) } } }
                    td.mono.wide-only { (row.finding.source_ip.as_deref().unwrap_or("–")) }
                    td { (findings::status(row.status)) }
                    td { (parts::time(row.last_time)) }
                } } }
            } }
        }
    } }
}

/// Where a piece of evidence is shown: an event, an assessment's result, an alarm's history.
fn shown_at(incident: &Incident, item: &Evidence) -> String {
    if item.table == "alarm_history" {
        return format!("/alarms/{}", segment(&incident.entity));
    }
    link::event(&item.table, &item.event_uid, Some(item.time))
}

fn evidence(incident: &Incident) -> Markup {
    let shown = incident.evidence.len() as u64;
    html! {
        section.panel {
            header { h2 { "Evidence" } div.end { (parts::count(shown, "event", "events")) @if incident.count > shown { ", the first ones" } } }
            @if incident.evidence.is_empty() { div.empty { p { "No events are kept for this incident." } } }
            @else { div.scroll { table.tbl {
                thead { tr { th { "Time (UTC)" } th { "Event" } th { "Table" } } }
                tbody { @for item in &incident.evidence { tr data-row {
                    td { (parts::time(item.time)) }
                    td.mono { a.cell href=(shown_at(incident, item)) data-open="page" { (item.event_uid) } }
                    td.muted { (item.table) }
                } } }
            } } }
        }
    }
}

fn responses_panel(runs: &[Run]) -> Markup {
    html! { @if !runs.is_empty() {
        section.panel {
            header { h2 { "Responses" } div.end { a.more href="/responses" { "All" } } }
            div.scroll { table.tbl {
                thead { tr { th { "Status" } th { "Change" } th { "By" } th.wide-only { "Playbook" } th { "Event (UTC)" } } }
                tbody { @for row in runs { tr data-row {
                    td { (responses::badge(row.status)) }
                    td { a.cell href={ "/responses/" (row.id) } data-open="page" { span.strong { (row.changed) } " " span.dim title=(row.resource) { (parts::short_arn(&row.resource)) } } }
                    td title=(row.actor) { (parts::short_arn(&row.actor)) }
                    td.mono.wide-only { (row.playbook) }
                    td { (parts::time(row.event_time)) }
                } } }
            } }
        }
    } }
}

#[cfg(test)]
mod tests {
    use trailkeep_state::TimelineKind;

    use super::*;

    #[test]
    fn a_long_timeline_is_folded_in_the_middle_and_loses_nothing() {
        let entries: Vec<TimelineEntry> = (0..500)
            .map(|n| {
                TimelineEntry::new(
                    chrono::DateTime::UNIX_EPOCH,
                    "system",
                    TimelineKind::Signals,
                    format!("entry-{n}."),
                )
            })
            .collect();
        let page = timeline(&entries).into_string();
        assert!(page.contains("430 entries between"), "{page}");
        let places: Vec<usize> = (0..500).map(|n| page.find(&format!("entry-{n}.")).unwrap()).collect();
        assert!(places.is_sorted(), "oldest first");
        assert!(!timeline(&entries[..80]).into_string().contains("<details"));
    }
}
