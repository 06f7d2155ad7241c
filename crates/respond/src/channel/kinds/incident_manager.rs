//! Incident Manager: an incident of a response plan per thread. The key is the client token, so
//! that a repetition starts nothing.
//!
//! <https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_StartIncident.html>

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::ssm_incidents as incidents;
use trailkeep_detect::Level;
use url::Url;

use super::Kind;
use crate::channel::common::LazyAws;
use crate::channel::{Channel, ChannelError, Context};
use crate::config::ConfigError;
use crate::incident::{clip, hash};
use crate::route::{Action, Notification, Receipt};
use crate::text::{plain_page, subject};

const TITLE: usize = 200;
const SUMMARY: usize = 8_000;
/// Of an event of the timeline, JSON.
const EVENT: usize = 8_000;

pub(super) const KIND: Kind = Kind {
    name: "incident_manager",
    title: "Incident Manager: incidents of a response plan",
    stream: false,
    calls: &[&incidents::START_INCIDENT, &incidents::UPDATE_INCIDENT_RECORD, &incidents::CREATE_TIMELINE_EVENT],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// ARN of the response plan.
    response_plan: String,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let aws = context.aws(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let is_plan = settings.response_plan.starts_with("arn:") && settings.response_plan.contains(":response-plan/");
    if !is_plan {
        let reason = "write the plan's ARN: arn:aws:ssm-incidents::111122223333:response-plan/security";
        return Err(context.wrong("response_plan", reason));
    }
    Ok(Arc::new(IncidentManager { aws, plan: settings.response_plan, console: context.console() }))
}

#[derive(Debug)]
struct IncidentManager {
    aws: LazyAws,
    plan: String,
    console: Option<Url>,
}

#[async_trait]
impl Channel for IncidentManager {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let (_, api, region) = self.aws.get().await?;
        let known = message.ticket.as_ref().and_then(|ticket| ticket.reference.clone());
        let arn = match known {
            Some(arn) => arn,
            None if message.action == Action::Resolve => return Ok(Receipt::default()),
            None => {
                let answer = api.call(&incidents::START_INCIDENT, region, &self.start(message)).await?;
                let arn = answer["incidentRecordArn"].as_str().map(str::to_owned);
                let arn = arn.ok_or_else(|| ChannelError::retryable("Incident Manager gave no record"))?;
                if message.action != Action::Test {
                    // What StartIncident has no place for.
                    let summary = plain_page(message, self.console.as_ref(), SUMMARY);
                    let input = json!({ "arn": arn, "summary": summary, "clientToken": token(&[&message.key, "summary"]) });
                    api.call(&incidents::UPDATE_INCIDENT_RECORD, region, &input).await?;
                    return Ok(receipt(arn));
                }
                arn
            }
        };
        if matches!(message.action, Action::Resolve | Action::Test) {
            let input = json!({ "arn": arn, "status": "RESOLVED", "clientToken": token(&[&message.key, "resolve"]) });
            api.call(&incidents::UPDATE_INCIDENT_RECORD, region, &input).await?;
        } else {
            let text = plain_page(message, self.console.as_ref(), EVENT / 4);
            let input = json!({
                "incidentRecordArn": arn,
                "eventTime": message.at.timestamp(),
                "eventType": "Custom Event",
                "eventData": Value::from(text).to_string(),
                "clientToken": token(&[&message.key, "event"]),
            });
            api.call(&incidents::CREATE_TIMELINE_EVENT, region, &input).await?;
        }
        Ok(receipt(arn))
    }
}

impl IncidentManager {
    fn start(&self, message: &Notification) -> Value {
        json!({
            "responsePlanArn": self.plan,
            "clientToken": token(&[&message.thread]),
            "title": clip(&subject(message), TITLE),
            "impact": impact(message.level),
            "triggerDetails": { "source": "trailkeep", "timestamp": message.at.timestamp() },
        })
    }
}

fn receipt(arn: String) -> Receipt {
    Receipt { reference: Some(arn), url: None }
}

/// At most 128 characters.
fn token(parts: &[&str]) -> String {
    hash(parts)
}

/// 1 is critical, 5 no impact.
fn impact(level: Level) -> u8 {
    match level {
        Level::Critical => 1,
        Level::High => 2,
        Level::Medium => 3,
        Level::Low => 4,
        Level::Informational => 5,
    }
}
