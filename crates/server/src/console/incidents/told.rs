//! What each channel was told of an incident, and whether it arrived.

use maud::{Markup, html};
use trailkeep_respond::route::Notification;
use trailkeep_state::{IncidentDetail, Message, MessageState, State, Ticket, Told};

use super::words::status_word;
use crate::console::parts;
use crate::http::error::PageError;

/// Messages of one thread that are looked at.
const MESSAGES: usize = 200;

/// How far the messages to a channel are.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Delivery {
    /// All arrived, or are too long ago to be known.
    Arrived,
    /// Some are on their way.
    Waiting { attempts: u64, error: Option<String> },
    /// Some were given up.
    Failed { error: String },
}

/// The deliveries of an incident, in the order of what was told.
pub(super) struct Deliveries(Vec<Delivery>);

impl Deliveries {
    pub(super) async fn of(state: &State, detail: &IncidentDetail) -> Result<Self, PageError> {
        let mut deliveries = Vec::with_capacity(detail.told.len());
        for told in &detail.told {
            let prefix = Notification::prefix_of(&told.thread);
            let messages = state.outbox().beginning_with(&prefix, MESSAGES).await?;
            deliveries.push(delivery(told, &messages));
        }
        Ok(Self(deliveries))
    }
}

fn delivery(told: &Told, messages: &[Message]) -> Delivery {
    let of = |state| messages.iter().rfind(move |it| it.state == state && it.channel == told.channel);
    if let Some(message) = of(MessageState::Failed) {
        let error = message.last_error.clone();
        return Delivery::Failed { error: error.unwrap_or_else(|| "nobody knows why".to_owned()) };
    }
    match of(MessageState::Pending) {
        Some(message) => Delivery::Waiting { attempts: message.attempts, error: message.last_error.clone() },
        None => Delivery::Arrived,
    }
}

/// The panel.
pub(super) fn panel(detail: &IncidentDetail, deliveries: &Deliveries) -> Markup {
    html! {
        section.panel {
            header { h2 { "Who was told" } div.end { a.more href="/channels" { "Channels" } } }
            @if detail.told.is_empty() {
                p.pad.muted { "Nobody was told of this incident yet: no route leads to a channel, or its message is still held." }
            } @else {
                ul.told { @for (told, delivery) in detail.told.iter().zip(&deliveries.0) { (row(told, delivery, reference(detail, told))) } }
            }
        }
    }
}

/// What the channel calls it, where there is no address that leads there.
fn reference<'a>(detail: &'a IncidentDetail, told: &Told) -> Option<&'a str> {
    let of = |it: &&Ticket| it.channel == told.channel && it.thread == told.thread && it.url.is_none();
    detail.tickets.iter().find(of).map(|ticket| ticket.reference.as_str())
}

fn row(told: &Told, delivery: &Delivery, reference: Option<&str>) -> Markup {
    let (class, word) = match delivery {
        Delivery::Arrived => ("ok", "Delivered"),
        Delivery::Waiting { error: None, .. } => ("low", "On its way"),
        Delivery::Waiting { .. } => ("medium", "Tried again"),
        Delivery::Failed { .. } => ("bad", "Not delivered"),
    };
    html! {
        li {
            div.row { a.strong.grow href={ "/channels#channel-" (told.channel) } { (told.channel) } span class={ "badge plain " (class) } { (word) } }
            div.small.muted {
                (parts::time(told.at)) " · knows it as " (status_word(told.status).to_lowercase()) ", " (told.level)
                @if told.step > 0 { " · escalated, step " (told.step) }
                @if told.digest { " · in a digest" }
                @if let Some(reference) = reference { " · as " span.mono { (reference) } }
            }
            @match delivery {
                Delivery::Failed { error } => div.small.why { (error) },
                Delivery::Waiting { attempts, error: Some(error) } => div.small.why { (parts::count(*attempts, "attempt", "attempts")) ": " (error) },
                _ => {}
            }
        }
    }
}
