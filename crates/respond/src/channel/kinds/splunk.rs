//! Splunk: the HTTP Event Collector, an event per incident and change. Each has a `record_id`, by
//! which searches drop repetitions (`dedup record_id`).
//!
//! <https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector>

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::Kind;
use crate::channel::record::{Format, document, record_id};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::{ConfigError, Secret};
use crate::http::Client;
use crate::route::{Action, Notification, Receipt};

pub(super) const KIND: Kind =
    Kind { name: "splunk", title: "Splunk: HTTP Event Collector", stream: true, calls: &[], build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of the collector: `https://splunk.example.com:8088`.
    url: String,
    /// Its token: a secret.
    token: String,
    /// Index. Default: the token's.
    index: Option<String>,
    /// Source type. Default: `trailkeep:incident`.
    sourcetype: Option<String>,
    /// `native` or `ocsf`. Default: `native`.
    #[serde(default)]
    format: Format,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let base = context.base_url(&client, "url", &settings.url)?;
    let url = base.join("services/collector/event").map_err(|error| context.wrong("url", error.to_string()))?;
    Ok(Arc::new(Splunk {
        client,
        url,
        token: Secret::new(format!("Splunk {}", context.secret("token", &settings.token)?.reveal())),
        index: settings.index,
        sourcetype: settings.sourcetype.unwrap_or_else(|| "trailkeep:incident".to_owned()),
        format: settings.format,
        console: context.console(),
    }))
}

#[derive(Debug)]
struct Splunk {
    client: Client,
    url: Url,
    token: Secret,
    index: Option<String>,
    sourcetype: String,
    format: Format,
    console: Option<Url>,
}

#[async_trait]
impl Channel for Splunk {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let body = self.events(message);
        let headers = [("authorization", self.token.reveal()), ("content-type", "application/json")];
        let answer = self.client.send(Method::POST, &self.url, &headers, Some(body.into_bytes())).await?;
        if answer.is_success() { Ok(Receipt::default()) } else { Err(ChannelError::of_answer(&answer)) }
    }

    fn in_order(&self) -> bool {
        false
    }
}

impl Splunk {
    /// Events one after another, not in a list.
    fn events(&self, message: &Notification) -> String {
        let event = |time: chrono::DateTime<chrono::Utc>, event: Value| {
            let mut all = json!({
                // Seconds, with the fraction as it is.
                "time": format!("{}.{:03}", time.timestamp(), time.timestamp_subsec_millis()),
                "host": "trailkeep",
                "source": "trailkeep",
                "sourcetype": self.sourcetype,
                "event": event,
            });
            if let Some(index) = &self.index {
                all["index"] = index.as_str().into();
            }
            all
        };
        if message.action == Action::Test {
            return event(message.at, json!({ "test": true, "text": message.comment })).to_string();
        }
        let events = message.items.iter().map(|item| {
            let document = document(self.format, message, item, self.console.as_ref());
            let mut all = event(item.incident.changed_at, document);
            all["fields"] = json!({ "record_id": record_id(item), "level": item.incident.level });
            all.to_string()
        });
        events.collect::<Vec<_>>().join("\n")
    }
}
