//! Channels: who is told, how that goes, and a trial message.

use axum::extract::{Path, State};
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use trailkeep_respond::channel::ChannelError;
use trailkeep_respond::route::Receipt;
use trailkeep_state::{MessageState, Role};

use super::incidents;
use super::layout::Frame;
use super::link;
use super::parts::{self, Icon};
use crate::app::Shared;
use crate::auth::{Posted, Responder, Viewer};
use crate::channels::{self, Limit, Sent, Standing, Trial, Waiting};
use crate::http::error::PageError;

/// What a first channel looks like in the file.
const FIRST: &str = "# trailkeep.toml\n[respond]\nchannels = [\"sec-chat\"]\n\n[[respond.channel]]\nname = \"sec-chat\"\ntype = \"slack\"                  # or teams, email, pagerduty, jira, sns, …\nurl = \"env:SLACK_WEBHOOK_URL\"   # a secret: env:NAME or file:PATH";

/// The form has nothing but its token.
#[derive(Debug, Deserialize)]
pub(crate) struct Test {}

/// What is tried again.
#[derive(Debug, Deserialize)]
pub(crate) struct Retry {
    /// A message's number; all that were given up when left out.
    #[serde(default)]
    id: String,
}

/// `GET /channels`.
pub(crate) async fn page(State(app): State<Shared>, Viewer(who): Viewer) -> Result<Markup, PageError> {
    show(&app, &app.frame(&who).await?, None).await
}

/// `POST /channels/{name}/test`. The answer is the page that says what became of it.
pub(crate) async fn test(
    State(app): State<Shared>,
    Responder(who): Responder,
    Path(name): Path<String>,
    Posted(Test {}): Posted<Test>,
) -> Result<Markup, PageError> {
    let trial = channels::try_out(&app, &name, &who.actor(), Utc::now()).await?;
    let trial = trial.ok_or_else(|| PageError::NotFound(format!("there is no channel '{name}'")))?;
    show(&app, &app.frame(&who).await?, Some((&name, &trial))).await
}

/// `POST /channels/{name}/retry`.
pub(crate) async fn retry(
    State(app): State<Shared>,
    Responder(who): Responder,
    Path(name): Path<String>,
    Posted(what): Posted<Retry>,
) -> Result<Redirect, PageError> {
    let (actor, now) = (who.actor(), Utc::now());
    match what.id.as_str() {
        "" => {
            app.backend.state.outbox().retry_channel(&name, &actor, now).await?;
        }
        id => {
            let id = id.parse().map_err(|_| PageError::NotFound(format!("there is no message {id}")))?;
            channels::retry(&app, id, &actor, now).await?;
        }
    }
    Ok(Redirect::to("/channels"))
}

async fn show(app: &Shared, frame: &Frame, trial: Option<(&str, &Trial)>) -> Result<Markup, PageError> {
    let (standing, now) = (channels::standing(app).await?, Utc::now());
    let body = html! {
        @if standing.is_empty() { section.panel { (nothing()) } }
        @else { div.cards { @for one in &standing {
            (card(frame, one, trial.filter(|(name, _)| *name == one.name).map(|(_, trial)| trial), now))
        } } }
    };
    Ok(incidents::page(frame, "/channels", "Channels", &html! {}, &body))
}

fn card(frame: &Frame, one: &Standing, trial: Option<&Trial>, now: DateTime<Utc>) -> Markup {
    let responder = frame.role.allows(Role::Responder);
    html! {
        section.panel id={ "channel-" (one.name) } aria-label={ "Channel " (one.name) } {
            header {
                h2 { (one.name) } (health(one))
                div.end { @if one.kind.is_some() && responder {
                    form method="post" action={ "/channels/" (link::segment(&one.name)) "/test" } { (frame.csrf_field()) button.btn.sm { (parts::icon(Icon::Channels)) "Send a test" } }
                } }
            }
            div.pad.stack {
                (about(one))
                @match trial { Some(Ok(receipt)) => (arrived(receipt)), Some(Err(error)) => (refused(error)), None => {} }
                @if !one.waiting.is_empty() { (undelivered(frame, one, now)) }
            }
            @if !one.last.is_empty() { ul.feed { @for sent in &one.last { (sent_row(sent, now)) } } }
            @else if one.kind.is_some() { p.pad.muted { "No message was sent here yet." @if responder { " Send a test to see that it arrives." } } }
        }
    }
}

fn health(one: &Standing) -> Markup {
    let counts = one.undelivered;
    html! {
        @if one.kind.is_none() && one.title.is_none() { span.badge.bad.plain { "Not configured" } }
        @if counts.failed > 0 { span.badge.bad.plain { (parts::number(counts.failed)) " not delivered" } }
        @if counts.retrying > 0 { span.badge.medium.plain { (parts::number(counts.retrying)) " tried again" } }
        @else if counts.pending > 0 { span.badge.low.plain { (parts::number(counts.pending)) " on their way" } }
        @if counts.pending + counts.failed == 0 && !one.last.is_empty() { span.badge.ok.plain { "Delivering" } }
    }
}

fn about(one: &Standing) -> Markup {
    html! {
        @match one.title {
            Some(title) => p.dim { (title) },
            None => p.dim { "Messages wait for a channel of this name. Add a [[respond.channel]] with it, or let them be given up." },
        }
        @if one.kind.is_some() {
            dl.kv {
                dt { "Routes" }
                dd {
                    @for route in &one.routes { span.badge.plain { (route) } }
                    @if one.fallback { span.badge.plain title="It gets what other channels could not deliver" { "fallback" } }
                    @if one.routes.is_empty() && !one.fallback { span.badge.medium.plain { "None" } span.small.muted { "nothing but tests goes there" } }
                }
                @if let Some(limit) = one.rate { dt { "Rate" } dd { (rate(limit)) } }
                @if one.records { dt { "Keeps" } dd { "records of each change of each incident, at once" } }
            }
        }
    }
}

