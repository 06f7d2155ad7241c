//! CloudFront standard (access) logs: legacy files, and version 2 as plain text, W3C or JSON.
//!
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html>
//!
//! Values stay URL-encoded as CloudFront writes them (`Mozilla/5.0%20(…)`), as they do in Athena's
//! table, whose published queries apply `url_decode` themselves; `-` is null.

use std::borrow::Cow;
use std::sync::OnceLock;

use sonic_rs::{JsonValueTrait, LazyValue};

use crate::format::{Decode, Decoded, Format, JsonKeys};
use crate::members::members;
use crate::rows::{Identity, RowMeta, RowWriter, Rows};
use crate::table::{EventColumns, Field, TableDef, Type};
use crate::time::{from_millis, parse_date_and_time};
use crate::{DecodeError, ObjectContext, Reason};

use Type::{Date32, Float64, Int32, Int64, Utf8};

/// The `cloudfront_standard_logs` table.
pub static TABLE: TableDef = TableDef {
    name: "cloudfront_standard_logs",
    doc: "one request that a viewer made to a CloudFront distribution",
    source: "https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-standard-logs.html",
    fields: FIELDS,
    bloom: &["c_ip", "x_edge_request_id", "cs_uri_stem", "cs_user_agent"],
    cluster: &[],
    events: EventColumns {
        actor: "NULL",
        action: "cs_method",
        target: "coalesce(x_host_header, cs_host, '') || coalesce(cs_uri_stem, '')",
        source_address: "c_ip",
        outcome: "CASE WHEN sc_status BETWEEN 100 AND 399 THEN 'Success' ELSE coalesce(CAST(sc_status AS VARCHAR), x_edge_result_type) END",
    },
    schema: OnceLock::new(),
};

/// The columns, in the order of the log's fields; then those that only version 2 has.
const FIELDS: &[Field] = &[
    Field::new("date", Date32, "the day of the event, UTC"),
    Field::new("time", Utf8, "when the response was finished, HH:MM:SS, UTC"),
    Field::new("x_edge_location", Utf8, "the edge location, a code such as DFW3-C1"),
    Field::new("sc_bytes", Int64, "bytes sent to the viewer, headers too"),
    Field::new("c_ip", Utf8, "the viewer's address, or its proxy's"),
    Field::new("cs_method", Utf8, "the HTTP method"),
    Field::new("cs_host", Utf8, "the distribution's domain name"),
    Field::new("cs_uri_stem", Utf8, "the path of the URL"),
    Field::new("sc_status", Int32, "the HTTP status; 0 if the viewer closed the connection before"),
    Field::new("cs_referrer", Utf8, "the Referer header"),
    Field::new("cs_user_agent", Utf8, "the User-Agent header, URL-encoded"),
    Field::new("cs_uri_query", Utf8, "the URL's query string"),
    Field::new("cs_cookie", Utf8, "the Cookie header"),
    Field::new(
        "x_edge_result_type",
        Utf8,
        "Hit, RefreshHit, Miss, LimitExceeded, CapacityExceeded, Error, Redirect, …",
    ),
    Field::new("x_edge_request_id", Utf8, "the request's id"),
    Field::new("x_host_header", Utf8, "the Host header"),
    Field::new("cs_protocol", Utf8, "http, https, ws, wss, grpcs"),
    Field::new("cs_bytes", Int64, "bytes of the request, headers too"),
    Field::new("time_taken", Float64, "seconds from the request's first byte to the response's last"),
    Field::new("x_forwarded_for", Utf8, "the X-Forwarded-For header"),
    Field::new("ssl_protocol", Utf8, "the TLS version"),
    Field::new("ssl_cipher", Utf8, "the TLS cipher"),
    Field::new("x_edge_response_result_type", Utf8, "the result just before the response was sent"),
    Field::new("cs_protocol_version", Utf8, "HTTP/1.1, HTTP/2.0, HTTP/3.0"),
    Field::new("fle_status", Utf8, "whether the request's body was encrypted by field"),
    Field::new("fle_encrypted_fields", Int32, "how many fields were encrypted"),
    Field::new("c_port", Int32, "the viewer's port"),
    Field::new("time_to_first_byte", Float64, "seconds from the request to the response's first byte"),
    Field::new(
        "x_edge_detailed_result_type",
        Utf8,
        "the result in detail, such as OriginShieldHit or ClientCommError",
    ),
    Field::new("sc_content_type", Utf8, "the response's Content-Type header"),
    Field::new("sc_content_len", Int64, "the response's Content-Length header"),
    Field::new("sc_range_start", Int64, "where the response's range starts"),
    Field::new("sc_range_end", Int64, "where the response's range ends"),
    Field::new("distributionid", Utf8, "the distribution (version 2)"),
    Field::new(
        "timestamp_ms",
        Int64,
        "when the response was finished, milliseconds since the epoch (version 2)",
    ),
    Field::new("origin_fbl", Float64, "seconds to the origin's first byte (version 2)"),
    Field::new("origin_lbl", Float64, "seconds to the origin's last byte (version 2)"),
    Field::new("asn", Int64, "the viewer's autonomous system (version 2)"),
    Field::new("c_country", Utf8, "the viewer's country (version 2)"),
    Field::new("cache_behavior_path_pattern", Utf8, "the cache behaviour that matched (version 2)"),
    Field::new("connection_id", Utf8, "the viewer's TLS connection (version 2)"),
];

