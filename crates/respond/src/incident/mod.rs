//! From signals to incidents. Pure: no clock, no disk.
//!
//! ```text
//!   signal ─► open ─acknowledge─► acknowledged ─resolve─► resolved
//!               ▲                     │                      │
//!               ├── raised ───────────┘                      │
//!               └── a signal within the window ──────────────┘
//! ```
//!
//! Signals of one rule about one thing come into one incident, as long as each follows the one
//! before it within the window. After that a new incident opens and names the one it follows: what
//! somebody acknowledged three weeks ago must not swallow what happens today. A signal within the
//! window after an incident was resolved opens it again; one that happened before it was resolved,
//! and only arrives late, does not.
//!
//! Ids are hashes of what they name. The same signals in the same order give the same incidents,
//! and a signal that comes twice changes nothing.

mod act;
mod fold;
mod signal;

pub use act::{Act, ActError, act, resolve_quiet};
pub(crate) use fold::incident_of;
pub use fold::{Grouping, fold};
pub use signal::{AlarmTransition, ControlRegression, Signal};

/// 128 bits of a hash over parts, in hex: a name for what the parts are of.
#[must_use]
pub fn hash(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        // The length, so that it shows where a part ends.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// Cuts a text to at most `most` characters, the last one an ellipsis when something was cut.
pub(crate) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}
