//! Systems Manager OpsCenter: an OpsItem per thread. The thread is the deduplication string of its
//! operational data, so that a repetition finds the item there is.
//!
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateOpsItem.html>
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-working-deduplication.html>

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trailkeep_aws::api::{Client, services::ssm};
use trailkeep_detect::Level;
use url::Url;

use super::Kind;
use crate::channel::common::LazyAws;
use crate::channel::{Channel, ChannelError, Context};
use crate::config::ConfigError;
use crate::incident::clip;
use crate::route::{Action, Notification, Receipt};
use crate::text::{lead, plain_page, subject};

const TITLE: usize = 1_024;
const DESCRIPTION: usize = 1_024;
/// Operational data has 20 KB at most.
const DETAILS: usize = 4_000;

pub(super) const KIND: Kind = Kind {
    name: "ops_item",
    title: "Systems Manager OpsCenter: OpsItems",
    stream: false,
    calls: &[&ssm::CREATE_OPS_ITEM, &ssm::UPDATE_OPS_ITEM, &ssm::DESCRIBE_OPS_ITEMS],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Topics that are told of changes, by ARN.
    #[serde(default)]
    notify: Vec<String>,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let aws = context.aws(&mut map)?;
    let settings: Settings = context.settings(map)?;
    Ok(Arc::new(OpsItem { aws, notify: settings.notify, console: context.console() }))
}

#[derive(Debug)]
struct OpsItem {
    aws: LazyAws,
    notify: Vec<String>,
    console: Option<Url>,
}

#[async_trait]
impl Channel for OpsItem {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let (_, api, region) = self.aws.get().await?;
        let known = message.ticket.as_ref().and_then(|ticket| ticket.reference.clone());
        let id = match known {
            Some(id) => {
                self.update(api, region, &id, message).await?;
                id
            }
            // Its item was never made; there is nothing to close.
            None if message.action == Action::Resolve => return Ok(Receipt::default()),
            None => {
                let id = self.create(api, region, message).await?;
                if message.action == Action::Test {
                    let resolved = json!({ "OpsItemId": id, "Status": "Resolved" });
                    api.call(&ssm::UPDATE_OPS_ITEM, region, &resolved).await?;
                }
                id
            }
        };
        let url = format!("https://{region}.console.aws.amazon.com/systems-manager/opsitems/{id}?region={region}");
        Ok(Receipt { reference: Some(id), url: Some(url) })
    }
}

impl OpsItem {
    async fn create(&self, api: &Client, region: &str, message: &Notification) -> Result<String, ChannelError> {
        let dedup = json!({ "dedupString": message.thread }).to_string();
        let mut data = self.data(message);
        data["/aws/dedup"] = json!({ "Value": dedup, "Type": "SearchableString" });
        let mut input = json!({
            "Title": clip(&subject(message), TITLE),
            "Description": clip(&lead_of(message), DESCRIPTION),
            "Source": "Trailkeep",
            "Category": "Security",
            "Severity": severity(message.level),
            "Priority": priority(message.level),
            "OperationalData": data,
        });
        if !self.notify.is_empty() {
            input["Notifications"] = self.notify.iter().map(|arn| json!({ "Arn": arn })).collect();
        }
        match api.call(&ssm::CREATE_OPS_ITEM, region, &input).await {
            Ok(answer) => answer["OpsItemId"]
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| ChannelError::retryable("Systems Manager gave no OpsItemId")),
            Err(error) if error.code() == "OpsItemAlreadyExistsException" => {
                self.find(api, region, &dedup).await?.ok_or_else(|| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The item of a deduplication string.
    async fn find(&self, api: &Client, region: &str, dedup: &str) -> Result<Option<String>, ChannelError> {
        let value = json!({ "key": "/aws/dedup", "value": dedup }).to_string();
        let filters = json!([{ "Key": "OperationalData", "Values": [value], "Operator": "Equal" }]);
        let input = json!({ "OpsItemFilters": filters, "MaxResults": 1 });
        let answer = api.call(&ssm::DESCRIBE_OPS_ITEMS, region, &input).await?;
        Ok(answer["OpsItemSummaries"][0]["OpsItemId"].as_str().map(str::to_owned))
    }

    async fn update(&self, api: &Client, region: &str, id: &str, message: &Notification) -> Result<(), ChannelError> {
        let mut input = json!({
            "OpsItemId": id,
            "Title": clip(&subject(message), TITLE),
            "Description": clip(&lead_of(message), DESCRIPTION),
            "OperationalData": self.data(message),
        });
        match message.action {
            Action::Acknowledge => input["Status"] = "InProgress".into(),
            Action::Resolve => input["Status"] = "Resolved".into(),
            _ => {
                input["Status"] = "Open".into();
                input["Severity"] = severity(message.level).into();
                input["Priority"] = priority(message.level).into();
            }
        }
        api.call(&ssm::UPDATE_OPS_ITEM, region, &input).await?;
        Ok(())
    }

    fn data(&self, message: &Notification) -> Value {
        let details = plain_page(message, self.console.as_ref(), DETAILS);
        let mut data = json!({ "trailkeep": { "Value": details, "Type": "String" } });
        let arns: Vec<Value> = message
            .items
            .iter()
            .filter_map(|item| item.incident.resource.as_deref())
            .filter(|resource| resource.starts_with("arn:") && resource.len() <= 1_000)
            .take(5)
            .map(|arn| json!({ "arn": arn }))
            .collect();
        if !arns.is_empty() {
            data["/aws/resources"] = json!({ "Value": Value::from(arns).to_string(), "Type": "SearchableString" });
        }
        data
    }
}

fn lead_of(message: &Notification) -> String {
    let lead = lead(message);
    if lead.is_empty() { "Trailkeep".to_owned() } else { lead }
}

/// `1` is critical.
fn severity(level: Level) -> &'static str {
    match level {
        Level::Critical => "1",
        Level::High => "2",
        Level::Medium => "3",
        Level::Low | Level::Informational => "4",
    }
}

fn priority(level: Level) -> u8 {
    match level {
        Level::Critical => 1,
        Level::High => 2,
        Level::Medium => 3,
        Level::Low => 4,
        Level::Informational => 5,
    }
}
