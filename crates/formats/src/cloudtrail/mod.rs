//! AWS CloudTrail: management, data, Insights and network-activity events.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

mod table;

use sonic_rs::{JsonValueTrait, LazyValue};

use crate::format::{Decode, Decoded, Format, JsonKeys};
use crate::rows::{Identity, RowMeta, RowWriter, Rows};
use crate::{DecodeError, ObjectContext, Reason, TableDef};

pub use table::TABLE;

/// The CloudTrail format.
#[derive(Debug)]
pub struct CloudTrail;

impl Format for CloudTrail {
    fn name(&self) -> &'static str {
        "cloudtrail"
    }

    fn table(&self) -> &'static TableDef {
        &TABLE
    }

    fn claims_json(&self, keys: &JsonKeys<'_>) -> bool {
        let is_record = keys.has("eventTime") || keys.has("eventID") || keys.has("eventVersion");
        let has_body =
            keys.has_all(&["eventSource", "eventName"]) || keys.has_all(&["eventType", "awsRegion"]);
        is_record && has_body && !keys.has("s3")
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder)
    }
}

struct Decoder;

/// What a row's common columns are made of, as it is met in the record.
#[derive(Default)]
struct Seen<'a> {
    event_time: Option<LazyValue<'a>>,
    event_id: Option<LazyValue<'a>>,
    region: Option<LazyValue<'a>>,
    recipient: Option<LazyValue<'a>>,
    identity: Option<LazyValue<'a>>,
}

impl Decode for Decoder {
    fn decode(
        &mut self,
        record: &str,
        context: &mut ObjectContext,
        rows: &mut Rows,
    ) -> Result<Decoded, DecodeError> {
        let mut seen = Seen::default();
        let mut row = rows.row();
        for member in sonic_rs::to_object_iter(record) {
            let (key, value) = member.map_err(|e| invalid_json(&e))?;
            if let Some(index) = table::column_of(&key) {
                row.set_json(index, &value)?;
                seen.keep(index, value);
            }
        }
        commit(row, &seen, record, context)
    }
}

impl<'a> Seen<'a> {
    fn keep(&mut self, index: usize, value: LazyValue<'a>) {
        match index {
            table::EVENTTIME => self.event_time = Some(value),
            table::EVENTID => self.event_id = Some(value),
            table::AWSREGION => self.region = Some(value),
            table::RECIPIENTACCOUNTID => self.recipient = Some(value),
            table::USERIDENTITY => self.identity = Some(value),
            _ => {}
        }
    }

    /// The account that received the event, or else the caller's.
    fn account(&self) -> Option<std::borrow::Cow<'_, str>> {
        if let Some(id) = self.recipient.as_ref().and_then(|r| r.as_str()) {
            return Some(id.into());
        }
        let members = self.identity.clone()?.into_object_iter()?;
        let id = members.map_while(Result::ok).find(|(key, _)| key == "accountId")?.1;
        id.as_str().map(|s| s.to_owned().into())
    }
}

fn commit(
    row: RowWriter<'_>,
    seen: &Seen<'_>,
    record: &str,
    context: &mut ObjectContext,
) -> Result<Decoded, DecodeError> {
    let time = seen.event_time.as_ref().ok_or_else(|| DecodeError::missing("eventTime"))?;
    let event_time = time
        .as_str()
        .and_then(crate::time::parse_rfc3339)
        .ok_or_else(|| DecodeError::wrong_type("eventTime", "an ISO 8601 time", time.as_raw_str()))?;
    let id = seen.event_id.as_ref().and_then(|id| id.as_str()).filter(|id| !id.is_empty());
    let identity = id.map_or(Identity::HashOf(record.as_bytes()), Identity::Natural);
    let account = seen.account();
    row.commit(
        context,
        RowMeta {
            event_time,
            account_id: account.as_deref(),
            region: seen.region.as_ref().and_then(|r| r.as_str()),
            identity,
            raw: record,
        },
    );
    Ok(Decoded::Row)
}

fn invalid_json(error: &sonic_rs::Error) -> DecodeError {
    let line = error.to_string();
    let line = line.lines().next().unwrap_or_default();
    DecodeError::new(Reason::InvalidJson, format!("the record is not well-formed JSON: {line}"))
}
