//! Any text as a filter pattern, run over any message: no panic, bounded work, errors that point
//! into the text, and a set that says what the pattern says.
//!
//! `cargo +nightly fuzz run filter_pattern -- -max_len=8192`
//!
//! The first line is the pattern, the rest is the message.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailkeep_detect::filter_pattern::{FilterPattern, FilterSet, ValueSelector};

fuzz_target!(|data: &str| {
    let (text, message) = data.split_once('\n').unwrap_or((data, "{\"a\":[1,\"b\",null]}"));
    let pattern = match FilterPattern::parse(text) {
        Ok(pattern) => pattern,
        Err(error) => {
            assert!(text.is_char_boundary(error.position), "{error}");
            assert_eq!(error.caret(text).lines().count(), 2);
            return;
        }
    };
    for warning in pattern.lint() {
        assert!(text.is_char_boundary(warning.position), "{warning}");
    }
    let answer = pattern.matches(message);
    assert_eq!(!FilterSet::new([&pattern]).matches(message).is_empty(), answer);
    for selector in ["$.a", "$a", "$1"] {
        let selector = ValueSelector::parse(selector).expect("a selector");
        pattern.extract(message, &selector);
    }
});
