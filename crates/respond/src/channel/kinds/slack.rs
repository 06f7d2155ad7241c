//! Slack: messages of Block Kit, with buttons, through an incoming webhook or a bot.
//!
//! With a bot's token the messages of a thread are replies to its first one. Slack has no field by
//! which it tells repetitions; one that is sent twice appears twice.
//!
//! - Blocks and limits: <https://docs.slack.dev/reference/block-kit/blocks>
//! - Webhooks: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>
//! - Signatures: <https://docs.slack.dev/authentication/verifying-requests-from-slack>

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::Kind;
use crate::channel::common::{json, json_any};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::{ConfigError, Secret};
use crate::http::{Client, hmac_sha256, same};
use crate::incident::clip;
use crate::route::{Action, Item, Notification, Offer, OfferKind, Receipt};
use crate::text::{colour, facts, lead, line, link, mrkdwn, subject, unlisted, why};

/// Incidents that are shown; a message has 50 blocks at most.
const SHOWN: usize = 10;
const HEADER: usize = 150;
const SECTION: usize = 3_000;
const FIELD: usize = 2_000;
/// The oldest signature that is taken, and the furthest ahead.
const WINDOW: TimeDelta = TimeDelta::minutes(5);

pub(super) const KIND: Kind = Kind {
    name: "slack",
    title: "Slack: messages with buttons, by webhook or bot",
    stream: false,
    calls: &[],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of an incoming webhook: a secret.
    url: Option<String>,
    /// Token of a bot, `xoxb-…`: a secret.
    token: Option<String>,
    /// The bot's channel: an id, `C0123456789`.
    channel: Option<String>,
    /// Address of Slack's API, for a bot. Default: `https://slack.com/api/`.
    api_url: Option<String>,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let target = match (settings.url, settings.token, settings.channel) {
        (Some(url), None, None) => Target::Webhook(context.url(&client, "url", &url)?),
        (None, Some(token), Some(channel)) => {
            let api = settings.api_url.as_deref().unwrap_or("https://slack.com/api/");
            let api = context.base_url(&client, "api_url", api)?;
            let url = api.join("chat.postMessage").map_err(|error| context.wrong("api_url", error.to_string()))?;
            Target::Bot { url, token: context.secret("token", &token)?, channel }
        }
        _ => return Err(context.wrong("url", "give url (a webhook's), or token and channel (a bot's)")),
    };
    Ok(Arc::new(Slack { client, target, console: context.console() }))
}

#[derive(Debug)]
struct Slack {
    client: Client,
    target: Target,
    console: Option<Url>,
}

enum Target {
    Webhook(Url),
    Bot { url: Url, token: Secret, channel: String },
}

impl std::fmt::Debug for Target {
    /// A webhook's address is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Webhook(_) => f.write_str("Webhook(…)"),
            Self::Bot { channel, .. } => f.debug_tuple("Bot").field(channel).finish(),
        }
    }
}

#[async_trait]
impl Channel for Slack {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let mut body = body(message, self.console.as_ref());
        match &self.target {
            Target::Webhook(url) => {
                json(&self.client, Method::POST, url, &[], Some(&body)).await?;
                Ok(Receipt::default())
            }
            Target::Bot { url, token, channel } => {
                body["channel"] = channel.as_str().into();
                let first = message.ticket.as_ref().and_then(|ticket| ticket.reference.as_deref());
                if let Some(first) = first {
                    body["thread_ts"] = first.into();
                    // What is urgent is for everyone, not only for those who follow the thread.
                    body["reply_broadcast"] = (message.action == Action::Escalate).into();
                }
                let token = format!("Bearer {}", token.reveal());
                let headers = [("authorization", token.as_str())];
                let answer = json_any(&self.client, Method::POST, url, &headers, Some(&body)).await?;
                if !answer.is_success() {
                    return Err(ChannelError::of_answer(&answer));
                }
                let said = answer.json();
                if said["ok"] != true {
                    return Err(refused(said["error"].as_str().unwrap_or("no answer of Slack's")));
                }
                let reference = first.map(str::to_owned).or_else(|| said["ts"].as_str().map(str::to_owned));
                Ok(Receipt { reference, url: None })
            }
        }
    }

    fn in_order(&self) -> bool {
        matches!(self.target, Target::Bot { .. })
    }
}

/// Slack answers 200 and says in the body what is wrong.
/// <https://docs.slack.dev/reference/methods/chat.postMessage#errors>
fn refused(error: &str) -> ChannelError {
    let reason = format!("Slack answered {error}");
    let for_good = error.starts_with("invalid_") && error != "invalid_auth"
        || matches!(error, "channel_not_found" | "is_archived" | "msg_too_long" | "no_text" | "too_many_attachments");
    if for_good { ChannelError::permanent(reason) } else { ChannelError::retryable(reason) }
}

