//! One finding: who did what to what from where, in words, and what it rests on.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use trailkeep_detect::{Evidence, Finding};
use trailkeep_state::{AuditEntry, AuditFilter, FindingDetail, FindingRow, Note, Role, Status};

use super::words::{attack_link, status, status_word, tag_word};
use crate::app::Shared;
use crate::auth::Viewer;
use crate::console::incidents;
use crate::console::layout::{Frame, Place};
use crate::console::link::{self, Link, segment, term};
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;
use crate::runtime::of_finding;

/// Evidence on the page.
const EVIDENCE: usize = 200;

/// `GET /findings/{id}`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let state = &app.backend.state;
    let frame = app.frame(&who).await?;
    let Some(detail) = state.findings().get(&id, EVIDENCE).await? else {
        let body = html! { section.panel { (parts::empty(Icon::Findings, "No such finding", &html! {
            p { "There is no finding " code { (id) } "." } a.btn href="/findings" { "All findings" }
        })) } };
        return Ok(
            (StatusCode::NOT_FOUND, frame.page(Place::Findings, "Finding", &html! {}, &body)).into_response()
        );
    };
    let filter = AuditFilter { object: Some(format!("finding:{id}")), ..AuditFilter::default() };
    let acts = state.audit().list(&filter, 100, None).await?;
    let rule = app
        .backend
        .rules
        .rules()
        .iter()
        .find(|rule| rule.id == detail.row.finding.rule_id)
        .map(|rule| rule.source.clone());
    let incident = of_finding(state, &detail.row).await?;
    let head = html! { span.sub { (detail.row.finding.rule_title) } div.end { a.btn.ghost href="/findings" { "All findings" } } };
    let body = html! {
        div.finding {
            div.stack {
                (lead(&detail.row))
                (facts(&detail.row))
                (explanation(&detail.row.finding, rule.as_deref()))
                (evidence(&detail))
            }
            div.stack {
                @if let Some(incident) = &incident { (incidents::link_panel(incident)) }
                (triage(&frame, &detail.row))
                (timeline(&detail.row, &detail.notes, &acts))
            }
        }
    };
    Ok(frame.page(Place::Findings, "Finding", &head, &body).into_response())
}

fn lead(row: &FindingRow) -> Markup {
    let finding = &row.finding;
    html! {
        section.panel { div.pad.stack.lead-box {
            div.row.wrap { (parts::level(row.level)) (status(row.status)) span.muted { (parts::time(row.last_time)) " UTC" } @if row.count > 1 { span.muted { "· " (parts::count(row.count, "event", "events")) } } }
            p.lead { (finding.actor.as_deref().map(parts::short_arn).unwrap_or("Someone")) " " (finding.summary) }
        } }
    }
}

fn facts(row: &FindingRow) -> Markup {
    let finding = &row.finding;
    let (from, to) = (row.first_time - TimeDelta::hours(12), row.last_time + TimeDelta::hours(12));
    let near = |field: &str, value: &str| {
        Link::to("/search")
            .with("q", term(field, value))
            .with("from", parts::rfc3339(from))
            .with("to", parts::rfc3339(to))
            .href()
    };
    let rows: [(&str, Option<&str>, Option<&str>); 8] = [
        ("Who", finding.actor.as_deref(), Some("user")),
        ("Access key", finding.access_key_id.as_deref(), Some("key")),
        ("What", Some(&finding.action), Some("action")),
        ("From where", finding.source_ip.as_deref(), Some("address")),
        ("With", finding.user_agent.as_deref(), None),
        ("Account", finding.account_id.as_deref(), Some("account")),
        ("Region", finding.region.as_deref(), Some("region")),
        ("Rule", Some(&finding.rule_id), None),
    ];
    html! {
        section.panel {
            header { h2 { "Who, what, where" } div.end { a.more href=(Link::to("/search").with("from", parts::rfc3339(row.first_time - TimeDelta::minutes(15))).with("to", parts::rfc3339(row.last_time + TimeDelta::minutes(15))).href()) { "±15 minutes" } } }
            div.pad { dl.kv {
                @for (name, value, field) in rows { @if let Some(value) = value.filter(|value| !value.is_empty()) {
                    dt { (name) }
                    dd {
                        @match field { Some(field) => a.mono href=(near(field, value)) title="Search for this, half a day around" { (value) }, None => span.mono { (value) } }
                        (parts::copy(value, name))
                    }
                } }
                @if !finding.resources.is_empty() {
                    dt { "Where" }
                    dd { ul { @for resource in &finding.resources { li.row { a.mono href=(near("target", resource)) { (resource) } (parts::copy(resource, "the resource")) } } } }
                }
                dt { "When" }
                dd { (parts::time(row.first_time)) @if row.first_time != row.last_time { " to " (parts::time(row.last_time)) } " UTC" }
            } }
        }
    }
}

