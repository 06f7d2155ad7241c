//! Responses: what playbooks found, what waits for a person, what was done, and taking it back.

use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use chrono::Utc;
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_respond::playbook::{RespondError, repair_of};
use trailkeep_state::{JournalEntry, Response, ResponseFilter, ResponseId, ResponseStatus, Role};

use crate::app::Shared;
use crate::auth::{Posted, Responder, Viewer};
use crate::console::layout::{Frame, Place};
use crate::console::link::{self, Link};
use crate::console::parts::{self, Icon};
use crate::console::{highlight, incidents};
use crate::http::error::PageError;
use crate::runtime::respond_changed;

/// Rows on a page.
const PAGE: usize = 100;
/// Steps of one response that are shown.
const STEPS: usize = 500;

/// What still wants a person.
const OPEN: [ResponseStatus; 2] = [ResponseStatus::Waiting, ResponseStatus::Escalated];

/// The address of the list.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Params {
    /// `open`, `all`, or one status.
    #[serde(default)]
    status: String,
    #[serde(default)]
    before: String,
}

/// The form of a response's page.
#[derive(Debug, Deserialize)]
pub(crate) struct Act {
    /// `approve`, `reject` or `undo`.
    act: String,
    #[serde(default)]
    reason: String,
}

/// `GET /responses`.
pub(crate) async fn list_page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Query(params): Query<Params>,
) -> Result<Markup, PageError> {
    let wrong = |reason| PageError::wrong("The filter is not valid", reason);
    let statuses = match params.status.as_str() {
        "" | "all" => Vec::new(),
        "open" => OPEN.to_vec(),
        one => vec![one.parse().map_err(wrong)?],
    };
    let before = match params.before.as_str() {
        "" => None,
        text => Some(ResponseId(text.parse().map_err(|_| wrong(format!("'{text}' is no response")))?)),
    };
    let filter = ResponseFilter { statuses, ..ResponseFilter::default() };
    let rows = app.backend.state.responses().list(&filter, PAGE, before).await?;
    let frame = app.frame(&who).await?;
    let chosen = if params.status.is_empty() { "all" } else { params.status.as_str() };
    let head = html! { div.end { nav.seg aria-label="Status" {
        @for (value, name) in [("all", "All"), ("open", "To decide"), ("done", "Done"), ("failed", "Failed"), ("undone", "Undone")] {
            a href=(Link::to("/responses").with("status", value).href()) aria-current=[(chosen == value).then_some("true")] { (name) }
        }
    } } };
    let body = html! {
        (unconfigured(&app))
        section.panel aria-label="Responses" {
            @if rows.is_empty() { (nothing(chosen)) } @else {
                div.scroll { table.tbl {
                    thead { tr { th { "Status" } th { "Change" } th { "By" } th { "Playbook" } th.wide-only { "Account" } th.wide-only { "Region" } th { "Event (UTC)" } } }
                    tbody { @for row in &rows { (response_row(row)) } }
                } }
                @if let (true, Some(last)) = (rows.len() == PAGE, rows.last()) {
                    div.pager { div.grow {} a.btn.sm href=(Link::to("/responses").with("status", chosen).with("before", last.id.to_string()).href()) data-next rel="next" { "Older " kbd { "n" } } }
                }
            }
        }
    };
    Ok(frame.page_with(Place::Responses, "Responses", &head, &body, Some(30)))
}

/// `GET /responses/{id}`.
pub(crate) async fn detail_page(
    State(app): State<Shared>,
    Viewer(who): Viewer,
    Path(id): Path<String>,
) -> Result<Markup, PageError> {
    let id = number(&id)?;
    let responses = app.backend.state.responses();
    let row = responses.get(id).await?.ok_or_else(|| no_such(id))?;
    let journal = responses.journal(id, STEPS).await?;
    let incident = match &row.incident_id {
        Some(incident) => app.backend.state.incidents().get(incident).await?.map(|detail| detail.incident),
        None => None,
    };
    let frame = app.frame(&who).await?;
    let head = html! { span.sub { (badge(row.status)) " " (row.playbook) } };
    let body = html! {
        (unconfigured(&app))
        div.cols {
            div.c8.stack { (about(&row)) (plan(&row)) (steps(&journal)) }
            div.c4.stack {
                (decide(&frame, &row))
                @if let Some(incident) = &incident { (incidents::link_panel(incident)) }
                (states(&row))
            }
        }
    };
    Ok(frame.page(Place::Responses, &format!("Response {id}"), &head, &body))
}

