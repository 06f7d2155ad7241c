//! GitHub: an issue per thread, comments for its changes, closed at its end. A comment in the body,
//! which no reader sees, names the thread, so that an issue whose making was not heard of is found.
//!
//! <https://docs.github.com/en/rest/issues/issues>

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

const TITLE: usize = 250;
const BODY: usize = 60_000;
/// Where an issue that was just made is looked for: search is minutes behind, lists are not.
const RECENT: usize = 100;

pub(super) const KIND: Kind =
    Kind { name: "github", title: "GitHub: issues", stream: false, calls: &[], build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// `owner/name`. A private one: what is written there is what an attacker would like to know.
    repository: String,
    /// Token that may write issues: a secret.
    token: String,
    /// Address of the API. Default: `https://api.github.com/`.
    url: Option<String>,
    /// Labels of every issue. Default: `trailkeep`.
    labels: Option<Vec<String>>,
    /// Who issues are given to, by login.
    #[serde(default)]
    assignees: Vec<String>,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let parts: Vec<&str> = settings.repository.split('/').collect();
    if parts.len() != 2 || parts.iter().any(|part| part.is_empty() || !part.bytes().all(fits)) {
        return Err(context.wrong("repository", "write owner/name"));
    }
    let url = settings.url.as_deref().unwrap_or("https://api.github.com/");
    Ok(Arc::new(GitHub {
        url: context.base_url(&client, "url", url)?,
        client,
        token: Secret::new(format!("Bearer {}", context.secret("token", &settings.token)?.reveal())),
        repository: settings.repository,
        labels: settings.labels.unwrap_or_else(|| vec!["trailkeep".to_owned()]),
        assignees: settings.assignees,
        console: context.console(),
    }))
}

#[derive(Debug)]
struct GitHub {
    client: Client,
    url: Url,
    token: Secret,
    repository: String,
    labels: Vec<String>,
    assignees: Vec<String>,
    console: Option<Url>,
}

#[async_trait]
impl Channel for GitHub {
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
        let comment = json!({ "body": markdown_page(message, self.console.as_ref(), BODY) });
        self.call(Method::POST, &format!("issues/{number}/comments"), Some(&comment)).await?;
        if message.action == Action::Resolve {
            self.close(&number).await?;
        }
        Ok(Receipt { reference: Some(number), url })
    }
}

impl GitHub {
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, ChannelError> {
        let url = join(&self.url, &format!("repos/{}/{path}", self.repository))?;
        let headers = [
            ("accept", "application/vnd.github+json"),
            ("authorization", self.token.reveal()),
            ("x-github-api-version", "2022-11-28"),
        ];
        Ok(json(&self.client, method, &url, &headers, body).await?.json())
    }

    async fn find(&self, message: &Notification) -> Result<Option<(String, Option<String>)>, ChannelError> {
        let label = self.labels.first().map(|label| {
            let label: String = url::form_urlencoded::byte_serialize(label.as_bytes()).collect();
            format!("&labels={label}")
        });
        let path = format!(
            "issues?state=all&sort=created&direction=desc&per_page={RECENT}{}",
            label.unwrap_or_default()
        );
        let found = self.call(Method::GET, &path, None).await?;
        let marker = marker(message);
        let issue = found.as_array().into_iter().flatten().find(|issue| {
            issue["body"].as_str().is_some_and(|body| body.contains(&marker))
        });
        Ok(issue.and_then(names))
    }

    async fn create(&self, message: &Notification) -> Result<(String, Option<String>), ChannelError> {
        let body = markdown_page(message, self.console.as_ref(), BODY);
        let body = json!({
            "title": clip(&subject(message), TITLE),
            "body": format!("{body}\n{}\n", marker(message)),
            "labels": self.labels,
            "assignees": self.assignees,
        });
        let made = self.call(Method::POST, "issues", Some(&body)).await?;
        names(&made).ok_or_else(|| ChannelError::retryable("GitHub gave no number"))
    }

    async fn close(&self, number: &str) -> Result<(), ChannelError> {
        let body = json!({ "state": "closed", "state_reason": "completed" });
        self.call(Method::PATCH, &format!("issues/{number}"), Some(&body)).await?;
        Ok(())
    }
}

fn names(issue: &Value) -> Option<(String, Option<String>)> {
    let url = issue["html_url"].as_str().map(str::to_owned);
    Some((issue["number"].as_u64()?.to_string(), url))
}

fn marker(message: &Notification) -> String {
    format!("<!-- trailkeep:{} -->", message.thread)
}
