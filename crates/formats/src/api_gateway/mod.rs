//! API Gateway access logs: REST, HTTP and WebSocket APIs.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-access-logging.html>
//!
//! The API's owner writes the log's format. JSON with keys of their choice is read where the keys
//! are the names of `$context` variables in one of the usual spellings; CLF, CSV and XML as the
//! console offers them. Other keys survive in `raw`. AWS asks that every format holds a request
//! id; a time must be there too, or a record cannot be told from other products' JSON.

mod table;
mod text;

use std::borrow::Cow;

use sonic_rs::{JsonValueTrait, LazyValue};

use crate::format::{Decode, Decoded, Format, JsonKeys};
use crate::members::members;
use crate::rows::{Identity, RowMeta, RowWriter, Rows};
use crate::time::{from_millis, from_seconds, parse_clf, parse_rfc3339};
use crate::{DecodeError, ObjectContext, TableDef};

pub use table::TABLE;

/// The API Gateway access log format.
#[derive(Debug)]
pub struct ApiGateway;

impl Format for ApiGateway {
    fn name(&self) -> &'static str {
        "api_gateway"
    }

    fn table(&self) -> &'static TableDef {
        &TABLE
    }

    fn claims_json(&self, keys: &JsonKeys<'_>) -> bool {
        let columns: Vec<usize> =
            keys.iter().filter_map(|k| table::column_of(&table::normalise("", k))).collect();
        let has = |any: &[usize]| any.iter().any(|c| columns.contains(c));
        let details = DETAILS.iter().filter(|c| columns.contains(c)).count();
        has(&[table::REQUEST_ID, table::EXTENDED_REQUEST_ID])
            && has(&[table::HTTP_METHOD, table::ROUTE_KEY, table::RESOURCE_PATH, table::EVENT_TYPE])
            && details >= 2
            && !keys.has("eventVersion")
            && has_time(keys.record())
    }

    fn claims_line(&self, line: &str) -> bool {
        text::Shape::of(line).is_some()
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder)
    }
}

/// What nearly every format has beside a request id, a time and a method.
const DETAILS: [usize; 11] = [
    table::IP,
    table::STATUS,
    table::PROTOCOL,
    table::RESPONSE_LENGTH,
    table::CALLER,
    table::USER,
    table::USER_AGENT,
    table::API_ID,
    table::STAGE,
    table::DOMAIN_NAME,
    table::CONNECTION_ID,
];

/// Whether the record has `$context.requestTime` or `$context.requestTimeEpoch`, as API Gateway
/// writes them.
fn has_time(record: &str) -> bool {
    members(record).map_while(Result::ok).any(|(key, value)| {
        match table::column_of(&table::normalise("", &key)) {
            Some(table::REQUEST_TIME) => value.as_str().and_then(parse_clf).is_some(),
            Some(table::REQUEST_TIME_EPOCH) => scalar(&value).is_some_and(|v| epoch(&v).is_some()),
            _ => false,
        }
    })
}

struct Decoder;

impl Decode for Decoder {
    fn decode(
        &mut self,
        record: &str,
        context: &mut ObjectContext,
        rows: &mut Rows,
    ) -> Result<Decoded, DecodeError> {
        let mut filler = Filler { row: rows.row(), seen: Seen::default() };
        if record.starts_with('{') {
            filler.json(record, "", 0)?;
        } else {
            text::read(record, &mut |index, value| filler.set(index, Cow::Borrowed(value)))?;
        }
        let Filler { row, seen } = filler;
        let event_time = seen.time.ok_or_else(|| DecodeError::missing("requestTime"))?;
        row.commit(
            context,
            RowMeta {
                event_time,
                account_id: seen.account.as_deref(),
                region: seen.domain.as_deref().and_then(region_of_host),
                // A client may send a request id of its own, and one id many times; not so the
                // extended one.
                identity: match seen.extended_id {
                    true => Identity::HashOf(record.as_bytes()),
                    false => Identity::NthOf(record.as_bytes()),
                },
                raw: record,
            },
        );
        Ok(Decoded::Row)
    }
}

/// Groups of variables stand in each other at most so deep (`authorizer`, `claims`).
const DEEPEST: u32 = 3;

/// A row under construction.
struct Filler<'r> {
    row: RowWriter<'r>,
    seen: Seen,
}

/// What a row's common columns are made of.
#[derive(Default)]
struct Seen {
    time: Option<i64>,
    exact_time: bool,
    account: Option<String>,
    domain: Option<String>,
    extended_id: bool,
}

impl Filler<'_> {
    fn json(&mut self, record: &str, prefix: &str, depth: u32) -> Result<(), DecodeError> {
        for member in members(record) {
            let (key, value) = member?;
            let normal = table::normalise(prefix, &key);
            if value.is_object() {
                if depth < DEEPEST && table::is_group(&normal) {
                    let group = if normal == "context" { "" } else { &normal };
                    self.json(&value.as_raw_cow(), group, depth + 1)?;
                }
                continue;
            }
            if let Some(index) = table::column_of(&normal)
                && let Some(value) = scalar(&value)
            {
                self.set(index, value)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, index: usize, value: Cow<'_, str>) -> Result<(), DecodeError> {
        if value.is_empty() || value == "-" {
            return Ok(());
        }
        self.row.parse_str(index, &value)?;
        match index {
            table::REQUEST_TIME_EPOCH => {
                let time = epoch(&value).ok_or_else(|| {
                    DecodeError::wrong_type("requestTimeEpoch", "milliseconds since 1970", &value)
                })?;
                self.seen.time = Some(time);
                self.seen.exact_time = true;
            }
            table::REQUEST_TIME => {
                let time = parse_clf(&value).or_else(|| parse_rfc3339(&value));
                let time = time.ok_or_else(|| {
                    DecodeError::wrong_type("requestTime", "a time DD/Mon/YYYY:HH:MM:SS +0000", &value)
                })?;
                if !self.seen.exact_time {
                    self.seen.time = Some(time);
                }
            }
            table::ACCOUNT_ID if is_account(&value) => self.seen.account = Some(value.into_owned()),
            table::DOMAIN_NAME => self.seen.domain = Some(value.into_owned()),
            table::EXTENDED_REQUEST_ID => self.seen.extended_id = true,
            _ => {}
        }
        Ok(())
    }
}

/// A JSON string, number or boolean as text; `None` for null, lists, and strings that are no text.
fn scalar<'a>(value: &LazyValue<'a>) -> Option<Cow<'a, str>> {
    if value.is_str() {
        return value.as_str().map(|s| Cow::Owned(s.to_owned()));
    }
    (!value.is_null() && !value.is_array() && !value.is_object()).then(|| value.as_raw_cow())
}

