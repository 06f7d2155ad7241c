//! Amazon S3 server access logs.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html>
//!
//! One line is one request. Fields stand between spaces, new ones are only ever added at the end,
//! and `-` means that there is no value. S3 does not escape quotes in what the client sent, so the
//! three quoted fields are found by what must stand around them.

use std::sync::OnceLock;

use crate::context::is_region;
use crate::format::{Decode, Decoded, Format};
use crate::rows::{Identity, RowMeta, Rows};
use crate::table::{EventColumns, Field, TableDef, Type};
use crate::time::parse_clf;
use crate::{DecodeError, ObjectContext};

use Type::{Int64, Utf8};

/// The `s3_access_logs` table.
pub static TABLE: TableDef = TableDef {
    name: "s3_access_logs",
    doc: "one request to an S3 bucket that has server access logging on",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-s3-access-logs-to-identify-requests.html",
    fields: FIELDS,
    bloom: &["remoteip", "requester", "requestid", "key"],
    cluster: &["bucket_name", "operation"],
    events: EventColumns {
        actor: "requester",
        action: "operation",
        target: "CASE WHEN \"key\" IS NULL THEN bucket_name ELSE bucket_name || '/' || \"key\" END",
        source_address: "remoteip",
        outcome: "CASE WHEN errorcode IS NOT NULL THEN errorcode WHEN httpstatus >= '400' THEN httpstatus ELSE 'Success' END",
    },
    schema: OnceLock::new(),
};

/// The columns, in the order the fields stand in on a line.
const FIELDS: &[Field] = &[
    Field::new("bucketowner", Utf8, "the canonical user id of the bucket's owner"),
    Field::new("bucket_name", Utf8, "the bucket"),
    Field::new("requestdatetime", Utf8, "when the request was received, `06/Feb/2019:00:00:38 +0000`"),
    Field::new("remoteip", Utf8, "the address the request came from"),
    Field::new("requester", Utf8, "the canonical user id or the ARN of the requester; null if anonymous"),
    Field::new("requestid", Utf8, "the request's id; several rows may share it"),
    Field::new(
        "operation",
        Utf8,
        "REST.GET.OBJECT, WEBSITE.GET.OBJECT, BATCH.DELETE.OBJECT, S3.EXPIRE.OBJECT, …",
    ),
    Field::new("key", Utf8, "the object's key, URL-encoded"),
    Field::new("request_uri", Utf8, "the request line"),
    Field::new("httpstatus", Utf8, "the response's HTTP status"),
    Field::new("errorcode", Utf8, "the S3 error code"),
    Field::new("bytessent", Int64, "bytes of the response's body"),
    Field::new("objectsize", Int64, "the object's size in bytes"),
    Field::new("totaltime", Utf8, "milliseconds the request was in flight"),
    Field::new("turnaroundtime", Utf8, "milliseconds S3 spent on the request"),
    Field::new("referrer", Utf8, "the Referer header"),
    Field::new("useragent", Utf8, "the User-Agent header"),
    Field::new("versionid", Utf8, "the object version of the request"),
    Field::new("hostid", Utf8, "the extended request id, x-amz-id-2"),
    Field::new("sigv", Utf8, "SigV2, SigV4; null if the request was not signed"),
    Field::new("ciphersuite", Utf8, "the TLS cipher; null if the request came over HTTP"),
    Field::new("authtype", Utf8, "AuthHeader, QueryString (a presigned URL); null if not signed"),
    Field::new("endpoint", Utf8, "the host the request went to"),
    Field::new("tlsversion", Utf8, "TLSv1.1, TLSv1.2, TLSv1.3"),
    Field::new("accesspointarn", Utf8, "the access point the request went through"),
    Field::new("aclrequired", Utf8, "`Yes` if an access control list decided on the request"),
    Field::new("sourceregion", Utf8, "the AWS Region the request came from"),
];

const BUCKET: usize = 1;
const TIME: usize = 2;
const REQUEST_URI: usize = 8;
const REFERRER: usize = 15;
const USER_AGENT: usize = 16;
const ENDPOINT: usize = 22;
const ACCESS_POINT: usize = 24;

/// The S3 server access log format.
#[derive(Debug)]
pub struct S3Access;

