//! Random streams: one per file, each a pure function of the seed and the file's place.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a random stream is for; streams of different domains never coincide.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(crate) enum Domain {
    Org = 1,
    File = 2,
    Attack = 3,
    Key = 4,
    Daily = 5,
}

/// A random stream. `ChaCha8` because its output is fixed by its specification, for ever.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of `seed` for one purpose and place.
    pub(crate) fn new(seed: u64, domain: Domain, a: u64, b: u64) -> Dice {
        let mut key = [0u8; 32];
        for (chunk, word) in key.chunks_exact_mut(8).zip([seed, domain as u64, a, b]) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        Dice(ChaCha8Rng::from_seed(key))
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `n`; 0 if `n` is 0.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn range(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// True `n` times in a thousand.
    pub(crate) fn per_mille(&mut self, n: u32) -> bool {
        self.below(1000) < n
    }

    /// One of `items`. The slice must not be empty.
    pub(crate) fn one<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u32) as usize]
    }

    /// The index that a running sum of weights assigns to a random point.
    pub(crate) fn weighted(&mut self, running: &[u32]) -> usize {
        let point = self.below(running.last().copied().unwrap_or(0));
        running.partition_point(|&sum| sum <= point)
    }

    /// Appends `n` lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, out: &mut Vec<u8>, n: usize) {
        digits(out, n, 4, HEX, || self.0.next_u64());
    }

    /// Appends `n` characters of base 64, standard alphabet, without padding.
    pub(crate) fn base64(&mut self, out: &mut Vec<u8>, n: usize) {
        digits(out, n, 6, BASE64, || self.0.next_u64());
    }

    /// Appends `n` characters of AWS's identifier alphabet (`A`–`Z`, `2`–`7`).
    pub(crate) fn base32(&mut self, out: &mut Vec<u8>, n: usize) {
        digits(out, n, 5, BASE32, || self.0.next_u64());
    }

    /// Appends `n` letters and digits, upper and lower case.
    pub(crate) fn alnum(&mut self, out: &mut Vec<u8>, n: usize) {
        // The two characters of base 64 that are neither are folded onto letters.
        digits(out, n, 6, ALNUM, || self.0.next_u64());
    }

    /// Appends a random UUID (version 4).
    pub(crate) fn uuid(&mut self, out: &mut Vec<u8>) {
        write_uuid(out, self.0.next_u64(), self.0.next_u64());
    }
}

pub(crate) const HEX: &[u8] = b"0123456789abcdef";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789Kq";

fn digits(out: &mut Vec<u8>, n: usize, width: u32, alphabet: &[u8], mut bits: impl FnMut() -> u64) {
    let mask = (1u64 << width) - 1;
    let per_word = (64 / width) as usize;
    let mut left = n;
    while left > 0 {
        let mut word = bits();
        for _ in 0..per_word.min(left) {
            out.push(alphabet[(word & mask) as usize]);
            word >>= width;
        }
        left -= per_word.min(left);
    }
}

fn write_uuid(out: &mut Vec<u8>, high: u64, low: u64) {
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    let mut text = [b'-'; 36];
    let mut at = 0;
    for i in 0..32u32 {
        if matches!(at, 8 | 13 | 18 | 23) {
            at += 1;
        }
        let word = if i < 16 { high } else { low };
        text[at] = HEX[((word >> (60 - 4 * (i % 16))) & 15) as usize];
        at += 1;
    }
    out.extend_from_slice(&text);
}

/// Mixes a number into well-spread bits (the finaliser of `SplitMix64`).
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut x = a.rotate_left(29) ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Mixes a name into `a`.
pub(crate) fn mix_str(a: u64, name: &str) -> u64 {
    name.bytes().fold(mix(a, name.len() as u64), |sum, byte| mix(sum, u64::from(byte)))
}

fn sequence(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(state, 0x51)
    }
}

/// Appends `n` hexadecimal digits that depend on `from` alone.
pub(crate) fn stable_hex(out: &mut Vec<u8>, from: u64, n: usize) {
    digits(out, n, 4, HEX, sequence(from));
}

/// Appends `n` characters of AWS's identifier alphabet that depend on `from` alone.
pub(crate) fn stable_base32(out: &mut Vec<u8>, from: u64, n: usize) {
    digits(out, n, 5, BASE32, sequence(from));
}

/// Appends a UUID that depends on `from` alone.
pub(crate) fn stable_uuid(out: &mut Vec<u8>, from: u64) {
    let mut next = sequence(from);
    write_uuid(out, next(), next());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_every_part_of_their_place() {
        let first = |seed, domain, a, b| Dice::new(seed, domain, a, b).bits();
        let all = [
            first(1, Domain::File, 0, 0),
            first(2, Domain::File, 0, 0),
            first(1, Domain::Attack, 0, 0),
            first(1, Domain::File, 1, 0),
            first(1, Domain::File, 0, 1),
        ];
        let distinct: std::collections::BTreeSet<u64> = all.into_iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(all[0], first(1, Domain::File, 0, 0));
    }

    #[test]
    fn uuids_have_version_and_variant() {
        let mut dice = Dice::new(1, Domain::File, 0, 0);
        for _ in 0..100 {
            let mut out = Vec::new();
            dice.uuid(&mut out);
            assert_eq!(out.len(), 36);
            assert_eq!(out[14], b'4');
            assert!(b"89ab".contains(&out[19]));
            assert!([8, 13, 18, 23].iter().all(|&at| out[at] == b'-'));
        }
    }

    #[test]
    fn weights_are_kept_to() {
        let mut dice = Dice::new(1, Domain::File, 0, 0);
        let mut hits = [0u32; 3];
        for _ in 0..10_000 {
            hits[dice.weighted(&[10, 10, 100])] += 1;
        }
        assert_eq!(hits[1], 0, "a weight of nothing is never drawn");
        assert!((800..1200).contains(&hits[0]), "{hits:?}");
    }
}
