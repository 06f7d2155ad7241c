//! E-mail: SMTP with TLS, a text and an HTML part. Messages of a thread answer its first one, so
//! that mail programs show them together; the message id is made of the key, by which a repetition
//! is known.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::Kind;
use crate::channel::{Channel, ChannelError, Context};
use crate::config::ConfigError;
use crate::http::chain;
use crate::route::{Notification, Receipt};
use crate::text::{html_page, plain_page, subject};

const TEXT: usize = 200_000;

pub(super) const KIND: Kind =
    Kind { name: "email", title: "E-mail: SMTP with TLS", stream: false, calls: &[], build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Host of the mail server.
    host: String,
    /// `starttls`, `tls` or `none`. Default: `starttls`. Without TLS, only to this machine.
    #[serde(default)]
    security: Security,
    /// Port. Default: 587, 465 or 25.
    port: Option<u16>,
    /// User.
    user: Option<String>,
    /// Password: a secret.
    password: Option<String>,
    /// Who it is from: `Trailkeep <trailkeep@example.com>`.
    from: String,
    /// Who it is to.
    to: Vec<String>,
    /// Certificates, PEM, to trust besides the system's.
    ca_file: Option<PathBuf>,
    /// Longest that a delivery may take. Default: `30s`.
    timeout: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Security {
    #[default]
    Starttls,
    Tls,
    None,
}

fn build(map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let settings: Settings = context.settings(map)?;
    let mailbox = |name: &str, text: &str| {
        text.parse::<Mailbox>().map_err(|error| context.wrong(name, format!("{text:?} is no address: {error}")))
    };
    let from = mailbox("from", &settings.from)?;
    let to: Vec<Mailbox> = settings.to.iter().map(|text| mailbox("to", text)).collect::<Result<_, _>>()?;
    if to.is_empty() {
        return Err(context.wrong("to", "nobody would get it; write an address"));
    }
    let here = matches!(settings.host.as_str(), "localhost" | "127.0.0.1" | "::1");
    let (tls, port) = match settings.security {
        Security::None if !here => {
            let reason = "messages would travel in the clear; use starttls or tls (none is for localhost)";
            return Err(context.wrong("security", reason));
        }
        Security::None => (Tls::None, 25),
        Security::Starttls => (Tls::Required(parameters(&settings, context)?), 587),
        Security::Tls => (Tls::Wrapper(parameters(&settings, context)?), 465),
    };
    let timeout = match &settings.timeout {
        Some(text) => crate::config::duration(&format!("{}.timeout", context.key), text)?,
        None => Duration::from_secs(30),
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host)
        .port(settings.port.unwrap_or(port))
        .timeout(Some(timeout))
        .tls(tls);
    transport = match (settings.user, settings.password) {
        (None, None) => transport,
        (Some(user), Some(password)) => {
            let password = context.secret("password", &password)?;
            transport.credentials(Credentials::new(user, password.reveal().to_owned()))
        }
        _ => return Err(context.wrong("user", "give user and password, or neither")),
    };
    Ok(Arc::new(Email { transport: transport.build(), from, to, timeout, console: context.console() }))
}

fn parameters(settings: &Settings, context: &Context<'_>) -> Result<TlsParameters, ConfigError> {
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let path = context.scope.path(path);
        let wrong = |error: &dyn std::fmt::Display| context.wrong("ca_file", format!("{}: {error}", path.display()));
        let pem = std::fs::read(&path).map_err(|error| wrong(&error))?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| wrong(&error))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build_rustls().map_err(|error| context.wrong("security", chain(&error)))
}

struct Email {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
    timeout: Duration,
    console: Option<Url>,
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Email").field("from", &self.from).field("to", &self.to).finish_non_exhaustive()
    }
}

#[async_trait]
impl Channel for Email {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let mail = self.mail(message)?;
        match self.transport.send(mail).await {
            Ok(_) => Ok(Receipt::default()),
            // 5xx: the server will not take it, ever.
            Err(error) if error.is_permanent() => Err(ChannelError::permanent(chain(&error))),
            Err(error) => Err(ChannelError::retryable(chain(&error))),
        }
    }

    fn timeout(&self) -> Duration {
        self.timeout + Duration::from_secs(5)
    }

    fn in_order(&self) -> bool {
        false
    }
}

impl Email {
    fn mail(&self, message: &Notification) -> Result<Message, ChannelError> {
        let domain = self.from.email.domain();
        let id = |key: &str| format!("<{}@{domain}>", key.replace('/', "."));
        let first = Notification::key_of(&message.thread, 1);
        let wrong = |error: &dyn std::error::Error| ChannelError::permanent(chain(error));
        let mut mail = Message::builder()
            .from(self.from.clone())
            .date(message.at.into())
            .message_id(Some(id(&message.key)))
            .subject(subject(message));
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        if message.key != first {
            mail = mail.in_reply_to(id(&first)).references(id(&first));
        }
        // Keeps vacation notices from answering (RFC 3834).
        for (name, value) in [("Auto-Submitted", "auto-generated"), ("X-Trailkeep-Key", &message.key)] {
            let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|error| wrong(&error))?;
            mail = mail.raw_header(HeaderValue::new(name, value.to_owned()));
        }
        let part = |kind, body| SinglePart::builder().header(kind).body(body);
        let text = plain_page(message, self.console.as_ref(), TEXT);
        let html = html_page(message, self.console.as_ref());
        let parts = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, text))
            .singlepart(part(ContentType::TEXT_HTML, html));
        mail.multipart(parts).map_err(|error| wrong(&error))
    }
}
