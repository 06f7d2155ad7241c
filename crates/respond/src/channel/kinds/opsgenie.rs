//! Opsgenie: alerts, with the thread as their alias, so that a repetition is counted rather than
//! opened, and acknowledging and closing find their alert.
//!
//! <https://docs.opsgenie.com/docs/alert-api>

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
use crate::text::{facts, line, plain_page, subject};

const MESSAGE: usize = 130;
const DESCRIPTION: usize = 15_000;
const NOTE: usize = 25_000;
const ENTITY: usize = 512;
const TAG: usize = 50;

pub(super) const KIND: Kind = Kind {
    name: "opsgenie",
    title: "Opsgenie: alerts",
    stream: false,
    calls: &[],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Key of an API integration: a secret.
    api_key: String,
    /// Address of the API. Default: `https://api.opsgenie.com/`; in the EU `https://api.eu.opsgenie.com/`.
    url: Option<String>,
    /// Teams that are responsible, by name.
    #[serde(default)]
    teams: Vec<String>,
    /// Tags of every alert.
    #[serde(default)]
    tags: Vec<String>,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let url = settings.url.as_deref().unwrap_or("https://api.opsgenie.com/");
    Ok(Arc::new(Opsgenie {
        url: context.base_url(&client, "url", url)?,
        client,
        api_key: context.secret("api_key", &settings.api_key)?,
        teams: settings.teams,
        tags: settings.tags,
        console: context.console(),
    }))
}

#[derive(Debug)]
struct Opsgenie {
    client: Client,
    url: Url,
    api_key: Secret,
    teams: Vec<String>,
    tags: Vec<String>,
    console: Option<Url>,
}

#[async_trait]
impl Channel for Opsgenie {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        match message.action {
            Action::Acknowledge => self.of_alert(message, "acknowledge").await?,
            Action::Resolve => self.of_alert(message, "close").await?,
            Action::Update if message.ticket.is_some() => self.of_alert(message, "notes").await?,
            Action::Test => {
                self.create(message).await?;
                self.of_alert(message, "close").await?;
            }
            // The same alias again is counted, and tells those on call again.
            _ => self.create(message).await?,
        }
        Ok(Receipt { reference: Some(message.thread.clone()), url: None })
    }
}

impl Opsgenie {
    async fn post(&self, path: &str, body: &Value) -> Result<(), ChannelError> {
        let key = format!("GenieKey {}", self.api_key.reveal());
        let url = join(&self.url, path)?;
        json(&self.client, Method::POST, &url, &[("authorization", &key)], Some(body)).await?;
        Ok(())
    }

    async fn of_alert(&self, message: &Notification, what: &str) -> Result<(), ChannelError> {
        let note = plain_page(message, self.console.as_ref(), NOTE);
        let body = json!({ "source": "Trailkeep", "user": "Trailkeep", "note": note });
        self.post(&format!("v2/alerts/{}/{what}?identifierType=alias", message.thread), &body).await
    }

    async fn create(&self, message: &Notification) -> Result<(), ChannelError> {
        let first = message.items.first().map(|item| &item.incident);
        let details: Map<String, Value> = first
            .map(facts)
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let mut tags: Vec<String> = self.tags.iter().map(|tag| clip(tag, TAG)).collect();
        tags.extend(first.map(|incident| clip(&incident.rule_id, TAG)));
        tags.truncate(20);
        let teams: Vec<Value> = self.teams.iter().map(|name| json!({ "name": name, "type": "team" })).collect();
        let body = json!({
            "message": clip(&subject(message), MESSAGE),
            "alias": message.thread,
            "description": plain_page(message, self.console.as_ref(), DESCRIPTION),
            "responders": teams,
            "tags": tags,
            "details": details,
            "entity": first.map_or(String::new(), |incident| line(&incident.entity, ENTITY)),
            "source": "Trailkeep",
            "priority": priority(message.level),
        });
        self.post("v2/alerts", &body).await
    }
}

fn priority(level: Level) -> &'static str {
    match level {
        Level::Critical => "P1",
        Level::High => "P2",
        Level::Medium => "P3",
        Level::Low => "P4",
        Level::Informational => "P5",
    }
}
