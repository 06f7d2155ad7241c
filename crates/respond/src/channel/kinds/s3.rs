//! A bucket: OCSF Detection Findings, one object per message, a line per incident and change. The
//! object's name is made of the message's key, so that a repetition writes the same again.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use url::Url;

use super::Kind;
use crate::channel::common::LazyAws;
use crate::channel::record::{Format, document};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::ConfigError;
use crate::http::chain;
use crate::route::{Action, Notification, Receipt};

pub(super) const KIND: Kind =
    Kind { name: "s3", title: "Amazon S3: OCSF records", stream: true, calls: &[], build };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Bucket.
    bucket: String,
    /// What the objects' names begin with. Default: `trailkeep/`.
    prefix: Option<String>,
    /// `native` or `ocsf`. Default: `ocsf`.
    format: Option<Format>,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    if map.contains_key("role") {
        return Err(context.wrong("role", "an s3 channel takes none; give a profile that assumes the role"));
    }
    let aws = context.aws(&mut map)?;
    let settings: Settings = context.settings(map)?;
    Ok(Arc::new(S3 {
        aws,
        bucket: settings.bucket,
        prefix: settings.prefix.unwrap_or_else(|| "trailkeep/".to_owned()),
        format: settings.format.unwrap_or(Format::Ocsf),
        store: OnceCell::new(),
        console: context.console(),
    }))
}

#[derive(Debug)]
struct S3 {
    aws: LazyAws,
    bucket: String,
    prefix: String,
    format: Format,
    store: OnceCell<Arc<dyn ObjectStore>>,
    console: Option<Url>,
}

#[async_trait]
impl Channel for S3 {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let store = self
            .store
            .get_or_try_init(|| async {
                let (aws, ..) = self.aws.get().await?;
                let store = aws.object_store(&self.bucket).await?;
                Ok::<_, ChannelError>(Arc::new(store) as Arc<dyn ObjectStore>)
            })
            .await?;
        let path = Path::from(self.path(message));
        let body = PutPayload::from(self.body(message).into_bytes());
        store.put(&path, body).await.map_err(|error| ChannelError::retryable(chain(&error)))?;
        Ok(Receipt::default())
    }

    fn in_order(&self) -> bool {
        false
    }
}

impl S3 {
    /// By day, as Athena partitions: `eventday=20260601/THREAD-1.json`.
    fn path(&self, message: &Notification) -> String {
        let number = message.key.rsplit('/').next().unwrap_or("1");
        let day = message.at.format("%Y%m%d");
        format!("{}/eventday={day}/{}-{number}.json", self.prefix.trim_end_matches('/'), message.thread)
    }

    fn body(&self, message: &Notification) -> String {
        if message.action == Action::Test {
            return serde_json::json!({ "test": true, "time": message.at, "text": message.comment }).to_string();
        }
        let lines = message
            .items
            .iter()
            .map(|item| format!("{}\n", document(self.format, message, item, self.console.as_ref())));
        lines.collect()
    }
}
