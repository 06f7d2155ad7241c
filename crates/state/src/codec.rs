//! Between SQLite's integers and texts and the program's types.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Microseconds since 1970.
pub(crate) fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

/// A counter as SQLite keeps it; what does not fit is the largest that does.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A number of rows to ask for.
pub(crate) fn limit(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn time(row: &SqliteRow, column: &str) -> sqlx::Result<DateTime<Utc>> {
    from_micros(column, row.try_get(column)?)
}

pub(crate) fn time_opt(row: &SqliteRow, column: &str) -> sqlx::Result<Option<DateTime<Utc>>> {
    row.try_get::<Option<i64>, _>(column)?.map(|micros| from_micros(column, micros)).transpose()
}

pub(crate) fn count(row: &SqliteRow, column: &str) -> sqlx::Result<u64> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}

pub(crate) fn parsed<T: FromStr<Err: Display>>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    row.try_get::<&str, _>(column)?.parse().map_err(|error: T::Err| unreadable(column, error.to_string()))
}

pub(crate) fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    serde_json::from_str(row.try_get(column)?).map_err(|error| unreadable(column, error.to_string()))
}

pub(crate) fn unreadable(column: &str, why: String) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: why.into() }
}

fn from_micros(column: &str, micros: i64) -> sqlx::Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| unreadable(column, format!("{micros} is not a time in microseconds since 1970")))
}

/// SHA-256 over parts, each preceded by its length, so that it shows where a part ends.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The first 128 bits of [`digest`], in hex.
pub(crate) fn short_digest(parts: &[&[u8]]) -> String {
    hex::encode(&digest(parts)[..16])
}

/// Cuts a text to at most `most` bytes, at a character's boundary.
pub(crate) fn clip(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
    }
}

/// [`clip`] for a borrowed text.
pub(crate) fn clipped(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_do_not_confuse_where_a_part_ends() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_eq!(short_digest(&[b"a"]).len(), 32);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let mut text = "aé€".to_owned();
        clip(&mut text, 4);
        assert_eq!(text, "aé");
        assert_eq!(clipped("abc", 9), "abc");
    }
}
