//! All checks: a folder per control, a file per check, a line per file.

mod alarms;
mod bucket;
mod central;
mod changes;
#[cfg(test)]
mod defects;
mod services;
mod trail;

use crate::check::Check;

pub(crate) use services::exports;

/// Every check, by control.
pub fn all() -> impl Iterator<Item = &'static Check> {
    let folders: [&'static [&'static Check]; 6] =
        [trail::CHECKS, services::CHECKS, central::CHECKS, bucket::CHECKS, changes::CHECKS, alarms::CHECKS];
    folders.into_iter().flatten().copied()
}

/// The check of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_texts_complete() {
        let mut seen = HashSet::new();
        for check in all() {
            assert!(seen.insert(check.id), "{} twice", check.id);
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(check.id.chars().all(kebab), "{}", check.id);
            for text in [check.title, check.why, check.expected, check.remediation] {
                assert!(!text.trim().is_empty(), "{} lacks a text", check.id);
            }
            assert!(check.fix_calls.iter().all(|call| call.contains(':')), "{}", check.id);
        }
    }
}
