//! Any bytes, read as a log object: no panic, bounded work, and every batch well-formed.
//!
//! `cargo +nightly fuzz run read_object -- -max_len=65536`

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailkeep_formats::collect::Collected;
use trailkeep_formats::container::Source;
use trailkeep_formats::{Limits, ObjectContext, read_object};

fuzz_target!(|data: &[u8]| {
    let limits = Limits { record_bytes: 16 << 10, decompressed_bytes: 1 << 20, ..Limits::default() };
    let read = |source| {
        let mut context = ObjectContext::new("fuzz:", 0);
        let mut sink = Collected::default();
        let summary = read_object(source, &mut context, &limits, &mut sink).expect("memory does not fail");
        let rows: usize = sink.finish().iter().map(|(_, batch)| batch.num_rows()).sum();
        assert_eq!(rows as u64, summary.events + summary.quarantined);
        summary.events
    };
    let whole = read(Source::Bytes(data));
    let streamed = read(Source::Stream(Box::new(data)));
    assert_eq!(whole, streamed, "how the bytes arrive must not matter");
});