const DATE: usize = 0;
const TIME: usize = 1;
const REQUEST_ID: usize = 14;
const TIMESTAMP_MS: usize = 34;
/// How many fields a legacy line has; the oldest had twelve.
const LEGACY: usize = 33;
const OLDEST: usize = 12;

/// The column of a field by the name that logs give it.
fn column_of(name: &str) -> Option<usize> {
    let column = match name {
        "cs(Host)" => "cs_host",
        "cs(Referer)" => "cs_referrer",
        "cs(User-Agent)" => "cs_user_agent",
        "cs(Cookie)" => "cs_cookie",
        "timestamp(ms)" => "timestamp_ms",
        "DistributionId" => "distributionid",
        other => other,
    };
    let same = |c: &str| {
        c.len() == column.len()
            && c.bytes()
                .zip(column.bytes())
                .all(|(c, f)| c == f.to_ascii_lowercase() || (c == b'_' && f == b'-'))
    };
    FIELDS.iter().position(|f| same(f.name))
}

/// The CloudFront standard log format.
#[derive(Debug)]
pub struct CloudFront;

impl Format for CloudFront {
    fn name(&self) -> &'static str {
        "cloudfront"
    }

    fn table(&self) -> &'static TableDef {
        &TABLE
    }

    fn claims_json(&self, keys: &JsonKeys<'_>) -> bool {
        let timed = keys.has_all(&["date", "time"]) || keys.has("timestamp(ms)");
        timed && keys.iter().any(|k| k.starts_with("x-edge-"))
    }

    fn claims_line(&self, line: &str) -> bool {
        line.starts_with("#Version: 1.0") || header(line).is_some() || plain_delimiter(line).is_some()
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder { header: Header::None, delimiter: None })
    }
}

/// The layout that a `#Fields:` line tells; `None` where it is no such line, or another product's.
fn header(line: &str) -> Option<Vec<Option<usize>>> {
    let names = line.strip_prefix("#Fields:")?;
    let names = || {
        names
            .split(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | '|' | ';'))
            .filter(|n| !n.is_empty())
    };
    if !names().any(|n| n.starts_with("x-edge-")) {
        return None;
    }
    Some(names().take(256).map(column_of).collect())
}

/// The delimiter of a line without a header, whose fields then stand in the legacy order:
/// `2019-12-04⇥21:02:31⇥LAX1⇥392⇥192.0.2.100⇥GET⇥…`.
fn plain_delimiter(line: &str) -> Option<u8> {
    let bytes = line.as_bytes();
    let delimiter = *bytes.get(10)?;
    if !matches!(delimiter, b'\t' | b' ' | b',' | b'|' | b';') {
        return None;
    }
    let fields: Vec<&str> = line.split(char::from(delimiter)).take(OLDEST).collect();
    let [date, time, edge, bytes, address, _method, _host, stem, status, ..] = fields.as_slice() else {
        return None;
    };
    let number = |t: &str| t == "-" || (!t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()));
    let is_line = fields.len() == OLDEST
        && parse_date_and_time(date, time).is_some()
        && edge.len() >= 4
        && edge.as_bytes()[..3].iter().all(u8::is_ascii_uppercase)
        && number(bytes)
        && address.parse::<std::net::IpAddr>().is_ok()
        && (stem.starts_with('/') || *stem == "-")
        && number(status);
    is_line.then_some(delimiter)
}

enum Header {
    None,
    /// A header that is not CloudFront's.
    Foreign,
    Layout(Vec<Option<usize>>),
}

struct Decoder {
    header: Header,
    delimiter: Option<char>,
}

