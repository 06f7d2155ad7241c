//! How each channel is doing, and trying one: what the console and the API both show and do.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use trailkeep_respond::channel::{self, ChannelError};
use trailkeep_respond::config::RespondConfig;
use trailkeep_respond::deliver;
use trailkeep_respond::route::{Notification, Rate, Receipt, Route};
use trailkeep_state::{
    Actor, ChannelCounts, Message, MessageState, NewAuditEntry, SentRecord, State, StateError,
};

use crate::app::App;
use crate::runtime::CHANNEL;

/// Messages of a channel that are shown.
const SHOWN: usize = 6;

/// A channel as it stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Standing {
    pub(crate) name: String,
    /// `slack`; none where nothing of this name is configured, and messages wait all the same.
    #[serde(rename = "type")]
    pub(crate) kind: Option<&'static str>,
    /// What the kind is, in words.
    pub(crate) title: Option<&'static str>,
    /// It keeps records of everything rather than tell people.
    pub(crate) records: bool,
    pub(crate) rate: Option<Limit>,
    /// The routes that lead there, by name.
    pub(crate) routes: Vec<String>,
    /// It gets what others could not deliver.
    pub(crate) fallback: bool,
    pub(crate) undelivered: ChannelCounts,
    /// Why a message was last not delivered.
    pub(crate) last_error: Option<String>,
    /// The last messages, the newest first.
    pub(crate) last: Vec<Sent>,
    /// What waits or was given up, the newest first.
    #[serde(skip)]
    pub(crate) waiting: Vec<Waiting>,
}

/// How many messages are taken in which time.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Limit {
    pub(crate) messages: usize,
    pub(crate) seconds: i64,
}

impl From<Rate> for Limit {
    fn from(rate: Rate) -> Self {
        Self { messages: rate.messages, seconds: rate.per.num_seconds() }
    }
}

/// A message that was planned, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sent {
    #[serde(flatten)]
    pub(crate) record: SentRecord,
    /// None where it is too long ago to be known.
    pub(crate) state: Option<MessageState>,
}

/// A message that is not delivered.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) message: Message,
    pub(crate) subject: String,
}

/// How all channels are doing: those that are configured, in their order, and after them those that
/// only have messages waiting.
pub(crate) async fn standing(app: &App) -> Result<Vec<Standing>, StateError> {
    let (config, state) = (&app.config.respond, &app.backend.state);
    let mut undelivered = state.outbox().undelivered().await?;
    let mut all = Vec::with_capacity(config.channels.len());
    for named in &config.channels {
        let counts = undelivered.remove(&named.name).unwrap_or_default();
        let policy = config.routing.channels.get(&named.name).copied().unwrap_or_default();
        let standing = Standing {
            kind: Some(named.kind),
            title: channel::title(named.kind),
            records: policy.stream,
            rate: (!policy.stream).then(|| policy.rate.into()),
            routes: routes_to(config, &named.name),
            fallback: config.fallback.as_deref() == Some(&named.name),
            ..unconfigured(&named.name, counts)
        };
        all.push(filled(state, standing).await?);
    }
    for (name, counts) in undelivered {
        let mut standing = unconfigured(&name, counts);
        // Findings go to the one webhook of `[notify.webhook]` past the routes.
        if name == CHANNEL && app.config.webhook.is_some() {
            standing.title = Some("Each finding, as [notify.webhook] says");
        }
        all.push(filled(state, standing).await?);
    }
    Ok(all)
}

fn unconfigured(name: &str, undelivered: ChannelCounts) -> Standing {
    Standing {
        name: name.to_owned(),
        kind: None,
        title: None,
        records: false,
        rate: None,
        routes: Vec::new(),
        fallback: false,
        undelivered,
        last_error: None,
        last: Vec::new(),
        waiting: Vec::new(),
    }
}

async fn filled(state: &State, mut standing: Standing) -> Result<Standing, StateError> {
    let (outbox, counts) = (state.outbox(), standing.undelivered);
    let sent = state.incidents().sent(Some(&standing.name), SHOWN).await?;
    let keys: Vec<&str> = sent.iter().map(|record| record.key.as_str()).collect();
    let mut states: BTreeMap<_, _> = outbox.states_of(&keys).await?;
    standing.last = sent
        .into_iter()
        .map(|record| Sent { state: states.remove(&record.key).map(|(state, _)| state), record })
        .collect();
    if counts.pending + counts.failed > 0 {
        let messages = outbox.undelivered_to(&standing.name, SHOWN).await?;
        standing.last_error = messages.iter().find_map(|message| message.last_error.clone());
        standing.waiting =
            messages.into_iter().map(|message| Waiting { subject: subject(&message), message }).collect();
    }
    Ok(standing)
}

fn subject(message: &Message) -> String {
    match serde_json::from_str::<Notification>(&message.payload) {
        Ok(notification) if message.kind == Notification::KIND => notification.subject(),
        _ => format!("{} {}", message.kind, message.key),
    }
}

/// The routes that lead to a channel, escalation and all.
fn routes_to(config: &RespondConfig, channel: &str) -> Vec<String> {
    fn walk(route: &Route, channel: &str, out: &mut Vec<String>) {
        let steps = route.policy.escalate.iter().flat_map(|step| &step.channels);
        if route.policy.channels.iter().chain(steps).any(|name| name == channel) {
            out.push(route.name.clone());
        }
        route.children.iter().for_each(|child| walk(child, channel, out));
    }
    let mut out = Vec::new();
    walk(&config.routing.root, channel, &mut out);
    out
}

/// What became of a trial.
pub(crate) type Trial = Result<Receipt, ChannelError>;

/// Sends a trial message, and notes it in the audit log. `None` where there is no such channel.
pub(crate) async fn try_out(
    app: &App,
    name: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Option<Trial>, StateError> {
    let Some(channel) = app.config.respond.channel(name) else { return Ok(None) };
    let trial = deliver::test_send(channel, now).await;
    let detail = match &trial {
        Ok(receipt) => json!({ "delivered": true, "reference": receipt.reference }),
        Err(error) => json!({ "delivered": false, "reason": error.reason }),
    };
    let entry = NewAuditEntry::new(actor, "channel.test", format!("channel:{name}"), detail);
    app.backend.state.audit().append(&entry, Utc::now()).await?;
    Ok(Some(trial))
}

/// Puts a message that was given up back into the queue, and notes it in the audit log.
pub(crate) async fn retry(app: &App, id: i64, actor: &Actor, now: DateTime<Utc>) -> Result<(), StateError> {
    app.backend.state.outbox().retry(id, now).await?;
    let entry = NewAuditEntry::new(actor, "message.retry", format!("message:{id}"), json!(null));
    app.backend.state.audit().append(&entry, now).await.map(|_| ())
}
