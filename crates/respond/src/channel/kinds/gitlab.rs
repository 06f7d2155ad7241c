//! GitLab: a confidential issue per thread, notes for its changes, closed at its end. A comment in
//! the description, which no reader sees, names the thread, so that an issue whose making was not
//! heard of is found.
//!
//! <https://docs.gitlab.com/api/issues/>

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::Kind;
use crate::channel::common::{join, json};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::{ConfigError, Secret};
use crate::http::Client;
use crate::incident::clip;
use crate::route::{Action, Notification, Receipt};
use crate::text::{markdown_page, subject};

const TITLE: usize = 255;
const BODY: usize = 100_000;

pub(super) const KIND: Kind =
    Kind { name: "gitlab", title: "GitLab: issues", stream: false, calls: &[], build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Path of the project, `group/name`, or its number.
    project: String,
    /// Access token with the scope `api`: a secret.
    token: String,
    /// Address of the site. Default: `https://gitlab.com/`.
    url: Option<String>,
    /// Labels of every issue. Default: `trailkeep`.
    labels: Option<Vec<String>>,
    /// Whether only members see the issues. Default: `true`.
    confidential: Option<bool>,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    if settings.project.trim_matches('/').is_empty() {
        return Err(context.wrong("project", "write group/name, or the project's number"));
    }
    let url = settings.url.as_deref().unwrap_or("https://gitlab.com/");
    Ok(Arc::new(GitLab {
        url: context.base_url(&client, "url", url)?,
        client,
        token: context.secret("token", &settings.token)?,
        project: url::form_urlencoded::byte_serialize(settings.project.as_bytes()).collect(),
        labels: settings.labels.unwrap_or_else(|| vec!["trailkeep".to_owned()]).join(","),
        confidential: settings.confidential.unwrap_or(true),
        console: context.console(),
    }))
}

#[derive(Debug)]
struct GitLab {
    client: Client,
    url: Url,
    token: Secret,
    project: String,
    labels: String,
    confidential: bool,
    console: Option<Url>,
}

#[async_trait]
impl Channel for GitLab {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let known = message.ticket.as_ref().and_then(|ticket| Some((ticket.reference.clone()?, ticket.url.clone())));
        let (number, url) = match known {
            Some(known) => known,
            None => match self.find(message).await? {
                Some((number, url)) if message.action != Action::Resolve => {
                    return Ok(Receipt { reference: Some(number), url });
                }
                Some(found) => found,
                None if message.action == Action::Resolve => return Ok(Receipt::default()),
                None => {
                    let (number, url) = self.create(message).await?;
                    if message.action == Action::Test {
                        self.close(&number).await?;
                    }
                    return Ok(Receipt { reference: Some(number), url });
                }
            },
        };
        let note = json!({ "body": markdown_page(message, self.console.as_ref(), BODY) });
        self.call(Method::POST, &format!("issues/{number}/notes"), Some(&note)).await?;
        if message.action == Action::Resolve {
            self.close(&number).await?;
        }
        Ok(Receipt { reference: Some(number), url })
    }
}

impl GitLab {
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, ChannelError> {
        let url = join(&self.url, &format!("api/v4/projects/{}/{path}", self.project))?;
        let headers = [("private-token", self.token.reveal())];
        Ok(json(&self.client, method, &url, &headers, body).await?.json())
    }

    async fn find(&self, message: &Notification) -> Result<Option<(String, Option<String>)>, ChannelError> {
        let path = format!("issues?scope=all&in=description&per_page=1&search={}", message.thread);
        let found = self.call(Method::GET, &path, None).await?;
        Ok(names(&found[0]))
    }

    async fn create(&self, message: &Notification) -> Result<(String, Option<String>), ChannelError> {
        let body = markdown_page(message, self.console.as_ref(), BODY);
        let body = json!({
            "title": clip(&subject(message), TITLE),
            "description": format!("{body}\n<!-- trailkeep:{} -->\n", message.thread),
            "labels": self.labels,
            "confidential": self.confidential,
        });
        let made = self.call(Method::POST, "issues", Some(&body)).await?;
        names(&made).ok_or_else(|| ChannelError::retryable("GitLab gave no iid"))
    }

    async fn close(&self, number: &str) -> Result<(), ChannelError> {
        self.call(Method::PUT, &format!("issues/{number}"), Some(&json!({ "state_event": "close" }))).await?;
        Ok(())
    }
}

fn names(issue: &Value) -> Option<(String, Option<String>)> {
    let url = issue["web_url"].as_str().map(str::to_owned);
    Some((issue["iid"].as_u64()?.to_string(), url))
}
