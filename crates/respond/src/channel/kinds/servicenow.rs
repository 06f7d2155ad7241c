//! ServiceNow: an incident per thread, by the Table API. The thread is its correlation id, by which
//! it is found again.
//!
//! <https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html>

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trailkeep_detect::Level;
use url::Url;

use super::Kind;
use crate::channel::common::{basic, join, json};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::{ConfigError, Secret};
use crate::http::Client;
use crate::incident::clip;
use crate::route::{Action, Notification, Receipt};
use crate::text::{plain_page, subject};

const SHORT: usize = 160;
const LONG: usize = 4_000;

pub(super) const KIND: Kind =
    Kind { name: "servicenow", title: "ServiceNow: incidents", stream: false, calls: &[], build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address of the instance: `https://example.service-now.com/`.
    url: String,
    /// User; without it, the password is a bearer token.
    user: Option<String>,
    /// Password or token: a secret.
    password: String,
    /// Name or sys_id of the group that incidents are given to.
    assignment_group: Option<String>,
    /// Category. Default: `Security`.
    category: Option<String>,
    /// Code of closing. Default: `Resolved by caller`.
    close_code: Option<String>,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let password = context.secret("password", &settings.password)?;
    let credentials = match &settings.user {
        Some(user) => basic(user, &password),
        None => format!("Bearer {}", password.reveal()),
    };
    Ok(Arc::new(ServiceNow {
        url: context.base_url(&client, "url", &settings.url)?,
        client,
        credentials: Secret::new(credentials),
        assignment_group: settings.assignment_group,
        category: settings.category.unwrap_or_else(|| "Security".to_owned()),
        close_code: settings.close_code.unwrap_or_else(|| "Resolved by caller".to_owned()),
        console: context.console(),
    }))
}

#[derive(Debug)]
struct ServiceNow {
    client: Client,
    url: Url,
    credentials: Secret,
    assignment_group: Option<String>,
    category: String,
    close_code: String,
    console: Option<Url>,
}

#[async_trait]
impl Channel for ServiceNow {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let first = message.ticket.is_none();
        let (id, number) = match self.find(message).await? {
            // Made before, and not heard of: this message is in it.
            Some((_, number)) if first && message.action != Action::Resolve => return Ok(self.receipt(number)),
            Some(found) => found,
            None if message.action == Action::Resolve => return Ok(Receipt::default()),
            None => {
                let made = self.create(message).await?;
                if message.action != Action::Test {
                    return Ok(self.receipt(made.1));
                }
                made
            }
        };
        let note = plain_page(message, self.console.as_ref(), LONG);
        let change = match message.action {
            Action::Resolve | Action::Test => json!({
                // Resolved.
                "state": "6",
                "close_code": self.close_code,
                "close_notes": note,
            }),
            // In Progress.
            Action::Acknowledge => json!({ "state": "2", "work_notes": note }),
            _ => json!({
                "work_notes": note,
                "urgency": urgency(message.level),
                "impact": urgency(message.level),
            }),
        };
        self.call(Method::PATCH, &format!("api/now/table/incident/{id}"), Some(&change)).await?;
        Ok(self.receipt(number))
    }
}

impl ServiceNow {
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, ChannelError> {
        let url = join(&self.url, path)?;
        let headers = [("authorization", self.credentials.reveal())];
        Ok(json(&self.client, method, &url, &headers, body).await?.json())
    }

    fn receipt(&self, number: String) -> Receipt {
        let url = self.url.join(&format!("nav_to.do?uri=incident.do?sysparm_query=number={number}"));
        Receipt { url: url.ok().map(String::from), reference: Some(number) }
    }

    /// `sys_id` and number.
    async fn find(&self, message: &Notification) -> Result<Option<(String, String)>, ChannelError> {
        let path = format!(
            "api/now/table/incident?sysparm_query=correlation_id={}&sysparm_fields=sys_id,number&sysparm_limit=1",
            message.thread
        );
        let found = self.call(Method::GET, &path, None).await?;
        Ok(names(&found["result"][0]))
    }

    async fn create(&self, message: &Notification) -> Result<(String, String), ChannelError> {
        let mut body = json!({
            "short_description": clip(&subject(message), SHORT),
            "description": plain_page(message, self.console.as_ref(), LONG),
            "urgency": urgency(message.level),
            "impact": urgency(message.level),
            "category": self.category,
            "correlation_id": message.thread,
            "correlation_display": "Trailkeep",
        });
        if let Some(group) = &self.assignment_group {
            body["assignment_group"] = group.as_str().into();
        }
        let made = self.call(Method::POST, "api/now/table/incident", Some(&body)).await?;
        names(&made["result"]).ok_or_else(|| ChannelError::retryable("ServiceNow gave no number"))
    }
}

fn names(record: &Value) -> Option<(String, String)> {
    let text = |name: &str| record[name].as_str().map(str::to_owned);
    // It goes into a path.
    let id = text("sys_id").filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
    Some((id, text("number")?))
}

/// 1 is high, 3 low.
fn urgency(level: Level) -> &'static str {
    match level {
        Level::Critical | Level::High => "1",
        Level::Medium => "2",
        Level::Low | Level::Informational => "3",
    }
}
