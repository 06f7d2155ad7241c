//! The seam for log formats: what a format's module implements.

use crate::error::DecodeError;
use crate::{ObjectContext, Rows, TableDef};

/// The top-level keys of a JSON object, to tell whose it is.
#[derive(Debug, Default)]
pub struct JsonKeys<'a> {
    keys: Vec<std::borrow::Cow<'a, str>>,
    record: &'a str,
}

impl<'a> JsonKeys<'a> {
    /// The keys of a well-formed JSON object; none for anything else.
    pub fn of(record: &'a str) -> Self {
        let keys = sonic_rs::to_object_iter(record).map_while(Result::ok).map(|(key, _)| key).collect();
        Self { keys, record }
    }

    /// Whether the object has this key.
    pub fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|k| k == key)
    }

    /// Whether the object has all of these keys.
    pub fn has_all(&self, keys: &[&str]) -> bool {
        keys.iter().all(|k| self.has(k))
    }

    /// The keys, in the order they stand in.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(AsRef::as_ref)
    }

    /// The object's text.
    pub fn record(&self) -> &'a str {
        self.record
    }
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// It is a row now.
    Row,
    /// It is no event (a header, a comment) and was taken in.
    NotAnEvent,
}

/// A log format: how its records are told apart from others, which table they go to, and how
/// they are read. One module each, registered in [`crate::registry`].
///
/// Contract: `claims_*` are cheap, look at content only and never at names; a record is offered
/// to the format that claimed the record before it first. A decoder belongs to one object and
/// may keep what the object's header said.
pub trait Format: Sync + std::fmt::Debug {
    /// The format's short name (`cloudtrail`).
    fn name(&self) -> &'static str;

    /// The table its records go to.
    fn table(&self) -> &'static TableDef;

    /// Whether a JSON object with these top-level keys is one of its records.
    fn claims_json(&self, _keys: &JsonKeys<'_>) -> bool {
        false
    }

    /// Whether a text object that begins with this line (not blank) is in this format. Header
    /// lines are offered too.
    fn claims_line(&self, _line: &str) -> bool {
        false
    }

    /// A decoder for one object.
    fn decoder(&self) -> Box<dyn Decode>;
}

/// Reads the records of one object, in order.
pub trait Decode: Send {
    /// Adds the record to `rows` as one row.
    ///
    /// # Errors
    /// Why it could not be: the record goes to quarantine, `rows` is as before.
    fn decode(
        &mut self,
        record: &str,
        context: &mut ObjectContext,
        rows: &mut Rows,
    ) -> Result<Decoded, DecodeError>;
}