fn body(message: &Notification, console: Option<&Url>) -> Value {
    let subject = subject(message);
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": clip(&subject, HEADER), "emoji": false },
    })];
    let lead = lead(message);
    if !lead.is_empty() {
        blocks.push(section(&mrkdwn(&lead)));
    }
    for item in message.items.iter().take(SHOWN) {
        blocks.push(item_block(message, item, console));
    }
    if let [item] = message.items.as_slice() {
        let fields: Vec<Value> = facts(&item.incident)
            .into_iter()
            .take(10)
            .map(|(name, value)| {
                json!({ "type": "mrkdwn", "text": clip(&format!("*{name}*\n{}", mrkdwn(&value)), FIELD) })
            })
            .collect();
        blocks.push(json!({ "type": "section", "fields": fields }));
    }
    let more = unlisted(message) + message.items.len().saturating_sub(SHOWN) as u64;
    if more > 0 {
        let text = format!("and {more} more");
        blocks.push(json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": text }] }));
    }
    let buttons = buttons(message, console);
    if !buttons.is_empty() {
        blocks.push(json!({ "type": "actions", "elements": buttons }));
    }
    // `text` is what notifications show; the colour is only had through an attachment.
    json!({
        "text": mrkdwn(&subject),
        "attachments": [{ "color": format!("#{}", colour(message)), "blocks": blocks }],
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": clip(text, SECTION) } })
}

fn item_block(message: &Notification, item: &Item, console: Option<&Url>) -> Value {
    let incident = &item.incident;
    let title = mrkdwn(&line(&incident.title, 200));
    let title = match link(console, incident) {
        Some(url) => format!("<{url}|{title}>"),
        None => format!("*{title}*"),
    };
    let text = format!("{title} · {} · {}\n{}", incident.level, why(item.why), mrkdwn(&line(&incident.summary, 800)));
    let mut block = section(&text);
    // One incident has its buttons below; each of many has its own.
    if message.items.len() > 1 && incident.status == trailkeep_state::IncidentStatus::Open {
        let offer = Offer { kind: OfferKind::Acknowledge, target: incident.id.clone() };
        block["accessory"] = button(&offer);
    }
    block
}

fn buttons(message: &Notification, console: Option<&Url>) -> Vec<Value> {
    let mut buttons: Vec<Value> = message.offers.iter().map(button).collect();
    if let [item] = message.items.as_slice() {
        let target = item.incident.id.clone();
        match item.incident.status {
            trailkeep_state::IncidentStatus::Open => {
                buttons.push(button(&Offer { kind: OfferKind::Acknowledge, target }));
            }
            trailkeep_state::IncidentStatus::Acknowledged => {
                buttons.push(button(&Offer { kind: OfferKind::Resolve, target }));
            }
            trailkeep_state::IncidentStatus::Resolved => {}
        }
        if let Some(url) = link(console, &item.incident) {
            buttons.push(json!({
                "type": "button",
                "action_id": "trailkeep_open",
                "text": { "type": "plain_text", "text": "Open in Trailkeep" },
                "url": url.as_str(),
            }));
        }
    }
    buttons.truncate(25);
    buttons
}

fn button(offer: &Offer) -> Value {
    let mut button = json!({
        "type": "button",
        "action_id": format!("trailkeep_{}", offer.kind.as_str()),
        "text": { "type": "plain_text", "text": offer.kind.label() },
        "value": format!("{}:{}", offer.kind.as_str(), offer.target),
    });
    match offer.kind {
        OfferKind::Approve => button["style"] = "primary".into(),
        OfferKind::Reject | OfferKind::Undo => button["style"] = "danger".into(),
        OfferKind::Acknowledge | OfferKind::Resolve => {}
    }
    button
}

/// Why a request is not taken for Slack's, or means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlackError {
    /// A header is missing, or the signature is another.
    #[error("the signature is not Slack's; check the app's signing secret")]
    Signature,
    /// It was signed too long ago, or in the future: somebody may be sending it again.
    #[error("the request was signed more than five minutes away from now; check the clock")]
    Time,
    /// It is none of our buttons.
    #[error("the request is no press of a Trailkeep button: {0}")]
    Payload(&'static str),
}

/// Checks `X-Slack-Signature` and `X-Slack-Request-Timestamp` of a request's raw body.
///
/// # Errors
/// When it is not signed with this secret, within five minutes of `now`.
pub fn verify(
    signing_secret: &Secret,
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), SlackError> {
    let expected = format!("v0={}", hmac_sha256(signing_secret.reveal(), &[b"v0:", timestamp.as_bytes(), b":", body]));
    if !same(&expected, signature) {
        return Err(SlackError::Signature);
    }
    let signed = timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match signed {
        Some(signed) if (now - signed).abs() <= WINDOW => Ok(()),
        _ => Err(SlackError::Time),
    }
}

/// Somebody pressed a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// Slack's id of the person.
    pub user_id: String,
    /// The person's name.
    pub user_name: String,
    /// What is to be done.
    pub kind: OfferKind,
    /// With which response or incident.
    pub target: String,
    /// Where an answer goes, within half an hour.
    pub response_url: Option<Url>,
}

/// Reads the body of an interactive request: a form with one field, `payload`. Verify it first.
///
/// # Errors
/// When it is none of our buttons.
pub fn parse_interaction(body: &[u8]) -> Result<Interaction, SlackError> {
    let payload = url::form_urlencoded::parse(body)
        .find(|(name, _)| name == "payload")
        .ok_or(SlackError::Payload("it has no payload"))?;
    let payload: Value =
        serde_json::from_str(&payload.1).map_err(|_| SlackError::Payload("its payload is no JSON"))?;
    if payload["type"] != "block_actions" {
        return Err(SlackError::Payload("it is no block_actions"));
    }
    let value = payload["actions"][0]["value"].as_str().ok_or(SlackError::Payload("the button has no value"))?;
    let (kind, target) = value.split_once(':').ok_or(SlackError::Payload("the value is not kind:target"))?;
    let kind = OfferKind::ALL
        .into_iter()
        .find(|known| known.as_str() == kind)
        .ok_or(SlackError::Payload("there is no such act"))?;
    if target.is_empty() || target.len() > 128 || !target.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(SlackError::Payload("the value names nothing"));
    }
    let user = &payload["user"];
    let user_id = user["id"].as_str().ok_or(SlackError::Payload("it has no user"))?;
    let name = ["username", "name"].iter().find_map(|name| user[*name].as_str()).unwrap_or(user_id);
    let response_url = payload["response_url"].as_str().and_then(|url| Url::parse(url).ok());
    Ok(Interaction {
        user_id: line(user_id, 64),
        user_name: line(name, 128),
        kind,
        target: target.to_owned(),
        // Only Slack is answered.
        response_url: response_url.filter(|url| url.scheme() == "https" && url.host_str() == Some("hooks.slack.com")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Slack's documentation.
    #[test]
    fn signatures_are_slacks() {
        let secret = Secret::new("8f742231b10e8888abcd99yyyzzz85a5");
        let body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
        let now = DateTime::from_timestamp(1_531_420_618, 0).unwrap();
        assert_eq!(verify(&secret, "1531420618", signature, body, now), Ok(()));
        assert_eq!(verify(&secret, "1531420618", signature, body, now + WINDOW), Ok(()));
        let late = now + WINDOW + TimeDelta::seconds(1);
        assert_eq!(verify(&secret, "1531420618", signature, body, late), Err(SlackError::Time));
        assert_eq!(verify(&secret, "1531420619", signature, body, now), Err(SlackError::Signature));
        assert_eq!(verify(&secret, "1531420618", signature, &body[1..], now), Err(SlackError::Signature));
        assert_eq!(verify(&Secret::new("other"), "1531420618", signature, body, now), Err(SlackError::Signature));
    }

    fn pressed(payload: &Value) -> Result<Interaction, SlackError> {
        let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish();
        parse_interaction(body.as_bytes())
    }

    #[test]
    fn buttons_are_read_back() {
        let payload = json!({
            "type": "block_actions",
            "user": { "id": "U1", "username": "alice" },
            "actions": [button(&Offer { kind: OfferKind::Undo, target: "abc123".to_owned() })],
            "response_url": "https://hooks.slack.com/actions/T1/1/x",
        });
        let interaction = pressed(&payload).unwrap();
        assert_eq!((interaction.kind, interaction.target.as_str()), (OfferKind::Undo, "abc123"));
        assert_eq!((interaction.user_name.as_str(), interaction.response_url.is_some()), ("alice", true));
        let with = |path: &str, value: Value| {
            let mut payload = payload.clone();
            *payload.pointer_mut(path).unwrap() = value;
            pressed(&payload)
        };
        assert_eq!(with("/response_url", json!("https://evil.example.com/")).unwrap().response_url, None);
        for (path, value) in [
            ("/type", json!("view_submission")),
            ("/actions", json!([])),
            ("/actions/0/value", json!("delete:abc")),
            ("/actions/0/value", json!("undo:a/../b")),
            ("/actions/0/value", json!("undo")),
            ("/user", json!({})),
        ] {
            assert!(with(path, value.clone()).is_err(), "{path} {value}");
        }
        for body in ["", "payload=", "payload=%7B", "other=1"] {
            assert!(parse_interaction(body.as_bytes()).is_err(), "{body}");
        }
    }
}
