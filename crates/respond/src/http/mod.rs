//! HTTP to the outside: to listed hosts, never into the private network unless told so.
//!
//! The check is on the very addresses that are connected to, so a name cannot change its mind in
//! between. Redirects are not followed. Answers are read up to a limit.

mod address;
mod sign;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::Value;
use url::{Host, Url};

pub use address::is_public;
pub use sign::{hmac_sha256, same, signature};

/// Of an answer, as much is read.
const ANSWER: usize = 256 * 1024;
/// Of an answer, as much is shown in an error.
const SHOWN: usize = 300;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The host is not among the allowed ones.
    #[error("{host} is not among allowed_hosts; add it there if it is right")]
    Host {
        /// The host.
        host: String,
    },
    /// The address is private, loopback or link-local.
    #[error("{address} is a private address; set allow_private if that is meant")]
    Private {
        /// The address.
        address: IpAddr,
    },
    /// Messages would travel in the clear.
    #[error("messages would travel in the clear; use https (http is for allow_private = true)")]
    Clear,
    /// The client could not be made.
    #[error("no HTTP client: {0}")]
    Client(String),
    /// The request failed.
    #[error("the request failed: {0}")]
    Request(String),
}

/// Where requests may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Hosts that may be asked, `hooks.example.com` or `*.example.com`; empty: any.
    pub allowed_hosts: Vec<String>,
    /// Whether private and loopback addresses may be asked, and `http:`.
    pub allow_private: bool,
    /// Longest that a request may take.
    pub timeout: Duration,
    /// Certificates, PEM, to trust besides the system's.
    pub ca_file: Option<PathBuf>,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            allowed_hosts: Vec::new(),
            allow_private: false,
            timeout: Duration::from_secs(10),
            ca_file: None,
        }
    }
}

impl Guard {
    /// Checks an address before anything is sent there.
    ///
    /// # Errors
    /// When it may not be asked.
    pub fn check(&self, url: &Url) -> Result<(), HttpError> {
        let host = url.host_str().unwrap_or_default();
        let allowed =
            self.allowed_hosts.is_empty() || self.allowed_hosts.iter().any(|name| allows(name, host));
        if !allowed {
            return Err(HttpError::Host { host: host.to_owned() });
        }
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            _ => None,
        };
        if let Some(address) = literal.filter(|ip| !self.allow_private && !is_public(*ip)) {
            return Err(HttpError::Private { address });
        }
        if url.scheme() != "https" && !self.allow_private {
            return Err(HttpError::Clear);
        }
        Ok(())
    }
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body's beginning.
    pub body: Vec<u8>,
    /// What `Retry-After` asks for.
    pub retry_after: Option<Duration>,
    /// `Location`.
    pub location: Option<String>,
}

impl Answer {
    /// True for 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The beginning of the body, for an error.
    #[must_use]
    pub fn beginning(&self) -> String {
        let bytes = &self.body[..self.body.len().min(SHOWN)];
        String::from_utf8_lossy(bytes).trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

/// A client that keeps to a [`Guard`].
#[derive(Clone, Debug)]
pub struct Client {
    inner: reqwest::Client,
    guard: Guard,
}

impl Client {
    /// Prepares a client; nothing is sent.
    ///
    /// # Errors
    /// When the certificates cannot be read.
    pub fn new(guard: Guard) -> Result<Self, HttpError> {
        let mut client = reqwest::Client::builder()
            .timeout(guard.timeout)
            .connect_timeout(guard.timeout.min(Duration::from_secs(5)))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("trailkeep/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = &guard.ca_file {
            let wrong =
                |error: &dyn std::fmt::Display| HttpError::Client(format!("{}: {error}", path.display()));
            let pem = std::fs::read(path).map_err(|error| wrong(&error))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| wrong(&error))?;
            client = client.tls_certs_merge(certificates);
        }
        if !guard.allow_private {
            // A proxy would look names up itself, past the guard.
            client = client.no_proxy().dns_resolver(Arc::new(PublicOnly));
        }
        let inner = client.build().map_err(|error| HttpError::Client(chain(&error)))?;
        Ok(Self { inner, guard })
    }

    /// Longest that a request may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.guard.timeout
    }

