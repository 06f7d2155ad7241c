//! `event_uid`s in 16 bytes, and the columns of a batch that de-duplication looks at.

use arrow::array::{AsArray, PrimitiveArray, RecordBatch, StringArray};
use arrow::datatypes::{Date32Type, TimestampMicrosecondType};

use crate::LakeError;

/// An `event_uid`: a UUID's own 128 bits, or a hash of any other text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Uid(u128);

impl Uid {
    pub(crate) fn of(text: &str) -> Self {
        Self(uuid(text.as_bytes()).unwrap_or_else(|| {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
            u128::from_le_bytes(bytes)
        }))
    }

    /// The same bits, mixed enough to serve as a hash: ids in a sequence must not collide.
    pub(crate) fn mixed(self) -> u64 {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let low = (self.0 as u64) ^ ((self.0 >> 64) as u64).rotate_left(29);
        let product = u128::from(low ^ ODD) * u128::from(ODD | 1);
        (product as u64) ^ ((product >> 64) as u64)
    }
}

/// The bits of a UUID in its canonical spelling, lower case. Any other spelling is other text:
/// two spellings of one id stay two.
fn uuid(b: &[u8]) -> Option<u128> {
    if b.len() != 36 {
        return None;
    }
    let mut bits = 0u128;
    for (i, &c) in b.iter().enumerate() {
        if matches!(i, 8 | 13 | 18 | 23) {
            if c != b'-' {
                return None;
            }
            continue;
        }
        let digit = match c {
            b'0'..=b'9' => c - b'0',
            b'a'..=b'f' => c - b'a' + 10,
            _ => return None,
        };
        bits = (bits << 4) | u128::from(digit);
    }
    Some(bits)
}

/// The columns of a batch that de-duplication looks at.
pub(crate) struct Keys<'b> {
    pub(crate) uids: &'b StringArray,
    pub(crate) times: &'b PrimitiveArray<TimestampMicrosecondType>,
    pub(crate) days: &'b PrimitiveArray<Date32Type>,
}

impl<'b> Keys<'b> {
    pub(crate) fn of(batch: &'b RecordBatch, table: &str) -> Result<Self, LakeError> {
        let missing = |column| LakeError::Batch { table: table.to_owned(), column };
        let column = |name: &'static str| batch.column_by_name(name).ok_or_else(|| missing(name));
        Ok(Self {
            uids: column("event_uid")?.as_string_opt().ok_or_else(|| missing("event_uid"))?,
            times: column("event_time")?.as_primitive_opt().ok_or_else(|| missing("event_time"))?,
            days: column("event_date")?.as_primitive_opt().ok_or_else(|| missing("event_date"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_its_own_bits_and_other_spellings_are_other_ids() {
        let id = "eecf47b3-081a-4b97-aa71-61ff62e7c618";
        assert_eq!(Uid::of(id).0, 0xeecf_47b3_081a_4b97_aa71_61ff_62e7_c618);
        assert_ne!(Uid::of(id), Uid::of(&id.to_uppercase()));
        assert_ne!(Uid::of(""), Uid::of("x"));
    }
}
