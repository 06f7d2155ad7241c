//! Any text as an event pattern, held against any JSON: no panic, and a set agrees with its patterns.
//!
//! The input is a pattern and an event, with a line break between them.
//! `cargo +nightly fuzz run event_pattern -- -max_len=16384`

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailkeep_detect::event_pattern::{EventPattern, EventPatternSet, cloudtrail_envelope};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (pattern, event) = text.split_once('\n').unwrap_or((text, "{}"));
    let pattern = match EventPattern::parse(pattern) {
        Ok(pattern) => pattern,
        Err(error) => {
            assert!(pattern.is_char_boundary(error.position), "{error}");
            return;
        }
    };
    let Ok(record) = serde_json::from_str(event) else { return };
    let set = EventPatternSet::new([pattern.clone()]);
    for event in [cloudtrail_envelope(&record), record] {
        assert_eq!(!set.matches(&event).is_empty(), pattern.matches(&event));
    }
});
