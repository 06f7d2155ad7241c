//! Any text as a resource policy: no panic whatever is asked of it.
//!
//! `cargo +nightly fuzz run policy -- -max_len=8192`

#![no_main]

use libfuzzer_sys::fuzz_target;
use trailkeep_baseline::policy::{Decision, Policy, Principal, Request};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(policy) = Policy::parse(text) else { return };
    let _ = policy.foreign_accounts("111122223333");
    let _ = policy.denies_insecure_transport("logs");
    let anyone = Request {
        principal: Principal::Anyone,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::logs/a",
        conditions: &[],
    };
    // What a stranger may do must have been reported as public.
    assert!(policy.decide(&anyone) != Decision::Allow || policy.is_public());
});