impl Decode for Decoder {
    fn decode(
        &mut self,
        record: &str,
        context: &mut ObjectContext,
        rows: &mut Rows,
    ) -> Result<Decoded, DecodeError> {
        if record.starts_with('#') {
            if record.starts_with("#Fields:") {
                self.header = header(record).map_or(Header::Foreign, Header::Layout);
                self.delimiter = None;
            }
            return Ok(Decoded::NotAnEvent);
        }
        let mut row = rows.row();
        let seen =
            if record.starts_with('{') { json(record, &mut row)? } else { self.line(record, &mut row)? };
        let event_time = seen.time()?;
        row.commit(
            context,
            RowMeta {
                event_time,
                account_id: None,
                region: None,
                // Legacy and version 2 logs of one distribution tell of the same requests.
                identity: match &seen.request_id {
                    Some(id) => Identity::Natural(id),
                    None => Identity::NthOf(record.as_bytes()),
                },
                raw: record,
            },
        );
        Ok(Decoded::Row)
    }
}

impl Decoder {
    fn line<'a>(&mut self, record: &'a str, row: &mut RowWriter<'_>) -> Result<Seen<'a>, DecodeError> {
        let mut seen = Seen::default();
        let layout = match &self.header {
            Header::Layout(layout) => layout,
            Header::Foreign => {
                return Err(DecodeError::new(
                    Reason::UnknownFormat,
                    "`#Fields:` names no field of CloudFront's (`x-edge-…`)",
                ));
            }
            Header::None => {
                let delimiter = plain_delimiter(record).ok_or_else(|| {
                    DecodeError::line(
                        "no `#Fields:` line came before, and the fields are not in the default order",
                    )
                })?;
                for (index, value) in record.split(char::from(delimiter)).take(LEGACY).enumerate() {
                    seen.set(row, index, Cow::Borrowed(value))?;
                }
                return Ok(seen);
            }
        };
        let delimiter = *self.delimiter.get_or_insert_with(|| delimiter_for(record, layout.len()));
        let found = record.split(delimiter).count();
        if found != layout.len() {
            return Err(DecodeError::line(format!(
                "`#Fields:` names {} fields, the line has {found}",
                layout.len()
            )));
        }
        for (column, value) in layout.iter().zip(record.split(delimiter)) {
            if let Some(index) = column {
                seen.set(row, *index, Cow::Borrowed(value))?;
            }
        }
        Ok(seen)
    }
}

/// A tab, unless the delivery was set up with another delimiter: that which fits the header.
fn delimiter_for(line: &str, fields: usize) -> char {
    ['\t', ' ', ',', '|', ';'].into_iter().find(|&d| line.split(d).count() == fields).unwrap_or('\t')
}

fn json<'a>(record: &'a str, row: &mut RowWriter<'_>) -> Result<Seen<'a>, DecodeError> {
    let mut seen = Seen::default();
    for member in members(record) {
        let (key, value) = member?;
        if let Some(index) = column_of(&key) {
            seen.set(row, index, text(&key, value)?)?;
        }
    }
    Ok(seen)
}

/// CloudFront writes every value as a string; numbers are taken too.
fn text<'a>(key: &str, value: LazyValue<'a>) -> Result<Cow<'a, str>, DecodeError> {
    if value.is_null() {
        return Ok(Cow::Borrowed("-"));
    }
    if value.is_object() || value.is_array() {
        return Err(DecodeError::wrong_type(key, "text or a number", value.as_raw_str()));
    }
    if !value.is_str() {
        return Ok(value.as_raw_cow());
    }
    match value.as_str() {
        Some(text) => Ok(Cow::Owned(text.to_owned())),
        None => Err(DecodeError::wrong_type(key, "text", value.as_raw_str())),
    }
}

/// What a row's common columns are made of.
#[derive(Default)]
struct Seen<'a> {
    date: Option<Cow<'a, str>>,
    time: Option<Cow<'a, str>>,
    millis: Option<Cow<'a, str>>,
    request_id: Option<Cow<'a, str>>,
}

impl<'a> Seen<'a> {
    fn set(&mut self, row: &mut RowWriter<'_>, index: usize, value: Cow<'a, str>) -> Result<(), DecodeError> {
        if value.is_empty() || value == "-" {
            return Ok(());
        }
        row.parse_str(index, &value)?;
        match index {
            DATE => self.date = Some(value),
            TIME => self.time = Some(value),
            TIMESTAMP_MS => self.millis = Some(value),
            REQUEST_ID => self.request_id = Some(value),
            _ => {}
        }
        Ok(())
    }

