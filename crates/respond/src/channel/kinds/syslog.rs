//! Syslog: CEF or LEEF in messages of RFC 5424, over UDP (RFC 5426), TCP (RFC 6587, by octet
//! counting) or TLS (RFC 5425). Syslog has no answers; each record carries its id, by which
//! repetitions are known.
//!
//! - CEF: <https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/cef-implementation-standard/>
//! - LEEF 2.0: <https://www.ibm.com/docs/en/dsm?topic=leef-overview>

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::SecondsFormat;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;
use trailkeep_detect::Level;
use url::Url;

use super::Kind;
use crate::channel::record::{of_ten, record_id};
use crate::channel::tls::client_config;
use crate::channel::{Channel, ChannelError, Context};
use crate::config::ConfigError;
use crate::route::{Action, Item, Notification, Receipt};
use crate::text::{line, link, status};

const VALUE: usize = 1_000;
const HEADER: usize = 200;
/// A datagram that every receiver takes (RFC 5426, 3.2).
const DATAGRAM: usize = 2_048;
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) const KIND: Kind = Kind {
    name: "syslog",
    title: "Syslog: CEF or LEEF, over UDP, TCP or TLS",
    stream: true,
    calls: &[],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Host of the receiver.
    host: String,
    /// Port. Default: 6514 for TLS, 514 otherwise.
    port: Option<u16>,
    /// `tls`, `tcp` or `udp`. Default: `tls`.
    #[serde(default)]
    transport: Transport,
    /// `cef` or `leef`. Default: `cef`.
    #[serde(default)]
    format: Dialect,
    /// Facility, 0 to 23. Default: 13, log audit.
    facility: Option<u8>,
    /// Host name in the messages. Default: `trailkeep`.
    hostname: Option<String>,
    /// Certificates, PEM, to trust besides the system's.
    ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Transport {
    #[default]
    Tls,
    Tcp,
    Udp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Dialect {
    #[default]
    Cef,
    Leef,
}

fn build(map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let settings: Settings = context.settings(map)?;
    let facility = settings.facility.unwrap_or(13);
    if facility > 23 {
        return Err(context.wrong("facility", "a facility is 0 to 23"));
    }
    let hostname = settings.hostname.unwrap_or_else(|| "trailkeep".to_owned());
    if hostname.is_empty() || hostname.len() > 255 || !hostname.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(context.wrong("hostname", "a host name has no spaces, and 255 characters at most"));
    }
    let is_tls = settings.transport == Transport::Tls;
    let tls = if is_tls {
        let path = settings.ca_file.map(|path| context.scope.path(path));
        let config = client_config(path.as_deref()).map_err(|reason| context.wrong("ca_file", reason))?;
        let name = ServerName::try_from(settings.host.clone())
            .map_err(|error| context.wrong("host", error.to_string()))?;
        Some((config, name))
    } else {
        None
    };
    Ok(Arc::new(Syslog {
        port: settings.port.unwrap_or(if is_tls { 6514 } else { 514 }),
        host: settings.host,
        transport: settings.transport,
        tls,
        dialect: settings.format,
        facility,
        hostname,
        console: context.console(),
    }))
}

#[derive(Debug)]
struct Syslog {
    host: String,
    port: u16,
    transport: Transport,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    dialect: Dialect,
    facility: u8,
    hostname: String,
    console: Option<Url>,
}

#[async_trait]
impl Channel for Syslog {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let messages = self.messages(message);
        let sent = tokio::time::timeout(PATIENCE, self.write(&messages)).await;
        let place = || format!("{}:{}", self.host, self.port);
        match sent {
            Ok(Ok(())) => Ok(Receipt::default()),
            Ok(Err(error)) => Err(ChannelError::retryable(format!("{}: {error}", place()))),
            Err(_) => Err(ChannelError::retryable(format!("{}: no answer within {PATIENCE:?}", place()))),
        }
    }

    fn in_order(&self) -> bool {
        false
    }
}

