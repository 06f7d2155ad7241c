//! Jira: an issue per thread, comments for its changes, a transition at its end. A label names the
//! thread, so that an issue whose making was not heard of is found.
//!
//! <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/>

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::Kind;
use crate::channel::common::{basic, join, json};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::{ConfigError, Secret};
use crate::http::Client;
use crate::incident::clip;
use crate::route::{Action, Notification, Receipt};
use crate::text::{facts, lead, line, link, subject, unlisted, why};

const SUMMARY: usize = 254;

pub(super) const KIND: Kind =
    Kind { name: "jira", title: "Jira: issues", stream: false, calls: &[], build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of the site: `https://example.atlassian.net/`.
    url: String,
    /// The account's e-mail address; without it, the token is a bearer token.
    user: Option<String>,
    /// API token: a secret.
    token: String,
    /// Key of the project: `SEC`.
    project: String,
    /// Type of the issues. Default: `Task`.
    #[serde(default = "task")]
    issue_type: String,
    /// Labels of every issue.
    #[serde(default)]
    labels: Vec<String>,
    /// Name of the transition that closes an issue. Default: the first that leads to a status of
    /// the category Done.
    done: Option<String>,
}

fn task() -> String {
    "Task".to_owned()
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let token = context.secret("token", &settings.token)?;
    let credentials = match &settings.user {
        Some(user) => basic(user, &token),
        None => format!("Bearer {}", token.reveal()),
    };
    if settings.labels.iter().any(|label| label.contains(char::is_whitespace)) {
        return Err(context.wrong("labels", "a label of Jira's has no spaces"));
    }
    Ok(Arc::new(Jira {
        url: context.base_url(&client, "url", &settings.url)?,
        client,
        credentials: Secret::new(credentials),
        project: settings.project,
        issue_type: settings.issue_type,
        labels: settings.labels,
        done: settings.done,
        console: context.console(),
    }))
}

#[derive(Debug)]
struct Jira {
    client: Client,
    url: Url,
    credentials: Secret,
    project: String,
    issue_type: String,
    labels: Vec<String>,
    done: Option<String>,
    console: Option<Url>,
}

#[async_trait]
impl Channel for Jira {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let known = message.ticket.as_ref().and_then(|ticket| ticket.reference.clone());
        let key = match known {
            Some(key) => key,
            None => match self.find(message).await? {
                // Made before, and not heard of: this message is in it.
                Some(key) if message.action != Action::Resolve => return Ok(self.receipt(key)),
                Some(key) => key,
                None if message.action == Action::Resolve => return Ok(Receipt::default()),
                None => {
                    let key = self.create(message).await?;
                    if message.action == Action::Test {
                        self.close(&key).await?;
                    }
                    return Ok(self.receipt(key));
                }
            },
        };
        let body = json!({ "body": self.document(message) });
        self.call(Method::POST, &format!("rest/api/3/issue/{key}/comment"), Some(&body)).await?;
        if message.action == Action::Resolve {
            self.close(&key).await?;
        }
        Ok(self.receipt(key))
    }
}

impl Jira {
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, ChannelError> {
        let url = join(&self.url, path)?;
        let headers = [("authorization", self.credentials.reveal())];
        Ok(json(&self.client, method, &url, &headers, body).await?.json())
    }

    fn receipt(&self, key: String) -> Receipt {
        let url = self.url.join(&format!("browse/{key}")).ok().map(String::from);
        Receipt { reference: Some(key), url }
    }

    async fn find(&self, message: &Notification) -> Result<Option<String>, ChannelError> {
        let jql = format!("project = \"{}\" AND labels = \"{}\"", self.project, label(message));
        let body = json!({ "jql": jql, "fields": ["key"], "maxResults": 1 });
        let found = self.call(Method::POST, "rest/api/3/search/jql", Some(&body)).await?;
        Ok(found["issues"][0]["key"].as_str().map(str::to_owned))
    }

    async fn create(&self, message: &Notification) -> Result<String, ChannelError> {
        let mut labels = self.labels.clone();
        labels.push(label(message));
        let body = json!({
            "fields": {
                "project": { "key": self.project },
                "issuetype": { "name": self.issue_type },
                "summary": clip(&subject(message), SUMMARY),
                "description": self.document(message),
                "labels": labels,
            },
        });
        let made = self.call(Method::POST, "rest/api/3/issue", Some(&body)).await?;
        made["key"].as_str().map(str::to_owned).ok_or_else(|| ChannelError::retryable("Jira gave no key"))
    }

    async fn close(&self, key: &str) -> Result<(), ChannelError> {
        let path = format!("rest/api/3/issue/{key}/transitions");
        let answer = self.call(Method::GET, &path, None).await?;
        let all = answer["transitions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let wanted = all.iter().find(|transition| match &self.done {
            Some(name) => transition["name"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(name)),
            None => transition["to"]["statusCategory"]["key"] == "done",
        });
        // None leads there: it is closed already, or a person must. The comment says so.
        let Some(id) = wanted.map(|transition| &transition["id"]) else { return Ok(()) };
        self.call(Method::POST, &path, Some(&json!({ "transition": { "id": id } }))).await?;
        Ok(())
    }

    /// The Atlassian Document Format: text has no markup, so there is nothing to escape.
    /// <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/>
    fn document(&self, message: &Notification) -> Value {
        let text = |text: String| json!({ "type": "text", "text": text });
        let paragraph = |content: Vec<Value>| json!({ "type": "paragraph", "content": content });
        let mut content = Vec::new();
        let lead = lead(message);
        // An empty text is refused.
        if !lead.is_empty() {
            content.push(paragraph(vec![text(lead)]));
        }
        for item in &message.items {
            let incident = &item.incident;
            let mut title = text(format!("{} ({})", line(&incident.title, 200), why(item.why)));
            if let Some(url) = link(self.console.as_ref(), incident) {
                title["marks"] = json!([{ "type": "link", "attrs": { "href": url.as_str() } }]);
            }
            content.push(json!({ "type": "heading", "attrs": { "level": 3 }, "content": [title] }));
            let summary = line(&incident.summary, 1_000);
            if !summary.is_empty() {
                content.push(paragraph(vec![text(summary)]));
            }
            let items: Vec<Value> = facts(incident)
                .into_iter()
                .map(|(name, value)| {
                    let mut name = text(format!("{name}: "));
                    name["marks"] = json!([{ "type": "strong" }]);
                    json!({ "type": "listItem", "content": [paragraph(vec![name, text(value)])] })
                })
                .collect();
            content.push(json!({ "type": "bulletList", "content": items }));
        }
        if unlisted(message) > 0 {
            content.push(paragraph(vec![text(format!("and {} more", unlisted(message)))]));
        }
        json!({ "type": "doc", "version": 1, "content": content })
    }
}

fn label(message: &Notification) -> String {
    format!("trailkeep-{}", message.thread)
}