    fn time(&self) -> Result<i64, DecodeError> {
        if let Some(millis) = &self.millis {
            let time = millis.parse().ok().and_then(from_millis);
            return time
                .ok_or_else(|| DecodeError::wrong_type("timestamp(ms)", "milliseconds since 1970", millis));
        }
        let date = self.date.as_deref().ok_or_else(|| DecodeError::missing("date"))?;
        let time = self.time.as_deref().ok_or_else(|| DecodeError::missing("time"))?;
        parse_date_and_time(date, time)
            .ok_or_else(|| DecodeError::wrong_type("time", "a time HH:MM:SS", time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{decode, golden, hostile, json_rows, mutated};
    use proptest::prelude::*;

    const LEGACY_SAMPLE: &str = include_str!("../tests/data/cloudfront/legacy.log");
    const W3C_SAMPLE: &str = include_str!("../tests/data/cloudfront/w3c.log");
    const PLAIN_SAMPLE: &str = include_str!("../tests/data/cloudfront/plain.log");
    const JSON_SAMPLE: &str = include_str!("../tests/data/cloudfront/v2.json");

    #[test]
    fn decodes_legacy_files() {
        insta::assert_snapshot!(golden(&CloudFront, LEGACY_SAMPLE));
    }

    #[test]
    fn decodes_w3c_in_any_order() {
        insta::assert_snapshot!(golden(&CloudFront, W3C_SAMPLE));
    }

    #[test]
    fn decodes_plain_text_without_a_header() {
        insta::assert_snapshot!(golden(&CloudFront, PLAIN_SAMPLE));
    }

    #[test]
    fn decodes_json() {
        insta::assert_snapshot!(golden(&CloudFront, JSON_SAMPLE));
    }

    #[test]
    fn one_request_has_one_identity_in_every_output() {
        let uid = |text| json_rows(&decode(&CloudFront, text).0)[0]["event_uid"].clone();
        assert_eq!(uid(LEGACY_SAMPLE), "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==");
        assert_eq!(uid(LEGACY_SAMPLE), uid(PLAIN_SAMPLE));
        assert_eq!(uid(LEGACY_SAMPLE), uid(JSON_SAMPLE));
    }

    #[test]
    fn the_layout_constants_name_the_right_columns() {
        assert_eq!(
            [DATE, TIME, REQUEST_ID, TIMESTAMP_MS].map(|i| FIELDS[i].name),
            ["date", "time", "x_edge_request_id", "timestamp_ms"]
        );
        assert_eq!(FIELDS[LEGACY - 1].name, "sc_range_end");
        let fields = LEGACY_SAMPLE.lines().nth(1).unwrap();
        assert_eq!(header(fields).unwrap(), (0..LEGACY).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| decode(&CloudFront, text).1.remove(0).to_string();
        let fields = LEGACY_SAMPLE.lines().nth(1).unwrap();
        let line = LEGACY_SAMPLE.lines().nth(2).unwrap();
        insta::assert_snapshot!(error("2019-12-04\t21:02:31\tLAX1"), @"invalid_line: no `#Fields:` line came before, and the fields are not in the default order");
        insta::assert_snapshot!(error(&format!("{fields}\n2019-12-04\t21:02:31\tLAX1")), @"invalid_line: `#Fields:` names 33 fields, the line has 3");
        insta::assert_snapshot!(error(&format!("{fields}\n{}", line.replace("\t200\t", "\tOK\t"))), @"wrong_type: `sc_status` should be a 32-bit integer, found OK");
        insta::assert_snapshot!(error(&format!("{fields}\n{}", line.replace("21:02:31", "25:02:31"))), @"wrong_type: `time` should be a time HH:MM:SS, found 25:02:31");
        insta::assert_snapshot!(error("#Version: 1.0\n#Fields: date time s-ip cs-method\n2019-12-04 21:02:31 192.0.2.1 GET"), @"unknown_format: `#Fields:` names no field of CloudFront's (`x-edge-…`)");
        insta::assert_snapshot!(error(r#"{"date":"2019-12-04","x-edge-location":{}}"#), @"wrong_type: `x-edge-location` should be text or a number, found {}");
        insta::assert_snapshot!(error(r#"{"date":"2019-12-04","x-edge-location":"LAX1"}"#), @"missing_field: `time` is missing");
    }

    proptest! {
        #[test]
        fn hostile_lines_leave_no_trace(
            text in prop_oneof![mutated(LEGACY_SAMPLE), mutated(W3C_SAMPLE), mutated(PLAIN_SAMPLE), mutated(JSON_SAMPLE)]
        ) {
            hostile(&CloudFront, &text);
        }
    }
}