/// `POST /responses/{id}`.
pub(crate) async fn act(
    State(app): State<Shared>,
    Responder(who): Responder,
    Path(id): Path<String>,
    Posted(act): Posted<Act>,
) -> Result<Redirect, PageError> {
    let id = number(&id)?;
    let actor = who.actor();
    let reason = Some(act.reason.trim()).filter(|reason| !reason.is_empty());
    if act.act == "reject" {
        app.backend.state.responses().reject(id, reason, &actor, Utc::now()).await?;
        if let Some(response) = app.backend.state.responses().get(id).await? {
            respond_changed(&app.backend.state, &response).await?;
        }
        return Ok(Redirect::to(&format!("/responses/{id}")));
    }
    let Some(responder) = &app.backend.responder else {
        let text =
            "no playbook is configured here; add [[respond.playbook]] to trailkeep.toml and start again";
        return Err(PageError::wrong("Nothing can be called", text.to_owned()));
    };
    let done = match act.act.as_str() {
        "approve" => responder.playbooks.approve(id, &actor).await,
        "undo" => responder.playbooks.undo(id, &actor).await,
        other => return Err(PageError::wrong("No such act", format!("'{other}': approve, reject or undo"))),
    };
    match done {
        Ok(response) => {
            respond_changed(&app.backend.state, &response).await?;
            Ok(Redirect::to(&format!("/responses/{id}")))
        }
        Err(RespondError::State(error)) => Err(error.into()),
        Err(error) => Err(PageError::wrong("That cannot be done", error.to_string())),
    }
}

fn number(text: &str) -> Result<ResponseId, PageError> {
    text.parse().map(ResponseId).map_err(|_| PageError::NotFound(format!("there is no response {text}")))
}

fn no_such(id: ResponseId) -> PageError {
    PageError::NotFound(format!("there is no response {id}"))
}

pub(crate) fn badge(status: ResponseStatus) -> Markup {
    use ResponseStatus::{Done, Escalated, Failed, Running, Undoing, Waiting};
    let class = match status {
        Failed | Escalated => "high",
        Waiting | Running | Undoing => "medium",
        Done => "low",
        _ => "",
    };
    html! { span class={ "badge plain " (class) } { (status.as_str()) } }
}

fn response_row(row: &Response) -> Markup {
    html! {
        tr data-row {
            td { (badge(row.status)) }
            td { a.cell href={ "/responses/" (row.id) } data-open="page" { span.strong { (row.changed) } " " span.dim title=(row.resource) { (parts::short_arn(&row.resource)) } } }
            td title=(row.actor) { (parts::short_arn(&row.actor)) }
            td.mono { (row.playbook) }
            td.mono.wide-only { (row.account_id) }
            td.mono.wide-only { (row.region) }
            td { (parts::time(row.event_time)) }
        }
    }
}

fn about(row: &Response) -> Markup {
    html! {
        section.panel {
            header { h2 { "The change" } div.end { (parts::time(row.event_time)) " UTC" } }
            div.pad.stack {
                p.lead { (row.changed) }
                @if let Some(reason) = &row.reason { p { (reason) } }
                dl.kv {
                    dt { "Resource" } dd.mono { (row.resource) (parts::copy(&row.resource, "the resource")) }
                    dt { "By" } dd.mono { (row.actor) }
                    dt { "Account" } dd.mono { (row.account_id) }
                    dt { "Region" } dd.mono { (row.region) }
                    dt { "Event" } dd.mono { a href=(link::event("cloudtrail_logs", &row.event_uid, Some(row.event_time))) { (row.event_uid) } }
                    dt { "Mode" } dd { (row.mode) }
                    @if let Some(by) = &row.decided_by { dt { "Decided by" } dd { (by) @if let Some(at) = row.decided_at { ", " (parts::time(at)) " UTC" } } }
                    @if let Some(at) = row.finished_at { dt { "Finished" } dd { (parts::time(at)) " UTC" } }
                }
            }
        }
    }
}

