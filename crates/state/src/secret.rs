//! Secrets: made, shown once, kept as hashes.

use std::fmt;

use rand::RngCore;
use sha2::{Digest, Sha256};

/// A secret text. It does not appear in logs or debug output by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// 256 random bits in hex, after a prefix that says what they are for.
    pub(crate) fn random(prefix: &str) -> Self {
        let mut bytes = [0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        Self(format!("{prefix}{}", hex::encode(bytes)))
    }

    /// The secret itself, to be shown or sent once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is stored of a random secret. A plain hash is enough: 256 random bits cannot be guessed.
pub(crate) fn stored(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    Sha256::digest(a.as_bytes()) == Sha256::digest(b.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_do_not_show() {
        let (a, b) = (Secret::random("tk_"), Secret::random("tk_"));
        assert_ne!(a, b);
        assert_eq!(a.expose().len(), 3 + 64);
        assert_eq!(format!("{a:?}"), "Secret(…)");
        assert!(same(a.expose(), a.expose()) && !same(a.expose(), b.expose()));
    }
}
