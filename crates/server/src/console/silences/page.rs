//! The page of silences: the list, and the form for a new one.

use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use trailkeep_detect::Level;
use trailkeep_respond::route::Matcher;
use trailkeep_state::{Incident, IncidentKind, Role};

use super::{Fields, Listed, When, all, check, unresolved};
use crate::app::Shared;
use crate::auth::{Analyst, Posted, Responder};
use crate::console::incidents;
use crate::console::layout::Frame;
use crate::console::parts::{self, Icon};
use crate::http::error::PageError;

/// Silences that have ended and are shown.
const ENDED: usize = 50;
/// An end that is farther away is not counted in days.
const FAR: TimeDelta = TimeDelta::days(1_000);
/// Incidents that are named before a silence is made.
const NAMED: usize = 5;

/// The form has nothing but its token.
#[derive(Debug, Deserialize)]
pub(crate) struct End {}

/// `GET /silences`.
pub(crate) async fn page(
    State(app): State<Shared>,
    Analyst(who): Analyst,
    Query(fields): Query<Fields>,
) -> Result<Markup, PageError> {
    let (frame, now) = (app.frame(&who).await?, Utc::now());
    let (mut silences, open) = (all(&app).await?, unresolved(&app).await?);
    silences.sort_by_key(|it| (it.when(now), it.ends_at));
    let at = silences.partition_point(|it| it.when(now) != When::Ended);
    let mut ended = silences.split_off(at);
    ended.reverse();
    ended.truncate(ENDED);
    let end = html! { div.end { span.sub.wide-only { "Times are UTC" } } };
    let body = html! {
        div.finding {
            div.stack {
                section.panel {
                    header { h2 { "Silences" } div.end { (parts::number(silences.len() as u64)) " active or coming" } }
                    @if silences.is_empty() { (nothing()) } @else { (table(&frame, &silences, &open, now)) }
                }
                @if !ended.is_empty() { section.panel { details { summary.pad.lead-box.muted { "Ended (" (parts::number(ended.len() as u64)) ")" } (table(&frame, &ended, &open, now)) } } }
            }
            div.stack { (form(&frame, &fields)) (preview(&fields, &open)) }
        }
    };
    Ok(incidents::page(&frame, "/silences", "Silences", &end, &body))
}

/// `POST /silences`.
pub(crate) async fn create(
    State(app): State<Shared>,
    Responder(who): Responder,
    Posted(fields): Posted<Fields>,
) -> Result<Redirect, PageError> {
    let wrong = |reason| PageError::wrong("The silence is not valid", reason);
    let now = Utc::now();
    let matcher = fields.matcher().map_err(wrong)?;
    let (starts_at, ends_at) = fields.times(now).map_err(wrong)?;
    check(&fields.comment, starts_at, ends_at).map_err(wrong)?;
    app.desk.silence(&matcher, fields.comment.trim(), starts_at, ends_at, &who.actor(), now).await?;
    let back = if fields.from.is_empty() { "/silences".to_owned() } else { incidents::href(&fields.from) };
    Ok(Redirect::to(&back))
}

/// `POST /silences/{id}/end`.
pub(crate) async fn end(
    State(app): State<Shared>,
    Responder(who): Responder,
    Path(id): Path<i64>,
    Posted(End {}): Posted<End>,
) -> Result<Redirect, PageError> {
    if id < 0 {
        let text = "it stands in trailkeep.toml; take its [[respond.silence]] out and start again";
        return Err(PageError::wrong("It cannot be ended here", text.to_owned()));
    }
    app.desk.end_silence(id, &who.actor(), Utc::now()).await?;
    Ok(Redirect::to("/silences"))
}

fn table(frame: &Frame, silences: &[Listed], open: &[Incident], now: DateTime<Utc>) -> Markup {
    html! {
        div.scroll { table.tbl {
            thead { tr { th { "Status" } th { "Holds" } th.num { "Now" } th { "From, until (UTC)" } th { "By" } th { "" } } }
            tbody { @for silence in silences { (row(frame, silence, open, now)) } }
        } }
    }
}

fn row(frame: &Frame, silence: &Listed, open: &[Incident], now: DateTime<Utc>) -> Markup {
    let when = silence.when(now);
    let (class, word) = match when {
        When::Active => ("medium", "Active"),
        When::Coming => ("low", "Coming"),
        When::Ended => ("", "Ended"),
    };
    let held = open.iter().filter(|incident| silence.holds(incident, now)).count() as u64;
    html! {
        tr data-row {
            td { span class={ "badge plain " (class) } { (word) } }
            td.holds {
                @match &silence.matcher {
                    Some(matcher) => div.chips { @for (name, value) in words(matcher) { span.badge.plain.chip title=(value) { (name) " " b { (value) } } } },
                    None => span.muted { "This program cannot read what it is about: it holds nothing." },
                }
                @if !silence.comment.is_empty() { div.small.dim { (silence.comment) } }
            }
            td.num { @if when == When::Active { span title="Unresolved incidents whose messages it holds" { (parts::number(held)) } } @else { span.muted { "–" } } }
            td {
                @match silence.starts_at { Some(at) => (parts::time(at)), None => span.muted { "always" } }
                br; (parts::time(silence.ends_at)) @if silence.ends_at - now < FAR { " " span.small.muted { (parts::ago_text(silence.ends_at, now)) } }
            }
            td { @match &silence.created_by { Some(name) => (name), None => span.badge.plain title="It stands in trailkeep.toml, and is ended there" { "file" } } }
            td.right {
                @if when != When::Ended && !silence.of_file() && frame.role.allows(Role::Responder) {
                    form method="post" action={ "/silences/" (silence.id) "/end" } { (frame.csrf_field()) button.btn.sm.danger { "End" } }
                }
            }
        }
    }
}