impl Format for S3Access {
    fn name(&self) -> &'static str {
        "s3_access"
    }

    fn table(&self) -> &'static TableDef {
        &TABLE
    }

    /// Owner, bucket, `[time]`, address, requester, request id, and an operation such as
    /// `REST.GET.OBJECT`.
    fn claims_line(&self, line: &str) -> bool {
        let mut cursor = Cursor { rest: line };
        let Ok(fields) = cursor.head() else { return false };
        let operation = fields[6].unwrap_or_default();
        fields[TIME].and_then(parse_clf).is_some()
            && operation.contains('.')
            && operation
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_'))
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder { place: None })
    }
}

struct Decoder {
    /// What the object's key says, once it was looked at.
    place: Option<KeyPlace>,
}

impl Decode for Decoder {
    fn decode(
        &mut self,
        record: &str,
        context: &mut ObjectContext,
        rows: &mut Rows,
    ) -> Result<Decoded, DecodeError> {
        let fields = parse(record)?;
        let time = fields[TIME].unwrap_or_default();
        let event_time = parse_clf(time).ok_or_else(|| {
            DecodeError::wrong_type("requestdatetime", "a time DD/Mon/YYYY:HH:MM:SS +0000", time)
        })?;
        let mut row = rows.row();
        for (index, value) in fields.iter().enumerate() {
            if let Some(value) = value {
                row.parse_str(index, value)?;
            }
        }
        let place = self.place.get_or_insert_with(|| KeyPlace::of(&context.source_uri));
        let from_key = fields[BUCKET].is_some_and(|bucket| bucket == place.bucket);
        let account_id = from_key.then_some(place.account.as_str());
        let region = match from_key {
            true => Some(place.region.as_str()),
            false => fields[ACCESS_POINT]
                .and_then(|arn| arn.split(':').nth(3))
                .filter(|r| is_region(r))
                .or_else(|| fields[ENDPOINT].and_then(region_of_host)),
        };
        row.commit(
            context,
            RowMeta {
                event_time,
                account_id,
                region,
                // A request id is shared by the parts of a batch or a copy; the whole line is not.
                identity: Identity::HashOf(record.as_bytes()),
                raw: record,
            },
        );
        Ok(Decoded::Row)
    }
}

/// A log's key may be partitioned as `…/ACCOUNT/REGION/BUCKET/YYYY/MM/DD/…`.
struct KeyPlace {
    account: String,
    region: String,
    bucket: String,
}

impl KeyPlace {
    fn of(uri: &str) -> Self {
        let parts: Vec<&str> = uri.split('/').collect();
        let found = parts.windows(3).find(|w| {
            w[0].len() == 12
                && w[0].bytes().all(|b| b.is_ascii_digit())
                && is_region(w[1])
                && !w[2].is_empty()
        });
        let [account, region, bucket] = found.map_or([""; 3], |w| [w[0], w[1], w[2]]).map(str::to_owned);
        Self { account, region, bucket }
    }
}

/// The Region in the name of an S3 endpoint (`bucket.s3.eu-west-1.amazonaws.com`,
/// `s3-us-west-2.amazonaws.com`, `bucket.s3-website-eu-west-1.amazonaws.com`).
fn region_of_host(host: &str) -> Option<&str> {
    let host = host.split(':').next()?;
    let name = host.strip_suffix(".cn").unwrap_or(host).strip_suffix(".amazonaws.com")?;
    let label = name.rsplit('.').next()?;
    let region = label.strip_prefix("s3-website-").or_else(|| label.strip_prefix("s3-")).unwrap_or(label);
    is_region(region).then_some(region)
}

type Values<'a> = [Option<&'a str>; FIELDS.len()];

fn parse(line: &str) -> Result<Values<'_>, DecodeError> {
    let mut cursor = Cursor { rest: line };
    let mut fields = cursor.head()?;
    fields[REQUEST_URI] = cursor.request_uri()?;
    for (index, field) in fields.iter_mut().enumerate().take(REFERRER).skip(REQUEST_URI + 1) {
        *field = cursor.bare(index)?;
    }
    fields[REFERRER] = cursor.referrer()?;
    fields[USER_AGENT] = cursor.user_agent()?;
    // Logs of earlier years end sooner, those of later ones go on.
    for (field, value) in fields[USER_AGENT + 1..].iter_mut().zip(cursor.rest.split(' ')) {
        *field = present(value);
    }
    Ok(fields)
}

fn present(value: &str) -> Option<&str> {
    (!value.is_empty() && value != "-").then_some(value)
}

