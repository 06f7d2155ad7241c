//! Events as parts of pages: the table of hits, and one event with its pivots.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde_json::Value;

use super::highlight;
use super::link::{self, Link};
use super::parts::{self, Icon, icon};
use crate::backend::EventRow;

/// A dash where there is nothing to say.
fn or_dash(text: Option<&str>) -> &str {
    text.filter(|text| !text.is_empty()).unwrap_or("–")
}

/// Whether the outcome says that it did not work.
pub(crate) fn is_error(outcome: Option<&str>) -> bool {
    outcome.is_some_and(|outcome| {
        let ok =
            ["success", "ok", "accept", "allow", "-", ""].iter().any(|ok| outcome.eq_ignore_ascii_case(ok));
        let status = outcome.parse::<u16>().ok();
        !ok && status.is_none_or(|status| status >= 400)
    })
}

/// Rows of events, newest first. `open` makes the address that shows one beside the table.
pub(crate) fn table(
    events: &[EventRow],
    selected: Option<&str>,
    open: impl Fn(&EventRow) -> String,
) -> Markup {
    html! {
        div.scroll {
            table.tbl.hits {
                thead { tr { th { "Time (UTC)" } th { "Actor" } th { "Action" } th { "Target" } th { "Address" } th { "Outcome" } th.wide-only { "Account" } th.wide-only { "Region" } th.wide-only { "Table" } } }
                tbody {
                    @for event in events {
                        tr data-row class=[(selected == Some(event.event_uid.as_str())).then_some("sel")] {
                            td { a.cell href=(open(event)) data-open="drawer" { (parts::time(event.time)) } }
                            td title=[event.actor.as_deref()] { (parts::short_arn(or_dash(event.actor.as_deref()))) }
                            td.strong { (or_dash(event.action.as_deref())) }
                            td.dim title=[event.target.as_deref()] { (or_dash(event.target.as_deref())) }
                            td.mono { (or_dash(event.source_address.as_deref())) }
                            td class=[is_error(event.outcome.as_deref()).then_some("err")] { (or_dash(event.outcome.as_deref())) }
                            td.mono.wide-only { (or_dash(event.account_id.as_deref())) }
                            td.dim.wide-only { (or_dash(event.region.as_deref())) }
                            td.muted.wide-only { (event.table) }
                        }
                    }
                }
            }
        }
    }
}

/// A finding that rests on an event.
#[derive(Debug, Clone)]
pub(crate) struct FindingOn {
    pub(crate) id: String,
    pub(crate) level: trailkeep_detect::Level,
    pub(crate) summary: String,
}

/// Fields of the record that the `events` view does not have, and that people pivot on.
#[derive(Debug, Default)]
struct Keys {
    access_key: Option<String>,
    request: Option<String>,
    user_agent: Option<String>,
    error: Option<String>,
    principal: Option<String>,
}

