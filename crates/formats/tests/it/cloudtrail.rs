//! CloudTrail in every wrapping it comes in, and damaged in every way that was thought of.

use std::io::{Read, Write};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use trailkeep_formats::collect::Collected;
use trailkeep_formats::container::Source;
use trailkeep_formats::{Limits, ObjectContext, ObjectOutcome, ReadSummary, Reason, read_object};

fn event(n: u32) -> String {
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/a\"b","accountId":"111122223333","userName":"a\"b"}},"eventTime":"2024-03-01T10:00:{:02}Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"aws-cli","requestParameters":{{"n":{n},"x":"}}]{{["}},"responseElements":null,"eventID":"00000000-0000-4000-8000-{n:012}","readOnly":true,"recipientAccountId":"111122223333","futureField":{{"kept":"in raw"}}}}"#,
        n % 60
    )
}

struct Outcome {
    summary: ReadSummary,
    rows: Option<RecordBatch>,
    reasons: Vec<Reason>,
    offsets: Vec<u64>,
}

fn read_with(source: Source<'_>, limits: &Limits) -> Outcome {
    let mut context = ObjectContext::new("file:///logs/x.json", 1_700_000_000_000_000);
    let mut sink = Collected::default();
    let summary = read_object(source, &mut context, limits, &mut sink).expect("no fault beneath");
    let rows = sink.finish().into_iter().find(|(t, _)| t.name == "cloudtrail_logs").map(|(_, rows)| rows);
    let reasons = sink.quarantined.iter().map(|q| q.reason).collect();
    let offsets = sink.quarantined.iter().map(|q| q.offset).collect();
    Outcome { summary, rows, reasons, offsets }
}

fn read(bytes: &[u8]) -> Outcome {
    read_with(Source::Bytes(bytes), &Limits::default())
}

fn column<'a>(rows: &'a RecordBatch, name: &str) -> &'a StringArray {
    rows.column_by_name(name).expect("a column").as_string()
}

