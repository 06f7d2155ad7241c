//! Any HTTP endpoint: the message as JSON, signed.
//!
//! `X-Trailkeep-Signature: t=UNIX,v1=HEX`, where `HEX` is the HMAC-SHA256 of `UNIX.BODY` under the
//! shared secret. The receiver computes the same, compares in constant time, and refuses times
//! that are minutes off ([`verify`] does). `Idempotency-Key` is the same for every repetition.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::Kind;
use crate::channel::record::{Format, message_document};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::{ConfigError, Secret};
use crate::http::{Client, same, signature};
use crate::route::{Notification, Receipt};

pub(super) const KIND: Kind = Kind {
    name: "webhook",
    title: "Any HTTP endpoint: signed JSON",
    stream: false,
    calls: &[],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address.
    url: String,
    /// Key of the HMAC-SHA256 signature: a secret of 16 characters or more.
    secret: String,
    /// How incidents are written: `native` or `ocsf`. Default: `native`.
    #[serde(default)]
    format: Format,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let client = context.client(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let secret = context.secret("secret", &settings.secret)?;
    if secret.reveal().len() < 16 {
        return Err(context.wrong("secret", "use 16 characters or more"));
    }
    let url = context.url(&client, "url", &settings.url)?;
    Ok(Arc::new(Webhook { client, url, secret, format: settings.format, console: context.console() }))
}

struct Webhook {
    client: Client,
    url: Url,
    secret: Secret,
    format: Format,
    console: Option<Url>,
}

impl std::fmt::Debug for Webhook {
    /// The address may hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Channel for Webhook {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let body = message_document(message, self.format, self.console.as_ref()).to_string().into_bytes();
        let time = Utc::now().timestamp();
        let signed = format!("t={time},v1={}", signature(self.secret.reveal(), time, &body));
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", message.key.as_str()),
            ("x-trailkeep-event", message.action.as_str()),
            ("x-trailkeep-signature", signed.as_str()),
        ];
        let answer = self.client.send(Method::POST, &self.url, &headers, Some(body)).await?;
        if !answer.is_success() {
            return Err(ChannelError::of_answer(&answer));
        }
        Ok(Receipt::default())
    }

    fn in_order(&self) -> bool {
        false
    }
}

/// Checks `X-Trailkeep-Signature` of a raw body: signed with this secret, within `window` of `now`.
#[must_use]
pub fn verify(secret: &Secret, header: &str, body: &[u8], window: TimeDelta, now: DateTime<Utc>) -> bool {
    let part = |name: &str| header.split(',').find_map(|part| part.trim().strip_prefix(name));
    let Some((time, given)) = part("t=").zip(part("v1=")) else { return false };
    let Some(seconds) = time.parse::<i64>().ok() else { return false };
    let fresh = DateTime::from_timestamp(seconds, 0).is_some_and(|signed| (now - signed).abs() <= window);
    fresh && same(&signature(secret.reveal(), seconds, body), given)
}
