//! Elasticsearch and OpenSearch: a document per incident and change, by `_bulk` with ids of its own,
//! so that a repetition is refused one by one and changes nothing.
//!
//! <https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk>

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::Kind;
use crate::channel::common::basic;
use crate::channel::record::{Format, document, record_id};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::{ConfigError, Secret};
use crate::http::Client;
use crate::route::{Action, Notification, Receipt};
use crate::text::line;

pub(super) const KIND: Kind = Kind {
    name: "elasticsearch",
    title: "Elasticsearch, OpenSearch: documents",
    stream: true,
    calls: &[],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of the cluster.
    url: String,
    /// Index or data stream. Default: `trailkeep-incidents`.
    index: Option<String>,
    /// API key, encoded: a secret.
    api_key: Option<String>,
    /// User, with `password`.
    user: Option<String>,
    /// Password: a secret.
    password: Option<String>,
    /// `native` or `ocsf`. Default: `native`.
    #[serde(default)]
    format: Format,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let base = context.base_url(&client, "url", &settings.url)?;
    let url = base.join("_bulk").map_err(|error| context.wrong("url", error.to_string()))?;
    let credentials = match (&settings.api_key, &settings.user, &settings.password) {
        (None, None, None) => None,
        (Some(key), None, None) => Some(format!("ApiKey {}", context.secret("api_key", key)?.reveal())),
        (None, Some(user), Some(password)) => Some(basic(user, &context.secret("password", password)?)),
        _ => return Err(context.wrong("api_key", "give api_key, or user and password")),
    };
    let index = settings.index.unwrap_or_else(|| "trailkeep-incidents".to_owned());
    Ok(Arc::new(Elasticsearch {
        client,
        url,
        credentials: credentials.map(Secret::new),
        index,
        format: settings.format,
        console: context.console(),
    }))
}

#[derive(Debug)]
struct Elasticsearch {
    client: Client,
    url: Url,
    credentials: Option<Secret>,
    index: String,
    format: Format,
    console: Option<Url>,
}

#[async_trait]
impl Channel for Elasticsearch {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let mut headers = vec![("content-type", "application/x-ndjson")];
        if let Some(credentials) = &self.credentials {
            headers.push(("authorization", credentials.reveal()));
        }
        let body = self.body(message).into_bytes();
        let answer = self.client.send(Method::POST, &self.url, &headers, Some(body)).await?;
        if !answer.is_success() {
            return Err(ChannelError::of_answer(&answer));
        }
        judge(&answer.json())?;
        Ok(Receipt::default())
    }

    fn in_order(&self) -> bool {
        false
    }
}

impl Elasticsearch {
    fn body(&self, message: &Notification) -> String {
        let mut body = String::new();
        let mut add = |id: &str, document: &Value| {
            let action = json!({ "create": { "_index": self.index, "_id": id } });
            body.push_str(&format!("{action}\n{document}\n"));
        };
        if message.action == Action::Test {
            let document = json!({ "@timestamp": message.at, "test": true, "message": message.comment });
            add(&message.thread, &document);
        }
        for item in &message.items {
            let mut document = document(self.format, message, item, self.console.as_ref());
            // Data streams ask for it.
            document["@timestamp"] = item.incident.changed_at.to_rfc3339().into();
            add(&record_id(item), &document);
        }
        body
    }
}

/// The answer is 200 whatever became of each document. One that is there already is well.
fn judge(answer: &Value) -> Result<(), ChannelError> {
    if answer["errors"] == false {
        return Ok(());
    }
    let Some(items) = answer["items"].as_array() else {
        return Err(ChannelError::retryable("the answer is none of Elasticsearch's _bulk"));
    };
    let status = |item: &Value| item["create"]["status"].as_u64().unwrap_or(0);
    let bad = |item: &&Value| !matches!(status(item), 200..=299 | 409);
    // All are sent again, and those that arrived are there already.
    let Some(first) = items.iter().filter(bad).max_by_key(|item| status(item) == 429 || status(item) >= 500) else {
        return Ok(());
    };
    let error = &first["create"]["error"];
    let reason = format!(
        "Elasticsearch refused a document with {}: {}: {}",
        status(first),
        error["type"].as_str().unwrap_or("no type"),
        line(error["reason"].as_str().unwrap_or_default(), 300)
    );
    let retryable = matches!(status(first), 0 | 401 | 403 | 429 | 500..);
    Err(if retryable { ChannelError::retryable(reason) } else { ChannelError::permanent(reason) })
}
