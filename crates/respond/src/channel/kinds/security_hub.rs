//! Security Hub: incidents as findings, in the account and Region that the channel speaks as.
//! `BatchImportFindings` replaces a finding of the same id, so that a repetition changes nothing.
//!
//! Fields and bounds: <https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html>.
//! The workflow's status is a person's after the first import; what is resolved is archived.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;
use trailkeep_aws::api::services::{securityhub, sts};
use trailkeep_detect::Level;
use trailkeep_state::{Incident, IncidentKind, IncidentStatus};
use url::Url;

use super::Kind;
use crate::channel::common::LazyAws;
use crate::channel::{Channel, ChannelError, Context};
use crate::config::ConfigError;
use crate::route::{Action, Notification, Receipt};
use crate::text::{line, link};

const TITLE: usize = 256;
const DESCRIPTION: usize = 1_024;
const FIELD: usize = 2_048;
const RESOURCE: usize = 512;

pub(super) const KIND: Kind = Kind {
    name: "security_hub",
    title: "Security Hub: findings",
    stream: true,
    calls: &[&securityhub::BATCH_IMPORT_FINDINGS, &securityhub::DESCRIBE_HUB, &sts::GET_CALLER_IDENTITY],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let aws = context.aws(&mut map)?;
    let Settings {} = context.settings(map)?;
    Ok(Arc::new(SecurityHub { aws, account: OnceCell::new(), console: context.console() }))
}

#[derive(Debug)]
struct SecurityHub {
    aws: LazyAws,
    account: OnceCell<(String, String)>,
    console: Option<Url>,
}

#[async_trait]
impl Channel for SecurityHub {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let (_, api, region) = self.aws.get().await?;
        if message.action == Action::Test {
            // A trial finding would stay for ninety days; that the hub answers is shown without one.
            api.call(&securityhub::DESCRIBE_HUB, region, &json!({})).await?;
            return Ok(Receipt::default());
        }
        let (account, partition) = self
            .account
            .get_or_try_init(|| async {
                let who = api.call(&sts::GET_CALLER_IDENTITY, region, &json!({})).await?;
                let account = who["Account"].as_str().unwrap_or_default().to_owned();
                let partition = who["Arn"].as_str().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
                Ok::<_, ChannelError>((account, partition.to_owned()))
            })
            .await?;
        let findings: Vec<Value> = message
            .items
            .iter()
            .map(|item| finding(&item.incident, account, partition, region, self.console.as_ref()))
            .collect();
        let answer = api
            .call(&securityhub::BATCH_IMPORT_FINDINGS, region, &json!({ "Findings": findings }))
            .await?;
        let failed = answer["FailedCount"].as_u64().unwrap_or(0);
        if failed > 0 {
            let first = &answer["FailedFindings"][0];
            return Err(ChannelError::permanent(format!(
                "Security Hub refused {failed} of {} findings, the first with {}: {}",
                findings.len(),
                first["ErrorCode"].as_str().unwrap_or("no code"),
                line(first["ErrorMessage"].as_str().unwrap_or_default(), 300),
            )));
        }
        Ok(Receipt::default())
    }

    fn in_order(&self) -> bool {
        true
    }
}

fn finding(incident: &Incident, account: &str, partition: &str, region: &str, console: Option<&Url>) -> Value {
    let resource = incident.resource.as_deref().unwrap_or(&incident.entity);
    let mut fields = json!({
        "ProviderName": "Trailkeep",
        "ProviderVersion": env!("CARGO_PKG_VERSION"),
        "Kind": incident.kind.as_str(),
        "Signals": incident.count.to_string(),
    });
    let more = [
        ("AffectedAccount", &incident.account_id),
        ("AffectedRegion", &incident.region),
        ("Actor", &incident.actor),
        ("Owner", &incident.owner),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            fields[name] = line(value, FIELD).into();
        }
    }
    let status = match incident.status {
        IncidentStatus::Open => "NEW",
        IncidentStatus::Acknowledged => "NOTIFIED",
        IncidentStatus::Resolved => "RESOLVED",
    };
    let mut finding = json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("trailkeep/incident/{}", incident.id),
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "GeneratorId": line(&format!("trailkeep/{}", incident.rule_id), 512),
        "AwsAccountId": account,
        "Region": region,
        "Types": [match incident.kind {
            IncidentKind::Finding => "TTPs",
            IncidentKind::Alarm => "Unusual Behaviors",
            IncidentKind::Control => "Software and Configuration Checks/AWS Security Best Practices",
        }],
        "FirstObservedAt": time(incident.first_time),
        "LastObservedAt": time(incident.last_time),
        "CreatedAt": time(incident.opened_at),
        "UpdatedAt": time(incident.changed_at),
        "Severity": { "Label": label(incident.level), "Original": incident.level.as_str() },
        "Title": some(line(&incident.title, TITLE)),
        "Description": some(line(&incident.summary, DESCRIPTION)),
        "ProductFields": fields,
        "Resources": [{
            "Type": "Other",
            "Id": some(line(resource, RESOURCE)),
            "Partition": partition,
            "Region": incident.region.as_deref().unwrap_or(region),
        }],
        "Workflow": { "Status": status },
        "RecordState": if incident.is_unresolved() { "ACTIVE" } else { "ARCHIVED" },
    });
    if let Some(url) = link(console, incident) {
        finding["SourceUrl"] = url.as_str().into();
    }
    finding
}

/// Required texts must not be empty.
fn some(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}

fn time(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn label(level: Level) -> &'static str {
    match level {
        Level::Informational => "INFORMATIONAL",
        Level::Low => "LOW",
        Level::Medium => "MEDIUM",
        Level::High => "HIGH",
        Level::Critical => "CRITICAL",
    }
}
