//! The service logs' samples, as objects in a mixed bucket: each is told from content and read by
//! its own format, and by no other.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use trailkeep_formats::collect::Collected;
use trailkeep_formats::container::Source;
use trailkeep_formats::{Format, JsonKeys, Limits, ObjectContext, ObjectOutcome, read_object, registry};

/// A sample, the format whose it is, and how many events and bad records it holds.
struct Sample {
    name: &'static str,
    format: &'static str,
    text: &'static str,
    events: u64,
    bad: u64,
}

macro_rules! sample {
    ($format:literal, $file:literal, $events:literal, $bad:literal) => {
        Sample {
            name: concat!($format, "/", $file),
            format: $format,
            text: include_str!(concat!("../data/", $format, "/", $file)),
            events: $events,
            bad: $bad,
        }
    };
}

const SAMPLES: &[Sample] = &[
    sample!("s3_access", "access.log", 6, 1),
    sample!("vpc_flow", "default.log", 5, 1),
    sample!("vpc_flow", "custom.log", 3, 0),
    sample!("cloudfront", "legacy.log", 3, 1),
    sample!("cloudfront", "w3c.log", 1, 0),
    sample!("cloudfront", "plain.log", 2, 0),
    sample!("cloudfront", "v2.json", 2, 0),
    sample!("waf", "waf.json", 3, 1),
    sample!("api_gateway", "access.json", 4, 1),
    sample!("api_gateway", "clf.log", 4, 1),
    sample!("api_gateway", "csv.log", 4, 1),
    sample!("api_gateway", "xml.log", 2, 1),
];

const CLOUDTRAIL: &str = r#"{"eventVersion":"1.08","eventTime":"2024-03-01T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","awsRegion":"eu-west-1","requestID":"c6af9ac6","eventID":"00000000-0000-4000-8000-000000000001"}"#;

fn claimants(record: &str) -> Vec<&'static str> {
    let claims = |f: &&dyn Format| {
        if record.starts_with('{') { f.claims_json(&JsonKeys::of(record)) } else { f.claims_line(record) }
    };
    registry::FORMATS.iter().copied().filter(claims).map(Format::name).collect()
}

fn table_of(format: &str) -> &'static str {
    registry::FORMATS.iter().find(|f| f.name() == format).expect("a registered format").table().name
}

/// The rows of each table, and the columns of identities and raw records.
fn read(samples: &[(&str, &[u8])]) -> (BTreeMap<&'static str, usize>, Vec<String>, u64) {
    let mut sink = Collected::default();
    let mut bad = 0;
    for (name, bytes) in samples {
        let mut context = ObjectContext::new(format!("s3://logs/{name}"), 1_719_792_000_000_000);
        let read = read_object(Source::Bytes(bytes), &mut context, &Limits::default(), &mut sink);
        let summary = read.expect("no fault beneath");
        assert_eq!(summary.outcome, ObjectOutcome::Read, "{name}");
        bad += summary.quarantined;
    }
    let mut rows = BTreeMap::new();
    let mut raws = Vec::new();
    for (table, batch) in sink.finish() {
        rows.insert(table.name, batch.num_rows());
        if table.name != "quarantine" {
            let raw = batch.column_by_name("raw").expect("a column").as_string::<i32>();
            raws.extend(raw.iter().flatten().map(str::to_owned));
        }
        assert_eq!(batch.column_by_name("event_uid").expect("a column").null_count(), 0);
    }
    (rows, raws, bad)
}

#[test]
fn each_record_is_claimed_by_its_own_format_only() {
    for sample in SAMPLES {
        let first = sample.text.lines().next().unwrap();
        // JSON is told record by record, text by how an object begins.
        assert_eq!(claimants(first), [sample.format], "{}: {first}", sample.name);
        for record in sample.text.lines() {
            let claimants = claimants(record);
            let others: Vec<_> = claimants.iter().filter(|c| **c != sample.format).collect();
            assert!(others.is_empty(), "{}: {record} is claimed by {others:?}", sample.name);
        }
    }
    assert_eq!(claimants(CLOUDTRAIL), ["cloudtrail"]);
}