impl Syslog {
    async fn write(&self, messages: &[String]) -> std::io::Result<()> {
        let address = (self.host.as_str(), self.port);
        match (&self.tls, self.transport) {
            (_, Transport::Udp) => {
                let target = tokio::net::lookup_host(address).await?.next();
                let target = target.ok_or_else(|| std::io::Error::other("the name has no address"))?;
                let local = if target.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" };
                let socket = UdpSocket::bind(local).await?;
                socket.connect(target).await?;
                for message in messages {
                    // What does not fit is cut rather than lost on the way.
                    let end = message.floor_char_boundary(DATAGRAM);
                    socket.send(&message.as_bytes()[..end]).await?;
                }
                Ok(())
            }
            (Some((config, name)), _) => {
                let stream = TcpStream::connect(address).await?;
                let connector = TlsConnector::from(Arc::clone(config));
                write_all(connector.connect(name.clone(), stream).await?, messages).await
            }
            (None, _) => write_all(TcpStream::connect(address).await?, messages).await,
        }
    }

    fn messages(&self, message: &Notification) -> Vec<String> {
        if message.action == Action::Test {
            let text = line(message.comment.as_deref().unwrap_or("test"), VALUE);
            return vec![self.framed(message.level, message.at, &text)];
        }
        message
            .items
            .iter()
            .map(|item| {
                let body = match self.dialect {
                    Dialect::Cef => cef(item, self.console.as_ref()),
                    Dialect::Leef => leef(item, self.console.as_ref()),
                };
                self.framed(item.incident.level, item.incident.changed_at, &body)
            })
            .collect()
    }

    /// `<PRI>1 TIME HOST APP PROCID MSGID SD MSG`, RFC 5424.
    fn framed(&self, level: Level, time: chrono::DateTime<chrono::Utc>, body: &str) -> String {
        let severity = match level {
            Level::Critical => 2,
            Level::High => 3,
            Level::Medium => 4,
            Level::Low => 5,
            Level::Informational => 6,
        };
        let priority = u16::from(self.facility) * 8 + severity;
        let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
        format!("<{priority}>1 {time} {} trailkeep - incident - {body}", self.hostname)
    }
}

/// Each message with its length before it; then the end, so that a receiver that went away is
/// noticed.
async fn write_all(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    messages: &[String],
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    for message in messages {
        bytes.extend_from_slice(format!("{} {message}", message.len()).as_bytes());
    }
    stream.write_all(&bytes).await?;
    stream.flush().await?;
    stream.shutdown().await?;
    // Receivers say nothing; one that resets the connection has not read all.
    let mut rest = [0; 64];
    match tokio::time::timeout(Duration::from_millis(500), stream.read(&mut rest)).await {
        Ok(Err(error)) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(()),
    }
}

/// Keys and values, in the dialect's words.
fn pairs(item: &Item, console: Option<&Url>) -> Vec<(&'static str, String)> {
    let incident = &item.incident;
    let mut pairs = vec![
        ("id", record_id(item)),
        ("time", incident.last_time.timestamp_millis().to_string()),
        ("first", incident.first_time.timestamp_millis().to_string()),
        ("count", incident.count.to_string()),
        ("message", line(&incident.summary, VALUE)),
        ("status", status(incident)),
        ("resource", line(incident.resource.as_deref().unwrap_or(&incident.entity), VALUE)),
    ];
    let more = [
        ("actor", &incident.actor),
        ("account", &incident.account_id),
        ("region", &incident.region),
        ("owner", &incident.owner),
    ];
    pairs.extend(more.into_iter().filter_map(|(name, value)| Some((name, line(value.as_deref()?, VALUE)))));
    if let Some(url) = link(console, incident) {
        pairs.push(("url", url.into()));
    }
    pairs
}

