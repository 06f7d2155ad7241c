//! What the formats' tests share: golden output, and hostile input.

use std::fmt::Write;

use arrow::json::LineDelimitedWriter;
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use crate::{DecodeError, Decoded, Format, ObjectContext, Rows};

/// 2024-07-01T00:00:00Z, when tests read their objects.
pub(crate) const INGEST_TIME: i64 = 1_719_792_000_000_000;

pub(crate) fn context() -> ObjectContext {
    ObjectContext::new("file:///logs/sample.log", INGEST_TIME)
}

/// Decodes each line that is not blank as one record.
pub(crate) fn decode(format: &dyn Format, text: &str) -> (RecordBatch, Vec<DecodeError>) {
    decode_at(format, text, &mut context())
}

/// The same, from an object at another place.
pub(crate) fn decode_at(
    format: &dyn Format,
    text: &str,
    context: &mut ObjectContext,
) -> (RecordBatch, Vec<DecodeError>) {
    let mut decoder = format.decoder();
    let mut rows = Rows::new(format.table());
    let mut errors = Vec::new();
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        if let Err(error) = decoder.decode(line, context, &mut rows) {
            errors.push(error);
        }
    }
    (rows.finish(), errors)
}

/// The rows as JSON objects, one column a line, nulls and `raw` left out (`raw` is checked to be
/// the record as it was); then the errors.
pub(crate) fn golden(format: &dyn Format, text: &str) -> String {
    let (batch, errors) = decode(format, text);
    let mut out = String::new();
    for row in json_rows(&batch) {
        let raw = row["raw"].as_str().unwrap();
        assert!(text.lines().any(|line| line == raw), "raw is not the record: {raw}");
        let mut shown = row.as_object().unwrap().clone();
        for constant in ["raw", "source_uri", "ingest_time"] {
            shown.remove(constant).unwrap();
        }
        writeln!(out, "{}", serde_json::to_string_pretty(&shown).unwrap()).unwrap();
    }
    for error in errors {
        writeln!(out, "error {error}").unwrap();
    }
    out
}

/// The rows of a batch as JSON objects without nulls.
pub(crate) fn json_rows(batch: &RecordBatch) -> Vec<serde_json::Value> {
    let mut writer = LineDelimitedWriter::new(Vec::new());
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    let text = String::from_utf8(writer.into_inner()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Decodes an object whose lines may be anything: each adds one whole row or nothing at all.
pub(crate) fn hostile(format: &dyn Format, text: &str) {
    let _ = format.claims_line(text);
    let _ = format.claims_json(&crate::JsonKeys::of(text));
    let mut context = context();
    let mut decoder = format.decoder();
    let mut rows = Rows::new(format.table());
    let mut expected = 0;
    for line in text.lines() {
        match decoder.decode(line, &mut context, &mut rows) {
            Ok(Decoded::Row) => expected += 1,
            Ok(Decoded::NotAnEvent) => {}
            Err(error) => assert!(!error.detail.is_empty()),
        }
        assert_eq!(rows.len(), expected);
    }
    let batch = rows.finish();
    assert_eq!(batch.num_rows(), expected);
    assert_eq!(batch.schema(), format.table().schema());
}

/// The sample with a stretch of it cut out, and something else put there.
pub(crate) fn mutated(sample: &'static str) -> impl Strategy<Value = String> {
    let spice = prop_oneof![
        "\\PC{0,12}",
        "[-0-9\" \t,.:{}\\[\\]<>/]{0,12}",
        Just(String::new()),
        Just("9".repeat(30)),
        Just("\"".to_owned()),
        Just("-".to_owned()),
    ];
    (0..=sample.len(), 0usize..40, spice).prop_map(move |(at, length, spice)| {
        let floor = |mut at: usize| {
            while !sample.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let from = floor(at);
        let to = floor((from + length).min(sample.len())).max(from);
        [&sample[..from], &spice, &sample[to..]].concat()
    })
}