/// The conditions of a matcher, name and value.
fn words(matcher: &Matcher) -> Vec<(String, String)> {
    let Ok(Value::Object(conditions)) = serde_json::to_value(matcher) else { return Vec::new() };
    let text = |value: &Value| match value {
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(window) => {
            let parts: Vec<&str> = window.values().filter_map(Value::as_str).collect();
            parts.join(" ")
        }
        other => other.to_string(),
    };
    conditions
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(" or "),
                value => text(value),
            };
            match name.as_str() {
                "level" => (name.clone(), format!("{value} and above")),
                "below" => ("level".to_owned(), format!("below {value}")),
                _ => (name.clone(), value),
            }
        })
        .collect()
}

fn form(frame: &Frame, fields: &Fields) -> Markup {
    if !frame.role.allows(Role::Responder) {
        return html! { section.panel { header { h2 { "New silence" } } p.pad.muted { "Making and ending silences needs the role responder; yours is " (frame.role.as_str()) ". Ask an administrator." } } };
    }
    let text = |label: &str, name: &str, value: &str, hint: &str| {
        html! { label.field { span { (label) } input name=(name) value=(value) placeholder=(hint) maxlength="2048" autocomplete="off"; } }
    };
    let lasts = if fields.lasts.is_empty() { "4h" } else { fields.lasts.as_str() };
    let spans = [
        ("1h", "1 hour"),
        ("4h", "4 hours"),
        ("12h", "12 hours"),
        ("1d", "1 day"),
        ("3d", "3 days"),
        ("7d", "7 days"),
        ("30d", "30 days"),
    ];
    html! {
        section.panel {
            header { h2 { "New silence" } }
            form.pad.stack method="post" action="/silences" {
                (frame.csrf_field())
                input type="hidden" name="from" value=(fields.from);
                p.small.muted { "It holds messages about incidents that meet all of these. " code { "*" } " stands for any text. Making and ending silences needs the role responder." }
                div.pair {
                    label.field { span { "Level" } select name="level" {
                        option value="" { "Any" }
                        @for level in Level::ALL.into_iter().rev() { option value=(level.as_str()) selected[fields.level == level.as_str()] { (parts::level_word(level)) @if level != Level::Critical { " and above" } } }
                    } }
                    label.field { span { "Kind" } select name="kind" {
                        option value="" { "Any" }
                        @for kind in IncidentKind::ALL { option value=(kind.as_str()) selected[fields.kind == kind.as_str()] { (kind.as_str()) } }
                    } }
                }
                (text("Rule, alarm or check", "rule", &fields.rule, "sg_*"))
                (text("Resource, or who did it", "entity", &fields.entity, "arn:aws:ec2:*:security-group/sg-1"))
                div.pair {
                    (text("Account", "account", &fields.account, "111122223333"))
                    (text("Region", "region", &fields.region, "eu-west-1"))
                }
                div.pair {
                    (text("Owner", "owner", &fields.owner, "team-net"))
                    (text("Who did it", "actor", &fields.actor, "*:role/deploy"))
                }
                div.pair {
                    label.field { span { "For" } select name="for" {
                        @if !spans.iter().any(|(value, _)| *value == lasts) { option value=(lasts) selected { (lasts) } }
                        @for (value, name) in spans { option value=(value) selected[value == lasts] { (name) } }
                    } }
                    label.field { span { "or until (UTC)" } input type="datetime-local" name="until" value=(fields.until); }
                }
                label.field { span { "From (UTC); empty: now" } input type="datetime-local" name="starts" value=(fields.starts); }
                label.field { span { "Why" } input name="comment" value=(fields.comment) required maxlength="1000" placeholder="network migration, CHG-1234" autocomplete="off"; }
                div { button.btn.primary data-default { "Silence" } }
            }
        }
    }
}

/// What a filled-in form would hold.
fn preview(fields: &Fields, open: &[Incident]) -> Markup {
    let matcher = match fields.matcher() {
        Ok(matcher) if matcher.is_empty() => return html! {},
        Ok(matcher) => matcher,
        Err(reason) => return parts::failed("The form is not valid", &reason),
    };
    let held: Vec<&Incident> = open.iter().filter(|incident| matcher.matches(incident)).collect();
    html! {
        section.panel {
            header { h2 { "It would hold" } div.end { (parts::number(held.len() as u64)) " of " (parts::count(open.len() as u64, "unresolved incident", "unresolved incidents")) } }
            @if !held.is_empty() { ul.told { @for incident in held.iter().take(NAMED) {
                li { a href=(incidents::href(&incident.id)) { (incident.title) } }
            } } }
        }
    }
}

fn nothing() -> Markup {
    parts::empty(
        Icon::Silences,
        "Nothing is silenced",
        &html! {
            p { "A silence holds messages for a while: during a migration, say. What is still open when it ends is told then; what came and went is not. Incidents are made all the same." }
            pre { "# trailkeep.toml, for a planned one\n[[respond.silence]]\nmatch = { account = \"111122223333\", rule = \"sg_*\" }\nstarts_at = \"2026-06-01T22:00:00Z\"\nends_at = \"2026-06-02T06:00:00Z\"\ncomment = \"network migration\"" }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matcher_is_said_in_words() {
        let matcher: Matcher = serde_json::from_str(
            r#"{"level":"high","below":"critical","rule":["sg_*","nacl_*"],"owner":""}"#,
        )
        .unwrap();
        let words = words(&matcher);
        let said = |name: &str, value: &str| words.contains(&(name.to_owned(), value.to_owned()));
        assert!(said("level", "high and above") && said("level", "below critical"), "{words:?}");
        assert!(said("rule", "sg_* or nacl_*") && said("owner", "none"), "{words:?}");
    }
}