/// Milliseconds as API Gateway writes them; seconds where a template rounded them.
fn epoch(value: &str) -> Option<i64> {
    const SECONDS_BELOW: i64 = 100_000_000_000;
    let number: i64 = value.parse().ok()?;
    if number < SECONDS_BELOW { from_seconds(number) } else { from_millis(number) }
}

fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit())
}

/// The Region in `a1b2c3.execute-api.eu-west-1.amazonaws.com`.
fn region_of_host(host: &str) -> Option<&str> {
    let region = host.split_once(".execute-api.")?.1.split('.').next()?;
    crate::context::is_region(region).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{decode, golden, hostile, json_rows, mutated};
    use proptest::prelude::*;

    const JSON_SAMPLE: &str = include_str!("../../tests/data/api_gateway/access.json");
    const CLF_SAMPLE: &str = include_str!("../../tests/data/api_gateway/clf.log");
    const CSV_SAMPLE: &str = include_str!("../../tests/data/api_gateway/csv.log");
    const XML_SAMPLE: &str = include_str!("../../tests/data/api_gateway/xml.log");

    #[test]
    fn decodes_json() {
        insta::assert_snapshot!(golden(&ApiGateway, JSON_SAMPLE));
    }

    #[test]
    fn decodes_clf() {
        insta::assert_snapshot!(golden(&ApiGateway, CLF_SAMPLE));
    }

    #[test]
    fn decodes_csv() {
        insta::assert_snapshot!(golden(&ApiGateway, CSV_SAMPLE));
    }

    #[test]
    fn decodes_xml() {
        insta::assert_snapshot!(golden(&ApiGateway, XML_SAMPLE));
    }

    #[test]
    fn a_request_id_that_a_client_repeats_hides_nothing() {
        let line = CLF_SAMPLE.lines().nth(2).unwrap();
        let (batch, errors) = decode(&ApiGateway, &format!("{line}\n{line}"));
        assert!(errors.is_empty(), "{errors:?}");
        let rows = json_rows(&batch);
        assert_eq!(rows[0].get("extendedrequestid"), None);
        assert_ne!(rows[0]["event_uid"], rows[1]["event_uid"]);
    }

    #[test]
    fn other_json_is_not_claimed() {
        for no in [
            r#"{"requestId":"a","httpMethod":"GET","status":200,"ip":"192.0.2.1"}"#,
            r#"{"requestId":"a","httpMethod":"GET","status":200,"ip":"192.0.2.1","requestTime":"2024-01-01T00:00:00Z"}"#,
            r#"{"requestId":"a","httpMethod":"GET","status":200,"ip":"192.0.2.1","requestTimeEpoch":"soon"}"#,
            r#"{"httpMethod":"GET","status":200,"ip":"192.0.2.1","requestTime":"09/Apr/2015:12:34:56 +0000"}"#,
            r#"{"requestId":"a","status":200,"ip":"192.0.2.1","requestTime":"09/Apr/2015:12:34:56 +0000"}"#,
            r#"{"time":"2024-01-01T00:00:00Z","type":"platform.report","record":{"requestId":"a"}}"#,
        ] {
            assert!(!ApiGateway.claims_json(&JsonKeys::of(no)), "{no}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| decode(&ApiGateway, text).1.remove(0).to_string();
        insta::assert_snapshot!(error(r#"{"requestId":"a"}"#), @"missing_field: `requestTime` is missing");
        insta::assert_snapshot!(error(r#"{"requestId":"a","status":"OK"}"#), @"wrong_type: `status` should be a 32-bit integer, found OK");
        insta::assert_snapshot!(error(r#"{"requestTime":"yesterday"}"#), @"wrong_type: `requestTime` should be a time DD/Mon/YYYY:HH:MM:SS +0000, found yesterday");
        insta::assert_snapshot!(error(r#"{"requestTimeEpoch":-5}"#), @"wrong_type: `requestTimeEpoch` should be milliseconds since 1970, found -5");
        insta::assert_snapshot!(error("192.0.2.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /a.gif HTTP/1.0\" 200 2326"), @"invalid_line: neither JSON nor one of the documented CLF, CSV and XML formats");
        insta::assert_snapshot!(error(r#"<request id="a"> <ip>192.0.2.1</ip> <requestTime>now"#), @"invalid_line: `<requestTime>` is not closed");
    }

    proptest! {
        #[test]
        fn hostile_records_leave_no_trace(
            text in prop_oneof![mutated(JSON_SAMPLE), mutated(CLF_SAMPLE), mutated(CSV_SAMPLE), mutated(XML_SAMPLE)]
        ) {
            hostile(&ApiGateway, &text);
        }
    }
}