#[test]
fn what_is_no_log_is_claimed_by_none() {
    for text in [
        "",
        "hello world",
        "# a comment",
        "<html><body>403</body></html>",
        "id,name,when",
        "2024-01-01 12:00:00 INFO started",
        r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "Mozilla/4.08""#,
        "{}",
        r#"{"timestamp":1,"message":"x","level":"info"}"#,
        r#"{"date":"2024-01-01","time":"12:00:00","message":"x"}"#,
        r#"{"requestId":"a","status":200,"httpMethod":"GET","path":"/"}"#,
    ] {
        assert_eq!(claimants(text), [""; 0], "{text}");
    }
}

#[test]
fn a_mixed_bucket_is_read_into_its_tables() {
    let objects: Vec<(&str, &[u8])> = SAMPLES.iter().map(|s| (s.name, s.text.as_bytes())).collect();
    let (rows, raws, bad) = read(&objects);
    let mut expected = BTreeMap::new();
    for sample in SAMPLES {
        *expected.entry(table_of(sample.format)).or_insert(0) += usize::try_from(sample.events).unwrap();
    }
    let expected_bad: u64 = SAMPLES.iter().map(|s| s.bad).sum();
    expected.insert("quarantine", usize::try_from(expected_bad).unwrap());
    assert_eq!(rows, expected);
    assert_eq!(bad, expected_bad);
    // The record as received, to the byte.
    for raw in raws {
        assert!(SAMPLES.iter().any(|s| s.text.lines().any(|l| l == raw)), "{raw}");
    }
}

#[test]
fn each_object_is_read_as_what_it_is() {
    for sample in SAMPLES {
        let (rows, _, bad) = read(&[(sample.name, sample.text.as_bytes())]);
        let events = rows.get(table_of(sample.format)).copied().unwrap_or_default();
        assert_eq!((events as u64, bad), (sample.events, sample.bad), "{}", sample.name);
        assert_eq!(rows.len(), 1 + usize::from(sample.bad > 0), "{}: {rows:?}", sample.name);
    }
}

#[test]
fn line_breaks_and_json_lists_do_not_matter() {
    for sample in SAMPLES {
        let windows = sample.text.replace('\n', "\r\n");
        let (rows, raws, _) = read(&[(sample.name, windows.as_bytes())]);
        assert_eq!(rows[table_of(sample.format)] as u64, sample.events, "{}", sample.name);
        assert!(raws.iter().all(|r| !r.contains('\r')), "{}", sample.name);
        if sample.text.starts_with('{') {
            let list = format!("[{}]", sample.text.trim_end().replace('\n', ","));
            let (rows, _, _) = read(&[(sample.name, list.as_bytes())]);
            assert_eq!(rows[table_of(sample.format)] as u64, sample.events, "{} as a list", sample.name);
        }
    }
}

#[test]
fn cloudwatch_logs_carries_lines_of_every_format() {
    for sample in SAMPLES {
        let events: Vec<String> = sample
            .text
            .lines()
            .map(|line| {
                format!(r#"{{"id":"1","timestamp":1,"message":{}}}"#, serde_json::to_string(line).unwrap())
            })
            .collect();
        let object = format!(
            r#"{{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{}]}}"#,
            events.join(",")
        );
        let mut sink = Collected::default();
        let mut context = ObjectContext::new("s3://logs/cwl", 0);
        read_object(Source::Bytes(object.as_bytes()), &mut context, &Limits::default(), &mut sink)
            .expect("no fault beneath");
        let tables = sink.finish();
        // Without the header of its object a custom layout cannot be told.
        let headed = matches!(sample.name, "vpc_flow/custom.log" | "cloudfront/w3c.log");
        let found =
            tables.iter().find(|(t, _)| t.name == table_of(sample.format)).map_or(0, |(_, b)| b.num_rows());
        if !headed {
            assert_eq!(found as u64, sample.events, "{}", sample.name);
        }
        assert!(
            tables.iter().all(|(t, _)| [table_of(sample.format), "quarantine"].contains(&t.name)),
            "{}",
            sample.name
        );
    }
}
