//! Queues that EventBridge or SNS put events about alarms into.

use serde_json::{Value, json};
use trailkeep_aws::api::Client;
use trailkeep_aws::api::services::sqs;
use url::Url;

use super::CloudWatch;

/// Messages of one call: no more are given or taken at once.
const BATCH: usize = 10;
/// A queue without messages is waited for so many seconds, which is as long as SQS does.
const WAIT: u32 = 20;
/// A message that is not deleted within so many seconds is given again.
const VISIBILITY: u32 = 120;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What was sent: for `trailkeep_alarms::watch::read_message`.
    pub body: String,
    /// What it is deleted by.
    pub receipt: String,
}

impl CloudWatch {
    /// Up to ten messages of a queue, as soon as there is one; none if there is none within 20 seconds. Those
    /// that are not deleted within two minutes come again.
    ///
    /// # Errors
    ///
    /// Why nothing could be received, as a sentence.
    pub async fn receive(&self, queue_url: &str) -> Result<Vec<Received>, String> {
        let (client, region) = self.queue(queue_url)?;
        let input = json!({
            "QueueUrl": queue_url, "MaxNumberOfMessages": BATCH, "WaitTimeSeconds": WAIT,
            "VisibilityTimeout": VISIBILITY,
        });
        let answer = client.call(&sqs::RECEIVE_MESSAGE, &region, &input).await;
        let answer = answer.map_err(|error| format!("{queue_url}: {error}"))?;
        let messages = answer.get("Messages").and_then(Value::as_array).into_iter().flatten();
        let read = |message: &Value| {
            let text = |name: &str| message.get(name)?.as_str().map(str::to_owned);
            Some(Received { body: text("Body")?, receipt: text("ReceiptHandle")? })
        };
        Ok(messages.filter_map(read).collect())
    }

    /// Deletes messages by their receipts.
    ///
    /// # Errors
    ///
    /// Which could not be deleted and why, as a sentence; they come again.
    pub async fn delete(&self, queue_url: &str, receipts: &[String]) -> Result<(), String> {
        let (client, region) = self.queue(queue_url)?;
        let (mut failed, mut why) = (0, String::new());
        for batch in receipts.chunks(BATCH) {
            let entry =
                |(id, receipt): (usize, &String)| json!({ "Id": id.to_string(), "ReceiptHandle": receipt });
            let entries: Vec<Value> = batch.iter().enumerate().map(entry).collect();
            let input = json!({ "QueueUrl": queue_url, "Entries": entries });
            match client.call(&sqs::DELETE_MESSAGE_BATCH, &region, &input).await {
                Ok(answer) => {
                    let not = answer.get("Failed").and_then(Value::as_array).into_iter().flatten();
                    for entry in not {
                        failed += 1;
                        why = entry.get("Code").and_then(Value::as_str).unwrap_or("unknown").to_owned();
                    }
                }
                Err(error) => {
                    failed += batch.len();
                    why = error.to_string();
                }
            }
        }
        if failed == 0 {
            return Ok(());
        }
        Err(format!("{queue_url}: {failed} of {} messages could not be deleted: {why}", receipts.len()))
    }

    /// Who asks for a queue, and where: an identity of its account if there is one, the own one otherwise.
    fn queue(&self, queue_url: &str) -> Result<(&Client, String), String> {
        let place = place(queue_url);
        let of_account = place.account_id.as_deref().and_then(|account_id| self.client(account_id));
        let client = of_account.or_else(|| self.accounts.first().map(|account| &account.client));
        let client = client.ok_or_else(|| format!("{queue_url}: there is no account to ask"))?;
        let region = place.region.unwrap_or_else(|| client.home_region().to_owned());
        Ok((client, region))
    }
}

/// What an address tells.
#[derive(Debug, Default, PartialEq, Eq)]
struct QueuePlace {
    region: Option<String>,
    account_id: Option<String>,
}

/// `https://sqs.eu-west-1.amazonaws.com/111122223333/alarms`; with FIPS, dual-stack, VPC and legacy names.
///
/// <https://docs.aws.amazon.com/general/latest/gr/sqs-service.html>
fn place(queue_url: &str) -> QueuePlace {
    let Ok(url) = Url::parse(queue_url) else { return QueuePlace::default() };
    let host = url.host_str().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let region = match labels.as_slice() {
        // No Region in the name is the first Region that there was.
        ["queue", "amazonaws", "com"] => Some("us-east-1"),
        [region, "queue", "amazonaws", ..] => Some(*region),
        ["sqs" | "sqs-fips", region, rest @ ..] if !rest.is_empty() => Some(*region),
        // vpce-0a1b-2c3d.sqs.eu-west-1.vpce.amazonaws.com
        [_, "sqs", region, "vpce", ..] => Some(*region),
        _ => None,
    };
    let account = url.path_segments().and_then(|mut segments| segments.next());
    let account = account.filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()));
    QueuePlace { region: region.map(str::to_owned), account_id: account.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_tell_region_and_account() {
        for (url, region) in [
            ("https://sqs.eu-west-1.amazonaws.com/111122223333/alarms", Some("eu-west-1")),
            ("https://sqs-fips.us-gov-west-1.amazonaws.com/111122223333/alarms", Some("us-gov-west-1")),
            ("https://sqs.cn-north-1.amazonaws.com.cn/111122223333/alarms.fifo", Some("cn-north-1")),
            ("https://sqs.eu-west-1.api.aws/111122223333/alarms", Some("eu-west-1")),
            ("https://eu-west-1.queue.amazonaws.com/111122223333/alarms", Some("eu-west-1")),
            ("https://queue.amazonaws.com/111122223333/alarms", Some("us-east-1")),
            ("https://vpce-0a-1b.sqs.eu-west-1.vpce.amazonaws.com/111122223333/alarms", Some("eu-west-1")),
            ("http://127.0.0.1:5000/111122223333/alarms", None),
            ("http://localhost:4566/111122223333/alarms", None),
        ] {
            let place = place(url);
            assert_eq!(
                (place.region.as_deref(), place.account_id.as_deref()),
                (region, Some("111122223333")),
                "{url}"
            );
        }
        for url in ["", "alarms", "https://sqs.example/queue/alarms", "https://sqs.eu-west-1.amazonaws.com"] {
            assert_eq!(place(url).account_id, None, "{url}");
        }
        assert_eq!(place("https://sqs.localhost/1/a").region, None);
    }
}