fn rate(limit: Limit) -> String {
    let per = match limit.seconds {
        1 => "a second".to_owned(),
        60 => "a minute".to_owned(),
        3_600 => "an hour".to_owned(),
        86_400 => "a day".to_owned(),
        seconds => format!("in {}", parts::span(seconds)),
    };
    format!("{} {per}, and as many urgent ones", parts::count(limit.messages as u64, "message", "messages"))
}

fn arrived(receipt: &Receipt) -> Markup {
    html! {
        div.note.ok role="status" { div.stack {
            b { "The test arrived." }
            @match (receipt.reference.as_deref(), receipt.url.as_deref().and_then(link::web)) {
                (Some(reference), Some(url)) => span { "It is " a.link href=(url) rel="noreferrer noopener" target="_blank" { (reference) } " there." },
                (Some(reference), None) => span { "It is " b { (reference) } " there." },
                (None, Some(url)) => a.link href=(url) rel="noreferrer noopener" target="_blank" { (url) },
                (None, None) => span { "The other side took it; look there." },
            }
        } }
    }
}

fn refused(error: &ChannelError) -> Markup {
    html! {
        div.note.bad role="alert" { div.stack {
            b { "The test did not arrive." }
            pre { (error.reason) }
            span.small { @if error.retryable { "A message would be tried again, for about six hours." } @else { "A message would be given up at once: mend the channel's settings in trailkeep.toml, and start again." } }
        } }
    }
}

fn undelivered(frame: &Frame, one: &Standing, now: DateTime<Utc>) -> Markup {
    let action = format!("/channels/{}/retry", link::segment(&one.name));
    let responder = frame.role.allows(Role::Responder);
    html! {
        div.stack {
            div.row {
                h3.grow { "Not delivered" }
                @if responder && one.undelivered.failed > 1 {
                    form method="post" action=(action) { (frame.csrf_field()) button.btn.sm { "Retry all " (parts::number(one.undelivered.failed)) } }
                }
            }
            ul.waits { @for (at, waiting) in one.waiting.iter().enumerate() {
                @let error = waiting.message.last_error.as_deref();
                // What many share is said once.
                @let said = at > 0 && one.waiting[at - 1].message.last_error.as_deref() == error;
                (waiting_row(frame, waiting, error.filter(|_| !said), responder.then_some(&action), now))
            } }
        }
    }
}

/// `retry` is where it is tried again, for those who may.
fn waiting_row(
    frame: &Frame,
    waiting: &Waiting,
    error: Option<&str>,
    retry: Option<&String>,
    now: DateTime<Utc>,
) -> Markup {
    let message = &waiting.message;
    let failed = message.state == MessageState::Failed;
    html! {
        li {
            div.grow {
                div.cut title=(waiting.subject) { (waiting.subject) }
                div.small.muted {
                    @if failed { "Given up after " (parts::count(message.attempts, "attempt", "attempts")) } @else if message.last_error.is_some() { (parts::count(message.attempts, "attempt", "attempts")) ", the next " (parts::ago_text(message.due_at, now)) } @else { "Waits to be sent" }
                    " · " (parts::ago(message.created_at, now))
                }
                @if let Some(error) = error { div.small.why { (error) } }
            }
            @if let (true, Some(action)) = (failed, retry) {
                form method="post" action=(action) { (frame.csrf_field()) input type="hidden" name="id" value=(message.id); button.btn.sm { "Retry" } }
            }
        }
    }
}

fn sent_row(sent: &Sent, now: DateTime<Utc>) -> Markup {
    let record = &sent.record;
    let (class, word) = match sent.state {
        Some(MessageState::Pending) => ("medium", "Waits"),
        Some(MessageState::Failed) => ("bad", "Failed"),
        Some(MessageState::Sent) => ("ok", "Delivered"),
        None => ("", "Sent"),
    };
    html! {
        li { div.item {
            span class={ "badge plain " (class) } { (word) }
            span.t title=(record.subject) { (record.subject) }
            span.w { (parts::ago(record.at, now)) }
            span.d { (record.action) ", " (parts::count(record.incidents, "incident", "incidents")) @if record.urgent { ", urgent" } }
        } }
    }
}

fn nothing() -> Markup {
    parts::empty(
        Icon::Channels,
        "Nobody is told yet",
        &html! {
            p { "A channel tells people of incidents, or keeps records of them elsewhere: Slack, Teams, mail, PagerDuty, Jira, SNS, Splunk and others. Routes say which incident goes where." }
            pre { (FIRST) }
            p.muted { "Every kind and its settings are in docs/responses.md. Start again with the file, and send a test from here." }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_leads_to_the_web_only() {
        let receipt = |url: &str| Receipt { reference: Some("SEC-1".to_owned()), url: Some(url.to_owned()) };
        assert!(
            arrived(&receipt("https://t.example.com/1"))
                .into_string()
                .contains("<a class=\"link\" href=\"https://t.example.com/1\"")
        );
        let hostile = arrived(&receipt("javascript:alert(1)")).into_string();
        assert!(hostile.contains("SEC-1") && !hostile.contains("<a"), "{hostile}");
    }

    #[test]
    fn a_rate_is_said_in_words() {
        assert_eq!(
            rate(Limit { messages: 10, seconds: 60 }),
            "10 messages a minute, and as many urgent ones"
        );
        assert_eq!(rate(Limit { messages: 1, seconds: 300 }), "1 message in 5 min, and as many urgent ones");
    }
}
