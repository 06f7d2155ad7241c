//! Kafka: a record per incident and change. Its key is the incident's id, so that the changes of
//! one stay in order in one partition; its id is a header, by which repetitions are known.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rskafka::client::partition::{Compression, PartitionClient, UnknownTopicHandling};
use rskafka::client::{ClientBuilder, Credentials, SaslConfig};
use rskafka::record::Record;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::Kind;
use crate::channel::record::{Format, document, record_id};
use crate::channel::tls::client_config;
use crate::channel::{Channel, ChannelError, Context};
use crate::config::{ConfigError, Secret};
use crate::http::chain;
use crate::route::{Action, Notification, Receipt};

/// The client tries for ever by itself; the outbox does that, with pauses.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const KIND: Kind =
    Kind { name: "kafka", title: "Apache Kafka: OCSF records", stream: true, calls: &[], build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Brokers to begin with: `["kafka-1.example.com:9093"]`.
    brokers: Vec<String>,
    /// Topic; it must exist.
    topic: String,
    /// Whether connections are TLS. Default: `true`.
    tls: Option<bool>,
    /// Certificates, PEM, to trust besides the system's.
    ca_file: Option<PathBuf>,
    /// `plain`, `scram-sha-256` or `scram-sha-512`. Default: no login.
    sasl: Option<Sasl>,
    /// User.
    user: Option<String>,
    /// Password: a secret.
    password: Option<String>,
    /// `native` or `ocsf`. Default: `ocsf`.
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Sasl {
    #[serde(rename = "plain")]
    Plain,
    #[serde(rename = "scram-sha-256")]
    Sha256,
    #[serde(rename = "scram-sha-512")]
    Sha512,
}

fn build(map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let settings: Settings = context.settings(map)?;
    if settings.brokers.is_empty() {
        return Err(context.wrong("brokers", "write a broker's host and port: [\"kafka-1.example.com:9093\"]"));
    }
    let tls = settings.tls.unwrap_or(true);
    let tls = if tls {
        let path = settings.ca_file.map(|path| context.scope.path(path));
        Some(client_config(path.as_deref()).map_err(|reason| context.wrong("ca_file", reason))?)
    } else {
        None
    };
    let sasl = match (settings.sasl, settings.user, settings.password) {
        (None, None, None) => None,
        (Some(Sasl::Plain), ..) if tls.is_none() => {
            return Err(context.wrong("sasl", "the password would travel in the clear; set tls = true"));
        }
        (Some(kind), Some(user), Some(password)) => Some((kind, user, context.secret("password", &password)?)),
        _ => return Err(context.wrong("sasl", "give sasl, user and password, or none of them")),
    };
    Ok(Arc::new(Kafka {
        brokers: settings.brokers,
        topic: settings.topic,
        tls,
        sasl,
        format: settings.format.unwrap_or(Format::Ocsf),
        partitions: Mutex::new(None),
        console: context.console(),
    }))
}

struct Kafka {
    brokers: Vec<String>,
    topic: String,
    tls: Option<Arc<rustls::ClientConfig>>,
    sasl: Option<(Sasl, String, Secret)>,
    format: Format,
    /// Forgotten after an error: leaders move.
    partitions: Mutex<Option<Arc<Vec<PartitionClient>>>>,
    console: Option<Url>,
}

impl std::fmt::Debug for Kafka {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kafka").field("brokers", &self.brokers).field("topic", &self.topic).finish_non_exhaustive()
    }
}

#[async_trait]
impl Channel for Kafka {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let done = tokio::time::timeout(PATIENCE, self.produce(message)).await;
        let done = done.unwrap_or_else(|_| {
            Err(ChannelError::retryable(format!("{}: no answer within {PATIENCE:?}", self.brokers.join(", "))))
        });
        if done.is_err() {
            *self.partitions.lock().await = None;
        }
        done.map(|()| Receipt::default())
    }

    fn in_order(&self) -> bool {
        true
    }
}

impl Kafka {
    async fn produce(&self, message: &Notification) -> Result<(), ChannelError> {
        let partitions = self.connect().await?;
        let mut batches: BTreeMap<usize, Vec<Record>> = BTreeMap::new();
        for (key, record) in self.records(message) {
            batches.entry(partition_of(&key, partitions.len())).or_default().push(record);
        }
        for (index, records) in batches {
            let Some(partition) = partitions.get(index) else { continue };
            partition
                .produce(records, Compression::NoCompression)
                .await
                .map_err(|error| ChannelError::retryable(chain(&error)))?;
        }
        Ok(())
    }

    async fn connect(&self) -> Result<Arc<Vec<PartitionClient>>, ChannelError> {
        let mut known = self.partitions.lock().await;
        if let Some(partitions) = known.as_ref() {
            return Ok(Arc::clone(partitions));
        }
        let retry = |error: rskafka::client::error::Error| ChannelError::retryable(chain(&error));
        let mut client = ClientBuilder::new(self.brokers.clone()).client_id("trailkeep");
        if let Some(tls) = &self.tls {
            client = client.tls_config(Arc::clone(tls));
        }
        if let Some((kind, user, password)) = &self.sasl {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            client = client.sasl_config(match kind {
                Sasl::Plain => SaslConfig::Plain(credentials),
                Sasl::Sha256 => SaslConfig::ScramSha256(credentials),
                Sasl::Sha512 => SaslConfig::ScramSha512(credentials),
            });
        }
        let client = client.build().await.map_err(retry)?;
        let topics = client.list_topics().await.map_err(retry)?;
        let topic = topics.into_iter().find(|topic| topic.name == self.topic).ok_or_else(|| {
            ChannelError::retryable(format!("there is no topic {}; create it, or let this user see it", self.topic))
        })?;
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for partition in topic.partitions {
            let unknown = UnknownTopicHandling::Retry;
            partitions.push(client.partition_client(self.topic.as_str(), partition, unknown).await.map_err(retry)?);
        }
        if partitions.is_empty() {
            return Err(ChannelError::retryable(format!("the topic {} has no partitions", self.topic)));
        }
        let partitions = Arc::new(partitions);
        *known = Some(Arc::clone(&partitions));
        Ok(partitions)
    }

    fn records(&self, message: &Notification) -> Vec<(String, Record)> {
        let record = |key: &str, id: &str, value: Value, timestamp| {
            let headers = BTreeMap::from([("record_id".to_owned(), id.as_bytes().to_vec())]);
            let value = Some(value.to_string().into_bytes());
            (key.to_owned(), Record { key: Some(key.as_bytes().to_vec()), value, headers, timestamp })
        };
        if message.action == Action::Test {
            let value = json!({ "test": true, "time": message.at, "text": message.comment });
            return vec![record(&message.thread, &message.key, value, message.at)];
        }
        message
            .items
            .iter()
            .map(|item| {
                let value = document(self.format, message, item, self.console.as_ref());
                record(&item.incident.id, &record_id(item), value, item.incident.changed_at)
            })
            .collect()
    }
}

/// The same for the same key, while the number of partitions stays.
fn partition_of(key: &str, partitions: usize) -> usize {
    let hash = blake3::hash(key.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    usize::try_from(u64::from_le_bytes(first) % partitions.max(1) as u64).unwrap_or(0)
}