fn explanation(finding: &Finding, rule: Option<&str>) -> Markup {
    html! {
        section.panel {
            header { h2 { "Why this matters" } }
            div.pad.prose.stack {
                p { (finding.description) }
                @if !finding.tags.is_empty() {
                    div.chips { @for tag in &finding.tags {
                        @match attack_link(tag) {
                            Some((id, href)) => a.badge.plain href=(href) rel="noreferrer noopener" target="_blank" { "ATT&CK " (id) },
                            None => span.badge.plain { (tag_word(tag)) },
                        }
                    } }
                }
                @if !finding.false_positives.is_empty() { div { h3 { "Known to be harmless when" } ul { @for reason in &finding.false_positives { li { (reason) } } } } }
                @if !finding.references.is_empty() { div { h3 { "Read on" } ul { @for reference in &finding.references { li { (reference_link(reference)) } } } } }
                @if let Some(rule) = rule { details { summary.muted { "The rule" } pre.block { (rule) } } }
            }
        }
    }
}

/// A reference is a link only if it is a web address: rules may come from anywhere.
fn reference_link(text: &str) -> Markup {
    html! {
        @if text.starts_with("https://") || text.starts_with("http://") { a href=(text) rel="noreferrer noopener" target="_blank" { (text) } }
        @else { (text) }
    }
}

fn evidence(detail: &FindingDetail) -> Markup {
    let shown = detail.evidence.len() as u64;
    html! {
        section.panel {
            header { h2 { "Evidence" } div.end { @if detail.row.count > shown { "the first " (parts::number(shown)) " of " (parts::number(detail.row.count)) } @else { (parts::count(shown, "event", "events")) } } }
            @if detail.evidence.is_empty() { div.empty { p { "No events are kept for this finding." } } }
            @else { div.scroll { table.tbl {
                thead { tr { th { "Time (UTC)" } th { "Event" } th { "Table" } } }
                tbody { @for item in &detail.evidence { (evidence_row(item)) } }
            } } }
        }
    }
}

fn evidence_row(item: &Evidence) -> Markup {
    html! {
        tr data-row {
            td { (parts::time(item.time)) }
            td.mono { a.cell href=(link::event(&item.table, &item.event_uid, Some(item.time))) data-open="page" { (item.event_uid) } }
            td.muted { (item.table) }
        }
    }
}

fn triage(frame: &Frame, row: &FindingRow) -> Markup {
    let action = format!("/findings/{}", segment(&row.id));
    if !frame.role.allows(Role::Analyst) {
        return html! { section.panel { header { h2 { "Triage" } } p.pad.muted { "Triage needs the role analyst; yours is " (frame.role.as_str()) ". Ask an administrator." } } };
    }
    html! {
        section.panel {
            header { h2 { "Triage" } }
            div.pad.stack {
                form.stack method="post" action=(action) {
                    (frame.csrf_field())
                    label.field { span { "Status" } select name="status" { @for s in Status::ALL { option value=(s.as_str()) selected[s == row.status] { (status_word(s)) } } } }
                    label.field { span { "Assignee" } input name="assignee" value=(row.assignee.as_deref().unwrap_or_default()) maxlength="128" placeholder="nobody" autocomplete="off"; }
                    div.row {
                        button.btn.primary data-default { "Save" }
                        @if row.assignee.as_deref() != Some(frame.name.as_str()) { button.btn name="mine" value="1" { "Assign to me" } }
                    }
                }
                form.stack method="post" action=(action) {
                    (frame.csrf_field())
                    label.field { span { "Note" } textarea name="note" rows="3" maxlength="10000" placeholder="What you saw, and what you did" {} }
                    div { button.btn data-default { "Add note" } }
                }
            }
        }
    }
}

/// A text member of an audit entry's detail.
fn said(detail: &str, member: &str) -> Option<String> {
    let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
    Some(detail.get(member)?.as_str()?.to_owned())
}

fn timeline(row: &FindingRow, notes: &[Note], acts: &[AuditEntry]) -> Markup {
    let mut entries: Vec<(DateTime<Utc>, Markup)> =
        vec![(row.first_time, html! { "First event" }), (row.created_at, html! { "Found by Trailkeep" })];
    if row.last_time != row.first_time {
        entries.push((row.last_time, html! { "Last event" }));
    }
    entries.extend(notes.iter().map(|note| (note.time, html! { b { (note.author) } ": " (note.text) })));
    for act in acts {
        let words = match act.action.as_str() {
            "finding.status" => said(&act.detail, "status")
                .as_deref()
                .and_then(|s| s.parse().ok())
                .map(|s| format!("set the status to {}", status_word(s).to_lowercase())),
            "finding.assign" => Some(match said(&act.detail, "assignee") {
                Some(name) => format!("assigned it to {name}"),
                None => "assigned it to nobody".to_owned(),
            }),
            _ => None,
        };
        if let Some(words) = words {
            entries.push((act.time, html! { b { (act.actor) } " " (words) }));
        }
    }
    entries.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    html! {
        section.panel {
            header { h2 { "Timeline" } }
            ul.tl { @for (time, what) in entries { li { div { div.what { (what) } div.small.muted { (parts::time(time)) } } } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_link_only_to_the_web() {
        assert!(
            reference_link("https://example.com/a")
                .into_string()
                .contains("<a href=\"https://example.com/a\"")
        );
        assert!(!reference_link("javascript:alert(1)").into_string().contains("<a"));
    }
}