    /// What is checked.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a request.
    ///
    /// # Errors
    /// When it may not be sent, or there is no answer. A status is none of them.
    pub async fn send(
        &self,
        method: reqwest::Method,
        url: &Url,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Answer, HttpError> {
        self.guard.check(url)?;
        let mut request = self.inner.request(method, url.clone());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let mut answer =
            request.send().await.map_err(|error| HttpError::Request(chain(&error.without_url())))?;
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after = header("retry-after").and_then(|text| retry_after(text, Utc::now()));
        let location = header("location").map(str::to_owned);
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        while bytes.len() < ANSWER
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            bytes.extend_from_slice(&chunk);
        }
        bytes.truncate(ANSWER);
        Ok(Answer { status, body: bytes, retry_after, location })
    }
}

/// Seconds, or a date (RFC 9110, 10.2.3); a day at most.
fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let longest = Duration::from_secs(86_400);
    if let Ok(seconds) = text.trim().parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0)
            .then(|| Duration::try_from_secs_f64(seconds).unwrap_or(longest).min(longest));
    }
    let until = DateTime::parse_from_rfc2822(text.trim()).ok()?.to_utc();
    (until - now).to_std().ok().map(|wait| wait.min(longest))
}

/// An error with its causes: reqwest's own text leaves them out.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
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

/// Looks names up, and keeps public addresses only.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> =
                found.iter().copied().filter(|address| is_public(address.ip())).collect();
            match (public.is_empty(), found.first()) {
                (true, Some(address)) => Err(HttpError::Private { address: address.ip() }.into()),
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allowed: &[&str]) -> Guard {
        Guard { allowed_hosts: allowed.iter().map(|host| (*host).to_owned()).collect(), ..Guard::default() }
    }

    fn check(guard: &Guard, url: &str) -> Result<(), HttpError> {
        guard.check(&Url::parse(url).unwrap())
    }

    #[test]
    fn only_listed_hosts_and_only_https() {
        assert!(check(&guard(&[]), "https://hooks.example.com/x").is_ok());
        assert!(check(&guard(&["*.example.com"]), "https://hooks.example.com/x").is_ok());
        assert!(check(&guard(&["*.example.com"]), "https://example.com/x").is_err());
        assert!(check(&guard(&["*.example.com", "example.com"]), "https://evilexample.com/x").is_err());
        assert!(matches!(check(&guard(&[]), "http://hooks.example.com/x"), Err(HttpError::Clear)));
        let private = Guard { allow_private: true, ..Guard::default() };
        assert!(check(&private, "http://127.0.0.1:8080/x").is_ok());
    }

    #[test]
    fn no_private_addresses() {
        for private in
            ["https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://2130706433/", "https://0x7f.1/"]
        {
            assert!(matches!(check(&guard(&[]), private), Err(HttpError::Private { .. })), "{private}");
        }
        assert!(check(&guard(&[]), "https://8.8.8.8/").is_ok());
    }

    #[tokio::test]
    async fn names_of_private_addresses_are_refused_too() {
        let client = Client::new(Guard::default()).unwrap();
        let url = Url::parse("https://localhost:1/secret-path").unwrap();
        let error = client.send(reqwest::Method::POST, &url, &[], None).await.unwrap_err().to_string();
        assert!(error.contains("private address") && !error.contains("secret-path"), "{error}");
    }

    #[test]
    fn waits_are_seconds_or_dates() {
        let now = DateTime::parse_from_rfc3339("2026-06-01T12:00:00Z").unwrap().to_utc();
        let seconds = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("30"), Some(30));
        assert_eq!(seconds("0.5"), Some(0));
        assert_eq!(seconds("Mon, 01 Jun 2026 12:01:00 GMT"), Some(60));
        assert_eq!(seconds("Mon, 01 Jun 2026 11:00:00 GMT"), None);
        assert_eq!(seconds("1e300"), Some(86_400));
        for bad in ["", "-1", "soon", "NaN"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
