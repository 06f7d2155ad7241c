//! Posts a message: signed, to listed hosts, never into the private network unless told so.
//!
//! `X-Trailkeep-Signature: t=UNIX,v1=HEX`, where `HEX` is the HMAC-SHA256 of `UNIX.BODY` under the
//! shared secret. The receiver computes the same, compares in constant time, and refuses times
//! that are minutes off. `Idempotency-Key` is the same for every repetition of a message.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use hmac::{Hmac, Mac};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::Value;
use sha2::Sha256;
use trailkeep_state::Message;
use url::{Host, Url};

use crate::config::{Secret, WebhookConfig};

/// The outbox's name for the webhook.
pub const CHANNEL: &str = "webhook";

/// Of an answer, as much is read to say why it was refused.
const ANSWER: usize = 300;

/// Why a message was not delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The host is not among the allowed ones.
    #[error("{host} is not among notify.webhook.allowed_hosts; add it there if it is right")]
    Host {
        /// The host.
        host: String,
    },
    /// The address is private, loopback or link-local.
    #[error("{address} is a private address; set notify.webhook.allow_private if that is meant")]
    Private {
        /// The address.
        address: IpAddr,
    },
    /// The client could not be made.
    #[error("no HTTP client: {0}")]
    Client(String),
    /// The request failed.
    #[error("the request failed: {0}")]
    Request(String),
    /// The receiver did not answer with success. Redirects are not followed.
    #[error("the receiver answered {status}: {answer}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The beginning of the answer.
        answer: String,
    },
}

/// A receiver of messages.
#[derive(Debug, Clone)]
pub struct Webhook {
    client: reqwest::Client,
    url: Url,
    secret: Secret,
    timeout: Duration,
    console: Option<Url>,
}

impl Webhook {
    /// Checks the address, and prepares the client. `console` is where findings can be looked at.
    ///
    /// # Errors
    /// A host that is not allowed, or a private address in the URL itself.
    pub fn new(config: &WebhookConfig, console: Option<Url>) -> Result<Self, WebhookError> {
        check_host(config)?;
        let mut client = reqwest::Client::builder()
            .timeout(config.timeout)
            .connect_timeout(config.timeout.min(Duration::from_secs(5)))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("trailkeep/", env!("CARGO_PKG_VERSION")));
        if !config.allow_private {
            // A proxy would look names up itself, past the guard.
            client = client.no_proxy().dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self {
            client: client.build().map_err(|error| WebhookError::Client(error.to_string()))?,
            url: config.url.clone(),
            secret: config.secret.clone(),
            timeout: config.timeout,
            console,
        })
    }

    /// Longest a delivery may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Posts a message.
    ///
    /// # Errors
    /// Whatever keeps the receiver from answering with success.
    pub async fn post(&self, message: &Message) -> Result<(), WebhookError> {
        let body = self.body(message);
        let time = Utc::now().timestamp();
        let answer = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("idempotency-key", &message.key)
            .header("x-trailkeep-event", &message.kind)
            .header(
                "x-trailkeep-signature",
                format!("t={time},v1={}", signature(self.secret.reveal(), time, &body)),
            )
            .body(body)
            .send()
            .await
            .map_err(|error| WebhookError::Request(chain(&error)))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        Err(WebhookError::Refused { status: status.as_u16(), answer: beginning(answer).await })
    }

    /// The payload, with what it is and where to look at it.
    fn body(&self, message: &Message) -> String {
        let Ok(Value::Object(mut body)) = serde_json::from_str::<Value>(&message.payload) else {
            return message.payload.clone();
        };
        body.insert("type".to_owned(), message.kind.as_str().into());
        let id = body.get("finding").and_then(|row| row.get("id")).and_then(Value::as_str);
        let link =
            self.console.as_ref().zip(id).and_then(|(url, id)| url.join(&format!("findings/{id}")).ok());
        if let Some(link) = link {
            body.insert("url".to_owned(), link.as_str().into());
        }
        Value::Object(body).to_string()
    }
}