/// What is left of a line.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// The fields before the request line; none of them can hold a space.
    fn head(&mut self) -> Result<Values<'a>, DecodeError> {
        let mut fields = [None; FIELDS.len()];
        fields[0] = self.bare(0)?;
        fields[BUCKET] = self.bare(BUCKET)?;
        let inside = self.rest.strip_prefix('[').and_then(|r| r.split_once("] "));
        let (time, rest) = inside.ok_or_else(|| DecodeError::line("expected `[time]` as the third field"))?;
        fields[TIME] = Some(time);
        self.rest = rest;
        for (index, field) in fields.iter_mut().enumerate().take(REQUEST_URI).skip(TIME + 1) {
            *field = self.bare(index)?;
        }
        Ok(fields)
    }

    fn bare(&mut self, index: usize) -> Result<Option<&'a str>, DecodeError> {
        let name = FIELDS[index].name;
        if self.rest.is_empty() {
            return Err(DecodeError::line(format!("the line ends before `{name}`, field {}", index + 1)));
        }
        let (value, rest) = self.rest.split_once(' ').unwrap_or((self.rest, ""));
        self.rest = rest;
        if value.is_empty() || value.contains('"') {
            let seen: String = value.chars().take(40).collect();
            return Err(DecodeError::line(format!("`{name}`, field {}, cannot be {seen:?}", index + 1)));
        }
        Ok(present(value))
    }

    /// The request line ends at the first quote that a status, an error code and four numbers
    /// follow.
    fn request_uri(&mut self) -> Result<Option<&'a str>, DecodeError> {
        let Some(body) = self.rest.strip_prefix('"') else { return self.bare(REQUEST_URI) };
        let end = memchr::memchr_iter(b'"', body.as_bytes())
            .find(|&at| body[at + 1..].strip_prefix(' ').is_some_and(numbers_follow))
            .ok_or_else(|| {
                DecodeError::line("`request_uri` is not followed by a status, an error code and sizes")
            })?;
        self.rest = &body[end + 2..];
        Ok(present(&body[..end]))
    }

    /// The referrer ends at the first quote that another quoted field, or a `-`, follows.
    fn referrer(&mut self) -> Result<Option<&'a str>, DecodeError> {
        let Some(body) = self.rest.strip_prefix('"') else { return self.bare(REFERRER) };
        let end = memchr::memmem::find_iter(body.as_bytes(), b"\" ")
            .find(|&at| body[at + 2..].starts_with('"') || body[at + 2..].starts_with("- "))
            .or_else(|| body.find("\" "))
            .ok_or_else(|| DecodeError::line("`referrer` has no closing quote"))?;
        self.rest = &body[end + 2..];
        Ok(present(&body[..end]))
    }

    /// The user agent is the last quoted field: it ends at the line's last quote, whatever the
    /// client put in between.
    fn user_agent(&mut self) -> Result<Option<&'a str>, DecodeError> {
        let quoted = self.rest.strip_prefix('"');
        let body = quoted.unwrap_or(self.rest);
        let Some(last) = memchr::memrchr(b'"', body.as_bytes()) else {
            return match quoted {
                Some(_) => Err(DecodeError::line("`useragent` has no closing quote")),
                None => self.bare(USER_AGENT),
            };
        };
        let (value, rest) = if quoted.is_some() {
            (&body[..last], &body[last + 1..])
        } else {
            let end = body[last..].find(' ').map_or(body.len(), |at| last + at);
            body.split_at(end)
        };
        self.rest = rest.strip_prefix(' ').unwrap_or(rest);
        Ok(present(value))
    }
}