fn cef(item: &Item, console: Option<&Url>) -> String {
    let incident = &item.incident;
    let version = env!("CARGO_PKG_VERSION");
    let mut out = format!(
        "CEF:0|Trailkeep|Trailkeep|{version}|{}|{}|{}|",
        cef_header(&incident.rule_id),
        cef_header(&incident.title),
        of_ten(incident)
    );
    let mut first = true;
    let mut add = |key: &str, value: &str| {
        if !std::mem::take(&mut first) {
            out.push(' ');
        }
        out.push_str(key);
        out.push('=');
        out.push_str(&cef_value(value));
    };
    for (name, value) in pairs(item, console) {
        match name {
            "id" => add("externalId", &value),
            "time" => {
                add("rt", &value);
                add("end", &value);
            }
            "first" => add("start", &value),
            "count" => add("cnt", &value),
            "message" => add("msg", &value),
            "status" => add("outcome", &value),
            "actor" => add("suser", &value),
            "url" => add("request", &value),
            other => {
                let (label, slot) = match other {
                    "resource" => ("resource", "cs1"),
                    "account" => ("awsAccountId", "cs2"),
                    "region" => ("awsRegion", "cs3"),
                    _ => ("owner", "cs4"),
                };
                add(&format!("{slot}Label"), label);
                add(slot, &value);
            }
        }
    }
    out
}

/// In the header, backslashes and pipes are escaped, and there are no lines.
fn cef_header(text: &str) -> String {
    line(text, HEADER).replace('\\', "\\\\").replace('|', "\\|")
}

/// In values, backslashes and equal signs are escaped; lines are spaces by now.
fn cef_value(text: &str) -> String {
    text.replace('\\', "\\\\").replace('=', "\\=")
}

fn leef(item: &Item, console: Option<&Url>) -> String {
    let incident = &item.incident;
    // LEEF knows no escape: what would end a field is replaced.
    let header = |text: &str| line(text, HEADER).replace('|', "/");
    let version = env!("CARGO_PKG_VERSION");
    let mut out = format!("LEEF:2.0|Trailkeep|Trailkeep|{version}|{}|x09|", header(&incident.rule_id));
    let mut fields = vec![
        format!("cat={}", incident.kind),
        format!("sev={}", of_ten(incident)),
        format!("title={}", line(&incident.title, VALUE)),
    ];
    for (name, value) in pairs(item, console) {
        let key = match name {
            "id" => "externalId",
            "time" => "devTime",
            "first" => "startTime",
            "message" => "msg",
            "actor" => "usrName",
            "account" => "awsAccountId",
            "region" => "awsRegion",
            other => other,
        };
        // Tabs are spaces by now.
        fields.push(format!("{key}={value}"));
        if name == "time" {
            fields.push("devTimeFormat=epoch".to_owned());
        }
    }
    out.push_str(&fields.join("\t"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Why;
    use crate::testing::incident;

    fn item(title: &str, entity: &str, actor: &str) -> Item {
        let mut incident = incident("sg_open", entity, Level::High, 0);
        incident.title = title.to_owned();
        incident.resource = None;
        incident.actor = Some(actor.to_owned());
        Item { incident, why: Why::Opened }
    }

    #[test]
    fn escaping_keeps_fields_apart() {
        let item = item("a|b\\c\nCEF:0|x", "e=1 suser=root\\", "eve\tmsg=x\u{0}");
        let cef = cef(&item, None);
        assert!(cef.starts_with("CEF:0|Trailkeep|Trailkeep|0.1.0|sg_open|a\\|b\\\\c CEF:0\\|x|8|externalId="), "{cef}");
        assert!(cef.contains("cs1=e\\=1 suser\\=root\\\\ "), "{cef}");
        assert!(cef.contains("suser=eve msg\\=x ") && !cef.contains(['\n', '\t', '\u{0}']), "{cef}");
        let leef = leef(&item, None);
        let (header, fields) = leef.split_once("|x09|").unwrap();
        assert_eq!((header.matches('|').count(), fields.matches('\t').count() > 5), (4, true), "{leef}");
        assert_eq!(leef.split('\t').filter(|field| field.starts_with("msg=")).count(), 1, "{leef}");
    }
}