fn ids(outcome: &Outcome) -> Vec<u32> {
    let Some(rows) = &outcome.rows else { return Vec::new() };
    column(rows, "event_uid").iter().map(|id| id.unwrap()[24..].parse().unwrap()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn records(events: &[String]) -> String {
    format!("{{\"Records\":[{}]}}", events.join(","))
}

fn three() -> Vec<String> {
    (1..=3).map(event).collect()
}

#[test]
fn every_wrapping_gives_the_same_rows() {
    let e = three();
    let as_string = |s: &String| serde_json::to_string(s).unwrap();
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&records(&e)).unwrap())
            .unwrap();
    let lookup: Vec<String> = e
        .iter()
        .map(|r| {
            format!(r#"{{"EventId":"x","EventName":"DescribeInstances","CloudTrailEvent":{}}}"#, as_string(r))
        })
        .collect();
    let bridge: Vec<String> = e
        .iter()
        .map(|r| format!(r#"{{"version":"0","id":"i","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"111122223333","time":"2024-03-01T10:00:00Z","region":"eu-west-1","resources":[],"detail":{r}}}"#))
        .collect();
    let messages: Vec<String> =
        e.iter().map(|r| format!(r#"{{"id":"1","timestamp":1,"message":{}}}"#, as_string(r))).collect();
    let subscription = format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{}]}}"#,
        messages.join(",")
    );
    let wrappings: Vec<(&str, String)> = vec![
        ("S3 log file", records(&e)),
        ("pretty-printed", pretty),
        ("one event a line", e.join("\n")),
        ("lines with CRLF and blanks", format!("\r\n{}\r\n\r\n", e.join("\r\n"))),
        ("a bare list", format!("[{}]", e.join(" , "))),
        ("concatenated", e.concat()),
        ("LookupEvents", format!(r#"{{"Events":[{}],"NextToken":"t"}}"#, lookup.join(","))),
        ("LookupEvents, token first", format!(r#"{{"NextToken":"t","Events":[{}]}}"#, lookup.join(","))),
        ("EventBridge, a line each", bridge.join("\n")),
        ("CloudWatch Logs subscription", subscription.clone()),
        ("byte order mark", format!("\u{feff}{}", records(&e))),
        ("several log files in a row", format!("{}{}", records(&e[..1]), records(&e[1..]))),
    ];
    for (name, text) in wrappings {
        let plain = read(text.as_bytes());
        assert_eq!(ids(&plain), [1, 2, 3], "{name}");
        assert_eq!(plain.reasons, [], "{name}");
        assert_eq!(plain.summary.events, 3, "{name}");
        let zipped = gzip(text.as_bytes());
        assert_eq!(ids(&read(&zipped)), [1, 2, 3], "{name}, gzip");
        let streamed = read_with(Source::Stream(Box::new(OneByte(&zipped))), &Limits::default());
        assert_eq!(ids(&streamed), [1, 2, 3], "{name}, streamed byte by byte");
        let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
        assert_eq!(ids(&read(&zstd)), [1, 2, 3], "{name}, zstd");
    }
    let members = [gzip(records(&e[..1]).as_bytes()), gzip(records(&e[1..]).as_bytes())].concat();
    assert_eq!(ids(&read(&members)), [1, 2, 3], "gzip of several members");
}

/// A stream at its worst.
struct OneByte<'a>(&'a [u8]);

impl Read for OneByte<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = usize::from(!self.0.is_empty()).min(buf.len());
        buf[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

#[test]
fn a_row_holds_what_the_record_says() {
    let outcome = read(records(&[event(7)]).as_bytes());
    let rows = outcome.rows.expect("rows");
    let json = arrow::json::LineDelimitedWriter::new(Vec::new());
    let mut json = json;
    json.write(&rows).unwrap();
    json.finish().unwrap();
    let line: serde_json::Value = serde_json::from_slice(&json.into_inner()).unwrap();
    insta::assert_json_snapshot!(line);
    assert_eq!(column(&rows, "raw").value(0), event(7), "raw is the record to the byte");
}

#[test]
fn the_good_events_around_a_bad_one_are_kept() {
    let e = three();
    let bad: Vec<(&str, String, Reason)> = vec![
        ("a bare word", event(2).replace("true", "tru"), Reason::InvalidJson),
        (
            "a missing brace",
            event(2).replacen("\"userName\":\"a\\\"b\"}", "\"userName\":\"a\\\"b\"", 1),
            Reason::InvalidJson,
        ),
        ("a missing quote", event(2).replacen("eu-west-1\"", "eu-west-1", 1), Reason::InvalidJson),
        ("a time that is none", event(2).replace("2024-03-01T10", "yesterday"), Reason::WrongType),
        ("no time", event(2).replace("eventTime", "evenTime"), Reason::MissingField),
        (
            "a number for userIdentity",
            event(2).replacen("\"userIdentity\":{", "\"userIdentity\":7,\"was\":{", 1),
            Reason::WrongType,
        ),
        (
            "nested too deep",
            event(2).replacen("{\"n\"", &format!("{{\"d\":{}{},\"n\"", "[".repeat(200), "]".repeat(200)), 1),
            Reason::NestedTooDeep,
        ),
    ];
    for (name, text, reason) in bad {
        for (wrapping, whole) in [
            ("in Records", records(&[e[0].clone(), text.clone(), e[2].clone()])),
            ("on lines", [e[0].clone(), text.clone(), e[2].clone()].join("\n")),
        ] {
            let outcome = read(whole.as_bytes());
            assert_eq!(ids(&outcome), [1, 3], "{name} {wrapping}");
            assert_eq!(outcome.reasons, [reason], "{name} {wrapping}");
            let at = usize::try_from(outcome.offsets[0]).unwrap();
            assert!(whole[at..].starts_with(&text[..20]), "{name} {wrapping}: the offset is the record's");
        }
    }
}

#[test]
fn invalid_utf8_is_quarantined_alone() {
    let mut bytes = records(&three()).into_bytes();
    let at = memchr::memmem::find_iter(&bytes, b"aws-cli").nth(1).unwrap();
    bytes[at] = 0xff;
    let outcome = read(&bytes);
    assert_eq!(ids(&outcome), [1, 3]);
    assert_eq!(outcome.reasons, [Reason::InvalidUtf8]);
}

#[test]
fn a_truncated_gzip_gives_what_it_holds() {
    let events: Vec<String> = (0..2_000).map(event).collect();
    let zipped = gzip(records(&events).as_bytes());
    let outcome = read(&zipped[..zipped.len() / 2]);
    assert!(ids(&outcome).len() > 500, "the first half is there");
    assert_eq!(outcome.reasons, [Reason::TruncatedRecord, Reason::TruncatedCompression]);
    let mut damaged = zipped.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xaa);
    let outcome = read(&damaged);
    assert!(!ids(&outcome).is_empty());
    assert!(!outcome.reasons.is_empty());
}

#[test]
fn a_huge_event_does_not_take_the_others_with_it() {
    let huge = event(2).replacen("\"x\":\"", &format!("\"x\":\"{}", "y".repeat(50 << 20)), 1);
    for text in [records(&[event(1), huge.clone(), event(3)]), [event(1), huge, event(3)].join("\n")] {
        let outcome = read_with(Source::Stream(Box::new(text.as_bytes())), &Limits::default());
        assert_eq!(ids(&outcome), [1, 3]);
        assert_eq!(outcome.reasons, [Reason::RecordTooLarge]);
    }
}

#[test]
fn a_zip_bomb_is_stopped() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(format!("{{\"Records\":[{}", event(1)).as_bytes()).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..300 {
        encoder.write_all(&zeros).unwrap();
    }
    let outcome = read(&encoder.finish().unwrap());
    assert_eq!(ids(&outcome), [1]);
    assert!(outcome.reasons.contains(&Reason::DecompressionLimit), "{:?}", outcome.reasons);
    assert!(outcome.summary.bytes < 200 << 20);
}

#[test]
fn what_is_no_log_is_named_and_skipped() {
    let digest = r#"{"awsAccountId":"111122223333","digestStartTime":"2024-03-01T09:00:00Z","digestEndTime":"2024-03-01T10:00:00Z","digestS3Bucket":"b","digestS3Object":"o","logFiles":[{"s3Bucket":"b","s3Object":"k","hashValue":"00","hashAlgorithm":"SHA-256"}]}"#;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", Vec::new(), "empty"),
        ("blank", b" \n\t ".to_vec(), "empty"),
        ("digest", gzip(digest.as_bytes()), "CloudTrail digest file"),
        ("test event", br#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2024-03-01T10:00:00.000Z","Bucket":"b","RequestId":"r","HostId":"h"}"#.to_vec(), "s3:TestEvent notification"),
        ("notification", br#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"2024-03-01T10:00:00.000Z","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}"#.to_vec(), "S3 event notification"),
        ("other JSON", br#"{"hello":"world"}"#.to_vec(), "not a known log format (no known format has the keys [\"hello\"])"),
        ("binary", vec![0x89, b'P', b'N', b'G', 0, 1, 2, 255], "not a known log format"),
    ];
    for (name, bytes, what) in cases {
        let outcome = read(&bytes);
        assert_eq!(outcome.summary.outcome, ObjectOutcome::Skipped(what.to_owned()), "{name}");
        assert!(outcome.rows.is_none(), "{name}");
    }
    let log_with_no_events = read(br#"{"Records":[]}"#);
    assert_eq!(log_with_no_events.summary.outcome, ObjectOutcome::Read);
}

#[test]
fn insights_and_network_activity_events_are_events() {
    let insight = r#"{"eventVersion":"1.09","eventTime":"2024-03-01T10:00:00Z","awsRegion":"us-east-1","eventID":"00000000-0000-4000-8000-000000000001","eventType":"AwsCloudTrailInsight","recipientAccountId":"111122223333","sharedEventID":"s","insightDetails":{"state":"Start","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","insightType":"ApiCallRateInsight"},"eventCategory":"Insight"}"#;
    let network = r#"{"eventVersion":"1.11","userIdentity":{"type":"AWSAccount","principalId":"","accountId":"111122223333"},"eventTime":"2024-03-01T10:00:00Z","eventSource":"kms.amazonaws.com","eventName":"Decrypt","awsRegion":"us-east-1","sourceIPAddress":"10.0.0.4","errorCode":"VpceAccessDenied","eventID":"00000000-0000-4000-8000-000000000002","eventType":"AwsVpceEvent","recipientAccountId":"111122223333","vpcEndpointId":"vpce-1","vpcEndpointAccountId":"111122223333","eventCategory":"NetworkActivity"}"#;
    let outcome = read(format!("{insight}\n{network}\n").as_bytes());
    assert_eq!(ids(&outcome), [1, 2]);
    let rows = outcome.rows.unwrap();
    assert!(column(&rows, "insightdetails").value(0).contains("RunInstances"));
    assert!(column(&rows, "insightdetails").is_null(1));
    assert_eq!(column(&rows, "vpcendpointaccountid").value(1), "111122223333");
}

#[test]
fn the_real_dataset_is_read_whole() {
    let shared = std::env::var("TRAILKEEP_SHARED").unwrap_or_else(|_| "../../../shared".to_owned());
    let folder = std::path::Path::new(&shared).join("data/cloudtrail");
    if !folder.exists() {
        eprintln!("SKIPPED: the real dataset is not at {}; set TRAILKEEP_SHARED to run", folder.display());
        return;
    }
    let (mut files, mut events) = (0, 0);
    let mut todo = vec![folder];
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
        } else {
            let outcome = read(&std::fs::read(path).unwrap());
            assert_eq!(outcome.reasons, []);
            files += 1;
            events += outcome.summary.events;
        }
    }
    assert_eq!((files, events), (28, 1_233));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever a byte does to an object, the reader neither panics nor loses an event that the
    /// byte is not in.
    #[test]
    fn one_damaged_byte_costs_at_most_its_neighbours(at in 0usize..4_000, byte in any::<u8>()) {
        let events: Vec<String> = (1..=6).map(event).collect();
        let mut bytes = records(&events).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let kept = read(&bytes).rows.map_or(0, |rows| rows.num_rows());
        prop_assert!(kept >= 4, "byte {} at {}: {} kept", byte, at, kept);
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read(&bytes);
    }

    #[test]
    fn any_json_like_text_is_survived(text in r#"[\[\]{}",: \n\\a0RecordsventVi1.-]{0,300}"#) {
        read(text.as_bytes());
    }
}
