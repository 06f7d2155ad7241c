//! Microsoft Teams: Adaptive Cards through a webhook of Workflows.
//!
//! - The body: <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>
//! - Cards: <https://adaptivecards.io/explorer/AdaptiveCard.html>
//!
//! Teams has no field by which it tells repetitions.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::Kind;
use crate::channel::common::json;
use crate::channel::{Channel, ChannelError, Context};
use crate::config::ConfigError;
use crate::http::Client;
use crate::route::{Action, Notification, Receipt};
use crate::text::{facts, lead, line, link, subject, unlisted, why};

/// A message has 28 KB at most.
const LONGEST: usize = 27_000;
const SHOWN: usize = 10;

pub(super) const KIND: Kind = Kind {
    name: "teams",
    title: "Microsoft Teams: cards, by a Workflows webhook",
    stream: false,
    calls: &[],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of the workflow's webhook: a secret.
    url: String,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let url = context.url(&client, "url", &settings.url)?;
    Ok(Arc::new(Teams { client, url, console: context.console() }))
}

struct Teams {
    client: Client,
    url: Url,
    console: Option<Url>,
}

impl std::fmt::Debug for Teams {
    /// The address is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Teams")
    }
}

#[async_trait]
impl Channel for Teams {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let body = body(message, self.console.as_ref());
        json(&self.client, Method::POST, &self.url, &[], Some(&body)).await?;
        Ok(Receipt::default())
    }

    fn in_order(&self) -> bool {
        false
    }
}

/// As many incidents as fit.
fn body(message: &Notification, console: Option<&Url>) -> Value {
    let mut shown = message.items.len().min(SHOWN);
    loop {
        let body = card(message, shown, console);
        if shown == 0 || body.to_string().len() <= LONGEST {
            return body;
        }
        shown -= 1;
    }
}

fn card(message: &Notification, shown: usize, console: Option<&Url>) -> Value {
    let style = match message.action {
        Action::Resolve => "good",
        _ if message.urgent => "attention",
        _ => "default",
    };
    let text = |text: String, extra: Value| {
        let mut block = json!({ "type": "TextBlock", "text": text, "wrap": true });
        if let (Some(block), Value::Object(extra)) = (block.as_object_mut(), extra) {
            block.extend(extra);
        }
        block
    };
    let mut body = vec![json!({
        "type": "Container",
        "style": style,
        "bleed": true,
        "items": [text(plain(&subject(message)), json!({ "size": "Large", "weight": "Bolder" }))],
    })];
    let lead = lead(message);
    if !lead.is_empty() {
        body.push(text(plain(&lead), json!({})));
    }
    for item in message.items.iter().take(shown) {
        let incident = &item.incident;
        let title = format!("{} · {} · {}", line(&incident.title, 200), incident.level, why(item.why));
        body.push(text(plain(&title), json!({ "weight": "Bolder", "spacing": "Large", "separator": true })));
        body.push(text(plain(&line(&incident.summary, 500)), json!({ "spacing": "Small" })));
        if message.items.len() <= 3 {
            let facts: Vec<Value> = facts(incident)
                .into_iter()
                .map(|(name, value)| json!({ "title": name, "value": plain(&value) }))
                .collect();
            body.push(json!({ "type": "FactSet", "facts": facts }));
        }
    }
    let more = unlisted(message) + (message.items.len() - shown) as u64;
    if more > 0 {
        body.push(text(format!("and {more} more"), json!({ "isSubtle": true })));
    }
    let actions: Vec<Value> = message
        .items
        .iter()
        .take(shown.min(5))
        .filter_map(|item| Some((line(&item.incident.title, 60), link(console, &item.incident)?)))
        .map(|(title, url)| json!({ "type": "Action.OpenUrl", "title": title, "url": url.as_str() }))
        .collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": { "width": "Full" },
                "body": body,
                "actions": actions,
            },
        }],
    })
}

/// Cards read some Markdown and have no escape for it: a zero-width space breaks what would link
/// or format.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        out.push(c);
        if matches!(c, '*' | '_' | '[' | ']' | '~' | '`' | '#') {
            out.push('\u{200b}');
        }
    }
    out
}