fn plan(row: &Response) -> Markup {
    let Some(repair) = repair_of(row) else { return html! {} };
    let calls = repair.calls();
    html! {
        section.panel {
            header { h2 { "What puts it back" } }
            div.pad.stack {
                p { (repair.will()) }
                @for call in &calls {
                    p.mono { b { (call.operation) } }
                    pre.json { (highlight::json(&call.input.to_string())) }
                }
            }
        }
    }
}

fn steps(journal: &[JournalEntry]) -> Markup {
    html! {
        section.panel {
            header { h2 { "What was done" } div.end { (parts::count(journal.len() as u64, "step", "steps")) } }
            @if journal.is_empty() { div.empty { p { "Nothing was called." } } }
            @else { div.scroll { table.tbl {
                thead { tr { th { "Time (UTC)" } th { "Step" } th { "What" } th { "Request" } } }
                tbody { @for entry in journal { tr {
                    td { (parts::time(entry.time)) }
                    td { (entry.step) }
                    td.mono { (entry.body.to_string()) }
                    td.mono { (entry.request_id.as_deref().unwrap_or("–")) }
                } } }
            } } }
        }
    }
}

fn decide(frame: &Frame, row: &Response) -> Markup {
    use ResponseStatus::{Done, Escalated, Expired, Failed, Observed, Waiting};
    let can_act = repair_of(row).is_some_and(|repair| repair.can_act());
    let approve = can_act && matches!(row.status, Waiting | Escalated | Observed | Expired);
    let reject = row.status == Waiting;
    let undo = matches!(row.status, Done | Failed) && row.before.is_some();
    let button = |act: &str, name: &str, class: &str| {
        html! { button class={ "btn " (class) } name="act" value=(act) { (name) } }
    };
    html! {
        section.panel {
            header { h2 { "Decide" } @if let (true, Some(at)) = (row.status == Waiting, row.expires_at) { div.end { "until " (parts::time(at)) " UTC" } } }
            div.pad.stack {
                @if !frame.role.allows(Role::Responder) {
                    p.muted { "Deciding needs the role responder; yours is " (frame.role.as_str()) ". Ask an administrator." }
                } @else if !(approve || reject || undo) {
                    p.muted { "There is nothing to decide: it is " (row.status.as_str()) "." }
                } @else {
                    form.stack method="post" action={ "/responses/" (row.id) } {
                        (frame.csrf_field())
                        @if reject { label.field { span { "Reason, for a no" } input name="reason" maxlength="500" autocomplete="off"; } }
                        div.row {
                            @if approve { (button("approve", "Put it back", "primary")) }
                            @if reject { (button("reject", "Leave it", "")) }
                            @if undo { (button("undo", "Undo", "")) }
                        }
                    }
                    @if undo { p.muted { "Undo makes the change again, if nobody has changed it since." } }
                }
            }
        }
    }
}

fn states(row: &Response) -> Markup {
    let state = |title: &str, value: &Option<serde_json::Value>| {
        html! { @if let Some(value) = value { section.panel { header { h2 { (title) } } div.pad { pre.json { (highlight::json(&value.to_string())) } } } } }
    };
    html! { (state("Found before", &row.before)) (state("To be", &row.after)) }
}

fn unconfigured(app: &Shared) -> Markup {
    html! { @if app.backend.responder.is_none() {
        div.note role="note" { div.stack {
            b { "No playbook is configured: nothing is put back, and nothing waits." }
            pre { "# trailkeep.toml\n[[respond.playbook]]\nname = \"*\"\nmode = \"approve\"        # observe, approve or auto" }
        } }
    } }
}

fn nothing(chosen: &str) -> Markup {
    parts::empty(
        Icon::Responses,
        "No responses here",
        &html! {
            @if chosen == "all" {
                p { "A change to a security group, a network ACL, a trail, a log bucket, a key or an alarm that a playbook answers is listed here: what it was, and how it is put back." }
                pre { "trailkeep iam-policy respond\ntrailkeep responses list" }
            } @else {
                p { "No response has this status." }
                div.row { a.btn href="/responses" { "Show all" } }
            }
        },
    )
}
