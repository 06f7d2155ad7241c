//! Bounds on what one object may cost. Logs are hostile input.

/// The limits that reading an object keeps to; all sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest single record. CloudTrail's own limit is 256 KB (1 MB with enriched events);
    /// anything larger than this goes to quarantine, cut to [`Limits::quarantine_bytes`].
    pub record_bytes: usize,
    /// Deepest nesting of a JSON record.
    pub json_depth: u32,
    /// Largest decompressed size of one object.
    pub decompressed_bytes: u64,
    /// Largest ratio of decompressed to compressed size, once [`Limits::ratio_floor`] is passed.
    /// Real logs compress 10 to 30 times; deflate tops out at 1,032.
    pub compression_ratio: u64,
    /// Decompressed size below which the ratio is not looked at.
    pub ratio_floor: u64,
    /// How much of a bad record quarantine keeps.
    pub quarantine_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes: 16 << 20,
            json_depth: 128,
            decompressed_bytes: 64 << 30,
            compression_ratio: 250,
            ratio_floor: 128 << 20,
            quarantine_bytes: 64 << 10,
        }
    }
}
