//! Signatures of bodies.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// HMAC-SHA256 of parts, one after the other, in hex.
#[must_use]
pub fn hmac_sha256(secret: &str, parts: &[&[u8]]) -> String {
    // A key of any length is fine for HMAC; the error cannot happen.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    for part in parts {
        mac.update(part);
    }
    hex::encode(mac.finalize().into_bytes())
}

/// HMAC-SHA256 of `time.body`, hex: what `X-Trailkeep-Signature: t=TIME,v1=HEX` carries.
#[must_use]
pub fn signature(secret: &str, time: i64, body: &[u8]) -> String {
    hmac_sha256(secret, &[time.to_string().as_bytes(), b".", body])
}

/// Whether two texts are equal, in a time that does not depend on where they differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_hmac_sha256() {
        // Computed with `printf '1.{}' | openssl dgst -sha256 -hmac 0123456789abcdef`.
        let signed = "2af693cb56b22c16912222aeefdc75a01de562bf70ee2015f41ecea48382997f";
        assert_eq!(signature("0123456789abcdef", 1, b"{}"), signed);
        assert!(same(signed, signed) && !same(signed, &signed[1..]) && !same("ab", "ac"));
    }
}