/// Whether `status error bytes size time time` stand here.
fn numbers_follow(rest: &str) -> bool {
    let mut tokens = rest.splitn(7, ' ');
    let mut next = || tokens.next().unwrap_or_default();
    let number = |t: &str| t == "-" || (!t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()));
    let status = next();
    let error = next();
    (status.len() == 3 || status == "-")
        && number(status)
        && !error.is_empty()
        && !error.contains('"')
        && (0..4).all(|_| number(next()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{decode, golden, hostile, mutated};
    use proptest::prelude::*;

    const SAMPLE: &str = include_str!("../tests/data/s3_access/access.log");

    fn value<'a>(fields: &Values<'a>, name: &str) -> Option<&'a str> {
        fields[TABLE.index_of(name).unwrap()]
    }

    #[test]
    fn decodes_the_sample() {
        insta::assert_snapshot!(golden(&S3Access, SAMPLE));
    }

    #[test]
    fn quotes_in_what_the_client_sent_do_not_shift_fields() {
        let line = r#"owner bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - ID REST.GET.OBJECT a.txt "GET /a"b.txt HTTP/1.1" 200 - 3 3 7 6 "https://example.com/"q"" "evil" - - "agent \"x\" - SigV4" - hostid= SigV4 CIPHER AuthHeader h TLSv1.2 - - - new1 new2"#;
        let fields = parse(line).unwrap();
        assert_eq!(value(&fields, "request_uri"), Some(r#"GET /a"b.txt HTTP/1.1"#));
        assert_eq!(value(&fields, "referrer"), Some(r#"https://example.com/"q""#));
        assert_eq!(value(&fields, "useragent"), Some(r#"evil" - - "agent \"x\" - SigV4"#));
        assert_eq!(value(&fields, "versionid"), None);
        assert_eq!(value(&fields, "hostid"), Some("hostid="));
        assert_eq!(value(&fields, "tlsversion"), Some("TLSv1.2"));
    }

    #[test]
    fn an_unquoted_user_agent_with_quotes_is_kept_whole() {
        let line = r#"o b [06/Feb/2019:00:00:38 +0000] - - ID REST.GET.OBJECT k - 200 - - - - - - app "v 1" x" v1 hostid"#;
        let fields = parse(line).unwrap();
        assert_eq!(value(&fields, "useragent"), Some(r#"app "v 1" x""#));
        assert_eq!(value(&fields, "versionid"), Some("v1"));
        assert_eq!(value(&fields, "hostid"), Some("hostid"));
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |line: &str| decode(&S3Access, line).1.remove(0).to_string();
        let sample = SAMPLE.lines().next().unwrap();
        insta::assert_snapshot!(error("owner"), @"invalid_line: the line ends before `bucket_name`, field 2");
        insta::assert_snapshot!(error("owner bucket"), @"invalid_line: expected `[time]` as the third field");
        insta::assert_snapshot!(error("owner bucket \"key\""), @"invalid_line: expected `[time]` as the third field");
        insta::assert_snapshot!(error(&sample[..300]), @"invalid_line: `useragent` has no closing quote");
        insta::assert_snapshot!(error(&sample.replace("06/Feb/2019", "31/Feb/2019")), @"wrong_type: `requestdatetime` should be a time DD/Mon/YYYY:HH:MM:SS +0000, found 31/Feb/2019:00:00:38 +0000");
        insta::assert_snapshot!(error(&sample.replace(" 200 - 113 - ", " 200 - 99999999999999999999 - ")), @"wrong_type: `bytessent` should be an integer, found 99999999999999999999");
        insta::assert_snapshot!(error(&sample.replace("\"S3Console/0.4\"", "\"S3Console/0.4")), @"invalid_line: `useragent` has no closing quote");
    }

    #[test]
    fn the_region_is_in_the_host() {
        assert_eq!(region_of_host("b.s3.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!(region_of_host("b.s3.dualstack.us-gov-west-1.amazonaws.com:443"), Some("us-gov-west-1"));
        assert_eq!(region_of_host("s3-us-west-2.amazonaws.com"), Some("us-west-2"));
        assert_eq!(region_of_host("b.s3-website-us-east-1.amazonaws.com"), Some("us-east-1"));
        assert_eq!(region_of_host("b.s3.cn-north-1.amazonaws.com.cn"), Some("cn-north-1"));
        assert_eq!(region_of_host("b.s3.amazonaws.com"), None);
        assert_eq!(region_of_host("files.example.com"), None);
    }

    #[test]
    fn a_partitioned_key_names_account_and_region() {
        let place =
            KeyPlace::of("s3://logs/p/111122223333/us-west-1/my-bucket/2024/01/02/2024-01-02-00-00-00-ABC");
        assert_eq!(
            (place.account.as_str(), place.region.as_str(), place.bucket.as_str()),
            ("111122223333", "us-west-1", "my-bucket")
        );
        assert_eq!(KeyPlace::of("file:///tmp/x.log").bucket, "");
    }

    proptest! {
        #[test]
        fn hostile_lines_leave_no_trace(line in mutated(SAMPLE)) {
            hostile(&S3Access, &line);
        }
    }
}