/// HMAC-SHA256 of `time.body`, hex.
#[must_use]
pub fn signature(secret: &str, time: i64, body: &str) -> String {
    // A key of any length is fine for HMAC; the error cannot happen.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(time.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

async fn beginning(mut answer: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(ANSWER);
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// An error with its causes: reqwest's own text leaves them out.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

fn check_host(config: &WebhookConfig) -> Result<(), WebhookError> {
    let host = config.url.host_str().unwrap_or_default();
    let allowed =
        config.allowed_hosts.is_empty() || config.allowed_hosts.iter().any(|name| allows(name, host));
    if !allowed {
        return Err(WebhookError::Host { host: host.to_owned() });
    }
    let literal = match config.url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        _ => None,
    };
    match literal.filter(|ip| !config.allow_private && !is_public(*ip)) {
        Some(address) => Err(WebhookError::Private { address }),
        None => Ok(()),
    }
}

/// `hooks.example.com` allows itself; `*.example.com` what is below it.
fn allows(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => {
            let (host, parent) = (host.to_ascii_lowercase(), parent.to_ascii_lowercase());
            host.strip_suffix(&parent).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
        }
        None => name.eq_ignore_ascii_case(host),
    }
}

/// Looks names up, and keeps public addresses only: the check is on the very addresses that are
/// connected to, so a name cannot change its mind in between.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> =
                found.iter().copied().filter(|address| is_public(address.ip())).collect();
            match (public.is_empty(), found.first()) {
                (true, Some(address)) => Err(WebhookError::Private { address: address.ip() }.into()),
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

/// Whether an address is one of the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_unspecified()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    // Global unicast only. Translated (64:ff9b::/96) and tunnelled (2002::/16) addresses hold an
    // IPv4 one.
    let global = segments[0] & 0xe000 == 0x2000;
    let documentation = segments[0] == 0x2001 && segments[1] == 0x0db8;
    let tunnel = segments[0] == 0x2002 || (segments[0] == 0x2001 && segments[1] == 0);
    global && !documentation && !tunnel
}

#[cfg(test)]
mod tests {
    use trailkeep_detect::Level;

    use super::*;

    fn config(url: &str, allowed: &[&str]) -> WebhookConfig {
        WebhookConfig {
            url: Url::parse(url).unwrap(),
            secret: Secret::new("0123456789abcdef"),
            allowed_hosts: allowed.iter().map(|host| (*host).to_owned()).collect(),
            allow_private: false,
            min_level: Level::Low,
            timeout: Duration::from_secs(1),
        }
    }

    #[test]
    fn signatures_are_hmac_sha256() {
        // Computed with `printf '1.{}' | openssl dgst -sha256 -hmac 0123456789abcdef`.
        assert_eq!(signature("0123456789abcdef", 1, "{}"), SIGNED);
    }

    const SIGNED: &str = "2af693cb56b22c16912222aeefdc75a01de562bf70ee2015f41ecea48382997f";

    #[test]
    fn only_listed_hosts() {
        assert!(check_host(&config("https://hooks.example.com/x", &[])).is_ok());
        assert!(check_host(&config("https://hooks.example.com/x", &["*.example.com"])).is_ok());
        assert!(check_host(&config("https://example.com/x", &["*.example.com"])).is_err());
        assert!(check_host(&config("https://evilexample.com/x", &["*.example.com", "example.com"])).is_err());
    }

    #[test]
    fn no_private_addresses() {
        for private in [
            "https://127.0.0.1/",
            "https://10.0.0.1/",
            "https://192.168.1.1/",
            "https://169.254.169.254/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:a00:1::]/",
            "https://2130706433/",
            "https://0x7f.1/",
        ] {
            assert!(
                matches!(check_host(&config(private, &[])), Err(WebhookError::Private { .. })),
                "{private}"
            );
        }
        assert!(check_host(&config("https://8.8.8.8/", &[])).is_ok());
        assert!(check_host(&config("https://[2606:4700::1]/", &[])).is_ok());
    }

    #[tokio::test]
    async fn names_of_private_addresses_are_refused_too() {
        let webhook = Webhook::new(&config("https://localhost:1/", &[]), None).unwrap();
        let message = Message {
            id: 1,
            key: "k".into(),
            channel: CHANNEL.into(),
            kind: "finding".into(),
            payload: "{}".into(),
            state: trailkeep_state::MessageState::Pending,
            attempts: 1,
            due_at: Utc::now(),
            last_error: None,
            created_at: Utc::now(),
            finished_at: None,
        };
        let error = webhook.post(&message).await.unwrap_err().to_string();
        assert!(error.contains("private address"), "{error}");
    }
}
