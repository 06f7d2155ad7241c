//! Names of new things.

use anyhow::{Result, ensure};

/// Refuses what is no snake-case identifier.
pub(crate) fn check_snake_case(name: &str) -> Result<()> {
    let good = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !name.ends_with('_')
        && !name.contains("__");
    ensure!(
        good,
        "{name:?} is no snake-case name: small letters, digits and single underscores, as in `route53_resolver`"
    );
    Ok(())
}

/// `route53_resolver` → `Route53Resolver`.
pub(crate) fn camel_case(name: &str) -> String {
    name.split('_').map(capitalised).collect()
}

/// `route53_resolver` → `Route53 resolver`.
pub(crate) fn sentence(name: &str) -> String {
    capitalised(&name.replace('_', " "))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(camel_case("route53_resolver"), "Route53Resolver");
        assert_eq!(sentence("route53_resolver"), "Route53 resolver");
        assert!(check_snake_case("route53_resolver").is_ok());
        for bad in ["", "Route53", "a-b", "_a", "a_", "a__b", "1a", "../x", "a b"] {
            assert!(check_snake_case(bad).is_err(), "{bad}");
        }
    }
}