impl Keys {
    fn of(event: &EventRow) -> Self {
        if event.raw.len() > highlight::MAX_BYTES {
            return Self::default();
        }
        let Ok(record) = serde_json::from_str::<Value>(&event.raw) else { return Self::default() };
        let text = |pointer: &str| {
            record.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Self {
            access_key: text("/userIdentity/accessKeyId"),
            request: text("/requestID"),
            user_agent: text("/userAgent"),
            error: text("/errorMessage"),
            principal: text("/userIdentity/principalId"),
        }
    }
}

/// One event: what it says, where to go from it, what was found on it, the record itself.
pub(crate) fn detail(event: &EventRow, findings: &[FindingOn], header: &Markup) -> Markup {
    let keys = Keys::of(event);
    let kind = if event.table == "cloudtrail_logs" { "json" } else { "text" };
    html! {
        header {
            div.grow {
                h2 { (or_dash(event.action.as_deref())) @if is_error(event.outcome.as_deref()) { " " span.badge.high.plain { (or_dash(event.outcome.as_deref())) } } }
                div.small.muted { (parts::time(event.time)) " UTC · " (event.table) }
            }
            (header)
        }
        @if !findings.is_empty() {
            section {
                h3 { "Findings on this event" }
                ul.stack { @for finding in findings { li { a.row href={ "/findings/" (link::segment(&finding.id)) } { (parts::level(finding.level)) span { (finding.summary) } } } } }
            }
        }
        section { (facts(event, &keys)) }
        section { h3 { "Look around" } (pivots(event, &keys)) }
        section {
            h3.row { span.grow { "Record as received" } (parts::copy(&event.raw, "the record")) }
            pre.json data-kind=(kind) { (highlight::json(&event.raw)) }
        }
    }
}

fn facts(event: &EventRow, keys: &Keys) -> Markup {
    let rows: [(&str, Option<&str>, Option<&str>); 13] = [
        ("Actor", event.actor.as_deref(), Some("user")),
        ("Access key", keys.access_key.as_deref(), Some("key")),
        ("Principal", keys.principal.as_deref(), None),
        ("Address", event.source_address.as_deref(), Some("address")),
        ("User agent", keys.user_agent.as_deref(), None),
        ("Target", event.target.as_deref(), Some("target")),
        ("Outcome", event.outcome.as_deref(), Some("outcome")),
        ("Error", keys.error.as_deref(), None),
        ("Account", event.account_id.as_deref(), Some("account")),
        ("Region", event.region.as_deref(), Some("region")),
        ("Request", keys.request.as_deref(), None),
        ("Event", Some(&event.event_uid), None),
        ("Source", event.source_uri.as_deref(), None),
    ];
    html! {
        dl.kv {
            @for (name, value, field) in rows {
                @if let Some(value) = value.filter(|value| !value.is_empty()) {
                    dt { (name) }
                    dd {
                        @match field {
                            Some(field) => a.mono href=(Link::to("/search").with("q", link::term(field, value)).with("since", "all").href()) title="Search for this" { (value) },
                            None => span.mono { (value) },
                        }
                        (parts::copy(value, name))
                    }
                }
            }
        }
    }
}

fn pivots(event: &EventRow, keys: &Keys) -> Markup {
    let day = around(event.time, TimeDelta::hours(12));
    let near = around(event.time, TimeDelta::minutes(15));
    let search = |query: String, (from, to): &(DateTime<Utc>, DateTime<Utc>)| {
        Link::to("/search")
            .with("q", query)
            .with("from", parts::rfc3339(*from))
            .with("to", parts::rfc3339(*to))
            .href()
    };
    let mut links: Vec<(&str, String)> = Vec::new();
    let mut add = |name, query: Option<String>, span| {
        if let Some(query) = query {
            links.push((name, search(query, span)));
        }
    };
    add("Same user", event.actor.as_deref().map(|actor| link::term("user", actor)), &day);
    add("Same key", keys.access_key.as_deref().map(|key| link::term("key", key)), &day);
    add("Same address", event.source_address.as_deref().map(|address| link::term("address", address)), &day);
    add("Same action", event.action.as_deref().map(|action| link::term("action", action)), &day);
    add("Same target", event.target.as_deref().map(|target| link::term("target", target)), &day);
    add("Same request", keys.request.as_deref().map(quoted), &near);
    add("±15 minutes", Some(String::new()), &near);
    add("±15 minutes, same user", event.actor.as_deref().map(|actor| link::term("user", actor)), &near);
    html! { div.pivots { @for (name, href) in links { a href=(href) { (name) } } } }
}

fn around(at: DateTime<Utc>, span: TimeDelta) -> (DateTime<Utc>, DateTime<Utc>) {
    (at.checked_sub_signed(span).unwrap_or(at), at.checked_add_signed(span).unwrap_or(at))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The header of the drawer: the page of its own, and the way back.
pub(crate) fn drawer(event: &EventRow, findings: &[FindingOn], close: &str) -> Markup {
    let header = html! {
        a.btn.sm.ghost href=(link::event(&event.table, &event.event_uid, Some(event.time))) title="Open on its own page" aria-label="Open on its own page" { (icon(Icon::Open)) }
        a.btn.sm.ghost href=(close) data-close title="Close (Esc)" aria-label="Close" { (icon(Icon::Close)) }
    };
    html! { aside.drawer aria-label="Event" { (detail(event, findings, &header)) } }
}

/// In place of an event that is not there.
pub(crate) fn missing(table: &str, event_uid: &str, close: Option<&str>) -> Markup {
    html! {
        div.empty {
            (icon(Icon::Search))
            h2 { "No such event" }
            p { "There is no event " code { (event_uid) } " in " code { (table) } ". Retention may have removed it, or the link is cut." }
            @if let Some(close) = close { a.btn href=(close) data-close { "Close" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes() {
        for fine in [None, Some("Success"), Some("ACCEPT"), Some("ALLOW"), Some("200"), Some("304")] {
            assert!(!is_error(fine), "{fine:?}");
        }
        for bad in ["AccessDenied", "REJECT", "BLOCK", "403", "500"] {
            assert!(is_error(Some(bad)), "{bad}");
        }
    }

    #[test]
    fn every_field_is_escaped() {
        let evil = "\"><script>alert(1)</script>".to_owned();
        let event = EventRow {
            table: evil.clone(),
            account_id: Some(evil.clone()),
            region: Some(evil.clone()),
            actor: Some(evil.clone()),
            action: Some(evil.clone()),
            target: Some(evil.clone()),
            source_address: Some(evil.clone()),
            outcome: Some(evil.clone()),
            event_uid: evil.clone(),
            source_uri: Some(evil.clone()),
            raw: serde_json::json!({ "userIdentity": { "accessKeyId": evil, "principalId": evil }, "requestID": evil, evil.clone(): [evil] }).to_string(),
            ..EventRow::default()
        };
        let on = FindingOn { id: evil.clone(), level: trailkeep_detect::Level::High, summary: evil.clone() };
        let shown = html! {
            (table(std::slice::from_ref(&event), Some(&evil), |event| link::event(&event.table, &event.event_uid, None)))
            (drawer(&event, &[on], "/search"))
            (missing(&evil, &evil, None))
        };
        let shown = shown.into_string();
        assert!(!shown.contains("<script"), "{shown}");
        assert!(shown.contains("&lt;script&gt;"));
    }
}
