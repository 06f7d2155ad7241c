//! Amazon SNS: a subject and a text, with attributes that subscriptions can filter by. FIFO topics
//! get the thread as group and the key as deduplication id.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::sns;
use url::Url;

use super::Kind;
use crate::channel::common::LazyAws;
use crate::channel::record::{Format, message_document};
use crate::channel::{Channel, ChannelError, Context};
use crate::config::ConfigError;
use crate::route::{Notification, Receipt};
use crate::text::{plain_page, subject};

/// A message has 256 KiB at most, attributes included; of a text, characters may take four bytes.
const TEXT: usize = 60_000;
const LONGEST: usize = 250_000;
const SUBJECT: usize = 99;

pub(super) const KIND: Kind = Kind {
    name: "sns",
    title: "Amazon SNS: a topic",
    stream: false,
    calls: &[&sns::PUBLISH],
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// ARN of the topic.
    topic: String,
    /// What is published: `text` for people, `json` for programs. Default: `text`.
    #[serde(default)]
    body: Body,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Body {
    #[default]
    Text,
    Json,
}

fn build(mut map: Map<String, Value>, context: &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError> {
    let aws = context.aws(&mut map)?;
    let settings: Settings = context.settings(map)?;
    let parts: Vec<&str> = settings.topic.split(':').collect();
    let [_, _, "sns", region, _, _] = parts[..] else {
        return Err(context.wrong("topic", "write the topic's ARN: arn:aws:sns:eu-west-1:111122223333:security"));
    };
    let region = region.to_owned();
    Ok(Arc::new(Sns { aws, region, topic: settings.topic, body: settings.body, console: context.console() }))
}

#[derive(Debug)]
struct Sns {
    aws: LazyAws,
    region: String,
    topic: String,
    body: Body,
    console: Option<Url>,
}

#[async_trait]
impl Channel for Sns {
    async fn send(&self, message: &Notification) -> Result<Receipt, ChannelError> {
        let (_, api, _) = self.aws.get().await?;
        api.call(&sns::PUBLISH, &self.region, &self.input(message)).await?;
        Ok(Receipt::default())
    }

    fn in_order(&self) -> bool {
        self.topic.ends_with(".fifo")
    }
}

impl Sns {
    fn input(&self, message: &Notification) -> Value {
        let text = match self.body {
            Body::Text => plain_page(message, self.console.as_ref(), TEXT),
            Body::Json => {
                let mut all = message.clone();
                loop {
                    let text = message_document(&all, Format::Native, self.console.as_ref()).to_string();
                    if text.len() <= LONGEST || all.items.pop().is_none() {
                        break text;
                    }
                }
            }
        };
        let attribute = |name: &str, value: &str| {
            json!({ "Name": name, "Value": { "DataType": "String", "StringValue": value } })
        };
        let mut input = json!({
            "TopicArn": self.topic,
            "Subject": ascii(&subject(message)),
            "Message": text,
            "MessageAttributes": [
                attribute("level", message.level.as_str()),
                attribute("action", message.action.as_str()),
                attribute("key", &message.key),
            ],
        });
        if self.topic.ends_with(".fifo") {
            input["MessageGroupId"] = message.thread.as_str().into();
            input["MessageDeduplicationId"] = message.key.as_str().into();
        }
        input
    }
}

/// A subject is printable ASCII, less than 100 characters, without control characters.
fn ascii(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).take(SUBJECT).collect()
}
