//! PagerDuty: Events API v2. The thread is the `dedup_key`, so that a repetition changes nothing and
//! acknowledging and resolving find their alert. A digest is a change event: it wakes nobody.
//!
//! <https://developer.pagerduty.com/docs/events-api-v2/overview/>

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trailkeep_detect::Level;
use url::Url;

use super::Kind;
use crate::channel::common::{join, json};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::{ConfigError, Secret};
use crate::http::Client;
use crate::incident::clip;
use crate::route::{Action, Notification, Receipt};
use crate::text::{facts, lead, line, link, subject, tally, unlisted};

const SUMMARY: usize = 1_024;
const SHOWN: usize = 10;

pub(super) const KIND: Kind = Kind {
    name: "pagerduty",
    title: "PagerDuty: Events API v2",
    stream: false,
    calls: &[],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The integration's key, 32 characters: a secret.
    routing_key: String,
    /// Address of the API. Default: `https://events.pagerduty.com/`; in the EU
    /// `https://events.eu.pagerduty.com/`.
    url: Option<String>,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let routing_key = context.secret("routing_key", &settings.routing_key)?;
    if routing_key.reveal().len() != 32 {
        return Err(context.wrong("routing_key", "an integration's key has 32 characters"));
    }
    let url = settings.url.as_deref().unwrap_or("https://events.pagerduty.com/");
    let url = context.base_url(&client, "url", url)?;
    Ok(Arc::new(PagerDuty { client, url, routing_key, console: context.console() }))
}

#[derive(Debug)]
struct PagerDuty {
    client: Client,
    url: Url,
    routing_key: Secret,
    console: Option<Url>,
}

#[async_trait]
impl Channel for PagerDuty {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let (path, body) = if message.action == Action::Digest {
            ("v2/change/enqueue", self.change(message))
        } else {
            ("v2/enqueue", self.event(message, action(message)))
        };
        let url = join(&self.url, path)?;
        json(&self.client, Method::POST, &url, &[], Some(&body)).await?;
        if message.action == Action::Test {
            // A trial must leave nothing that pages somebody.
            let body = self.event(message, "resolve");
            json(&self.client, Method::POST, &url, &[], Some(&body)).await?;
        }
        Ok(Receipt { reference: Some(message.thread.clone()), url: None })
    }
}

fn action(message: &Notification) -> &'static str {
    match message.action {
        Action::Acknowledge => "acknowledge",
        Action::Resolve => "resolve",
        _ => "trigger",
    }
}

impl PagerDuty {
    fn event(&self, message: &Notification, action: &str) -> Value {
        let mut event = json!({
            "routing_key": self.routing_key.reveal(),
            "event_action": action,
            "dedup_key": message.thread,
        });
        if action != "trigger" {
            return event;
        }
        let first = message.items.first().map(|item| &item.incident);
        event["payload"] = json!({
            "summary": clip(&subject(message), SUMMARY),
            "source": first.map_or("trailkeep".to_owned(), |incident| line(&incident.entity, 255)),
            "severity": severity(message.level),
            "timestamp": message.at.to_rfc3339(),
            "component": first.and_then(|incident| incident.resource.as_deref()).map(|text| line(text, 255)),
            "group": first.and_then(|incident| incident.account_id.as_deref()).map(|text| line(text, 255)),
            "class": first.map(|incident| line(&incident.rule_id, 255)),
            "custom_details": details(message),
        });
        event["client"] = "Trailkeep".into();
        if let Some(console) = &self.console {
            event["client_url"] = console.as_str().into();
        }
        event["links"] = self.links(message).into();
        event
    }

    fn change(&self, message: &Notification) -> Value {
        json!({
            "routing_key": self.routing_key.reveal(),
            "payload": {
                "summary": clip(&subject(message), SUMMARY),
                "source": "trailkeep",
                "timestamp": message.at.to_rfc3339(),
                "custom_details": details(message),
            },
            "links": self.links(message),
        })
    }

    fn links(&self, message: &Notification) -> Vec<Value> {
        message
            .items
            .iter()
            .take(SHOWN)
            .filter_map(|item| Some((line(&item.incident.title, 200), link(self.console.as_ref(), &item.incident)?)))
            .map(|(text, href)| json!({ "href": href.as_str(), "text": text }))
            .collect()
    }
}

fn details(message: &Notification) -> Value {
    let incidents: Vec<Value> = message
        .items
        .iter()
        .take(SHOWN)
        .map(|item| {
            let mut all: Map<String, Value> =
                facts(&item.incident).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            all.insert("Change".to_owned(), line(&item.incident.summary, 1_000).into());
            Value::Object(all)
        })
        .collect();
    let more = unlisted(message) + message.items.len().saturating_sub(SHOWN) as u64;
    json!({ "what": lead(message), "levels": tally(message), "incidents": incidents, "more": more })
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Critical => "critical",
        Level::High => "error",
        Level::Medium => "warning",
        Level::Low | Level::Informational => "info",
    }
}
